//! What `once.rs` has not: cells and lazy values while others wait for them, and what becomes of values.

use super::{
    panic_of,
    sync::{
        Arc, LazyLock, Once, OnceLock,
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    thread,
};
use std::cell::Cell;

/// Runs `first` in a thread, up to where it calls what it is given, then `others` in theirs, and lets `first` go on.
fn while_it_runs<R: Send>(
    first: impl FnOnce(&dyn Fn()) -> R + Send,
    others: &[&(dyn Fn() -> R + Sync)],
) -> (R, Vec<R>) {
    let (running, runs) = mpsc::channel();
    let (go_on, gone_on) = mpsc::channel();
    thread::scope(|scope| {
        let first = scope.spawn(move || {
            first(&|| {
                running.send(()).unwrap();
                gone_on.recv().unwrap();
            })
        });
        runs.recv().unwrap();
        let (begun, begins) = mpsc::channel();
        let others: Vec<_> = others
            .iter()
            .map(|other| {
                let begun = begun.clone();
                scope.spawn(move || {
                    begun.send(()).unwrap();
                    other()
                })
            })
            .collect();
        begins.iter().take(others.len()).for_each(drop);
        go_on.send(()).unwrap();
        (first.join().unwrap(), others.into_iter().map(|other| other.join().unwrap()).collect())
    })
}

#[test]
fn once_is_not_completed_while_it_runs() {
    let once = Once::new();
    once.call_once(|| assert!(!once.is_completed()));
    let ran = while_it_runs(
        |pause| {
            let other = Once::new();
            other.call_once(|| {
                assert!(!other.is_completed());
                pause();
            });
            other.is_completed()
        },
        &[&|| once.is_completed()],
    );
    assert_eq!(ran, (true, vec![true]));
}

#[test]
fn one_once_may_run_within_another() {
    let (outer, inner, runs) = (Once::new(), Once::new(), Cell::new(0));
    for _ in 0..2 {
        outer.call_once(|| inner.call_once(|| runs.set(runs.get() + 1)));
        inner.call_once(|| unreachable!());
    }
    assert!(outer.is_completed() && inner.is_completed() && runs.get() == 1);
}

#[test]
fn a_panic_goes_to_all_who_wait_for_a_once() {
    let once = Once::new();
    let poisoned = String::from("Once instance has previously been poisoned");
    let other = || panic_of(|| once.call_once(|| unreachable!())).0;
    let waiter = || panic_of(|| once.wait()).0;
    let (first, others) = while_it_runs(
        |pause| {
            panic_of(|| {
                once.call_once(|| {
                    pause();
                    panic!("first")
                });
            })
            .0
        },
        &[&other, &other, &waiter],
    );
    assert_eq!((&*first, others), ("first", vec![poisoned; 3]));
    assert!(!once.is_completed());
}

/// It sees the panic and tries again.
#[test]
fn force_goes_on_where_another_has_panicked() {
    let once = Once::new();
    let seen = AtomicU32::new(0);
    let other = || {
        once.call_once_force(|state| {
            assert!(state.is_poisoned());
            seen.fetch_add(1, SeqCst);
        });
        String::new()
    };
    let (first, _) = while_it_runs(
        |pause| {
            panic_of(|| {
                once.call_once_force(|state| {
                    assert!(!state.is_poisoned());
                    pause();
                    panic!("first")
                });
            })
            .0
        },
        &[&other, &other],
    );
    assert_eq!((&*first, seen.into_inner(), once.is_completed()), ("first", 1, true));
    // Healed for good.
    once.call_once(|| unreachable!());
    once.wait();
}

#[test]
fn wait_force_waits_on_after_a_panic() {
    let once = Once::new();
    assert_eq!(panic_of(|| once.call_once(|| panic!("first"))).0, "first");
    let done = AtomicU32::new(0);
    thread::scope(|scope| {
        let waiters = [(); 2].map(|()| {
            scope.spawn(|| {
                once.wait_force();
                done.load(SeqCst)
            })
        });
        thread::yield_now();
        assert!(waiters.iter().all(|waiter| !waiter.is_finished()));
        once.call_once_force(|_| done.store(1, SeqCst));
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), 1);
        }
    });
}

#[test]
fn a_cell_that_is_being_written_is_empty_and_is_not_waited_for_by_get() {
    let cell = OnceLock::new();
    let seen = cell.get_or_init(|| {
        assert_eq!(cell.get(), None);
        assert_eq!(format!("{cell:?} {:?}", cell.clone()), "OnceLock(<uninit>) OnceLock(<uninit>)");
        assert_ne!(cell, OnceLock::from(1));
        1
    });
    assert_eq!(*seen, 1);
}

#[test]
fn one_of_many_writers_wins() {
    for _ in 0..50 {
        let cell = OnceLock::new();
        let won: Vec<u32> = thread::scope(|scope| {
            let cell = &cell;
            let threads: Vec<_> = (0..4).map(|value| scope.spawn(move || cell.set(value).map(|()| value))).collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap().ok()).collect()
        });
        assert_eq!(won, [*cell.get().unwrap()]);
    }
}

#[test]
fn who_waits_for_a_panicking_initialiser_makes_the_value() {
    let cell = OnceLock::new();
    let other = || *cell.get_or_init(|| 2_u8);
    let waiter = || *cell.wait();
    let (first, others) = while_it_runs(
        |pause| {
            let failed = panic_of(|| {
                *cell.get_or_init(|| {
                    pause();
                    panic!("first")
                })
            });
            u8::from(failed.0 == "first")
        },
        &[&other, &waiter, &other],
    );
    assert_eq!((first, others), (1, vec![2, 2, 2]));
}

#[test]
fn a_value_is_dropped_with_its_cell() {
    let value = Arc::new(());
    let count = || Arc::strong_count(&value);
    let mut cell = OnceLock::from(value.clone());
    assert_eq!(cell.set(value.clone()).map_err(|back| Arc::ptr_eq(&back, &value)), Err(true));
    assert_eq!(count(), 2);
    drop(cell.take());
    assert_eq!(count(), 1);
    cell.set(value.clone()).unwrap();
    let other = cell.clone();
    assert_eq!(count(), 3);
    drop(cell.into_inner());
    drop(other);
    assert_eq!(count(), 1);

    // A lazy value owns its initialiser, and then what that made.
    let owns = value.clone();
    let lazy = LazyLock::new(move || owns);
    assert_eq!(count(), 2);
    LazyLock::force(&lazy);
    assert_eq!(count(), 2);
    drop(lazy);
    assert_eq!(count(), 1);
    let owns = value.clone();
    drop(LazyLock::new(move || owns));
    assert_eq!(count(), 1);
    let owns = value.clone();
    let broken: LazyLock<u8, _> = LazyLock::new(move || panic!("with {} owners", Arc::strong_count(&owns)));
    assert_eq!(panic_of(|| *broken).0, "with 2 owners");
    assert_eq!(count(), 1);
    drop(broken);
}

#[test]
fn a_panic_goes_to_all_who_wait_for_a_lazy_value() {
    type Pauses<'a> = Box<dyn FnOnce() -> u8 + Send + 'a>;
    let (send, receive) = mpsc::channel::<()>();
    let (begun, begins) = mpsc::channel();
    let lazy: LazyLock<u8, Pauses<'_>> = LazyLock::new(Box::new(move || {
        begun.send(()).unwrap();
        receive.recv().unwrap();
        panic!("first")
    }));
    thread::scope(|scope| {
        let first = scope.spawn(|| panic_of(|| *lazy).0);
        begins.recv().unwrap();
        assert_eq!(LazyLock::get(&lazy), None);
        let others = [(); 2].map(|()| scope.spawn(|| panic_of(|| *lazy).0));
        send.send(()).unwrap();
        assert_eq!(first.join().unwrap(), "first");
        for other in others {
            assert_eq!(other.join().unwrap(), "LazyLock instance has previously been poisoned");
        }
    });
}

#[test]
fn lazy_values_may_need_each_other() {
    static FIRST: LazyLock<u8> = LazyLock::new(|| *SECOND + 1);
    static SECOND: LazyLock<u8> = LazyLock::new(|| *THIRD.get_or_init(|| 5) + 1);
    static THIRD: OnceLock<u8> = OnceLock::new();
    assert_eq!((*FIRST, *SECOND, THIRD.get()), (7, 6, Some(&5)));
}

#[test]
fn a_lazy_value_is_made_where_it_is_used_first() {
    let text = String::from("borrowed");
    let lazy = LazyLock::new(|| (text.len(), thread::current().id()));
    let maker = thread::scope(|scope| scope.spawn(|| *lazy).join().unwrap());
    assert_eq!(*lazy, maker);
    assert_ne!(maker, (8, thread::current().id()));
}
