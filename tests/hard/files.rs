//! Files that cannot be written.

use crate::{
    common::WATCHING,
    program::{Ended, program, program_with, survived},
};
use gordian::{
    sync::{Arc, Mutex},
    thread,
};

/// What is the same, whatever becomes of the trace.
fn work() {
    let lock = Arc::new(Mutex::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..2000).for_each(|_| *lock.lock().expect("not poisoned") += 1));
        }
    });
    assert_eq!(*lock.lock().expect("not poisoned"), 8000);
    survived();
}

/// The program goes on, and one sentence names the file.
fn one_sentence(ended: &Ended, path: &str) {
    ended.survived();
    let sentences = ended.err.lines().filter(|line| line.contains("gordian")).count();
    assert_eq!(sentences, usize::from(WATCHING), "{}", ended.err);
    if WATCHING {
        ended.says("cannot write").says(path).says("goes on");
    }
}

#[test]
fn a_full_disk() {
    let Some(ended) = program("files::a_full_disk", &[("GORDIAN_TRACE", "/dev/full")], work) else { return };
    one_sentence(&ended, "/dev/full");
}

#[test]
fn a_full_disk_that_is_compressed_to() {
    let path = std::env::temp_dir().join(format!("gordian-hard-full-{}.json.gz", std::process::id()));
    let made = std::os::unix::fs::symlink("/dev/full", &path);
    let text = path.to_str().expect("text");
    let ended = program("files::a_full_disk_that_is_compressed_to", &[("GORDIAN_TRACE", text)], work);
    let Some(ended) = ended else { return };
    made.expect("a link");
    std::fs::remove_file(&path).expect("removable");
    one_sentence(&ended, text);
}

#[test]
fn no_such_directory() {
    let path = "/nonexistent/trace.json";
    let Some(ended) = program("files::no_such_directory", &[("GORDIAN_TRACE", path)], work) else { return };
    one_sentence(&ended, path);
}

/// It would wait for a reader.
#[test]
fn a_pipe_without_a_reader() {
    let path = std::env::temp_dir().join(format!("gordian-hard-pipe-{}", std::process::id()));
    let text = path.to_str().expect("text");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    let Some(ended) = program("files::a_pipe_without_a_reader", &[("GORDIAN_TRACE", text)], work) else { return };
    let reports = program("files::a_pipe_without_a_reader", &[("GORDIAN_JSON", text)], work).expect("its end");
    assert!(made.expect("a pipe").success());
    std::fs::remove_file(&path).expect("removable");
    one_sentence(&ended, text);
    one_sentence(&reports, text);
}

#[test]
fn a_directory() {
    let Some(ended) = program("files::a_directory", &[("GORDIAN_TRACE", "/tmp")], work) else { return };
    one_sentence(&ended, "/tmp");
}

#[test]
fn reports_to_a_directory() {
    let Some(ended) = program("files::reports_to_a_directory", &[("GORDIAN_JSON", "/tmp")], work) else { return };
    one_sentence(&ended, "/tmp");
}

#[test]
fn reports_to_no_such_directory() {
    let path = "/nonexistent/reports.json";
    let Some(ended) = program("files::reports_to_no_such_directory", &[("GORDIAN_JSON", path)], work) else { return };
    one_sentence(&ended, path);
}

/// The report itself still comes.
#[test]
fn reports_to_a_full_disk() {
    let settings = [("GORDIAN_JSON", "/dev/full"), ("GORDIAN_REACTION", "exit:7")];
    let Some(ended) = program("files::reports_to_a_full_disk", &settings, || {
        if !WATCHING {
            std::process::exit(7);
        }
        let lock = Mutex::new(1);
        let _first = lock.lock();
        let _second = lock.lock();
    }) else {
        return;
    };
    ended.ended_with(7);
    if WATCHING {
        ended.says("cannot write reports to `/dev/full`").says("deadlock (happened)");
    }
}

/// They are answered like any other wrong value, with what of them can be shown.
#[test]
fn settings_that_are_not_text() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let odd = OsStr::from_bytes(b"l\xff\xfeud");
    assert!(odd.to_str().is_none());
    let Some(ended) = program_with("files::settings_that_are_not_text", &[("GORDIAN_LEVEL", odd)], || {
        assert_eq!(std::env::var_os("GORDIAN_LEVEL").as_deref(), Some(odd));
        work();
    }) else {
        return;
    };
    ended.survived();
    if WATCHING {
        ended.says(
            "GORDIAN_LEVEL is \"l\u{fffd}\u{fffd}ud\", which is none of its values: `off`, `watch`, `trace`. \
             Without it the default counts",
        );
        assert_eq!(ended.err.lines().filter(|line| line.contains("gordian")).count(), 1, "{}", ended.err);
    } else {
        ended.silently();
    }
}
