//! The types themselves: their traits are those of the real crate, and what does not wait is the real crate's own.

use super::{ours, real};
use crate::has::has;
use std::{
    any::TypeId,
    cell::Cell,
    fmt::{self, Write},
    marker::{PhantomData, PhantomPinned},
    panic::{RefUnwindSafe, UnwindSafe},
    rc::Rc,
    time::Duration,
};

macro_rules! describe {
    ($text:ident, $($type:ty),+ $(,)?) => {$(
        let bits = [
            has!($type: Send),
            has!($type: Sync),
            has!($type: UnwindSafe),
            has!($type: RefUnwindSafe),
            has!($type: Unpin),
            has!($type: fmt::Debug),
            has!($type: Default),
            has!($type: Clone),
            has!($type: std::future::Future),
            has!($type: FromIterator<std::future::Ready<u8>>),
            has!($type: Extend<std::future::Ready<u8>>),
        ];
        writeln!($text, "{}: {bits:?}", stringify!($type)).unwrap();
    )+};
}

macro_rules! traits {
    ($krate:ident) => {{
        use $krate::{runtime::*, task::*, time::*};
        let mut text = String::new();
        describe!(
            text,
            Runtime,
            LocalRuntime,
            Builder,
            Handle,
            EnterGuard<'static>,
            AbortHandle,
            LocalSet,
            LocalEnterGuard,
            Sleep,
            Interval,
        );
        traits!(text, u8);
        traits!(text, Cell<u8>);
        traits!(text, Rc<u8>);
        traits!(text, &'static mut u8);
        traits!(text, std::sync::MutexGuard<'static, u8>);
        traits!(text, PhantomPinned);
        traits!(text, std::future::Ready<u8>);
        text
    }};
    ($text:ident, $value:ty) => {
        writeln!($text, "of {}", stringify!($value)).unwrap();
        describe!($text, JoinHandle<$value>, JoinSet<$value>, Timeout<$value>);
    };
}

#[test]
fn traits_are_the_real_ones() {
    let (real, ours) = (traits!(real), traits!(ours));
    assert!(real.contains("true") && real.contains("false"));
    for (real, ours) in real.lines().zip(ours.lines()) {
        assert_eq!(ours, real, "Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, and others");
    }
    assert_eq!(ours.lines().count(), real.lines().count());
}

/// The same of what a function returns: the value is there to have its type inferred, and is nothing that has all of them.
macro_rules! of_future {
    ($text:ident, $name:literal, $make:expr) => {{
        fn of<F>(_: impl FnOnce() -> F) -> PhantomData<F> {
            PhantomData
        }
        let asked = of($make);
        let bits = [
            autotrait!(asked, Send),
            autotrait!(asked, Sync),
            autotrait!(asked, UnwindSafe),
            autotrait!(asked, RefUnwindSafe),
            autotrait!(asked, Unpin),
        ];
        writeln!($text, "{}: {bits:?}", $name).unwrap();
    }};
}

/// Whether the type that a `PhantomData` is of has a trait; the method that takes fewer references is found first.
macro_rules! autotrait {
    ($asked:ident, $bound:path) => {{
        #[allow(dead_code)]
        trait Has {
            fn has(&self) -> bool;
        }
        #[allow(dead_code)]
        trait Lacks {
            fn has(&self) -> bool;
        }
        impl<F: $bound> Has for PhantomData<F> {
            fn has(&self) -> bool {
                true
            }
        }
        impl<F> Lacks for &PhantomData<F> {
            fn has(&self) -> bool {
                false
            }
        }
        let asked = &$asked;
        asked.has()
    }};
}

macro_rules! futures {
    ($krate:ident) => {{
        use $krate::{task, time};
        fn set<T>() -> &'static mut task::JoinSet<T> {
            unreachable!("nobody calls it")
        }
        fn local() -> &'static task::LocalSet {
            unreachable!("nobody calls it")
        }
        fn interval() -> &'static mut time::Interval {
            unreachable!("nobody calls it")
        }
        let mut text = String::new();
        of_future!(text, "join_next", || set::<u8>().join_next());
        of_future!(text, "join_next of what is not Send", || set::<Rc<u8>>().join_next());
        of_future!(text, "join_next of what is not Sync", || set::<Cell<u8>>().join_next());
        of_future!(text, "join_next_with_id", || set::<u8>().join_next_with_id());
        of_future!(text, "shutdown", || set::<u8>().shutdown());
        of_future!(text, "join_all", || std::mem::take(set::<u8>()).join_all());
        of_future!(text, "join_all of what is not Send", || std::mem::take(set::<Rc<u8>>()).join_all());
        of_future!(text, "run_until", || local().run_until(async {}));
        of_future!(text, "tick", || interval().tick());
        of_future!(text, "timeout", || time::timeout(Duration::ZERO, async {}));
        of_future!(text, "sleep", || time::sleep(Duration::ZERO));
        text
    }};
}

#[test]
fn traits_of_futures_are_the_real_ones() {
    let (real, ours) = (futures!(real), futures!(ours));
    assert!(real.contains("true") && real.contains("false"), "{real}");
    assert_eq!(ours, real, "Send, Sync, UnwindSafe, RefUnwindSafe, Unpin");
}

macro_rules! own {
    ($($module:ident $(:: $within:ident)*: $($name:ident $(<$($argument:ty),+>)?)+;)+) => {
        #[test]
        fn what_does_not_wait_is_the_real_crates() {
            $({
                use super::{ours::$module $(::$within)* as ours, real::$module $(::$within)* as real};
                $(
                    let ids = [
                        TypeId::of::<ours::$name $(<$($argument),+>)?>(),
                        TypeId::of::<real::$name $(<$($argument),+>)?>(),
                    ];
                    assert_eq!(ids[0], ids[1], stringify!($name));
                )+
            })+
        }
    };
}

own! {
    task: Id JoinError LocalKey<u8> LocalEnterGuard Unconstrained<u8>;
    task::futures: TaskLocalFuture<u8, u8>;
    task::coop: Coop<std::future::Ready<u8>> RestoreOnPending Unconstrained<u8>;
    runtime: Id LocalOptions RuntimeFlavor RuntimeMetrics TryCurrentError;
    time: Duration Instant MissedTickBehavior;
    time::error: Elapsed Error;
}

/// Who asks for the real one may be given ours, where something real is in it.
#[test]
#[allow(clippy::useless_conversion, reason = "built off they are the real ones")]
fn ours_can_be_given_to_who_asks_for_the_real_one() {
    fn spawns(handle: &real::runtime::Handle) -> real::task::JoinHandle<u8> {
        handle.spawn(async { 1 })
    }
    fn blocks(runtime: &real::runtime::Runtime, on: real::task::JoinHandle<u8>) -> u8 {
        runtime.block_on(on).unwrap()
    }
    let runtime = ours::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (one, other) = (spawns(runtime.handle()), runtime.spawn(async { 2 }));
    assert_eq!(blocks(&runtime, one) + blocks(&runtime, other.into()), 3);
    let interval: real::time::Interval =
        runtime.block_on(async { ours::time::interval(Duration::from_secs(5)) }).into();
    assert_eq!(interval.period(), Duration::from_secs(5));
    let abort: real::task::AbortHandle = runtime.spawn(async {}).abort_handle().into();
    assert!(!abort.is_finished());
}
