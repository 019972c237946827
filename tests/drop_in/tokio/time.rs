//! `tokio::time`: names, signatures, and what only it does. The parent module says whose is asked.
#![expect(clippy::type_complexity, reason = "signatures are what this is about")]

use super::asked::{
    runtime::{Builder, Runtime},
    task::{spawn, yield_now},
    time::{
        self, Duration, Instant, Interval, MissedTickBehavior, Sleep, Timeout, error::Elapsed, interval, interval_at,
        sleep, sleep_until, timeout, timeout_at,
    },
};
use std::{
    future::{Future, Ready, pending, poll_fn, ready},
    pin::{Pin, pin},
    task::{Context, Poll},
};

const SECOND: Duration = Duration::from_secs(1);

/// Its clock stands still, and moves on when everybody waits for it.
fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

// ---- signatures: where one differs this does not compile ----

#[test]
fn functions_have_the_real_signatures() {
    let _: fn(Duration) -> Sleep = sleep;
    let _: fn(Instant) -> Sleep = sleep_until;
    let _: fn(Duration, Ready<u8>) -> Timeout<Ready<u8>> = timeout;
    let _: fn(Instant, Ready<u8>) -> Timeout<Ready<u8>> = timeout_at;
    let _: fn(Duration) -> Interval = interval;
    let _: fn(Instant, Duration) -> Interval = interval_at;
    let _: fn() = time::pause;
    let _: fn() = time::resume;
    _ = time::advance(SECOND);
}

#[test]
fn types_have_the_real_methods() {
    let _: fn(&Sleep) -> Instant = Sleep::deadline;
    let _: fn(&Sleep) -> bool = Sleep::is_elapsed;
    let _: fn(Pin<&mut Sleep>, Instant) = Sleep::reset;
    let _: fn(Pin<&mut Sleep>, &mut Context<'_>) -> Poll<()> = Sleep::poll;
    let _: fn(&Timeout<u8>) -> &u8 = Timeout::get_ref;
    let _: fn(&mut Timeout<u8>) -> &mut u8 = Timeout::get_mut;
    let _: fn(Timeout<u8>) -> u8 = Timeout::into_inner;
    let _: fn(Pin<&mut Timeout<Ready<u8>>>, &mut Context<'_>) -> Poll<Result<u8, Elapsed>> = Timeout::poll;
    let _: fn(&mut Interval, &mut Context<'_>) -> Poll<Instant> = Interval::poll_tick;
    let _: fn(&mut Interval) = Interval::reset;
    let _: fn(&mut Interval) = Interval::reset_immediately;
    let _: fn(&mut Interval, Duration) = Interval::reset_after;
    let _: fn(&mut Interval, Instant) = Interval::reset_at;
    let _: fn(&Interval) -> MissedTickBehavior = Interval::missed_tick_behavior;
    let _: fn(&mut Interval, MissedTickBehavior) = Interval::set_missed_tick_behavior;
    let _: fn(&Interval) -> Duration = Interval::period;
}

#[test]
fn they_write_themselves_as_the_real_ones_do() {
    paused().block_on(async {
        let sleep = format!("{:?}", sleep(SECOND));
        assert!(sleep.starts_with("Sleep { deadline: Instant"), "{sleep}");
        let interval = format!("{:?}", interval(SECOND));
        assert!(interval.starts_with("Interval { delay: Sleep { deadline: "), "{interval}");
        let timeout = format!("{:?}", timeout(SECOND, 5_u8.to_string().parse::<u8>().map(ready).unwrap()));
        assert!(timeout.starts_with("Timeout { value: Ready(Some(5)), delay: "), "{timeout}");
    });
}

// ---- what they do ----

#[test]
fn a_sleep_takes_its_time() {
    paused().block_on(async {
        let began = Instant::now();
        sleep(SECOND).await;
        assert_eq!(began.elapsed(), SECOND);
        sleep_until(began + 3 * SECOND).await;
        assert_eq!(began.elapsed(), 3 * SECOND);
        sleep_until(began).await;
        assert_eq!(began.elapsed(), 3 * SECOND);
    });
}

#[test]
fn a_sleep_can_be_given_another_time() {
    paused().block_on(async {
        let began = Instant::now();
        let mut sleep = pin!(sleep(SECOND));
        assert_eq!((sleep.deadline(), sleep.is_elapsed()), (began + SECOND, false));
        poll_fn(|context| {
            assert!(sleep.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        sleep.as_mut().reset(began + 5 * SECOND);
        sleep.as_mut().await;
        assert!(sleep.is_elapsed());
        assert_eq!(began.elapsed(), 5 * SECOND);
        sleep.as_mut().reset(began + 6 * SECOND);
        sleep.as_mut().await;
        assert_eq!(began.elapsed(), 6 * SECOND);
    });
}

#[test]
fn a_sleep_is_woken_in_another_task_than_its_first() {
    paused().block_on(async {
        let mut sleep = Box::pin(sleep(SECOND));
        poll_fn(|context| {
            assert!(sleep.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        spawn(sleep).await.unwrap();
    });
}

#[test]
fn a_timeout_gives_what_comes_first() {
    paused().block_on(async {
        assert_eq!(timeout(SECOND, ready(1)).await, Ok(1));
        assert_eq!(timeout(Duration::ZERO, ready(2)).await, Ok(2));
        assert_eq!(timeout(Duration::MAX, async { sleep(SECOND).await }).await, Ok(()));
        let began = Instant::now();
        let elapsed = timeout(SECOND, pending::<()>()).await.unwrap_err();
        assert_eq!((elapsed.to_string(), began.elapsed()), ("deadline has elapsed".to_owned(), SECOND));
        assert!(timeout_at(began + 2 * SECOND, pending::<()>()).await.is_err());
        assert_eq!(began.elapsed(), 2 * SECOND);
        assert_eq!(timeout(2 * SECOND, sleep(SECOND)).await, Ok(()));
    });
}

#[test]
fn a_timeout_gives_back_its_future() {
    paused().block_on(async {
        let mut limited = timeout(SECOND, ready(4));
        assert_eq!(limited.get_mut().await, 4);
        *limited.get_mut() = ready(5);
        assert_eq!(format!("{:?}", limited.get_ref()), "Ready(Some(5))");
        assert_eq!(limited.into_inner().await, 5);
    });
}

#[test]
fn an_interval_ticks() {
    paused().block_on(async {
        let began = Instant::now();
        let mut interval = interval_at(began + SECOND, 2 * SECOND);
        assert_eq!(interval.period(), 2 * SECOND);
        for tick in [1, 3, 5] {
            assert_eq!(interval.tick().await, began + tick * SECOND);
        }
        assert_eq!(poll_fn(|context| interval.poll_tick(context)).await, began + 7 * SECOND);
        interval.reset();
        assert_eq!(interval.tick().await, began + 9 * SECOND);
        interval.reset_after(SECOND);
        assert_eq!(interval.tick().await, began + 10 * SECOND);
        interval.reset_at(began + 15 * SECOND);
        assert_eq!(interval.tick().await, began + 15 * SECOND);
        interval.reset_immediately();
        assert_eq!(interval.tick().await, began + 15 * SECOND);
    });
}

#[test]
fn an_interval_makes_up_for_what_it_missed_as_it_is_told() {
    paused().block_on(async {
        let mut interval = interval(SECOND);
        assert_eq!(interval.missed_tick_behavior(), MissedTickBehavior::Burst);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let began = interval.tick().await;
        time::advance(Duration::from_millis(2500)).await;
        assert_eq!(interval.tick().await, began + SECOND);
        assert_eq!(interval.tick().await, began + 3 * SECOND);
    });
}

#[test]
fn a_tick_that_is_given_up_is_not_lost() {
    paused().block_on(async {
        let mut interval = interval(SECOND);
        let began = interval.tick().await;
        assert!(timeout(SECOND / 2, interval.tick()).await.is_err());
        assert_eq!(interval.tick().await, began + SECOND);
    });
}

#[test]
#[should_panic(expected = "`period` must be non-zero.")]
fn an_interval_has_a_period() {
    paused().block_on(async { drop(interval(Duration::ZERO)) });
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn a_sleep_needs_a_runtime() {
    drop(sleep(SECOND));
}

#[test]
#[should_panic(expected = "timers are disabled")]
fn a_sleep_needs_timers() {
    Builder::new_current_thread().build().unwrap().block_on(async { drop(sleep(SECOND)) });
}

#[test]
fn the_clock_goes_on_by_hand() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        time::pause();
        let began = Instant::now();
        let mut sleeper = spawn(sleep(5 * SECOND));
        yield_now().await;
        time::advance(4 * SECOND).await;
        assert!(!sleeper.is_finished());
        time::advance(SECOND).await;
        (&mut sleeper).await.unwrap();
        // Timers count in milliseconds.
        assert!((5 * SECOND..6 * SECOND).contains(&began.elapsed()));
        time::resume();
    });
}
