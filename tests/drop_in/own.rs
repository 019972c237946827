//! What has nothing to watch is not like std's type: it is std's type, so values pass between code that has been swapped and
//! code that has not.

use std::any::TypeId;

macro_rules! own {
    ($($module:ident $(:: $within:ident)?: $($name:ident $(<$($argument:ty),+>)?)+;)+) => {
        /// Modules, and their types that are std's own.
        pub(crate) const OWN: &[(&str, &[&str])] =
            &[$((concat!(stringify!($module) $(, "::", stringify!($within))?), &[$(stringify!($name)),+])),+];

        #[test]
        fn they_are_stds() {
            $({
                use gordian::$module $(::$within)? as ours;
                use std::$module $(::$within)? as stds;
                $(
                    let ids = [TypeId::of::<ours::$name $(<$($argument),+>)?>(), TypeId::of::<stds::$name $(<$($argument),+>)?>()];
                    assert_eq!(ids[0], ids[1], stringify!($name));
                )+
            })+
        }
    };
}

own! {
    sync:
        Arc<u8> BarrierWaitResult LockResult<u8> OnceState PoisonError<u8> TryLockError<u8> TryLockResult<u8>
        WaitTimeoutResult Weak<u8>;
    sync::atomic: Ordering;
    sync::mpsc: RecvError RecvTimeoutError SendError<u8> TryRecvError TrySendError<u8>;
    thread: AccessError LocalKey<u8> Result<u8> Thread ThreadId;
}
