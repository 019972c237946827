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

/// As a limit to the size of files does it: the signal that tells of it would end the process.
#[allow(unsafe_code)]
fn limited_to(bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: the structure is whole.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &limit) }, 0);
    work();
}

#[test]
fn a_limit_to_the_size_of_files() {
    let path = std::env::temp_dir().join(format!("gordian-hard-limit-{}.json", std::process::id()));
    let settings = [("GORDIAN_TRACE", path.to_str().expect("text"))];
    let ended = program("files::a_limit_to_the_size_of_files", &settings, || limited_to(20_000));
    let Some(ended) = ended else { return };
    _ = std::fs::remove_file(&path);
    one_sentence(&ended, settings[0].1);
}

/// Met by the thread of the program that opens the trace.
#[test]
fn no_file_may_have_any_size() {
    let path = std::env::temp_dir().join(format!("gordian-hard-nothing-{}.json", std::process::id()));
    let settings = [("GORDIAN_TRACE", path.to_str().expect("text"))];
    let Some(ended) = program("files::no_file_may_have_any_size", &settings, || limited_to(0)) else { return };
    _ = std::fs::remove_file(&path);
    one_sentence(&ended, settings[0].1);
}

/// What a daemon does: all descriptors but the first three are closed, and files of its own come under their numbers.
#[allow(unsafe_code)]
fn takes_over_descriptors(own: &std::path::Path) -> Vec<std::fs::File> {
    drop(Mutex::new(1).lock());
    // SAFETY: nothing in this process uses a descriptor above 2 by itself, but for gordian, whose case this is.
    assert_eq!(unsafe { libc::syscall(libc::SYS_close_range, 3, 1000, 0) }, 0);
    (0..8).map(|_| std::fs::File::create(own).expect("a file")).collect()
}

#[test]
fn a_trace_whose_descriptor_the_program_has_closed() {
    let name = |what| std::env::temp_dir().join(format!("gordian-hard-{what}-{}", std::process::id()));
    let (path, own) = (name("closed.json"), name("closed-own"));
    let settings = [("GORDIAN_TRACE", path.to_str().expect("text")), ("HARD_OWN", own.to_str().expect("text"))];
    let ended = program("files::a_trace_whose_descriptor_the_program_has_closed", &settings, || {
        let own = std::path::PathBuf::from(std::env::var_os("HARD_OWN").expect("set"));
        let files = takes_over_descriptors(&own);
        work();
        // The last of the trace would be written by now.
        drop(gordian::watch());
        assert_eq!(std::fs::read(&own).expect("the file"), b"");
        drop(files);
    });
    let Some(ended) = ended else { return };
    _ = std::fs::remove_file(&path);
    std::fs::remove_file(&own).expect("removable");
    one_sentence(&ended, settings[0].1);
}

#[test]
fn reports_to_a_descriptor_that_the_program_has_closed() {
    let name = |what| std::env::temp_dir().join(format!("gordian-hard-{what}-{}", std::process::id()));
    let (path, own) = (name("reports.json"), name("reports-own"));
    let settings = [
        ("GORDIAN_JSON", path.to_str().expect("text")),
        ("HARD_OWN", own.to_str().expect("text")),
        ("GORDIAN_REACTION", "exit:7"),
    ];
    let ended = program("files::reports_to_a_descriptor_that_the_program_has_closed", &settings, || {
        let own = std::path::PathBuf::from(std::env::var_os("HARD_OWN").expect("set"));
        let _files = takes_over_descriptors(&own);
        if !WATCHING {
            std::process::exit(7);
        }
        let lock = Mutex::new(1);
        let _first = lock.lock();
        let _second = lock.lock();
    });
    let Some(ended) = ended else { return };
    _ = std::fs::remove_file(&path);
    assert_eq!(std::fs::read(&own).expect("the file"), b"");
    std::fs::remove_file(&own).expect("removable");
    ended.ended_with(7);
    if WATCHING {
        ended.says("cannot write reports to").says("deadlock (happened)");
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
