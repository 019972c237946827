//! A guard's last moments: its hold is forgotten before the lock opens, and nothing of the lock is touched afterwards.
#![allow(unsafe_code)]

use crate::program::{program, survived};
use gordian::sync::{Mutex, RwLock};
use std::{cell::RefCell, fs, mem::size_of, ptr, sync::mpsc, thread, time::Duration};

const ROUNDS: usize = 20;
/// A page at least, wherever this runs.
const PAGE: usize = 1 << 16;

/// Memory of its own for one lock.
struct Page<L: 'static>(&'static L);

impl<L> Page<L> {
    fn with(lock: L) -> Page<L> {
        assert!(size_of::<L>() <= PAGE);
        let rights = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: fresh memory, aligned to a page and large enough, that is written before it is lent.
        unsafe {
            let memory = libc::mmap(ptr::null_mut(), PAGE, rights, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0);
            assert_ne!(memory, libc::MAP_FAILED);
            memory.cast::<L>().write(lock);
            Page(&*memory.cast())
        }
    }

    fn contains(&self, address: usize) -> bool {
        (0..PAGE).contains(&address.wrapping_sub(ptr::from_ref(self.0).addr()))
    }

    /// Whoever touches it from now on is killed.
    fn take_away(&self) {
        let memory = ptr::from_ref(self.0).cast_mut().cast();
        // SAFETY: our own memory, of which nobody uses anything any more: that is what is tested.
        assert_eq!(unsafe { libc::mprotect(memory, PAGE, libc::PROT_NONE) }, 0);
    }
}

/// The calling thread, and whom it starts, share one processor from now on.
fn share_one_processor() {
    // SAFETY: a set of bits, of which zero is a value, and this thread's own affinity.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(usize::try_from(libc::sched_getcpu()).expect("a processor"), &mut set);
        assert_eq!(libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set), 0);
    }
}

/// The calling thread runs only while nobody else on its processor wants to: whom it wakes goes first.
fn yield_to_all() {
    let lowest = libc::sched_param { sched_priority: 0 };
    // SAFETY: the structure is whole.
    assert_eq!(unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &lowest) }, 0);
}

fn own_number() -> libc::pid_t {
    // SAFETY: it has no preconditions.
    unsafe { libc::gettid() }
}

/// The word on which this thread sleeps in the kernel.
fn sleeps_on(thread: libc::pid_t) -> Option<usize> {
    let call = fs::read_to_string(format!("/proc/self/task/{thread}/syscall")).expect("proc");
    let mut words = call.split_whitespace();
    let futex = words.next() == Some(&libc::SYS_futex.to_string());
    let word = words.next().filter(|_| futex)?;
    usize::from_str_radix(word.trim_start_matches("0x"), 16).ok()
}

/// Until this thread sleeps on such a word.
fn wait_for_sleeper(thread: libc::pid_t, on: impl Fn(usize) -> bool) -> usize {
    loop {
        match sleeps_on(thread) {
            Some(word) if on(word) => return word,
            _ => thread::yield_now(),
        }
    }
}

/// One thread holds the lock, and lets go of it while this one sleeps for it. This one then has the processor, takes
/// the lock and takes its memory away, before the other one comes out of its unlocking.
fn freed_at_once<L: Sync, G>(make: fn() -> L, hold: fn(&'static L) -> G, next: fn(&'static L)) {
    // The recorder's own threads are started before: they stay where they like.
    drop(Mutex::new(0).lock());
    share_one_processor();
    for _ in 0..ROUNDS {
        let page = Page::with(make());
        let waiter = own_number();
        let (held, wait) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                yield_to_all();
                let guard = hold(page.0);
                let elsewhere = wait_for_sleeper(waiter, |word| !page.contains(word));
                held.send(()).expect("the test waits");
                // On the lock, or on a word of its own, as parking_lot's.
                wait_for_sleeper(waiter, |word| word != elsewhere);
                drop(guard);
            });
            wait.recv().expect("held");
            next(page.0);
            page.take_away();
        });
    }
    survived();
}

#[test]
fn a_mutex_is_not_touched_once_it_is_open() {
    let Some(ended) = program("guards::a_mutex_is_not_touched_once_it_is_open", &[], || {
        freed_at_once(|| Mutex::new(0), |lock| lock.lock(), |lock| drop(lock.lock()));
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn a_lock_is_not_touched_once_its_writer_has_opened_it() {
    let Some(ended) = program("guards::a_lock_is_not_touched_once_its_writer_has_opened_it", &[], || {
        freed_at_once(|| RwLock::new(0), |lock| lock.write(), |lock| drop(lock.read()));
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
fn a_lock_is_not_touched_once_its_reader_has_opened_it() {
    let Some(ended) = program("guards::a_lock_is_not_touched_once_its_reader_has_opened_it", &[], || {
        freed_at_once(|| RwLock::new(0), |lock| lock.read(), |lock| drop(lock.write()));
    }) else {
        return;
    };
    ended.survived().silently();
}

#[cfg(feature = "parking_lot")]
#[test]
fn a_lock_of_parking_lot_is_not_touched_once_it_is_open() {
    use gordian::parking_lot::{FairMutex, Mutex, MutexGuard, RwLock};

    let Some(ended) = program("guards::a_lock_of_parking_lot_is_not_touched_once_it_is_open", &[], || {
        freed_at_once(|| Mutex::new(0), Mutex::lock, |lock| drop(lock.lock()));
        freed_at_once(
            || Mutex::new((0, 0)),
            |lock| MutexGuard::map(lock.lock(), |(_, two)| two),
            |lock| drop(lock.lock()),
        );
        freed_at_once(|| FairMutex::new(0), FairMutex::lock, |lock| drop(lock.lock()));
        freed_at_once(|| RwLock::new(0), RwLock::write, |lock| drop(lock.read()));
        freed_at_once(|| RwLock::new(0), RwLock::read, |lock| drop(lock.write()));
        freed_at_once(|| RwLock::new(0), RwLock::upgradable_read, |lock| drop(lock.write()));
        freed_at_once(|| RwLock::new(0), RwLock::upgradable_read, |lock| drop(lock.upgradable_read()));
    }) else {
        return;
    };
    ended.survived().silently();
}

/// It has been let go by its thread's last destructor, after the recorder had left that thread: who asks for the lock
/// later waits for its present holder, and not for a guard that was leaked.
#[test]
fn a_guard_that_is_dropped_last_is_not_leaked() {
    type Guard = gordian::sync::MutexGuard<'static, u32>;
    static LOCK: Mutex<u32> = Mutex::new(0);
    thread_local! {
        static GUARD: RefCell<Option<Guard>> = const { RefCell::new(None) };
    }
    let Some(ended) = program("guards::a_guard_that_is_dropped_last_is_not_leaked", &[], || {
        let keeper = thread::spawn(|| {
            // Before the recorder's own: thread-locals are destroyed in the opposite order.
            GUARD.with(|_| ());
            let guard = LOCK.lock().expect("not poisoned");
            GUARD.with(|kept| *kept.borrow_mut() = Some(guard));
        });
        keeper.join().expect("no panic");
        let guard = LOCK.lock().expect("not poisoned");
        let waiter = thread::spawn(|| *LOCK.lock().expect("not poisoned") += 1);
        // A leak would be told long before: the waiter asks by itself.
        thread::sleep(Duration::from_secs(1));
        drop(guard);
        waiter.join().expect("no panic");
        assert_eq!(*LOCK.lock().expect("not poisoned"), 1);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}
