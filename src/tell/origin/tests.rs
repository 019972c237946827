//! Names as real builds have them: with both manglings, optimised and not, with debug information, with line tables
//! alone, and with neither.

use super::*;
use crate::report::Place;

const STD: &str = "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/sync/once.rs";
const CORE: &str = "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/ops/function.rs";
const OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sync/mutex.rs");
const RECORDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/record/on/probe.rs");
const UNWINDER: &str = "/cargo/registry/src/index-1949cf8c6b5b557f/backtrace-0.3.77/src/mod.rs";
const LOCK_API: &str = "/cargo/registry/src/index-1949cf8c6b5b557f/lock_api-0.4.14/src/mutex.rs";
const TOKIO: &str = "/cargo/registry/src/index-1949cf8c6b5b557f/tokio-1.54.0/src/runtime/task/core.rs";
const ASYNC_TASK: &str = "/cargo/registry/src/index-1949cf8c6b5b557f/async-task-4.7.1/src/raw.rs";
const WATCHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tools/parking_lot/src/../../../src/parking_lot/mutex.rs");
const BANK: &str = "/code/bank/src/main.rs";

type Sample = (&'static str, Option<&'static str>);

/// Frames of a debug build, with the usual (legacy) mangling.
const DEBUG: &[(bool, Sample)] = &[
    (false, ("backtrace::backtrace::trace_unsynchronized", Some(UNWINDER))),
    (false, ("gordian::record::on::stack::of_wait", Some(RECORDER))),
    (false, ("gordian::record::on::probe::Probe::acquire", Some(RECORDER))),
    (false, ("gordian::sync::mutex::Mutex<T>::lock", Some(OURS))),
    (true, ("bank::open::{{closure}}", Some(BANK))),
    (false, ("gordian::record::on::probe::Initialising::run", Some(RECORDER))),
    (false, ("gordian::sync::once::Once::call_once::{{closure}}::{{closure}}", Some(OURS))),
    (false, ("std::sync::once::Once::call_once::{{closure}}", Some(STD))),
    (false, ("<std::sys::sync::once::futex::Once>::call", Some(STD))),
    (false, ("<gordian::sync::lazy_lock::LazyLock<T,F> as core::ops::deref::Deref>::deref", Some(OURS))),
    (true, ("<bank::Ledger as core::ops::drop::Drop>::drop", Some(BANK))),
    (false, ("core::ptr::drop_in_place<bank::Ledger>", Some(CORE))),
    (false, ("<alloc::boxed::Box<F,A> as core::ops::function::Fn<Args>>::call", Some(CORE))),
    (false, ("alloc::slice::<impl [T]>::sort_by_key", Some(CORE))),
    (true, ("<T as bank::Audit>::audit", Some(BANK))),
    (true, ("rayon_core::registry::WorkerThread::wait_until_cold", Some("/cargo/registry/src/r/registry.rs"))),
    (false, ("core::ops::function::FnOnce::call_once{{vtable.shim}}", Some(CORE))),
    (false, ("std::panicking::catch_unwind::do_call", Some(STD))),
    (false, ("__rust_try", None)),
    (true, ("bank::main", Some(BANK))),
    (false, ("core::ops::function::FnOnce::call_once", Some(CORE))),
    (false, ("std::sys::backtrace::__rust_begin_short_backtrace", Some(STD))),
    (
        false,
        (
            "<&dyn core::ops::function::Fn<(), Output = i32> + core::marker::Sync as core::ops::function::FnOnce<()>>\
             ::call_once",
            Some(CORE),
        ),
    ),
    (false, ("main", None)),
    (false, ("__libc_start_call_main", Some("./csu/../sysdeps/nptl/libc_start_call_main.h"))),
    (false, ("start_thread", Some("./nptl/pthread_create.c"))),
    (false, ("clone3", Some("./misc/../sysdeps/unix/sysv/linux/x86_64/clone3.S"))),
    (false, ("_start", None)),
];

/// The locks of `parking_lot`: gordian's own, and those of a patched program.
const LOCKS_BETWEEN: &[(bool, Sample)] = &[
    (false, ("gordian::record::on::probe::Probe::contended", Some(RECORDER))),
    (false, ("<gordian::parking_lot::mutex::RawMutex as lock_api::mutex::RawMutex>::lock", Some(OURS))),
    (false, ("lock_api::mutex::Mutex<R,T>::lock", Some(LOCK_API))),
    (true, ("bank::pay", Some(BANK))),
    (false, ("<parking_lot::watched::mutex::RawMutex as lock_api::mutex::RawMutex>::lock", Some(WATCHED))),
    (false, ("lock<parking_lot::watched::mutex::RawMutex, u32>", Some(LOCK_API))),
    (false, ("{closure#0}", Some(WATCHED))),
    (false, ("lock_slow", Some("/code/target/debug/build/parking_lot_real-dc1f/out/raw_mutex.rs"))),
    (true, ("<bank::Spinning as lock_api::mutex::RawMutex>::lock", Some(BANK))),
    (true, ("<prometheus::registry::Registry>::gather", None)),
];

/// What polls a task, between the program and the task's future.
const RUNTIMES_BETWEEN: &[(bool, Sample)] = &[
    (false, ("gordian::thread::sleep", Some(OURS))),
    (true, ("bank::nap::{{closure}}", Some(BANK))),
    (false, ("<gordian::task::Named<F> as core::future::future::Future>::poll", Some(OURS))),
    (false, ("tokio::runtime::task::core::Core<T,S>::poll::{{closure}}", Some(TOKIO))),
    (false, ("poll<bank::nap::{async_fn_env#0}>", Some(TOKIO))),
    (false, ("tokio::runtime::context::runtime::enter_runtime", None)),
    (true, ("<bank::Job as tokio::macros::support::Future>::poll", Some(BANK))),
    (true, ("bank::settle::{{closure}}", Some(BANK))),
    (false, ("run<bank::settle::{async_block_env#0}>", Some(ASYNC_TASK))),
    (false, ("<async_executor::Runner>::runnable", None)),
    (false, ("futures_executor::local_pool::block_on", None)),
    (true, ("futures_util::stream::StreamExt::poll_next_unpin", None)),
    (true, ("tokio_util::sync::cancellation_token::CancellationToken::cancel", None)),
    (true, ("run<u32>", Some("/code/tokio-2/src/main.rs"))),
    (true, ("run<u32>", Some("/code/tokio-util-0.7.16/src/lib.rs"))),
];

/// The same with the mangling of version 0.
const DEBUG_V0: &[(bool, Sample)] = &[
    (false, ("backtrace::backtrace::trace_unsynchronized::<gordian::record::on::stack::unwind::{closure#0}>", None)),
    (false, ("<gordian::record::on::wait::Blocked>::ask", Some(RECORDER))),
    (false, ("<gordian::sync::mutex::Mutex<i32>>::lock", Some(OURS))),
    (true, ("bank::read::<gordian::sync::mutex::Mutex<u32>>", Some(BANK))),
    (true, ("<bank::Bank<gordian::sync::mutex::Mutex<u32>>>::pay", Some(BANK))),
    (true, ("<gordian::sync::mutex::Mutex<u32> as bank::Account>::withdraw", Some(BANK))),
    (true, ("<dyn bank::Account>::close", Some(BANK))),
    (true, ("<[u32] as bank::Account>::withdraw", Some(BANK))),
    (true, ("<fn() -> u32 as bank::Account>::withdraw", Some(BANK))),
    (true, ("<<bank::Bank as bank::Has>::Part as bank::Account>::withdraw", Some(BANK))),
    (
        false,
        ("<gordian::sync::once_lock::OnceLock<u32>>::get_or_init::<bank::main::{closure#0}>::{closure#1}", Some(OURS)),
    ),
    (false, ("<bank::main::{closure#0} as core::ops::function::FnOnce<()>>::call_once", Some(CORE))),
    (false, ("<bank::main::{closure#0} as core::ops::function::FnOnce<()>>::call_once::{shim:vtable#0}", Some(BANK))),
    (true, ("<bank::Job as core::ops::function::FnOnce<()>>::call_once", Some(BANK))),
    (false, ("<bank::Job as core::convert::Into<u32>>::into", Some(CORE))),
    (false, ("<fn() -> u32 as core::ops::function::FnOnce<()>>::call_once", Some(CORE))),
    (false, ("<[bank::Job]>::sort_by_key::<u32, bank::main::{closure#0}>", Some(CORE))),
    (false, ("<core::iter::Map<core::slice::Iter<u32>, bank::{closure#0}> as core::iter::Iterator>::fold", Some(CORE))),
    (false, ("std::panic::catch_unwind::<core::panic::AssertUnwindSafe<bank::main::{closure#0}>, ()>", Some(STD))),
    (false, ("std::rt::lang_start::<()>::{closure#0}", Some(STD))),
];

/// Optimised, with line tables alone.
const RELEASE: &[(bool, Sample)] = &[
    (false, ("trace_unsynchronized<gordian::record::on::stack::unwind::{closure_env#0}>", Some(UNWINDER))),
    (false, ("settle", Some(RECORDER))),
    (false, ("get_or_init<u32, bank::main::{closure_env#0}>", Some(OURS))),
    (true, ("{closure#0}", Some(BANK))),
    (true, ("clone", Some(BANK))),
    (true, ("lock<gordian::sync::mutex::Mutex<u32>>", Some(BANK))),
    (false, ("{closure#0}<std::sync::lazy_lock::{impl#0}::force::{closure_env#0}<u32, fn() -> u32>>", Some(STD))),
    (false, ("drop_in_place<gordian::thread::scope::Closing>", Some(CORE))),
    (true, ("main", Some(BANK))),
    (false, ("call_once<fn(), ()>", Some(CORE))),
    (false, ("__rust_begin_short_backtrace<fn(), ()>", Some(STD))),
    (false, ("std::rt::lang_start::{{closure}}", Some(STD))),
    (false, ("main", None)),
];

/// Symbols alone.
const BARE: &[(bool, Sample)] = &[
    (false, ("gordian::record::on::probe::Probe::contended", None)),
    (false, ("<gordian::sync::lazy_lock::LazyLock<T,F> as core::ops::deref::Deref>::deref", None)),
    (true, ("<gordian::sync::mutex::Mutex<T> as bank::Account>::withdraw", None)),
    (true, ("<bank::Job as core::fmt::Debug>::fmt", None)),
    (true, ("sqlite3_exec", None)),
    (false, ("<bank::main::{closure#0} as core::ops::function::FnOnce<()>>::call_once", None)),
    (false, ("<T as core::convert::Into<U>>::into", None)),
    (true, ("bank::main", None)),
    (false, ("test::run_test_in_process", None)),
    (false, ("std::rt::lang_start_internal", None)),
    (false, ("main", None)),
];

/// Names that merely begin as others do.
const LOOKALIKES: &[(bool, Sample)] = &[
    (true, ("gordian_knot::sync::cut", Some("/code/gordian_knot/src/sync.rs"))),
    (true, ("<gordian_knot::Rope as gordian_knot::Cut>::cut", None)),
    (true, ("stdx::sync::once", Some("/code/stdx/src/sync.rs"))),
    (true, ("core_bank::record::write", None)),
    (true, ("alloc_count::count", None)),
    (true, ("bank::gordian::sync::lock", Some("/code/bank/src/gordian/sync.rs"))),
    (true, ("run<u32>", Some("/code/library/core/src/lib.rs"))),
    (true, ("run<u32>", Some("library/std/src/lib.rs"))),
    (true, ("run<u32>", Some("/code/lock_api-wrapper/src/lib.rs"))),
    (true, ("run<u32>", Some("/code/my_parking_lot-1.0.0/src/lib.rs"))),
    (true, ("run<u32>", Some(concat!(env!("CARGO_MANIFEST_DIR"), "-user/src/sync/mutex.rs")))),
    (true, ("run<u32>", Some(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/ab_ba.rs")))),
    (true, ("test::fixture", Some("/code/test/src/lib.rs"))),
    (false, ("run<u32>", Some("/usr/lib/rustlib/src/rust/library/alloc/src/vec/mod.rs"))),
    (false, ("run<u32>", Some("/usr/src/rustc-1.95.0/library/core/src/option.rs"))),
    (false, ("run<u32>", Some("/rustc/59807616\\library\\core\\src\\option.rs"))),
    (false, ("find<u32>", Some("/rust/deps/hashbrown-0.16.1/src/raw.rs"))),
];

fn framed(samples: &[(bool, Sample)]) -> Vec<(Frame, Origin)> {
    let frame = |(index, (_, (function, file))): (usize, &(bool, Sample))| {
        let place = file.map(|file| Place { file: file.into(), line: 1, column: 1 });
        (Frame { address: index as u64, function: Some((*function).into()), place }, origin(Some(function), *file))
    };
    samples.iter().enumerate().map(frame).collect()
}

#[test]
fn of_each_sample_the_programs_frames_are_kept_in_their_order() {
    for samples in [DEBUG, DEBUG_V0, RELEASE, BARE, LOCKS_BETWEEN, RUNTIMES_BETWEEN, LOOKALIKES] {
        let kept = trimmed(&framed(samples)).expect("some are the program's");
        let kept: Vec<&str> = kept.iter().filter_map(|frame| frame.function.as_deref()).collect();
        let expected: Vec<&str> = samples.iter().filter(|(is_kept, _)| *is_kept).map(|(_, (name, _))| *name).collect();
        assert_eq!(kept, expected);
    }
}

#[test]
fn an_unwinder_that_the_program_uses_is_left_in() {
    let frames = framed(&[
        (false, ("backtrace::backtrace::trace", Some(UNWINDER))),
        (false, ("gordian::sync::mutex::Mutex<T>::lock", Some(OURS))),
        (true, ("bank::symbol", Some(BANK))),
        (true, ("backtrace::symbolize::resolve", Some(UNWINDER))),
        (true, ("bank::main", Some(BANK))),
    ]);
    let kept: Vec<u64> = trimmed(&frames).expect("a stack").iter().map(|frame| frame.address).collect();
    assert_eq!(kept, [2, 3, 4]);
}

#[test]
fn what_has_no_name_is_kept_between_the_programs_frames_only() {
    let nameless = |address| (Frame { address, function: None, place: None }, origin(None, None));
    let named = |address| (Frame { address, function: None, place: None }, Origin::Program);
    let kept = trimmed(&[nameless(1), named(2), nameless(3), named(4), nameless(5)]).expect("a stack");
    assert_eq!(kept.iter().map(|frame| frame.address).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn what_polls_a_task_is_not_part_of_it() {
    const POLL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/record/on/task/mod.rs");
    for polls in [("gordian::record::on::task::Task::poll", Some(RECORDER)), ("poll<core::task::Poll<()>>", Some(POLL))]
    {
        let frames = framed(&[
            (false, ("gordian::record::on::task::leaf::Leaf::poll", Some(RECORDER))),
            (true, ("bank::transfer::{{closure}}", Some(BANK))),
            (false, ("gordian::record::on::task::leaf::Leaf::poll", Some(RECORDER))),
            (true, ("bank::serve::{{closure}}", Some(BANK))),
            (false, polls),
            (true, ("bank::main", Some(BANK))),
        ]);
        let kept: Vec<u64> = trimmed(of_task(&frames)).expect("a stack").iter().map(|frame| frame.address).collect();
        assert_eq!(kept, [1, 3]);
        assert_eq!(of_task(&frames[..4]).len(), 4, "where nothing is seen of the poll all is kept");
    }
}

#[test]
fn a_stack_without_the_program_keeps_its_innermost_frames_from_the_call() {
    let frames = framed(&[
        (false, ("backtrace::backtrace::trace", Some(UNWINDER))),
        (false, ("gordian::record::on::stack::of_wait", Some(RECORDER))),
        (false, ("gordian::thread::park", Some(OURS))),
        (false, ("core::ops::function::FnOnce::call_once", Some(CORE))),
    ]);
    assert_eq!(trimmed(&frames), None);
    assert_eq!(innermost(&frames).iter().map(|frame| frame.address).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(innermost(&frames[..2]).len(), 2);
    let deep = vec![frames[3].clone(); 100];
    assert_eq!(innermost(&deep).len(), KEPT_AT_LEAST);
}
