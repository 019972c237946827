//! The guards of a watched `RwLock` that own an `Arc` of it.
#![allow(unsafe_code)]

use super::{
    super::owned::{Kept, Owned, words_of},
    RwLock,
    guards::as_reader,
};
use crate::record::on::task::Grasp;
use ::tokio::sync as real;
use std::sync::Arc;

impl<T: ?Sized, U: ?Sized> Owned for real::OwnedRwLockReadGuard<T, U> {
    type Guard<'a>
        = real::RwLockReadGuard<'a, U>
    where
        Self: 'a;
}

/// [`tokio::sync::OwnedRwLockReadGuard`](real::OwnedRwLockReadGuard), of a watched lock.
#[clippy::has_significant_drop]
pub struct OwnedRwLockReadGuard<T: ?Sized, U: ?Sized = T> {
    // Dropped before the lock opens.
    pub(super) held: Grasp,
    pub(super) kept:
        Kept<real::OwnedRwLockReadGuard<T, U>, RwLock<T>, { words_of::<real::RwLockReadGuard<'static, [u8]>>() }>,
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockReadGuard<T, U> {
    /// [`tokio::sync::OwnedRwLockReadGuard::map`](real::OwnedRwLockReadGuard::map)
    #[inline]
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, V>
    where
        F: FnOnce(&U) -> &V,
    {
        let mut held = Grasp::NONE;
        // SAFETY: what is mapped borrows from the same.
        let kept =
            unsafe { this.kept.turn(|inner| real::RwLockReadGuard::map(inner, carrying!(this.held => held, f))) };
        OwnedRwLockReadGuard { held, kept }
    }

    /// [`tokio::sync::OwnedRwLockReadGuard::try_map`](real::OwnedRwLockReadGuard::try_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard.
    #[inline]
    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, V>, Self>
    where
        F: FnOnce(&U) -> Option<&V>,
    {
        let mut held = Grasp::NONE;
        // SAFETY: what is mapped borrows from the same.
        match unsafe {
            this.kept.try_turn(|inner| real::RwLockReadGuard::try_map(inner, carrying!(this.held => held, f)))
        } {
            Ok(kept) => Ok(OwnedRwLockReadGuard { held, kept }),
            Err(kept) => Err(OwnedRwLockReadGuard { held, kept }),
        }
    }

    /// [`tokio::sync::OwnedRwLockReadGuard::rwlock`](real::OwnedRwLockReadGuard::rwlock)
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.kept.source()
    }
}

impl<T: ?Sized> Owned for real::OwnedRwLockWriteGuard<T> {
    type Guard<'a>
        = real::RwLockWriteGuard<'a, T>
    where
        Self: 'a;
}

/// [`tokio::sync::OwnedRwLockWriteGuard`](real::OwnedRwLockWriteGuard), of a watched lock.
#[clippy::has_significant_drop]
pub struct OwnedRwLockWriteGuard<T: ?Sized> {
    // Dropped before the lock opens.
    pub(super) held: Grasp,
    pub(super) kept:
        Kept<real::OwnedRwLockWriteGuard<T>, RwLock<T>, { words_of::<real::RwLockWriteGuard<'static, [u8]>>() }>,
}

impl<T: ?Sized> OwnedRwLockWriteGuard<T> {
    /// [`tokio::sync::OwnedRwLockWriteGuard::map`](real::OwnedRwLockWriteGuard::map)
    #[inline]
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        let mut held = Grasp::NONE;
        // SAFETY: what is mapped borrows from the same.
        let kept =
            unsafe { this.kept.turn(|inner| real::RwLockWriteGuard::map(inner, carrying!(this.held => held, f))) };
        OwnedRwLockMappedWriteGuard { held, kept }
    }

    /// [`tokio::sync::OwnedRwLockWriteGuard::downgrade_map`](real::OwnedRwLockWriteGuard::downgrade_map)
    #[inline]
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U>
    where
        F: FnOnce(&T) -> &U,
    {
        let mut held = Grasp::NONE;
        let turn = |inner| {
            real::RwLockWriteGuard::downgrade_map(inner, |value| {
                let mapped = f(value);
                held = as_reader(this.held);
                mapped
            })
        };
        // SAFETY: what is mapped borrows from the same.
        let kept = unsafe { this.kept.turn(turn) };
        OwnedRwLockReadGuard { held, kept }
    }

    /// [`tokio::sync::OwnedRwLockWriteGuard::try_map`](real::OwnedRwLockWriteGuard::try_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard.
    #[inline]
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mut held = Grasp::NONE;
        // SAFETY: what is mapped borrows from the same.
        match unsafe {
            this.kept.try_turn(|inner| real::RwLockWriteGuard::try_map(inner, carrying!(this.held => held, f)))
        } {
            Ok(kept) => Ok(OwnedRwLockMappedWriteGuard { held, kept }),
            Err(kept) => Err(OwnedRwLockWriteGuard { held, kept }),
        }
    }

    /// [`tokio::sync::OwnedRwLockWriteGuard::try_downgrade_map`](real::OwnedRwLockWriteGuard::try_downgrade_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard, which still writes.
    #[inline]
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let mut held = Grasp::NONE;
        let turn = |inner| {
            real::RwLockWriteGuard::try_downgrade_map(inner, |value| {
                let mapped = f(value);
                held = if mapped.is_some() { as_reader(this.held) } else { this.held };
                mapped
            })
        };
        // SAFETY: what is mapped borrows from the same.
        match unsafe { this.kept.try_turn(turn) } {
            Ok(kept) => Ok(OwnedRwLockReadGuard { held, kept }),
            Err(kept) => Err(OwnedRwLockWriteGuard { held, kept }),
        }
    }

    /// [`tokio::sync::OwnedRwLockWriteGuard::into_mapped`](real::OwnedRwLockWriteGuard::into_mapped)
    #[inline]
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        // SAFETY: it borrows from the same.
        let kept = unsafe { this.kept.turn(real::RwLockWriteGuard::into_mapped) };
        OwnedRwLockMappedWriteGuard { held: this.held, kept }
    }

    /// [`tokio::sync::OwnedRwLockWriteGuard::downgrade`](real::OwnedRwLockWriteGuard::downgrade)
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        let held = as_reader(self.held);
        // SAFETY: it borrows from the same.
        let kept = unsafe { self.kept.turn(real::RwLockWriteGuard::downgrade) };
        OwnedRwLockReadGuard { held, kept }
    }

    /// [`tokio::sync::OwnedRwLockWriteGuard::rwlock`](real::OwnedRwLockWriteGuard::rwlock)
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.kept.source()
    }
}

impl<T: ?Sized, U: ?Sized> Owned for real::OwnedRwLockMappedWriteGuard<T, U> {
    type Guard<'a>
        = real::RwLockMappedWriteGuard<'a, U>
    where
        Self: 'a;
}

/// [`tokio::sync::OwnedRwLockMappedWriteGuard`](real::OwnedRwLockMappedWriteGuard), of a watched lock.
#[clippy::has_significant_drop]
pub struct OwnedRwLockMappedWriteGuard<T: ?Sized, U: ?Sized = T> {
    // Dropped before the lock opens.
    held: Grasp,
    kept: Kept<
        real::OwnedRwLockMappedWriteGuard<T, U>,
        RwLock<T>,
        { words_of::<real::RwLockMappedWriteGuard<'static, [u8]>>() },
    >,
}

impl<T: ?Sized, U: ?Sized> OwnedRwLockMappedWriteGuard<T, U> {
    /// [`tokio::sync::OwnedRwLockMappedWriteGuard::map`](real::OwnedRwLockMappedWriteGuard::map)
    #[inline]
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, V>
    where
        F: FnOnce(&mut U) -> &mut V,
    {
        let mut held = Grasp::NONE;
        // SAFETY: what is mapped borrows from the same.
        let kept = unsafe {
            this.kept.turn(|inner| real::RwLockMappedWriteGuard::map(inner, carrying!(this.held => held, f)))
        };
        OwnedRwLockMappedWriteGuard { held, kept }
    }

    /// [`tokio::sync::OwnedRwLockMappedWriteGuard::try_map`](real::OwnedRwLockMappedWriteGuard::try_map)
    ///
    /// # Errors
    ///
    /// `f` has returned nothing: the error is the guard.
    #[inline]
    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockMappedWriteGuard<T, V>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        let mut held = Grasp::NONE;
        // SAFETY: what is mapped borrows from the same.
        match unsafe {
            this.kept.try_turn(|inner| real::RwLockMappedWriteGuard::try_map(inner, carrying!(this.held => held, f)))
        } {
            Ok(kept) => Ok(OwnedRwLockMappedWriteGuard { held, kept }),
            Err(kept) => Err(OwnedRwLockMappedWriteGuard { held, kept }),
        }
    }

    /// [`tokio::sync::OwnedRwLockMappedWriteGuard::rwlock`](real::OwnedRwLockMappedWriteGuard::rwlock)
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.kept.source()
    }
}

looks_through! {
    OwnedRwLockReadGuard<T, U>: U = kept.value;
    OwnedRwLockWriteGuard<T>: T = kept.value;
    OwnedRwLockMappedWriteGuard<T, U>: U = kept.value;
}

reaches_through! {
    OwnedRwLockWriteGuard<T>: T = kept.value_mut;
    OwnedRwLockMappedWriteGuard<T, U>: U = kept.value_mut;
}
