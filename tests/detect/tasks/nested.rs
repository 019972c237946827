//! Watched futures in a task: what they wait for is the task's wait, and one that the task has turned away from goes on when
//! the task does, if then.

use super::on_one_thread;
use crate::run::{Case, quiet, stuck};
use futures::{StreamExt, stream::FuturesUnordered};
use gordian::{
    Ext,
    task::{Named, Watched, named, watch},
    tokio::{
        self,
        sync::{Mutex, Notify, oneshot},
        task::yield_now,
        time::sleep,
    },
};
use std::{future::pending, pin::Pin, sync::Arc, time::Duration};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        select_keeps_a_watched_future,
        "standstill",
        [
            "hasty: waits for Mutex `total` [second]",
            "kept: holds total [add], waits for task `hasty` to poll it again [nowhere]"
        ],
        ["main"]
    ),
    quiet!(select_drops_the_watched_future),
    quiet!(somebody_else_polls_it_later),
    stuck!(
        a_kept_one_owns_the_lock,
        "standstill",
        [
            "hasty: waits for Mutex `total` [add]",
            "kept: holds total [owned], waits for task `hasty` to poll it again [nowhere]"
        ],
        ["main"]
    ),
    quiet!(the_kept_one_is_polled_on),
    stuck!(
        a_kept_one_is_pending_with_the_lock,
        "standstill",
        [
            "hasty: waits for Mutex `total` [add]",
            "kept: holds total [has], waits for task `hasty` to poll it again [nowhere]"
        ],
        ["main"]
    ),
    quiet!(the_pending_one_is_dropped),
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
    stuck!(
        watched_and_unordered,
        "standstill",
        [
            "batch: waits for Mutex `total` [add]",
            "second: holds total [owns], waits for task `batch` to poll it again [nowhere]"
        ],
        ["main"]
    ),
    quiet!(watched_and_unordered_polled_on),
];

const A_MOMENT: Duration = Duration::from_millis(20);

type Total = Arc<Mutex<u32>>;

fn total() -> Total {
    Arc::new(Mutex::new(0).named("total"))
}

async fn add(total: Total) {
    *total.lock().await += 1; //~ add
}

async fn add_slowly(total: Total) {
    let mut total = total.lock().await; //~ owns
    sleep(A_MOMENT).await;
    *total += 1;
}

/// Spawns one who holds the lock for a while.
async fn held(total: &Total) {
    let mut held = total.clone().lock_owned().await;
    tokio::spawn(async move {
        sleep(2 * A_MOMENT).await;
        *held += 1;
    });
}

fn kept<F: Future>(future: F) -> Pin<Box<Watched<Named<F>>>> {
    Box::pin(watch(named("kept", future)))
}

// ---- select! ----

async fn hasty(total: Total, keeps: bool) {
    held(&total).await;
    let mut first = kept(add(total.clone()));
    tokio::select! {
        () = &mut first => {}
        () = sleep(A_MOMENT) => {
            if !keeps {
                drop(first);
            }
            *total.lock().await += 10; //~ second
        }
    }
}

fn select_keeps_a_watched_future() {
    on_one_thread(named("hasty", hasty(total(), true)));
}

fn select_drops_the_watched_future() {
    on_one_thread(hasty(total(), false));
}

/// Another task gets the future when it has been given the lock, and is in no hurry to poll it.
async fn sends_it(total: Total) {
    held(&total).await;
    let mut first = kept(add(total.clone()));
    tokio::select! {
        () = &mut first => return,
        () = sleep(A_MOMENT) => {}
    }
    let (send, sent) = oneshot::channel();
    let other = tokio::spawn(async move {
        let Ok(first) = sent.await else { return };
        sleep(10 * A_MOMENT).await;
        first.await;
    });
    assert!(send.send(first).is_ok());
    add(total).await;
    other.await.unwrap();
}

fn somebody_else_polls_it_later() {
    on_one_thread(sends_it(total()));
}

/// The future has the lock, and has been woken for the rest.
async fn owner(polls_on: bool) {
    let (total, go) = (total(), Notify::new());
    let theirs = total.clone();
    let mut first = kept(async {
        let mut total = theirs.lock().await; //~ owned
        go.notified().await;
        *total += 1;
    });
    tokio::select! {
        biased;
        () = &mut first => {}
        () = yield_now() => {
            go.notify_one();
            if polls_on {
                tokio::join!(first, add(total));
            } else {
                add(total).await;
            }
        }
    }
}

fn a_kept_one_owns_the_lock() {
    on_one_thread(named("hasty", owner(false)));
}

fn the_kept_one_is_polled_on() {
    on_one_thread(owner(true));
}

/// The future has the lock, and will never go on.
async fn for_ever(keeps: bool) {
    let total = total();
    let theirs = total.clone();
    let mut first = kept(async move {
        let _total = theirs.lock().await; //~ has
        pending::<()>().await;
    });
    tokio::select! {
        () = &mut first => {}
        () = sleep(A_MOMENT) => {
            if !keeps {
                drop(first);
            }
            add(total).await;
        }
    }
}

fn a_kept_one_is_pending_with_the_lock() {
    on_one_thread(named("hasty", for_ever(true)));
}

fn the_pending_one_is_dropped() {
    on_one_thread(for_ever(false));
}

// ---- awaited ----

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

/// What polls them has a waker of its own.
async fn unordered(polls_on: bool) {
    let total = total();
    let mut some: FuturesUnordered<_> =
        ["first", "second"].map(|name| watch(named(name, add_slowly(total.clone())))).into_iter().collect();
    some.next().await.unwrap();
    if polls_on {
        tokio::join!(add(total), some.count());
    } else {
        add(total).await;
    }
}

fn watched_and_unordered() {
    on_one_thread(named("batch", unordered(false)));
}

fn watched_and_unordered_polled_on() {
    on_one_thread(unordered(true));
}
