//! Tasks and async channels: full ones, such as nobody sends in, and actors that call each other.

use super::on_one_thread;
use crate::run::{Case, quiet, stuck};
use gordian::{
    Ext,
    task::named,
    tokio::{
        self,
        sync::{broadcast, mpsc, oneshot, watch},
    },
};

pub(crate) const CASES: &[Case] = &[
    stuck!(sends_to_itself, "standstill", ["loop: waits to send to Channel `events` [sends]"], ["main"]),
    quiet!(tries_to_send_to_itself),
    stuck!(
        feed_each_other,
        "standstill",
        [
            "left: waits to send to Channel `to right` [to the right]",
            "right: waits to send to Channel `to left` [to the left]"
        ],
        ["main", "task root"]
    ),
    quiet!(feed_each_other_without_a_limit),
    stuck!(
        call_each_other,
        "standstill",
        [
            "left: waits for a message of Channel #4100 [asks]",
            "right: waits for a message of Channel #4101 [asks]",
            "root: waits for a message of Channel #4099 [the first call]"
        ],
        ["main"]
    ),
    quiet!(answer_without_a_call),
    stuck!(
        keeps_its_own_sender,
        "standstill",
        ["reader: waits for a message of Channel `jobs` [receives]"],
        ["main", "task root"]
    ),
    quiet!(gives_its_sender_away),
    stuck!(
        keeps_the_answers_sender,
        "standstill",
        ["client: waits for a message of Channel #4097 [awaits an answer]"],
        ["main", "task root"]
    ),
    quiet!(drops_the_answers_sender),
    stuck!(
        watches_itself,
        "standstill",
        ["watcher: waits for a message of Channel `state` [changes]"],
        ["main", "task root"]
    ),
    quiet!(watches_another),
    stuck!(
        listens_to_itself,
        "standstill",
        ["listener: waits for a message of Channel `news` [listens]"],
        ["main", "task root"]
    ),
    quiet!(listens_to_another),
    stuck!(
        waits_for_its_own_receiver,
        "standstill",
        ["closer: waits for the closing of Channel `jobs` [closed]"],
        ["main", "task root"]
    ),
    quiet!(waits_for_anothers_receiver),
    stuck!(
        keeps_a_reserved_place,
        "standstill",
        [
            "reader: waits for a message of Channel `jobs` [reads]",
            "sender: waits to send to Channel `jobs` [sends beside it]"
        ],
        ["main", "task root"]
    ),
    quiet!(uses_the_reserved_place),
];

// ---- full ----

/// An event loop that puts its own next work in its queue.
async fn event_loop(waits: bool) {
    let (send, mut events) = mpsc::channel(1);
    let send = send.named("events");
    send.send(3).await.unwrap();
    while let Some(count) = events.recv().await {
        for next in (0..count).map(|_| count - 2) {
            if waits {
                send.send(next).await.unwrap(); //~ sends
            } else if send.try_send(next).is_err() {
                return;
            }
        }
    }
}

fn sends_to_itself() {
    on_one_thread(named("loop", event_loop(true)));
}

fn tries_to_send_to_itself() {
    on_one_thread(event_loop(false));
}

fn feed_each_other() {
    on_one_thread(named("root", async {
        let ((to_left, mut left), (to_right, mut right)) = (mpsc::channel(1), mpsc::channel(1));
        let (to_left, to_right) = (to_left.named("to left"), to_right.named("to right"));
        let one = tokio::spawn(named("left", async move {
            for n in 0..3 {
                to_right.send(n).await.unwrap(); //~ to the right
            }
            left.recv().await
        }));
        let other = tokio::spawn(named("right", async move {
            for n in 0..3 {
                to_left.send(n).await.unwrap(); //~ to the left
            }
            right.recv().await
        }));
        _ = (one.await, other.await);
    }));
}

fn feed_each_other_without_a_limit() {
    on_one_thread(async {
        let ((to_left, mut left), (to_right, mut right)) = (mpsc::unbounded_channel(), mpsc::channel(1));
        let one = tokio::spawn(async move {
            for n in 0..3 {
                to_right.send(n).await.unwrap();
            }
            left.recv().await
        });
        let other = tokio::spawn(async move {
            for n in 0..3 {
                to_left.send(n).unwrap();
            }
            while right.recv().await.is_some() {}
        });
        assert_eq!(one.await.unwrap(), Some(0));
        other.await.unwrap();
    });
}

// ---- actors ----

/// A question: how often to ask back, and where the answer goes.
type Call = (u32, oneshot::Sender<u32>);

async fn actor(mut calls: mpsc::Receiver<Call>, peer: mpsc::Sender<Call>) {
    while let Some((depth, reply)) = calls.recv().await {
        let mut answer = depth;
        if depth > 0 {
            let (give, given) = oneshot::channel();
            peer.send((depth - 1, give)).await.unwrap();
            answer += given.await.unwrap(); //~ asks
        }
        _ = reply.send(answer);
    }
}

/// The one asks the other, and for that the other asks back, `depth` times in all.
async fn actors(depth: u32) {
    let ((to_left, left), (to_right, right)) = (mpsc::channel(4), mpsc::channel(4));
    tokio::spawn(named("left", actor(left, to_right)));
    tokio::spawn(named("right", actor(right, to_left.clone())));
    let (give, given) = oneshot::channel();
    to_left.send((depth, give)).await.unwrap();
    assert_eq!(given.await.unwrap(), 1); //~ the first call
}

fn call_each_other() {
    on_one_thread(named("root", actors(2)));
}

fn answer_without_a_call() {
    on_one_thread(actors(1));
}

// ---- nobody sends ----

fn keeps_its_own_sender() {
    on_one_thread(named("root", async {
        let (send, mut jobs) = mpsc::channel(4);
        let send = send.named("jobs");
        send.send(1).await.unwrap();
        let reader = named("reader", async move {
            while jobs.recv().await.is_some() {} //~ receives
            drop(send);
        });
        tokio::spawn(reader).await.unwrap();
    }));
}

fn gives_its_sender_away() {
    on_one_thread(async {
        let (send, mut jobs) = mpsc::channel(4);
        tokio::spawn(async move { send.send(1).await.unwrap() });
        tokio::spawn(async move { while jobs.recv().await.is_some() {} }).await.unwrap();
    });
}

/// Requests that are not answered yet.
struct Pending(Vec<oneshot::Sender<u32>>);

impl Pending {
    fn ask(&mut self) -> oneshot::Receiver<u32> {
        let (give, given) = oneshot::channel();
        self.0.push(give);
        given
    }
}

fn keeps_the_answers_sender() {
    on_one_thread(named("root", async {
        let client = named("client", async {
            let mut pending = Pending(Vec::new());
            let answer = pending.ask();
            _ = answer.await; //~ awaits an answer
            drop(pending);
        });
        tokio::spawn(client).await.unwrap();
    }));
}

fn drops_the_answers_sender() {
    on_one_thread(async {
        let client = async {
            let mut pending = Pending(Vec::new());
            let answer = pending.ask();
            drop(pending);
            answer.await.unwrap_err();
        };
        tokio::spawn(client).await.unwrap();
    });
}

fn watches_itself() {
    on_one_thread(named("root", async {
        let (send, mut state) = watch::channel(0);
        let send = send.named("state");
        let watcher = named("watcher", async move {
            while state.changed().await.is_ok() {} //~ changes
            drop(send);
        });
        tokio::spawn(watcher).await.unwrap();
    }));
}

fn watches_another() {
    on_one_thread(async {
        let (send, mut state) = watch::channel(0);
        tokio::spawn(async move { send.send(1).unwrap() });
        tokio::spawn(async move { while state.changed().await.is_ok() {} }).await.unwrap();
    });
}

fn listens_to_itself() {
    on_one_thread(named("root", async {
        let (send, mut news) = broadcast::channel(4);
        let send = send.named("news");
        let listener = named("listener", async move {
            send.send(1).unwrap();
            while news.recv().await.is_ok() {} //~ listens
            drop(send);
        });
        tokio::spawn(listener).await.unwrap();
    }));
}

fn listens_to_another() {
    on_one_thread(async {
        let (send, mut news) = broadcast::channel(4);
        tokio::spawn(async move { send.send(1).unwrap() });
        tokio::spawn(async move { while news.recv().await.is_ok() {} }).await.unwrap();
    });
}

fn waits_for_its_own_receiver() {
    on_one_thread(named("root", async {
        let (send, jobs) = mpsc::channel::<u8>(1);
        let send = send.named("jobs");
        let closer = named("closer", async move {
            send.closed().await; //~ closed
            drop(jobs);
        });
        tokio::spawn(closer).await.unwrap();
    }));
}

fn waits_for_anothers_receiver() {
    on_one_thread(async {
        let (send, jobs) = mpsc::channel::<u8>(1);
        tokio::spawn(async move { drop(jobs) });
        tokio::spawn(async move { send.closed().await }).await.unwrap();
    });
}

fn keeps_a_reserved_place() {
    on_one_thread(named("root", async {
        let (send, mut jobs) = mpsc::channel(1);
        let send = send.named("jobs");
        let sender = tokio::spawn(named("sender", async move {
            let place = send.reserve().await.unwrap(); //~ reserves
            send.send(1).await.unwrap(); //~ sends beside it
            place.send(2);
        }));
        let reader = tokio::spawn(named("reader", async move { while jobs.recv().await.is_some() {} })); //~ reads
        _ = (sender.await, reader.await);
    }));
}

fn uses_the_reserved_place() {
    on_one_thread(async {
        let (send, mut jobs) = mpsc::channel(1);
        let sender = tokio::spawn(async move {
            send.reserve().await.unwrap().send(2);
            send.send(1).await.unwrap();
        });
        let reader = tokio::spawn(async move { while jobs.recv().await.is_some() {} });
        sender.await.unwrap();
        reader.await.unwrap();
    });
}
