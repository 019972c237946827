//! Circles of tasks over async locks.

use super::{on_one_thread, possible};
use crate::run::{Case, quiet, stuck, work};
use gordian::{
    Ext,
    task::{named, watch},
    tokio::{self, sync::Mutex},
};
use std::{sync::Arc, time::Duration};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        opposite_orders,
        "standstill",
        [
            "alice: holds Mutex [left first], waits for Mutex #4098 [then right]",
            "bob: holds Mutex [right first], waits for Mutex #4097 [then left]",
        ],
        ["main", "task root"]
    ),
    quiet!(one_order),
    stuck!(
        locked_twice,
        "standstill",
        ["alice: holds Mutex [once], waits for Mutex #4097 [twice]"],
        ["main", "task root"]
    ),
    quiet!(locked_again),
    possible!(
        on_another_executor,
        "wait_cycle",
        ["alice: holds Mutex [once there], waits for Mutex #4097 [twice there]"],
        []
    ),
    stuck!(
        either_of_two_stuck_locks,
        "standstill",
        [
            "alice: holds first [has the first], waits for Mutex `second` [or the second]",
            "bob: holds second [has the second], waits for Mutex `first` [wants the first]",
        ],
        ["main", "task carol", "task root"]
    ),
    quiet!(a_stuck_lock_or_a_timer),
    quiet!(many_tasks_one_lock),
];

fn pair() -> (Arc<Mutex<i32>>, Arc<Mutex<i32>>) {
    (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2)))
}

fn opposite_orders() {
    on_one_thread(named("root", async {
        let (left, right) = pair();
        let (l, r) = (left.clone(), right.clone());
        let alice = tokio::spawn(named("alice", async move {
            let _left = l.lock().await; //~ left first
            tokio::task::yield_now().await;
            let _right = r.lock().await; //~ then right
        }));
        let bob = tokio::spawn(named("bob", async move {
            let _right = right.lock().await; //~ right first
            tokio::task::yield_now().await;
            let _left = left.lock().await; //~ then left
        }));
        _ = (alice.await, bob.await);
    }));
}

fn one_order() {
    on_one_thread(async {
        let (left, right) = pair();
        let tasks: Vec<_> = (0..2)
            .map(|_| {
                let (left, right) = (left.clone(), right.clone());
                tokio::spawn(async move {
                    let mut one = left.lock().await;
                    tokio::task::yield_now().await;
                    *one += *right.lock().await;
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

fn locked_twice() {
    on_one_thread(named("root", async {
        let (left, _) = pair();
        let alice = named("alice", async move {
            let _once = left.lock().await; //~ once
            let _twice = left.lock().await; //~ twice
        });
        tokio::spawn(alice).await.unwrap();
    }));
}

fn locked_again() {
    on_one_thread(async {
        let (left, _) = pair();
        let task = tokio::spawn(async move {
            drop(left.lock().await);
            work();
            *left.lock().await
        });
        assert_eq!(task.await.unwrap(), 1);
    });
}

/// Whatever polls a future.
fn on_another_executor() {
    let (left, _) = pair();
    futures::executor::block_on(watch(named("alice", async move {
        let _once = left.lock().await; //~ once there
        let _twice = left.lock().await; //~ twice there
    })));
}

fn many_tasks_one_lock() {
    on_one_thread(async {
        let (count, _) = pair();
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let count = count.clone();
                tokio::spawn(async move {
                    for _ in 0..10 {
                        let mut count = count.lock().await;
                        tokio::task::yield_now().await;
                        *count += 1;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*count.lock().await, 1001);
    });
}

/// Carol could go on with either of two locks, and neither is to be had.
fn either_of_two_stuck_locks() {
    on_one_thread(named("root", async {
        let first = Arc::new(Mutex::new(1).named("first"));
        let second = Arc::new(Mutex::new(2).named("second"));
        let meet = Arc::new(tokio::sync::Barrier::new(2));
        let nested = |own: &Arc<Mutex<i32>>, other: &Arc<Mutex<i32>>| (own.clone(), other.clone(), meet.clone());
        let (own, other, met) = nested(&first, &second);
        let alice = tokio::spawn(named("alice", async move {
            let _own = own.lock().await; //~ has the first
            met.wait().await;
            let _other = other.lock().await; //~ or the second
        }));
        let (own, other, met) = nested(&second, &first);
        let bob = tokio::spawn(named("bob", async move {
            let _own = own.lock().await; //~ has the second
            met.wait().await;
            let _other = other.lock().await; //~ wants the first
        }));
        let carol = tokio::spawn(named("carol", async move {
            tokio::select! {
                biased;
                one = first.lock() => *one, //~ either
                two = second.lock() => *two,
            }
        }));
        _ = (alice.await, bob.await, carol.await);
    }));
}

/// It goes on with the timer.
fn a_stuck_lock_or_a_timer() {
    on_one_thread(async {
        let lock = Arc::new(Mutex::new(1));
        let held = lock.clone().lock_owned().await;
        let patient = tokio::spawn(async move {
            for _ in 0..10 {
                tokio::select! {
                    _ = lock.lock() => unreachable!("it is held"),
                    () = tokio::time::sleep(Duration::from_millis(20)) => {}
                }
            }
        });
        patient.await.unwrap();
        drop(held);
    });
}
