//! Watched futures that a task awaits: what they wait for is the task's wait. (Those that it has turned away from are in
//! `futures.rs`.)

use super::on_one_thread;
use crate::run::{Case, quiet, stuck};
use gordian::{
    Ext,
    task::{named, watch},
    tokio::{self, sync::Mutex, task::yield_now},
};
use std::sync::Arc;

pub(crate) const CASES: &[Case] = &[
    stuck!(
        holds_what_it_awaits,
        "standstill",
        [
            "outer: holds total [outer], waits for task `inner`, which it polls [nowhere]",
            "inner: waits for Mutex `total` [inner]"
        ],
        ["main"]
    ),
    quiet!(lets_go_before_it_awaits),
    stuck!(
        two_of_one_task,
        "standstill",
        ["ab: holds a [first], waits for Mutex `b` [then]", "ba: holds b [first], waits for Mutex `a` [then]"],
        ["main", "task outer"]
    ),
    quiet!(two_of_one_task_in_one_order),
];

type Total = Arc<Mutex<u32>>;

fn total() -> Total {
    Arc::new(Mutex::new(0).named("total"))
}

async fn outer(lets_go: bool) {
    let total = total();
    let held = total.lock().await; //~ outer
    let mut held = Some(held);
    if lets_go {
        held = None;
    }
    let theirs = total.clone();
    watch(named("inner", async move {
        *theirs.lock().await += 1; //~ inner
    }))
    .await;
    drop(held);
}

fn holds_what_it_awaits() {
    on_one_thread(named("outer", outer(false)));
}

fn lets_go_before_it_awaits() {
    on_one_thread(outer(true));
}

async fn first_and(first: Total, second: Total) {
    let mut first = first.lock().await; //~ first
    yield_now().await;
    *first += *second.lock().await; //~ then
}

async fn both(in_one_order: bool) {
    let [a, b] = ["a", "b"].map(|name| Arc::new(Mutex::new(0).named(name)));
    let other = if in_one_order { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
    tokio::join!(watch(named("ab", first_and(a, b))), watch(named("ba", first_and(other.0, other.1))));
}

fn two_of_one_task() {
    on_one_thread(named("outer", both(false)));
}

fn two_of_one_task_in_one_order() {
    on_one_thread(both(true));
}
