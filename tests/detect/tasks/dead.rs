//! Tasks that are pending, and whose waker nobody has.

use super::{on_one_thread, possible};
use crate::run::{Case, quiet, stuck, work};
use gordian::{
    task::named,
    tokio::{self, task::JoinHandle},
};
use std::{
    future::{Future, pending, poll_fn},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

pub(crate) const CASES: &[Case] = &[
    possible!(keeps_no_waker, "dead_task", ["forgetful: waits to be woken [nowhere]"], []),
    quiet!(keeps_its_waker),
    stuck!(its_waker_is_dropped, "dead_task", ["dropped: waits to be woken [nowhere]"], []),
    Case {
        // At once, and not only when it has lasted.
        settings: &[("GORDIAN_LONG_WAIT", "off")],
        ..stuck!(a_strange_thread_drops_its_waker, "dead_task", ["dropped: waits to be woken [nowhere]"], [])
    },
    quiet!(its_waker_is_used),
    quiet!(pending_for_ever_after_all),
    possible!(its_waker_is_dropped_and_it_can_be_aborted, "dead_task", ["dropped: waits to be woken [nowhere]"], []),
    stuck!(
        somebody_waits_for_it,
        "dead_task",
        ["forgetful: waits to be woken [nowhere]"],
        ["task root", "task waiter"]
    ),
    quiet!(aborted_at_last),
    quiet!(takes_long_to_be_dropped),
];

/// A hand-written future: ready once its flag is set.
async fn flag(set: Arc<AtomicBool>, kept: impl Fn(&Waker)) {
    poll_fn(|context| {
        if set.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        kept(context.waker());
        Poll::Pending
    })
    .await;
}

fn keeps_no_waker() {
    on_one_thread(async {
        tokio::spawn(named("forgetful", flag(Arc::default(), |_| ())));
        pending::<()>().await;
    });
}

fn keeps_its_waker() {
    let (set, waker) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Option<Waker>>>::default());
    on_one_thread(async {
        let waiter = {
            let waker = waker.clone();
            tokio::spawn(flag(set.clone(), move |own| *waker.lock().unwrap() = Some(own.clone())))
        };
        let setter = std::thread::spawn(move || {
            work();
            set.store(true, Ordering::Release);
            waker.lock().unwrap().take().unwrap().wake();
        });
        waiter.await.unwrap();
        setter.join().unwrap();
    });
}

fn its_waker_is_dropped() {
    on_one_thread(async {
        let (_, waker) = kept().await;
        drop(waker);
        pending::<()>().await;
    });
}

/// Spawns one who waits for a flag that nobody sets, and has its waker kept: that, and its handle.
async fn kept() -> (JoinHandle<()>, Waker) {
    let waker = Arc::<Mutex<Option<Waker>>>::default();
    let keeps = waker.clone();
    let waits =
        tokio::spawn(named("dropped", flag(Arc::default(), move |own| *keeps.lock().unwrap() = Some(own.clone()))));
    tokio::task::yield_now().await;
    let waker = waker.lock().unwrap().take().unwrap();
    (waits, waker)
}

/// In a process in which nothing else happens, and by a thread of which nothing is known.
fn a_strange_thread_drops_its_waker() {
    on_one_thread(async {
        let (_, waker) = kept().await;
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            drop(waker);
        });
        pending::<()>().await;
    });
}

/// The same, and somebody has its handle: it may be meant to be like that.
fn its_waker_is_dropped_and_it_can_be_aborted() {
    on_one_thread(async {
        let (_handle, waker) = kept().await;
        drop(waker);
        pending::<()>().await;
    });
}

/// Its waker was with somebody in earlier polls, and in this one; then it has nothing more to do but to keep what it has.
fn pending_for_ever_after_all() {
    let (set, waker) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Option<Waker>>>::default());
    on_one_thread(async {
        let (kept, own) = (waker.clone(), set.clone());
        tokio::spawn(named("keeper", async move {
            let keep = kept.clone();
            flag(own, move |own| *keep.lock().unwrap() = Some(own.clone())).await;
            // In the middle of the poll.
            kept.lock().unwrap().take();
            pending::<()>().await;
        }));
        tokio::task::yield_now().await;
        set.store(true, Ordering::Release);
        waker.lock().unwrap().as_ref().unwrap().wake_by_ref();
        tokio::task::yield_now().await;
        work();
    });
}

fn its_waker_is_used() {
    let (set, waker) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Option<Waker>>>::default());
    on_one_thread(async {
        let kept = waker.clone();
        let waiter = tokio::spawn(flag(set.clone(), move |own| *kept.lock().unwrap() = Some(own.clone())));
        tokio::task::yield_now().await;
        set.store(true, Ordering::Release);
        let waker = waker.lock().unwrap().take().unwrap();
        waker.wake_by_ref();
        waiter.await.unwrap();
        work();
        // Of a task that has ended.
        waker.wake();
    });
}

fn somebody_waits_for_it() {
    on_one_thread(named("root", async {
        let dead = tokio::spawn(named("forgetful", flag(Arc::default(), |_| ())));
        tokio::spawn(named("waiter", async { dead.await.unwrap() })).await.unwrap();
    }));
}

/// It is meant to be so.
fn aborted_at_last() {
    on_one_thread(async {
        let idle = tokio::spawn(named("idle", pending::<()>()));
        tokio::task::yield_now().await;
        work();
        idle.abort();
        assert!(idle.await.unwrap_err().is_cancelled());
    });
}

/// Ready at once; then there is a while in which the task is not polled any more, and is not gone.
struct SlowToDrop;

impl Future for SlowToDrop {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

impl Drop for SlowToDrop {
    fn drop(&mut self) {
        work();
    }
}

fn takes_long_to_be_dropped() {
    on_one_thread(async {
        tokio::spawn(SlowToDrop).await.unwrap();
    });
}
