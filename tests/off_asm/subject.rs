use std::{sync, thread};

// The subject of `main.rs`: it is compiled as it stands, and once more with `std` swapped in the line above.

use std::time::Duration;
use sync::{
    Barrier, BarrierWaitResult, Condvar, LazyLock, LockResult, Mutex, MutexGuard, Once, OnceLock, RwLock,
    RwLockReadGuard, RwLockWriteGuard, TryLockResult, WaitTimeoutResult,
    atomic::{AtomicU64, Ordering},
};

#[unsafe(no_mangle)]
pub fn mutex_new(value: u64) -> Mutex<u64> {
    Mutex::new(value)
}

#[unsafe(no_mangle)]
pub fn mutex_lock(mutex: &Mutex<u64>) -> LockResult<MutexGuard<'_, u64>> {
    mutex.lock()
}

#[unsafe(no_mangle)]
pub fn mutex_try_lock(mutex: &Mutex<u64>) -> TryLockResult<MutexGuard<'_, u64>> {
    mutex.try_lock()
}

#[unsafe(no_mangle)]
pub fn mutex_unlock(guard: MutexGuard<'_, u64>) {
    drop(guard);
}

#[unsafe(no_mangle)]
pub fn mutex_add(mutex: &Mutex<u64>, more: u64) {
    *mutex.lock().unwrap() += more;
}

#[unsafe(no_mangle)]
pub fn mutex_nested(outer: &Mutex<u64>, inner: &Mutex<u64>) -> u64 {
    let outer = outer.lock().unwrap();
    let inner = inner.lock().unwrap();
    *outer + *inner
}

#[unsafe(no_mangle)]
pub fn mutex_unsized(mutex: &Mutex<[u64]>) -> usize {
    mutex.lock().unwrap_or_else(sync::PoisonError::into_inner).len()
}

#[unsafe(no_mangle)]
pub fn mutex_get_mut(mutex: &mut Mutex<u64>) -> &mut u64 {
    mutex.get_mut().unwrap()
}

#[unsafe(no_mangle)]
pub fn mutex_into_inner(mutex: Mutex<u64>) -> u64 {
    mutex.into_inner().unwrap()
}

#[unsafe(no_mangle)]
pub fn rwlock_new(value: u64) -> RwLock<u64> {
    RwLock::new(value)
}

#[unsafe(no_mangle)]
pub fn rwlock_read(lock: &RwLock<u64>) -> LockResult<RwLockReadGuard<'_, u64>> {
    lock.read()
}

#[unsafe(no_mangle)]
pub fn rwlock_try_read(lock: &RwLock<u64>) -> TryLockResult<RwLockReadGuard<'_, u64>> {
    lock.try_read()
}

#[unsafe(no_mangle)]
pub fn rwlock_write(lock: &RwLock<u64>) -> LockResult<RwLockWriteGuard<'_, u64>> {
    lock.write()
}

#[unsafe(no_mangle)]
pub fn rwlock_try_write(lock: &RwLock<u64>) -> TryLockResult<RwLockWriteGuard<'_, u64>> {
    lock.try_write()
}

#[unsafe(no_mangle)]
pub fn rwlock_get(lock: &RwLock<u64>) -> u64 {
    *lock.read().unwrap()
}

#[unsafe(no_mangle)]
pub fn rwlock_set(lock: &RwLock<u64>, value: u64) {
    *lock.write().unwrap() = value;
}

#[unsafe(no_mangle)]
pub fn rwlock_downgrade(guard: RwLockWriteGuard<'_, u64>) -> RwLockReadGuard<'_, u64> {
    RwLockWriteGuard::downgrade(guard)
}

#[unsafe(no_mangle)]
pub fn condvar_notify(condvar: &Condvar) {
    condvar.notify_one();
    condvar.notify_all();
}

#[unsafe(no_mangle)]
pub fn condvar_wait<'a>(condvar: &Condvar, guard: MutexGuard<'a, u64>) -> LockResult<MutexGuard<'a, u64>> {
    condvar.wait(guard)
}

#[unsafe(no_mangle)]
pub fn condvar_wait_while<'a>(condvar: &Condvar, guard: MutexGuard<'a, u64>) -> LockResult<MutexGuard<'a, u64>> {
    condvar.wait_while(guard, |value| *value == 0)
}

#[unsafe(no_mangle)]
pub fn condvar_wait_timeout<'a>(
    condvar: &Condvar,
    guard: MutexGuard<'a, u64>,
    limit: Duration,
) -> LockResult<(MutexGuard<'a, u64>, WaitTimeoutResult)> {
    condvar.wait_timeout(guard, limit)
}

#[unsafe(no_mangle)]
pub fn condvar_wait_timeout_while<'a>(
    condvar: &Condvar,
    guard: MutexGuard<'a, u64>,
    limit: Duration,
) -> LockResult<(MutexGuard<'a, u64>, WaitTimeoutResult)> {
    condvar.wait_timeout_while(guard, limit, |value| *value == 0)
}

#[unsafe(no_mangle)]
pub fn barrier_wait(barrier: &Barrier) -> BarrierWaitResult {
    barrier.wait()
}

#[unsafe(no_mangle)]
pub fn once_call(once: &Once, value: &AtomicU64) {
    once.call_once(|| value.store(1, Ordering::Relaxed));
}

#[unsafe(no_mangle)]
pub fn once_call_force(once: &Once, value: &AtomicU64) {
    once.call_once_force(|state| value.store(state.is_poisoned().into(), Ordering::Relaxed));
}

#[unsafe(no_mangle)]
pub fn once_wait(once: &Once) {
    once.wait();
    once.wait_force();
}

#[unsafe(no_mangle)]
pub fn once_lock_get(cell: &OnceLock<u64>) -> Option<&u64> {
    cell.get()
}

#[unsafe(no_mangle)]
pub fn once_lock_get_or_init(cell: &OnceLock<u64>, value: &AtomicU64) -> u64 {
    *cell.get_or_init(|| value.load(Ordering::Relaxed))
}

#[unsafe(no_mangle)]
pub fn once_lock_set(cell: &OnceLock<u64>, value: u64) -> Result<(), u64> {
    cell.set(value)
}

#[unsafe(no_mangle)]
pub fn once_lock_wait(cell: &OnceLock<u64>) -> u64 {
    *cell.wait()
}

#[unsafe(no_mangle)]
pub fn once_lock_take(cell: &mut OnceLock<u64>) -> Option<u64> {
    cell.take()
}

#[unsafe(no_mangle)]
pub fn lazy_lock_deref(lazy: &LazyLock<u64>) -> u64 {
    **lazy
}

#[unsafe(no_mangle)]
pub fn lazy_lock_force_mut(lazy: &mut LazyLock<u64>) -> &mut u64 {
    LazyLock::force_mut(lazy)
}

static COUNTERS: LazyLock<Mutex<u64>> = LazyLock::new(|| Mutex::new(1));

#[unsafe(no_mangle)]
pub fn lazy_lock_static() -> u64 {
    *COUNTERS.lock().unwrap()
}

#[unsafe(no_mangle)]
pub fn atomic_add(value: &AtomicU64) -> u64 {
    value.fetch_add(1, Ordering::SeqCst)
}

#[unsafe(no_mangle)]
pub fn thread_park(limit: Duration) {
    thread::park();
    thread::park_timeout(limit);
    thread::sleep(limit);
    thread::yield_now();
}

#[unsafe(no_mangle)]
pub fn thread_join(thread: thread::JoinHandle<u64>) -> thread::Result<u64> {
    thread.join()
}

#[unsafe(no_mangle)]
pub fn thread_spawn(value: u64) -> thread::JoinHandle<u64> {
    thread::spawn(move || value + 1)
}

#[unsafe(no_mangle)]
pub fn thread_scope(value: &mut u64) {
    thread::scope(|scope| {
        scope.spawn(|| *value += 1);
    });
}

#[unsafe(no_mangle)]
pub fn channel_send(sender: &sync::mpsc::Sender<u64>, value: u64) -> Result<(), sync::mpsc::SendError<u64>> {
    sender.send(value)
}

#[unsafe(no_mangle)]
pub fn channel_clone(sender: &sync::mpsc::Sender<u64>) -> sync::mpsc::Sender<u64> {
    sender.clone()
}

#[unsafe(no_mangle)]
pub fn channel_drop(sender: sync::mpsc::SyncSender<u64>) {
    drop(sender);
}

#[unsafe(no_mangle)]
pub fn sync_channel_send(sender: &sync::mpsc::SyncSender<u16>, value: u16) -> Result<(), sync::mpsc::SendError<u16>> {
    sender.send(value)
}

#[unsafe(no_mangle)]
pub fn sync_channel_try_send(
    sender: &sync::mpsc::SyncSender<u64>,
    value: u64,
) -> Result<(), sync::mpsc::TrySendError<u64>> {
    sender.try_send(value)
}

#[unsafe(no_mangle)]
pub fn channel_recv(receiver: &sync::mpsc::Receiver<u64>) -> Result<u64, sync::mpsc::RecvError> {
    receiver.recv()
}

#[unsafe(no_mangle)]
pub fn channel_try_recv(receiver: &sync::mpsc::Receiver<u64>) -> Result<u64, sync::mpsc::TryRecvError> {
    receiver.try_recv()
}

#[unsafe(no_mangle)]
pub fn channel_recv_timeout(
    receiver: &sync::mpsc::Receiver<u64>,
    limit: Duration,
) -> Result<u64, sync::mpsc::RecvTimeoutError> {
    receiver.recv_timeout(limit)
}

#[unsafe(no_mangle)]
pub fn channel_sum(receiver: sync::mpsc::Receiver<u64>) -> u64 {
    receiver.try_iter().sum::<u64>() + receiver.iter().take(2).sum::<u64>() + receiver.into_iter().sum::<u64>()
}
