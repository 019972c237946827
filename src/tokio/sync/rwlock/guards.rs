//! The guards of a watched `RwLock`.

use crate::{model::Mode, record::on::task::Grasp};
use ::tokio::sync as real;

/// [`tokio::sync::RwLockReadGuard`](real::RwLockReadGuard), of a watched lock.
#[clippy::has_significant_drop]
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    // Dropped before the lock opens.
    pub(super) held: Grasp,
    pub(super) inner: real::RwLockReadGuard<'a, T>,
}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// [`tokio::sync::RwLockReadGuard::map`](real::RwLockReadGuard::map)
    #[inline]
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let mut held = Grasp::NONE;
        let inner = real::RwLockReadGuard::map(this.inner, carrying!(this.held => held, f));
        RwLockReadGuard { held, inner }
    }

    /// [`tokio::sync::RwLockReadGuard::try_map`](real::RwLockReadGuard::try_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard.
    #[inline]
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let mut held = Grasp::NONE;
        match real::RwLockReadGuard::try_map(this.inner, carrying!(this.held => held, f)) {
            Ok(inner) => Ok(RwLockReadGuard { held, inner }),
            Err(inner) => Err(RwLockReadGuard { held, inner }),
        }
    }
}

/// [`tokio::sync::RwLockWriteGuard`](real::RwLockWriteGuard), of a watched lock.
#[clippy::has_significant_drop]
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    // Dropped before the lock opens.
    pub(super) held: Grasp,
    pub(super) inner: real::RwLockWriteGuard<'a, T>,
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// [`tokio::sync::RwLockWriteGuard::map`](real::RwLockWriteGuard::map)
    #[inline]
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let mut held = Grasp::NONE;
        let inner = real::RwLockWriteGuard::map(this.inner, carrying!(this.held => held, f));
        RwLockMappedWriteGuard { held, inner }
    }

    /// [`tokio::sync::RwLockWriteGuard::downgrade_map`](real::RwLockWriteGuard::downgrade_map)
    #[inline]
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let mut held = Grasp::NONE;
        let inner = real::RwLockWriteGuard::downgrade_map(this.inner, |value| {
            let mapped = f(value);
            held = as_reader(this.held);
            mapped
        });
        RwLockReadGuard { held, inner }
    }

    /// [`tokio::sync::RwLockWriteGuard::try_map`](real::RwLockWriteGuard::try_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard.
    #[inline]
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mut held = Grasp::NONE;
        match real::RwLockWriteGuard::try_map(this.inner, carrying!(this.held => held, f)) {
            Ok(inner) => Ok(RwLockMappedWriteGuard { held, inner }),
            Err(inner) => Err(RwLockWriteGuard { held, inner }),
        }
    }

    /// [`tokio::sync::RwLockWriteGuard::try_downgrade_map`](real::RwLockWriteGuard::try_downgrade_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard, which still writes.
    #[inline]
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let mut held = Grasp::NONE;
        let downgraded = real::RwLockWriteGuard::try_downgrade_map(this.inner, |value| {
            let mapped = f(value);
            held = if mapped.is_some() { as_reader(this.held) } else { this.held };
            mapped
        });
        match downgraded {
            Ok(inner) => Ok(RwLockReadGuard { held, inner }),
            Err(inner) => Err(RwLockWriteGuard { held, inner }),
        }
    }

    /// [`tokio::sync::RwLockWriteGuard::into_mapped`](real::RwLockWriteGuard::into_mapped)
    #[inline]
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        RwLockMappedWriteGuard { held: this.held, inner: real::RwLockWriteGuard::into_mapped(this.inner) }
    }

    /// [`tokio::sync::RwLockWriteGuard::downgrade`](real::RwLockWriteGuard::downgrade)
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        let held = as_reader(self.held);
        RwLockReadGuard { held, inner: self.inner.downgrade() }
    }
}

/// The hold of one who writes, as that of one who reads: to be said before others are let in.
pub(super) fn as_reader(mut held: Grasp) -> Grasp {
    held.set_mode(Mode::Shared);
    held
}

/// [`tokio::sync::RwLockMappedWriteGuard`](real::RwLockMappedWriteGuard), of a watched lock.
#[clippy::has_significant_drop]
pub struct RwLockMappedWriteGuard<'a, T: ?Sized> {
    // Dropped before the lock opens.
    held: Grasp,
    inner: real::RwLockMappedWriteGuard<'a, T>,
}

impl<'a, T: ?Sized> RwLockMappedWriteGuard<'a, T> {
    /// [`tokio::sync::RwLockMappedWriteGuard::map`](real::RwLockMappedWriteGuard::map)
    #[inline]
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let mut held = Grasp::NONE;
        let inner = real::RwLockMappedWriteGuard::map(this.inner, carrying!(this.held => held, f));
        RwLockMappedWriteGuard { held, inner }
    }

    /// [`tokio::sync::RwLockMappedWriteGuard::try_map`](real::RwLockMappedWriteGuard::try_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard.
    #[inline]
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mut held = Grasp::NONE;
        match real::RwLockMappedWriteGuard::try_map(this.inner, carrying!(this.held => held, f)) {
            Ok(inner) => Ok(RwLockMappedWriteGuard { held, inner }),
            Err(inner) => Err(RwLockMappedWriteGuard { held, inner }),
        }
    }
}

looks_through! {
    RwLockReadGuard<'a, T>: T = inner.deref;
    RwLockWriteGuard<'a, T>: T = inner.deref;
    RwLockMappedWriteGuard<'a, T>: T = inner.deref;
}

reaches_through! {
    RwLockWriteGuard<'a, T>: T = inner.deref_mut;
    RwLockMappedWriteGuard<'a, T>: T = inner.deref_mut;
}
