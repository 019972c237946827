//! Names for the primitives of `parking_lot` 0.13, ours and the real ones.
#![allow(unsafe_code)]

use super::ext::sealed::Nameable;
use crate::parking_lot_0_13::{Condvar, FairMutex, Mutex, Once, RecursiveRwLock, ReentrantMutex, RwLock};

/// Ours keep the name in the probe of the raw lock; the real ones have no place for one.
macro_rules! locks {
    ($($name:ident,)+) => {$(
        impl<T> Nameable for $name<T> {
            #[inline]
            fn with_name(self, name: &str) -> Self {
                // SAFETY: nothing is locked or unlocked by way of it.
                unsafe { self.raw() }.probe().named(name);
                self
            }
        }

        impl<T> Nameable for ::parking_lot_0_13::$name<T> {
            #[inline]
            fn with_name(self, _: &str) -> Self {
                self
            }
        }
    )+};
}

locks! {
    Mutex,
    FairMutex,
    ReentrantMutex,
    RwLock,
    RecursiveRwLock,
}

macro_rules! others {
    ($($name:ident$(.$raw:ident)?,)+) => {$(
        impl Nameable for $name {
            #[inline]
            fn with_name(self, name: &str) -> Self {
                self$(.$raw())?.probe().named(name);
                self
            }
        }

        impl Nameable for ::parking_lot_0_13::$name {
            #[inline]
            fn with_name(self, _: &str) -> Self {
                self
            }
        }
    )+};
}

others! {
    Condvar.raw,
    Once,
}
