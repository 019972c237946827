use super::{
    panic_of, panicking_thread,
    sync::{Condvar, Mutex},
    thread,
};
use std::time::Duration;

const NEVER: Duration = Duration::from_secs(600);
const SOON: Duration = Duration::from_millis(1);

fn poisoned() -> Mutex<u8> {
    let mutex = Mutex::new(7);
    panicking_thread(|panic| {
        let _guard = mutex.lock();
        panic();
    });
    mutex
}

/// Sets the value to 1 and notifies once `wait`, which is given the locked mutex's pair, lets it.
fn with_notifier<R: Send>(all: bool, wait: impl FnOnce(&Mutex<u8>, &Condvar) -> R + Send) -> R {
    let (mutex, condvar) = (Mutex::new(0), Condvar::new());
    thread::scope(|scope| {
        let waiter = scope.spawn(|| wait(&mutex, &condvar));
        while !waiter.is_finished() {
            *mutex.lock().unwrap() = 1;
            match all {
                true => condvar.notify_all(),
                false => condvar.notify_one(),
            }
            thread::yield_now();
        }
        waiter.join().unwrap()
    })
}

#[test]
fn wait_gives_the_mutex_away_and_takes_it_back() {
    for all in [false, true] {
        let value = with_notifier(all, |mutex, condvar| {
            let mut guard = mutex.lock().unwrap();
            while *guard == 0 {
                guard = condvar.wait(guard).unwrap();
                assert!(mutex.try_lock().is_err());
            }
            *guard
        });
        assert_eq!(value, 1);
    }
}

#[test]
fn wait_while_waits_until_the_condition_is_false() {
    let value =
        with_notifier(false, |mutex, condvar| *condvar.wait_while(mutex.lock().unwrap(), |value| *value == 0).unwrap());
    assert_eq!(value, 1);
}

#[test]
fn a_condition_that_is_false_at_once_does_not_wait() {
    let (mutex, condvar) = (Mutex::new(3), Condvar::new());
    let guard = condvar.wait_while(mutex.lock().unwrap(), |_| false).unwrap();
    let (guard, timeout) = condvar.wait_timeout_while(guard, NEVER, |_| false).unwrap();
    assert!(!timeout.timed_out());
    assert_eq!(*guard, 3);
}

#[test]
fn wait_timeout_ends_by_itself() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    // A wait may end early without a reason, so that one is not enough.
    let mut guard = mutex.lock().unwrap();
    loop {
        let (again, timeout) = condvar.wait_timeout(guard, SOON).unwrap();
        assert!(mutex.try_lock().is_err());
        guard = again;
        if timeout.timed_out() {
            return;
        }
    }
}

#[test]
fn wait_timeout_ends_by_a_notification() {
    let timed_out = with_notifier(true, |mutex, condvar| {
        let mut guard = mutex.lock().unwrap();
        let mut last = None;
        while *guard == 0 {
            let (again, timeout) = condvar.wait_timeout(guard, NEVER).unwrap();
            (guard, last) = (again, Some(timeout.timed_out()));
        }
        last.unwrap_or(false)
    });
    assert!(!timed_out);
}

#[test]
#[expect(deprecated, reason = "std still has it")]
fn wait_timeout_ms_says_whether_it_was_notified() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let mut guard = mutex.lock().unwrap();
    loop {
        let (again, notified) = condvar.wait_timeout_ms(guard, 1).unwrap();
        guard = again;
        if !notified {
            return;
        }
    }
}

#[test]
fn wait_timeout_while_says_what_ended_it() {
    let (mutex, condvar) = (Mutex::new(0), Condvar::new());
    let mut asked = 0;
    let (guard, timeout) = condvar
        .wait_timeout_while(mutex.lock().unwrap(), SOON, |value| {
            asked += 1;
            *value += 1;
            true
        })
        .unwrap();
    assert!(timeout.timed_out());
    assert!(mutex.try_lock().is_err());
    assert_eq!(*guard, asked);
    drop(guard);

    let (value, timed_out) = with_notifier(false, |mutex, condvar| {
        let (guard, timeout) = condvar.wait_timeout_while(mutex.lock().unwrap(), NEVER, |value| *value == 0).unwrap();
        (*guard, timeout.timed_out())
    });
    assert_eq!((value, timed_out), (1, false));
}

#[test]
fn a_panic_in_the_condition_poisons_and_unlocks() {
    for timed in [false, true] {
        let (mutex, condvar) = (Mutex::new(0), Condvar::new());
        let (message, file) = panic_of(|| {
            let guard = mutex.lock().unwrap();
            match timed {
                true => drop(condvar.wait_timeout_while(guard, NEVER, |_| panic!("condition"))),
                false => drop(condvar.wait_while(guard, |_| panic!("condition"))),
            }
        });
        assert_eq!((&*message, &*file), ("condition", file!()));
        assert!(mutex.is_poisoned());
        drop(mutex.try_lock().unwrap_err());
        mutex.clear_poison();
        drop(mutex.try_lock().unwrap());
    }
}

#[test]
fn poison_comes_out_of_every_wait() {
    let (mutex, condvar) = (poisoned(), Condvar::new());
    let lock = || mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let (guard, _) = condvar.wait_timeout(lock(), SOON).unwrap_err().into_inner();
    assert_eq!(*guard, 7);
    assert!(mutex.try_lock().is_err());
    drop(guard);
    let (guard, _) = condvar.wait_timeout_while(lock(), SOON, |_| true).unwrap_err().into_inner();
    assert_eq!(*guard, 7);
    drop(guard);
    // No wait, no error.
    drop(condvar.wait_while(lock(), |_| false).unwrap());

    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let guard = condvar.wait(lock()).unwrap_err().into_inner();
            let again = condvar.wait_while(guard, |_| true).unwrap_err().into_inner();
            *again
        });
        while !waiter.is_finished() {
            condvar.notify_all();
            thread::yield_now();
        }
        assert_eq!(waiter.join().unwrap(), 7);
    });
}

#[test]
fn prints_and_defaults() {
    assert_eq!(format!("{:?}", Condvar::default()), "Condvar { .. }");
}

#[test]
fn a_time_that_never_ends_and_one_that_has_none() {
    let timed_out = with_notifier(false, |mutex, condvar| {
        let guard = mutex.lock().unwrap();
        condvar.wait_timeout_while(guard, Duration::MAX, |value| *value == 0).unwrap().1.timed_out()
    });
    assert!(!timed_out);
    let (mutex, condvar) = (Mutex::new(0), Condvar::new());
    let (guard, timeout) = condvar.wait_timeout_while(mutex.lock().unwrap(), Duration::ZERO, |_| true).unwrap();
    assert!(timeout.timed_out());
    let (guard, _) = condvar.wait_timeout(guard, Duration::ZERO).unwrap();
    assert!(mutex.try_lock().is_err());
    drop(guard);
}

#[test]
fn a_notification_that_nobody_waits_for_is_lost() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    condvar.notify_one();
    condvar.notify_all();
    // Wake-ups without a reason aside.
    let timed_out = (0..10).any(|_| condvar.wait_timeout(mutex.lock().unwrap(), SOON).unwrap().1.timed_out());
    assert!(timed_out);
}

#[test]
fn all_are_woken_and_go_on_one_by_one() {
    let (mutex, condvar) = (Mutex::new((0, false)), Condvar::new());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut state = mutex.lock().unwrap();
                state.0 += 1;
                condvar.notify_all();
                drop(condvar.wait_while(state, |state| !state.1).unwrap());
                mutex.lock().unwrap().0 -= 1;
            });
        }
        let mut state = condvar.wait_while(mutex.lock().unwrap(), |state| state.0 < 4).unwrap();
        state.1 = true;
        condvar.notify_all();
    });
    assert_eq!(mutex.into_inner().unwrap(), (0, true));
}

/// One condvar may serve another mutex once nobody waits.
#[test]
fn a_condvar_is_used_with_one_mutex_after_the_other() {
    let condvar = Condvar::new();
    for _ in 0..2 {
        let mutex = Mutex::new(0);
        let (guard, timeout) = condvar.wait_timeout_while(mutex.lock().unwrap(), SOON, |_| true).unwrap();
        assert!(timeout.timed_out() && *guard == 0);
    }
}
