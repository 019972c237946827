//! `tokio::sync::RwLock`, watched.
#![allow(unsafe_code)]

mod guards;
mod owned;

pub use guards::{RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard};
pub use owned::{OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard};

use super::{blocking::refuse_in_a_runtime, owned::Stored};
use crate::{
    model::{Kind, Mode},
    record::{
        Probe, Site,
        on::task::{self, Goal, Grasp},
    },
    task::Waiting,
};
use ::tokio::sync::{self as real, TryLockError};
use std::{fmt, future::Future, sync::Arc};

/// [`tokio::sync::RwLock`](real::RwLock), watched. A wait that can never end is reported.
pub struct RwLock<T: ?Sized> {
    probe: Probe,
    inner: real::RwLock<T>,
}

impl<T> RwLock<T> {
    /// [`tokio::sync::RwLock::new`](real::RwLock::new). Reports tell the place of the call of a lock without a name.
    #[track_caller]
    pub fn new(value: T) -> RwLock<T> {
        RwLock { probe: Probe::new(Kind::RwLock), inner: real::RwLock::new(value) }
    }

    /// [`tokio::sync::RwLock::with_max_readers`](real::RwLock::with_max_readers). A wait because there are as many readers
    /// as there may be is part of no deadlock.
    ///
    /// # Panics
    ///
    /// When `max_reads` is zero, or larger than tokio allows.
    #[track_caller]
    pub fn with_max_readers(value: T, max_reads: u32) -> RwLock<T> {
        RwLock { probe: Probe::new(Kind::RwLock), inner: real::RwLock::with_max_readers(value, max_reads) }
    }

    /// [`tokio::sync::RwLock::const_new`](real::RwLock::const_new). Reports tell the place of the call.
    #[track_caller]
    pub const fn const_new(value: T) -> RwLock<T> {
        RwLock { probe: Probe::new(Kind::RwLock), inner: real::RwLock::const_new(value) }
    }

    /// [`tokio::sync::RwLock::const_with_max_readers`](real::RwLock::const_with_max_readers). Reports tell the place of the
    /// call.
    ///
    /// # Panics
    ///
    /// When `max_reads` is zero, or larger than tokio allows.
    #[track_caller]
    pub const fn const_with_max_readers(value: T, max_reads: u32) -> RwLock<T> {
        RwLock { probe: Probe::new(Kind::RwLock), inner: real::RwLock::const_with_max_readers(value, max_reads) }
    }

    /// [`tokio::sync::RwLock::into_inner`](real::RwLock::into_inner)
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// [`tokio::sync::RwLock::read`](real::RwLock::read). The place of the call is the one that reports tell.
    #[track_caller]
    pub fn read(&self) -> impl Future<Output = RwLockReadGuard<'_, T>> {
        let site = Site::here();
        async move {
            let inner = Waiting::new(self.inner.read(), site, self.goal(Mode::Shared)).await;
            RwLockReadGuard { held: self.grasp(site, Mode::Shared), inner }
        }
    }

    /// [`tokio::sync::RwLock::read_owned`](real::RwLock::read_owned). The place of the call is the one that reports
    /// tell.
    #[track_caller]
    pub fn read_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockReadGuard<T>> {
        let site = Site::here();
        async move {
            let inner = Waiting::new(self.inner.read(), site, self.goal(Mode::Shared)).await;
            let held = self.grasp(site, Mode::Shared);
            // SAFETY: it borrows from `self`, and is put beside it.
            let kept = unsafe { Stored::new(inner) }.beside(self);
            OwnedRwLockReadGuard { held, kept }
        }
    }

    /// [`tokio::sync::RwLock::blocking_read`](real::RwLock::blocking_read): a wait of the calling thread.
    ///
    /// # Panics
    ///
    /// Where it is called in a thread that drives tasks.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        let site = Site::here();
        refuse_in_a_runtime();
        // What the real one does first.
        let inner = match self.inner.try_read() {
            Ok(inner) => inner,
            Err(_) => task::block(site, self.goal(Mode::Shared), || self.inner.blocking_read()),
        };
        RwLockReadGuard { held: self.grasp(site, Mode::Shared), inner }
    }

    /// [`tokio::sync::RwLock::try_read`](real::RwLock::try_read). Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// The lock is held so that it cannot be had.
    #[track_caller]
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        let inner = self.inner.try_read()?;
        Ok(RwLockReadGuard { held: self.grasp(Site::here(), Mode::Shared), inner })
    }

    /// [`tokio::sync::RwLock::try_read_owned`](real::RwLock::try_read_owned). Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// The lock is held so that it cannot be had.
    #[track_caller]
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        let inner = self.inner.try_read()?;
        let held = self.grasp(Site::here(), Mode::Shared);
        // SAFETY: it borrows from `self`, and is put beside it.
        let kept = unsafe { Stored::new(inner) }.beside(self);
        Ok(OwnedRwLockReadGuard { held, kept })
    }

    /// [`tokio::sync::RwLock::write`](real::RwLock::write). The place of the call is the one that reports tell.
    #[track_caller]
    pub fn write(&self) -> impl Future<Output = RwLockWriteGuard<'_, T>> {
        let site = Site::here();
        async move {
            let inner = Waiting::new(self.inner.write(), site, self.goal(Mode::Exclusive)).await;
            RwLockWriteGuard { held: self.grasp(site, Mode::Exclusive), inner }
        }
    }

    /// [`tokio::sync::RwLock::write_owned`](real::RwLock::write_owned). The place of the call is the one that reports
    /// tell.
    #[track_caller]
    pub fn write_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockWriteGuard<T>> {
        let site = Site::here();
        async move {
            let inner = Waiting::new(self.inner.write(), site, self.goal(Mode::Exclusive)).await;
            let held = self.grasp(site, Mode::Exclusive);
            // SAFETY: it borrows from `self`, and is put beside it.
            let kept = unsafe { Stored::new(inner) }.beside(self);
            OwnedRwLockWriteGuard { held, kept }
        }
    }

    /// [`tokio::sync::RwLock::blocking_write`](real::RwLock::blocking_write): a wait of the calling thread.
    ///
    /// # Panics
    ///
    /// Where it is called in a thread that drives tasks.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        let site = Site::here();
        refuse_in_a_runtime();
        // What the real one does first.
        let inner = match self.inner.try_write() {
            Ok(inner) => inner,
            Err(_) => task::block(site, self.goal(Mode::Exclusive), || self.inner.blocking_write()),
        };
        RwLockWriteGuard { held: self.grasp(site, Mode::Exclusive), inner }
    }

    /// [`tokio::sync::RwLock::try_write`](real::RwLock::try_write). Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// The lock is held so that it cannot be had.
    #[track_caller]
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        let inner = self.inner.try_write()?;
        Ok(RwLockWriteGuard { held: self.grasp(Site::here(), Mode::Exclusive), inner })
    }

    /// [`tokio::sync::RwLock::try_write_owned`](real::RwLock::try_write_owned). Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// The lock is held so that it cannot be had.
    #[track_caller]
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        let inner = self.inner.try_write()?;
        let held = self.grasp(Site::here(), Mode::Exclusive);
        // SAFETY: it borrows from `self`, and is put beside it.
        let kept = unsafe { Stored::new(inner) }.beside(self);
        Ok(OwnedRwLockWriteGuard { held, kept })
    }

    /// [`tokio::sync::RwLock::get_mut`](real::RwLock::get_mut)
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
    }

    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }

    fn goal(&self, mode: Mode) -> Goal<'_> {
        Goal::Object(&self.probe, mode)
    }

    fn grasp(&self, site: Site, mode: Mode) -> Grasp {
        self.probe.grasp(site, mode)
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(s: T) -> RwLock<T> {
        RwLock::new(s)
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> RwLock<T> {
        RwLock::new(T::default())
    }
}

/// As tokio's: it reads, if it may, while it formats the value; so it is watched like any other reader.
impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(guard) => text.field("data", &&*guard),
            Err(_) => text.field("data", &format_args!("<locked>")),
        };
        text.finish()
    }
}
