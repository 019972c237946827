//! Runtimes that are dropped: that waits for closures which have begun, and for polls, however long.

use crate::run::{Case, quiet, stuck, work};
use gordian::{
    Ext,
    sync::{Arc, Mutex, mpsc},
    task::named,
    tokio::{
        runtime::{Builder, LocalOptions, Runtime},
        sync::{self, oneshot},
        task::{block_in_place, yield_now},
        time::Duration,
    },
};
use std::sync::mpsc as unseen;

pub(crate) const CASES: &[Case] = &[
    stuck!(
        dropped_before_the_sender,
        "standstill",
        [
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
            "tokio-rt-worker: waits for a message of Channel `stop` [wait for the stop]",
            "main: waits for the threads of the runtime that it drops [nowhere]",
        ],
        []
    ),
    quiet!(dropped_after_the_sender),
    stuck!(
        dropped_before_stds_sender,
        "standstill",
        [
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
            "tokio-rt-worker: waits for a message of Channel `jobs` [wait for a job]",
            "main: waits for the threads of the runtime that it drops [nowhere]",
        ],
        []
    ),
    quiet!(dropped_after_stds_sender),
    stuck!(
        dropped_inside_a_lock,
        "wait_cycle",
        [
            "main: holds results [lock over the drop], waits for the threads of the runtime that it drops [nowhere]",
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
            "tokio-rt-worker: waits for Mutex `results` [want in a closure]",
        ],
        []
    ),
    quiet!(dropped_outside_of_the_lock),
    stuck!(
        a_worker_drops_what_wants_the_lock,
        "wait_cycle",
        [
            "main: holds results [lock over a destructor], waits for the threads of the runtime that it drops [nowhere]",
            "tokio-rt-worker: waits for Mutex `results` [want in a destructor]",
        ],
        []
    ),
    quiet!(a_worker_drops_what_gets_the_lock),
    stuck!(
        one_of_two_closures_is_stuck,
        "wait_cycle",
        [
            "main: holds results [lock over both], waits for the threads of the runtime that it drops [nowhere]",
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
            "tokio-rt-worker: waits for Mutex `results` [want in a closure]",
        ],
        []
    ),
    // As long as a thread has something to do it begins what was queued.
    stuck!(
        a_closure_begins_during_the_drop,
        "wait_cycle",
        [
            "main: holds results [lock over the queue], waits for the threads of the runtime that it drops [nowhere]",
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
            "tokio-rt-worker: waits for Mutex `results` [want in a closure]",
        ],
        []
    ),
    stuck!(
        dropped_inside_an_async_lock,
        "standstill",
        [
            "tokio-rt-worker: waits for Mutex `counter` [want, blocking]",
            "main: holds counter [async lock], waits for the threads of the runtime that it drops [nowhere]",
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
        ],
        []
    ),
    quiet!(dropped_outside_of_the_async_lock),
    stuck!(
        dropped_while_a_poll_wants_a_lock,
        "wait_cycle",
        [
            "main: holds results [lock over the poll], waits for the threads of the runtime that it drops [nowhere]",
            "?: waits for thread `tokio-rt-worker`, which polls it [nowhere]",
            "tokio-rt-worker: waits for Mutex `results` [want in a poll]",
        ],
        []
    ),
    quiet!(dropped_while_a_poll_has_the_lock),
    stuck!(
        dropped_by_its_own_closure,
        "wait_cycle",
        [
            "tokio-rt-worker: waits for the threads of the runtime that it drops [nowhere]",
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
        ],
        ["task waits for it"]
    ),
    quiet!(dropped_by_a_closure_of_another),
    quiet!(closures_end_by_themselves),
    quiet!(a_task_has_the_sender),
    quiet!(a_task_takes_long_to_give_back_the_lock),
    quiet!(a_task_that_nobody_has_seen_has_the_sender),
    quiet!(ended_in_time),
    quiet!(ended_at_once),
];

fn two_workers() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn lock() -> Arc<Mutex<u32>> {
    Arc::new(Mutex::new(0).named("results"))
}

/// Tells when what is spawned has begun.
fn begun() -> (unseen::Sender<()>, impl FnOnce()) {
    let (begins, begun) = unseen::channel();
    (begins, move || begun.recv().unwrap())
}

/// A closure of the runtime's has begun to do this.
fn begins<R: Send + 'static>(runtime: &Runtime, closure: impl FnOnce() -> R + Send + 'static) {
    let (begins, begun) = begun();
    runtime.spawn_blocking(move || {
        begins.send(()).unwrap();
        closure()
    });
    begun();
}

/// Wants the lock.
fn wants(results: &Arc<Mutex<u32>>) -> impl FnOnce() + Send + 'static {
    let theirs = results.clone();
    move || *theirs.lock().unwrap() += 1 //~ want in a closure
}

/// In a thread of the runtime's, and nobody knows of it.
fn unseen_closure(runtime: &Runtime, closure: impl FnOnce() + Send + 'static) {
    let _entered = runtime.enter();
    drop(::tokio::task::spawn_blocking(closure));
}

// ---- channels ----

fn with_a_sender(drops_it: bool) {
    let runtime = two_workers();
    let (stop, stopped) = oneshot::channel::<()>();
    begins(&runtime, move || {
        let stopped = stopped.named("stop");
        stopped.blocking_recv() //~ wait for the stop
    });
    if drops_it {
        drop(stop);
    }
    drop(runtime);
}

fn dropped_before_the_sender() {
    with_a_sender(false);
}

fn dropped_after_the_sender() {
    with_a_sender(true);
}

fn with_stds_sender(drops_it: bool) {
    let runtime = one_thread();
    let (send, receive) = mpsc::channel::<u32>();
    begins(&runtime, move || {
        let receive = receive.named("jobs");
        receive.recv() //~ wait for a job
    });
    if drops_it {
        drop(send);
    }
    drop(runtime);
}

fn dropped_before_stds_sender() {
    with_stds_sender(false);
}

fn dropped_after_stds_sender() {
    with_stds_sender(true);
}

// ---- locks ----

fn with_a_lock(drops_it: bool) {
    let (runtime, results) = (one_thread(), lock());
    let held = results.lock().unwrap(); //~ lock over the drop
    begins(&runtime, wants(&results));
    if drops_it {
        drop(held);
    }
    drop(runtime);
}

fn dropped_inside_a_lock() {
    with_a_lock(false);
}

fn dropped_outside_of_the_lock() {
    with_a_lock(true);
}

/// Locks when it is dropped.
struct Counted(Arc<Mutex<u32>>);

impl Drop for Counted {
    fn drop(&mut self) {
        *self.0.lock().unwrap() += 1; //~ want in a destructor
    }
}

/// A runtime with a task that is pending for ever, and has one of these.
fn with_a_counted_task(results: &Arc<Mutex<u32>>) -> Runtime {
    let (runtime, counted, (begins, begun)) = (two_workers(), Counted(results.clone()), begun());
    runtime.spawn(async move {
        let _counted = counted;
        begins.send(()).unwrap();
        std::future::pending::<()>().await
    });
    begun();
    runtime
}

fn a_worker_drops_what_wants_the_lock() {
    let results = lock();
    let runtime = with_a_counted_task(&results);
    let _held = results.lock().unwrap(); //~ lock over a destructor
    drop(runtime);
}

fn a_worker_drops_what_gets_the_lock() {
    let results = lock();
    let runtime = with_a_counted_task(&results);
    drop(results.lock().unwrap());
    drop(runtime);
}

/// The other one goes on, and the runtime has a thread besides that nobody knows.
fn one_of_two_closures_is_stuck() {
    let (runtime, results) = (two_workers(), lock());
    let _held = results.lock().unwrap(); //~ lock over both
    begins(&runtime, wants(&results));
    for _ in 0..2 {
        runtime.spawn_blocking(|| std::thread::sleep(std::time::Duration::from_secs(100)));
    }
    unseen_closure(&runtime, || std::thread::sleep(std::time::Duration::from_secs(100)));
    drop(runtime);
}

fn a_closure_begins_during_the_drop() {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    let results = lock();
    begins(&runtime, work);
    runtime.spawn_blocking(wants(&results));
    let _held = results.lock().unwrap(); //~ lock over the queue
    drop(runtime);
}

fn with_an_async_lock(drops_it: bool) {
    let (runtime, counter) = (two_workers(), Arc::new(sync::Mutex::new(0).named("counter")));
    let held = counter.clone().blocking_lock_owned(); //~ async lock
    begins(&runtime, move || *counter.blocking_lock() += 1); //~ want, blocking
    if drops_it {
        drop(held);
    }
    drop(runtime);
}

fn dropped_inside_an_async_lock() {
    with_an_async_lock(false);
}

fn dropped_outside_of_the_async_lock() {
    with_an_async_lock(true);
}

// ---- polls ----

fn dropped_while_a_poll_wants_a_lock() {
    let (runtime, results) = (two_workers(), lock());
    let _held = results.lock().unwrap(); //~ lock over the poll
    let (theirs, (begins, begun)) = (results.clone(), begun());
    runtime.spawn(async move {
        begins.send(()).unwrap();
        *theirs.lock().unwrap() += 1; //~ want in a poll
    });
    begun();
    drop(runtime);
}

fn dropped_while_a_poll_has_the_lock() {
    let (runtime, results) = (two_workers(), lock());
    let (theirs, (begins, begun)) = (results.clone(), begun());
    runtime.spawn(async move {
        let mut held = theirs.lock().unwrap();
        begins.send(()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(150));
        *held += 1;
    });
    begun();
    drop(runtime);
}

// ---- by whom ----

fn dropped_by_its_own_closure() {
    let (runtime, (give, given)) = (one_thread(), unseen::channel::<Runtime>());
    let closure = runtime.spawn_blocking(move || drop(given.recv().unwrap()));
    give.send(runtime).unwrap();
    let _ = one_thread().block_on(named("waits for it", closure));
}

fn dropped_by_a_closure_of_another() {
    let (runtime, (give, given)) = (one_thread(), unseen::channel::<Runtime>());
    let closure = runtime.spawn_blocking(move || drop(given.recv().unwrap()));
    let other = two_workers();
    other.spawn_blocking(work);
    give.send(other).unwrap();
    runtime.block_on(closure).unwrap();
    // In the middle of a task, where that may block.
    let other = two_workers();
    other.spawn_blocking(work);
    two_workers().block_on(async { block_in_place(|| drop(other)) });
}

// ---- what ends by itself, or in the course of the drop ----

fn closures_end_by_themselves() {
    let local = Builder::new_current_thread().build_local(LocalOptions::default()).unwrap();
    local.spawn_blocking(|| std::thread::sleep(std::time::Duration::from_millis(150)));
    drop(local);
    for runtime in [two_workers(), one_thread()] {
        runtime.spawn_blocking(|| std::thread::sleep(std::time::Duration::from_millis(150)));
        unseen_closure(&runtime, work);
        drop(runtime);
    }
}

/// Takes its time to be dropped; then its field is.
struct Slow<T>(#[allow(dead_code, reason = "it is dropped")] T);

impl<T> Drop for Slow<T> {
    fn drop(&mut self) {
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

fn a_task_has_the_sender() {
    for runtime in [two_workers(), one_thread()] {
        let (stop, stopped) = oneshot::channel::<()>();
        begins(&runtime, move || stopped.blocking_recv());
        let stop = Slow(stop);
        runtime.spawn(async move {
            let _stop = stop;
            std::future::pending::<()>().await;
        });
        runtime.block_on(yield_now());
        drop(runtime);
    }
}

fn a_task_takes_long_to_give_back_the_lock() {
    for runtime in [two_workers(), one_thread()] {
        let counter = Arc::new(sync::Mutex::new(0).named("counter"));
        let held = Slow(counter.clone().blocking_lock_owned());
        begins(&runtime, move || *counter.blocking_lock() += 1);
        runtime.spawn(async move {
            let _held = held;
            std::future::pending::<()>().await;
        });
        runtime.block_on(yield_now());
        drop(runtime);
    }
}

fn a_task_that_nobody_has_seen_has_the_sender() {
    for runtime in [two_workers(), one_thread()] {
        let (stop, stopped) = oneshot::channel::<()>();
        begins(&runtime, move || stopped.blocking_recv());
        let stop = Slow(stop);
        runtime.block_on(async {
            ::tokio::spawn(async move {
                let _stop = stop;
                std::future::pending::<()>().await;
            });
            yield_now().await;
        });
        drop(runtime);
    }
}

// ---- other ends ----

fn ended_in_time() {
    let (runtime, results) = (one_thread(), lock());
    let held = results.lock().unwrap();
    begins(&runtime, wants(&results));
    runtime.shutdown_timeout(Duration::from_millis(150));
    drop(held);
    while *results.lock().unwrap() == 0 {}
}

fn ended_at_once() {
    let (runtime, results) = (two_workers(), lock());
    let held = results.lock().unwrap();
    begins(&runtime, wants(&results));
    runtime.shutdown_background();
    work();
    drop(held);
    while *results.lock().unwrap() == 0 {}
}
