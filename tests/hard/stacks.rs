//! Stacks in which frames of the recorder, and of the standard library, stand between the program's own.

use crate::{
    common::WATCHING,
    program::{program, survived},
    stacks_of::check_stacks,
};
use gordian::{
    sync::{Condvar, LazyLock, Mutex, Once, OnceLock},
    thread,
};
use serde_json::Value;
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Barrier,
    time::Duration,
};

/// The only report of a program that is stuck, with the stacks of acquisitions where the build has them.
#[track_caller]
fn report_of(test: &str, body: impl FnOnce()) -> Option<Value> {
    let path = std::env::temp_dir().join(format!("gordian-{}-{}.json", test.replace("::", "-"), std::process::id()));
    let text = path.to_str().expect("UTF-8");
    let settings = [("GORDIAN_JSON", text), ("GORDIAN_REACTION", "exit:7"), ("GORDIAN_STACKS", "all")];
    let ended = program(test, &settings, || {
        if WATCHING {
            body();
        }
        survived();
    })?;
    if !WATCHING {
        ended.survived();
        return None;
    }
    ended.ended_with(7);
    let reports = fs::read_to_string(&path).expect("reports");
    fs::remove_file(&path).expect("removed");
    Some(serde_json::from_str(reports.trim_end()).expect("one report"))
}

/// The functions of the thread whose innermost function contains this.
#[track_caller]
fn functions<'a>(report: &'a Value, innermost: &str) -> Vec<&'a str> {
    let stacks = report["threads"].as_array().expect("a list").iter().map(|thread| {
        let frames = thread["stack"].as_array().expect("a list").iter();
        frames.filter_map(|frame| frame["function"].as_str()).collect::<Vec<_>>()
    });
    let mut found = stacks.filter(|stack| stack.first().is_some_and(|function| function.contains(innermost)));
    found.next().unwrap_or_else(|| panic!("no stack begins with {innermost}: {report:#}"))
}

/// Two threads meet here before they ask for what the other has.
static MEET: Barrier = Barrier::new(2);

#[test]
fn within_initialisers() {
    static FIRST: Once = Once::new();
    static SECOND: OnceLock<u32> = OnceLock::new();
    static THIRD: LazyLock<u32> = LazyLock::new(third);

    fn first() {
        FIRST.call_once(|| {
            MEET.wait();
            assert_eq!(*THIRD, 3);
        });
    }
    fn second() -> u32 {
        *SECOND.get_or_init(|| {
            MEET.wait();
            FIRST.call_once(|| ());
            2
        })
    }
    fn third() -> u32 {
        second() + 1
    }

    let Some(report) = report_of("stacks::within_initialisers", || {
        let other = thread::spawn(|| *LazyLock::force(&THIRD));
        first();
        other.join().expect("it ends");
    }) else {
        return;
    };
    check_stacks(&report, "hard", "tests/hard/");
    if cfg!(debug_assertions) {
        let [inner, first, ..] = functions(&report, "first")[..] else { panic!("two frames: {report:#}") };
        assert!(inner.starts_with(first) && first.ends_with("first"), "{inner}, {first}");
        let [inner, second, third, test, ..] = functions(&report, "second")[..] else { panic!("four: {report:#}") };
        assert!(inner.starts_with(second) && third.ends_with("third"), "{inner}, {second}, {third}");
        assert!(test.contains("within_initialisers"), "{test}");
    }
}

/// Through the standard library: iterators, boxed closures, a caught panic.
#[test]
fn around_the_end_of_a_scope() {
    fn take(locks: &[Mutex<u32>]) -> u32 {
        let value: Box<dyn Fn(usize) -> u32> = Box::new(|index| *locks[index].lock().expect("not poisoned"));
        (0..locks.len()).map(value).sum()
    }

    let Some(report) = report_of("stacks::around_the_end_of_a_scope", || {
        let locks = [Mutex::new(1), Mutex::new(2)];
        let held = locks[1].lock();
        let sum = catch_unwind(AssertUnwindSafe(|| {
            thread::scope(|scope| {
                scope.spawn(|| take(&locks));
            });
        }));
        assert!(sum.is_ok());
        drop(held);
    }) else {
        return;
    };
    check_stacks(&report, "hard", "tests/hard/");
    if cfg!(debug_assertions) {
        assert_eq!(functions(&report, "take").len(), 3, "{report:#}");
    }
}

/// A wait in a loop that is gordian's.
#[test]
fn within_a_wait_for_a_condition() {
    struct Shop {
        till: Mutex<()>,
        orders: Mutex<u32>,
        come: Condvar,
    }

    impl Shop {
        /// Its time is soon over (not before the other has come, on a busy machine either); then it wants its mutex back.
        fn wait(&self) {
            let _till = self.till.lock();
            let orders = self.orders.lock().expect("not poisoned");
            MEET.wait();
            let waited = self.come.wait_timeout_while(orders, Duration::from_millis(100), |orders| *orders == 0);
            drop(waited);
        }

        /// Has it only once the other waits.
        fn come(&self) {
            MEET.wait();
            let _orders = self.orders.lock();
            let _till = self.till.lock();
        }
    }

    let Some(report) = report_of("stacks::within_a_wait_for_a_condition", || {
        let shop = Shop { till: Mutex::new(()), orders: Mutex::new(0), come: Condvar::new() };
        thread::scope(|scope| {
            scope.spawn(|| shop.wait());
            scope.spawn(|| shop.come());
        });
    }) else {
        return;
    };
    check_stacks(&report, "hard", "tests/hard/");
    if cfg!(debug_assertions) {
        for function in ["Shop::wait", "Shop::come"] {
            assert_eq!(functions(&report, function).len(), 2, "{report:#}");
        }
    }
}
