//! Levels switched while the program runs; signals that interrupt it.

use crate::program::{program, survived};
use gordian::{
    Level,
    sync::{Arc, Barrier, Condvar, Mutex, RwLock},
    thread,
};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Everything at once, with a result that can be checked.
fn work(rounds: u64) {
    let pair = Arc::new((Mutex::new(0u64), Condvar::new()));
    let table = Arc::new(RwLock::new(0u64));
    let meet = Arc::new(Barrier::new(4));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..rounds {
                    let table_guard = table.read().expect("not poisoned");
                    let mut count = pair.0.lock().expect("not poisoned");
                    *count += 1;
                    drop(table_guard);
                    pair.1.notify_all();
                    drop(count);
                    *table.write().expect("not poisoned") += 1;
                    let _ = pair.0.try_lock();
                }
                meet.wait();
            });
        }
        let all = rounds * 4;
        drop(pair.1.wait_while(pair.0.lock().expect("not poisoned"), |count| *count < all));
    });
    assert_eq!(*table.read().expect("not poisoned"), rounds * 4);
}

#[test]
fn levels_are_switched_under_load() {
    let path = std::env::temp_dir().join(format!("gordian-hard-levels-{}.json", std::process::id()));
    let text = path.to_str().expect("text");
    let settings = [("GORDIAN_TRACE", text), ("GORDIAN_LEVEL", "watch"), ("GORDIAN_STACKS", "all")];
    let Some(ended) = program("levels::levels_are_switched_under_load", &settings, || {
        let held = Mutex::new(());
        let over = Arc::new(AtomicBool::new(false));
        let seen = over.clone();
        let switcher = thread::spawn(move || {
            while !seen.load(Relaxed) {
                for level in [Level::Off, Level::Watch, Level::Trace, Level::Off, Level::Trace, Level::Watch] {
                    let across = Mutex::new(());
                    let _across = across.lock();
                    gordian::set_level(level);
                    thread::yield_now();
                }
            }
        });
        let guard = held.lock();
        (0..10).for_each(|_| work(300));
        drop(guard);
        over.store(true, Relaxed);
        switcher.join().expect("no panic");
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
    let _ = std::fs::remove_file(&path);
}

#[test]
fn every_acquisition_has_its_stack() {
    let settings = [("GORDIAN_STACKS", "all")];
    let Some(ended) = program("levels::every_acquisition_has_its_stack", &settings, || {
        work(1000);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

#[test]
#[allow(unsafe_code)]
fn signals_interrupt() {
    extern "C" fn nothing(_: i32) {}
    let Some(ended) = program("levels::signals_interrupt", &[], || {
        let every = libc::timeval { tv_sec: 0, tv_usec: 100 };
        let timer = libc::itimerval { it_interval: every, it_value: every };
        // SAFETY: the handler does nothing; the structures are whole.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = nothing as extern "C" fn(i32) as usize;
            assert_eq!(libc::sigaction(libc::SIGALRM, &action, std::ptr::null_mut()), 0);
            assert_eq!(libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut()), 0);
        }
        work(3000);
        let never = libc::timeval { tv_sec: 0, tv_usec: 0 };
        let stop = libc::itimerval { it_interval: never, it_value: never };
        // SAFETY: as above.
        unsafe { assert_eq!(libc::setitimer(libc::ITIMER_REAL, &stop, std::ptr::null_mut()), 0) };
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}
