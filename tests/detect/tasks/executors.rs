//! Executors that are not tokio's: whatever they poll is a task once it is watched.

use super::possible;
use crate::run::{Case, quiet};
use async_executor::Executor;
use futures::{executor::LocalPool, task::LocalSpawnExt};
use futures_lite::future::{block_on, yield_now};
use gordian::{
    Ext,
    task::{named, watch},
    tokio::sync::Mutex,
};
use std::{
    future::Future,
    pin::Pin,
    sync::{self, Arc, mpsc},
    task::{Context, Poll, Wake, Waker},
    thread,
};

macro_rules! crossed {
    ($situation:ident) => {
        possible!(
            $situation,
            "wait_cycle",
            [
                "alice: holds left [has one], waits for Mutex `right` [wants the other]",
                "bob: holds right [has one], waits for Mutex `left` [wants the other]",
            ],
            []
        )
    };
}

pub(crate) const CASES: &[Case] = &[
    crossed!(crossed_on_smols),
    quiet!(in_one_order_on_smols),
    crossed!(crossed_on_two_threads_of_smols),
    quiet!(in_one_order_on_two_threads_of_smols),
    crossed!(crossed_in_a_local_pool),
    quiet!(in_one_order_in_a_local_pool),
    crossed!(crossed_on_our_own),
    quiet!(in_one_order_on_our_own),
];

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

async fn takes_both(one: Arc<Mutex<i32>>, other: Arc<Mutex<i32>>) {
    let mut has = one.lock().await; //~ has one
    yield_now().await;
    *has += *other.lock().await; //~ wants the other
}

/// Alice and Bob, each of whom takes both locks.
fn transfers(alice: [usize; 2], bob: [usize; 2]) -> [Job; 2] {
    let locks = [Arc::new(Mutex::new(1).named("left")), Arc::new(Mutex::new(2).named("right"))];
    let by = |name: &str, [one, other]: [usize; 2]| -> Job {
        Box::pin(watch(named(name, takes_both(locks[one].clone(), locks[other].clone()))))
    };
    [by("alice", alice), by("bob", bob)]
}

fn crossed() -> [Job; 2] {
    transfers([0, 1], [1, 0])
}

fn in_one_order() -> [Job; 2] {
    transfers([0, 1], [0, 1])
}

// ---- smol's ----

fn on_smols(jobs: [Job; 2]) {
    let executor = Executor::new();
    let tasks = jobs.map(|job| executor.spawn(job));
    block_on(executor.run(async {
        for task in tasks {
            task.await;
        }
    }));
}

fn crossed_on_smols() {
    on_smols(crossed());
}

fn in_one_order_on_smols() {
    on_smols(in_one_order());
}

/// Each waits for its own task, and polls whichever is ready.
fn on_two_threads_of_smols(jobs: [Job; 2]) {
    let executor = Executor::new();
    let tasks = jobs.map(|job| executor.spawn(job));
    thread::scope(|scope| {
        for task in tasks {
            scope.spawn(|| block_on(executor.run(task)));
        }
    });
}

fn crossed_on_two_threads_of_smols() {
    on_two_threads_of_smols(crossed());
}

fn in_one_order_on_two_threads_of_smols() {
    on_two_threads_of_smols(in_one_order());
}

// ---- the one of `futures` ----

fn in_a_local_pool(jobs: [Job; 2]) {
    let mut pool = LocalPool::new();
    for job in jobs {
        pool.spawner().spawn_local(job).expect("the pool is there");
    }
    pool.run();
}

fn crossed_in_a_local_pool() {
    in_a_local_pool(crossed());
}

fn in_one_order_in_a_local_pool() {
    in_a_local_pool(in_one_order());
}

// ---- one of our own ----

/// A task of it, which is its own waker: it queues itself again.
struct Queued {
    job: sync::Mutex<Job>,
    queue: mpsc::Sender<Arc<Queued>>,
}

impl Wake for Queued {
    fn wake(self: Arc<Queued>) {
        // Nobody is there any more.
        _ = self.queue.send(self.clone());
    }
}

/// Until no waker is left that could queue any.
fn on_our_own(jobs: [Job; 2]) {
    let (queue, ready) = mpsc::channel();
    for job in jobs {
        let queued = Queued { job: sync::Mutex::new(job), queue: queue.clone() };
        queue.send(Arc::new(queued)).expect("the queue is there");
    }
    drop(queue);
    for queued in ready {
        let waker = Waker::from(queued.clone());
        let mut job = queued.job.lock().unwrap();
        if let Poll::Ready(()) = job.as_mut().poll(&mut Context::from_waker(&waker)) {
            *job = Box::pin(async {});
        }
    }
}

fn crossed_on_our_own() {
    on_our_own(crossed());
}

fn in_one_order_on_our_own() {
    on_our_own(in_one_order());
}
