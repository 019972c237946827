//! Futures that are kept and not polled, while they own a lock or have been granted one: futures as they are, and watched ones
//! (`watch`), which are tasks of their own.

use super::on_one_thread;
use crate::run::{Case, quiet, stuck};
use futures::{
    StreamExt, stream,
    stream::{FuturesOrdered, FuturesUnordered},
};
use gordian::{
    Ext,
    task::{Named, Watched, named, watch},
    tokio::{
        self,
        sync::{Mutex, Notify, RwLock, Semaphore, mpsc, oneshot},
        task::yield_now,
        time::sleep,
    },
};
use std::{
    future::{Future, pending},
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        select_keeps_a_future,
        "standstill",
        ["hasty: holds total [add], waits for Mutex `total` [second]"],
        ["main"]
    ),
    quiet!(select_drops_the_future),
    stuck!(
        select_keeps_one_with_a_permit,
        "standstill",
        ["hasty: holds slots [first permit], waits for permits of Semaphore `slots` [second permit]"],
        ["main"]
    ),
    quiet!(select_drops_the_one_with_a_permit),
    stuck!(
        select_keeps_a_writer,
        "standstill",
        ["hasty: holds config [write], waits to read RwLock `config` [read]"],
        ["main"]
    ),
    quiet!(select_polls_the_writer_on),
    stuck!(
        a_kept_future_owns_the_lock,
        "standstill",
        ["hasty: holds total [owned], waits for Mutex `total` [add]"],
        ["main"]
    ),
    quiet!(the_owner_is_polled_on),
    stuck!(buffered_stream, "standstill", ["batch: holds total [owns], waits for Mutex `total` [add]"], ["main"]),
    quiet!(buffered_stream_to_its_end),
    stuck!(unordered_futures, "standstill", ["batch: holds total [owns], waits for Mutex `total` [add]"], ["main"]),
    quiet!(unordered_futures_polled_on),
    stuck!(
        ordered_futures_while_it_sends,
        "standstill",
        [
            "feeder: holds total [owns], waits to send to Channel #4098 [sends]",
            "worker: waits for Mutex `total` [works]"
        ],
        ["main"]
    ),
    quiet!(ordered_futures_are_gone_when_it_sends),
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
        a_kept_watched_one_owns_the_lock,
        "standstill",
        [
            "hasty: waits for Mutex `total` [add]",
            "kept: holds total [owned], waits for task `hasty` to poll it again [nowhere]"
        ],
        ["main"]
    ),
    quiet!(the_watched_owner_is_polled_on),
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
        watched_and_unordered,
        "standstill",
        [
            "batch: waits for Mutex `total` [add]",
            "kept: holds total [owns], waits for task `batch` to poll it again [nowhere]"
        ],
        ["main"]
    ),
    quiet!(watched_and_unordered_polled_on),
];

const A_MOMENT: Duration = Duration::from_millis(20);

fn total() -> Arc<Mutex<u32>> {
    Arc::new(Mutex::new(0).named("total"))
}

async fn add(total: Arc<Mutex<u32>>) {
    *total.lock().await += 1; //~ add
}

async fn add_slowly(total: Arc<Mutex<u32>>) {
    let mut total = total.lock().await; //~ owns
    sleep(A_MOMENT).await;
    *total += 1;
}

type Add = Pin<Box<dyn Future<Output = ()> + Send>>;

fn unwatched(future: Add) -> Add {
    future
}

fn watched(future: Add) -> Watched<Named<Add>> {
    watch(named("kept", future))
}

/// Spawns one who holds the lock for a while.
async fn held(total: &Arc<Mutex<u32>>) {
    let mut held = total.clone().lock_owned().await;
    tokio::spawn(named("slow", async move {
        sleep(2 * A_MOMENT).await;
        *held += 1;
    }));
}

// ---- select! ----

async fn hasty<F: Future<Output = ()>>(keeps: bool, as_it_is: impl FnOnce(Add) -> F) {
    let total = total();
    held(&total).await;
    let mut first = Box::pin(as_it_is(Box::pin(add(total.clone()))));
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

fn select_keeps_a_future() {
    on_one_thread(named("hasty", hasty(true, unwatched)));
}

fn select_drops_the_future() {
    on_one_thread(hasty(false, unwatched));
}

fn select_keeps_a_watched_future() {
    on_one_thread(named("hasty", hasty(true, watched)));
}

fn select_drops_the_watched_future() {
    on_one_thread(hasty(false, watched));
}

/// Another task gets the future when it has been given the lock, and is in no hurry to poll it.
async fn sends_it() {
    let total = total();
    held(&total).await;
    let mut first = Box::pin(watched(Box::pin(add(total.clone()))));
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
    on_one_thread(sends_it());
}

async fn limited(keeps: bool) {
    let slots = Arc::new(Semaphore::new(1).named("slots"));
    let permit = slots.clone().acquire_owned().await.unwrap();
    tokio::spawn(named("slow", async move {
        sleep(2 * A_MOMENT).await;
        drop(permit);
    }));
    let theirs = slots.clone();
    let mut first = Box::pin(async move { drop(theirs.acquire().await.unwrap()) }); //~ first permit
    tokio::select! {
        () = &mut first => {}
        () = sleep(A_MOMENT) => {
            if !keeps {
                drop(first);
            }
            drop(slots.acquire().await.unwrap()); //~ second permit
        }
    }
}

fn select_keeps_one_with_a_permit() {
    on_one_thread(named("hasty", limited(true)));
}

fn select_drops_the_one_with_a_permit() {
    on_one_thread(limited(false));
}

async fn config(polls_on: bool) {
    let config = Arc::new(RwLock::new(0).named("config"));
    let reading = config.clone().read_owned().await;
    tokio::spawn(named("reader", async move {
        sleep(2 * A_MOMENT).await;
        drop(reading);
    }));
    let mut write = pin!(async { *config.write().await += 1 }); //~ write
    tokio::select! {
        () = &mut write => {}
        () = sleep(A_MOMENT) => {
            let read = async { *config.read().await }; //~ read
            if polls_on {
                assert_eq!(tokio::join!(write, read), ((), 1));
            } else {
                read.await;
            }
        }
    }
}

fn select_keeps_a_writer() {
    on_one_thread(named("hasty", config(false)));
}

fn select_polls_the_writer_on() {
    on_one_thread(config(true));
}

/// The future has the lock, and has been woken for the rest.
async fn owner<F: Future<Output = ()>>(polls_on: bool, as_it_is: impl FnOnce(Add) -> F) {
    let (total, go) = (total(), Arc::new(Notify::new()));
    let (theirs, goes) = (total.clone(), go.clone());
    let mut first = pin!(as_it_is(Box::pin(async move {
        let mut total = theirs.lock().await; //~ owned
        goes.notified().await;
        *total += 1;
    })));
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

fn a_kept_future_owns_the_lock() {
    on_one_thread(named("hasty", owner(false, unwatched)));
}

fn the_owner_is_polled_on() {
    on_one_thread(owner(true, unwatched));
}

fn a_kept_watched_one_owns_the_lock() {
    on_one_thread(named("hasty", owner(false, watched)));
}

fn the_watched_owner_is_polled_on() {
    on_one_thread(owner(true, watched));
}

/// The future has the lock, and will never go on.
async fn for_ever(keeps: bool) {
    let total = total();
    let theirs = total.clone();
    let mut first = Box::pin(watched(Box::pin(async move {
        let _total = theirs.lock().await; //~ has
        pending::<()>().await;
    })));
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

// ---- streams ----

async fn buffered(to_its_end: bool) {
    let total = total();
    let mut done = stream::iter(0..5).map(|_| add_slowly(total.clone())).buffered(3);
    if to_its_end {
        let count = done.by_ref().count().await;
        assert_eq!(count, 5);
        return add(total.clone()).await;
    }
    while let Some(()) = done.next().await {
        add(total.clone()).await;
    }
}

fn buffered_stream() {
    on_one_thread(named("batch", buffered(false)));
}

fn buffered_stream_to_its_end() {
    on_one_thread(buffered(true));
}

/// What polls them has a waker of its own.
async fn unordered<F: Future<Output = ()>>(count: u32, polls_on: bool, as_it_is: impl Fn(Add) -> F) {
    let total = total();
    let mut some: FuturesUnordered<_> = (0..count).map(|_| as_it_is(Box::pin(add_slowly(total.clone())))).collect();
    some.next().await.unwrap();
    if polls_on {
        tokio::join!(add(total), some.count());
    } else {
        add(total).await;
    }
}

fn unordered_futures() {
    on_one_thread(named("batch", unordered(3, false, unwatched)));
}

fn unordered_futures_polled_on() {
    on_one_thread(unordered(3, true, unwatched));
}

fn watched_and_unordered() {
    on_one_thread(named("batch", unordered(2, false, watched)));
}

fn watched_and_unordered_polled_on() {
    on_one_thread(unordered(2, true, watched));
}

/// The one who is to make room waits for the lock.
async fn ordered(keeps: bool) {
    let total = total();
    let (send, mut jobs) = mpsc::channel(1);
    let jobs_total = total.clone();
    let worker = tokio::spawn(named("worker", async move {
        while let Some(()) = jobs.recv().await {
            *jobs_total.lock().await += 1; //~ works
        }
    }));
    let mut some: FuturesOrdered<_> = (0..2).map(|_| add_slowly(total.clone())).collect();
    some.next().await.unwrap();
    if !keeps {
        drop(some);
    }
    for _ in 0..3 {
        send.send(()).await.unwrap(); //~ sends
    }
    drop(send);
    worker.await.unwrap();
}

fn ordered_futures_while_it_sends() {
    on_one_thread(named("feeder", ordered(true)));
}

fn ordered_futures_are_gone_when_it_sends() {
    on_one_thread(ordered(false));
}
