//! What is made before the program runs: statics, constants and constant functions.

use super::sync::{
    self, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock, Weak,
    atomic::{AtomicBool, AtomicI8, AtomicI64, AtomicPtr, AtomicU32, AtomicUsize, Ordering::SeqCst},
};
use std::{cell::Cell, ptr};

static MUTEX: Mutex<u8> = Mutex::new(1);
static MUTEXES: [Mutex<Vec<u8>>; 2] = [const { Mutex::new(Vec::new()) }; 2];
static RWLOCK: RwLock<u8> = RwLock::new(1);
static CONDVAR: Condvar = Condvar::new();
static BARRIER: Barrier = Barrier::new(1);
static ONCE: Once = Once::new();
static ONCE_LOCK: OnceLock<String> = OnceLock::new();
static LAZY_LOCK: LazyLock<String> = LazyLock::new(|| String::from("lazy"));
static OF_A_STRUCT: Both = Both { mutex: Mutex::new(0), condvar: Condvar::new() };
static WITHIN: Mutex<RwLock<OnceLock<Cell<u8>>>> = Mutex::new(RwLock::new(OnceLock::new()));
static SLICE: &RwLock<[u8]> = &ARRAY;
static ARRAY: RwLock<[u8; 3]> = RwLock::new([1, 2, 3]);
static DYNAMIC: &Mutex<dyn Iterator<Item = u8> + Send> = &RANGE;
static RANGE: Mutex<std::ops::Range<u8>> = Mutex::new(5..6);

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
    WITHIN.lock().unwrap().read().unwrap().get_or_init(|| Cell::new(1)).set(2);
    assert_eq!(DYNAMIC.lock().unwrap().next(), Some(5));
    SLICE.write().unwrap()[0] = 4;
    assert_eq!(SLICE.read().unwrap()[..], [4, 2, 3]);
}

trait OnceLockExt {
    fn len(&self) -> usize;
}

impl OnceLockExt for OnceLock<String> {
    fn len(&self) -> usize {
        self.get().map_or(0, String::len)
    }
}

static BOOL: AtomicBool = AtomicBool::new(true);
static I8: AtomicI8 = AtomicI8::new(-1);
static I64: AtomicI64 = AtomicI64::new(i64::MIN);
static U32S: [AtomicU32; 3] = [const { AtomicU32::new(7) }; 3];
static USIZE: AtomicUsize = AtomicUsize::new(usize::MAX);
static POINTER: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
static ADDRESS: Address = Address(BOOL.as_ptr());
const INSIDE: (bool, i8, u32) =
    (AtomicBool::new(true).into_inner(), AtomicI8::new(-1).into_inner(), AtomicU32::new(2).into_inner());
static WEAK: Weak<u8> = Weak::new();

struct Address(*mut bool);

#[expect(unsafe_code, reason = "a pointer to a static")]
// SAFETY: nobody follows the pointer.
unsafe impl Sync for Address {}

#[test]
fn atomics_are_const() {
    assert!(BOOL.load(SeqCst) && POINTER.load(SeqCst).is_null() && WEAK.upgrade().is_none());
    assert_eq!((I8.load(SeqCst), I64.load(SeqCst), USIZE.load(SeqCst)), (-1, i64::MIN, usize::MAX));
    assert_eq!((U32S[1].fetch_add(1, SeqCst), U32S[1].load(SeqCst), U32S[2].load(SeqCst)), (7, 8, 7));
    assert_eq!(INSIDE, (true, -1, 2));
    assert_eq!(ADDRESS.0, BOOL.as_ptr());
}

#[test]
#[expect(deprecated, reason = "std still has them")]
fn atomic_constants_are_new_atomics() {
    static TRUTH: AtomicBool = sync::atomic::ATOMIC_BOOL_INIT;
    static NUMBERS: (AtomicUsize, sync::atomic::AtomicIsize) =
        (sync::atomic::ATOMIC_USIZE_INIT, sync::atomic::ATOMIC_ISIZE_INIT);
    assert!(!TRUTH.swap(true, SeqCst) && TRUTH.load(SeqCst));
    assert_eq!((NUMBERS.0.fetch_add(2, SeqCst), NUMBERS.1.fetch_sub(2, SeqCst)), (0, 0));
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

/// A constant is made anew at each use.
#[test]
#[expect(clippy::declare_interior_mutable_const, clippy::borrow_interior_mutable_const, reason = "as programs have it")]
fn a_constant_is_no_static() {
    const EMPTY: Mutex<Vec<u8>> = Mutex::new(Vec::new());
    const LAZY: LazyLock<u8> = LazyLock::new(|| 5);
    const BOUNDS: [RwLock<u8>; 2] = [const { RwLock::new(0) }; 2];
    let one = EMPTY;
    one.lock().unwrap().push(1);
    let mut shelf: [Mutex<Vec<u8>>; 3] = [EMPTY; 3];
    shelf[0].get_mut().unwrap().push(1);
    assert_eq!(shelf.map(|mutex| mutex.into_inner().unwrap().len()), [1, 0, 0]);
    assert_eq!((*LAZY, *BOUNDS[1].read().unwrap()), (5, 0));
}
