#![expect(clippy::type_complexity, reason = "signatures are what this is about")]

use super::{
    Dyn,
    sync::{
        Barrier, BarrierWaitResult, Condvar, LazyLock, LockResult, Mutex, MutexGuard, Once, OnceLock, OnceState,
        PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError, TryLockResult, WaitTimeoutResult,
    },
};
use std::time::Duration;

type Timed<G> = LockResult<(G, WaitTimeoutResult)>;

#[test]
fn of_mutexes() {
    let _: fn(u8) -> Mutex<u8> = Mutex::new;
    let _: fn(&Mutex<Dyn>) -> LockResult<MutexGuard<'_, Dyn>> = Mutex::lock;
    let _: fn(&Mutex<Dyn>) -> TryLockResult<MutexGuard<'_, Dyn>> = Mutex::try_lock;
    let _: fn(&Mutex<Dyn>) -> bool = Mutex::is_poisoned;
    let _: fn(&Mutex<Dyn>) = Mutex::clear_poison;
    let _: fn(&mut Mutex<Dyn>) -> LockResult<&mut Dyn> = Mutex::get_mut;
    let _: fn(Mutex<u8>) -> LockResult<u8> = Mutex::into_inner;
}

#[test]
fn of_rwlocks() {
    let _: fn(u8) -> RwLock<u8> = RwLock::new;
    let _: fn(&RwLock<Dyn>) -> LockResult<RwLockReadGuard<'_, Dyn>> = RwLock::read;
    let _: fn(&RwLock<Dyn>) -> LockResult<RwLockWriteGuard<'_, Dyn>> = RwLock::write;
    let _: fn(&RwLock<Dyn>) -> TryLockResult<RwLockReadGuard<'_, Dyn>> = RwLock::try_read;
    let _: fn(&RwLock<Dyn>) -> TryLockResult<RwLockWriteGuard<'_, Dyn>> = RwLock::try_write;
    let _: fn(&RwLock<Dyn>) -> bool = RwLock::is_poisoned;
    let _: fn(&RwLock<Dyn>) = RwLock::clear_poison;
    let _: fn(&mut RwLock<Dyn>) -> LockResult<&mut Dyn> = RwLock::get_mut;
    let _: fn(RwLock<u8>) -> LockResult<u8> = RwLock::into_inner;
    let _: fn(RwLockWriteGuard<'static, Dyn>) -> RwLockReadGuard<'static, Dyn> = RwLockWriteGuard::downgrade;
    let _: for<'a> fn(RwLockWriteGuard<'a, u8>) -> RwLockReadGuard<'a, u8> = |guard| RwLockWriteGuard::downgrade(guard);
}

#[test]
fn of_condvars() {
    let _: fn() -> Condvar = Condvar::new;
    let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>) -> LockResult<MutexGuard<'a, u8>> = Condvar::wait::<u8>;
    let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>, fn(&mut u8) -> bool) -> LockResult<MutexGuard<'a, u8>> =
        Condvar::wait_while::<u8, _>;
    let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>, Duration) -> Timed<MutexGuard<'a, u8>> =
        Condvar::wait_timeout::<u8>;
    let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>, Duration, fn(&mut u8) -> bool) -> Timed<MutexGuard<'a, u8>> =
        Condvar::wait_timeout_while::<u8, _>;
    #[expect(deprecated, reason = "std still has it")]
    let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>, u32) -> LockResult<(MutexGuard<'a, u8>, bool)> =
        Condvar::wait_timeout_ms::<u8>;
    let _: [fn(&Condvar); 2] = [Condvar::notify_one, Condvar::notify_all];
    let _: fn(&WaitTimeoutResult) -> bool = WaitTimeoutResult::timed_out;
}

#[test]
fn of_barriers_and_once() {
    let _: fn(usize) -> Barrier = Barrier::new;
    let _: fn(&Barrier) -> BarrierWaitResult = Barrier::wait;
    let _: fn(&BarrierWaitResult) -> bool = BarrierWaitResult::is_leader;
    let _: fn() -> Once = Once::new;
    let _: [fn(&Once); 2] = [Once::wait, Once::wait_force];
    let _: fn(&Once, fn()) = Once::call_once::<fn()>;
    let _: fn(&Once, fn(&OnceState)) = Once::call_once_force::<fn(&OnceState)>;
    let _: fn(&Once) -> bool = Once::is_completed;
    let _: fn(&OnceState) -> bool = OnceState::is_poisoned;
}

#[test]
fn of_cells() {
    let _: fn() -> OnceLock<u8> = OnceLock::new;
    let _: fn(&OnceLock<u8>) -> Option<&u8> = OnceLock::get;
    let _: fn(&mut OnceLock<u8>) -> Option<&mut u8> = OnceLock::get_mut;
    let _: fn(&OnceLock<u8>) -> &u8 = OnceLock::wait;
    let _: fn(&OnceLock<u8>, u8) -> Result<(), u8> = OnceLock::set;
    let _: fn(&OnceLock<u8>, fn() -> u8) -> &u8 = OnceLock::get_or_init::<fn() -> u8>;
    let _: fn(OnceLock<u8>) -> Option<u8> = OnceLock::into_inner;
    let _: fn(&mut OnceLock<u8>) -> Option<u8> = OnceLock::take;

    let _: fn(fn() -> u8) -> LazyLock<u8> = LazyLock::new;
    let _: fn(&LazyLock<u8>) -> &u8 = LazyLock::force;
    let _: fn(&mut LazyLock<u8>) -> &mut u8 = LazyLock::force_mut;
    let _: fn(&LazyLock<u8>) -> Option<&u8> = LazyLock::get;
    let _: fn(&mut LazyLock<u8>) -> Option<&mut u8> = LazyLock::get_mut;
    // These two ask nothing of the initialiser.
    struct NoFunction;
    let _: fn(&LazyLock<u8, NoFunction>) -> Option<&u8> = LazyLock::get;
    let _: fn(&mut LazyLock<u8, NoFunction>) -> Option<&mut u8> = LazyLock::get_mut;
}

#[test]
fn of_poison() {
    let _: fn(u8) -> PoisonError<u8> = PoisonError::new;
    let _: fn(PoisonError<u8>) -> u8 = PoisonError::into_inner;
    let _: fn(&PoisonError<u8>) -> &u8 = PoisonError::get_ref;
    let _: fn(&mut PoisonError<u8>) -> &mut u8 = PoisonError::get_mut;
    let _: fn(PoisonError<u8>) -> TryLockError<u8> = TryLockError::Poisoned;
    let _: TryLockError<u8> = TryLockError::WouldBlock;
    let _: fn(PoisonError<u8>) -> TryLockError<u8> = From::from;
}
