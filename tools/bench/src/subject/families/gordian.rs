//! gordian: built off, or built on and at one of its levels.

use crate::family::{Setup, family};
use ::gordian::{
    Level,
    report::Rule,
    sync::{self, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread,
};
use std::{
    mem::ManuallyDrop,
    sync::{Arc, mpsc},
    time::{Duration, SystemTime},
};

family! {
    Gordian, result: [unwrap],
    burst: burst, catch_up: catch_up, lost_orders: lost_orders,
    standstill: lost_wake_up,
    all_of: sync
}

pub(super) fn start(setup: &Setup<'_>) {
    let told = setup.told;
    let mut builder = ::gordian::builder().on_report(move |report| {
        if matches!(report.rule, Rule::WaitCycle | Rule::Standstill) {
            told();
        }
    });
    if let Some(path) = setup.trace {
        builder = builder.trace(path);
    }
    // Its drop would wait for threads that are stuck on purpose.
    let _never_dropped = ManuallyDrop::new(builder.start());
    ::gordian::set_level(match setup.level {
        "off" => Level::Off,
        "trace" => Level::Trace,
        _ => Level::Watch,
    });
}

/// Well below what a thread's tape has room for: should it shrink, [`catch_up`] tells.
pub(super) fn burst() -> u64 {
    if ::gordian::level() == Level::Trace { 8000 } else { u64::MAX }
}

pub(super) fn catch_up() {
    if ::gordian::level() != Level::Trace {
        return;
    }
    let [lost, _] = ::gordian::losses();
    if lost != 0 {
        eprintln!("{lost} operations were lost: what was measured is not what they cost");
        std::process::exit(1);
    }
}

pub(super) fn lost_orders() -> Option<u64> {
    (::gordian::level() != Level::Off).then(|| ::gordian::losses()[1])
}

/// The notification comes before the wait. The waiter holds nothing, so that only a look at everybody finds it.
fn lost_wake_up(closing: impl FnOnce()) {
    let pair = Arc::new((Mutex::new(0_u64), Condvar::new()));
    pair.1.notify_one();
    let (about_to_wait, waits) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let guard = pair.0.lock().unwrap();
        about_to_wait.send(()).expect("somebody listens");
        drop(pair.1.wait(guard));
    });
    waits.recv().expect("somebody sends");
    pause_out_of_step();
    closing();
    let _ = waiter.join();
}

/// Pauses for 20 to 40 ms, not in step with any clock that started with the process.
fn pause_out_of_step() {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    std::thread::sleep(Duration::from_micros(20_000 + u64::from(nanos / 7 % 20_000)));
}
