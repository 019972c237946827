//! `tokio::task`: names, signatures, and what only tasks do. The parent module says whose is asked.
#![expect(clippy::type_complexity, reason = "signatures are what this is about")]

use super::asked::{
    self,
    runtime::{Builder, Handle, Id as RuntimeId, Runtime},
    sync::{Barrier, Notify, oneshot},
    task::{
        self, AbortHandle, Id, JoinError, JoinHandle, JoinSet, LocalEnterGuard, LocalSet, block_in_place, spawn,
        spawn_blocking, spawn_local, yield_now,
    },
};
use std::{
    cell::{Cell, RefCell},
    future::{Future, Ready, pending, poll_fn, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    rc::Rc,
    sync::{
        Arc, Barrier as Meeting, Once,
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    task::{Context, Poll, Waker},
};

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn two_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

// ---- signatures: where one differs this does not compile ----

#[test]
fn functions_have_the_real_signatures() {
    let _: fn(Ready<u8>) -> JoinHandle<u8> = spawn;
    let _: fn(Ready<u8>) -> JoinHandle<u8> = asked::spawn;
    let _: fn(fn() -> u8) -> JoinHandle<u8> = spawn_blocking;
    let _: fn(Ready<Rc<u8>>) -> JoinHandle<Rc<u8>> = spawn_local;
    let _: fn(fn() -> Rc<u8>) -> Rc<u8> = block_in_place;
    let _: fn() -> Id = task::id;
    let _: fn() -> Option<Id> = task::try_id;
    let _: fn(Ready<u8>) -> task::coop::Unconstrained<Ready<u8>> = task::unconstrained;
    let _: fn() -> bool = task::coop::has_budget_remaining;
    _ = (task::consume_budget(), yield_now());
}

#[test]
fn handles_have_the_real_methods() {
    let _: fn(&JoinHandle<Rc<u8>>) = JoinHandle::abort;
    let _: fn(&JoinHandle<Rc<u8>>) -> bool = JoinHandle::is_finished;
    let _: fn(&JoinHandle<Rc<u8>>) -> AbortHandle = JoinHandle::abort_handle;
    let _: fn(&JoinHandle<Rc<u8>>) -> Id = JoinHandle::id;
    let _: for<'a> fn(Pin<&mut JoinHandle<u8>>, &mut Context<'a>) -> Poll<Result<u8, JoinError>> = JoinHandle::poll;
    let _: fn(&AbortHandle) = AbortHandle::abort;
    let _: fn(&AbortHandle) -> bool = AbortHandle::is_finished;
    let _: fn(&AbortHandle) -> Id = AbortHandle::id;
}

#[test]
fn sets_have_the_real_methods() {
    let _: fn() -> JoinSet<Rc<u8>> = JoinSet::new;
    let _: fn(&JoinSet<Rc<u8>>) -> usize = JoinSet::len;
    let _: fn(&JoinSet<Rc<u8>>) -> bool = JoinSet::is_empty;
    let _: fn(&mut JoinSet<u8>, Ready<u8>) -> AbortHandle = JoinSet::spawn;
    let _: fn(&mut JoinSet<u8>, Ready<u8>, &Handle) -> AbortHandle = JoinSet::spawn_on;
    let _: fn(&mut JoinSet<Rc<u8>>, Ready<Rc<u8>>) -> AbortHandle = JoinSet::spawn_local;
    let _: fn(&mut JoinSet<Rc<u8>>, Ready<Rc<u8>>, &LocalSet) -> AbortHandle = JoinSet::spawn_local_on;
    let _: fn(&mut JoinSet<u8>, fn() -> u8) -> AbortHandle = JoinSet::spawn_blocking;
    let _: fn(&mut JoinSet<u8>, fn() -> u8, &Handle) -> AbortHandle = JoinSet::spawn_blocking_on;
    let _: fn(&mut JoinSet<Rc<u8>>) -> Option<Result<Rc<u8>, JoinError>> = JoinSet::try_join_next;
    let _: fn(&mut JoinSet<Rc<u8>>) -> Option<Result<(Id, Rc<u8>), JoinError>> = JoinSet::try_join_next_with_id;
    let _: fn(&mut JoinSet<Rc<u8>>) = JoinSet::abort_all;
    let _: fn(&mut JoinSet<Rc<u8>>) = JoinSet::detach_all;
    let _: fn(&mut JoinSet<u8>, &mut Context<'_>) -> Poll<Option<Result<u8, JoinError>>> = JoinSet::poll_join_next;
    let _: fn(&mut JoinSet<u8>, &mut Context<'_>) -> Poll<Option<Result<(Id, u8), JoinError>>> =
        JoinSet::poll_join_next_with_id;
}

#[test]
fn local_sets_have_the_real_methods() {
    let _: fn() -> LocalSet = LocalSet::new;
    let _: fn(&LocalSet) -> LocalEnterGuard = LocalSet::enter;
    let _: fn(&LocalSet, Ready<Rc<u8>>) -> JoinHandle<Rc<u8>> = LocalSet::spawn_local;
    let _: fn(&LocalSet, &Runtime, Ready<Rc<u8>>) -> Rc<u8> = LocalSet::block_on;
    let _: fn(&LocalSet) -> RuntimeId = LocalSet::id;
    let _: fn(Pin<&mut LocalSet>, &mut Context<'_>) -> Poll<()> = LocalSet::poll;
}

#[test]
fn they_write_themselves_as_the_real_ones_do() {
    one_thread().block_on(async {
        let task = spawn(pending::<()>());
        let id = task.id();
        assert_eq!(format!("{task:?}"), format!("JoinHandle {{ id: Id({id}) }}"));
        assert_eq!(format!("{:?}", task.abort_handle()), format!("AbortHandle {{ id: Id({id}) }}"));
        assert_eq!(format!("{:?}", LocalSet::new()), "LocalSet");
        let mut set = JoinSet::new();
        set.spawn(ready(1));
        assert_eq!(format!("{set:?}"), "JoinSet { len: 1 }");
        assert_eq!(format!("{set:#?}"), "JoinSet {\n    len: 1,\n}");
    });
}

// ---- spawning and joining ----

#[test]
fn a_task_gives_its_value_to_who_awaits_it() {
    for runtime in [one_thread(), two_threads()] {
        let value = runtime.block_on(async {
            let inner = spawn(async { spawn(ready(5)).await.unwrap() + 1 });
            inner.await.unwrap() + 1
        });
        assert_eq!(value, 7);
    }
}

#[test]
fn a_panic_of_a_task_is_an_error() {
    one_thread().block_on(async {
        let task: JoinHandle<()> = spawn(async { panic!("of the task") });
        let id = task.id();
        let error: JoinError = task.await.unwrap_err();
        assert!(error.is_panic() && !error.is_cancelled());
        assert_eq!(error.id(), id);
        assert_eq!(*error.into_panic().downcast_ref::<&str>().unwrap(), "of the task");
    });
}

#[test]
fn a_task_that_is_aborted_is_dropped_and_cancelled() {
    for runtime in [one_thread(), two_threads()] {
        runtime.block_on(async {
            let alive = Arc::new(());
            let kept = alive.clone();
            let task = spawn(async move {
                let _kept = kept;
                pending::<()>().await;
            });
            let (abort, other) = (task.abort_handle(), task.abort_handle().clone());
            yield_now().await;
            assert!(!task.is_finished() && !abort.is_finished());
            abort.abort();
            other.abort();
            assert!(task.await.unwrap_err().is_cancelled());
            assert!(abort.is_finished());
            assert_eq!((Arc::strong_count(&alive), abort.id()), (1, other.id()));
        });
    }
}

#[test]
fn a_task_that_has_ended_is_not_cancelled() {
    one_thread().block_on(async {
        let task = spawn(ready(1));
        yield_now().await;
        assert!(task.is_finished());
        task.abort();
        assert_eq!(task.await.unwrap(), 1);
    });
}

#[test]
fn a_task_goes_on_without_its_handle() {
    one_thread().block_on(async {
        let (send, receive) = oneshot::channel();
        drop(spawn(async {
            yield_now().await;
            send.send(4).unwrap();
        }));
        assert_eq!(receive.await.unwrap(), 4);
    });
}

#[test]
fn a_handle_can_be_polled_by_one_after_another() {
    one_thread().block_on(async {
        let (go, gone) = oneshot::channel::<()>();
        let mut task = spawn(async {
            gone.await.unwrap();
            6
        });
        poll_fn(|context| {
            assert!(Pin::new(&mut task).poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        let other = spawn(task);
        yield_now().await;
        go.send(()).unwrap();
        assert_eq!(other.await.unwrap().unwrap(), 6);
    });
}

#[test]
fn a_task_knows_its_id() {
    one_thread().block_on(async {
        let task = spawn(async { (task::id(), task::try_id()) });
        let id = task.id();
        assert_eq!(task.await.unwrap(), (id, Some(id)));
    });
    assert_eq!(task::try_id(), None);
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn a_spawn_needs_a_runtime() {
    drop(spawn(ready(())));
}

/// Where the calling thread has panicked.
fn places_of(calls: &[fn()]) -> Vec<u32> {
    thread_local! {
        static PLACES: RefCell<Option<Vec<u32>>> = const { RefCell::new(None) };
    }
    static HOOKED: Once = Once::new();
    // It stays: other tests have hooks, too, and taking one back could take another's.
    HOOKED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let line = info.location().filter(|place| place.file().ends_with("task.rs")).map(|place| place.line());
            let noted = PLACES.with_borrow_mut(|places| places.as_mut().map(|places| places.extend(line)));
            if noted.is_none() {
                before(info);
            }
        }));
    });
    PLACES.set(Some(Vec::new()));
    calls.iter().for_each(|call| assert!(catch_unwind(call).is_err()));
    PLACES.take().unwrap_or_default()
}

#[test]
fn panics_are_at_the_callers_place() {
    let first = line!() + 2;
    let places = places_of(&[
        || drop(spawn(ready(()))),
        || drop(spawn_blocking(|| ())),
        || drop(spawn_local(ready(()))),
        || drop(JoinSet::new().spawn(ready(()))),
    ]);
    assert_eq!(places, [first, first + 1, first + 2, first + 3]);
}

// ---- code that blocks ----

#[test]
fn a_blocking_task_runs_in_a_thread_of_its_own() {
    one_thread().block_on(async {
        let own = std::thread::current().id();
        let (go, gone) = mpsc::channel();
        let task = spawn_blocking(move || {
            gone.recv().unwrap();
            std::thread::current().id()
        });
        go.send(()).unwrap();
        assert_ne!(task.await.unwrap(), own);
        let closure: JoinHandle<()> = spawn_blocking(|| panic!("of the closure"));
        let error = closure.await.unwrap_err();
        assert!(error.is_panic());
    });
}

#[test]
fn a_blocking_task_that_has_not_begun_can_be_aborted() {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let (go, gone) = mpsc::channel::<()>();
        let first = spawn_blocking(move || gone.recv().unwrap());
        let ran = Arc::new(AtomicU32::new(0));
        let second = spawn_blocking({
            let ran = ran.clone();
            move || ran.store(1, SeqCst)
        });
        second.abort();
        go.send(()).unwrap();
        first.await.unwrap();
        assert!(second.await.unwrap_err().is_cancelled());
        assert_eq!(ran.load(SeqCst), 0);
    });
}

#[test]
fn a_blocking_task_may_block_on_a_future() {
    let value = two_threads().block_on(async {
        let (send, receive) = oneshot::channel();
        let task = spawn_blocking(|| Handle::current().block_on(receive).unwrap());
        send.send(8).unwrap();
        task.await.unwrap()
    });
    assert_eq!(value, 8);
}

#[test]
fn others_are_polled_while_one_blocks_in_place() {
    let value = two_threads().block_on(async {
        spawn(async {
            let (send, receive) = mpsc::channel();
            let other = spawn(async move { send.send(3).unwrap() });
            let value = block_in_place(|| receive.recv().unwrap());
            other.await.unwrap();
            value
                + block_in_place(|| {
                    Handle::current().block_on(async {
                        yield_now().await;
                        1
                    })
                })
        })
        .await
        .unwrap()
    });
    assert_eq!(value, 4);
}

#[test]
#[should_panic(expected = "can call blocking only when running on the multi-threaded runtime")]
fn one_thread_cannot_block_in_place() {
    one_thread().block_on(async { block_in_place(|| ()) });
}

// ---- sets ----

#[test]
fn a_set_gives_its_values_as_they_come() {
    for runtime in [one_thread(), two_threads()] {
        runtime.block_on(async {
            let mut set = JoinSet::new();
            assert!(set.join_next().await.is_none());
            let (sends, receives): (Vec<_>, Vec<_>) = (0..3).map(|_| oneshot::channel::<u8>()).unzip();
            for receive in receives {
                set.spawn(async { receive.await.unwrap() });
            }
            for (value, send) in [2, 0, 1].into_iter().zip(sends.into_iter().rev()) {
                send.send(value).unwrap();
                assert_eq!(set.join_next().await.unwrap().unwrap(), value);
            }
            assert!(set.is_empty() && set.join_next().await.is_none());
        });
    }
}

#[test]
fn a_set_tells_which_task_has_ended() {
    one_thread().block_on(async {
        let mut set = JoinSet::new();
        let id = set.spawn(ready(1)).id();
        assert_eq!(set.join_next_with_id().await.unwrap().unwrap(), (id, 1));
        let id = set.spawn_blocking(|| 2).id();
        assert_eq!(set.join_next_with_id().await.unwrap().unwrap(), (id, 2));
        let failed = set.spawn(async { panic!("of the task") });
        assert_eq!(set.join_next_with_id().await.unwrap().unwrap_err().id(), failed.id());
    });
}

#[test]
fn a_set_is_asked_without_waiting() {
    one_thread().block_on(async {
        let mut set = JoinSet::new();
        let (go, gone) = oneshot::channel::<()>();
        set.spawn(async { gone.await.map_err(drop) });
        assert!(set.try_join_next().is_none() && set.try_join_next_with_id().is_none());
        go.send(()).unwrap();
        yield_now().await;
        assert_eq!(set.try_join_next().unwrap().unwrap(), Ok(()));
        let id = set.spawn(ready(Ok(()))).id();
        yield_now().await;
        assert_eq!(set.try_join_next_with_id().unwrap().unwrap(), (id, Ok(())));
    });
}

#[test]
fn a_set_can_be_polled_by_hand() {
    one_thread().block_on(async {
        let mut set = JoinSet::new();
        set.spawn(ready(1));
        assert_eq!(poll_fn(|context| set.poll_join_next(context)).await.unwrap().unwrap(), 1);
        let id = set.spawn(ready(2)).id();
        assert_eq!(poll_fn(|context| set.poll_join_next_with_id(context)).await.unwrap().unwrap(), (id, 2));
    });
}

#[test]
fn a_wait_for_a_set_can_be_given_up() {
    one_thread().block_on(async {
        let mut set = JoinSet::new();
        let (go, gone) = oneshot::channel::<()>();
        set.spawn(async { gone.await.unwrap() });
        asked::select! {
            biased;
            _ = set.join_next() => panic!("nothing has come"),
            () = yield_now() => {}
        }
        go.send(()).unwrap();
        set.join_next().await.unwrap().unwrap();
    });
}

#[test]
fn a_set_that_is_dropped_aborts_its_tasks() {
    one_thread().block_on(async {
        let alive = Arc::new(());
        let hold = |alive: &Arc<()>| {
            let kept = alive.clone();
            async move {
                let _kept = kept;
                pending::<()>().await;
            }
        };
        let mut set: JoinSet<()> = (0..3).map(|_| hold(&alive)).collect();
        set.extend([hold(&alive)]);
        assert_eq!((set.len(), Arc::strong_count(&alive)), (4, 5));
        set.abort_all();
        assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
        set.spawn(hold(&alive));
        set.shutdown().await;
        assert_eq!((set.len(), Arc::strong_count(&alive)), (0, 1));
        set.spawn(hold(&alive));
        drop(set);
        yield_now().await;
        assert_eq!(Arc::strong_count(&alive), 1);
    });
}

#[test]
fn what_a_set_lets_go_goes_on() {
    one_thread().block_on(async {
        let (send, receive) = oneshot::channel();
        let mut set = JoinSet::default();
        set.spawn(async {
            yield_now().await;
            send.send(1).unwrap();
        });
        set.detach_all();
        assert!(set.is_empty());
        drop(set);
        assert_eq!(receive.await.unwrap(), 1);
    });
}

#[test]
fn all_of_a_set_are_joined_at_once() {
    one_thread().block_on(async {
        let set: JoinSet<u8> = [1, 2, 3].into_iter().map(ready).collect();
        let mut all = set.join_all().await;
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3]);
    });
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        one_thread().block_on(async {
            let mut set = JoinSet::new();
            set.spawn(async { panic!("of the task") });
            set.spawn(pending::<()>());
            set.join_all().await
        })
    }));
    assert_eq!(*panicked.unwrap_err().downcast_ref::<&str>().unwrap(), "of the task");
}

#[test]
fn nothing_is_aborted_before_a_shutdown_is_polled() {
    one_thread().block_on(async {
        let mut set = JoinSet::new();
        let (go, gone) = oneshot::channel::<()>();
        set.spawn(async { gone.await.map_err(drop) });
        drop(set.shutdown());
        yield_now().await;
        go.send(()).unwrap();
        assert_eq!(set.join_next().await.unwrap().unwrap(), Ok(()));
    });
}

#[test]
fn a_set_spawns_where_it_is_told() {
    let (here, there) = (one_thread(), two_threads());
    let local = LocalSet::new();
    let names = local.block_on(&here, async {
        let mut set = JoinSet::new();
        let name = || Handle::current().runtime_flavor();
        set.spawn_on(async move { name() }, there.handle());
        set.spawn_blocking_on(name, there.handle());
        set.spawn_local(async move { name() });
        set.spawn_local_on(async move { name() }, &local);
        let mut count = 0;
        while let Some(flavor) = set.join_next().await {
            count += u8::from(flavor.unwrap() == asked::runtime::RuntimeFlavor::MultiThread);
        }
        count
    });
    assert_eq!(names, 2);
}

// ---- local sets ----

#[test]
fn a_local_set_ends_with_its_last_task() {
    let runtime = one_thread();
    let seen = Rc::new(Cell::new(0));
    let local = LocalSet::new();
    for number in 1..=3 {
        let seen = seen.clone();
        local.spawn_local(async move {
            yield_now().await;
            seen.set(seen.get() + number);
            spawn_local(async move { seen.set(seen.get() + 10) });
        });
    }
    runtime.block_on(local);
    assert_eq!(seen.get(), 36);
}

#[test]
fn a_local_set_runs_until_a_future_is_ready() {
    let runtime = two_threads();
    let local = LocalSet::default();
    let (mine, notify) = (Rc::new(5), Rc::new(Notify::new()));
    let value = runtime.block_on(local.run_until(async {
        let (mine, notified) = (mine.clone(), notify.clone());
        let task = spawn_local(async move {
            notified.notified().await;
            *mine + 1
        });
        notify.notify_one();
        task.await.unwrap()
    }));
    assert_eq!(value, 6);
    let left = local.spawn_local(pending::<()>());
    assert_eq!(local.block_on(&runtime, ready(1)), 1);
    assert!(!left.is_finished());
    drop(local);
    assert!(runtime.block_on(left).unwrap_err().is_cancelled());
}

#[test]
fn a_local_set_is_woken_from_another_thread() {
    let (send, receive) = oneshot::channel::<u8>();
    let local = LocalSet::new();
    let task = local.spawn_local(async { receive.await.unwrap() });
    let meeting = Arc::new(Meeting::new(2));
    let other = std::thread::spawn({
        let meeting = meeting.clone();
        move || {
            meeting.wait();
            send.send(9).unwrap();
        }
    });
    let value = local.block_on(&one_thread(), async {
        yield_now().await;
        meeting.wait();
        task.await.unwrap()
    });
    other.join().unwrap();
    assert_eq!(value, 9);
}

#[test]
fn a_local_set_can_be_entered() {
    let local = LocalSet::new();
    let task = {
        let _guard = local.enter();
        spawn_local(ready(2))
    };
    assert_eq!(local.block_on(&one_thread(), task).unwrap(), 2);
}

#[test]
#[should_panic(expected = "`spawn_local` called from outside of a `task::LocalSet`")]
fn a_local_spawn_needs_a_local_set() {
    one_thread().block_on(async { drop(spawn_local(ready(()))) });
}

// ---- what everything has to do with the budget ----

/// Gives way until a runtime of one thread has polled some hundreds of others.
async fn all_polled() {
    for _ in 0..10 {
        yield_now().await;
    }
}

/// A poll may do so many operations before it has to give way to others: what is watched spends as much as what is not.
#[test]
fn the_budget_is_the_real_one() {
    let spent = one_thread().block_on(async {
        let mut spent = 0;
        let mut set: JoinSet<()> = (0..300).map(|_| ready(())).collect();
        all_polled().await;
        poll_fn(|context| {
            while let Poll::Ready(Some(done)) = set.poll_join_next(context) {
                done.unwrap();
                spent += 1;
            }
            Poll::Ready(())
        })
        .await;
        spent
    });
    assert_eq!(spent, 128);
    let (tasks, joined) = one_thread().block_on(async {
        let mut tasks: Vec<_> = (0..300).map(|number| spawn(ready(number))).collect();
        all_polled().await;
        let joined = poll_fn(|context| {
            let polled = tasks.iter_mut().map(|task| Pin::new(task).poll(context).is_ready());
            Poll::Ready(polled.filter(|&ready| ready).count())
        })
        .await;
        (tasks.len(), joined)
    });
    assert_eq!((tasks, joined), (300, 128));
}

#[test]
fn futures_that_are_not_polled_do_nothing() {
    let mut context = Context::from_waker(Waker::noop());
    let local = LocalSet::new();
    drop(local.run_until(async { unreachable!("nobody polls it") }));
    let mut set = JoinSet::<u8>::new();
    drop(set.join_next());
    assert!(matches!(pin!(set.join_next()).poll(&mut context), Poll::Ready(None)));
    assert!(matches!(pin!(set.join_all()).poll(&mut context), Poll::Ready(all) if all.is_empty()));
}

#[test]
fn many_tasks_meet() {
    const TASKS: usize = 40;
    for runtime in [one_thread(), two_threads()] {
        let led = runtime.block_on(async {
            let barrier = Arc::new(Barrier::new(TASKS));
            let meet = |_| {
                let barrier = barrier.clone();
                async move { barrier.wait().await.is_leader() }
            };
            let set: JoinSet<bool> = (0..TASKS).map(meet).collect();
            set.join_all().await.into_iter().filter(|&leader| leader).count()
        });
        assert_eq!(led, 1);
    }
}
