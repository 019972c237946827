//! Names for the primitives of `tokio`: of the real ones, which have no place for one.

use super::ext::sealed::Nameable;
use ::tokio::sync;

macro_rules! nameless {
    ($($(<$param:ident>)? $name:ident;)+) => {$(
        impl$(<$param>)? Nameable for sync::$name$(<$param>)? {
            #[inline]
            fn with_name(self, _: &str) -> Self {
                self
            }
        }
    )+};
}

nameless! {
    <T> Mutex;
    <T> RwLock;
    Semaphore;
    Notify;
    Barrier;
    <T> OnceCell;
    <T> SetOnce;
}
