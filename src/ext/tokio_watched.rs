//! Names for the primitives of `tokio`: of ours, which are others than the real ones only where they are watched.

use super::ext::sealed::Nameable;
use crate::tokio::sync;

/// Ours keep the name in the recorder's token.
macro_rules! nameable {
    ($($token:ident: $(<$param:ident>)? $name:ident;)+) => {$(
        impl$(<$param>)? Nameable for sync::$name$(<$param>)? {
            #[inline]
            fn with_name(mut self, name: &str) -> Self {
                Self::$token(&mut self).named(name);
                self
            }
        }
    )+};
}

nameable! {
    probe_mut: <T> Mutex;
    probe_mut: <T> RwLock;
    probe_mut: Semaphore;
    probe_mut: Notify;
    probe_mut: Barrier;
    probe_mut: <T> OnceCell;
    probe_mut: <T> SetOnce;
}
