//! `tokio::time::Interval`, watched.

use super::{Duration, Instant, MissedTickBehavior};
use crate::{
    record::{
        Site,
        on::task::{Goal, Leaf},
    },
    task::Waiting,
};
use ::tokio::time as real;
use std::{
    fmt,
    future::Future,
    task::{Context, Poll},
};

/// [`tokio::time::interval`](real::interval)
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    Interval { inner: real::interval(period), leaf: Leaf::new() }
}

/// [`tokio::time::interval_at`](real::interval_at)
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    Interval { inner: real::interval_at(start, period), leaf: Leaf::new() }
}

/// [`tokio::time::Interval`](real::Interval), watched. Never part of a deadlock.
pub struct Interval {
    inner: real::Interval,
    /// Of those who poll by hand.
    leaf: Leaf,
}

impl Interval {
    /// [`tokio::time::Interval::tick`](real::Interval::tick)
    #[track_caller]
    pub fn tick(&mut self) -> impl Future<Output = Instant> {
        let site = Site::here();
        async move { Waiting::new(self.inner.tick(), site, Goal::Time).await }
    }

    /// [`tokio::time::Interval::poll_tick`](real::Interval::poll_tick)
    #[track_caller]
    pub fn poll_tick(&mut self, context: &mut Context<'_>) -> Poll<Instant> {
        let inner = &mut self.inner;
        self.leaf.poll(context, Site::here(), Goal::Time, |context| inner.poll_tick(context))
    }

    /// [`tokio::time::Interval::reset`](real::Interval::reset)
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// [`tokio::time::Interval::reset_immediately`](real::Interval::reset_immediately)
    pub fn reset_immediately(&mut self) {
        self.inner.reset_immediately();
    }

    /// [`tokio::time::Interval::reset_after`](real::Interval::reset_after)
    pub fn reset_after(&mut self, after: Duration) {
        self.inner.reset_after(after);
    }

    /// [`tokio::time::Interval::reset_at`](real::Interval::reset_at)
    pub fn reset_at(&mut self, deadline: Instant) {
        self.inner.reset_at(deadline);
    }

    /// [`tokio::time::Interval::missed_tick_behavior`](real::Interval::missed_tick_behavior)
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.inner.missed_tick_behavior()
    }

    /// [`tokio::time::Interval::set_missed_tick_behavior`](real::Interval::set_missed_tick_behavior)
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.inner.set_missed_tick_behavior(behavior);
    }

    /// [`tokio::time::Interval::period`](real::Interval::period)
    pub fn period(&self) -> Duration {
        self.inner.period()
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl From<Interval> for real::Interval {
    fn from(interval: Interval) -> real::Interval {
        interval.inner
    }
}
