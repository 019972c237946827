//! `gordian::tasks()`: what the program can ask for at any time, and what it is told then.

use super::on_one_thread;
use crate::run::{Case, quiet};
use gordian::{
    Ext,
    report::{TaskReport, TaskState, Tasks},
    task::{named, watch as watch_it},
    tokio::{
        self,
        sync::{Mutex, Notify, mpsc, oneshot, watch},
        task::yield_now,
    },
};
use std::{
    future::{Future, pending, poll_fn},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

pub(crate) const CASES: &[Case] = &[
    quiet!(each_state),
    quiet!(await_tree),
    quiet!(figures),
    quiet!(polls_to_no_effect),
    quiet!(needless_and_lost_wakes),
    quiet!(nobody_has_its_waker),
    quiet!(a_list_of_none),
];

fn named_task<'a>(tasks: &'a Tasks, name: &str) -> &'a TaskReport {
    let is_it = |task: &&TaskReport| task.name.as_deref() == Some(name);
    tasks.tasks.iter().find(is_it).unwrap_or_else(|| panic!("there is no `{name}`:\n{tasks}"))
}

fn each_state() {
    on_one_thread(named("asks", async {
        let accounts = Arc::new(Mutex::new(0).named("accounts"));
        let (release, released) = oneshot::channel::<()>();
        let (theirs, kept) = (accounts.clone(), Arc::new(std::sync::Mutex::new(None::<Waker>)));
        let holder = tokio::spawn(named("holder", async move {
            let _held = theirs.lock().await;
            released.await.unwrap();
        }));
        let theirs = accounts.clone();
        let waiter = tokio::spawn(named("waiter", async move { *theirs.lock().await += 1 }));
        let theirs = kept.clone();
        let outside = tokio::spawn(named("outside", async move {
            poll_fn(|context| match theirs.lock().unwrap().replace(context.waker().clone()) {
                None => Poll::Pending,
                Some(_) => Poll::Ready(()),
            })
            .await;
        }));
        // Each has been polled.
        for _ in 0..4 {
            yield_now().await;
        }
        let scheduled = tokio::spawn(async { yield_now().await });
        let tasks = gordian::tasks();
        assert_eq!(tasks.tasks.len(), 5, "{tasks}");

        let asks = named_task(&tasks, "asks");
        assert_eq!((asks.state, asks.polled_by.as_deref()), (TaskState::Running, Some("thread `main`")), "{tasks}");
        let holder_is = named_task(&tasks, "holder");
        assert_eq!((holder_is.state, holder_is.holds.len()), (TaskState::Waiting, 1), "{tasks}");
        assert_eq!(holder_is.holds[0].object.name.as_deref(), Some("accounts"));
        assert_eq!(holder_is.parent.as_deref(), Some("task `asks`"));
        let waiter_is = named_task(&tasks, "waiter");
        assert_eq!(waiter_is.state, TaskState::Waiting);
        assert_eq!(waiter_is.waits[0].label, "for Mutex `accounts`, which task `holder` holds");
        assert_eq!(named_task(&tasks, "outside").state, TaskState::Unknown, "{tasks}");
        let fresh = tasks.tasks.iter().find(|task| task.name.is_none()).expect("the fresh one");
        assert_eq!((fresh.state, fresh.polls), (TaskState::Scheduled, 0), "{tasks}");
        let text = tasks.to_string();
        assert!(text.contains("waits for Mutex `accounts`, which task `holder` holds, for "), "{text}");
        let read: serde_json::Value = serde_json::from_str(&tasks.to_json()).expect("it is JSON");
        assert_eq!(read["tasks"].as_array().map(Vec::len), Some(5));

        release.send(()).unwrap();
        kept.lock().unwrap().as_ref().unwrap().wake_by_ref();
        for task in [holder, waiter, outside, scheduled] {
            task.await.unwrap();
        }
        assert_eq!(gordian::tasks().tasks.len(), 1, "the others have ended");
    }));
}

/// Of a future on an executor that gordian does not know: whose poll comes unasked cannot be known, nor that none does.
fn nobody_has_its_waker() {
    let (mut idle, kept) =
        (Box::pin(watch_it(named("idle", pending::<()>()))), Arc::new(std::sync::Mutex::new(None::<Waker>)));
    let theirs = kept.clone();
    let mut keeps = Box::pin(watch_it(named(
        "keeps",
        poll_fn(move |context| {
            *theirs.lock().unwrap() = Some(context.waker().clone());
            Poll::<()>::Pending
        }),
    )));
    let mut context = Context::from_waker(Waker::noop());
    assert!(idle.as_mut().poll(&mut context).is_pending() && keeps.as_mut().poll(&mut context).is_pending());
    let tasks = gordian::tasks();
    assert_eq!(named_task(&tasks, "idle").state, TaskState::Unwoken, "{tasks}");
    assert_eq!(named_task(&tasks, "keeps").state, TaskState::Unknown, "{tasks}");
    let text = tasks.to_string();
    assert!(text.contains("nobody is known to have its waker; its executor may poll it unasked\n"), "{text}");
    drop(kept.lock().unwrap().take());
    assert_eq!(named_task(&gordian::tasks(), "keeps").state, TaskState::Unwoken);
}

/// What is watched inside another task stands beneath that, also once it is polled no longer; and nowhere, once that task has
/// ended or polls it no more.
fn await_tree() {
    on_one_thread(named("asks", async {
        let accounts = Arc::new(Mutex::new(0).named("accounts"));
        let held = accounts.lock().await;
        let (stop, stopped) = oneshot::channel::<()>();
        let (give, given) = oneshot::channel();
        let theirs = accounts.clone();
        let outer = tokio::spawn(named("outer", async move {
            let mut inner = Box::pin(watch_it(named("inner", async move {
                let value = watch_it(named("innermost", async { *theirs.lock().await })).await;
                pending::<()>().await;
                value
            })));
            let mut done = Box::pin(watch_it(named("done", async {})));
            done.as_mut().await;
            // Both are there, and wait.
            assert!(poll_fn(|context| Poll::Ready(inner.as_mut().poll(context).is_pending())).await);
            stopped.await.unwrap();
            let _ = give.send(inner);
            pending::<()>().await;
        }));
        for _ in 0..4 {
            yield_now().await;
        }
        let tasks = gordian::tasks();
        let [outer_is, inner, innermost] = ["outer", "inner", "innermost"].map(|name| named_task(&tasks, name));
        assert_eq!(outer_is.awaited_by, None, "{tasks}");
        assert_eq!(inner.awaited_by, Some(outer_is.id), "{tasks}");
        assert_eq!(innermost.awaited_by, Some(inner.id), "{tasks}");
        assert_eq!((inner.parent.as_deref(), innermost.state), (Some("task `outer`"), TaskState::Waiting), "{tasks}");
        assert_eq!(named_task(&tasks, "done").state, TaskState::Finished, "{tasks}");
        let text = tasks.to_string();
        let heads: Vec<&str> = text.lines().filter(|line| line.contains("task `in")).collect();
        let expected = [("    +-> task `inner`, made at ", true), ("        +-> task `innermost`, made at ", true)];
        assert_eq!(heads.len(), 2, "{text}");
        for (head, (start, last)) in heads.iter().zip(expected) {
            assert!(head.starts_with(start) && head.contains(", last polled by it ") == last, "{text}");
        }
        let read: serde_json::Value = serde_json::from_str(&tasks.to_json()).expect("it is JSON");
        let all = read["tasks"].as_array().expect("a list");
        let is_inner = |task: &&serde_json::Value| task["name"] == "inner";
        assert_eq!(all.iter().find(is_inner).expect("it is there")["awaited_by"], outer_is.id);

        // The lock is granted to what waits for it, whose task is woken, and has something else to do.
        drop(held);
        let passed_over = |tasks: &Tasks| named_task(tasks, "inner").state == TaskState::PassedOver;
        let began = std::time::Instant::now();
        let tasks = loop {
            yield_now().await;
            let tasks = gordian::tasks();
            if passed_over(&tasks) || began.elapsed() > Duration::from_secs(10) {
                break tasks;
            }
        };
        assert!(passed_over(&tasks), "{tasks}");
        let innermost = named_task(&tasks, "innermost");
        assert_eq!((innermost.state, innermost.holds.len()), (TaskState::Scheduled, 1), "{tasks}");
        let text = tasks.to_string();
        let words = "has been woken; task `outer` has been polled since, and has not polled it";
        assert!(text.contains(words) && text.contains("waits for task `inner` to poll it"), "{text}");

        // It goes to somebody else, who polls it.
        stop.send(()).unwrap();
        let mut inner = given.await.unwrap_or_else(|_| panic!("it is given"));
        assert!(poll_fn(|context| Poll::Ready(inner.as_mut().poll(context).is_pending())).await);
        let tasks = gordian::tasks();
        let asks = named_task(&tasks, "asks").id;
        assert_eq!(named_task(&tasks, "inner").awaited_by, Some(asks), "{tasks}");
        outer.abort();
        let _ = outer.await;
    }));
}

fn figures() {
    on_one_thread(async {
        let (end, ended) = oneshot::channel::<()>();
        let busy = tokio::spawn(named("busy", async {
            let mut left = 3;
            poll_fn(|context| {
                if left == 0 {
                    return Poll::Ready(());
                }
                left -= 1;
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            let began = std::time::Instant::now();
            while began.elapsed() < Duration::from_millis(60) {
                std::hint::spin_loop();
            }
            ended.await.unwrap();
        }));
        for _ in 0..6 {
            yield_now().await;
        }
        let tasks = gordian::tasks();
        let task = named_task(&tasks, "busy");
        assert_eq!((task.polls, task.own_wakes), (4, 3), "{tasks}");
        assert_eq!(task.wakes, 3, "{tasks}");
        // To the precision of the coarse clock.
        assert!(task.longest_poll >= Duration::from_millis(40), "{tasks}");
        assert!(task.busy >= task.longest_poll && task.busy + task.scheduled + task.idle <= task.age, "{tasks}");
        end.send(()).unwrap();
        busy.await.unwrap();
    });
}

/// What is woken and finds that nothing has changed for it; beside it what goes on with each wake, and what computes where
/// nobody sees it.
fn polls_to_no_effect() {
    on_one_thread(async {
        let (set, mut number) = watch::channel(0);
        let (send, mut messages) = mpsc::channel::<()>(8);
        let (end, ended) = oneshot::channel::<()>();
        let (work, kept) = (Arc::new(Notify::new()), Arc::new(std::sync::Mutex::new(None::<Waker>)));
        let until_three = tokio::spawn(named("until three", async move {
            number.wait_for(|number| *number == 3).await.unwrap();
        }));
        let theirs = work.clone();
        let joins = tokio::spawn(named("joins", async move {
            let wakes = async {
                for _ in 0..3 {
                    theirs.notified().await;
                }
            };
            tokio::join!(wakes, watch_it(named("aside", async { ended.await.unwrap() })));
        }));
        let receives = tokio::spawn(named("receives", async move { while messages.recv().await.is_some() {} }));
        let theirs = kept.clone();
        let outside = tokio::spawn(named("outside", async move {
            let mut polls = 0;
            poll_fn(|context| {
                polls += 1;
                *theirs.lock().unwrap() = Some(context.waker().clone());
                if polls < 4 { Poll::Pending } else { Poll::Ready(()) }
            })
            .await;
            pending::<()>().await;
        }));
        for number in 0..3 {
            yield_now().await;
            set.send(number).unwrap();
            work.notify_one();
            send.send(()).await.unwrap();
            kept.lock().unwrap().take().into_iter().for_each(Waker::wake);
            yield_now().await;
        }
        let tasks = gordian::tasks();
        let figures = |name: &str| (named_task(&tasks, name).polls, named_task(&tasks, name).idle_polls);
        assert_eq!(figures("until three"), (4, 3), "{tasks}");
        assert_eq!(figures("aside"), (4, 3), "{tasks}");
        // Whose waits end and begin.
        assert_eq!(figures("joins"), (4, 0), "{tasks}");
        assert_eq!(figures("receives"), (4, 0), "{tasks}");
        assert_eq!(figures("outside"), (4, 0), "{tasks}");
        assert!(tasks.to_string().contains("polled 4 times, 3 of them to no effect: "), "{tasks}");
        let read: serde_json::Value = serde_json::from_str(&tasks.to_json()).expect("it is JSON");
        let all = read["tasks"].as_array().expect("a list");
        assert!(all.iter().any(|task| task["name"] == "aside" && task["idle_polls"] == 3), "{read}");

        set.send(3).unwrap();
        end.send(()).unwrap();
        drop(send);
        for task in [until_three, joins, receives] {
            task.await.unwrap();
        }
        outside.abort();
        let _ = outside.await;
    });
}

fn needless_and_lost_wakes() {
    on_one_thread(async {
        let kept = Arc::new(std::sync::Mutex::new(None::<Waker>));
        let theirs = kept.clone();
        let woken = tokio::spawn(named("woken", async move {
            poll_fn(|context| match theirs.lock().unwrap().replace(context.waker().clone()) {
                None => Poll::Pending,
                Some(_) => Poll::Ready(()),
            })
            .await;
            pending::<()>().await;
        }));
        yield_now().await;
        let waker = kept.lock().unwrap().clone().expect("it has been polled");
        let needless = || named_task(&gordian::tasks(), "woken").needless_wakes;
        waker.wake_by_ref();
        assert_eq!(needless(), 0);
        waker.wake_by_ref();
        waker.wake_by_ref();
        assert_eq!(needless(), 2);
        yield_now().await;
        waker.wake_by_ref();
        assert_eq!(needless(), 2, "it has been polled, and that was the first since");
        let before = gordian::tasks().lost_wakes;
        woken.abort();
        let _ = woken.await;
        assert_eq!(gordian::tasks().lost_wakes, before);
        waker.wake_by_ref();
        waker.wake();
        let tasks = gordian::tasks();
        assert_eq!(tasks.lost_wakes, before + 2, "{tasks}");
        assert!(tasks.to_string().contains(" came when "), "{tasks}");
    });
}

fn a_list_of_none() {
    assert!(gordian::tasks().tasks.is_empty());
    assert!(gordian::tasks().to_string().starts_with("0 tasks"));
}
