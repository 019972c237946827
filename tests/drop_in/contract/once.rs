use super::{
    panic_of,
    sync::{Arc, LazyLock, Mutex, Once, OnceLock},
    thread,
};
use std::{
    cell::Cell,
    sync::{
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    },
};

fn poisoned_once() -> Once {
    let once = Once::new();
    assert_eq!(panic_of(|| once.call_once(|| panic!("first"))), ("first".into(), file!().into()));
    once
}

#[test]
fn once_runs_once() {
    let (once, runs) = (Once::new(), Cell::new(0));
    assert!(!once.is_completed());
    for _ in 0..2 {
        once.call_once(|| runs.set(runs.get() + 1));
        once.call_once_force(|_| runs.set(runs.get() + 1));
    }
    assert!(once.is_completed());
    assert_eq!(runs.get(), 1);
    once.wait();
    once.wait_force();
}

#[test]
fn once_runs_once_for_all_threads() {
    let (once, runs) = (Once::new(), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                once.call_once(|| runs.store(runs.load(SeqCst) + 1, SeqCst));
                assert_eq!(runs.load(SeqCst), 1);
            });
        }
    });
}

#[test]
fn once_is_poisoned_by_a_panic_and_healed_by_force() {
    let once = poisoned_once();
    assert!(!once.is_completed());
    let poisoned = "Once instance has previously been poisoned";
    assert_eq!(panic_of(|| once.call_once(|| ())), (poisoned.into(), file!().into()));
    assert_eq!(panic_of(|| once.wait()).0, poisoned);
    let mut state = String::new();
    once.call_once_force(|poisoned| {
        assert!(poisoned.is_poisoned());
        state = format!("{poisoned:?}");
    });
    assert!(state.starts_with("OnceState { poisoned: true"));
    assert!(once.is_completed());
    once.call_once(|| unreachable!());
    Once::new().call_once_force(|state| assert!(!state.is_poisoned()));
}

#[test]
fn once_wait_waits() {
    let once = Once::new();
    thread::scope(|scope| {
        let waiters = [scope.spawn(|| once.wait()), scope.spawn(|| once.wait_force())];
        once.call_once(|| ());
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
    assert_eq!(format!("{once:?}"), "Once { .. }");
}

#[test]
#[expect(deprecated, reason = "std still has it")]
fn once_init_is_a_new_once() {
    static ONCE: Once = super::sync::ONCE_INIT;
    assert!(!ONCE.is_completed());
}

#[test]
fn once_lock_is_written_once() {
    let mut cell = OnceLock::new();
    assert_eq!(cell.get(), None);
    assert_eq!(cell.get_mut(), None);
    assert_eq!(*cell.get_or_init(|| 1), 1);
    assert_eq!(*cell.get_or_init(|| unreachable!()), 1);
    assert_eq!(cell.set(2), Err(2));
    assert_eq!(*cell.wait(), 1);
    *cell.get_mut().unwrap() = 3;
    assert_eq!(cell.get(), Some(&3));
    assert_eq!(cell.take(), Some(3));
    assert_eq!(cell.take(), None);
    assert_eq!(cell.set(4), Ok(()));
    assert_eq!(cell.into_inner(), Some(4));
}

#[test]
fn once_lock_waits_for_the_initialiser() {
    let cell = OnceLock::new();
    thread::scope(|scope| {
        let (running, runs) = mpsc::channel();
        let (go_on, gone_on) = mpsc::channel();
        let first = scope.spawn({
            let cell = &cell;
            move || {
                *cell.get_or_init(|| {
                    running.send(()).unwrap();
                    gone_on.recv().unwrap();
                    1
                })
            }
        });
        runs.recv().unwrap();
        let others = [
            scope.spawn(|| *cell.get_or_init(|| unreachable!())),
            scope.spawn(|| *cell.wait()),
            scope.spawn(|| cell.set(2).unwrap_err() - 1),
        ];
        assert_eq!(cell.get(), None);
        go_on.send(()).unwrap();
        for thread in others {
            assert_eq!(thread.join().unwrap(), 1);
        }
        assert_eq!(first.join().unwrap(), 1);
    });
}

#[test]
fn once_lock_outlives_a_panicking_initialiser() {
    let cell = OnceLock::<u8>::new();
    assert_eq!(panic_of(|| *cell.get_or_init(|| panic!("first"))), ("first".into(), file!().into()));
    assert_eq!(cell.get(), None);
    assert_eq!(*cell.get_or_init(|| 2), 2);
}

#[test]
fn once_lock_has_stds_traits() {
    assert_eq!(format!("{:?} {:?}", OnceLock::<u8>::default(), OnceLock::from(1)), "OnceLock(<uninit>) OnceLock(1)");
    let cell = OnceLock::from(String::from("a"));
    assert_eq!(cell.clone(), cell);
    assert_ne!(cell, OnceLock::new());
    fn is_eq<T: Eq>(_: &T) {}
    is_eq(&cell);
    let value = Arc::new(());
    drop(OnceLock::from(value.clone()));
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn lazy_lock_is_made_on_first_use() {
    let runs = Cell::new(0);
    let mut lazy = LazyLock::new(|| {
        runs.set(runs.get() + 1);
        5
    });
    assert_eq!((LazyLock::get(&lazy), format!("{lazy:?}")), (None, "LazyLock(<uninit>)".into()));
    assert_eq!(LazyLock::get_mut(&mut lazy), None);
    assert_eq!((*lazy, *LazyLock::force(&lazy)), (5, 5));
    *lazy += 1;
    *LazyLock::force_mut(&mut lazy) += 1;
    assert_eq!(LazyLock::get(&lazy), Some(&7));
    assert_eq!(LazyLock::get_mut(&mut lazy), Some(&mut 7));
    assert_eq!((runs.get(), format!("{lazy:?}")), (1, "LazyLock(7)".into()));
    assert_eq!(*LazyLock::<u8>::default(), 0);
}

#[test]
fn lazy_lock_may_be_forced_mutably_first() {
    let mut lazy: LazyLock<u8> = LazyLock::new(|| 5);
    *lazy = 6;
    assert_eq!(*lazy, 6);
}

#[test]
fn lazy_lock_is_made_once_for_all_threads() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    static LAZY: LazyLock<Mutex<u32>> = LazyLock::new(|| Mutex::new(RUNS.fetch_add(1, SeqCst)));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| *LAZY.lock().unwrap() += 1);
        }
    });
    assert_eq!((*LAZY.lock().unwrap(), RUNS.load(SeqCst)), (4, 1));
}

#[test]
fn lazy_lock_is_poisoned_by_a_panic_for_ever() {
    let mut lazy: LazyLock<u8> = LazyLock::new(|| panic!("first"));
    let poisoned = "LazyLock instance has previously been poisoned";
    assert_eq!(panic_of(|| *lazy), ("first".into(), file!().into()));
    assert_eq!(panic_of(|| *LazyLock::force(&lazy)).0, poisoned);
    assert_eq!(panic_of(|| *LazyLock::force_mut(&mut lazy)).0, poisoned);
    assert_eq!(LazyLock::get(&lazy), None);
    assert_eq!(LazyLock::get_mut(&mut lazy), None);
}
