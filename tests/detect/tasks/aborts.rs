//! Tasks that are aborted, futures that are dropped, and threads that are done: none of them waits any more.

use super::on_one_thread;
use crate::run::{Case, quiet, stuck, work};
use gordian::{
    Ext,
    task::named,
    tokio::{
        self,
        runtime::Builder,
        sync::{Mutex, mpsc, oneshot},
        task::{AbortHandle, JoinHandle, JoinSet, LocalSet, spawn_blocking, spawn_local, yield_now},
        time::sleep,
    },
};
use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    time::Duration,
};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        waits_for_a_task_of_its_set,
        "standstill",
        [
            "driver: waits for a message of Channel #4097 [driven]",
            "keeper: holds lock [keeps], waits for a message of Channel #4099 [until told]",
            "root: waits for Mutex `lock` [wants what it keeps]"
        ],
        ["elsewhere", "main"]
    ),
    quiet!(all_are_aborted),
    quiet!(its_set_is_dropped),
    quiet!(its_set_is_shut_down),
    quiet!(aborted_by_its_handle),
    quiet!(joined_once_it_is_aborted),
    quiet!(joined_by_a_shutdown),
    quiet!(joined_once_aborted_by_its_handle),
    stuck!(
        tastes_and_waits,
        "standstill",
        ["taster: waits for a message of Channel #4098 [tastes]"],
        ["main", "task root"]
    ),
    quiet!(tastes_and_goes_on),
    stuck!(
        locked_twice_beside_an_idle_thread,
        "standstill",
        ["root: holds lock [locked beside it], waits for Mutex `lock` [and again]"],
        ["main"]
    ),
    quiet!(locked_once_beside_an_idle_thread),
    quiet!(a_service_that_is_off),
    quiet!(join_each_other_until_one_is_aborted),
    quiet!(waits_with_a_std_lock_until_it_is_aborted),
    quiet!(awaits_what_never_ends_while_a_thread_works),
];

/// So long that whoever is stuck meanwhile would have been told.
const A_WHILE: Duration = Duration::from_millis(150);

/// Somebody awaits a task that is pending for ever, until a third one aborts it.
fn a_service_that_is_off() {
    on_one_thread(async {
        let service = tokio::spawn(named("metrics", std::future::pending::<()>()));
        let stop = service.abort_handle();
        tokio::spawn(named("shutdown", async move {
            sleep(A_WHILE).await;
            stop.abort();
        }));
        let supervisor = tokio::spawn(named("supervisor", async { service.await.unwrap_err().is_cancelled() }));
        assert!(supervisor.await.unwrap());
    });
}

fn join_each_other_until_one_is_aborted() {
    on_one_thread(async {
        let (give, given) = oneshot::channel::<JoinHandle<()>>();
        let alice = tokio::spawn(named("alice", async { _ = given.await.unwrap().await }));
        let stop = alice.abort_handle();
        let bob = tokio::spawn(named("bob", async { assert!(alice.await.unwrap_err().is_cancelled()) }));
        give.send(bob).unwrap();
        sleep(A_WHILE).await;
        stop.abort();
        work();
    });
}

/// What blocks for the lock is in a closure; who awaits that is aborted.
fn waits_with_a_std_lock_until_it_is_aborted() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let lock = Arc::new(gordian::sync::Mutex::new(0));
    let guard = lock.lock().unwrap();
    let theirs = lock.clone();
    let adds = runtime.spawn_blocking(move || *theirs.lock().unwrap() += 1);
    let awaits = runtime.spawn(named("awaits", async { adds.await.unwrap() }));
    let stop = awaits.abort_handle();
    runtime.spawn(named("stops", async move {
        sleep(A_WHILE).await;
        stop.abort();
    }));
    assert!(runtime.block_on(awaits).unwrap_err().is_cancelled());
    drop(guard);
}

fn awaits_what_never_ends_while_a_thread_works() {
    std::thread::spawn(|| {
        std::thread::sleep(A_WHILE);
        std::process::exit(0);
    });
    on_one_thread(async {
        let never = tokio::spawn(named("never", std::future::pending::<()>()));
        _ = never.await;
    });
}

fn lock() -> Arc<Mutex<i32>> {
    Arc::new(Mutex::new(0).named("lock"))
}

/// A task of another thread has the lock, and waits for us. Its thread has other things to do just now, so that it takes a
/// while until it is dropped.
fn waits_for_a_lock_of_a_task(abort: impl AsyncFnOnce(&mut JoinSet<()>, AbortHandle)) {
    let elsewhere = Builder::new_current_thread().build().expect("a runtime");
    let handle = elsewhere.handle().clone();
    let (stop, stopped) = oneshot::channel::<()>();
    let driver = named("driver", async { _ = stopped.await }); //~ driven
    let thread = std::thread::Builder::new().name("elsewhere".into());
    let driver = thread.spawn(move || elsewhere.block_on(driver)).unwrap();
    on_one_thread(named("root", async {
        let (lock, mut set) = (lock(), JoinSet::new());
        let (tell, told) = oneshot::channel::<()>();
        let (keeps, is_kept) = oneshot::channel();
        let theirs = lock.clone();
        let keeper = named("keeper", async move {
            let _kept = theirs.lock().await; //~ keeps
            keeps.send(()).unwrap();
            _ = told.await; //~ until told
        });
        let keeper = set.spawn_on(keeper, &handle);
        is_kept.await.unwrap();
        let (begins, has_begun) = oneshot::channel();
        let busy = handle.spawn(async {
            begins.send(()).unwrap();
            work();
        });
        has_begun.await.unwrap();
        abort(&mut set, keeper).await;
        *lock.lock().await += 1; //~ wants what it keeps
        busy.await.unwrap();
        assert!(tell.is_closed());
    }));
    stop.send(()).unwrap();
    driver.join().unwrap();
}

fn waits_for_a_task_of_its_set() {
    waits_for_a_lock_of_a_task(async |_, _| ());
}

fn all_are_aborted() {
    waits_for_a_lock_of_a_task(async |set, _| set.abort_all());
}

fn its_set_is_dropped() {
    waits_for_a_lock_of_a_task(async |set, _| drop(std::mem::take(set)));
}

fn its_set_is_shut_down() {
    waits_for_a_lock_of_a_task(async |set, _| set.shutdown().await);
}

fn aborted_by_its_handle() {
    waits_for_a_lock_of_a_task(async |_, keeper| keeper.abort());
}

/// The task waits for our end, and we for its: which comes, since it is aborted.
fn joins_who_joins(abort: impl AsyncFnOnce(&mut JoinSet<()>, AbortHandle) + 'static) {
    let elsewhere = Builder::new_current_thread().build().expect("a runtime");
    let handle = elsewhere.handle().clone();
    let (stop, stopped) = oneshot::channel::<()>();
    let driver = std::thread::spawn(move || elsewhere.block_on(async { _ = stopped.await }));
    on_one_thread(LocalSet::new().run_until(async {
        let (give, given) = oneshot::channel::<JoinHandle<()>>();
        let (done, is_done) = oneshot::channel();
        let root = spawn_local(named("root", async move {
            let mut set = JoinSet::new();
            let (begins, has_begun) = oneshot::channel();
            let waiter = named("waiter", async move {
                let root = given.await.unwrap();
                begins.send(()).unwrap();
                root.await.unwrap();
            });
            let waiter = set.spawn_on(waiter, &handle);
            has_begun.await.unwrap();
            let (begins, has_begun) = oneshot::channel();
            let busy = handle.spawn(async {
                begins.send(()).unwrap();
                work();
            });
            has_begun.await.unwrap();
            abort(&mut set, waiter).await;
            while set.join_next().await.is_some() {}
            busy.await.unwrap();
            done.send(()).unwrap();
        }));
        give.send(root).unwrap();
        is_done.await.unwrap();
    }));
    stop.send(()).unwrap();
    driver.join().unwrap();
}

fn joined_once_it_is_aborted() {
    joins_who_joins(async |set, _| set.abort_all());
}

fn joined_by_a_shutdown() {
    joins_who_joins(async |set, _| set.shutdown().await);
}

fn joined_once_aborted_by_its_handle() {
    joins_who_joins(async |_, waiter| waiter.abort());
}

// ---- what was polled once ----

/// Its receive is pending, and gone in the same poll: a message would wake it all the same, and so would the lock.
fn tastes(is_let_go: bool) {
    on_one_thread(named("root", async {
        let lock = lock();
        let held = lock.lock().await;
        let theirs = lock.clone();
        let taster = tokio::spawn(named("taster", async move {
            let (_send, mut receive) = mpsc::channel::<u8>(1);
            let mut after = Box::pin(async { *theirs.lock().await += 1 });
            poll_fn(|context| {
                assert!(pin!(receive.recv()).poll(context).is_pending()); //~ tastes
                after.as_mut().poll(context)
            })
            .await;
        }));
        yield_now().await;
        if is_let_go {
            sleep(Duration::from_millis(60)).await;
            drop(held);
        }
        taster.await.unwrap();
    }));
}

fn tastes_and_waits() {
    tastes(false);
}

fn tastes_and_goes_on() {
    tastes(true);
}

// ---- a thread of the pool that has nothing to do ----

/// Such a thread may do anything, as far as is known, until it ends.
fn beside_an_idle_thread(twice: bool) {
    let runtime =
        Builder::new_current_thread().thread_keep_alive(Duration::from_millis(50)).build().expect("a runtime");
    runtime.block_on(named("root", async {
        spawn_blocking(|| ()).await.unwrap();
        let lock = lock();
        let once = lock.lock().await; //~ locked beside it
        if !twice {
            drop(once);
        }
        drop(lock.lock().await); //~ and again
    }));
}

fn locked_twice_beside_an_idle_thread() {
    beside_an_idle_thread(true);
}

fn locked_once_beside_an_idle_thread() {
    beside_an_idle_thread(false);
}
