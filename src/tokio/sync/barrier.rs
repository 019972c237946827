//! `tokio::sync::Barrier`, watched.

use crate::{
    model::Kind,
    record::{Probe, Site, on::task::Goal},
    task::Waiting,
};
use ::tokio::sync::{self as real, BarrierWaitResult};
use std::{fmt, future::Future};

/// [`tokio::sync::Barrier`](real::Barrier), watched. A wait for arrivals that never come is reported.
pub struct Barrier {
    probe: Probe,
    inner: real::Barrier,
    /// How many arrivals open it.
    quorum: u32,
}

impl Barrier {
    /// [`tokio::sync::Barrier::new`](real::Barrier::new). Reports tell the place of the call of a barrier without a name.
    #[track_caller]
    pub fn new(n: usize) -> Barrier {
        // More than can be counted are as many as never come. None are one.
        let quorum = n.max(1).try_into().unwrap_or(u32::MAX);
        Barrier { probe: Probe::new(Kind::Barrier), inner: real::Barrier::new(n), quorum }
    }

    /// [`tokio::sync::Barrier::wait`](real::Barrier::wait). The place of the call is the one that reports tell.
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = BarrierWaitResult> {
        let site = Site::here();
        async move { Waiting::new(self.inner.wait(), site, Goal::Arrivals(&self.probe, self.quorum)).await }
    }

    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
