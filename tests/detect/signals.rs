//! Waits that somebody has to end: condvars, barriers, parks.

use crate::run::{Case, Told, named, quiet, stuck, work};
use gordian::{
    Ext,
    sync::{
        Arc, Barrier, Condvar, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
};
use std::time::Duration;

/// What is not proven is not told.
const UNPROVEN: &[(&str, &str)] = &[("GORDIAN_LONG_WAIT", "off")];
/// What is not proven is told soon.
const SOON: &[(&str, &str)] = &[("GORDIAN_LONG_WAIT", "300ms")];

const HOLD: &[(&str, &str)] = &[("GORDIAN_LONG_HOLD", "50ms")];

pub(crate) const CASES: &[Case] = &[
    stuck!(
        lock_across_barrier,
        "standstill",
        [
            "alice: holds state [lock], waits at Barrier `meeting` for 2 arrivals [arrive]",
            "bob: waits for Mutex `state` [want]",
        ],
        ["main"]
    ),
    quiet!(lock_dropped_before_barrier),
    stuck!(
        barrier_for_too_many,
        "standstill",
        [
            "alice: waits at Barrier `meeting` for 3 arrivals [arrive alone]",
            "bob: waits at Barrier `meeting` for 3 arrivals [arrive alone]"
        ],
        ["main"]
    ),
    stuck!(
        barrier_for_more_than_can_be_counted,
        "standstill",
        ["main: waits at Barrier `meeting` for 4294967295 arrivals [nobody else]"],
        []
    ),
    quiet!(barrier_for_enough),
    stuck!(
        nested_monitor,
        "standstill",
        [
            "consumer: holds outer [outer], waits for a notification of Condvar `changed` [wait]",
            "producer: waits for Mutex `outer` [outer wanted]",
        ],
        ["main"]
    ),
    quiet!(monitor_without_nesting),
    quiet!(nested_monitor_with_time_out),
    stuck!(
        lost_wake_up,
        "standstill",
        ["consumer: waits for a notification of Condvar `changed` [too late]"],
        ["main"]
    ),
    quiet!(no_lost_wake_up),
    stuck!(everybody_gone, "standstill", ["main: waits for a notification of Condvar `changed` [alone]"], []),
    quiet!(somebody_sleeps_and_comes_back),
    quiet!(somebody_unwatched_notifies),
    Case {
        settings: UNPROVEN,
        ..stuck!(
            the_last_one_unwatched_ends,
            "standstill",
            ["main: waits for a notification of Condvar `changed` [for nobody]"],
            []
        )
    },
    Case { settings: UNPROVEN, ..quiet!(the_last_one_unwatched_notifies) },
    Case {
        settings: HOLD,
        told: &[Told {
            rule: "long_hold",
            certainty: "happened",
            threads: &["main: holds state [slow]"],
            victims: &[],
        }],
        ..quiet!(a_slow_callback_notifies)
    },
    quiet!(a_signal_handler_notifies),
    Case {
        settings: SOON,
        told: &[Told {
            rule: "standstill",
            certainty: "possible",
            threads: &["main: waits for a notification of Condvar `changed` [for a signal]"],
            victims: &[],
        }],
        ends: false,
        ..quiet!(a_signal_handler_might_notify)
    },
    stuck!(
        time_is_over_and_the_mutex_is_gone,
        "wait_cycle",
        [
            "consumer: waits for Mutex `state` [for a time]",
            "main: holds state [kept], waits for the end of thread `consumer` [join it]"
        ],
        []
    ),
    quiet!(time_is_over_and_the_mutex_comes_back),
    stuck!(
        notified_without_the_mutex,
        "wait_cycle",
        [
            "consumer: waits for a notification of Condvar `changed` [for more]",
            "main: holds state [held], waits for the end of thread `consumer` [join]",
        ],
        []
    ),
    stuck!(parked_for_ever, "standstill", ["worker: waits to be unparked [park]"], ["main"]),
    quiet!(a_signal_handler_unparks),
    quiet!(unparked_before),
    quiet!(unparked_later),
    quiet!(parked_at_exit),
    quiet!(all_park_for_a_time),
];

fn lock_across_barrier() {
    let (state, meeting) = (Arc::new(Mutex::new(()).named("state")), Arc::new(Barrier::new(2).named("meeting")));
    let held = Arc::new(std::sync::Barrier::new(2));
    let alice = {
        let (state, meeting, held) = (state.clone(), meeting.clone(), held.clone());
        named("alice", move || {
            let _state = state.lock().unwrap(); //~ lock
            held.wait();
            meeting.wait(); //~ arrive
        })
    };
    let bob = named("bob", move || {
        held.wait();
        let _state = state.lock().unwrap(); //~ want
        meeting.wait();
    });
    alice.join().unwrap();
    bob.join().unwrap();
}

fn lock_dropped_before_barrier() {
    let (state, meeting) = (Arc::new(Mutex::new(0)), Arc::new(Barrier::new(3)));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (state, meeting) = (state.clone(), meeting.clone());
            named("guest", move || {
                *state.lock().unwrap() += 1;
                meeting.wait();
                let _state = state.lock().unwrap();
                thread::sleep(Duration::from_millis(20));
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn barrier_for_too_many() {
    let meeting = Arc::new(Barrier::new(3).named("meeting"));
    let guest = |name| {
        let meeting = meeting.clone();
        named(name, move || _ = meeting.wait()) //~ arrive alone
    };
    let guests = [guest("alice"), guest("bob")];
    guests.into_iter().for_each(|guest| guest.join().unwrap());
}

fn barrier_for_more_than_can_be_counted() {
    Barrier::new((1 << 32) + 1).named("meeting").wait(); //~ nobody else
}

fn barrier_for_enough() {
    let meeting = Arc::new(Barrier::new(3));
    let guest = || {
        let meeting = meeting.clone();
        named("guest", move || _ = meeting.wait())
    };
    let guests = [guest(), guest()];
    work();
    meeting.wait();
    guests.into_iter().for_each(|guest| guest.join().unwrap());
}

struct Shop {
    outer: Mutex<()>,
    count: Mutex<u32>,
    changed: Condvar,
}

fn shop() -> Arc<Shop> {
    Arc::new(Shop {
        outer: Mutex::new(()).named("outer"),
        count: Mutex::new(0).named("count"),
        changed: Condvar::new().named("changed"),
    })
}

impl Shop {
    fn consumer_is_in(&self) {
        while self.outer.try_lock().is_ok() {
            thread::yield_now();
        }
    }

    fn produce(&self) {
        *self.count.lock().unwrap() += 1;
        self.changed.notify_one();
    }
}

fn nested_monitor() {
    let shop = shop();
    let consumer = {
        let shop = shop.clone();
        named("consumer", move || {
            let _outer = shop.outer.lock().unwrap(); //~ outer
            let count = shop.count.lock().unwrap();
            drop(shop.changed.wait_while(count, |count| *count == 0)); //~ wait
        })
    };
    shop.consumer_is_in();
    let producer = named("producer", move || {
        let _outer = shop.outer.lock().unwrap(); //~ outer wanted
        shop.produce();
    });
    consumer.join().unwrap();
    producer.join().unwrap();
}

/// The producer takes no lock that the consumer keeps.
fn monitor_without_nesting() {
    let shop = shop();
    let consumer = {
        let shop = shop.clone();
        named("consumer", move || {
            let _outer = shop.outer.lock().unwrap();
            let count = shop.count.lock().unwrap();
            drop(shop.changed.wait_while(count, |count| *count == 0));
        })
    };
    shop.consumer_is_in();
    let producer = named("producer", move || {
        work();
        shop.produce();
    });
    consumer.join().unwrap();
    producer.join().unwrap();
}

fn nested_monitor_with_time_out() {
    let shop = shop();
    let consumer = {
        let shop = shop.clone();
        named("consumer", move || {
            let _outer = shop.outer.lock().unwrap();
            let count = shop.count.lock().unwrap();
            drop(shop.changed.wait_timeout_while(count, Duration::from_millis(80), |count| *count == 0));
        })
    };
    shop.consumer_is_in();
    let producer = named("producer", move || {
        let _outer = shop.outer.lock().unwrap();
        shop.produce();
    });
    consumer.join().unwrap();
    producer.join().unwrap();
}

/// It does not look whether it has happened already.
fn lost_wake_up() {
    let shop = shop();
    shop.produce();
    let consumer = named("consumer", move || {
        let count = shop.count.lock().unwrap();
        drop(shop.changed.wait(count)); //~ too late
    });
    consumer.join().unwrap();
}

fn no_lost_wake_up() {
    let shop = shop();
    shop.produce();
    let consumer = named("consumer", move || {
        let count = shop.count.lock().unwrap();
        drop(shop.changed.wait_while(count, |count| *count == 0));
    });
    consumer.join().unwrap();
}

fn everybody_gone() {
    let shop = shop();
    let producer = named("producer", || ());
    producer.join().unwrap();
    drop(shop.changed.wait(shop.count.lock().unwrap())); //~ alone
}

/// Everybody waits, one of them for a time only.
fn somebody_sleeps_and_comes_back() {
    let shop = shop();
    let producer = {
        let shop = shop.clone();
        named("producer", move || {
            thread::sleep(Duration::from_millis(80));
            shop.produce();
        })
    };
    let count = shop.count.lock().unwrap();
    drop(shop.changed.wait_while(count, |count| *count == 0));
    producer.join().unwrap();
}

/// A thread that gordian has never seen.
fn somebody_unwatched_notifies() {
    let shop = shop();
    let flag = Arc::new(AtomicBool::new(false));
    let main = thread::current();
    let producer = {
        let flag = flag.clone();
        std::thread::spawn(move || {
            work();
            flag.store(true, SeqCst);
            main.unpark();
            work();
            shop.produce();
        })
    };
    while !flag.load(SeqCst) {
        thread::park();
    }
    producer.join().unwrap();
}

/// While it is there, it might notify; then nobody is left who could.
fn the_last_one_unwatched_ends() {
    let shop = shop();
    std::thread::spawn(|| std::thread::sleep(Duration::from_millis(100)));
    drop(shop.changed.wait(shop.count.lock().unwrap())); //~ for nobody
}

fn the_last_one_unwatched_notifies() {
    let shop = shop();
    let producer = {
        let shop = shop.clone();
        std::thread::spawn(move || {
            work();
            shop.produce();
        })
    };
    drop(shop.changed.wait_while(shop.count.lock().unwrap(), |count| *count == 0));
    producer.join().unwrap();
}

/// The program waits for what its callback does at last, after the watchdog's patience: a successor looks at the program
/// meanwhile.
fn a_slow_callback_notifies() {
    let (called, calls) = std::sync::mpsc::channel();
    let shop = shop();
    let producer = shop.clone();
    let callback = move |_: &gordian::Report| {
        if called.send(()).is_ok() {
            std::thread::sleep(Duration::from_secs(3));
            producer.produce();
        }
    };
    let _session = gordian::builder().on_report(callback).start();
    let state = Mutex::new(()).named("state");
    let held = state.lock().unwrap(); //~ slow
    calls.recv().unwrap();
    drop((held, calls));
    drop(shop.changed.wait_while(shop.count.lock().unwrap(), |count| *count == 0));
}

/// Who waits here is notified, or unparked, by a signal handler: it works, whatever may be said against it.
static SIGNALLED: AtomicBool = AtomicBool::new(false);
static STATE: Mutex<()> = Mutex::new(());
static CHANGED: Condvar = Condvar::new();
static PARKED: std::sync::OnceLock<thread::Thread> = std::sync::OnceLock::new();

extern "C" fn on_alarm(_: i32) {
    SIGNALLED.store(true, SeqCst);
    CHANGED.notify_all();
    PARKED.get().inspect(|parked| parked.unpark());
}

/// After `time`, if there is one.
#[allow(unsafe_code)]
fn alarm(time: Option<Duration>) {
    let never = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let after = time.map_or(never, |time| libc::timeval { tv_sec: 0, tv_usec: time.subsec_micros().into() });
    let timer = libc::itimerval { it_interval: never, it_value: after };
    // SAFETY: the handler stores to statics and wakes; the timer is read only, and the old one not asked for.
    unsafe {
        libc::signal(libc::SIGALRM, on_alarm as *const () as libc::sighandler_t);
        libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut());
    }
}

fn a_signal_handler_notifies() {
    alarm(Some(Duration::from_millis(200)));
    drop(CHANGED.wait_while(STATE.lock().unwrap(), |()| !SIGNALLED.load(SeqCst)));
}

fn a_signal_handler_might_notify() {
    let shop = shop();
    alarm(None);
    drop(shop.changed.wait(shop.count.lock().unwrap())); //~ for a signal
}

fn a_signal_handler_unparks() {
    PARKED.set(thread::current()).unwrap();
    // The first watched operation.
    drop(STATE.lock());
    alarm(Some(Duration::from_millis(200)));
    while !SIGNALLED.load(SeqCst) {
        thread::park();
    }
}

/// Were it notified, it could not return.
fn notified_without_the_mutex() {
    let shop = Arc::new((Mutex::new(()).named("state"), Condvar::new().named("changed")));
    let waiting = Arc::new(AtomicBool::new(false));
    let consumer = {
        let (shop, waiting) = (shop.clone(), waiting.clone());
        named("consumer", move || {
            let state = shop.0.lock().unwrap();
            waiting.store(true, SeqCst);
            drop(shop.1.wait(state)); //~ for more
        })
    };
    while !waiting.load(SeqCst) {
        thread::yield_now();
    }
    let _state = shop.0.lock().unwrap(); //~ held
    shop.1.notify_all();
    consumer.join().unwrap(); //~ join
}

/// Its time is over; but it does not return without the mutex.
fn time_is_over_and_the_mutex_is_gone() {
    let (state, consumer) = waits_for_a_time();
    let _state = state.lock().unwrap(); //~ kept
    consumer.join().unwrap(); //~ join it
}

fn time_is_over_and_the_mutex_comes_back() {
    let (state, consumer) = waits_for_a_time();
    let kept = state.lock().unwrap();
    thread::sleep(Duration::from_millis(100));
    drop(kept);
    consumer.join().unwrap();
}

fn waits_for_a_time() -> (Arc<Mutex<()>>, thread::JoinHandle<()>) {
    let (state, waiting) = (Arc::new(Mutex::new(()).named("state")), Arc::new(AtomicBool::new(false)));
    let consumer = {
        let (state, waiting) = (state.clone(), waiting.clone());
        named("consumer", move || {
            let state = state.lock().unwrap();
            waiting.store(true, SeqCst);
            drop(Condvar::new().wait_timeout(state, Duration::from_millis(20))); //~ for a time
        })
    };
    while !waiting.load(SeqCst) {
        thread::yield_now();
    }
    (state, consumer)
}

fn parked_for_ever() {
    let worker = named("worker", || thread::park()); //~ park
    worker.join().unwrap();
}

fn unparked_before() {
    let worker = named("worker", || {
        work();
        thread::park();
        thread::park_timeout(Duration::from_millis(30));
    });
    worker.thread().unpark();
    worker.join().unwrap();
}

fn unparked_later() {
    let go = Arc::new(AtomicBool::new(false));
    let worker = {
        let go = go.clone();
        named("worker", move || {
            while !go.load(SeqCst) {
                thread::park();
            }
        })
    };
    work();
    go.store(true, SeqCst);
    worker.thread().unpark();
    worker.join().unwrap();
}

/// Nobody waits for it.
fn parked_at_exit() {
    named("forgotten", || thread::park());
    work();
}

fn all_park_for_a_time() {
    let threads = [30, 60].map(|time| named("sleeper", move || thread::park_timeout(Duration::from_millis(time))));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
