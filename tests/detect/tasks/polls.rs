//! What goes wrong in polls: threads that block where they should come back, guards that are kept across an `.await`.

use super::{on_one_thread, warned};
use crate::run::{Case, quiet};
use gordian::{
    Ext,
    sync::{Arc, Mutex, mpsc},
    task::named,
    thread,
    tokio::{self, sync::Mutex as AsyncMutex, time},
};
use std::time::Duration;

const SOON: &[(&str, &str)] = &[("GORDIAN_LONG_POLL", "200ms")];

/// A poll that takes long, told while it does with what its thread is at.
macro_rules! long {
    ($situation:ident, [$($words:literal),*]) => {
        Case {
            settings: SOON,
            shows: &[$($words),*],
            ..warned!($situation, "long_poll", ["busy: waits for thread `main`, which polls it [nowhere]", "main: "])
        }
    };
}

pub(crate) const CASES: &[Case] = &[
    warned!(
        sleeps,
        "blocking_in_task",
        ["sleeper: waits for the end of its sleep [the sleep]", "main: waits for the end of its sleep [the sleep]"]
    ),
    quiet!(sleeps_as_a_task_does),
    warned!(
        receives,
        "blocking_in_task",
        [
            "reader: waits for a message of Channel `jobs` [the receive]",
            "main: waits for a message of Channel `jobs` [the receive]"
        ]
    ),
    quiet!(receives_as_a_task_does),
    warned!(
        joins,
        "blocking_in_task",
        [
            "joiner: waits for the end of thread `worker` [the join]",
            "main: waits for the end of thread `worker` [the join]"
        ]
    ),
    quiet!(joins_elsewhere),
    warned!(
        waits_long_for_a_lock,
        "blocking_in_task",
        ["late: waits for Mutex `state` [the lock]", "main: waits for Mutex `state` [the lock]"]
    ),
    // The poll is a long one, too: one of the two is told.
    Case {
        settings: SOON,
        shows: &["held by thread `holder`"],
        ..warned!(
            waits_long_for_a_lock_of_a_thread,
            "blocking_in_task",
            ["late: waits for Mutex `state` [the held lock]", "main: waits for Mutex `state` [the held lock]"]
        )
    },
    quiet!(locks_for_a_moment),
    quiet!(waits_long_for_a_lock_elsewhere),
    warned!(
        keeps_a_guard,
        "guard_across_await",
        ["keeper: waits for the end of its sleep [the await]", "main: holds state [kept]"]
    ),
    quiet!(drops_the_guard),
    quiet!(keeps_an_async_guard),
    long!(computes, ["::compute at "]),
    long!(naps, ["unwatched_nap", "tasks/polls.rs"]),
    long!(reads_a_pipe, ["read_all", "tasks/polls.rs"]),
    long!(computes_and_takes_all_signals, ["the program handles SIGURG itself"]),
    long!(computes_in_a_span, ["in spans", "crunching"]),
    Case { settings: SOON, ..quiet!(computes_elsewhere) },
    Case { settings: SOON, ..quiet!(reads_a_pipe_elsewhere) },
    quiet!(computes_and_comes_back),
];

const A_WHILE: Duration = Duration::from_millis(60);

fn sleeps() {
    on_one_thread(async {
        let sleeper = named("sleeper", async {
            thread::sleep(A_WHILE); //~ the sleep
        });
        tokio::spawn(sleeper).await.unwrap();
        time::sleep(A_WHILE).await;
    });
}

fn sleeps_as_a_task_does() {
    on_one_thread(async {
        tokio::spawn(async { time::sleep(A_WHILE).await }).await.unwrap();
        time::sleep(A_WHILE).await;
    });
}

fn receives() {
    on_one_thread(async {
        let (send, jobs) = mpsc::channel();
        let send = send.named("jobs");
        let sender = std::thread::spawn(move || {
            std::thread::sleep(A_WHILE);
            send.send(1).unwrap();
        });
        let reader = named("reader", async move { jobs.recv().unwrap() }); //~ the receive
        assert_eq!(tokio::spawn(reader).await.unwrap(), 1);
        sender.join().unwrap();
        time::sleep(A_WHILE).await;
    });
}

fn receives_as_a_task_does() {
    on_one_thread(async {
        let (send, mut jobs) = tokio::sync::mpsc::channel(1);
        let sender = std::thread::spawn(move || {
            std::thread::sleep(A_WHILE);
            send.blocking_send(1).unwrap();
        });
        assert_eq!(tokio::spawn(async move { jobs.recv().await }).await.unwrap(), Some(1));
        sender.join().unwrap();
        time::sleep(A_WHILE).await;
    });
}

/// A thread that has begun.
fn worker() -> thread::JoinHandle<()> {
    let (begins, has_begun) = std::sync::mpsc::channel();
    let work = move || {
        begins.send(()).unwrap();
        std::thread::sleep(A_WHILE);
    };
    let worker = thread::Builder::new().name("worker".into()).spawn(work).unwrap();
    has_begun.recv().unwrap();
    worker
}

fn joins() {
    on_one_thread(async {
        let joiner = named("joiner", async { worker().join().unwrap() }); //~ the join
        tokio::spawn(joiner).await.unwrap();
        time::sleep(A_WHILE).await;
    });
}

fn joins_elsewhere() {
    on_one_thread(async {
        tokio::task::spawn_blocking(|| worker().join().unwrap()).await.unwrap();
        time::sleep(A_WHILE).await;
    });
}

/// Held by a thread for so long, from when this is back.
fn held_for(state: &Arc<Mutex<u32>>, time: Duration) -> thread::JoinHandle<()> {
    let (state, (locked, is_locked)) = (state.clone(), std::sync::mpsc::channel());
    let hold = move || {
        let _held = state.lock().unwrap();
        locked.send(()).unwrap();
        std::thread::sleep(time);
    };
    let holder = thread::Builder::new().name("holder".into()).spawn(hold).unwrap();
    is_locked.recv().unwrap();
    holder
}

/// It begins to wait more than once at this place: that is told once.
fn waits_long_for_a_lock() {
    let state = Arc::new(Mutex::new(0).named("state"));
    on_one_thread(async {
        for _ in 0..2 {
            let (holder, state) = (held_for(&state, Duration::from_millis(400)), state.clone());
            tokio::spawn(named("late", async move { *state.lock().unwrap() += 1 })).await.unwrap(); //~ the lock
            tokio::task::spawn_blocking(|| holder.join().unwrap()).await.unwrap();
        }
    });
}

fn waits_long_for_a_lock_of_a_thread() {
    let state = Arc::new(Mutex::new(0).named("state"));
    on_one_thread(async {
        let (holder, state) = (held_for(&state, Duration::from_millis(850)), state.clone());
        tokio::spawn(named("late", async move { *state.lock().unwrap() += 1 })).await.unwrap(); //~ the held lock
        tokio::task::spawn_blocking(|| holder.join().unwrap()).await.unwrap();
    });
}

/// Short critical sections are what std's locks are for, also in tasks.
fn locks_for_a_moment() {
    let state = Arc::new(Mutex::new(0).named("state"));
    on_one_thread(async {
        let (holder, state) = (held_for(&state, Duration::from_millis(20)), state.clone());
        tokio::spawn(named("quick", async move { *state.lock().unwrap() += 1 })).await.unwrap();
        tokio::task::spawn_blocking(|| holder.join().unwrap()).await.unwrap();
        time::sleep(A_WHILE).await;
    });
}

/// Where it may block.
fn waits_long_for_a_lock_elsewhere() {
    let state = Arc::new(Mutex::new(0).named("state"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        let (holder, state) = (held_for(&state, Duration::from_millis(300)), state.clone());
        let theirs = state.clone();
        let closure = tokio::task::spawn_blocking(move || *theirs.lock().unwrap() += 1);
        tokio::spawn(async move { tokio::task::block_in_place(|| *state.lock().unwrap() += 1) }).await.unwrap();
        closure.await.unwrap();
        tokio::task::spawn_blocking(|| holder.join().unwrap()).await.unwrap();
    });
}

fn keeps_a_guard() {
    on_one_thread(async {
        let local = tokio::task::LocalSet::new();
        // The thread never parks meanwhile.
        local.spawn_local(async {
            loop {
                tokio::task::yield_now().await;
            }
        });
        let keeper = named("keeper", async {
            let state = Mutex::new(0).named("state");
            let mut held = state.lock().unwrap(); //~ kept
            time::sleep(A_WHILE).await; //~ the await
            *held += 1;
        });
        local.run_until(async { tokio::task::spawn_local(keeper).await.unwrap() }).await;
        time::sleep(A_WHILE).await;
    });
}

fn drops_the_guard() {
    on_one_thread(async {
        let local = tokio::task::LocalSet::new();
        let careful = async {
            let state = Mutex::new(0);
            *state.lock().unwrap() += 1;
            time::sleep(A_WHILE).await;
            *state.lock().unwrap() += 1;
        };
        local.run_until(async { tokio::task::spawn_local(careful).await.unwrap() }).await;
        time::sleep(A_WHILE).await;
    });
}

fn keeps_an_async_guard() {
    on_one_thread(async {
        let keeper = async {
            let state = AsyncMutex::new(0);
            let mut held = state.lock().await;
            time::sleep(A_WHILE).await;
            *held += 1;
        };
        tokio::spawn(keeper).await.unwrap();
    });
}

#[inline(never)]
fn compute(how_long: Duration) {
    let began = std::time::Instant::now();
    while began.elapsed() < how_long {
        std::hint::spin_loop();
    }
}

/// Long enough to be told of, and for symbols to be resolved.
const LONG: Duration = Duration::from_millis(900);

/// One poll of a task that does this.
fn in_one_poll(work: impl FnOnce() + Send + 'static) {
    on_one_thread(async {
        tokio::spawn(named("busy", async { work() })).await.unwrap();
    });
}

fn computes() {
    in_one_poll(|| compute(LONG));
}

#[inline(never)]
fn unwatched_nap() {
    std::thread::sleep(std::hint::black_box(LONG));
}

fn naps() {
    in_one_poll(unwatched_nap);
}

/// Reads as a program does that never expects to be interrupted.
#[cfg(unix)]
#[inline(never)]
fn read_all(pipe: &impl std::os::fd::AsRawFd) -> usize {
    let mut byte = 0_u8;
    // SAFETY: one byte is read into one.
    #[allow(unsafe_code)]
    let read = unsafe { libc::read(pipe.as_raw_fd(), std::ptr::from_mut(&mut byte).cast(), 1) };
    usize::try_from(std::hint::black_box(read)).expect("not interrupted")
}

#[cfg(unix)]
fn slow_pipe() -> (std::io::PipeReader, std::thread::JoinHandle<()>) {
    let (reader, writer) = std::io::pipe().unwrap();
    let write = move || {
        std::thread::sleep(LONG);
        drop(writer);
    };
    (reader, std::thread::spawn(write))
}

#[cfg(unix)]
fn reads_a_pipe() {
    in_one_poll(|| {
        let (pipe, writer) = slow_pipe();
        assert_eq!(read_all(&pipe), 0);
        writer.join().unwrap();
    });
}

#[cfg(unix)]
fn reads_a_pipe_elsewhere() {
    on_one_thread(async {
        let read = || {
            let (pipe, writer) = slow_pipe();
            assert_eq!(read_all(&pipe), 0);
            writer.join().unwrap();
        };
        tokio::task::spawn_blocking(read).await.unwrap();
    });
}

/// Every signal that can be handled is, and none comes.
#[cfg(unix)]
#[allow(unsafe_code)]
fn computes_and_takes_all_signals() {
    extern "C" fn unexpected(_: libc::c_int) {
        std::process::abort();
    }
    let handler = unexpected as extern "C" fn(libc::c_int) as *const () as libc::sighandler_t;
    // SAFETY: the handler only aborts; an action is plain numbers, of which zero is a value.
    let handlers = || unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGURG, std::ptr::null(), &mut action);
        action.sa_sigaction
    };
    for signal in (libc::SIGRTMIN()..=libc::SIGRTMAX()).chain([libc::SIGURG, libc::SIGUSR1, libc::SIGUSR2]) {
        // SAFETY: as above.
        assert_ne!(unsafe { libc::signal(signal, handler) }, libc::SIG_ERR);
    }
    in_one_poll(|| compute(LONG));
    assert_eq!(handlers(), handler);
}

fn computes_in_a_span() {
    // Without that feature there is no layer, and nothing is told either.
    #[cfg(feature = "watch-in-debug")]
    {
        use tracing_subscriber::prelude::*;
        tracing_subscriber::registry().with(gordian::layer()).init();
    }
    in_one_poll(|| tracing::info_span!("crunching").in_scope(|| compute(LONG)));
}

fn computes_elsewhere() {
    on_one_thread(async {
        tokio::task::spawn_blocking(|| compute(LONG)).await.unwrap();
    });
}

fn computes_and_comes_back() {
    on_one_thread(async {
        let busy = async {
            for _ in 0..90 {
                compute(Duration::from_millis(10));
                tokio::task::yield_now().await;
            }
        };
        tokio::spawn(busy).await.unwrap();
    });
}
