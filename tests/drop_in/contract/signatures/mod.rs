//! Where a signature differs from std's this does not compile.

#![expect(clippy::type_complexity, reason = "signatures are what this is about")]

use super::{sync, thread};
use std::{fmt, io, num::NonZero, time::Duration};
use sync::{
    Arc, Barrier, BarrierWaitResult, Condvar, LazyLock, LockResult, Mutex, MutexGuard, Once, OnceLock, OnceState,
    PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError, TryLockResult, WaitTimeoutResult, Weak,
    atomic, mpsc,
};
use thread::{AccessError, Builder, JoinHandle, LocalKey, Scope, ScopedJoinHandle, Thread, ThreadId};

static MUTEX: Mutex<u8> = Mutex::new(1);
static MUTEXES: [Mutex<Vec<u8>>; 2] = [const { Mutex::new(Vec::new()) }; 2];
static RWLOCK: RwLock<u8> = RwLock::new(1);
static CONDVAR: Condvar = Condvar::new();
static BARRIER: Barrier = Barrier::new(1);
static ONCE: Once = Once::new();
static ONCE_LOCK: OnceLock<String> = OnceLock::new();
static LAZY_LOCK: LazyLock<String> = LazyLock::new(|| String::from("lazy"));
static OF_A_STRUCT: Both = Both { mutex: Mutex::new(0), condvar: Condvar::new() };

struct Both {
    mutex: Mutex<u8>,
    condvar: Condvar,
}

#[test]
fn all_are_const() {
    *MUTEX.lock().unwrap() += 1;
    MUTEXES[1].lock().unwrap().push(1);
    *RWLOCK.write().unwrap() += 1;
    CONDVAR.notify_one();
    assert!(BARRIER.wait().is_leader());
    ONCE.call_once(|| ());
    ONCE_LOCK.get_or_init(|| String::from("once"));
    assert_eq!((ONCE_LOCK.len(), LAZY_LOCK.len()), (4, 4));
    let condition = |value: &mut u8| *value != 0;
    drop(OF_A_STRUCT.condvar.wait_while(OF_A_STRUCT.mutex.lock().unwrap(), condition).unwrap());
}

trait OnceLockExt {
    fn len(&self) -> usize;
}

impl OnceLockExt for OnceLock<String> {
    fn len(&self) -> usize {
        self.get().map_or(0, String::len)
    }
}

/// A type without a size.
type Dyn = dyn fmt::Debug;
type Timed<G> = LockResult<(G, WaitTimeoutResult)>;

#[test]
fn locks_have_stds_methods() {
    let _: fn(&Mutex<Dyn>) -> LockResult<MutexGuard<'_, Dyn>> = Mutex::lock;
    let _: fn(&Mutex<Dyn>) -> TryLockResult<MutexGuard<'_, Dyn>> = Mutex::try_lock;
    let _: fn(&Mutex<Dyn>) -> bool = Mutex::is_poisoned;
    let _: fn(&Mutex<Dyn>) = Mutex::clear_poison;
    let _: fn(&mut Mutex<Dyn>) -> LockResult<&mut Dyn> = Mutex::get_mut;
    let _: fn(Mutex<u8>) -> LockResult<u8> = Mutex::into_inner;
    let _: fn(&RwLock<Dyn>) -> LockResult<RwLockReadGuard<'_, Dyn>> = RwLock::read;
    let _: fn(&RwLock<Dyn>) -> LockResult<RwLockWriteGuard<'_, Dyn>> = RwLock::write;
    let _: fn(&RwLock<Dyn>) -> TryLockResult<RwLockReadGuard<'_, Dyn>> = RwLock::try_read;
    let _: fn(&RwLock<Dyn>) -> TryLockResult<RwLockWriteGuard<'_, Dyn>> = RwLock::try_write;
    let _: fn(&RwLock<Dyn>) -> bool = RwLock::is_poisoned;
    let _: fn(&RwLock<Dyn>) = RwLock::clear_poison;
    let _: fn(&mut RwLock<Dyn>) -> LockResult<&mut Dyn> = RwLock::get_mut;
    let _: fn(RwLock<u8>) -> LockResult<u8> = RwLock::into_inner;
    let _: fn(RwLockWriteGuard<'static, Dyn>) -> RwLockReadGuard<'static, Dyn> = RwLockWriteGuard::downgrade;
}

#[test]
fn waits_have_stds_methods() {
    let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>) -> LockResult<MutexGuard<'a, u8>> = Condvar::wait;
    let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>, fn(&mut u8) -> bool) -> LockResult<MutexGuard<'a, u8>> =
        Condvar::wait_while;
    let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>, Duration) -> Timed<MutexGuard<'a, u8>> = Condvar::wait_timeout;
    let _: for<'a> fn(&Condvar, MutexGuard<'a, u8>, Duration, fn(&mut u8) -> bool) -> Timed<MutexGuard<'a, u8>> =
        Condvar::wait_timeout_while;
    let _: [fn(&Condvar); 2] = [Condvar::notify_one, Condvar::notify_all];
    let _: fn(&Barrier) -> BarrierWaitResult = Barrier::wait;
    let _: [fn(&Once); 2] = [Once::wait, Once::wait_force];
    let _: fn(&Once, fn()) = Once::call_once;
    let _: fn(&Once, fn(&OnceState)) = Once::call_once_force;
    let _: fn(&Once) -> bool = Once::is_completed;
    let _: fn(&OnceLock<u8>) -> Option<&u8> = OnceLock::get;
    let _: fn(&mut OnceLock<u8>) -> Option<&mut u8> = OnceLock::get_mut;
    let _: fn(&OnceLock<u8>) -> &u8 = OnceLock::wait;
    let _: fn(&OnceLock<u8>, u8) -> Result<(), u8> = OnceLock::set;
    let _: fn(&OnceLock<u8>, fn() -> u8) -> &u8 = OnceLock::get_or_init;
    let _: fn(OnceLock<u8>) -> Option<u8> = OnceLock::into_inner;
    let _: fn(&mut OnceLock<u8>) -> Option<u8> = OnceLock::take;
    let _: fn(fn() -> u8) -> LazyLock<u8> = LazyLock::new;
    let _: fn(&LazyLock<u8>) -> &u8 = LazyLock::force;
    let _: fn(&mut LazyLock<u8>) -> &mut u8 = LazyLock::force_mut;
    let _: fn(&LazyLock<u8>) -> Option<&u8> = LazyLock::get;
    let _: fn(&mut LazyLock<u8>) -> Option<&mut u8> = LazyLock::get_mut;
}

#[test]
fn threads_have_stds_functions() {
    let _: fn(fn() -> u8) -> JoinHandle<u8> = thread::spawn;
    let _: fn() -> Builder = Builder::new;
    let _: fn(Builder, String) -> Builder = Builder::name;
    let _: fn(Builder, usize) -> Builder = Builder::stack_size;
    let _: fn(Builder, fn() -> u8) -> io::Result<JoinHandle<u8>> = Builder::spawn;
    let _: unsafe fn(Builder, fn() -> u8) -> io::Result<JoinHandle<u8>> = Builder::spawn_unchecked;
    let _: fn(&JoinHandle<u8>) -> &Thread = JoinHandle::thread;
    let _: fn(JoinHandle<u8>) -> thread::Result<u8> = JoinHandle::join;
    let _: fn(&JoinHandle<u8>) -> bool = JoinHandle::is_finished;
    let _: fn(ScopedJoinHandle<'static, u8>) -> thread::Result<u8> = ScopedJoinHandle::join;
    let _: fn() -> Thread = thread::current;
    let _: fn(&Thread) -> ThreadId = Thread::id;
    let _: [fn(); 2] = [thread::park, thread::yield_now];
    let _: [fn(Duration); 2] = [thread::park_timeout, thread::sleep];
    let _: fn() -> bool = thread::panicking;
    let _: fn() -> io::Result<NonZero<usize>> = thread::available_parallelism;
    let _: fn(&'static LocalKey<u8>, fn(&u8)) -> Result<(), AccessError> = LocalKey::try_with;
    fn spawns<'scope>(scope: &'scope Scope<'scope, '_>) -> ScopedJoinHandle<'scope, u8> {
        scope.spawn(|| 1)
    }
    assert_eq!(thread::scope(|scope| spawns(scope).join().unwrap()), 1);
}

#[test]
fn the_rest_is_there() {
    let shared = Arc::new(atomic::AtomicU8::new(1));
    let weak: Weak<_> = Arc::downgrade(&shared);
    assert_eq!(weak.upgrade().unwrap().load(atomic::Ordering::SeqCst), 1);
    let (sender, receiver) = mpsc::channel();
    sender.send(1).unwrap();
    assert_eq!(receiver.recv(), Ok(1));
    let error: TryLockError<u8> = PoisonError::new(1).into();
    assert_eq!(error.to_string(), "poisoned lock: another task failed inside");
}

/// Compiles only where dropping a primitive does not count as a use of its value.
#[test]
fn a_value_may_refer_to_what_is_dropped_first() {
    let (mutex, lock, cell);
    let text = String::from("dropped first");
    mutex = Mutex::new(&text);
    lock = RwLock::new(&text);
    cell = OnceLock::from(&text);
    assert_eq!(*mutex.lock().unwrap(), *lock.read().unwrap());
    assert_eq!(cell.get(), Some(&&text));
}

struct Whole {
    lock: sync::Mutex<u8>,
    table: sync::RwLock<u8>,
    bell: sync::Condvar,
}

struct Part(sync::Mutex<u8>, sync::RwLock<u8>, sync::Condvar);

const fn whole() -> Whole {
    Whole { lock: sync::Mutex::new(1), table: sync::RwLock::new(2), bell: sync::Condvar::new() }
}

/// What has no destructor can be moved out of a larger value in a constant, and the rest of that forgotten.
const fn part() -> Part {
    let Whole { lock, bell, .. } = Whole { table: sync::RwLock::new(3), ..whole() };
    let whole = whole();
    Part(lock, whole.table, bell)
}

#[test]
fn a_constant_function_takes_locks_out_of_a_value() {
    static PART: Part = part();
    assert_eq!((*PART.0.lock().unwrap(), *PART.1.read().unwrap()), (1, 2));
    PART.2.notify_all();
}
