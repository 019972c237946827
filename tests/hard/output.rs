//! Standard error that nobody reads, or that is somewhere else by now.

use crate::{
    common::WATCHING,
    program::{program, survived},
};
use gordian::{sync::Mutex, thread};
use std::time::Duration;

static LOCK: Mutex<u32> = Mutex::new(0);

/// From here on standard error is a pipe that is full: whoever writes there waits for ever.
#[allow(unsafe_code)]
fn nobody_reads() {
    let mut ends = [0; 2];
    // SAFETY: descriptors of our own; as many bytes are written as there are.
    unsafe {
        assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
        assert_eq!(libc::fcntl(ends[1], libc::F_SETFL, libc::O_NONBLOCK), 0);
        let page = [0_u8; 4096];
        while libc::write(ends[1], page.as_ptr().cast(), page.len()) > 0 {}
        assert_eq!(libc::fcntl(ends[1], libc::F_SETFL, 0), 0);
        assert_eq!(libc::dup2(ends[1], 2), 2);
    }
}

/// The first watched operation has something to say.
#[test]
fn a_complaint_that_nobody_reads() {
    let settings = [("GORDIAN_LEVEL", "loud"), ("GORDIAN_TRACE", "/nonexistent/trace.json")];
    let Some(ended) = program("output::a_complaint_that_nobody_reads", &settings, || {
        nobody_reads();
        *LOCK.lock().expect("not poisoned") += 1;
        // While the first complaint is being written.
        let _session = gordian::builder().json("/nonexistent/reports.json").start();
        gordian::set_level(gordian::Level::Trace);
        thread::spawn(|| *LOCK.lock().expect("not poisoned") += 1).join().expect("no panic");
        assert_eq!(*LOCK.lock().expect("not poisoned"), 2);
        survived();
    }) else {
        return;
    };
    ended.survived();
}

/// The session guard has something to say as well, and the exit handler waits for both.
#[test]
fn a_warning_that_nobody_reads() {
    let Some(ended) = program("output::a_warning_that_nobody_reads", &[("GORDIAN_LONG_HOLD", "50ms")], || {
        nobody_reads();
        let session = gordian::watch();
        let guard = LOCK.lock().expect("not poisoned");
        std::thread::sleep(Duration::from_millis(500));
        drop(guard);
        let other = thread::spawn(|| std::thread::sleep(Duration::from_millis(1500)));
        drop(session);
        other.join().expect("no panic");
        survived();
    }) else {
        return;
    };
    ended.survived();
}

fn reacts(test: &str, reaction: &str) -> Option<crate::program::Ended> {
    program(test, &[("GORDIAN_REACTION", reaction)], || {
        nobody_reads();
        match (WATCHING, reaction) {
            (true, _) => {
                let _first = LOCK.lock();
                let _second = LOCK.lock();
            }
            (false, "abort") => std::process::abort(),
            (false, _) => std::process::exit(7),
        }
    })
}

#[test]
fn an_exit_whose_report_nobody_reads() {
    let Some(ended) = reacts("output::an_exit_whose_report_nobody_reads", "exit:7") else { return };
    ended.ended_with(7);
}

#[test]
fn an_abort_whose_report_nobody_reads() {
    let Some(ended) = reacts("output::an_abort_whose_report_nobody_reads", "abort") else { return };
    ended.died_of(libc::SIGABRT);
}

/// It stands behind a sentence that is being written for ever.
#[test]
fn a_panic_behind_a_complaint_that_nobody_reads() {
    let settings = [("GORDIAN_REACTION", "panic"), ("GORDIAN_LEVEL", "loud")];
    let Some(ended) = program("output::a_panic_behind_a_complaint_that_nobody_reads", &settings, || {
        nobody_reads();
        std::panic::set_hook(Box::new(|_| ()));
        let stuck = thread::spawn(|| {
            if !WATCHING {
                panic!("without gordian nobody would come back");
            }
            let _first = LOCK.lock();
            let _second = LOCK.lock();
        });
        assert!(stuck.join().is_err());
        survived();
    }) else {
        return;
    };
    ended.survived();
}

/// Who reads the other end has to learn that the program does not write there any more.
#[test]
fn standard_error_is_not_kept_open() {
    let Some(ended) = program("output::standard_error_is_not_kept_open", &[], || {
        *LOCK.lock().expect("not poisoned") += 1;
        redirect();
        survived();
    }) else {
        return;
    };
    ended.survived();
}

#[allow(unsafe_code)]
fn redirect() {
    let behind = |number: &str| std::fs::read_link(format!("/proc/self/fd/{number}")).ok();
    let before = behind("2").expect("open");
    // SAFETY: descriptors only.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        assert_eq!(libc::dup2(null, 2), 2);
    }
    let all = std::fs::read_dir("/proc/self/fd").expect("proc");
    let names = all.map(|entry| entry.expect("an entry").file_name().into_string().expect("a number"));
    let still: Vec<String> = names.filter(|name| behind(name).as_ref() == Some(&before)).collect();
    assert!(still.is_empty(), "{still:?}");
}
