//! Tasks that wait for each other's ends, and threads that block for tasks which need them.

use super::{on_one_thread, warned};
use crate::run::{Case, Told, quiet, stuck, work};
use gordian::{
    Ext,
    sync::{Arc, Mutex, mpsc as std_mpsc},
    task::named,
    tokio::{
        self,
        runtime::{Builder, Handle},
        sync::{Mutex as AsyncMutex, mpsc, oneshot},
        task::{JoinHandle, JoinSet, LocalSet, spawn_blocking, spawn_local, yield_now},
    },
};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        join_inside_a_lock,
        "standstill",
        [
            "child: waits for Mutex `state` [add]",
            "parent: holds state [lock], waits for the end of task `child` [nowhere]"
        ],
        ["main"]
    ),
    quiet!(join_after_the_lock),
    stuck!(joins_itself, "standstill", ["joiner: waits for the end of task `joiner` [nowhere]"], ["main", "task root"]),
    quiet!(joins_another),
    stuck!(
        joins_a_set_inside_a_lock,
        "standstill",
        [
            "one: waits for Mutex `state` [add]",
            "parent: holds state [lock over the set], waits for the end of task `one` [join any]",
            "two: waits for Mutex `state` [add]"
        ],
        ["main"]
    ),
    quiet!(joins_a_set_after_the_lock),
    // Of the foreign `block_on` only the poll that does not come back is seen.
    Case {
        settings: &[("GORDIAN_LONG_POLL", "200ms")],
        ..warned!(
            blocks_on_a_task_of_its_thread,
            "long_poll",
            ["outer: waits for thread `main`, which polls it [nowhere]", "main: "]
        )
    },
    quiet!(awaits_a_task_of_its_thread),
    stuck!(
        closure_blocks_for_its_task,
        "standstill",
        [
            "?: waits for Mutex `state` [add]",
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
            "asker: holds state [held by the asker], waits for the end of task #1 [nowhere]",
            "tokio-rt-worker: waits for the end of task #2 [closure]"
        ],
        ["main"]
    ),
    quiet!(closure_gets_what_its_task_has),
    stuck!(
        no_thread_for_the_inner_closure,
        "standstill",
        [
            "?: waits for a thread of the blocking pool, such as that of task #1 [nowhere]",
            "?: waits for the end of task #2 [nowhere]",
            "?: waits for thread `tokio-rt-worker`, which runs it [nowhere]",
            "tokio-rt-worker: waits for the end of task #3 [inner closure]",
        ],
        ["main", "task root"]
    ),
    quiet!(closures_that_take_turns),
    quiet!(a_thread_for_each_closure),
    Case {
        told: &[
            Told {
                rule: "guard_across_await",
                certainty: "happened",
                threads: &["keeper: ", "main: holds state [kept], waits for Mutex `state` [locks]"],
                victims: &[],
            },
            Told {
                rule: "wait_cycle",
                certainty: "happened",
                threads: &["main: holds state [kept], waits for Mutex `state` [locks]"],
                victims: &["task other", "task root"],
            },
        ],
        ..quiet!(std_lock_across_an_await)
    },
    quiet!(std_lock_between_awaits),
    // The sender is about to be polled, and counts as one that runs.
    Case {
        settings: &[("GORDIAN_LONG_POLL", "off")],
        ..warned!(
            blocking_receive_in_a_task,
            "blocking_in_task",
            [
                "reader: waits for a message of Channel `jobs` [blocking receive]",
                "main: waits for a message of Channel `jobs` [blocking receive]",
            ]
        )
    },
    quiet!(awaited_receive_in_a_task),
    stuck!(
        local_tasks_that_nobody_drives,
        "standstill",
        [
            "?: waits for its `LocalSet` to be polled [nowhere]",
            "root: waits for a message of Channel `answer` [awaits the answer]",
        ],
        ["main"]
    ),
    quiet!(local_tasks_that_are_driven_later),
    quiet!(local_tasks_that_are_driven),
    stuck!(
        thread_and_task_through_a_lock,
        "standstill",
        [
            "adder: waits for Mutex `state` [blocking lock]",
            "root: holds state [held by the task], waits for a message of Channel #4098 [awaits the thread]"
        ],
        ["main"]
    ),
    quiet!(thread_after_task),
];

fn state() -> Arc<AsyncMutex<u32>> {
    Arc::new(AsyncMutex::new(0).named("state"))
}

async fn add(state: Arc<AsyncMutex<u32>>) {
    *state.lock().await += 1; //~ add
}

// ---- joins ----

async fn joins(inside: bool) {
    let state = state();
    let guard = state.lock().await; //~ lock
    let child = tokio::spawn(named("child", add(state.clone()))); //~ the child
    if inside {
        child.await.unwrap();
        drop(guard);
    } else {
        drop(guard);
        child.await.unwrap();
    }
}

fn join_inside_a_lock() {
    on_one_thread(named("parent", joins(true)));
}

fn join_after_the_lock() {
    on_one_thread(named("parent", joins(false)));
}

/// Ends a program that is stuck.
fn ends_soon() {
    std::thread::spawn(|| {
        std::thread::sleep(std::time::Duration::from_millis(900));
        std::process::exit(0);
    });
}

/// A task that is given a handle, and joins it.
fn joiner() -> (oneshot::Sender<JoinHandle<()>>, JoinHandle<()>) {
    let (give, given) = oneshot::channel::<JoinHandle<()>>();
    let joiner = tokio::spawn(named("joiner", async { given.await.unwrap().await.unwrap() }));
    (give, joiner)
}

fn joins_itself() {
    on_one_thread(named("root", async {
        let (give, given) = oneshot::channel::<JoinHandle<()>>();
        let (done, is_done) = oneshot::channel();
        let joiner = tokio::spawn(named("joiner", async {
            given.await.unwrap().await.unwrap();
            done.send(()).unwrap();
        }));
        give.send(joiner).unwrap();
        is_done.await.unwrap();
    }));
}

fn joins_another() {
    on_one_thread(async {
        let (give, joiner) = joiner();
        give.send(tokio::spawn(yield_now())).unwrap();
        joiner.await.unwrap();
    });
}

async fn joins_all(inside: bool) {
    let state = state();
    let guard = state.lock().await; //~ lock over the set
    let mut set = JoinSet::new();
    set.spawn(named("one", add(state.clone())));
    set.spawn(named("two", add(state.clone())));
    if inside {
        while set.join_next().await.is_some() {} //~ join any
        drop(guard);
    } else {
        drop(guard);
        set.join_all().await;
    }
}

fn joins_a_set_inside_a_lock() {
    on_one_thread(named("parent", joins_all(true)));
}

fn joins_a_set_after_the_lock() {
    on_one_thread(named("parent", joins_all(false)));
}

// ---- block_on ----

fn blocks_on_a_task_of_its_thread() {
    ends_soon();
    on_one_thread(named("root", async {
        let outer = named("outer", async {
            let inner = tokio::spawn(named("inner", async { 1 })); //~ inner
            futures::executor::block_on(inner).unwrap() //~ blocks
        });
        tokio::spawn(outer).await.unwrap();
    }));
}

fn awaits_a_task_of_its_thread() {
    on_one_thread(async {
        let outer = async { tokio::spawn(async { 1 }).await.unwrap() };
        assert_eq!(tokio::spawn(outer).await.unwrap(), 1);
    });
}

async fn asks_a_closure(held: bool) {
    let state = state();
    let mut guard = Some(state.lock().await); //~ held by the asker
    if !held {
        guard = None;
    }
    let theirs = state.clone();
    spawn_blocking(move || Handle::current().block_on(add(theirs))).await.unwrap(); //~ closure
    drop(guard);
}

fn closure_blocks_for_its_task() {
    on_one_thread(named("asker", asks_a_closure(true)));
}

fn closure_gets_what_its_task_has() {
    on_one_thread(named("asker", asks_a_closure(false)));
}

/// A closure that waits for another one of the same pool.
fn closures(threads: usize) {
    let runtime = Builder::new_current_thread().max_blocking_threads(threads).enable_all().build().unwrap();
    runtime.block_on(named("root", async {
        let outer = || Handle::current().block_on(spawn_blocking(|| 1)).unwrap(); //~ inner closure
        assert_eq!(spawn_blocking(outer).await.unwrap(), 1); //~ outer closure
    }));
}

fn no_thread_for_the_inner_closure() {
    closures(1);
}

/// Those that were queued get the one thread when it is done with those before them.
fn closures_that_take_turns() {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let closures: Vec<_> = (0..8).map(|_| spawn_blocking(work)).collect();
        for closure in closures {
            closure.await.unwrap();
        }
    });
}

fn a_thread_for_each_closure() {
    closures(2);
}

// ---- blocking in a poll ----

async fn std_lock(across: bool) {
    let local = LocalSet::new();
    let state = Arc::new(Mutex::new(0).named("state"));
    let theirs = state.clone();
    let keeper = named("keeper", async move {
        let mut guard = state.lock().unwrap(); //~ kept
        *guard += 1;
        if across {
            yield_now().await; //~ await
        } else {
            drop(guard);
            yield_now().await;
        }
    });
    let other = named("other", async move { *theirs.lock().unwrap() += 1 }); //~ locks
    local
        .run_until(async {
            let (one, two) = (spawn_local(keeper), spawn_local(other));
            _ = (one.await, two.await);
        })
        .await;
}

fn std_lock_across_an_await() {
    ends_soon();
    on_one_thread(named("root", std_lock(true)));
}

fn std_lock_between_awaits() {
    on_one_thread(named("root", std_lock(false)));
}

fn blocking_receive_in_a_task() {
    ends_soon();
    on_one_thread(named("root", async {
        let (send, jobs) = std_mpsc::channel();
        let send = send.named("jobs");
        let reader = tokio::spawn(named("reader", async move { jobs.recv().unwrap() })); //~ blocking receive
        let sender = tokio::spawn(named("sender", async move { send.send(1).unwrap() })); //~ sender
        _ = (reader.await, sender.await);
    }));
}

fn awaited_receive_in_a_task() {
    on_one_thread(async {
        let (send, mut jobs) = mpsc::channel(1);
        let reader = tokio::spawn(async move { jobs.recv().await.unwrap() });
        let sender = tokio::spawn(async move { send.send(1).await.unwrap() });
        assert_eq!(reader.await.unwrap(), 1);
        sender.await.unwrap();
    });
}

/// Tasks of a set that are to answer.
async fn local_tasks(driven: bool) {
    let local = LocalSet::new();
    let (give, given) = oneshot::channel();
    let given = given.named("answer");
    local.spawn_local(named("local", async move { give.send(1).unwrap() }));
    if driven {
        assert_eq!(local.run_until(given).await, Ok(1));
    } else {
        given.await.unwrap(); //~ awaits the answer
    }
}

fn local_tasks_that_nobody_drives() {
    on_one_thread(named("root", local_tasks(false)));
}

/// By another task of its thread, which has other things to do first.
fn local_tasks_that_are_driven_later() {
    on_one_thread(async {
        let local = LocalSet::new();
        let spawned = local.spawn_local(async { 1 });
        let driver = async {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            local.await;
        };
        let (answer, ()) = tokio::join!(spawned, driver);
        assert_eq!(answer.unwrap(), 1);
    });
}

fn local_tasks_that_are_driven() {
    on_one_thread(named("root", local_tasks(true)));
}

// ---- threads ----

/// A thread that adds by `blocking_lock`, and who awaits its word.
async fn thread(holds: bool) {
    let state = state();
    let mut guard = Some(state.lock().await); //~ held by the task
    let (done, is_done) = oneshot::channel();
    let theirs = state.clone();
    if !holds {
        guard = None;
    }
    let adder = move || {
        *theirs.blocking_lock() += 1; //~ blocking lock
        done.send(()).unwrap();
    };
    let adder = gordian::thread::Builder::new().name("adder".into()).spawn(adder).unwrap();
    is_done.await.unwrap(); //~ awaits the thread
    drop((guard, adder));
}

fn thread_and_task_through_a_lock() {
    on_one_thread(named("root", thread(true)));
}

fn thread_after_task() {
    on_one_thread(named("root", thread(false)));
}
