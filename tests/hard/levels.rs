//! Levels switched while the program runs; signals that interrupt it.

use crate::{
    common::WATCHING,
    program::{left_trace, program, survived},
};
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

/// Whether this test, and the crate with it, was built with `RUSTFLAGS="-C force-frame-pointers=yes"` (`.ci/run`).
fn keeps_frame_pointers() -> bool {
    option_env!("RUSTFLAGS").is_some_and(|flags| flags.contains("force-frame-pointers=yes"))
}

#[inline(never)]
fn takes_the_first(lock: &Mutex<u32>) {
    let _first = asks_for_it(lock);
    let _second = lock.lock();
}

#[inline(never)]
fn asks_for_it(lock: &Mutex<u32>) -> gordian::sync::MutexGuard<'_, u32> {
    lock.lock().expect("not poisoned") // taken here
}

/// How deep the acquisition's stack goes is up to the build; that it was made here is known in every one.
#[test]
fn every_acquisition_has_its_stack() {
    let path = std::env::temp_dir().join(format!("gordian-hard-stacks-{}.jsonl", std::process::id()));
    let text = path.to_str().expect("text");
    let settings = [("GORDIAN_STACKS", "all"), ("GORDIAN_JSON", text), ("GORDIAN_REACTION", "exit:7")];
    let Some(ended) = program("levels::every_acquisition_has_its_stack", &settings, || {
        work(1000);
        if !WATCHING {
            std::process::exit(7);
        }
        takes_the_first(&Mutex::new(0));
    }) else {
        return;
    };
    ended.ended_with(7);
    if !WATCHING {
        return;
    }
    let report = std::fs::read_to_string(&path).expect("the report");
    std::fs::remove_file(&path).expect("removable");
    let report: serde_json::Value = serde_json::from_str(&report).expect("one report");
    let hold = &report["threads"][0]["holds"][0];
    let line = 1 + include_str!("levels.rs").lines().position(|line| line.ends_with("// taken here")).expect("marked");
    assert_eq!(hold["place"]["line"], line, "{hold}");
    let frames = hold["stack"].as_array().expect("a list");
    let functions: Vec<&str> = frames.iter().filter_map(|frame| frame["function"].as_str()).collect();
    let at = |name: &str| functions.iter().position(|function| function.ends_with(name));
    let (inner, outer) = (at("::asks_for_it"), at("::takes_the_first"));
    if keeps_frame_pointers() {
        assert!(inner.is_some() && inner < outer, "{functions:?}");
        ended.says("hard::levels::asks_for_it").says("hard::levels::takes_the_first");
    }
    // Short it may be, but never wrong: who has returned is no caller.
    assert!(at("::work").is_none() && (inner.is_none() || inner < outer.or(Some(usize::MAX))), "{functions:?}");
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

/// They are gone when the collector comes to write what they did.
#[test]
fn threads_that_end_at_once_have_their_names_in_the_trace() {
    let path = std::env::temp_dir().join(format!("gordian-hard-brief-{}.json", std::process::id()));
    let settings = [("GORDIAN_TRACE", path.to_str().expect("text"))];
    let Some(ended) = program("levels::threads_that_end_at_once_have_their_names_in_the_trace", &settings, || {
        let lock = Arc::new(Mutex::new(0));
        // Until the collector has come for the first time, nobody is remembered: the end of a session waits for it.
        drop(lock.lock());
        drop(gordian::watch());
        for number in 0..200 {
            let lock = lock.clone();
            let brief = thread::Builder::new().name(format!("brief {number}"));
            brief.spawn(move || *lock.lock().expect("not poisoned") += 1).expect("a thread").join().expect("no panic");
        }
        assert_eq!(*lock.lock().expect("not poisoned"), 200);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
    if WATCHING {
        let trace = left_trace(&path);
        let named = |event: &serde_json::Value| {
            let name = event["args"]["name"].as_str().unwrap_or_default();
            (event["name"] == "thread_name" && name.contains("brief ")).then(|| name.to_owned())
        };
        let names: std::collections::BTreeSet<String> =
            trace.as_array().expect("events").iter().filter_map(named).collect();
        assert_eq!(names.len(), 200, "{names:?}");
    }
}
