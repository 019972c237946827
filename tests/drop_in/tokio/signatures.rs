//! The names and signatures of `tokio::sync`. The parent module says whose is asked; where one differs, this does not
//! compile.
#![expect(clippy::type_complexity, reason = "signatures are what this is about")]

use super::{
    asked::sync::{
        AcquireError, Barrier, BarrierWaitResult, MappedMutexGuard, Mutex, MutexGuard, Notify, OnceCell,
        OwnedMappedMutexGuard, OwnedMutexGuard, OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard,
        OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock, RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
        Semaphore, SemaphorePermit, SetError, SetOnce, SetOnceError, TryAcquireError, TryLockError, broadcast, futures,
        futures::{Notified, OwnedNotified},
        mpsc, oneshot, watch,
    },
    polled::at_once,
};
use std::{fmt, future::Future, pin::Pin, sync::Arc};

type Dyn = dyn fmt::Debug;
type Pair = (u8, u8);

static MUTEX: Mutex<u8> = Mutex::const_new(1);
static RWLOCK: RwLock<u8> = RwLock::const_new(1);
static FEW: RwLock<u8> = RwLock::const_with_max_readers(1, 2);
static SEMAPHORE: Semaphore = Semaphore::const_new(Semaphore::MAX_PERMITS);
static NOTIFY: Notify = Notify::const_new();
static CELL: OnceCell<u8> = OnceCell::const_new();
static FULL: OnceCell<u8> = OnceCell::const_new_with(1);
static SET: SetOnce<u8> = SetOnce::const_new();
static SET_FULL: SetOnce<u8> = SetOnce::const_new_with(1);
static MANY: [Mutex<u8>; 2] = [const { Mutex::const_new(3) }; 2];

#[test]
fn all_are_const() {
    *at_once(MUTEX.lock()) += 1;
    *at_once(RWLOCK.write()) += 1;
    *at_once(FEW.write()) += 1;
    NOTIFY.notify_one();
    at_once(NOTIFY.notified());
    assert_eq!((*at_once(MUTEX.lock()), *at_once(RWLOCK.read()), *at_once(FEW.read())), (2, 2, 2));
    assert_eq!(SEMAPHORE.available_permits(), Semaphore::MAX_PERMITS);
    assert_eq!((CELL.set(2), SET.set(2)), (Ok(()), Ok(())));
    assert_eq!((CELL.get(), FULL.get(), SET.get(), SET_FULL.get()), (Some(&2), Some(&1), Some(&2), Some(&1)));
    assert_eq!(MANY.each_ref().map(|mutex| *at_once(mutex.lock())), [3, 3]);
}

#[test]
fn mutexes_have_the_real_methods() {
    let _: fn(u8) -> Mutex<u8> = Mutex::new;
    let _: fn(u8) -> Mutex<u8> = Mutex::from;
    let _: fn() -> Mutex<u8> = Mutex::default;
    let _: fn(Mutex<u8>) -> u8 = Mutex::into_inner;
    let _: fn(&mut Mutex<Dyn>) -> &mut Dyn = Mutex::get_mut;
    let _: fn(&Mutex<Dyn>) -> Result<MutexGuard<'_, Dyn>, TryLockError> = Mutex::try_lock;
    let _: fn(Arc<Mutex<Dyn>>) -> Result<OwnedMutexGuard<Dyn>, TryLockError> = Mutex::try_lock_owned;
    let _: fn(&Mutex<Dyn>) -> MutexGuard<'_, Dyn> = Mutex::blocking_lock;
    let _: fn(Arc<Mutex<Dyn>>) -> OwnedMutexGuard<Dyn> = Mutex::blocking_lock_owned;
    let _: fn(&MutexGuard<'static, Dyn>) -> &'static Mutex<Dyn> = MutexGuard::mutex;
    let _: fn(&OwnedMutexGuard<Dyn>) -> &Arc<Mutex<Dyn>> = OwnedMutexGuard::mutex;
    let _: fn(MutexGuard<'static, Pair>, fn(&mut Pair) -> &mut u8) -> MappedMutexGuard<'static, u8> = MutexGuard::map;
    let _: fn(MappedMutexGuard<'static, Pair>, fn(&mut Pair) -> &mut u8) -> MappedMutexGuard<'static, u8> =
        MappedMutexGuard::map;
    let _: fn(OwnedMutexGuard<Pair>, fn(&mut Pair) -> &mut u8) -> OwnedMappedMutexGuard<Pair, u8> =
        OwnedMutexGuard::map;
    let _: fn(OwnedMappedMutexGuard<u8, Pair>, fn(&mut Pair) -> &mut u8) -> OwnedMappedMutexGuard<u8, u8> =
        OwnedMappedMutexGuard::map;
    type Try = fn(&mut Pair) -> Option<&mut u8>;
    let _: fn(MutexGuard<'static, Pair>, Try) -> Result<MappedMutexGuard<'static, u8>, MutexGuard<'static, Pair>> =
        MutexGuard::try_map;
    let _: fn(
        MappedMutexGuard<'static, Pair>,
        Try,
    ) -> Result<MappedMutexGuard<'static, u8>, MappedMutexGuard<'static, Pair>> = MappedMutexGuard::try_map;
    let _: fn(OwnedMutexGuard<Pair>, Try) -> Result<OwnedMappedMutexGuard<Pair, u8>, OwnedMutexGuard<Pair>> =
        OwnedMutexGuard::try_map;
    let _: fn(
        OwnedMappedMutexGuard<u8, Pair>,
        Try,
    ) -> Result<OwnedMappedMutexGuard<u8, u8>, OwnedMappedMutexGuard<u8, Pair>> = OwnedMappedMutexGuard::try_map;
}

#[test]
fn read_write_locks_have_the_real_methods() {
    let _: fn(u8) -> RwLock<u8> = RwLock::new;
    let _: fn(u8) -> RwLock<u8> = RwLock::from;
    let _: fn() -> RwLock<u8> = RwLock::default;
    let _: fn(u8, u32) -> RwLock<u8> = RwLock::with_max_readers;
    let _: fn(RwLock<u8>) -> u8 = RwLock::into_inner;
    let _: fn(&mut RwLock<Dyn>) -> &mut Dyn = RwLock::get_mut;
    let _: fn(&RwLock<Dyn>) -> Result<RwLockReadGuard<'_, Dyn>, TryLockError> = RwLock::try_read;
    let _: fn(&RwLock<Dyn>) -> Result<RwLockWriteGuard<'_, Dyn>, TryLockError> = RwLock::try_write;
    let _: fn(Arc<RwLock<Dyn>>) -> Result<OwnedRwLockReadGuard<Dyn>, TryLockError> = RwLock::try_read_owned;
    let _: fn(Arc<RwLock<Dyn>>) -> Result<OwnedRwLockWriteGuard<Dyn>, TryLockError> = RwLock::try_write_owned;
    let _: fn(&RwLock<Dyn>) -> RwLockReadGuard<'_, Dyn> = RwLock::blocking_read;
    let _: fn(&RwLock<Dyn>) -> RwLockWriteGuard<'_, Dyn> = RwLock::blocking_write;
    let _: fn(&OwnedRwLockReadGuard<Dyn, u8>) -> &Arc<RwLock<Dyn>> = OwnedRwLockReadGuard::rwlock;
    let _: fn(&OwnedRwLockWriteGuard<Dyn>) -> &Arc<RwLock<Dyn>> = OwnedRwLockWriteGuard::rwlock;
    let _: fn(&OwnedRwLockMappedWriteGuard<Dyn, u8>) -> &Arc<RwLock<Dyn>> = OwnedRwLockMappedWriteGuard::rwlock;
    let _: fn(RwLockWriteGuard<'static, Dyn>) -> RwLockReadGuard<'static, Dyn> = RwLockWriteGuard::downgrade;
    let _: fn(RwLockWriteGuard<'static, Dyn>) -> RwLockMappedWriteGuard<'static, Dyn> = RwLockWriteGuard::into_mapped;
    let _: fn(OwnedRwLockWriteGuard<Dyn>) -> OwnedRwLockReadGuard<Dyn> = OwnedRwLockWriteGuard::downgrade;
    let _: fn(OwnedRwLockWriteGuard<Dyn>) -> OwnedRwLockMappedWriteGuard<Dyn> = OwnedRwLockWriteGuard::into_mapped;
}

#[test]
fn guards_of_read_write_locks_have_the_real_maps() {
    type Read = fn(&Pair) -> &u8;
    type Write = fn(&mut Pair) -> &mut u8;
    type TryRead = fn(&Pair) -> Option<&u8>;
    type TryWrite = fn(&mut Pair) -> Option<&mut u8>;
    type Reader<T> = RwLockReadGuard<'static, T>;
    type Writer<T> = RwLockWriteGuard<'static, T>;
    type Mapped<T> = RwLockMappedWriteGuard<'static, T>;
    let _: fn(Reader<Pair>, Read) -> Reader<u8> = RwLockReadGuard::map;
    let _: fn(Reader<Pair>, TryRead) -> Result<Reader<u8>, Reader<Pair>> = RwLockReadGuard::try_map;
    let _: fn(Writer<Pair>, Write) -> Mapped<u8> = RwLockWriteGuard::map;
    let _: fn(Writer<Pair>, TryWrite) -> Result<Mapped<u8>, Writer<Pair>> = RwLockWriteGuard::try_map;
    let _: fn(Writer<Pair>, Read) -> Reader<u8> = RwLockWriteGuard::downgrade_map;
    let _: fn(Writer<Pair>, TryRead) -> Result<Reader<u8>, Writer<Pair>> = RwLockWriteGuard::try_downgrade_map;
    let _: fn(Mapped<Pair>, Write) -> Mapped<u8> = RwLockMappedWriteGuard::map;
    let _: fn(Mapped<Pair>, TryWrite) -> Result<Mapped<u8>, Mapped<Pair>> = RwLockMappedWriteGuard::try_map;
    type OwnedReader<T> = OwnedRwLockReadGuard<Dyn, T>;
    type OwnedMapped<T> = OwnedRwLockMappedWriteGuard<Dyn, T>;
    let _: fn(OwnedReader<Pair>, Read) -> OwnedReader<u8> = OwnedRwLockReadGuard::map;
    let _: fn(OwnedReader<Pair>, TryRead) -> Result<OwnedReader<u8>, OwnedReader<Pair>> = OwnedRwLockReadGuard::try_map;
    let _: fn(OwnedMapped<Pair>, Write) -> OwnedMapped<u8> = OwnedRwLockMappedWriteGuard::map;
    let _: fn(OwnedMapped<Pair>, TryWrite) -> Result<OwnedMapped<u8>, OwnedMapped<Pair>> =
        OwnedRwLockMappedWriteGuard::try_map;
    type OwnedWriter = OwnedRwLockWriteGuard<Pair>;
    let _: fn(OwnedWriter, Write) -> OwnedRwLockMappedWriteGuard<Pair, u8> = OwnedRwLockWriteGuard::map;
    let _: fn(OwnedWriter, TryWrite) -> Result<OwnedRwLockMappedWriteGuard<Pair, u8>, OwnedWriter> =
        OwnedRwLockWriteGuard::try_map;
    let _: fn(OwnedWriter, Read) -> OwnedRwLockReadGuard<Pair, u8> = OwnedRwLockWriteGuard::downgrade_map;
    let _: fn(OwnedWriter, TryRead) -> Result<OwnedRwLockReadGuard<Pair, u8>, OwnedWriter> =
        OwnedRwLockWriteGuard::try_downgrade_map;
}

#[test]
fn semaphores_have_the_real_methods() {
    let _: usize = Semaphore::MAX_PERMITS;
    let _: fn(usize) -> Semaphore = Semaphore::new;
    let _: fn(&Semaphore) -> usize = Semaphore::available_permits;
    let _: fn(&Semaphore, usize) = Semaphore::add_permits;
    let _: fn(&Semaphore, usize) -> usize = Semaphore::forget_permits;
    let _: fn(&Semaphore) = Semaphore::close;
    let _: fn(&Semaphore) -> bool = Semaphore::is_closed;
    let _: fn(&Semaphore) -> Result<SemaphorePermit<'_>, TryAcquireError> = Semaphore::try_acquire;
    let _: fn(&Semaphore, u32) -> Result<SemaphorePermit<'_>, TryAcquireError> = Semaphore::try_acquire_many;
    let _: fn(Arc<Semaphore>) -> Result<OwnedSemaphorePermit, TryAcquireError> = Semaphore::try_acquire_owned;
    let _: fn(Arc<Semaphore>, u32) -> Result<OwnedSemaphorePermit, TryAcquireError> = Semaphore::try_acquire_many_owned;
    let _: fn(&Semaphore) -> Result<SemaphorePermit<'_>, AcquireError> = Semaphore::blocking_acquire;
    let _: fn(&Semaphore, u32) -> Result<SemaphorePermit<'_>, AcquireError> = Semaphore::blocking_acquire_many;
    let _: fn(Arc<Semaphore>) -> Result<OwnedSemaphorePermit, AcquireError> = Semaphore::blocking_acquire_owned;
    let _: fn(Arc<Semaphore>, u32) -> Result<OwnedSemaphorePermit, AcquireError> =
        Semaphore::blocking_acquire_many_owned;
    let _: fn(SemaphorePermit<'static>) = SemaphorePermit::forget;
    let _: fn(&mut SemaphorePermit<'static>, SemaphorePermit<'static>) = SemaphorePermit::merge;
    let _: fn(&mut SemaphorePermit<'static>, usize) -> Option<SemaphorePermit<'static>> = SemaphorePermit::split;
    let _: for<'a> fn(&'a SemaphorePermit<'static>) -> &'a Semaphore = SemaphorePermit::semaphore;
    let _: fn(&SemaphorePermit<'static>) -> usize = SemaphorePermit::num_permits;
    let _: fn(OwnedSemaphorePermit) = OwnedSemaphorePermit::forget;
    let _: fn(&mut OwnedSemaphorePermit, OwnedSemaphorePermit) = OwnedSemaphorePermit::merge;
    let _: fn(&mut OwnedSemaphorePermit, usize) -> Option<OwnedSemaphorePermit> = OwnedSemaphorePermit::split;
    let _: fn(&OwnedSemaphorePermit) -> &Arc<Semaphore> = OwnedSemaphorePermit::semaphore;
    let _: fn(&OwnedSemaphorePermit) -> usize = OwnedSemaphorePermit::num_permits;
}

#[test]
fn notifications_and_barriers_have_the_real_methods() {
    let _: fn() -> Notify = Notify::new;
    let _: fn() -> Notify = Notify::default;
    let _: fn(&Notify) -> Notified<'_> = Notify::notified;
    let _: fn(Arc<Notify>) -> OwnedNotified = Notify::notified_owned;
    let _: fn(&Notify) = Notify::notify_one;
    let _: fn(&Notify) = Notify::notify_last;
    let _: fn(&Notify) = Notify::notify_waiters;
    let _: fn(Pin<&mut futures::Notified<'static>>) -> bool = Notified::enable;
    let _: fn(Pin<&mut futures::OwnedNotified>) -> bool = OwnedNotified::enable;
    let _: fn(usize) -> Barrier = Barrier::new;
    let _: fn(&BarrierWaitResult) -> bool = BarrierWaitResult::is_leader;
}

#[test]
fn cells_have_the_real_methods() {
    let _: fn() -> OnceCell<u8> = OnceCell::new;
    let _: fn() -> OnceCell<u8> = OnceCell::default;
    let _: fn(u8) -> OnceCell<u8> = OnceCell::from;
    let _: fn(Option<u8>) -> OnceCell<u8> = OnceCell::new_with;
    let _: fn(&OnceCell<u8>) -> bool = OnceCell::initialized;
    let _: fn(&OnceCell<u8>) -> Option<&u8> = OnceCell::get;
    let _: fn(&mut OnceCell<u8>) -> Option<&mut u8> = OnceCell::get_mut;
    let _: fn(&OnceCell<u8>, u8) -> Result<(), SetError<u8>> = OnceCell::set;
    let _: fn(OnceCell<u8>) -> Option<u8> = OnceCell::into_inner;
    let _: fn(&mut OnceCell<u8>) -> Option<u8> = OnceCell::take;
    let _: fn(&SetError<u8>) -> bool = SetError::is_already_init_err;
    let _: fn(&SetError<u8>) -> bool = SetError::is_initializing_err;
    let _: fn(u8) -> SetError<u8> = SetError::AlreadyInitializedError;
    let _: fn() -> SetOnce<u8> = SetOnce::new;
    let _: fn() -> SetOnce<u8> = SetOnce::default;
    let _: fn(u8) -> SetOnce<u8> = SetOnce::from;
    let _: fn(Option<u8>) -> SetOnce<u8> = SetOnce::new_with;
    let _: fn(&SetOnce<u8>) -> bool = SetOnce::initialized;
    let _: fn(&SetOnce<u8>) -> Option<&u8> = SetOnce::get;
    let _: fn(&SetOnce<u8>, u8) -> Result<(), SetOnceError<u8>> = SetOnce::set;
    let _: fn(SetOnce<u8>) -> Option<u8> = SetOnce::into_inner;
    let _: fn(u8) -> SetOnceError<u8> = SetOnceError;
}

// ---- what is awaited ----

fn gives<T>(future: impl Future<Output = T>) -> impl Future<Output = T> {
    future
}

/// With values of any type and any lifetime.
#[expect(dead_code, reason = "it is compiled")]
fn futures_have_the_real_results<'a, T: ?Sized, U>(
    (mutex, lock): (&'a Mutex<T>, &'a RwLock<T>),
    (owned_mutex, owned_lock): (Arc<Mutex<T>>, Arc<RwLock<T>>),
    (semaphore, owned_semaphore): (&'a Semaphore, Arc<Semaphore>),
    (cell, set, barrier): (&'a OnceCell<U>, &'a SetOnce<U>, &'a Barrier),
    make: fn() -> U,
) {
    drop(gives::<MutexGuard<'a, T>>(mutex.lock()));
    drop(gives::<OwnedMutexGuard<T>>(owned_mutex.lock_owned()));
    drop(gives::<RwLockReadGuard<'a, T>>(lock.read()));
    drop(gives::<RwLockWriteGuard<'a, T>>(lock.write()));
    drop(gives::<OwnedRwLockReadGuard<T>>(owned_lock.clone().read_owned()));
    drop(gives::<OwnedRwLockWriteGuard<T>>(owned_lock.write_owned()));
    drop(gives::<Result<SemaphorePermit<'a>, AcquireError>>(semaphore.acquire()));
    drop(gives::<Result<SemaphorePermit<'a>, AcquireError>>(semaphore.acquire_many(2)));
    drop(gives::<Result<OwnedSemaphorePermit, AcquireError>>(owned_semaphore.clone().acquire_owned()));
    drop(gives::<Result<OwnedSemaphorePermit, AcquireError>>(owned_semaphore.acquire_many_owned(2)));
    drop(gives::<BarrierWaitResult>(barrier.wait()));
    drop(gives::<&'a U>(cell.get_or_init(async || make())));
    drop(gives::<Result<&'a U, u8>>(cell.get_or_try_init(async || Ok::<U, u8>(make()))));
    drop(gives::<&'a U>(set.wait()));
}

/// A guard can stand where one of something that lives less long is asked for.
#[expect(dead_code, reason = "it is compiled")]
fn guards_are_covariant_where_the_real_ones_are<'a>(
    read: RwLockReadGuard<'static, &'static str>,
    owned: OwnedRwLockReadGuard<u8, &'static str>,
    permit: SemaphorePermit<'static>,
    notified: Notified<'static>,
) -> (RwLockReadGuard<'a, &'a str>, OwnedRwLockReadGuard<u8, &'a str>, SemaphorePermit<'a>, Notified<'a>) {
    (read, owned, permit, notified)
}

/// Values that borrow can be guarded by those who own the lock.
#[test]
fn what_is_locked_may_borrow() {
    let text = String::from("text");
    let mutex = Arc::new(Mutex::new(&*text));
    let guard: OwnedMutexGuard<&str> = at_once(mutex.clone().lock_owned());
    assert_eq!(*OwnedMutexGuard::map(guard, |text| text), "text");
    let lock = Arc::new(RwLock::new(&*text));
    assert_eq!(*at_once(lock.write_owned()).downgrade(), "text");
}

#[test]
fn what_is_not_watched_is_there_too() {
    let (sender, receiver) = oneshot::channel::<u8>();
    assert_eq!(sender.send(1), Ok(()));
    assert_eq!(at_once(receiver), Ok(1));
    let (sender, mut receiver) = mpsc::channel::<u8>(1);
    assert!(at_once(sender.send(1)).is_ok() && at_once(receiver.recv()) == Some(1));
    let (sender, receiver) = watch::channel(1_u8);
    assert!(sender.send(2).is_ok() && *receiver.borrow() == 2);
    let (sender, mut receiver) = broadcast::channel::<u8>(1);
    assert!(sender.send(1).is_ok() && at_once(receiver.recv()) == Ok(1));
}
