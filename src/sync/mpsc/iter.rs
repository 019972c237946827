//! Iteration over the messages of a channel.
//!
//! Adaptors and collections call an iterator from within the standard library; so the place of a wait is where the
//! iterator was made.

use super::Receiver;
use crate::record::Site;
use std::fmt;

/// Waits for one message after another: [`std::sync::mpsc::Iter`], watched.
pub struct Iter<'a, T: 'a> {
    rx: &'a Receiver<T>,
    site: Site,
}

impl<'a, T> Iter<'a, T> {
    #[inline]
    pub(super) fn new(rx: &'a Receiver<T>, site: Site) -> Iter<'a, T> {
        Iter { rx, site }
    }
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[inline]
    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx.recv_at(self.site).ok()
    }
}

impl<T: fmt::Debug> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("rx", self.rx).finish()
    }
}

/// Takes the messages that are there: [`std::sync::mpsc::TryIter`], watched.
pub struct TryIter<'a, T: 'a> {
    rx: &'a Receiver<T>,
    site: Site,
}

impl<'a, T> TryIter<'a, T> {
    #[inline]
    pub(super) fn new(rx: &'a Receiver<T>, site: Site) -> TryIter<'a, T> {
        TryIter { rx, site }
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.rx.try_recv_at(self.site).ok()
    }
}

impl<T: fmt::Debug> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryIter").field("rx", self.rx).finish()
    }
}

/// Waits for one message after another, and has the receiver: [`std::sync::mpsc::IntoIter`], watched.
pub struct IntoIter<T> {
    rx: Receiver<T>,
    site: Site,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[inline]
    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx.recv_at(self.site).ok()
    }
}

impl<T: fmt::Debug> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").field("rx", &self.rx).finish()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> IntoIter<T> {
        IntoIter { rx: self, site: Site::here() }
    }
}
