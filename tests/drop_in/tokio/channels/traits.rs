//! Every type, and every future that a method returns, has the traits that the real one has.

use super::{ours, real};
use std::{
    cell::Cell,
    fmt,
    future::Future,
    iter::FusedIterator,
    marker::{PhantomData, PhantomPinned},
    ops::Deref,
    panic::{RefUnwindSafe, UnwindSafe},
    rc::Rc,
};

/// Asks a type that may have no name. Where the bounds of the inherent method hold, it hides the trait's.
struct Asked<T: ?Sized>(PhantomData<T>);

fn of<T: ?Sized>() -> Asked<T> {
    Asked(PhantomData)
}

/// Of what such a function returns.
fn returned<A, T>(_: fn(A) -> T) -> Asked<T> {
    of()
}

macro_rules! questions {
    ($($name:ident: $($bound:tt)::+ $(<$arg:ty>)?,)+) => {
        #[allow(clippy::wrong_self_convention, reason = "named after traits")]
        trait Lacks {
            $(fn $name(&self) -> bool {
                false
            })+
        }

        impl<T: ?Sized> Lacks for Asked<T> {}

        $(impl<T: ?Sized + $($bound)::+ $(<$arg>)?> Asked<T> {
            #[allow(dead_code, clippy::wrong_self_convention, reason = "hidden where nobody has it; named after a trait")]
            fn $name(&self) -> bool {
                true
            }
        })+

        macro_rules! answers {
            ($asked:expr) => {{
                let asked = $asked;
                [$((stringify!($name), asked.$name())),+]
            }};
        }
    };
}

questions! {
    send: Send,
    sync: Sync,
    unpin: Unpin,
    unwind_safe: UnwindSafe,
    ref_unwind_safe: RefUnwindSafe,
    debug: fmt::Debug,
    display: fmt::Display,
    clone: Clone,
    default: Default,
    partial_eq: PartialEq,
    from: From<u8>,
    deref: Deref,
    future: Future,
    iterates: IntoIterator,
    exact_size: ExactSizeIterator,
    fused: FusedIterator,
}

/// A condition that stays in its thread.
fn of_one_thread<T>(other: Rc<u8>) -> impl FnMut(&T) -> bool {
    move |_| *other == 0
}

/// A name, and the answers.
type Row = (String, Vec<(&'static str, bool)>);

macro_rules! types {
    ($rows:ident of $value:ty: $($type:ty,)+) => {$(
        $rows.push((format!("{} of {}", stringify!($type), stringify!($value)), answers!(of::<$type>()).to_vec()));
    )+};
}

macro_rules! futures {
    ($rows:ident of $value:ty: $($function:expr,)+) => {$(
        let name = format!("{} of {}", stringify!($function), stringify!($value));
        $rows.push((name, answers!(returned($function)).to_vec()));
    )+};
}

/// The types, and the futures, of channels of these values.
macro_rules! table {
    ($krate:ident) => {{
        let mut rows: Vec<Row> = Vec::new();
        table!($krate, rows: u8, Cell<u8>, Rc<u8>, *mut u8, &'static mut u8, PhantomPinned);
        table!($krate, rows: std::sync::MutexGuard<'static, u8>);
        rows
    }};
    ($krate:ident, $rows:ident: $($value:ty),+) => {$({
        use $krate::sync::{broadcast, mpsc, oneshot, watch};
        types! {
            $rows of $value:
            mpsc::Sender<$value>,
            mpsc::WeakSender<$value>,
            mpsc::Permit<'static, $value>,
            mpsc::PermitIterator<'static, $value>,
            mpsc::OwnedPermit<$value>,
            mpsc::Receiver<$value>,
            mpsc::UnboundedSender<$value>,
            mpsc::WeakUnboundedSender<$value>,
            mpsc::UnboundedReceiver<$value>,
            oneshot::Sender<$value>,
            oneshot::Receiver<$value>,
            watch::Sender<$value>,
            watch::Receiver<$value>,
            watch::Ref<'static, $value>,
            broadcast::Sender<$value>,
            broadcast::WeakSender<$value>,
            broadcast::Receiver<$value>,
        }
        futures! {
            $rows of $value:
            |(sender, value): (&'static mpsc::Sender<$value>, $value)| sender.send(value),
            |(sender, value, time): (&'static mpsc::Sender<$value>, $value, _)| sender.send_timeout(value, time),
            |sender: &'static mpsc::Sender<$value>| sender.closed(),
            |sender: &'static mpsc::Sender<$value>| sender.reserve(),
            |sender: &'static mpsc::Sender<$value>| sender.reserve_many(1),
            |sender: mpsc::Sender<$value>| sender.reserve_owned(),
            |receiver: &'static mut mpsc::Receiver<$value>| receiver.recv(),
            |(receiver, to): (&'static mut mpsc::Receiver<$value>, &'static mut Vec<_>)| receiver.recv_many(to, 1),
            |sender: &'static mpsc::UnboundedSender<$value>| sender.closed(),
            |receiver: &'static mut mpsc::UnboundedReceiver<$value>| receiver.recv(),
            |(receiver, to): (&'static mut mpsc::UnboundedReceiver<$value>, &'static mut Vec<_>)| {
                receiver.recv_many(to, 1)
            },
            |sender: &'static mut oneshot::Sender<$value>| sender.closed(),
            |sender: &'static watch::Sender<$value>| sender.closed(),
            |receiver: &'static mut watch::Receiver<$value>| receiver.changed(),
            |receiver: &'static mut watch::Receiver<$value>| receiver.wait_for(|_| true),
            |(receiver, other): (&'static mut watch::Receiver<$value>, Rc<u8>)| receiver.wait_for(of_one_thread(other)),
            |sender: &'static broadcast::Sender<$value>| sender.closed(),
        }
    })+};
}

/// What only messages that can be cloned have.
macro_rules! of_clones {
    ($krate:ident, $rows:ident: $($value:ty),+) => {$({
        use $krate::sync::broadcast;
        futures! { $rows of $value: |receiver: &'static mut broadcast::Receiver<$value>| receiver.recv(), }
    })+};
}

#[test]
fn traits_are_the_real_ones() {
    let (mut real, mut ours) = (table!(real), table!(ours));
    of_clones!(real, real: u8, Cell<u8>, Rc<u8>, *mut u8, PhantomPinned);
    of_clones!(ours, ours: u8, Cell<u8>, Rc<u8>, *mut u8, PhantomPinned);
    assert_eq!(ours.len(), real.len());
    let wrong: Vec<String> = real
        .iter()
        .zip(&ours)
        .flat_map(|((name, real), (_, ours))| real.iter().zip(ours).map(move |(real, ours)| (name, real, ours)))
        .filter(|(_, real, ours)| real != ours)
        .map(|(name, real, _)| format!("{name}: tokio says {real:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Each question tells some from others.
    for at in 0..real[0].1.len() {
        let yes = real.iter().filter(|(_, answers)| answers[at].1).count();
        let name = real[0].1[at].0;
        // tokio's channels have these nowhere; ours must not either.
        let nowhere = ["display", "partial_eq", "from"].contains(&name);
        assert_eq!(yes == 0, nowhere, "who has {name}?");
        assert!(yes < real.len(), "who lacks {name}?");
    }
}
