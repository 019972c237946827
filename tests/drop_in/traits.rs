//! Every type has the traits that std's has, and no other: each is asked for each trait, with values that have it and
//! values that lack it.

use std::{
    borrow::{Borrow, BorrowMut},
    cell::Cell,
    error::Error,
    fmt,
    hash::Hash,
    iter::FusedIterator,
    marker::{PhantomData, PhantomPinned},
    ops::{AddAssign, Deref, DerefMut},
    panic::{RefUnwindSafe, UnwindSafe},
    rc::Rc,
};

/// Whether a type has a trait, as a `bool`: where the bounds of the inherent constant hold, it hides the trait's.
trait Lacks {
    const HAS: bool = false;
}

impl<T: ?Sized> Lacks for T {}

/// One question a trait; `row!` asks them all of one type.
macro_rules! traits {
    ($dollar:tt $($name:ident: $bound:path,)+) => {
        mod asked {
            #![allow(non_camel_case_types, reason = "a trait's name is taken")]
            use super::*;
            $(
                pub(super) struct $name<T: ?Sized>(PhantomData<T>);
                impl<T: ?Sized + $bound> $name<T> {
                    #[allow(dead_code, reason = "hidden where nobody has it")]
                    pub(super) const HAS: bool = true;
                }
            )+
        }

        /// The traits that are asked for. Some stand here twice, with different arguments.
        pub(crate) const TRAITS: &[&str] = &[$(stringify!($bound)),+];

        macro_rules! row {
            ($dollar type:ty) => { [$(<asked::$name<$dollar type>>::HAS),+] };
        }
    };
}

traits! {
    $
    send: Send,
    sync: Sync,
    unpin: Unpin,
    unwind_safe: UnwindSafe,
    ref_unwind_safe: RefUnwindSafe,
    debug: fmt::Debug,
    display: fmt::Display,
    pointer: fmt::Pointer,
    lower_hex: fmt::LowerHex,
    write: fmt::Write,
    error: Error,
    default: Default,
    clone: Clone,
    copy: Copy,
    partial_eq: PartialEq,
    partial_eq_to_value: PartialEq<u8>,
    eq: Eq,
    partial_ord: PartialOrd,
    ord: Ord,
    hash: Hash,
    from_value: From<u8>,
    from_reference: From<&'static u8>,
    from_pointer: From<*mut u8>,
    from_bool: From<bool>,
    from_box: From<Box<u8>>,
    into_value: Into<u8>,
    deref: Deref,
    deref_to_value: Deref<Target = u8>,
    deref_mut: DerefMut,
    as_ref: AsRef<u8>,
    as_mut: AsMut<u8>,
    borrow: Borrow<u8>,
    borrow_mut: BorrowMut<u8>,
    add_assign: AddAssign<u8>,
    iterator: Iterator,
    iterator_of_values: Iterator<Item = u8>,
    double_ended_iterator: DoubleEndedIterator,
    exact_size_iterator: ExactSizeIterator,
    fused_iterator: FusedIterator,
    into_iterator: IntoIterator,
    into_iterator_of_values: IntoIterator<Item = u8>,
    extend: Extend<u8>,
    from_iterator: FromIterator<u8>,
    call: Fn(),
    join_handle_ext: JoinHandleExt,
}

#[cfg(unix)]
use std::os::unix::thread::JoinHandleExt;

/// What a handle has there in its place.
#[cfg(windows)]
trait JoinHandleExt: AsHandle + AsRawHandle + IntoRawHandle + Into<OwnedHandle> {}
#[cfg(windows)]
impl<T: AsHandle + AsRawHandle + IntoRawHandle + Into<OwnedHandle>> JoinHandleExt for T {}
#[cfg(windows)]
use std::os::windows::io::{AsHandle, AsRawHandle, IntoRawHandle, OwnedHandle};

/// Has no trait but those that all types have.
struct Nothing;

/// Has some traits by halves: `PartialEq` and not `Eq`.
type Half = f32;

type Row = (&'static str, [bool; TRAITS.len()]);

macro_rules! rows {
    ($rows:ident: $($type:ty),+ $(,)?) => { $($rows.push((stringify!($type), row!($type)));)+ };
}

/// The types around a value.
macro_rules! around {
    ($rows:ident: $($value:ty),+ $(,)?) => {$(
        rows! {
            $rows:
            Mutex<$value>,
            RwLock<$value>,
            MutexGuard<'static, $value>,
            RwLockReadGuard<'static, $value>,
            RwLockWriteGuard<'static, $value>,
        }
    )+};
    (sized $rows:ident: $($value:ty),+ $(,)?) => {$(
        around!($rows: $value);
        rows! {
            $rows:
            OnceLock<$value>,
            LazyLock<$value>,
            LazyLock<u8, $value>,
            LazyLock<$value, fn() -> u8>,
            JoinHandle<$value>,
            ScopedJoinHandle<'static, $value>,
            LocalKey<$value>,
            AtomicPtr<$value>,
            Sender<$value>,
            SyncSender<$value>,
            Receiver<$value>,
            &'static Receiver<$value>,
            &'static mut Receiver<$value>,
            mpsc::Iter<'static, $value>,
            mpsc::TryIter<'static, $value>,
            mpsc::IntoIter<$value>,
            mpsc::SendError<$value>,
            mpsc::TrySendError<$value>,
            PoisonError<$value>,
            TryLockError<$value>,
            Arc<$value>,
            Weak<$value>,
        }
    )+};
}

macro_rules! table {
    ($krate:ident) => {{
        use $krate::{sync::{atomic::*, mpsc::{self, Receiver, Sender, SyncSender}, *}, thread::{self, *}};
        let mut rows: Vec<Row> = Vec::with_capacity(512);
        around!(
            sized rows: u8, Half, Nothing, Cell<u8>, Rc<u8>, *mut u8, &'static u8, &'static Cell<u8>, &'static mut u8,
            std::sync::MutexGuard<'static, u8>, PhantomPinned, Box<dyn FnOnce() -> u8 + Send>, fn() -> u8,
        );
        around!(rows: str, [u8], [Rc<u8>], dyn fmt::Display, dyn fmt::Debug + Send, dyn fmt::Debug + Send + Sync + Unpin);
        rows! {
            rows:
            Barrier, BarrierWaitResult, Condvar, Once, OnceState, WaitTimeoutResult,
            thread::Builder, Scope<'static, 'static>, Thread, ThreadId, AccessError,
            mpsc::RecvError, mpsc::TryRecvError, mpsc::RecvTimeoutError,
            AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
            AtomicUsize, Ordering,
        }
        rows
    }};
}

#[test]
fn every_trait_is_where_std_has_it_and_nowhere_else() {
    let (std, ours) = (table!(std), table!(gordian));
    assert_eq!(ours.len(), std.len());
    for ((name, std), (_, ours)) in std.iter().zip(ours) {
        for ((asked, std), ours) in TRAITS.iter().zip(std).zip(ours) {
            assert_eq!(ours, *std, "{name}: {asked}");
        }
    }
}

/// Else it would be none.
#[test]
fn each_question_is_answered_both_ways() {
    let mut rows = table!(std);
    rows! { rows: u8, &'static u8, Box<u8>, String, Vec<u8>, std::vec::IntoIter<u8>, fn(), Nothing }
    for (column, asked) in TRAITS.iter().enumerate() {
        assert!(rows.iter().any(|(_, row)| row[column]), "who has {asked}?");
        assert!(rows.iter().any(|(_, row)| !row[column]), "who lacks {asked}?");
    }
    const { assert!(<asked::send<u8>>::HAS && !<asked::send<Rc<u8>>>::HAS) };
    const { assert!(<asked::eq<u8>>::HAS && !<asked::eq<Half>>::HAS && !<asked::partial_eq<Nothing>>::HAS) };
}
