//! `parking_lot::RwLock` and `RecursiveRwLock`, watched: the one lets no new reader in before a waiting writer, the other
//! does. In everything else they are alike, and like those of version 0.12.
#![allow(unsafe_code)]

use super::{GUARDS, Watched, lock_api, real};
use crate::{
    model::{Kind, Mode},
    record::{Probe, Site},
};
use lock_api::{RawRwLock as _, RawRwLockUpgrade as _};
use std::time::{Duration, Instant};

/// A reader-writer lock: [`parking_lot::RwLock`](real::RwLock), watched. A wait that can never end is reported; one with
/// a time-out is never part of a deadlock, and neither it nor a try makes lock order.
pub type RwLock<T> = lock_api::RwLock<RawRwLock, T>;

/// [`parking_lot::RwLockReadGuard`](real::RwLockReadGuard), of a watched lock.
pub type RwLockReadGuard<'a, T> = lock_api::RwLockReadGuard<'a, RawRwLock, T>;

/// [`parking_lot::RwLockWriteGuard`](real::RwLockWriteGuard), of a watched lock.
pub type RwLockWriteGuard<'a, T> = lock_api::RwLockWriteGuard<'a, RawRwLock, T>;

/// [`parking_lot::RwLockUpgradableReadGuard`](real::RwLockUpgradableReadGuard), of a watched lock.
pub type RwLockUpgradableReadGuard<'a, T> = lock_api::RwLockUpgradableReadGuard<'a, RawRwLock, T>;

/// [`parking_lot::MappedRwLockReadGuard`](real::MappedRwLockReadGuard), of a watched lock.
pub type MappedRwLockReadGuard<'a, T> = lock_api::MappedRwLockReadGuard<'a, RawRwLock, T>;

/// [`parking_lot::MappedRwLockWriteGuard`](real::MappedRwLockWriteGuard), of a watched lock.
pub type MappedRwLockWriteGuard<'a, T> = lock_api::MappedRwLockWriteGuard<'a, RawRwLock, T>;

/// A reader-writer lock that its readers can read again: [`parking_lot::RecursiveRwLock`](real::RecursiveRwLock),
/// watched as [`RwLock`] is.
pub type RecursiveRwLock<T> = lock_api::RwLock<RawRwLockRecursive, T>;

/// [`parking_lot::RecursiveRwLockReadGuard`](real::RecursiveRwLockReadGuard), of a watched lock.
pub type RecursiveRwLockReadGuard<'a, T> = lock_api::RwLockReadGuard<'a, RawRwLockRecursive, T>;

/// [`parking_lot::RecursiveRwLockWriteGuard`](real::RecursiveRwLockWriteGuard), of a watched lock.
pub type RecursiveRwLockWriteGuard<'a, T> = lock_api::RwLockWriteGuard<'a, RawRwLockRecursive, T>;

/// [`parking_lot::RecursiveRwLockUpgradableReadGuard`](real::RecursiveRwLockUpgradableReadGuard), of a watched lock.
pub type RecursiveRwLockUpgradableReadGuard<'a, T> = lock_api::RwLockUpgradableReadGuard<'a, RawRwLockRecursive, T>;

/// [`parking_lot::MappedRecursiveRwLockReadGuard`](real::MappedRecursiveRwLockReadGuard), of a watched lock.
pub type MappedRecursiveRwLockReadGuard<'a, T> = lock_api::MappedRwLockReadGuard<'a, RawRwLockRecursive, T>;

/// [`parking_lot::MappedRecursiveRwLockWriteGuard`](real::MappedRecursiveRwLockWriteGuard), of a watched lock.
pub type MappedRecursiveRwLockWriteGuard<'a, T> = lock_api::MappedRwLockWriteGuard<'a, RawRwLockRecursive, T>;

/// The lock itself: [`parking_lot::RawRwLock`](real::RawRwLock), watched.
pub type RawRwLock<const RECURSIVE: bool = false> = Watched<real::RawRwLock<RECURSIVE>>;

/// The lock itself: [`parking_lot::RawRwLockRecursive`](real::RawRwLockRecursive), watched.
pub type RawRwLockRecursive = RawRwLock<true>;

/// What the states of guards are called.
type Shared<const RECURSIVE: bool> = <real::RawRwLock<RECURSIVE> as lock_api::RawRwLock>::SharedGuard;
type Exclusive<const RECURSIVE: bool> = <real::RawRwLock<RECURSIVE> as lock_api::RawRwLock>::ExclusiveGuard;
type Upgradable<const RECURSIVE: bool> = <real::RawRwLock<RECURSIVE> as lock_api::RawRwLockUpgrade>::UpgradableGuard;

/// How a reader waits.
const fn to_read(recursive: bool) -> Mode {
    if recursive { Mode::Recursive } else { Mode::Shared }
}

// SAFETY: the real lock excludes; nothing is added to it or left out. An acquisition that unwinds has not been recorded.
unsafe impl<const RECURSIVE: bool> lock_api::RawRwLock for RawRwLock<RECURSIVE> {
    const INIT: Self = Watched { probe: Probe::unplaced(Kind::RwLock), inner: real::RawRwLock::INIT };

    type SharedGuard = Shared<RECURSIVE>;
    type ExclusiveGuard = Exclusive<RECURSIVE>;

    #[inline]
    #[track_caller]
    fn lock_shared(&self) -> Shared<RECURSIVE> {
        let (attempt, block) = (|| self.inner.try_lock_shared(), || self.inner.lock_shared());
        self.probe.lock(Site::here(), GUARDS, to_read(RECURSIVE), attempt, block)
    }

    #[inline]
    #[track_caller]
    fn try_lock_shared(&self) -> Option<Shared<RECURSIVE>> {
        self.probe.try_lock(Site::here(), GUARDS, Mode::Shared, || self.inner.try_lock_shared())
    }

    #[inline]
    unsafe fn unlock_shared(&self, guard: Shared<RECURSIVE>) {
        self.probe.unlock(GUARDS, Mode::Shared);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_shared(guard) };
    }

    #[inline]
    #[track_caller]
    fn lock_exclusive(&self) -> Exclusive<RECURSIVE> {
        let (attempt, block) = (|| self.inner.try_lock_exclusive(), || self.inner.lock_exclusive());
        self.probe.lock(Site::here(), GUARDS, Mode::Exclusive, attempt, block)
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive(&self) -> Option<Exclusive<RECURSIVE>> {
        self.probe.try_lock(Site::here(), GUARDS, Mode::Exclusive, || self.inner.try_lock_exclusive())
    }

    #[inline]
    unsafe fn unlock_exclusive(&self, guard: Exclusive<RECURSIVE>) {
        self.probe.unlock(GUARDS, Mode::Exclusive);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_exclusive(guard) };
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
unsafe impl<const RECURSIVE: bool> lock_api::RawRwLockFair for RawRwLock<RECURSIVE> {
    #[inline]
    unsafe fn unlock_shared_fair(&self, guard: Shared<RECURSIVE>) {
        self.probe.unlock(GUARDS, Mode::Shared);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_shared_fair(guard) };
    }

    #[inline]
    unsafe fn unlock_exclusive_fair(&self, guard: Exclusive<RECURSIVE>) {
        self.probe.unlock(GUARDS, Mode::Exclusive);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_exclusive_fair(guard) };
    }

    #[inline]
    #[track_caller]
    unsafe fn bump_shared(&self, guard: &mut Shared<RECURSIVE>) {
        // SAFETY: the caller holds the lock, and does so again at the end.
        let bump = || unsafe { self.inner.bump_shared(guard) };
        self.probe.bump(Site::here(), GUARDS, Mode::Shared, bump);
    }

    #[inline]
    #[track_caller]
    unsafe fn bump_exclusive(&self, guard: &mut Exclusive<RECURSIVE>) {
        // SAFETY: the caller holds the lock, and does so again at the end.
        let bump = || unsafe { self.inner.bump_exclusive(guard) };
        self.probe.bump(Site::here(), GUARDS, Mode::Exclusive, bump);
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl<const RECURSIVE: bool> lock_api::RawRwLockDowngrade for RawRwLock<RECURSIVE> {
    #[inline]
    #[track_caller]
    unsafe fn downgrade(&self, guard: Exclusive<RECURSIVE>) -> Shared<RECURSIVE> {
        self.probe.downgrade(Site::here(), GUARDS, Mode::Exclusive, Mode::Shared);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.downgrade(guard) }
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl<const RECURSIVE: bool> lock_api::RawRwLockTimed for RawRwLock<RECURSIVE> {
    type Duration = Duration;
    type Instant = Instant;

    #[inline]
    #[track_caller]
    fn try_lock_shared_for(&self, timeout: Duration) -> Option<Shared<RECURSIVE>> {
        let (attempt, block) = (|| self.inner.try_lock_shared(), || self.inner.try_lock_shared_for(timeout));
        self.probe.lock_timed(Site::here(), GUARDS, to_read(RECURSIVE), attempt, block)
    }

    #[inline]
    #[track_caller]
    fn try_lock_shared_until(&self, timeout: Instant) -> Option<Shared<RECURSIVE>> {
        let (attempt, block) = (|| self.inner.try_lock_shared(), || self.inner.try_lock_shared_until(timeout));
        self.probe.lock_timed(Site::here(), GUARDS, to_read(RECURSIVE), attempt, block)
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive_for(&self, timeout: Duration) -> Option<Exclusive<RECURSIVE>> {
        let (attempt, block) = (|| self.inner.try_lock_exclusive(), || self.inner.try_lock_exclusive_for(timeout));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Exclusive, attempt, block)
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive_until(&self, timeout: Instant) -> Option<Exclusive<RECURSIVE>> {
        let (attempt, block) = (|| self.inner.try_lock_exclusive(), || self.inner.try_lock_exclusive_until(timeout));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Exclusive, attempt, block)
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl<const RECURSIVE: bool> lock_api::RawRwLockUpgrade for RawRwLock<RECURSIVE> {
    type UpgradableGuard = Upgradable<RECURSIVE>;

    #[inline]
    #[track_caller]
    fn lock_upgradable(&self) -> Upgradable<RECURSIVE> {
        let (attempt, block) = (|| self.inner.try_lock_upgradable(), || self.inner.lock_upgradable());
        self.probe.lock(Site::here(), GUARDS, Mode::Upgradable, attempt, block)
    }

    #[inline]
    #[track_caller]
    fn try_lock_upgradable(&self) -> Option<Upgradable<RECURSIVE>> {
        self.probe.try_lock(Site::here(), GUARDS, Mode::Upgradable, || self.inner.try_lock_upgradable())
    }

    #[inline]
    unsafe fn unlock_upgradable(&self, guard: Upgradable<RECURSIVE>) {
        self.probe.unlock(GUARDS, Mode::Upgradable);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_upgradable(guard) };
    }

    #[inline]
    #[track_caller]
    unsafe fn upgrade(&self, guard: Upgradable<RECURSIVE>) -> Exclusive<RECURSIVE> {
        // SAFETY: the caller's promise is passed on.
        let attempt = |guard| unsafe { self.inner.try_upgrade(guard) };
        // SAFETY: the same; the attempt has given the guard back.
        let block = |guard| unsafe { self.inner.upgrade(guard) };
        // SAFETY: the same. Where it panics the guard is lost to the caller: the lock is to be given back.
        let give_up = |guard| unsafe { self.unlock_upgradable(guard) };
        self.probe.upgrade(Site::here(), GUARDS, guard, attempt, block, give_up)
    }

    #[inline]
    #[track_caller]
    unsafe fn try_upgrade(&self, guard: Upgradable<RECURSIVE>) -> Result<Exclusive<RECURSIVE>, Upgradable<RECURSIVE>> {
        // SAFETY: the caller's promise is passed on.
        self.probe.try_upgrade(Site::here(), GUARDS, || unsafe { self.inner.try_upgrade(guard) })
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl<const RECURSIVE: bool> lock_api::RawRwLockUpgradeFair for RawRwLock<RECURSIVE> {
    #[inline]
    unsafe fn unlock_upgradable_fair(&self, guard: Upgradable<RECURSIVE>) {
        self.probe.unlock(GUARDS, Mode::Upgradable);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.unlock_upgradable_fair(guard) };
    }

    #[inline]
    #[track_caller]
    unsafe fn bump_upgradable(&self, guard: &mut Upgradable<RECURSIVE>) {
        // SAFETY: the caller holds the lock, and does so again at the end.
        let bump = || unsafe { self.inner.bump_upgradable(guard) };
        self.probe.bump(Site::here(), GUARDS, Mode::Upgradable, bump);
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl<const RECURSIVE: bool> lock_api::RawRwLockUpgradeDowngrade for RawRwLock<RECURSIVE> {
    #[inline]
    #[track_caller]
    unsafe fn downgrade_upgradable(&self, guard: Upgradable<RECURSIVE>) -> Shared<RECURSIVE> {
        self.probe.downgrade(Site::here(), GUARDS, Mode::Upgradable, Mode::Shared);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.downgrade_upgradable(guard) }
    }

    #[inline]
    #[track_caller]
    unsafe fn downgrade_to_upgradable(&self, guard: Exclusive<RECURSIVE>) -> Upgradable<RECURSIVE> {
        self.probe.downgrade(Site::here(), GUARDS, Mode::Exclusive, Mode::Upgradable);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.downgrade_to_upgradable(guard) }
    }
}

// SAFETY: as for `RawRwLock`.
unsafe impl<const RECURSIVE: bool> lock_api::RawRwLockUpgradeTimed for RawRwLock<RECURSIVE> {
    #[inline]
    #[track_caller]
    fn try_lock_upgradable_for(&self, timeout: Duration) -> Option<Upgradable<RECURSIVE>> {
        let (attempt, block) = (|| self.inner.try_lock_upgradable(), || self.inner.try_lock_upgradable_for(timeout));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Upgradable, attempt, block)
    }

    #[inline]
    #[track_caller]
    fn try_lock_upgradable_until(&self, timeout: Instant) -> Option<Upgradable<RECURSIVE>> {
        let (attempt, block) = (|| self.inner.try_lock_upgradable(), || self.inner.try_lock_upgradable_until(timeout));
        self.probe.lock_timed(Site::here(), GUARDS, Mode::Upgradable, attempt, block)
    }

    #[inline]
    #[track_caller]
    unsafe fn try_upgrade_for(
        &self,
        guard: Upgradable<RECURSIVE>,
        timeout: Duration,
    ) -> Result<Exclusive<RECURSIVE>, Upgradable<RECURSIVE>> {
        // SAFETY: the caller's promise is passed on.
        let attempt = |guard| unsafe { self.inner.try_upgrade(guard) };
        // SAFETY: the same; the attempt has given the guard back.
        let block = |guard| unsafe { self.inner.try_upgrade_for(guard, timeout) };
        self.probe.upgrade_timed(Site::here(), GUARDS, guard, attempt, block)
    }

    #[inline]
    #[track_caller]
    unsafe fn try_upgrade_until(
        &self,
        guard: Upgradable<RECURSIVE>,
        timeout: Instant,
    ) -> Result<Exclusive<RECURSIVE>, Upgradable<RECURSIVE>> {
        // SAFETY: the caller's promise is passed on.
        let attempt = |guard| unsafe { self.inner.try_upgrade(guard) };
        // SAFETY: the same; the attempt has given the guard back.
        let block = |guard| unsafe { self.inner.try_upgrade_until(guard, timeout) };
        self.probe.upgrade_timed(Site::here(), GUARDS, guard, attempt, block)
    }
}
