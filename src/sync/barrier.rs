//! [`std::sync::Barrier`], watched.

use crate::{
    model::Kind,
    record::{Probe, Quorum, Site},
};
use std::{fmt, sync::BarrierWaitResult};

/// A barrier for several threads: [`std::sync::Barrier`], watched.
pub struct Barrier {
    probe: Probe,
    quorum: Quorum,
    inner: std::sync::Barrier,
}

impl Barrier {
    /// [`std::sync::Barrier::new`]. Reports tell the place of the call of a barrier without a name.
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn new(n: usize) -> Barrier {
        Barrier { probe: Probe::new(Kind::Barrier), quorum: Quorum::new(n), inner: std::sync::Barrier::new(n) }
    }

    /// [`std::sync::Barrier::wait`]. A wait that too few threads are left to end is reported.
    #[inline]
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        self.probe.arrive(self.quorum, Site::here(), || self.inner.wait())
    }

    #[inline]
    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
