//! Runtimes: tasks that are joined, threads that block on tasks, closures that block, threads that are idle.

use super::{on_one_thread, possible};
use crate::run::{Case, quiet, stuck, work};
use gordian::{
    Ext,
    sync::{Arc, Mutex},
    task::named,
    tokio::{
        self,
        runtime::{Builder, Handle, Runtime},
        sync::{mpsc, oneshot},
        task::{JoinHandle, JoinSet, LocalSet, block_in_place, spawn_blocking},
        time::{Duration, sleep, timeout},
    },
};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        joined_by_each_other,
        "standstill",
        ["alice: waits for the end of task `bob` [nowhere]", "bob: waits for the end of task `alice` [nowhere]"],
        ["main", "task root"]
    ),
    quiet!(joined_by_one),
    stuck!(
        lock_across_block_on,
        "wait_cycle",
        [
            "main: holds results [lock], waits for the end of task `asks` [block on]",
            "asks: waits for the end of task #1 [nowhere]",
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
            "tokio-rt-worker: waits for Mutex `results` [want]",
        ],
        []
    ),
    quiet!(lock_dropped_before_block_on),
    stuck!(
        lock_across_join_next,
        "standstill",
        [
            "main: holds results [lock of one who joins], waits for the end of task `joins` [block on it]",
            "joins: waits for the end of task `asks` [join]",
            "asks: waits for the end of task #2 [nowhere]",
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
            "tokio-rt-worker: waits for Mutex `results` [want]",
        ],
        []
    ),
    quiet!(one_of_a_set_is_enough),
    // Who else has spawned what on the set cannot be counted.
    possible!(
        lock_across_local_set,
        "standstill",
        [
            "main: holds results [lock over the set], waits for the end of task `awaits` [await the set]",
            "awaits: waits for the end of the tasks of its set [local set]",
            "local: waits for the end of task #2 [nowhere]",
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
            "tokio-rt-worker: waits for Mutex `results` [want]",
        ],
        []
    ),
    quiet!(lock_dropped_before_local_set),
    stuck!(nobody_sends, "standstill", ["reader: waits for a message of Channel `jobs` [receive]"], ["main"]),
    stuck!(
        nobody_sends_on_one_thread,
        "standstill",
        ["reader: waits for a message of Channel `jobs` [receive on one]"],
        ["main", "task main task"]
    ),
    possible!(
        nobody_sends_in_a_local_set,
        "standstill",
        ["reader: waits for a message of Channel `jobs` [receive locally]"],
        ["main", "task outer"]
    ),
    quiet!(a_task_sends_later),
    quiet!(a_task_that_nobody_has_seen_sends),
    quiet!(a_local_task_that_nobody_has_seen_sends),
    quiet!(a_closure_sends),
    quiet!(a_limit_ends_it),
    quiet!(blocked_in_place),
    quiet!(busy_and_idle),
];

fn two_workers() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn lock() -> Arc<Mutex<u32>> {
    Arc::new(Mutex::new(0).named("results"))
}

// ---- joining ----

fn joined_by_each_other() {
    two_workers().block_on(named("root", async {
        let (give, given) = oneshot::channel::<JoinHandle<()>>();
        let (done, is_done) = oneshot::channel();
        let alice = tokio::spawn(named("alice", async {
            given.await.unwrap().await.unwrap();
            done.send(()).unwrap();
        }));
        let bob = tokio::spawn(named("bob", async { alice.await.unwrap() }));
        give.send(bob).unwrap();
        is_done.await.unwrap();
    }));
}

fn joined_by_one() {
    two_workers().block_on(async {
        let (give, given) = oneshot::channel::<JoinHandle<()>>();
        let alice = tokio::spawn(named("alice", async { given.await.unwrap().await.unwrap() }));
        let bob = tokio::spawn(named("bob", async { sleep(Duration::from_millis(50)).await }));
        give.send(bob).unwrap();
        alice.await.unwrap();
    });
}

// ---- a thread that blocks on a task ----

async fn asks(results: Arc<Mutex<u32>>) {
    spawn_blocking(move || *results.lock().unwrap() += 1).await.unwrap(); //~ want
}

fn lock_across_block_on() {
    let (runtime, results) = (two_workers(), lock());
    let _held = results.lock().unwrap(); //~ lock
    runtime.block_on(named("asks", asks(results.clone()))); //~ block on
}

fn lock_dropped_before_block_on() {
    let (runtime, results) = (two_workers(), lock());
    drop(results.lock().unwrap());
    runtime.block_on(named("asks", asks(results.clone())));
    runtime.handle().block_on(asks(results));
}

// ---- sets ----

fn lock_across_join_next() {
    let (runtime, results) = (two_workers(), lock());
    let _held = results.lock().unwrap(); //~ lock of one who joins
    let joins = async {
        let mut set = JoinSet::new();
        set.spawn(named("asks", asks(results.clone())));
        set.join_next().await.unwrap().unwrap() //~ join
    };
    runtime.block_on(named("joins", joins)); //~ block on it
}

fn one_of_a_set_is_enough() {
    let (runtime, results) = (two_workers(), lock());
    let mut set = JoinSet::new();
    let held = results.lock().unwrap();
    let theirs = results.clone();
    set.spawn_blocking_on(move || *theirs.lock().unwrap() += 1, runtime.handle());
    set.spawn_on(async { sleep(Duration::from_millis(60)).await }, runtime.handle());
    runtime.block_on(async { set.join_next().await.unwrap().unwrap() });
    drop(held);
    runtime.block_on(async { set.join_next().await.unwrap().unwrap() });
}

fn lock_across_local_set() {
    let (runtime, results) = (two_workers(), lock());
    let local = LocalSet::new(); //~ local set
    local.spawn_local(named("local", asks(results.clone())));
    let _held = results.lock().unwrap(); //~ lock over the set
    runtime.block_on(named("awaits", local)); //~ await the set
}

fn lock_dropped_before_local_set() {
    let (runtime, results) = (two_workers(), lock());
    let local = LocalSet::new();
    local.spawn_local(named("local", asks(results.clone())));
    drop(results.lock().unwrap());
    runtime.block_on(named("awaits", local));
}

// ---- nobody is left ----

fn jobs() -> (mpsc::Sender<u8>, mpsc::Receiver<u8>) {
    let (send, receive) = mpsc::channel(1);
    (send, receive.named("jobs"))
}

fn nobody_sends() {
    let (_send, mut receive) = jobs();
    two_workers().block_on(named("reader", async { receive.recv().await })); //~ receive
}

fn nobody_sends_on_one_thread() {
    let (_send, mut receive) = jobs();
    let other = async { std::future::ready(()).await };
    on_one_thread(named("main task", async {
        let reader = tokio::spawn(named("reader", async move { receive.recv().await })); //~ receive on one
        tokio::spawn(other).await.unwrap();
        reader.await
    }))
    .unwrap();
}

fn nobody_sends_in_a_local_set() {
    let (_send, mut receive) = jobs();
    let local = LocalSet::new();
    on_one_thread(named("outer", async {
        local.run_until(named("reader", async { receive.recv().await })).await; //~ receive locally
    }));
}

fn a_task_sends_later() {
    let (send, mut receive) = mpsc::channel::<u8>(1);
    two_workers().block_on(async {
        tokio::spawn(async move {
            sleep(Duration::from_millis(80)).await;
            send.send(1).await.unwrap();
        });
        receive.recv().await.unwrap();
    });
}

/// Neither the task nor the timer is watched.
fn a_task_that_nobody_has_seen_sends() {
    let (send, mut receive) = mpsc::channel::<u8>(1);
    two_workers().block_on(async {
        ::tokio::spawn(async move {
            ::tokio::time::sleep(std::time::Duration::from_millis(150)).await;
            send.send(1).await.unwrap();
        });
        receive.recv().await.unwrap();
    });
}

fn a_local_task_that_nobody_has_seen_sends() {
    let local = LocalSet::new();
    for _ in 0..2 {
        let (send, mut receive) = mpsc::channel::<u8>(1);
        on_one_thread(local.run_until(async {
            ::tokio::task::spawn_local(async move {
                ::tokio::time::sleep(std::time::Duration::from_millis(150)).await;
                send.send(1).await.unwrap();
            });
            receive.recv().await.unwrap();
        }));
    }
    let (send, mut receive) = mpsc::channel::<u8>(1);
    local.spawn_local(async move { receive.recv().await.unwrap() });
    on_one_thread(async {
        {
            let _local = local.enter();
            ::tokio::task::spawn_local(async move {
                ::tokio::time::sleep(std::time::Duration::from_millis(150)).await;
                send.send(1).await.unwrap();
            });
        }
        local.await;
    });
}

fn a_closure_sends() {
    let (send, mut receive) = mpsc::channel::<u8>(1);
    for runtime in [two_workers(), Builder::new_current_thread().build().unwrap()] {
        let send = send.clone();
        runtime.block_on(async {
            let closure = spawn_blocking(move || {
                work();
                Handle::current().block_on(send.send(1)).unwrap();
            });
            receive.recv().await.unwrap();
            closure.await.unwrap();
        });
    }
}

fn a_limit_ends_it() {
    let (_send, mut receive) = mpsc::channel::<u8>(1);
    two_workers().block_on(async {
        timeout(Duration::from_millis(80), receive.recv()).await.unwrap_err();
        tokio::select! {
            _ = receive.recv() => unreachable!("nobody sends"),
            () = sleep(Duration::from_millis(80)) => {}
        }
    });
}

// ---- threads that block where they may ----

fn blocked_in_place() {
    let results = lock();
    two_workers().block_on(async {
        let held = results.lock().unwrap();
        let theirs = results.clone();
        let waiter = tokio::spawn(async move { block_in_place(|| *theirs.lock().unwrap()) });
        work();
        drop(held);
        waiter.await.unwrap();
    });
}

fn busy_and_idle() {
    two_workers().block_on(async {
        for _ in 0..20 {
            let set: JoinSet<()> = (0..4).map(|_| sleep(Duration::from_millis(1))).collect();
            set.join_all().await;
            spawn_blocking(|| std::thread::sleep(Duration::from_millis(2))).await.unwrap();
        }
    });
}
