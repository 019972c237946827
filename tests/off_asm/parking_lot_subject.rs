//! Everything of `parking_lot` that a program does often. Compiled on the real crates and, with this `use` line
//! changed, on gordian.

use parking_lot::*;
use std::time::{Duration, Instant};

#[unsafe(no_mangle)]
pub fn mutex_new(value: u64) -> Mutex<u64> {
    Mutex::new(value)
}

#[unsafe(no_mangle)]
pub fn mutex_add(mutex: &Mutex<u64>) {
    *mutex.lock() += 1;
}

#[unsafe(no_mangle)]
pub fn mutex_try(mutex: &Mutex<u64>) -> bool {
    mutex.try_lock().is_some_and(|value| *value == 0)
}

#[unsafe(no_mangle)]
pub fn mutex_nested(first: &Mutex<u64>, second: &Mutex<u64>) {
    let mut first = first.lock();
    *first += *second.lock();
}

#[unsafe(no_mangle)]
pub fn mutex_guard(mutex: &Mutex<u64>) -> MutexGuard<'_, u64> {
    mutex.lock()
}

#[unsafe(no_mangle)]
pub fn mutex_guard_drop(guard: MutexGuard<'_, u64>) {
    drop(guard);
}

#[unsafe(no_mangle)]
pub fn mutex_guard_map(guard: MutexGuard<'_, (u64, u64)>) -> MappedMutexGuard<'_, u64> {
    MutexGuard::map(guard, |(_, second)| second)
}

#[unsafe(no_mangle)]
pub fn mutex_unlock_fair(guard: MutexGuard<'_, u64>) {
    MutexGuard::unlock_fair(guard);
}

#[unsafe(no_mangle)]
pub fn mutex_bump(guard: &mut MutexGuard<'_, u64>) {
    MutexGuard::bump(guard);
}

#[unsafe(no_mangle)]
pub fn mutex_unlocked(guard: &mut MutexGuard<'_, u64>, run: &mut dyn FnMut()) {
    MutexGuard::unlocked(guard, run);
}

#[unsafe(no_mangle)]
pub fn mutex_for(mutex: &Mutex<u64>, limit: Duration) -> bool {
    mutex.try_lock_for(limit).is_some()
}

#[unsafe(no_mangle)]
pub fn mutex_until(mutex: &Mutex<u64>, limit: Instant) -> bool {
    mutex.try_lock_until(limit).is_some()
}

#[unsafe(no_mangle)]
pub fn mutex_is_locked(mutex: &Mutex<u64>) -> bool {
    mutex.is_locked()
}

#[unsafe(no_mangle)]
pub fn fair_mutex_add(mutex: &FairMutex<u64>) {
    *mutex.lock() += 1;
}

#[unsafe(no_mangle)]
pub fn reentrant_mutex_read(mutex: &ReentrantMutex<u64>) -> u64 {
    *mutex.lock()
}

#[unsafe(no_mangle)]
pub fn rwlock_new(value: u32) -> RwLock<u32> {
    RwLock::new(value)
}

#[unsafe(no_mangle)]
pub fn rwlock_read(lock: &RwLock<u64>) -> u64 {
    *lock.read()
}

#[unsafe(no_mangle)]
pub fn rwlock_write(lock: &RwLock<u64>) {
    *lock.write() += 1;
}

#[unsafe(no_mangle)]
pub fn rwlock_try(lock: &RwLock<u64>) -> bool {
    lock.try_read().is_some() && lock.try_write().is_some() && lock.try_upgradable_read().is_some()
}

#[unsafe(no_mangle)]
pub fn rwlock_upgrade(lock: &RwLock<u64>) {
    let read = lock.upgradable_read();
    if *read == 0 {
        *RwLockUpgradableReadGuard::upgrade(read) += 1;
    }
}

#[unsafe(no_mangle)]
pub fn rwlock_try_upgrade(guard: RwLockUpgradableReadGuard<'_, u64>, limit: Duration) -> bool {
    match RwLockUpgradableReadGuard::try_upgrade(guard) {
        Ok(_) => true,
        Err(guard) => RwLockUpgradableReadGuard::try_upgrade_for(guard, limit).is_ok(),
    }
}

#[unsafe(no_mangle)]
pub fn rwlock_downgrade(guard: RwLockWriteGuard<'_, u64>) -> RwLockReadGuard<'_, u64> {
    let guard = RwLockWriteGuard::downgrade_to_upgradable(guard);
    RwLockUpgradableReadGuard::downgrade(guard)
}

#[unsafe(no_mangle)]
pub fn rwlock_bump(guard: &mut RwLockReadGuard<'_, u64>) {
    RwLockReadGuard::bump(guard);
}

#[unsafe(no_mangle)]
pub fn rwlock_for(lock: &RwLock<u64>, limit: Duration) -> bool {
    lock.try_read_for(limit).is_some() || lock.try_write_for(limit).is_some()
}

#[unsafe(no_mangle)]
pub fn condvar_notify(condvar: &Condvar) -> usize {
    usize::from(condvar.notify_one()) + condvar.notify_all()
}

#[unsafe(no_mangle)]
pub fn condvar_wait(condvar: &Condvar, guard: &mut MutexGuard<'_, u64>) {
    condvar.wait(guard);
}

#[unsafe(no_mangle)]
pub fn condvar_wait_while(condvar: &Condvar, guard: &mut MutexGuard<'_, u64>) {
    condvar.wait_while(guard, |value| *value == 0);
}

#[unsafe(no_mangle)]
pub fn condvar_wait_for(condvar: &Condvar, guard: &mut MutexGuard<'_, u64>, limit: Duration) -> bool {
    condvar.wait_for(guard, limit).timed_out()
}

#[unsafe(no_mangle)]
pub fn condvar_wait_until(condvar: &Condvar, guard: &mut MutexGuard<'_, u64>, limit: Instant) -> bool {
    condvar.wait_until(guard, limit).timed_out()
}

#[unsafe(no_mangle)]
pub fn condvar_wait_while_until(condvar: &Condvar, guard: &mut MutexGuard<'_, u64>, limit: Instant) -> bool {
    condvar.wait_while_until(guard, |value| *value == 0, limit).timed_out()
}

#[unsafe(no_mangle)]
pub fn once_call(once: &Once, value: &mut u64) {
    once.call_once(|| *value = 1);
}

#[unsafe(no_mangle)]
pub fn once_call_force(once: &Once, value: &mut u64) {
    once.call_once_force(|state| *value = state.poisoned().into());
}

#[unsafe(no_mangle)]
pub fn once_state(once: &Once) -> OnceState {
    once.state()
}

// ---- only 0.12 has these ----

#[unsafe(no_mangle)]
pub fn mutex_const(value: u16) -> Mutex<u16> {
    const_mutex(value)
}

#[unsafe(no_mangle)]
pub fn rwlock_read_recursive(lock: &RwLock<u64>) -> u64 {
    *lock.read_recursive()
}
