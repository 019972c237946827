//! Threads that are looked at while they do this and that.

use super::{at, signals};
use crate::record::on::own_os_id;
use std::{
    hint::{black_box, spin_loop},
    io::Read,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::Duration,
};

fn names(frames: &[u64]) -> Vec<String> {
    let mut names = Vec::new();
    for &frame in frames {
        backtrace::resolve(frame as usize as *mut std::ffi::c_void, |symbol| {
            names.extend(symbol.name().map(|name| format!("{name:#}")));
        });
    }
    names
}

/// Looks at a thread that does `work` until it is told that it may end, until its stack has this function.
fn is_seen(function: &str, work: impl FnOnce(&AtomicBool) + Send, end: impl FnOnce()) {
    let ends = AtomicBool::new(false);
    let (begins, begun) = mpsc::channel();
    thread::scope(|scope| {
        let ends = &ends;
        scope.spawn(move || {
            begins.send(own_os_id()).unwrap();
            work(ends);
        });
        let os_id = begun.recv().unwrap();
        let mut last = Vec::new();
        let seen = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(5));
            let peek = at(os_id);
            last = names(&peek.frames);
            last.extend(peek.remark.map(str::to_owned));
            peek.remark.is_none() && last.iter().any(|name| is_called(name, function))
        });
        ends.store(true, Relaxed);
        end();
        assert!(seen, "{last:#?}");
    });
}

/// Where debug information is line tables only, a function has its own name alone, and what it was made for.
fn is_called(name: &str, function: &str) -> bool {
    name.split('<').next().and_then(|path| path.rsplit("::").next()) == Some(function)
}

#[inline(never)]
fn crunch(ends: &AtomicBool) {
    while !black_box(ends).load(Relaxed) {
        spin_loop();
    }
}

#[inline(never)]
fn doze(ends: &AtomicBool) {
    while !black_box(ends).load(Relaxed) {
        thread::sleep(Duration::from_millis(300));
    }
}

#[inline(never)]
fn read_one(mut from: impl Read) {
    black_box(from.read(&mut [0]).unwrap());
}

#[test]
fn a_thread_that_runs_is_seen() {
    is_seen("crunch", crunch, || {});
    // Our handler wakes nobody: standstills are as certain as before.
    assert_ne!(signals(), 0);
    assert_eq!(crate::monitor::os::handlers(), crate::model::Handlers::None);
}

#[test]
fn a_thread_that_sleeps_is_seen() {
    is_seen("doze", doze, || {});
}

#[test]
fn a_thread_that_reads_is_seen() {
    let (reader, writer) = std::io::pipe().unwrap();
    is_seen("read_one", move |_| read_one(reader), move || drop(writer));
}

#[test]
fn a_thread_that_is_not_there_is_none() {
    let gone = thread::spawn(own_os_id).join().unwrap();
    assert!(at(gone).frames.is_empty() && at(gone).remark.is_some());
}

/// Garbage is unwound, too, when a thread ends or returns meanwhile: nothing comes of it.
#[test]
fn looking_harms_nobody() {
    #[inline(never)]
    fn descend(depth: u32) -> u32 {
        if depth == 0 { black_box(1) } else { black_box(descend(depth - 1)) + 1 }
    }
    let ends = AtomicBool::new(false);
    thread::scope(|scope| {
        let (shows, shown) = mpsc::sync_channel(0);
        let ends = &ends;
        for kind in 0..3 {
            let shows = shows.clone();
            scope.spawn(move || {
                while !ends.load(Relaxed) {
                    let shows = shows.clone();
                    let work = move || {
                        _ = shows.try_send(own_os_id());
                        for round in 0..200 {
                            match kind {
                                0 => assert_eq!(descend(round), round + 1),
                                1 => thread::yield_now(),
                                _ => drop(black_box(vec![format!("{round}")])),
                            }
                        }
                    };
                    thread::spawn(work).join().unwrap();
                }
            });
        }
        drop(shows);
        let mut seen = 0;
        for _ in 0..2000 {
            if let Ok(os_id) = shown.recv() {
                seen += usize::from(at(os_id).frames.len() > 1);
            }
        }
        ends.store(true, Relaxed);
        drop(shown);
        assert!(seen > 0);
    });
}
