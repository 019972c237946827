//! Channels: waits for a message, and for room.

use crate::run::{Case, Told, named, quiet, stuck, work};
use gordian::{
    Ext,
    sync::{
        Arc, Mutex, OnceLock,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
};
use std::time::Duration;

/// What is not proven is told soon.
const SOON: &[(&str, &str)] = &[("GORDIAN_LONG_WAIT", "300ms")];
/// What lasts is told soon.
const IMPATIENT: &[(&str, &str)] = &[("GORDIAN_LONG_HOLD", "100ms"), ("GORDIAN_LONG_WAIT", "300ms")];
/// What is not proven is told as soon as it is seen.
const AT_ONCE: &[(&str, &str)] = &[("GORDIAN_LONG_WAIT", "20ms"), ("GORDIAN_LONG_HOLD", "off")];
/// Longer than that, and time enough to be told.
const LONG: Duration = Duration::from_millis(1_500);

pub(crate) const CASES: &[Case] = &[
    stuck!(forgotten_sender, "standstill", ["main: waits for a message of Channel `results` [sum]"], []),
    quiet!(sender_dropped),
    stuck!(leaked_sender, "standstill", ["main: waits for a message of Channel `results` [after the leak]"], []),
    stuck!(
        both_full,
        "standstill",
        ["alice: waits to send to Channel `to bob` [to bob]", "bob: waits to send to Channel `to alice` [to alice]"],
        ["main"]
    ),
    quiet!(both_have_room),
    stuck!(own_channel_full, "standstill", ["main: waits to send to Channel `notes` [one too many]"], []),
    quiet!(own_channel_large_enough),
    stuck!(
        lock_across_recv,
        "standstill",
        [
            "alice: holds state [lock], waits for a message of Channel `answers` [recv]",
            "bob: waits for Mutex `state` [want]",
        ],
        ["main"]
    ),
    quiet!(lock_dropped_before_recv),
    stuck!(
        lock_across_send,
        "standstill",
        [
            "alice: holds state [lock for send], waits to send to Channel `jobs` [send]",
            "bob: waits for Mutex `state` [want first]",
        ],
        ["main"]
    ),
    quiet!(lock_dropped_before_send),
    stuck!(
        both_send_at_a_rendezvous,
        "standstill",
        ["alice: waits to send to Channel `left` [left]", "bob: waits to send to Channel `right` [right]"],
        ["main"]
    ),
    quiet!(one_sends_first_at_a_rendezvous),
    stuck!(
        both_receive,
        "standstill",
        [
            "alice: waits for a message of Channel `left` [the first word]",
            "bob: waits for a message of Channel `right` [the other first word]",
        ],
        ["main"]
    ),
    quiet!(one_sends_first),
    stuck!(
        a_shared_receiver_with_a_forgotten_sender,
        "standstill",
        [
            "worker: holds jobs receiver [shared], waits for a message of Channel `jobs` [in the lock]",
            "other: waits for Mutex `jobs receiver` [shared]",
        ],
        ["main"]
    ),
    quiet!(a_shared_receiver),
    Case { settings: IMPATIENT, ..quiet!(a_shared_receiver_that_is_idle) },
    Case {
        settings: IMPATIENT,
        told: &[Told {
            rule: "long_hold",
            certainty: "happened",
            threads: &["worker: holds jobs receiver [idle lock], waits for a message of Channel `jobs` [idle recv]"],
            victims: &["main"],
        }],
        ..quiet!(an_idle_worker_has_what_another_needs)
    },
    quiet!(all_wait_for_a_time),
    quiet!(somebody_comes_back_and_sends),
    quiet!(the_sender_unwinds),
    quiet!(workers_idle_at_exit),
    quiet!(an_unwatched_thread_sends),
    Case {
        settings: SOON,
        told: &[Told {
            rule: "standstill",
            certainty: "possible",
            threads: &["main: waits for a message of Channel `events` [from a stranger]"],
            victims: &[],
        }],
        ends: false,
        ..quiet!(an_unwatched_thread_might_send)
    },
    Case { settings: SOON, ..quiet!(they_wait_for_each_other_beside_one_who_runs) },
    Case { settings: SOON, ..quiet!(the_one_who_runs_has_sent_too) },
    Case { settings: SOON, ..quiet!(the_one_who_runs_has_a_sender_that_nobody_used) },
    Case { settings: SOON, ..quiet!(a_used_sender_goes_to_one_who_runs) },
    Case { settings: SOON, ..quiet!(a_sender_that_everybody_can_reach) },
    Case { settings: SOON, ..quiet!(a_used_receiver_goes_to_one_who_runs) },
    Case {
        settings: SOON,
        told: &[Told {
            rule: "long_wait",
            certainty: "happened",
            threads: &[
                "bob: waits for Mutex `state` [want it]",
                "alice: holds state [lock it], waits for a message of Channel `answers` [recv holding]",
            ],
            victims: &[],
        }],
        ..quiet!(lock_across_recv_beside_one_who_runs)
    },
    Case { settings: SOON, ..quiet!(a_slow_server) },
    quiet!(ping_pong),
    Case { settings: AT_ONCE, ..quiet!(requests_with_their_replies) },
    Case { settings: AT_ONCE, ..quiet!(a_pipeline) },
];

// ---- a sender that is never dropped ----

fn results(workers: u64) -> (mpsc::Sender<u64>, mpsc::Receiver<u64>) {
    let (sender, receiver) = mpsc::channel();
    let sender = sender.named("results");
    for number in 0..workers {
        let sender = sender.clone();
        thread::spawn(move || sender.send(number).unwrap());
    }
    (sender, receiver)
}

fn forgotten_sender() {
    let (_sender, receiver) = results(3);
    assert_eq!(receiver.iter().sum::<u64>(), 3); //~ sum
}

fn sender_dropped() {
    let (sender, receiver) = results(3);
    drop(sender);
    assert_eq!(receiver.iter().sum::<u64>(), 3);
}

fn leaked_sender() {
    let (sender, receiver) = results(1);
    std::mem::forget(sender);
    while receiver.recv().is_ok() {} //~ after the leak
}

// ---- two that feed each other ----

/// Each sends `count` messages to the other before it receives any.
fn exchange(bound: usize, count: u32) {
    let (to_bob, from_alice) = mpsc::sync_channel(bound);
    let (to_alice, from_bob) = mpsc::sync_channel(bound);
    let (to_bob, to_alice) = (to_bob.named("to bob"), to_alice.named("to alice"));
    let alice = named("alice", move || {
        (0..count).for_each(|n| to_bob.send(n).unwrap()); //~ to bob
        from_bob.iter().take(count as usize).sum::<u32>()
    });
    let bob = named("bob", move || {
        (0..count).for_each(|n| to_alice.send(n).unwrap()); //~ to alice
        from_alice.iter().take(count as usize).sum::<u32>()
    });
    assert_eq!(alice.join().unwrap(), bob.join().unwrap());
}

fn both_full() {
    exchange(2, 3);
}

fn both_have_room() {
    exchange(3, 3);
}

fn own_notes(bound: usize) {
    let (sender, receiver) = mpsc::sync_channel(bound);
    let sender = sender.named("notes");
    for note in 0..3 {
        sender.send(note).unwrap(); //~ one too many
    }
    assert_eq!(receiver.try_iter().sum::<i32>(), 3);
}

fn own_channel_full() {
    own_notes(2);
}

fn own_channel_large_enough() {
    own_notes(3);
}

// ---- locks ----

fn ask_under_a_lock(keep: bool) {
    let state = Arc::new(Mutex::new(7).named("state"));
    let (sender, answers) = mpsc::channel();
    let sender = sender.named("answers");
    let asked = Arc::new(std::sync::Barrier::new(2));
    let alice = {
        let (state, asked) = (state.clone(), asked.clone());
        named("alice", move || {
            let guard = state.lock().unwrap(); //~ lock
            asked.wait();
            let guard = keep.then_some(guard);
            let answer = answers.recv().unwrap(); //~ recv
            drop(guard);
            answer
        })
    };
    let bob = named("bob", move || {
        asked.wait();
        let state = state.lock().unwrap(); //~ want
        sender.send(*state).unwrap();
    });
    bob.join().unwrap();
    assert_eq!(alice.join().unwrap(), 7);
}

fn lock_across_recv() {
    ask_under_a_lock(true);
}

fn lock_dropped_before_recv() {
    ask_under_a_lock(false);
}

fn tell_under_a_lock(keep: bool) {
    let state = Arc::new(Mutex::new(7).named("state"));
    let (sender, jobs) = mpsc::sync_channel(0);
    let sender = sender.named("jobs");
    let taken = Arc::new(std::sync::Barrier::new(2));
    let alice = {
        let (state, taken) = (state.clone(), taken.clone());
        named("alice", move || {
            let guard = state.lock().unwrap(); //~ lock for send
            let job = *guard;
            taken.wait();
            let _guard = keep.then_some(guard);
            sender.send(job).unwrap(); //~ send
        })
    };
    let bob = named("bob", move || {
        taken.wait();
        let state = *state.lock().unwrap(); //~ want first
        assert_eq!(jobs.recv().unwrap(), state);
    });
    alice.join().unwrap();
    bob.join().unwrap();
}

fn lock_across_send() {
    tell_under_a_lock(true);
}

fn lock_dropped_before_send() {
    tell_under_a_lock(false);
}

// ---- who goes first ----

fn meet(polite: bool) {
    let (left, from_left) = mpsc::sync_channel(0);
    let (right, from_right) = mpsc::sync_channel(0);
    let (left, right) = (left.named("left"), right.named("right"));
    let alice = named("alice", move || {
        left.send('a').unwrap(); //~ left
        from_right.recv().unwrap()
    });
    let bob = named("bob", move || {
        let early = polite.then(|| from_left.recv().unwrap());
        right.send('b').unwrap(); //~ right
        early.unwrap_or_else(|| from_left.recv().unwrap())
    });
    assert_eq!((alice.join().unwrap(), bob.join().unwrap()), ('b', 'a'));
}

fn both_send_at_a_rendezvous() {
    meet(false);
}

fn one_sends_first_at_a_rendezvous() {
    meet(true);
}

fn talk(begins: bool) {
    let (left, from_left) = mpsc::channel();
    let (right, from_right) = mpsc::channel();
    let (left, right) = (left.named("left"), right.named("right"));
    let alice = named("alice", move || {
        if begins {
            right.send('a').unwrap();
        }
        let word = from_left.recv().unwrap(); //~ the first word
        if !begins {
            right.send('a').unwrap();
        }
        word
    });
    let bob = named("bob", move || {
        let word = from_right.recv().unwrap(); //~ the other first word
        left.send('b').unwrap();
        word
    });
    assert_eq!((alice.join().unwrap(), bob.join().unwrap()), ('b', 'a'));
}

fn both_receive() {
    talk(false);
}

fn one_sends_first() {
    talk(true);
}

/// The pool of the Book: workers share the receiver, and whoever waits for a job has the lock meanwhile.
fn pool(drop_sender: bool) {
    let (sender, receiver) = mpsc::channel::<u32>();
    let sender = sender.named("jobs");
    let receiver = Arc::new(Mutex::new(receiver).named("jobs receiver"));
    let gate = Arc::new(std::sync::Barrier::new(2));
    let work = |wait_first: bool| {
        let (receiver, gate) = (receiver.clone(), gate.clone());
        move || {
            if wait_first {
                gate.wait();
            }
            loop {
                let jobs = receiver.lock().unwrap(); //~ shared
                if !wait_first {
                    gate.wait();
                }
                let Ok(_) = jobs.recv() else { break }; //~ in the lock
            }
        }
    };
    let (worker, other) = (named("worker", work(false)), named("other", work(true)));
    if drop_sender {
        drop(sender);
    }
    worker.join().unwrap();
    other.join().unwrap();
}

fn a_shared_receiver_with_a_forgotten_sender() {
    pool(false);
}

fn a_shared_receiver() {
    pool(true);
}

/// Workers that are idle for long, and then get a job each. `then` runs meanwhile.
fn idle(workers: usize, then: impl FnOnce(&Mutex<mpsc::Receiver<()>>)) {
    let (sender, receiver) = mpsc::channel();
    let sender = sender.named("jobs");
    let receiver = Arc::new(Mutex::new(receiver).named("jobs receiver"));
    let work = |receiver: Arc<Mutex<mpsc::Receiver<()>>>| {
        move || {
            let jobs = receiver.lock().unwrap(); //~ idle lock
            jobs.recv().unwrap(); //~ idle recv
        }
    };
    let workers: Vec<_> = (0..workers).map(|_| named("worker", work(receiver.clone()))).collect();
    let teller = thread::spawn(move || {
        std::thread::sleep(LONG);
        while sender.send(()).is_ok() {
            thread::yield_now();
        }
    });
    std::thread::sleep(LONG / 10);
    then(&receiver);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    drop(receiver);
    teller.join().unwrap();
}

fn a_shared_receiver_that_is_idle() {
    idle(3, |_| ());
}

fn an_idle_worker_has_what_another_needs() {
    idle(1, |receiver| drop(receiver.lock()));
}

// ---- nothing is wrong ----

fn all_wait_for_a_time() {
    let (_sender, receiver) = mpsc::channel::<()>();
    assert_eq!(receiver.recv_timeout(Duration::from_millis(150)), Err(RecvTimeoutError::Timeout));
}

fn somebody_comes_back_and_sends() {
    let (sender, receiver) = mpsc::channel();
    let sleeper = thread::spawn(move || {
        work();
        sender.send(()).unwrap();
    });
    receiver.recv().unwrap();
    sleeper.join().unwrap();
}

fn the_sender_unwinds() {
    let (sender, receiver) = mpsc::channel::<()>();
    let doomed = thread::spawn(move || {
        let _sender = sender;
        work();
        std::panic::resume_unwind(Box::new(()));
    });
    assert!(receiver.recv().is_err());
    assert!(doomed.join().is_err());
}

fn workers_idle_at_exit() {
    let (sender, receiver) = mpsc::channel::<()>();
    let (_other, ready) = mpsc::channel::<()>();
    for receiver in [receiver, ready] {
        thread::spawn(move || receiver.recv());
    }
    work();
    drop(sender);
}

fn an_unwatched_thread_sends() {
    let (sender, receiver) = mpsc::channel();
    let stranger = std::thread::spawn(move || {
        work();
        sender.send(()).unwrap();
    });
    receiver.recv().unwrap();
    stranger.join().unwrap();
}

fn an_unwatched_thread_might_send() {
    let (sender, receiver) = mpsc::channel::<()>();
    let sender = sender.named("events");
    std::thread::spawn(move || {
        let _sender = sender;
        loop {
            std::thread::park();
        }
    });
    receiver.recv().unwrap(); //~ from a stranger
}

// ---- beside one who runs ----

/// Alice and Bob have talked, and now each waits for the other. `then` runs meanwhile, with clones of the senders (or
/// without).
fn dialogue(then: impl FnOnce(Option<(mpsc::Sender<u32>, mpsc::Sender<u32>)>), clones: bool) {
    let (ask, questions) = mpsc::channel();
    let (answer, answers) = mpsc::channel();
    let (ask, answer) = (ask.named("questions"), answer.named("answers"));
    let kept = clones.then(|| (ask.clone(), answer.clone()));
    let alice = named("alice", move || {
        ask.send(1).unwrap();
        // Two answers are expected, and one is given.
        answers.iter().take(2).count() //~ answer
    });
    let bob = named("bob", move || {
        // Two questions are expected, and one is asked.
        for question in questions.iter().take(2) {
            //~^ question
            answer.send(question).unwrap();
        }
    });
    then(kept);
    alice.join().unwrap();
    bob.join().unwrap();
}

/// Whoever runs might have been given a sender, whoever has used them so far.
fn they_wait_for_each_other_beside_one_who_runs() {
    dialogue(
        |_| {
            std::thread::sleep(LONG);
            std::process::exit(0);
        },
        false,
    );
}

/// Main sends the first message itself, then gives the sender away to a thread that takes its time.
fn a_used_sender_goes_to_one_who_runs() {
    let (sender, receiver) = mpsc::channel();
    let consumer = thread::spawn(move || receiver.into_iter().sum::<u32>());
    sender.send(1).unwrap();
    thread::spawn(move || {
        std::thread::sleep(LONG);
        sender.send(2).unwrap();
    });
    assert_eq!(consumer.join().unwrap(), 3);
}

/// Main posts to itself through a sender that a thread will use, too, which was there before.
fn a_sender_that_everybody_can_reach() {
    static SENDER: OnceLock<mpsc::Sender<u32>> = OnceLock::new();
    let (sender, receiver) = mpsc::channel();
    let network = thread::spawn(|| {
        std::thread::sleep(LONG);
        SENDER.get().unwrap().send(2).unwrap();
    });
    SENDER.set(sender).unwrap();
    SENDER.get().unwrap().send(1).unwrap();
    assert_eq!(receiver.iter().take(2).sum::<u32>(), 3);
    network.join().unwrap();
}

/// Main receives the first message itself, then gives the receiver away to a thread that takes its time.
fn a_used_receiver_goes_to_one_who_runs() {
    let (sender, receiver) = mpsc::sync_channel(1);
    let producer = named("producer", move || (0..9).for_each(|number| sender.send(number).unwrap()));
    receiver.recv().unwrap();
    thread::spawn(move || {
        std::thread::sleep(LONG);
        receiver.into_iter().count()
    });
    producer.join().unwrap();
}

fn the_one_who_runs_has_sent_too() {
    dialogue(
        |senders| {
            let (ask, answer) = senders.expect("clones");
            ask.send(2).unwrap();
            std::thread::sleep(LONG);
            // Bob has given the second answer by now.
            _ = answer.send(3);
        },
        true,
    );
}

fn the_one_who_runs_has_a_sender_that_nobody_used() {
    dialogue(
        |senders| {
            let (ask, _) = senders.expect("clones");
            std::thread::sleep(LONG);
            ask.send(3).unwrap();
        },
        true,
    );
}

fn lock_across_recv_beside_one_who_runs() {
    let state = Arc::new(Mutex::new(7).named("state"));
    let (sender, answers) = mpsc::channel();
    let sender = sender.named("answers");
    let told = Arc::new(std::sync::Barrier::new(2));
    let alice = {
        let (state, told) = (state.clone(), told.clone());
        named("alice", move || {
            answers.recv().unwrap();
            let _state = state.lock().unwrap(); //~ lock it
            told.wait();
            answers.recv().unwrap(); //~ recv holding
        })
    };
    let bob = named("bob", move || {
        sender.send(1).unwrap();
        told.wait();
        let state = state.lock().unwrap(); //~ want it
        sender.send(*state).unwrap();
    });
    std::thread::sleep(LONG);
    assert!(!alice.is_finished() && !bob.is_finished());
    std::process::exit(0);
}

/// Each request brings the sender for its answer, and the server takes its time, where nobody can see it.
fn a_slow_server() {
    let (requests, inbox) = mpsc::channel::<mpsc::Sender<u32>>();
    let server = thread::spawn(move || {
        for reply in inbox {
            std::thread::sleep(LONG);
            reply.send(1).unwrap();
        }
    });
    for _ in 0..2 {
        let (reply, answer) = mpsc::channel();
        requests.send(reply).unwrap();
        assert_eq!(answer.recv(), Ok(1));
    }
    drop(requests);
    server.join().unwrap();
}

// ---- under load: between any two messages nearly everybody waits ----

/// Two pairs hand one message to and fro, one of them at a rendezvous.
fn ping_pong() {
    thread::scope(|scope| {
        for bound in [0, 1] {
            let (ping, pings) = mpsc::sync_channel(bound);
            let (pong, pongs) = mpsc::sync_channel(bound);
            scope.spawn(move || pings.iter().for_each(|n: u32| pong.send(n + 1).unwrap()));
            scope.spawn(move || {
                for n in 0..2_000 {
                    ping.send(n).unwrap();
                    assert_eq!(pongs.recv(), Ok(n + 1));
                }
            });
        }
    });
}

/// Three clients, and two servers that share the requests; each request has the sender for its answer with it, which no
/// server has used before.
fn requests_with_their_replies() {
    let (requests, inbox) = mpsc::channel::<(u64, mpsc::Sender<u64>)>();
    let inbox = Mutex::new(inbox);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Ok((number, reply)) = inbox.lock().unwrap().recv() else { break };
                    if number % 97 == 0 {
                        std::thread::sleep(Duration::from_millis(30));
                    }
                    reply.send(number * 2).unwrap();
                }
            });
        }
        for client in 0..3 {
            let requests = requests.clone();
            scope.spawn(move || {
                for number in 0..300 {
                    let (reply, answer) = mpsc::channel();
                    requests.send((client + number, reply)).unwrap();
                    assert_eq!(answer.recv(), Ok((client + number) * 2));
                }
            });
        }
        drop(requests);
    });
}

/// Five stages with little room between them, the third of which is slow at times.
fn a_pipeline() {
    let (first, mut output) = mpsc::sync_channel(2);
    thread::scope(|scope| {
        for stage in 0..5 {
            let (next, after) = mpsc::sync_channel(2);
            let input = std::mem::replace(&mut output, after);
            scope.spawn(move || {
                for number in input {
                    if stage == 3 && number % 200 == 0 {
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    next.send(number + 1).unwrap();
                }
            });
        }
        scope.spawn(move || (0..1_000_u64).for_each(|number| first.send(number).unwrap()));
        assert_eq!(output.iter().sum::<u64>(), 1_000 * 999 / 2 + 5 * 1_000);
    });
}
