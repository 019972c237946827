//! Semaphores, read-write locks, barriers, notifications and cells, as tasks wait for them.

use super::on_one_thread;
use crate::run::{Case, quiet, stuck};
use gordian::{
    Ext,
    task::named,
    tokio::{
        self,
        sync::{Barrier, Mutex, Notify, OnceCell, RwLock, Semaphore},
        task::yield_now,
    },
};
use std::{mem, sync::Arc};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        nested_permits,
        "standstill",
        [
            "one: holds slots [outer], waits for permits of Semaphore `slots` [inner]",
            "two: holds slots [outer], waits for permits of Semaphore `slots` [inner]"
        ],
        ["main", "task root"]
    ),
    quiet!(all_permits_at_once),
    stuck!(
        more_permits_than_there_are,
        "standstill",
        ["greedy: waits for permits of Semaphore `slots` [three]"],
        ["main", "task root"]
    ),
    quiet!(permits_that_are_added),
    stuck!(
        forgotten_permit,
        "standstill",
        ["next: waits for permits of Semaphore `slots` [the next]"],
        ["main", "task root"]
    ),
    quiet!(forgotten_and_added_permit),
    stuck!(
        read_then_write,
        "standstill",
        ["filler: holds cache [reads], waits to write RwLock `cache` [writes]"],
        ["main", "task root"]
    ),
    quiet!(write_then_read),
    stuck!(
        reads_again_behind_a_writer,
        "standstill",
        [
            "reader: holds cache [reads first], waits to read RwLock `cache` [reads again]",
            "writer: waits to write RwLock `cache` [in between]"
        ],
        ["main", "task root"]
    ),
    quiet!(reads_once_before_a_writer),
    stuck!(
        too_few_at_the_barrier,
        "standstill",
        [
            "comer: waits at Barrier `start` for 3 arrivals [arrives]",
            "comer: waits at Barrier `start` for 3 arrivals [arrives]"
        ],
        ["main", "task root"]
    ),
    quiet!(enough_at_the_barrier),
    stuck!(
        notified_before_it_waits,
        "standstill",
        ["waiter: waits for a notification of Notify `ready` [late]"],
        ["main", "task root"]
    ),
    quiet!(enabled_before_it_is_notified),
    stuck!(
        notified_once_for_two,
        "standstill",
        ["worker: waits for a notification of Notify `jobs` [for the second]"],
        ["main", "task root"]
    ),
    quiet!(notified_once_each),
    stuck!(
        waits_for_itself_to_be_made,
        "standstill",
        ["maker: holds config [outer init], waits for the initialisation of OnceCell `config` [inner init]"],
        ["main", "task root"]
    ),
    quiet!(made_by_the_first),
    stuck!(
        leaked_guard,
        "standstill",
        ["ended: holds state [leaked]", "next: waits for Mutex `state` [after it]"],
        ["main", "task root"]
    ),
    quiet!(guard_of_a_task_that_ends),
];

// ---- semaphores ----

/// Two tasks that need two permits each, of two.
async fn workers(at_once: bool) {
    let slots = Arc::new(Semaphore::new(2).named("slots"));
    let worker = |name: &str| {
        let slots = slots.clone();
        tokio::spawn(named(name, async move {
            if at_once {
                return drop(slots.acquire_many(2).await.unwrap());
            }
            let _outer = slots.acquire().await.unwrap(); //~ outer
            yield_now().await;
            let _inner = slots.acquire().await.unwrap(); //~ inner
        }))
    };
    let (one, two) = (worker("one"), worker("two"));
    _ = (one.await, two.await);
}

fn nested_permits() {
    on_one_thread(named("root", workers(false)));
}

fn all_permits_at_once() {
    on_one_thread(workers(true));
}

async fn needs_three(added: bool) {
    let slots = Arc::new(Semaphore::new(2).named("slots"));
    let theirs = slots.clone();
    let task = tokio::spawn(named("greedy", async move { drop(theirs.acquire_many(3).await.unwrap()) })); //~ three
    yield_now().await;
    if added {
        slots.add_permits(1);
    }
    task.await.unwrap();
}

fn more_permits_than_there_are() {
    on_one_thread(named("root", needs_three(false)));
}

fn permits_that_are_added() {
    on_one_thread(needs_three(true));
}

async fn forgets(added: bool) {
    let slots = Arc::new(Semaphore::new(1).named("slots"));
    slots.acquire().await.unwrap().forget();
    if added {
        slots.add_permits(1);
    }
    let next = named("next", async move { drop(slots.acquire().await.unwrap()) }); //~ the next
    tokio::spawn(next).await.unwrap();
}

fn forgotten_permit() {
    on_one_thread(named("root", forgets(false)));
}

fn forgotten_and_added_permit() {
    on_one_thread(forgets(true));
}

// ---- read-write locks ----

fn cache() -> Arc<RwLock<u32>> {
    Arc::new(RwLock::new(0).named("cache"))
}

fn read_then_write() {
    on_one_thread(named("root", async {
        let cache = cache();
        let filler = named("filler", async move {
            let seen = cache.read().await; //~ reads
            if *seen == 0 {
                *cache.write().await = 1; //~ writes
            }
        });
        tokio::spawn(filler).await.unwrap();
    }));
}

fn write_then_read() {
    on_one_thread(async {
        let cache = cache();
        let filler = async move {
            let empty = *cache.read().await == 0;
            let mut written = cache.write().await;
            if empty {
                *written = 1;
            }
            assert_eq!(*written.downgrade(), 1);
        };
        tokio::spawn(filler).await.unwrap();
    });
}

async fn readers(again: bool) {
    let cache = cache();
    let theirs = cache.clone();
    let reader = tokio::spawn(named("reader", async move {
        let outer = theirs.read().await; //~ reads first
        yield_now().await;
        yield_now().await;
        if !again {
            drop(outer);
        }
        _ = *theirs.read().await; //~ reads again
    }));
    let writer = tokio::spawn(named("writer", async move {
        yield_now().await;
        *cache.write().await = 1; //~ in between
    }));
    _ = (reader.await, writer.await);
}

fn reads_again_behind_a_writer() {
    on_one_thread(named("root", readers(true)));
}

fn reads_once_before_a_writer() {
    on_one_thread(readers(false));
}

// ---- barriers and notifications ----

async fn party(comers: u32) {
    let start = Arc::new(Barrier::new(3).named("start"));
    let comer = |_| {
        let start = start.clone();
        tokio::spawn(named("comer", async move { start.wait().await.is_leader() })) //~ arrives
    };
    let comers: Vec<_> = (0..comers).map(comer).collect();
    for comer in comers {
        comer.await.unwrap();
    }
}

fn too_few_at_the_barrier() {
    on_one_thread(named("root", party(2)));
}

fn enough_at_the_barrier() {
    on_one_thread(party(3));
}

async fn notified(in_time: bool) {
    let ready = Arc::new(Notify::new().named("ready"));
    let theirs = ready.clone();
    let waiter = tokio::spawn(named("waiter", async move {
        let mut notified = Box::pin(theirs.notified());
        if in_time {
            notified.as_mut().enable();
        } else {
            drop(notified);
            yield_now().await;
            notified = Box::pin(theirs.notified()); //~ late
        }
        yield_now().await;
        notified.await;
    }));
    let notifier = tokio::spawn(async move { ready.notify_waiters() });
    notifier.await.unwrap();
    waiter.await.unwrap();
}

fn notified_before_it_waits() {
    on_one_thread(named("root", notified(false)));
}

fn enabled_before_it_is_notified() {
    on_one_thread(notified(true));
}

/// A `Notify` keeps one notification, however often one is sent.
async fn two_jobs(each: bool) {
    let jobs = Arc::new(Notify::new().named("jobs"));
    jobs.notify_one();
    if !each {
        jobs.notify_one();
    }
    let theirs = jobs.clone();
    let worker = tokio::spawn(named("worker", async move {
        theirs.notified().await;
        theirs.notified().await; //~ for the second
    }));
    yield_now().await;
    if each {
        jobs.notify_one();
    }
    worker.await.unwrap();
}

fn notified_once_for_two() {
    on_one_thread(named("root", two_jobs(false)));
}

fn notified_once_each() {
    on_one_thread(two_jobs(true));
}

// ---- cells ----

fn waits_for_itself_to_be_made() {
    on_one_thread(named("root", async {
        let cell = Arc::new(OnceCell::new().named("config"));
        let maker = named("maker", async move {
            let inner = || async { *cell.get_or_init(|| async { 1 }).await }; //~ inner init
            *cell.get_or_init(inner).await //~ outer init
        });
        tokio::spawn(maker).await.unwrap();
    }));
}

fn made_by_the_first() {
    on_one_thread(async {
        let cell = Arc::new(OnceCell::new());
        let maker = |number: u32| {
            let cell = cell.clone();
            tokio::spawn(async move {
                let make = || async {
                    yield_now().await;
                    number
                };
                *cell.get_or_init(make).await
            })
        };
        let (one, two) = (maker(1), maker(2));
        assert_eq!((one.await.unwrap(), two.await.unwrap()), (1, 1));
    });
}

// ---- guards that are left ----

async fn leaves(leaked: bool) {
    let state = Arc::new(Mutex::new(0).named("state"));
    let theirs = state.clone();
    let ended = tokio::spawn(named("ended", async move {
        let guard = theirs.lock_owned().await; //~ leaked
        if leaked {
            mem::forget(guard);
        }
    }));
    ended.await.unwrap();
    tokio::spawn(named("next", async move { *state.lock().await = 1 })).await.unwrap(); //~ after it
}

fn leaked_guard() {
    on_one_thread(named("root", leaves(true)));
}

fn guard_of_a_task_that_ends() {
    on_one_thread(leaves(false));
}
