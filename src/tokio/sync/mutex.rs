//! `tokio::sync::Mutex`, watched.
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
use ::tokio::sync::{self as real, TryLockError};
use std::{fmt, future::Future, sync::Arc};

/// [`tokio::sync::Mutex`](real::Mutex), watched. A wait that can never end is reported.
pub struct Mutex<T: ?Sized> {
    probe: Probe,
    inner: real::Mutex<T>,
}

impl<T> Mutex<T> {
    /// [`tokio::sync::Mutex::new`](real::Mutex::new). Reports tell the place of the call of a mutex without a name.
    #[track_caller]
    pub fn new(t: T) -> Mutex<T> {
        Mutex { probe: Probe::new(Kind::Mutex), inner: real::Mutex::new(t) }
    }

    /// [`tokio::sync::Mutex::const_new`](real::Mutex::const_new). Reports tell the place of the call.
    #[track_caller]
    pub const fn const_new(t: T) -> Mutex<T> {
        Mutex { probe: Probe::new(Kind::Mutex), inner: real::Mutex::const_new(t) }
    }

    /// [`tokio::sync::Mutex::into_inner`](real::Mutex::into_inner)
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// [`tokio::sync::Mutex::lock`](real::Mutex::lock). The place of the call is the one that reports tell.
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = MutexGuard<'_, T>> {
        let site = Site::here();
        Waiting::new(self.inner.lock(), site, self.goal()).then(move |inner| self.guard(inner, site))
    }

    /// [`tokio::sync::Mutex::lock_owned`](real::Mutex::lock_owned). The place of the call is the one that reports tell.
    #[track_caller]
    pub fn lock_owned(self: Arc<Self>) -> impl Future<Output = OwnedMutexGuard<T>> {
        let site = Site::here();
        async move {
            let inner = Waiting::new(self.inner.lock(), site, self.goal()).await;
            let held = self.grasp(site);
            // SAFETY: it borrows from `self`, and is put beside it.
            let kept = unsafe { Stored::new(inner) }.beside(self);
            OwnedMutexGuard { held, kept }
        }
    }

    /// [`tokio::sync::Mutex::blocking_lock`](real::Mutex::blocking_lock): a wait of the calling thread.
    ///
    /// # Panics
    ///
    /// Where it is called in a thread that drives tasks.
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        let site = Site::here();
        let inner = self.block(site);
        self.guard(inner, site)
    }

    /// [`tokio::sync::Mutex::blocking_lock_owned`](real::Mutex::blocking_lock_owned): a wait of the calling thread.
    ///
    /// # Panics
    ///
    /// Where it is called in a thread that drives tasks.
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let site = Site::here();
        let inner = self.block(site);
        let held = self.grasp(site);
        // SAFETY: it borrows from `self`, and is put beside it.
        let kept = unsafe { Stored::new(inner) }.beside(self);
        OwnedMutexGuard { held, kept }
    }

    /// [`tokio::sync::Mutex::try_lock`](real::Mutex::try_lock). Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// The mutex is locked.
    #[track_caller]
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        let inner = self.inner.try_lock()?;
        Ok(self.guard(inner, Site::here()))
    }

    /// [`tokio::sync::Mutex::try_lock_owned`](real::Mutex::try_lock_owned). Never part of a deadlock.
    ///
    /// # Errors
    ///
    /// The mutex is locked.
    #[track_caller]
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        let inner = self.inner.try_lock()?;
        let held = self.grasp(Site::here());
        // SAFETY: it borrows from `self`, and is put beside it.
        let kept = unsafe { Stored::new(inner) }.beside(self);
        Ok(OwnedMutexGuard { held, kept })
    }

    /// [`tokio::sync::Mutex::get_mut`](real::Mutex::get_mut)
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
    }

    pub(crate) fn probe_mut(&mut self) -> &mut Probe {
        &mut self.probe
    }

    fn goal(&self) -> Goal<'_> {
        Goal::Object(&self.probe, Mode::Exclusive)
    }

    fn grasp(&self, site: Site) -> Grasp {
        self.probe.grasp(site, Mode::Exclusive)
    }

    /// What has just been locked.
    fn guard<'a>(&'a self, inner: real::MutexGuard<'a, T>, site: Site) -> MutexGuard<'a, T> {
        MutexGuard { held: self.grasp(site), inner, mutex: self }
    }

    #[track_caller]
    fn block(&self, site: Site) -> real::MutexGuard<'_, T> {
        refuse_in_a_runtime();
        // What the real one does first.
        match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(_) => task::block(site, self.goal(), || self.inner.blocking_lock()),
        }
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(s: T) -> Mutex<T> {
        Mutex::new(s)
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

/// As tokio's: it holds the mutex, if that is free, while it formats the value; so it is watched like any other holder.
impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => text.field("data", &&*guard),
            Err(_) => text.field("data", &format_args!("<locked>")),
        };
        text.finish()
    }
}

/// [`tokio::sync::MutexGuard`](real::MutexGuard), of a watched mutex.
#[clippy::has_significant_drop]
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    // Dropped before the mutex opens.
    held: Grasp,
    inner: real::MutexGuard<'a, T>,
    mutex: &'a Mutex<T>,
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// [`tokio::sync::MutexGuard::map`](real::MutexGuard::map)
    #[inline]
    pub fn map<U, F>(this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        let mut held = Grasp::NONE;
        let inner = real::MutexGuard::map(this.inner, carrying!(this.held => held, f));
        MappedMutexGuard { held, inner }
    }

    /// [`tokio::sync::MutexGuard::try_map`](real::MutexGuard::try_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard.
    #[inline]
    pub fn try_map<U, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mut held = Grasp::NONE;
        let mapped = real::MutexGuard::try_map(this.inner, carrying!(this.held => held, f));
        match mapped {
            Ok(inner) => Ok(MappedMutexGuard { held, inner }),
            Err(inner) => Err(MutexGuard { held, inner, mutex: this.mutex }),
        }
    }

    /// [`tokio::sync::MutexGuard::mutex`](real::MutexGuard::mutex)
    #[inline]
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.mutex
    }
}

/// [`tokio::sync::MappedMutexGuard`](real::MappedMutexGuard), of a watched mutex.
#[clippy::has_significant_drop]
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MappedMutexGuard<'a, T: ?Sized> {
    // Dropped before the mutex opens.
    held: Grasp,
    inner: real::MappedMutexGuard<'a, T>,
}

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    /// [`tokio::sync::MappedMutexGuard::map`](real::MappedMutexGuard::map)
    #[inline]
    pub fn map<U, F>(this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let mut held = Grasp::NONE;
        let inner = real::MappedMutexGuard::map(this.inner, carrying!(this.held => held, f));
        MappedMutexGuard { held, inner }
    }

    /// [`tokio::sync::MappedMutexGuard::try_map`](real::MappedMutexGuard::try_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard.
    #[inline]
    pub fn try_map<U, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mut held = Grasp::NONE;
        let mapped = real::MappedMutexGuard::try_map(this.inner, carrying!(this.held => held, f));
        match mapped {
            Ok(inner) => Ok(MappedMutexGuard { held, inner }),
            Err(inner) => Err(MappedMutexGuard { held, inner }),
        }
    }
}

impl<T: ?Sized> Owned for real::OwnedMutexGuard<T> {
    type Guard<'a>
        = real::MutexGuard<'a, T>
    where
        Self: 'a;
}

/// [`tokio::sync::OwnedMutexGuard`](real::OwnedMutexGuard), of a watched mutex.
#[clippy::has_significant_drop]
pub struct OwnedMutexGuard<T: ?Sized> {
    // Dropped before the mutex opens.
    held: Grasp,
    kept: Kept<real::OwnedMutexGuard<T>, Mutex<T>, { words_of::<real::MutexGuard<'static, [u8]>>() }>,
}

impl<T: ?Sized> OwnedMutexGuard<T> {
    /// [`tokio::sync::OwnedMutexGuard::map`](real::OwnedMutexGuard::map)
    #[inline]
    pub fn map<U, F>(this: Self, f: F) -> OwnedMappedMutexGuard<T, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        let mut held = Grasp::NONE;
        // SAFETY: what is mapped borrows from the same.
        let kept = unsafe { this.kept.turn(|inner| real::MutexGuard::map(inner, carrying!(this.held => held, f))) };
        OwnedMappedMutexGuard { held, kept }
    }

    /// [`tokio::sync::OwnedMutexGuard::try_map`](real::OwnedMutexGuard::try_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard.
    #[inline]
    pub fn try_map<U, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mut held = Grasp::NONE;
        // SAFETY: what is mapped borrows from the same.
        match unsafe { this.kept.try_turn(|inner| real::MutexGuard::try_map(inner, carrying!(this.held => held, f))) } {
            Ok(kept) => Ok(OwnedMappedMutexGuard { held, kept }),
            Err(kept) => Err(OwnedMutexGuard { held, kept }),
        }
    }

    /// [`tokio::sync::OwnedMutexGuard::mutex`](real::OwnedMutexGuard::mutex)
    #[inline]
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        this.kept.source()
    }
}

impl<T: ?Sized, U: ?Sized> Owned for real::OwnedMappedMutexGuard<T, U> {
    type Guard<'a>
        = real::MappedMutexGuard<'a, U>
    where
        Self: 'a;
}

/// [`tokio::sync::OwnedMappedMutexGuard`](real::OwnedMappedMutexGuard), of a watched mutex.
#[clippy::has_significant_drop]
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct OwnedMappedMutexGuard<T: ?Sized, U: ?Sized = T> {
    // Dropped before the mutex opens.
    held: Grasp,
    kept: Kept<real::OwnedMappedMutexGuard<T, U>, Mutex<T>, { words_of::<real::MappedMutexGuard<'static, [u8]>>() }>,
}

impl<T: ?Sized, U: ?Sized> OwnedMappedMutexGuard<T, U> {
    /// [`tokio::sync::OwnedMappedMutexGuard::map`](real::OwnedMappedMutexGuard::map)
    #[inline]
    pub fn map<S, F>(this: Self, f: F) -> OwnedMappedMutexGuard<T, S>
    where
        F: FnOnce(&mut U) -> &mut S,
    {
        let mut held = Grasp::NONE;
        // SAFETY: what is mapped borrows from the same.
        let kept =
            unsafe { this.kept.turn(|inner| real::MappedMutexGuard::map(inner, carrying!(this.held => held, f))) };
        OwnedMappedMutexGuard { held, kept }
    }

    /// [`tokio::sync::OwnedMappedMutexGuard::try_map`](real::OwnedMappedMutexGuard::try_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard.
    #[inline]
    pub fn try_map<S, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, S>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut S>,
    {
        let mut held = Grasp::NONE;
        // SAFETY: what is mapped borrows from the same.
        match unsafe {
            this.kept.try_turn(|inner| real::MappedMutexGuard::try_map(inner, carrying!(this.held => held, f)))
        } {
            Ok(kept) => Ok(OwnedMappedMutexGuard { held, kept }),
            Err(kept) => Err(OwnedMappedMutexGuard { held, kept }),
        }
    }
}

looks_through! {
    MutexGuard<'a, T>: T = inner.deref;
    MappedMutexGuard<'a, T>: T = inner.deref;
    OwnedMutexGuard<T>: T = kept.value;
    OwnedMappedMutexGuard<T, U>: U = kept.value;
}

reaches_through! {
    MutexGuard<'a, T>: T = inner.deref_mut;
    MappedMutexGuard<'a, T>: T = inner.deref_mut;
    OwnedMutexGuard<T>: T = kept.value_mut;
    OwnedMappedMutexGuard<T, U>: U = kept.value_mut;
}
