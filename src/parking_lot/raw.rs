//! Raw locks that are used without guards: whoever can reach one may unlock it, from any thread.
//!
//! `lock_api` locks through traits, and its guards stay in their thread. Whoever locks a raw lock by hand names its type,
//! and an inherent method goes before a trait's. So such a hold says that it proves nothing of its thread
//! ([`Guards::new`](crate::record::Guards)), while those with a guard do.

use super::{RawFairMutex, RawMutex, RawRwLock, lock_api};
use crate::model::Mode;
use std::time::{Duration, Instant};

/// What the traits' methods say of whether they have acquired.
trait Acquired: Copy {
    fn is_so(self) -> bool;
}

impl Acquired for () {
    #[inline]
    fn is_so(self) -> bool {
        true
    }
}

impl Acquired for bool {
    #[inline]
    fn is_so(self) -> bool {
        self
    }
}

/// The methods that acquire, by the trait they go before: the caller's hold is anybody's afterwards.
macro_rules! by_hand {
    ($lock:ident { $($trait:ident { $($name:ident($($limit:ident: $of:ty)?) $(-> $tried:ident)?, $mode:ident;)+ })+ }) => {
        impl $lock {$($(
            #[doc = concat!(
                "[`lock_api::", stringify!($trait), "::", stringify!($name), "`] without a guard: whoever unlocks it may ",
                "be another thread, so the caller is not taken for one who surely unlocks."
            )]
            #[inline]
            #[track_caller]
            pub fn $name(&self $(, $limit: $of)?) $(-> $tried)? {
                let acquired = lock_api::$trait::$name(self $(, $limit)?);
                if acquired.is_so() {
                    self.probe().give_to_anybody(Mode::$mode);
                }
                acquired
            }
        )+)+}
    };
}

macro_rules! mutex_by_hand {
    ($lock:ident) => {
        by_hand! { $lock {
            RawMutex {
                lock(), Exclusive;
                try_lock() -> bool, Exclusive;
            }
            RawMutexTimed {
                try_lock_for(timeout: Duration) -> bool, Exclusive;
                try_lock_until(timeout: Instant) -> bool, Exclusive;
            }
        } }
    };
}

mutex_by_hand!(RawMutex);
mutex_by_hand!(RawFairMutex);

by_hand! { RawRwLock {
    RawRwLock {
        lock_shared(), Shared;
        try_lock_shared() -> bool, Shared;
        lock_exclusive(), Exclusive;
        try_lock_exclusive() -> bool, Exclusive;
    }
    RawRwLockTimed {
        try_lock_shared_for(timeout: Duration) -> bool, Shared;
        try_lock_shared_until(timeout: Instant) -> bool, Shared;
        try_lock_exclusive_for(timeout: Duration) -> bool, Exclusive;
        try_lock_exclusive_until(timeout: Instant) -> bool, Exclusive;
    }
    RawRwLockRecursive {
        lock_shared_recursive(), Shared;
        try_lock_shared_recursive() -> bool, Shared;
    }
    RawRwLockRecursiveTimed {
        try_lock_shared_recursive_for(timeout: Duration) -> bool, Shared;
        try_lock_shared_recursive_until(timeout: Instant) -> bool, Shared;
    }
    RawRwLockUpgrade {
        lock_upgradable(), Upgradable;
        try_lock_upgradable() -> bool, Upgradable;
    }
    RawRwLockUpgradeTimed {
        try_lock_upgradable_for(timeout: Duration) -> bool, Upgradable;
        try_lock_upgradable_until(timeout: Instant) -> bool, Upgradable;
    }
} }
