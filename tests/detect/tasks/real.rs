//! Correct programs of the kinds that there are: under load, with tasks that are cancelled, on executors of all kinds.

use super::on_one_thread;
use crate::run::{Case, quiet};
use futures::{StreamExt, stream::FuturesUnordered};
use gordian::{
    task::{named, watch},
    tokio::{
        self,
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::{TcpListener, TcpStream},
        runtime::{Builder, Runtime},
        sync::{Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch as state},
        task::{JoinSet, LocalSet, spawn_blocking, spawn_local, yield_now},
        time::{interval, sleep, timeout},
    },
};
use std::{
    collections::HashMap,
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex as StdMutex,
        mpsc::{Sender, channel},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

pub(crate) const CASES: &[Case] = &[
    quiet!(key_value_server),
    quiet!(actors_under_load),
    quiet!(kept_futures_in_select),
    quiet!(sets_that_are_aborted_and_dropped),
    quiet!(shutdown_with_pending_tasks),
    quiet!(local_tasks_and_closures),
    quiet!(cancelled_while_they_queue),
    quiet!(runtimes_within_threads),
    quiet!(on_a_hand_written_executor),
    quiet!(on_local_pools_in_threads),
];

const A_TICK: Duration = Duration::from_millis(1);

fn workers() -> Runtime {
    Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap()
}

// ---- a server ----

type Store = Arc<RwLock<HashMap<String, String>>>;

async fn connection(stream: TcpStream, store: Store, limit: Arc<Semaphore>, mut shutdown: broadcast::Receiver<()>) {
    let _permit = limit.acquire_owned().await.unwrap();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line.unwrap(),
            _ = shutdown.recv() => return,
        };
        let Some(line) = line else { return };
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match words[..] {
            ["set", key, value] => store.write().await.insert(key.into(), value.into()).unwrap_or_default(),
            ["get", key] => store.read().await.get(key).cloned().unwrap_or_default(),
            _ => "?".into(),
        };
        write.write_all(format!("{answer}\n").as_bytes()).await.unwrap();
    }
}

fn key_value_server() {
    workers().block_on(async {
        let (store, limit) = (Store::default(), Arc::new(Semaphore::new(4)));
        let (stop, _) = broadcast::channel(1);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = stop.clone();
        let server = tokio::spawn(async move {
            let (mut connections, mut shutdown) = (JoinSet::new(), stopped.subscribe());
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let stream = accepted.unwrap().0;
                        connections.spawn(connection(stream, store.clone(), limit.clone(), stopped.subscribe()));
                    }
                    Some(ended) = connections.join_next() => ended.unwrap(),
                    _ = shutdown.recv() => break,
                }
            }
            while connections.join_next().await.is_some() {}
        });
        let clients: JoinSet<()> = (0..12).map(|n| client(address, n)).collect();
        clients.join_all().await;
        let _idle = TcpStream::connect(address).await.unwrap();
        sleep(20 * A_TICK).await;
        stop.send(()).unwrap();
        server.await.unwrap();
    });
}

async fn client(address: std::net::SocketAddr, number: u32) {
    let (read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
    let mut lines = BufReader::new(read).lines();
    for round in 0..20 {
        write.write_all(format!("set key{number} {round}\nget key{number}\n").as_bytes()).await.unwrap();
        lines.next_line().await.unwrap().unwrap();
        assert_eq!(lines.next_line().await.unwrap().unwrap(), round.to_string());
    }
}

// ---- actors ----

fn actors_under_load() {
    workers().block_on(async {
        let (calls, mut inbox) = mpsc::channel::<(u64, oneshot::Sender<u64>)>(2);
        let (count, mut counted) = state::channel(0_u64);
        let actor = tokio::spawn(named("actor", async move {
            let (mut total, mut tick) = (0, interval(A_TICK));
            loop {
                tokio::select! {
                    call = inbox.recv() => {
                        let Some((number, reply)) = call else { return total };
                        total += number;
                        _ = reply.send(total);
                    }
                    _ = tick.tick() => { count.send_replace(total); }
                }
            }
        }));
        let observer = tokio::spawn(async move { while counted.changed().await.is_ok() {} });
        let callers: JoinSet<()> = (0..20)
            .map(|n| {
                let calls = calls.clone();
                async move {
                    for _ in 0..25 {
                        let (give, given) = oneshot::channel();
                        calls.send((n, give)).await.unwrap();
                        // Some lose their patience.
                        if n % 5 == 0 {
                            _ = timeout(Duration::ZERO, given).await;
                        } else {
                            given.await.unwrap();
                        }
                    }
                }
            })
            .collect();
        callers.join_all().await;
        drop(calls);
        assert_eq!(actor.await.unwrap(), 25 * 190);
        observer.await.unwrap();
    });
}

/// A future that is kept over the rounds of a loop, and polled in each.
fn kept_futures_in_select() {
    workers().block_on(async {
        let (lock, wanted) = (Arc::new(Mutex::new(0)), Arc::new(Notify::new()));
        for _ in 0..10 {
            let (send, mut receive) = mpsc::channel(1);
            let held = lock.clone().lock_owned().await;
            let feeder = tokio::spawn(async move {
                for n in 0..5 {
                    send.send(n).await.unwrap();
                    sleep(A_TICK).await;
                }
                drop(held);
            });
            let mut long = pin!(async { *lock.lock().await += 1 });
            let mut notified = pin!(wanted.notified());
            let (mut open, mut done) = (true, false);
            while open || !done {
                tokio::select! {
                    message = receive.recv(), if open => open = message.is_some(),
                    () = &mut long, if !done => {
                        done = true;
                        wanted.notify_one();
                    }
                    () = &mut notified, if !done => unreachable!("nobody notifies before"),
                }
            }
            feeder.await.unwrap();
            notified.await;
        }
        assert_eq!(*lock.lock().await, 10);
    });
}

// ---- cancellation ----

/// Tasks that are stuck for good, and are aborted as soon as they are.
fn sets_that_are_aborted_and_dropped() {
    workers().block_on(async {
        for round in 0..20 {
            let lock = Arc::new(Mutex::new(0));
            let held = lock.clone().lock_owned().await;
            let mut set = JoinSet::new();
            for _ in 0..10 {
                let lock = lock.clone();
                set.spawn(async move { *lock.lock().await += 1 });
            }
            yield_now().await;
            match round % 3 {
                0 => set.abort_all(),
                1 => set.shutdown().await,
                _ => drop(std::mem::take(&mut set)),
            }
            while let Some(ended) = set.join_next().await {
                assert!(ended.unwrap_err().is_cancelled());
            }
            drop(held);
            _ = *lock.lock().await;
        }
    });
}

fn shutdown_with_pending_tasks() {
    for _ in 0..5 {
        let runtime = workers();
        let (send, mut receive) = mpsc::channel::<u8>(1);
        let theirs = send.clone();
        runtime.spawn(async move {
            let _own = theirs;
            receive.recv().await
        });
        runtime.spawn(async { sleep(Duration::from_secs(1000)).await });
        runtime.block_on(async { sleep(2 * A_TICK).await });
        runtime.shutdown_timeout(Duration::from_millis(100));
        assert!(send.is_closed());
    }
}

fn cancelled_while_they_queue() {
    workers().block_on(async {
        let (slots, lock) = (Arc::new(Semaphore::new(2)), Arc::new(Mutex::new(0)));
        let tasks: JoinSet<()> = (0..40_u64)
            .map(|n| {
                let (slots, lock) = (slots.clone(), lock.clone());
                async move {
                    let work = async {
                        let _slot = slots.acquire().await.unwrap();
                        let mut count = lock.lock().await;
                        sleep(A_TICK).await;
                        *count += 1;
                    };
                    _ = timeout(Duration::from_millis(n), work).await;
                }
            })
            .collect();
        tasks.join_all().await;
        assert_eq!(slots.available_permits(), 2);
        assert!(lock.try_lock().is_ok());
    });
}

// ---- executors ----

fn local_tasks_and_closures() {
    let local = LocalSet::new();
    on_one_thread(local.run_until(async {
        let (send, mut receive) = mpsc::channel(1);
        for n in 0..10 {
            let send = send.clone();
            spawn_local(async move {
                let work = spawn_blocking(move || {
                    std::thread::sleep(A_TICK);
                    n
                });
                send.send(work.await.unwrap()).await.unwrap();
            });
        }
        drop(send);
        let mut sum = 0;
        while let Some(n) = receive.recv().await {
            sum += n;
        }
        assert_eq!(sum, 45);
    }));
}

fn runtimes_within_threads() {
    let (send, mut receive) = mpsc::channel(1);
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let send = send.clone();
            gordian::thread::spawn(move || {
                on_one_thread(async {
                    for n in 0..20 {
                        sleep(A_TICK).await;
                        send.send(n).await.unwrap();
                    }
                });
            })
        })
        .collect();
    drop(send);
    let mut count = 0;
    while receive.blocking_recv().is_some() {
        count += 1;
    }
    assert_eq!(count, 60);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// A task of the executor below, which puts itself into its queue.
struct Job {
    future: StdMutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    queue: Sender<Arc<Job>>,
}

impl Wake for Job {
    fn wake(self: Arc<Self>) {
        _ = self.queue.send(self.clone());
    }
}

/// Three threads that poll what is in a queue.
fn on_a_hand_written_executor() {
    let (queue, jobs) = channel::<Arc<Job>>();
    let (jobs, lock) = (Arc::new(StdMutex::new(jobs)), Arc::new(Mutex::new(0)));
    let (done, all_done) = channel();
    for _ in 0..30 {
        let (lock, done) = (lock.clone(), done.clone());
        let future = watch(async move {
            for _ in 0..10 {
                let mut count = lock.lock().await;
                once_more().await;
                *count += 1;
            }
            done.send(()).unwrap();
        });
        let future = StdMutex::new(Some(Box::pin(future) as Pin<Box<dyn Future<Output = ()> + Send>>));
        queue.send(Arc::new(Job { future, queue: queue.clone() })).unwrap();
    }
    for _ in 0..3 {
        let jobs = jobs.clone();
        std::thread::spawn(move || {
            loop {
                let Ok(job) = jobs.lock().unwrap().recv() else { return };
                let mut future = job.future.lock().unwrap();
                let waker = Waker::from(job.clone());
                if let Some(own) = future.as_mut()
                    && own.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
                {
                    *future = None;
                }
            }
        });
    }
    (0..30).for_each(|_| all_done.recv().unwrap());
    assert_eq!(*lock.try_lock().unwrap(), 300);
}

/// Is pending once, and wakes itself.
async fn once_more() {
    let mut again = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut again, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The executors of the crate `futures`, with its combinators within.
fn on_local_pools_in_threads() {
    let lock = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let lock = lock.clone();
            gordian::thread::spawn(move || {
                let add = || watch(async { *lock.lock().await += 1 });
                let all: FuturesUnordered<_> = (0..50).map(|_| add()).collect();
                assert_eq!(futures::executor::block_on(watch(all.count())), 50);
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(*lock.try_lock().unwrap(), 150);
}
