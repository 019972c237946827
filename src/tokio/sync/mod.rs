//! `tokio::sync`, watched.

/// `Deref`, `Debug` and `Display` of guards: what is guarded.
macro_rules! looks_through {
    ($($guard:ident<$($life:lifetime,)? $($param:ident),+>: $target:ident = $field:ident.$look:ident;)+) => {$(
        impl<$($life,)? $($param: ?Sized),+> ::std::ops::Deref for $guard<$($life,)? $($param),+> {
            type Target = $target;

            #[inline]
            fn deref(&self) -> &$target {
                self.$field.$look()
            }
        }

        impl<$($life,)? $($param: ?Sized),+> ::std::fmt::Debug for $guard<$($life,)? $($param),+>
        where
            $target: ::std::fmt::Debug,
        {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<$($life,)? $($param: ?Sized),+> ::std::fmt::Display for $guard<$($life,)? $($param),+>
        where
            $target: ::std::fmt::Display,
        {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                (**self).fmt(f)
            }
        }
    )+};
}

/// `DerefMut` of those that give access to change it.
macro_rules! reaches_through {
    ($($guard:ident<$($life:lifetime,)? $($param:ident),+>: $target:ident = $field:ident.$look:ident;)+) => {$(
        impl<$($life,)? $($param: ?Sized),+> ::std::ops::DerefMut for $guard<$($life,)? $($param),+> {
            #[inline]
            fn deref_mut(&mut self) -> &mut $target {
                self.$field.$look()
            }
        }
    )+};
}

/// The program's function, with a hold beside it: it ends with a panic of that, before the lock opens, and comes back into
/// `$held` otherwise.
macro_rules! carrying {
    ($from:expr => $held:ident, $function:ident) => {
        |value| {
            let result = $function(value);
            $held = $from;
            result
        }
    };
}

mod barrier;
mod blocking;
pub mod broadcast;
pub mod mpsc;
mod mutex;
mod notify;
mod once_cell;
pub mod oneshot;
mod owned;
mod rwlock;
mod semaphore;
mod set_once;
mod transfer;
pub mod watch;

// What does not wait.
pub use ::tokio::sync::{AcquireError, BarrierWaitResult, SetError, SetOnceError, TryAcquireError, TryLockError};
pub use barrier::Barrier;
pub use mutex::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
pub use notify::Notify;
pub use once_cell::OnceCell;
pub use rwlock::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard,
    RwLockReadGuard, RwLockWriteGuard,
};
pub use semaphore::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
pub use set_once::SetOnce;

/// Futures that have a name. See [the real ones](::tokio::sync::futures).
pub mod futures {
    pub use super::notify::{Notified, OwnedNotified};
}

#[cfg(test)]
mod tests;
