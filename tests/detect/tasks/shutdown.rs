//! Runtimes that are dropped: tasks that had not ended then, and did not end.

use super::on_one_thread;
use crate::run::{Case, Told, quiet};
use gordian::{
    Ext,
    sync::Arc,
    task::{daemon, named},
    tokio::{
        self,
        runtime::{Builder, Runtime},
        sync::{Mutex, Notify, Semaphore, mpsc, oneshot},
        task::{JoinSet, yield_now},
        time::{Duration, sleep, timeout},
    },
};
use std::future::pending;

/// Has to be told once, and the program ends.
macro_rules! told {
    ($situation:ident, [$($task:literal),* $(,)?], $words:literal) => {
        Case {
            told: &[Told { rule: "pending_at_shutdown", certainty: "possible", threads: &[$($task),*], victims: &[] }],
            shows: &[$words],
            ..quiet!($situation)
        }
    };
}

pub(crate) const CASES: &[Case] = &[
    told!(work_never_begun, ["?: "], " had not been polled once."),
    quiet!(work_awaited),
    told!(
        work_with_a_lock,
        ["writes: holds file [take the file], waits for the end of its sleep [disk]"],
        "Task `writes` holds Mutex `file`"
    ),
    quiet!(work_with_a_lock_awaited),
    told!(
        message_not_sent,
        ["sends: waits to send to Channel `jobs` [no room]"],
        "task `sends` had not ended when its runtime was dropped"
    ),
    quiet!(message_sent),
    told!(
        all_but_daemons,
        ["counts: waits for a message of Channel `words` [read]", "sleeps: waits for the end of its sleep [nap]"],
        "2 tasks had not ended when their runtime was dropped"
    ),
    quiet!(all_awaited_but_daemons),
    quiet!(servers),
    quiet!(aborted),
    quiet!(dropped_with_their_set),
    quiet!(in_a_panic),
];

/// An hour: it does not end before the program does.
const LONG: Duration = Duration::from_secs(3600);

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Each task has been polled, and has come as far as it comes by itself.
async fn settled() {
    for _ in 0..8 {
        yield_now().await;
    }
}

/// The main task ends first, and nobody polls what it has spawned.
fn work_never_begun() {
    on_one_thread(async {
        drop(tokio::spawn(async { unreachable!("nobody polls it") }));
    });
}

fn work_awaited() {
    on_one_thread(async { tokio::spawn(async {}).await.unwrap() });
}

fn work_with_a_lock() {
    on_one_thread(async {
        let file = Arc::new(Mutex::new(Vec::new()).named("file"));
        drop(tokio::spawn(named("writes", writes(file, LONG))));
        settled().await;
    });
}

fn work_with_a_lock_awaited() {
    on_one_thread(async {
        let file = Arc::new(Mutex::new(Vec::new()).named("file"));
        let task = tokio::spawn(named("writes", writes(file.clone(), Duration::from_millis(5))));
        settled().await;
        task.await.unwrap();
        assert_eq!(*file.lock().await, [1, 2]);
    });
}

async fn writes(file: Arc<Mutex<Vec<u8>>>, time: Duration) {
    let mut file = file.lock().await; //~ take the file
    file.push(1);
    sleep(time).await; //~ disk
    file.push(2);
}

fn message_not_sent() {
    // The receiver outlives the runtime, and is read no more.
    let (send, mut receive) = mpsc::channel(1);
    let send = send.named("jobs");
    on_one_thread(async {
        drop(tokio::spawn(named("sends", async move {
            for job in 0..3 {
                send.send(job).await.unwrap(); //~ no room
            }
        })));
        settled().await;
        assert_eq!(receive.recv().await, Some(0));
        settled().await;
    });
}

fn message_sent() {
    on_one_thread(async {
        let (send, mut receive) = mpsc::channel(1);
        tokio::spawn(async move {
            for job in 0..3 {
                send.send(job).await.unwrap();
            }
        });
        while receive.recv().await.is_some() {}
    });
}

/// Who has a session guard says which tasks may end with the program.
fn all_but_daemons() {
    let _gordian = gordian::watch();
    let (send, words) = mpsc::channel::<String>(8);
    let send = send.named("words");
    let runtime = one_thread();
    runtime.block_on(async {
        tokio::spawn(named("counts", counts(words)));
        tokio::spawn(named("sleeps", async { sleep(LONG).await })); //~ nap
        tokio::spawn(daemon(named("ticks", async { sleep(LONG).await })));
        tokio::spawn(named("serves", daemon(pending::<()>())));
        send.send("unsaved".into()).await.unwrap();
        settled().await;
    });
    runtime.shutdown_background();
}

fn all_awaited_but_daemons() {
    let _gordian = gordian::watch();
    let (send, words) = mpsc::channel::<String>(8);
    let runtime = one_thread();
    runtime.block_on(async {
        let counts = tokio::spawn(named("counts", counts(words)));
        tokio::spawn(daemon(named("ticks", async { sleep(LONG).await })));
        send.send("saved".into()).await.unwrap();
        settled().await;
        drop(send);
        assert_eq!(counts.await.unwrap(), 5);
    });
}

async fn counts(mut words: mpsc::Receiver<String>) -> usize {
    let mut count = 0;
    while let Some(word) = words.recv().await {
        //~^ read
        count += word.len();
    }
    count
}

/// They wait for the next thing to do, as servers do, and end with the program.
fn servers() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (send, jobs) = mpsc::channel::<u8>(8);
    runtime.block_on(async {
        let (jobs, slots, changed) = (Arc::new(Mutex::new(jobs)), Arc::new(Semaphore::new(1)), Arc::new(Notify::new()));
        let (ready, mut all_ready) = mpsc::channel::<()>(1);
        // Workers that share a receiver: one has the lock, the others wait for it.
        for _ in 0..3 {
            let (jobs, ready) = (jobs.clone(), ready.clone());
            tokio::spawn(async move {
                drop(ready);
                while jobs.lock().await.recv().await.is_some() {}
            });
        }
        for _ in 0..2 {
            let (slots, ready) = (slots.clone(), ready.clone());
            tokio::spawn(async move {
                drop(ready);
                let _connection = slots.acquire().await.unwrap();
                pending::<()>().await;
            });
        }
        let (theirs, begun) = (changed.clone(), ready.clone());
        tokio::spawn(async move {
            drop(begun);
            loop {
                theirs.notified().await;
            }
        });
        tokio::spawn(async move {
            drop(ready);
            loop {
                sleep(LONG).await;
            }
        });
        // All have been polled.
        assert_eq!(all_ready.recv().await, None);
    });
    drop(runtime);
    assert!(send.is_closed());
}

fn aborted() {
    on_one_thread(async {
        let ends = tokio::spawn(async {});
        let task = tokio::spawn(writes(Arc::default(), LONG));
        settled().await;
        task.abort();
        ends.await.unwrap();
        tokio::spawn(async {}).abort();
    });
}

fn dropped_with_their_set() {
    on_one_thread(async {
        let mut set = JoinSet::new();
        set.spawn(writes(Arc::default(), LONG));
        settled().await;
        set.spawn(async {});
    });
}

fn in_a_panic() {
    let ended = std::panic::catch_unwind(|| {
        let runtime = one_thread();
        runtime.block_on(async {
            drop(tokio::spawn(writes(Arc::default(), LONG)));
            settled().await;
            std::panic::resume_unwind(Box::new(()));
        });
    });
    assert!(ended.is_err());
    // Nothing is left of a time-out.
    on_one_thread(async {
        let (_end, ended) = oneshot::channel::<()>();
        assert!(timeout(Duration::from_millis(5), ended).await.is_err());
    });
}
