//! What `tokio::sync::OnceCell` and `SetOnce` promise to do. The parent module says whose is asked.

use super::{
    asked::sync::{OnceCell, SetError, SetOnce, SetOnceError},
    polled::{at_once, polled, unwatched},
};
use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    task::{Poll, Waker},
};

/// Something that a task can wait for, and a test can give.
#[derive(Default)]
struct Given {
    value: Cell<Option<u8>>,
    waker: RefCell<Option<Waker>>,
}

impl Given {
    fn give(&self, value: u8) {
        self.value.set(Some(value));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn wait(&self) -> impl Future<Output = u8> + '_ {
        poll_fn(|context| match self.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                self.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        })
    }
}

#[test]
fn one_initialises_and_all_others_wait() {
    for watched in [true, false] {
        let (cell, given, calls) = (OnceCell::new(), Given::default(), Cell::new(0));
        let init = || {
            calls.set(calls.get() + 1);
            given.wait()
        };
        let get = || {
            let gets = async { *cell.get_or_init(init).await };
            if watched { polled(gets) } else { unwatched(gets) }
        };
        let (mut one, mut two, mut three) = (get(), get(), get());
        one.pends();
        two.pends();
        three.pends();
        one.pends();
        assert_eq!((calls.get(), cell.initialized(), cell.get()), (1, false, None));
        assert_eq!(cell.set(9), Err(SetError::InitializingError(9)));
        given.give(5);
        assert_eq!((one.wakes(), two.wakes(), three.wakes()), (1, 0, 0));
        assert_eq!(one.ready(), 5);
        assert_eq!((two.wakes(), three.wakes()), (1, 1));
        assert_eq!((two.ready(), three.ready(), calls.get()), (5, 5, 1));
        assert_eq!(cell.set(9), Err(SetError::AlreadyInitializedError(9)));
        assert_eq!(get().ready(), 5);
    }
}

#[test]
fn an_initialiser_that_does_not_wait_is_polled_once() {
    let (cell, polls) = (OnceCell::new(), Cell::new(0));
    let counted = || {
        poll_fn(|_| {
            polls.set(polls.get() + 1);
            Poll::Ready(7)
        })
    };
    assert_eq!((*at_once(cell.get_or_init(counted)), polls.get()), (7, 1));
}

#[test]
fn an_initialiser_is_polled_as_often_as_the_one_who_gets() {
    let (cell, polls) = (OnceCell::new(), Cell::new(0));
    let mut gets = polled(cell.get_or_init(|| {
        poll_fn(|_| {
            polls.set(polls.get() + 1);
            if polls.get() == 3 { Poll::Ready(7) } else { Poll::Pending }
        })
    }));
    gets.pends();
    assert_eq!(polls.get(), 1);
    gets.pends();
    assert_eq!(polls.get(), 2);
    assert_eq!((*gets.ready(), polls.get()), (7, 3));
}

/// What an initialiser keeps is the waker of the task, and not of something that is gone once it has begun.
#[test]
fn an_initialiser_has_the_wakers_of_the_task() {
    let (cell, given) = (OnceCell::new(), Given::default());
    let (first, then) = (RefCell::new(None), RefCell::new(None));
    let mut gets = polled(async {
        poll_fn(|context| {
            first.replace(Some(context.waker().clone()));
            Poll::Ready(())
        })
        .await;
        let init = || async {
            poll_fn(|context| {
                then.replace(Some(context.waker().clone()));
                Poll::Ready(())
            })
            .await;
            given.wait().await
        };
        *cell.get_or_init(init).await
    });
    gets.pends();
    let (first, then) = (first.take().unwrap(), then.take().unwrap());
    assert!(then.will_wake(&first));
    given.give(1);
    assert_eq!((gets.wakes(), gets.ready()), (1, 1));
    drop((first, then));
    assert!(gets.wakers() <= 1, "the task's own record has one");
}

#[test]
fn who_gives_up_lets_another_one_try() {
    let (cell, given) = (OnceCell::new(), Given::default());
    let mut one = polled(cell.get_or_init(|| given.wait()));
    let mut two = polled(cell.get_or_init(|| ready(2)));
    one.pends();
    two.pends();
    drop(one);
    assert_eq!(two.wakes(), 1);
    assert_eq!((*two.ready(), cell.get()), (2, Some(&2)));
}

#[test]
fn who_fails_or_panics_lets_another_one_try() {
    let cell = OnceCell::new();
    let panics = || async { if true { panic!("on purpose") } else { 1 } };
    assert!(catch_unwind(AssertUnwindSafe(|| at_once(cell.get_or_init(panics)))).is_err());
    let panics_early = || if true { panic!("on purpose") } else { ready(1) };
    assert!(catch_unwind(AssertUnwindSafe(|| at_once(cell.get_or_init(panics_early)))).is_err());
    assert_eq!(at_once(cell.get_or_try_init(|| ready(Err("no")))), Err("no"));
    assert_eq!(cell.get(), None);
    let given = Given::default();
    let mut fails = polled(cell.get_or_try_init(|| async { Err(given.wait().await) }));
    let mut next = polled(cell.get_or_try_init(|| ready(Ok::<_, u8>(3))));
    fails.pends();
    next.pends();
    given.give(4);
    assert_eq!((fails.ready(), next.wakes()), (Err(4), 1));
    assert_eq!((next.ready(), cell.get()), (Ok(&3), Some(&3)));
    assert_eq!(at_once(cell.get_or_try_init(|| ready(Err("no")))), Ok(&3));
}

#[test]
fn a_cell_is_like_its_value() {
    let mut cell = OnceCell::new();
    assert!(!cell.initialized() && cell.get_mut().is_none() && cell.take().is_none());
    cell.set(1).unwrap();
    *cell.get_mut().unwrap() += 1;
    let same = cell.clone();
    assert_eq!((&same, same.get()), (&cell, Some(&2)));
    assert_eq!((cell.take(), cell.take(), cell.set(3), cell.into_inner()), (Some(2), None, Ok(()), Some(3)));
    assert_ne!(OnceCell::new_with(Some(1)), OnceCell::default());
    assert_eq!(OnceCell::from(1), OnceCell::new_with(Some(1)));
    assert_eq!(OnceCell::<u8>::new_with(None).into_inner(), None);
}

#[test]
fn who_waits_gets_what_is_set() {
    let cell = SetOnce::new();
    let (mut one, mut two) = (polled(cell.wait()), unwatched(cell.wait()));
    one.pends();
    two.pends();
    assert!(!cell.initialized() && cell.get().is_none());
    assert_eq!(cell.set(1), Ok(()));
    assert_eq!((one.wakes(), two.wakes()), (1, 1));
    assert_eq!((*one.ready(), *two.ready(), *at_once(cell.wait())), (1, 1, 1));
    assert_eq!(cell.set(2), Err(SetOnceError(2)));
    assert_eq!((cell.get(), cell.initialized()), (Some(&1), true));
    assert_eq!((cell.clone().into_inner(), SetOnce::<u8>::default().into_inner()), (Some(1), None));
    assert_eq!(SetOnce::from(1), SetOnce::new_with(Some(1)));
    assert_ne!(SetOnce::from(1), SetOnce::new_with(None));
}
