//! `parking_lot::RwLock`, watched.
//!
//! Who is refused by whom is the real lock's affair; `analyze/graph.rs` knows it. A reader is refused while a writer
//! writes, or has closed the lock to wait for the readers that are in it; `read_recursive` only while a writer writes.
//! There is one upgradable reader at a time, and no writer closes the lock while there is one but itself, by its upgrade.
#![allow(unsafe_code)]

use super::{GUARDS, got, lock_api, real};
use crate::{
    model::{Kind, Mode},
    record::{Probe, Site},
};
use lock_api::{RawRwLock as _, RawRwLockRecursive as _, RawRwLockUpgrade as _};
use std::time::{Duration, Instant};

/// A reader-writer lock: [`parking_lot::RwLock`](real::RwLock), watched. A wait that can never end is reported; one with
/// a time-out is never part of a deadlock, and neither it nor a try makes lock order.
pub type RwLock<T> = lock_api::RwLock<RawRwLock, T>;

/// [`parking_lot::RwLockReadGuard`](real::RwLockReadGuard), of a watched lock.
pub type RwLockReadGuard<'a, T> = lock_api::RwLockReadGuard<'a, RawRwLock, T>;

/// [`parking_lot::RwLockWriteGuard`](real::RwLockWriteGuard), of a watched lock.
pub type RwLockWriteGuard<'a, T> = lock_api::RwLockWriteGuard<'a, RawRwLock, T>;

/// [`parking_lot::MappedRwLockReadGuard`](real::MappedRwLockReadGuard), of a watched lock.
pub type MappedRwLockReadGuard<'a, T> = lock_api::MappedRwLockReadGuard<'a, RawRwLock, T>;

/// [`parking_lot::MappedRwLockWriteGuard`](real::MappedRwLockWriteGuard), of a watched lock.
pub type MappedRwLockWriteGuard<'a, T> = lock_api::MappedRwLockWriteGuard<'a, RawRwLock, T>;

/// [`parking_lot::RwLockUpgradableReadGuard`](real::RwLockUpgradableReadGuard), of a watched lock.
pub type RwLockUpgradableReadGuard<'a, T> = lock_api::RwLockUpgradableReadGuard<'a, RawRwLock, T>;

/// [`parking_lot::const_rwlock`](real::const_rwlock). Reports tell the place of the call.
#[track_caller]
pub const fn const_rwlock<T>(val: T) -> RwLock<T> {
    RwLock::from_raw(RawRwLock::new(Probe::new(Kind::RwLock)), val)
}

/// What an attempt has brought, as the recorder wants it.
#[inline(always)]
fn tried(done: bool) -> Result<(), ()> {
    if done { Ok(()) } else { Err(()) }
}

/// The lock itself: [`parking_lot::RawRwLock`](real::RawRwLock), watched.
pub struct RawRwLock {
    probe: Probe,
    inner: real::RawRwLock,
}

impl RawRwLock {
    const fn new(probe: Probe) -> RawRwLock {
        RawRwLock { probe, inner: real::RawRwLock::INIT }
    }

    #[inline]
    pub(crate) fn probe(&self) -> &Probe {
        &self.probe
    }
}

// SAFETY: the real lock excludes; nothing is added to it or left out.
unsafe impl lock_api::RawRwLock for RawRwLock {
    const INIT: RawRwLock = RawRwLock::new(Probe::unplaced(Kind::RwLock));

    type GuardMarker = <real::RawRwLock as lock_api::RawRwLock>::GuardMarker;

    #[inline]
    #[track_caller]
    fn lock_shared(&self) {
        let (attempt, block) = (|| got(self.inner.try_lock_shared()), || self.inner.lock_shared());
        self.probe.lock(Site::here(), GUARDS, Mode::Shared, attempt, block);
    }

    #[inline]
    #[track_caller]
    fn try_lock_shared(&self) -> bool {
        self.probe.try_lock(Site::here(), GUARDS, Mode::Shared, || got(self.inner.try_lock_shared())).is_some()
    }

    #[inline]
    unsafe fn unlock_shared(&self) {
        self.probe.unlock(GUARDS, Mode::Shared);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_shared() };
    }

    #[inline]
    #[track_caller]
    fn lock_exclusive(&self) {
        let (attempt, block) = (|| got(self.inner.try_lock_exclusive()), || self.inner.lock_exclusive());
        self.probe.lock(Site::here(), GUARDS, Mode::Exclusive, attempt, block);
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive(&self) -> bool {
        self.probe.try_lock(Site::here(), GUARDS, Mode::Exclusive, || got(self.inner.try_lock_exclusive())).is_some()
    }

    #[inline]
    unsafe fn unlock_exclusive(&self) {
        self.probe.unlock(GUARDS, Mode::Exclusive);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_exclusive() };
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.inner.is_locked()
    }

    #[inline]
    fn is_locked_exclusive(&self) -> bool {
        self.inner.is_locked_exclusive()
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl lock_api::RawRwLockFair for RawRwLock {
    #[inline]
    unsafe fn unlock_shared_fair(&self) {
        self.probe.unlock(GUARDS, Mode::Shared);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_shared_fair() };
    }

    #[inline]
    unsafe fn unlock_exclusive_fair(&self) {
        self.probe.unlock(GUARDS, Mode::Exclusive);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_exclusive_fair() };
    }

    #[inline]
    #[track_caller]
    unsafe fn bump_shared(&self) {
        // SAFETY: the caller holds the lock, and does so again at the end.
        let bump = || unsafe { self.inner.bump_shared() };
        self.probe.bump(Site::here(), GUARDS, Mode::Shared, bump);
    }

    #[inline]
    #[track_caller]
    unsafe fn bump_exclusive(&self) {
        // SAFETY: the caller holds the lock, and does so again at the end.
        let bump = || unsafe { self.inner.bump_exclusive() };
        self.probe.bump(Site::here(), GUARDS, Mode::Exclusive, bump);
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl lock_api::RawRwLockDowngrade for RawRwLock {
    #[inline]
    #[track_caller]
    unsafe fn downgrade(&self) {
        self.probe.downgrade(Site::here(), GUARDS, Mode::Exclusive, Mode::Shared);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.downgrade() };
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl lock_api::RawRwLockTimed for RawRwLock {
    type Duration = Duration;
    type Instant = Instant;

    #[inline]
    #[track_caller]
    fn try_lock_shared_for(&self, timeout: Duration) -> bool {
        let (attempt, block) = (|| got(self.inner.try_lock_shared()), || got(self.inner.try_lock_shared_for(timeout)));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Shared, attempt, block).is_some()
    }

    #[inline]
    #[track_caller]
    fn try_lock_shared_until(&self, timeout: Instant) -> bool {
        let (attempt, block) =
            (|| got(self.inner.try_lock_shared()), || got(self.inner.try_lock_shared_until(timeout)));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Shared, attempt, block).is_some()
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive_for(&self, timeout: Duration) -> bool {
        let (attempt, block) =
            (|| got(self.inner.try_lock_exclusive()), || got(self.inner.try_lock_exclusive_for(timeout)));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Exclusive, attempt, block).is_some()
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive_until(&self, timeout: Instant) -> bool {
        let (attempt, block) =
            (|| got(self.inner.try_lock_exclusive()), || got(self.inner.try_lock_exclusive_until(timeout)));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Exclusive, attempt, block).is_some()
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl lock_api::RawRwLockRecursive for RawRwLock {
    #[inline]
    #[track_caller]
    fn lock_shared_recursive(&self) {
        let (attempt, block) = (|| got(self.inner.try_lock_shared_recursive()), || self.inner.lock_shared_recursive());
        self.probe.lock(Site::here(), GUARDS, Mode::Recursive, attempt, block);
    }

    #[inline]
    #[track_caller]
    fn try_lock_shared_recursive(&self) -> bool {
        self.probe
            .try_lock(Site::here(), GUARDS, Mode::Shared, || got(self.inner.try_lock_shared_recursive()))
            .is_some()
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl lock_api::RawRwLockRecursiveTimed for RawRwLock {
    #[inline]
    #[track_caller]
    fn try_lock_shared_recursive_for(&self, timeout: Duration) -> bool {
        let attempt = || got(self.inner.try_lock_shared_recursive());
        let block = || got(self.inner.try_lock_shared_recursive_for(timeout));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Recursive, attempt, block).is_some()
    }

    #[inline]
    #[track_caller]
    fn try_lock_shared_recursive_until(&self, timeout: Instant) -> bool {
        let attempt = || got(self.inner.try_lock_shared_recursive());
        let block = || got(self.inner.try_lock_shared_recursive_until(timeout));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Recursive, attempt, block).is_some()
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl lock_api::RawRwLockUpgrade for RawRwLock {
    #[inline]
    #[track_caller]
    fn lock_upgradable(&self) {
        let (attempt, block) = (|| got(self.inner.try_lock_upgradable()), || self.inner.lock_upgradable());
        self.probe.lock(Site::here(), GUARDS, Mode::Upgradable, attempt, block);
    }

    #[inline]
    #[track_caller]
    fn try_lock_upgradable(&self) -> bool {
        self.probe.try_lock(Site::here(), GUARDS, Mode::Upgradable, || got(self.inner.try_lock_upgradable())).is_some()
    }

    #[inline]
    unsafe fn unlock_upgradable(&self) {
        self.probe.unlock(GUARDS, Mode::Upgradable);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_upgradable() };
    }

    #[inline]
    #[track_caller]
    unsafe fn upgrade(&self) {
        // SAFETY: the caller's promise is passed on.
        let attempt = |()| tried(unsafe { self.inner.try_upgrade() });
        // SAFETY: the same; it comes where the attempt has changed nothing.
        let block = |()| unsafe { self.inner.upgrade() };
        // Where it panics, the caller still has the guard of an upgradable reader.
        self.probe.upgrade(Site::here(), GUARDS, (), attempt, block, |()| ());
    }

    #[inline]
    #[track_caller]
    unsafe fn try_upgrade(&self) -> bool {
        // SAFETY: the caller's promise is passed on.
        self.probe.try_upgrade(Site::here(), GUARDS, || tried(unsafe { self.inner.try_upgrade() })).is_ok()
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl lock_api::RawRwLockUpgradeFair for RawRwLock {
    #[inline]
    unsafe fn unlock_upgradable_fair(&self) {
        self.probe.unlock(GUARDS, Mode::Upgradable);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_upgradable_fair() };
    }

    #[inline]
    #[track_caller]
    unsafe fn bump_upgradable(&self) {
        // SAFETY: the caller holds the lock, and does so again at the end.
        let bump = || unsafe { self.inner.bump_upgradable() };
        self.probe.bump(Site::here(), GUARDS, Mode::Upgradable, bump);
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl lock_api::RawRwLockUpgradeDowngrade for RawRwLock {
    #[inline]
    #[track_caller]
    unsafe fn downgrade_upgradable(&self) {
        self.probe.downgrade(Site::here(), GUARDS, Mode::Upgradable, Mode::Shared);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.downgrade_upgradable() };
    }

    #[inline]
    #[track_caller]
    unsafe fn downgrade_to_upgradable(&self) {
        self.probe.downgrade(Site::here(), GUARDS, Mode::Exclusive, Mode::Upgradable);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.downgrade_to_upgradable() };
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl lock_api::RawRwLockUpgradeTimed for RawRwLock {
    #[inline]
    #[track_caller]
    fn try_lock_upgradable_for(&self, timeout: Duration) -> bool {
        let (attempt, block) =
            (|| got(self.inner.try_lock_upgradable()), || got(self.inner.try_lock_upgradable_for(timeout)));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Upgradable, attempt, block).is_some()
    }

    #[inline]
    #[track_caller]
    fn try_lock_upgradable_until(&self, timeout: Instant) -> bool {
        let (attempt, block) =
            (|| got(self.inner.try_lock_upgradable()), || got(self.inner.try_lock_upgradable_until(timeout)));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Upgradable, attempt, block).is_some()
    }

    #[inline]
    #[track_caller]
    unsafe fn try_upgrade_for(&self, timeout: Duration) -> bool {
        // SAFETY: the caller's promise is passed on.
        let attempt = |()| tried(unsafe { self.inner.try_upgrade() });
        // SAFETY: the same; it comes where the attempt has changed nothing.
        let block = |()| tried(unsafe { self.inner.try_upgrade_for(timeout) });
        self.probe.upgrade_timed(Site::here(), GUARDS, (), attempt, block).is_ok()
    }

    #[inline]
    #[track_caller]
    unsafe fn try_upgrade_until(&self, timeout: Instant) -> bool {
        // SAFETY: the caller's promise is passed on.
        let attempt = |()| tried(unsafe { self.inner.try_upgrade() });
        // SAFETY: the same; it comes where the attempt has changed nothing.
        let block = |()| tried(unsafe { self.inner.try_upgrade_until(timeout) });
        self.probe.upgrade_timed(Site::here(), GUARDS, (), attempt, block).is_ok()
    }
}
