//! `tokio::sync::Semaphore`, watched.
#![allow(unsafe_code)]

use super::{
    blocking::refuse_in_a_runtime,
    owned::{Kept, Owned, Stored, words_of},
};
use crate::{
    model::{Kind, Mode},
    record::{
        Probe, Site,
        on::task::{self, Goal, Grasp},
    },
    task::Waiting,
};
use ::tokio::sync::{self as real, AcquireError, TryAcquireError};
use std::{fmt, future::Future, mem, ptr, sync::Arc};

/// [`tokio::sync::Semaphore`](real::Semaphore), watched. A wait for permits that nobody alive can give is reported.
pub struct Semaphore {
    probe: Probe,
    inner: real::Semaphore,
}

impl Semaphore {
    /// [`tokio::sync::Semaphore::MAX_PERMITS`](real::Semaphore::MAX_PERMITS)
    pub const MAX_PERMITS: usize = real::Semaphore::MAX_PERMITS;

    /// [`tokio::sync::Semaphore::new`](real::Semaphore::new). Reports tell the place of the call of a semaphore without a
    /// name.
    ///
    /// # Panics
    ///
    /// When `permits` exceeds [`Semaphore::MAX_PERMITS`].
    #[track_caller]
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { probe: Probe::new(Kind::Semaphore), inner: real::Semaphore::new(permits) }
    }

    /// [`tokio::sync::Semaphore::const_new`](real::Semaphore::const_new). Reports tell the place of the call.
    ///
    /// # Panics
    ///
    /// When `permits` exceeds [`Semaphore::MAX_PERMITS`].
    #[track_caller]
    pub const fn const_new(permits: usize) -> Semaphore {
        Semaphore { probe: Probe::new(Kind::Semaphore), inner: real::Semaphore::const_new(permits) }
    }

    /// [`tokio::sync::Semaphore::available_permits`](real::Semaphore::available_permits)
    pub fn available_permits(&self) -> usize {
        self.inner.available_permits()
    }

    /// [`tokio::sync::Semaphore::add_permits`](real::Semaphore::add_permits)
    ///
    /// # Panics
    ///
    /// When there are then more than [`Semaphore::MAX_PERMITS`].
    pub fn add_permits(&self, n: usize) {
        self.inner.add_permits(n);
    }

    /// [`tokio::sync::Semaphore::forget_permits`](real::Semaphore::forget_permits)
    pub fn forget_permits(&self, n: usize) -> usize {
        self.inner.forget_permits(n)
    }

    /// [`tokio::sync::Semaphore::acquire`](real::Semaphore::acquire). The place of the call is the one that reports tell.
    ///
    /// # Errors
    ///
    /// The semaphore is closed.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        let site = Site::here();
        Waiting::new(self.inner.acquire(), site, self.goal()).then(move |inner| Ok(self.permit(inner?, site)))
    }

    /// [`tokio::sync::Semaphore::acquire_many`](real::Semaphore::acquire_many). The place of the call is the one that
    /// reports tell.
    ///
    /// # Errors
    ///
    /// The semaphore is closed.
    #[inline]
    #[track_caller]
    pub fn acquire_many(&self, n: u32) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        let site = Site::here();
        Waiting::new(self.inner.acquire_many(n), site, self.goal()).then(move |inner| Ok(self.permit(inner?, site)))
    }

    /// [`tokio::sync::Semaphore::try_acquire`](real::Semaphore::try_acquire). Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// There is no permit, or the semaphore is closed.
    #[inline]
    #[track_caller]
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        let inner = self.inner.try_acquire()?;
        Ok(self.permit(inner, Site::here()))
    }

    /// [`tokio::sync::Semaphore::try_acquire_many`](real::Semaphore::try_acquire_many). Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// There are not so many permits, or the semaphore is closed.
    #[track_caller]
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        let inner = self.inner.try_acquire_many(n)?;
        Ok(self.permit(inner, Site::here()))
    }

    /// [`tokio::sync::Semaphore::blocking_acquire`](real::Semaphore::blocking_acquire): a wait of the calling thread.
    ///
    /// # Errors
    ///
    /// The semaphore is closed.
    ///
    /// # Panics
    ///
    /// Where it is called in a thread that drives tasks.
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        let site = Site::here();
        let inner = self.block(site, 1)?;
        Ok(self.permit(inner, site))
    }

    /// [`tokio::sync::Semaphore::blocking_acquire_many`](real::Semaphore::blocking_acquire_many): a wait of the calling
    /// thread.
    ///
    /// # Errors
    ///
    /// The semaphore is closed.
    ///
    /// # Panics
    ///
    /// Where it is called in a thread that drives tasks.
    #[track_caller]
    pub fn blocking_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        let site = Site::here();
        let inner = self.block(site, n)?;
        Ok(self.permit(inner, site))
    }

    /// [`tokio::sync::Semaphore::acquire_owned`](real::Semaphore::acquire_owned). The place of the call is the one that
    /// reports tell.
    ///
    /// # Errors
    ///
    /// The semaphore is closed.
    #[track_caller]
    pub fn acquire_owned(self: Arc<Self>) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let site = Site::here();
        async move {
            let inner = Waiting::new(self.inner.acquire(), site, self.goal()).await?;
            let held = self.grasp(&inner, site);
            // SAFETY: it borrows from `self`, and is put beside it.
            let kept = unsafe { Stored::new(inner) }.beside(self);
            Ok(OwnedSemaphorePermit { held, kept })
        }
    }

    /// [`tokio::sync::Semaphore::acquire_many_owned`](real::Semaphore::acquire_many_owned). The place of the call is the
    /// one that reports tell.
    ///
    /// # Errors
    ///
    /// The semaphore is closed.
    #[track_caller]
    pub fn acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let site = Site::here();
        async move {
            let inner = Waiting::new(self.inner.acquire_many(n), site, self.goal()).await?;
            let held = self.grasp(&inner, site);
            // SAFETY: it borrows from `self`, and is put beside it.
            let kept = unsafe { Stored::new(inner) }.beside(self);
            Ok(OwnedSemaphorePermit { held, kept })
        }
    }

    /// [`tokio::sync::Semaphore::try_acquire_owned`](real::Semaphore::try_acquire_owned). Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// There is no permit, or the semaphore is closed.
    #[track_caller]
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// [`tokio::sync::Semaphore::try_acquire_many_owned`](real::Semaphore::try_acquire_many_owned). Never part of a
    /// deadlock.
    ///
    /// # Errors
    ///
    /// There are not so many permits, or the semaphore is closed.
    #[track_caller]
    pub fn try_acquire_many_owned(self: Arc<Self>, n: u32) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        let inner = self.inner.try_acquire_many(n)?;
        let held = self.grasp(&inner, Site::here());
        // SAFETY: it borrows from `self`, and is put beside it.
        let kept = unsafe { Stored::new(inner) }.beside(self);
        Ok(OwnedSemaphorePermit { held, kept })
    }

    /// [`tokio::sync::Semaphore::blocking_acquire_owned`](real::Semaphore::blocking_acquire_owned): a wait of the calling
    /// thread.
    ///
    /// # Errors
    ///
    /// The semaphore is closed.
    ///
    /// # Panics
    ///
    /// Where it is called in a thread that drives tasks.
    #[track_caller]
    pub fn blocking_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.blocking_acquire_many_owned(1)
    }

    /// [`tokio::sync::Semaphore::blocking_acquire_many_owned`](real::Semaphore::blocking_acquire_many_owned): a wait of the
    /// calling thread.
    ///
    /// # Errors
    ///
    /// The semaphore is closed.
    ///
    /// # Panics
    ///
    /// Where it is called in a thread that drives tasks.
    #[track_caller]
    pub fn blocking_acquire_many_owned(self: Arc<Self>, n: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        let site = Site::here();
        let inner = self.block(site, n)?;
        let held = self.grasp(&inner, site);
        // SAFETY: it borrows from `self`, and is put beside it.
        let kept = unsafe { Stored::new(inner) }.beside(self);
        Ok(OwnedSemaphorePermit { held, kept })
    }

    /// [`tokio::sync::Semaphore::close`](real::Semaphore::close)
    pub fn close(&self) {
        self.inner.close();
    }

    /// [`tokio::sync::Semaphore::is_closed`](real::Semaphore::is_closed)
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }

    #[inline]
    fn goal(&self) -> Goal<'_> {
        Goal::Permits(&self.probe)
    }

    /// No permits are no hold.
    #[inline]
    fn grasp(&self, inner: &real::SemaphorePermit<'_>, site: Site) -> Grasp {
        match inner.num_permits() {
            0 => Grasp::NONE,
            _ => self.probe.grasp(site, Mode::Shared),
        }
    }

    /// What has just been acquired.
    #[inline]
    fn permit<'a>(&'a self, inner: real::SemaphorePermit<'a>, site: Site) -> SemaphorePermit<'a> {
        SemaphorePermit { held: self.grasp(&inner, site), inner, semaphore: self }
    }

    #[track_caller]
    fn block(&self, site: Site, n: u32) -> Result<real::SemaphorePermit<'_>, AcquireError> {
        refuse_in_a_runtime();
        // What the real one does first.
        match self.inner.try_acquire_many(n) {
            Ok(inner) => Ok(inner),
            Err(TryAcquireError::Closed) => self.inner.blocking_acquire_many(n),
            Err(TryAcquireError::NoPermits) => task::block(site, self.goal(), || self.inner.blocking_acquire_many(n)),
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// One hold is left of two, once their permits are together: the other one's, where this had no permits.
fn merged(held: &mut Grasp, has_none: bool, other: Grasp) {
    drop(if has_none { mem::replace(held, other) } else { other });
}

/// [`tokio::sync::SemaphorePermit`](real::SemaphorePermit), of a watched semaphore.
#[must_use]
#[clippy::has_significant_drop]
pub struct SemaphorePermit<'a> {
    // Dropped before the permits are given back.
    held: Grasp,
    inner: real::SemaphorePermit<'a>,
    semaphore: &'a Semaphore,
}

impl SemaphorePermit<'_> {
    /// [`tokio::sync::SemaphorePermit::forget`](real::SemaphorePermit::forget). The permits are then held by nobody.
    #[inline]
    pub fn forget(self) {
        drop(self.held);
        self.inner.forget();
    }

    /// [`tokio::sync::SemaphorePermit::merge`](real::SemaphorePermit::merge)
    ///
    /// # Panics
    ///
    /// When they are of different semaphores.
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        let has_none = self.num_permits() == 0 && ptr::eq(self.semaphore, other.semaphore);
        merged(&mut self.held, has_none, other.held);
        self.inner.merge(other.inner);
    }

    /// [`tokio::sync::SemaphorePermit::split`](real::SemaphorePermit::split). Those that are split off are held by
    /// whoever calls it, from here on.
    #[track_caller]
    pub fn split(&mut self, n: usize) -> Option<Self> {
        let inner = self.inner.split(n)?;
        let held = parted(&mut self.held, self.inner.num_permits(), &inner, self.semaphore, Site::here());
        Some(SemaphorePermit { held, inner, semaphore: self.semaphore })
    }

    /// [`tokio::sync::SemaphorePermit::semaphore`](real::SemaphorePermit::semaphore)
    pub fn semaphore(&self) -> &Semaphore {
        self.semaphore
    }

    /// [`tokio::sync::SemaphorePermit::num_permits`](real::SemaphorePermit::num_permits)
    #[inline]
    pub fn num_permits(&self) -> usize {
        self.inner.num_permits()
    }
}

/// The hold of what was split off, where so many are left: all that there was, if none are.
fn parted(
    held: &mut Grasp,
    left: usize,
    parted: &real::SemaphorePermit<'_>,
    semaphore: &Semaphore,
    site: Site,
) -> Grasp {
    match left {
        0 => mem::replace(held, Grasp::NONE),
        _ => semaphore.grasp(parted, site),
    }
}

impl fmt::Debug for SemaphorePermit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Owned for real::OwnedSemaphorePermit {
    type Guard<'a> = real::SemaphorePermit<'a>;
}

/// [`tokio::sync::OwnedSemaphorePermit`](real::OwnedSemaphorePermit), of a watched semaphore.
#[must_use]
#[clippy::has_significant_drop]
pub struct OwnedSemaphorePermit {
    // Dropped before the permits are given back.
    held: Grasp,
    kept: Kept<real::OwnedSemaphorePermit, Semaphore, { words_of::<real::SemaphorePermit<'static>>() }>,
}

impl OwnedSemaphorePermit {
    /// [`tokio::sync::OwnedSemaphorePermit::forget`](real::OwnedSemaphorePermit::forget). The permits are then held by
    /// nobody.
    #[inline]
    pub fn forget(self) {
        drop(self.held);
        // SAFETY: the permit is gone before the semaphore may be.
        let (_semaphore, inner) = unsafe { self.kept.into_parts() };
        inner.forget();
    }

    /// [`tokio::sync::OwnedSemaphorePermit::merge`](real::OwnedSemaphorePermit::merge)
    ///
    /// # Panics
    ///
    /// When they are of different semaphores.
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        let has_none = self.num_permits() == 0 && Arc::ptr_eq(self.semaphore(), other.semaphore());
        merged(&mut self.held, has_none, other.held);
        // SAFETY: the permit is gone before the semaphore may be: `merge` drops it, also where it panics.
        let (_semaphore, inner) = unsafe { other.kept.into_parts() };
        // SAFETY: it stays the same permit, with more in it.
        unsafe { self.kept.guard_mut() }.merge(inner);
    }

    /// [`tokio::sync::OwnedSemaphorePermit::split`](real::OwnedSemaphorePermit::split). Those that are split off are held
    /// by whoever calls it, from here on.
    #[track_caller]
    pub fn split(&mut self, n: usize) -> Option<Self> {
        let semaphore = self.kept.source().clone();
        // SAFETY: it stays the same permit, with less in it.
        let inner = unsafe { self.kept.guard_mut() }.split(n)?;
        // SAFETY: it borrows from the same, and is put beside it.
        let kept = unsafe { Stored::new(inner) }.beside(semaphore);
        let left = self.num_permits();
        let held = parted(&mut self.held, left, kept.guard(), kept.source(), Site::here());
        Some(OwnedSemaphorePermit { held, kept })
    }

    /// [`tokio::sync::OwnedSemaphorePermit::semaphore`](real::OwnedSemaphorePermit::semaphore)
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        self.kept.source()
    }

    /// [`tokio::sync::OwnedSemaphorePermit::num_permits`](real::OwnedSemaphorePermit::num_permits)
    #[inline]
    pub fn num_permits(&self) -> usize {
        self.kept.guard().num_permits()
    }
}

impl fmt::Debug for OwnedSemaphorePermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The same fields under another name.
        f.write_str("Owned")?;
        self.kept.guard().fmt(f)
    }
}
