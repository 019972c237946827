//! The program's signals are the program's.

use crate::{
    common::WATCHING,
    program::{program, survived},
};
use gordian::{sync::Mutex, thread};
use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

static LOCK: Mutex<u64> = Mutex::new(0);
static RAN: AtomicU32 = AtomicU32::new(0);

#[allow(unsafe_code)]
fn set_of(signal: i32) -> libc::sigset_t {
    // SAFETY: a set of signals is plain numbers, of which zero is a value.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, signal);
        set
    }
}

/// The calling thread does not take this signal any more.
#[allow(unsafe_code)]
fn block(signal: i32) {
    // SAFETY: the set lives as long as the call.
    assert_eq!(unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &set_of(signal), std::ptr::null_mut()) }, 0);
}

/// Whatever the test harness has started takes signals: what is done here is done in a process without it.
#[allow(unsafe_code)]
fn alone(body: impl FnOnce() -> bool) {
    // SAFETY: nothing of gordian's runs here yet, and what the body uses works in the only thread of a process.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let code = if body() { 42 } else { 43 };
        // SAFETY: has no preconditions.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: our own child; the status is written.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!((libc::WIFEXITED(status), libc::WEXITSTATUS(status)), (true, 42), "{status}");
}

/// Once all of the program's threads block a signal, it stays until one of them asks for it.
#[test]
#[allow(unsafe_code)]
fn a_blocked_signal_waits_for_the_program() {
    let Some(ended) = program("signals::a_blocked_signal_waits_for_the_program", &[], || {
        alone(|| {
            *LOCK.lock().expect("not poisoned") += 1;
            block(libc::SIGTERM);
            // SAFETY: a signal to ourselves.
            assert_eq!(unsafe { libc::kill(libc::getpid(), libc::SIGTERM) }, 0);
            let taken = thread::spawn(|| {
                let mut taken = 0;
                // SAFETY: both live as long as the call.
                assert_eq!(unsafe { libc::sigwait(&set_of(libc::SIGTERM), &mut taken) }, 0);
                taken
            });
            taken.join().expect("no panic") == libc::SIGTERM
        });
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

/// Names of our threads, and what each blocks.
fn own_threads() -> Vec<(String, u64)> {
    let tasks = fs::read_dir("/proc/self/task").expect("proc");
    let statuses = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("status")).ok());
    let field = |status: &str, name| Some(status.lines().find_map(|line| line.strip_prefix(name))?.trim().to_owned());
    let own = statuses.filter_map(|status| {
        let name = field(&status, "Name:").filter(|name| name.starts_with("gordian-"))?;
        Some((name, u64::from_str_radix(&field(&status, "SigBlk:")?, 16).expect("a number")))
    });
    own.collect()
}

#[test]
fn own_threads_take_faults_only() {
    let Some(ended) = program("signals::own_threads_take_faults_only", &[("GORDIAN_LEVEL", "loud")], || {
        *LOCK.lock().expect("not poisoned") += 1;
        let mut own = own_threads();
        while WATCHING && own.len() < 3 {
            thread::yield_now();
            own = own_threads();
        }
        for (name, blocked) in own {
            let blocks = |signal: i32| blocked & (1 << (signal - 1)) != 0;
            for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGALRM, libc::SIGPROF, libc::SIGXFSZ, libc::SIGPIPE] {
                assert!(blocks(signal), "{name} takes {signal}");
            }
            for fault in [libc::SIGSEGV, libc::SIGBUS, libc::SIGABRT] {
                assert!(!blocks(fault), "{name} blocks {fault}");
            }
        }
        survived();
    }) else {
        return;
    };
    ended.survived();
    if WATCHING {
        ended.says("GORDIAN_LEVEL is");
    }
}

/// The program's own threads take what they took before, and so do those that they start.
#[test]
fn the_programs_threads_take_all_of_them() {
    let Some(ended) = program("signals::the_programs_threads_take_all_of_them", &[("GORDIAN_LEVEL", "loud")], || {
        *LOCK.lock().expect("not poisoned") += 1;
        let blocked = || {
            let status = fs::read_to_string("/proc/thread-self/status").expect("proc");
            status.lines().find_map(|line| line.strip_prefix("SigBlk:")).map(|line| line.trim().to_owned())
        };
        assert_eq!(blocked().as_deref(), Some("0000000000000000"));
        assert_eq!(thread::spawn(blocked).join().expect("no panic").as_deref(), Some("0000000000000000"));
        survived();
    }) else {
        return;
    };
    ended.survived();
}

extern "C" fn handler(_: i32) {
    if let Ok(mut lock) = LOCK.try_lock() {
        *lock += 1;
    }
    RAN.fetch_add(1, Relaxed);
}

/// The first thing that a new thread does may be to run a handler, before std has made it a thread of its own.
#[test]
#[allow(unsafe_code)]
fn a_handler_locks_while_threads_begin() {
    let Some(ended) = program("signals::a_handler_locks_while_threads_begin", &[], || {
        *LOCK.lock().expect("not poisoned") += 1;
        let often = libc::timeval { tv_sec: 0, tv_usec: 200 };
        let timer = libc::itimerval { it_interval: often, it_value: often };
        // SAFETY: the handler only tries a lock and counts; the timer lives as long as the call.
        unsafe {
            libc::signal(libc::SIGALRM, handler as *const () as usize);
            assert_eq!(libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut()), 0);
        }
        while RAN.load(Relaxed) < 200 {
            thread::spawn(|| drop(LOCK.try_lock())).join().expect("no panic");
            std::thread::spawn(|| drop(LOCK.try_lock())).join().expect("no panic");
        }
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
}

const NAME: &str = "a worker with a rather long name";

fn stuck_in(blocks: bool) {
    let stuck = std::thread::Builder::new().name(NAME.to_owned()).spawn(move || {
        if blocks {
            block(libc::SIGUSR1);
        }
        if !WATCHING {
            std::process::exit(7);
        }
        let _first = LOCK.lock();
        let _second = LOCK.lock();
    });
    drop(stuck.expect("a thread").join());
}

#[test]
fn a_thread_of_stds_has_its_name() {
    let test = "signals::a_thread_of_stds_has_its_name";
    let Some(ended) = program(test, &[("GORDIAN_REACTION", "exit:7")], || stuck_in(false)) else { return };
    ended.ended_with(7);
    if WATCHING {
        ended.says(NAME);
    }
}

/// It might be in a handler, so that only the system can be asked for its name.
#[test]
fn a_thread_that_blocks_signals_has_what_the_system_knows_of_its_name() {
    let test = "signals::a_thread_that_blocks_signals_has_what_the_system_knows_of_its_name";
    let Some(ended) = program(test, &[("GORDIAN_REACTION", "exit:7")], || stuck_in(true)) else { return };
    ended.ended_with(7);
    if WATCHING {
        ended.says(&NAME[..15]).says_not(NAME);
    }
}
