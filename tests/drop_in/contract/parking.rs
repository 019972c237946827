use super::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    thread,
};
use std::time::{Duration, Instant};

const NEVER: Duration = Duration::from_secs(600);

#[test]
fn a_token_that_came_before_ends_a_park() {
    thread::current().unpark();
    thread::park();
    thread::current().unpark();
    let start = Instant::now();
    thread::park_timeout(NEVER);
    assert!(start.elapsed() < NEVER);
}

/// Were there two, the second park would end at once, and in ten rounds never later.
#[test]
fn tokens_are_not_counted() {
    let rounds = 10;
    let ended_early = (0..rounds).filter(|_| {
        (0..3).for_each(|_| thread::current().unpark());
        thread::park();
        let start = Instant::now();
        thread::park_timeout(Duration::from_millis(5));
        start.elapsed() < Duration::from_millis(5)
    });
    // A park may end without a reason.
    assert!(ended_early.count() < rounds);
}

#[test]
fn a_token_is_its_threads_own() {
    let parked = Arc::new(AtomicU32::new(0));
    let threads = [0, 1].map(|_| {
        let parked = parked.clone();
        thread::spawn(move || {
            while parked.load(SeqCst) == 0 {
                thread::park();
            }
        })
    });
    // This thread's own is not theirs.
    thread::current().unpark();
    assert!(!threads[0].is_finished() && !threads[1].is_finished());
    parked.store(1, SeqCst);
    for thread in threads {
        thread.thread().unpark();
        thread.join().unwrap();
    }
    thread::park();
}

#[test]
fn park_ends_by_unpark_or_time() {
    let unparked = AtomicU32::new(0);
    thread::scope(|scope| {
        let parked = scope.spawn(|| {
            while unparked.load(SeqCst) == 0 {
                thread::park();
            }
        });
        unparked.store(1, SeqCst);
        parked.thread().unpark();
    });
    for time in [Duration::ZERO, Duration::from_millis(1)] {
        thread::park_timeout(time);
    }
    #[expect(deprecated, reason = "std still has it")]
    thread::park_timeout_ms(1);
}

#[test]
fn park_for_longer_than_there_is_time() {
    thread::current().unpark();
    thread::park_timeout(Duration::MAX);
    let (give, given) = mpsc::channel();
    let thread = thread::spawn(move || {
        let (go_on, gone_on) = mpsc::channel();
        give.send((thread::current(), go_on)).unwrap();
        while gone_on.try_recv().is_err() {
            thread::park_timeout(Duration::MAX);
        }
    });
    let (handle, go_on) = given.recv().unwrap();
    go_on.send(()).unwrap();
    handle.unpark();
    thread.join().unwrap();
}

/// What was written before `unpark` is read after `park`.
#[test]
fn unpark_publishes() {
    for _ in 0..50 {
        let value = Arc::new(AtomicU32::new(0));
        let reader = thread::spawn({
            let value = value.clone();
            move || {
                while value.load(std::sync::atomic::Ordering::Relaxed) == 0 {
                    thread::park();
                }
            }
        });
        value.store(1, std::sync::atomic::Ordering::Relaxed);
        reader.thread().unpark();
        reader.join().unwrap();
    }
}

#[test]
fn a_thread_that_has_ended_may_be_unparked() {
    let handle = thread::spawn(thread::current);
    let ended = handle.join().unwrap();
    ended.unpark();
    ended.unpark();
}

/// Before the thread has run its first line.
#[test]
fn a_thread_may_be_unparked_before_it_parks() {
    for _ in 0..50 {
        let handle = thread::spawn(thread::park);
        handle.thread().unpark();
        handle.join().unwrap();
    }
}

#[test]
fn sleep_takes_its_time() {
    let start = Instant::now();
    thread::sleep(Duration::from_millis(2));
    #[expect(deprecated, reason = "std still has it")]
    thread::sleep_ms(1);
    assert!(start.elapsed() >= Duration::from_millis(3));
    thread::sleep(Duration::ZERO);
}

#[test]
fn a_token_does_not_end_a_sleep() {
    thread::current().unpark();
    let start = Instant::now();
    thread::sleep(Duration::from_millis(2));
    assert!(start.elapsed() >= Duration::from_millis(2));
    thread::park();
}
