//! What wakes a task of tokio's: the waker that it gave, kept for those who want to wake later. (It keeps a task by more than its
//! wakers, and a clone of one is a count; of other executors that is not known: see `owned`.)
//!
//! Most polls keep nothing. The executor's waker is lent for as long as the poll goes on, and cloned when somebody clones
//! ours; from then on it is there, and is compared in each poll, which costs a load. The poller alone puts in another one,
//! so it reads without asking; others ask, since it may be replaced while they clone it.
#![allow(unsafe_code)]

use crate::primitive::{AtomicPtr, AtomicU32};
use std::{
    cell::UnsafeCell,
    ptr,
    sync::atomic::Ordering::*,
    task::{RawWakerVTable, Waker},
};

/// In [`Kept::state`].
mod state {
    /// Nothing is kept.
    pub(super) const EMPTY: u32 = 0;
    pub(super) const THERE: u32 = 1;
    /// Somebody clones it, replaces it, or takes it away.
    pub(super) const BUSY: u32 = 2;
}

pub(super) struct Kept {
    state: AtomicU32,
    /// Written by who has made the state `BUSY`; read by them, and by the poller.
    waker: UnsafeCell<Option<Cloned>>,
    /// The executor's, for as long as a poll goes on of which nothing is kept yet.
    lent: AtomicPtr<Waker>,
}

/// A waker that was cloned, and what it was cloned from.
struct Cloned {
    waker: Waker,
    /// The table of the one that was cloned. One kind of waker may have several tables, all alike: the compiler makes one
    /// in each unit that mentions it. The data say which waker it is, and live as long as the clone.
    table: &'static RawWakerVTable,
}

impl Cloned {
    #[inline]
    fn of(waker: &Waker) -> Cloned {
        Cloned { waker: waker.clone(), table: waker.vtable() }
    }

    #[inline]
    fn is_of(&self, waker: &Waker) -> bool {
        let alike = ptr::eq(self.table, waker.vtable()) || ptr::eq(self.waker.vtable(), waker.vtable());
        alike && ptr::eq(self.waker.data(), waker.data())
    }
}

// SAFETY: the state says who may touch the waker, which is `Send` and `Sync` itself.
unsafe impl Sync for Kept {}

/// No panic leaves it half written: what unwinds is the clone or the drop of a waker, before or after. So futures of ours
/// are as safe to unwind through as the real ones.
impl std::panic::RefUnwindSafe for Kept {}

impl Kept {
    pub(super) fn new() -> Kept {
        Kept {
            state: AtomicU32::new(state::EMPTY),
            waker: UnsafeCell::new(None),
            lent: AtomicPtr::new(ptr::null_mut()),
        }
    }

    // ---- by the poller ----

    /// A poll begins, or goes on, in which this waker is the executor's: until [`Kept::unlend`] it stays where it is.
    ///
    /// # Safety
    ///
    /// By the poller, which calls `unlend` before the waker is gone.
    #[inline]
    pub(super) unsafe fn lend(&self, waker: &Waker) {
        if self.state.load(Acquire) == state::EMPTY {
            self.lent.store(ptr::from_ref(waker).cast_mut(), Release);
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.follow(waker) };
        }
    }

    /// The poll is over.
    #[inline]
    pub(super) fn unlend(&self) {
        self.lent.store(ptr::null_mut(), Release);
    }

    /// Keeps this one, if it is another.
    ///
    /// # Safety
    ///
    /// By the poller.
    #[inline]
    pub(super) unsafe fn follow(&self, waker: &Waker) {
        // SAFETY: nobody but the poller replaces it once it is there, and before that nobody writes between two polls.
        let same = self.state.load(Acquire) != state::EMPTY
            && unsafe { &*self.waker.get() }.as_ref().is_some_and(|kept| kept.is_of(waker));
        if !same {
            // Cloned and dropped, as they may be the program's own code, while nobody has to wait.
            drop(self.replace(Some(Cloned::of(waker))));
        }
    }

    /// Nothing is kept from here on. What was is to be dropped when all else has been done: that may do anything.
    #[inline]
    pub(super) fn take(&self) -> Option<Waker> {
        let kept = if self.state.load(Acquire) == state::EMPTY { None } else { self.replace(None) };
        kept.map(|kept| kept.waker)
    }

    // ---- by anybody ----

    /// Keeps what is lent, if nothing is kept. By whoever has been lent our waker, or has been given one.
    #[inline]
    pub(super) fn keep(&self) {
        if self.state.load(Acquire) == state::EMPTY {
            self.keep_lent();
        }
    }

    #[cold]
    fn keep_lent(&self) {
        let Some(fresh) = self.while_lent(Cloned::of) else { return };
        if self.state.compare_exchange(state::EMPTY, state::BUSY, AcqRel, Acquire).is_ok() {
            // SAFETY: this thread has made it busy.
            unsafe { *self.waker.get() = Some(fresh) };
            self.state.store(state::THERE, Release);
        }
    }

    /// What is lent. By whoever has been lent our waker (and so in the middle of that poll), or has been given one (then
    /// something is kept; or all is over, and nothing is lent).
    #[inline]
    pub(super) fn while_lent<R>(&self, with: impl FnOnce(&Waker) -> R) -> Option<R> {
        // SAFETY: null, or lent in a poll that goes on for as long as the caller uses what it was lent (`lend`).
        unsafe { self.lent.load(Acquire).as_ref() }.map(with)
    }

    /// One more of what is kept.
    #[inline]
    pub(super) fn get(&self) -> Option<Waker> {
        let _busy = Busy::make(&self.state)?;
        // SAFETY: this thread has made it busy.
        unsafe { &*self.waker.get() }.as_ref().map(|kept| kept.waker.clone())
    }

    fn replace(&self, waker: Option<Cloned>) -> Option<Cloned> {
        let after = if waker.is_some() { state::THERE } else { state::EMPTY };
        let mut busy = match Busy::make(&self.state) {
            Some(busy) => busy,
            // Nobody else fills it but in a poll.
            None => Busy { state: &self.state, after },
        };
        busy.after = after;
        // SAFETY: this thread has made it busy, or nobody else touches it.
        unsafe { std::mem::replace(&mut *self.waker.get(), waker) }
    }
}

/// The waker is this thread's alone; also where the clone of a waker unwinds, not for longer than this.
struct Busy<'a> {
    state: &'a AtomicU32,
    after: u32,
}

impl Busy<'_> {
    /// `None`: nothing is there.
    #[inline]
    fn make(state: &AtomicU32) -> Option<Busy<'_>> {
        if state.load(Acquire) == state::EMPTY {
            return None;
        }
        let mut tries = 0_u32;
        loop {
            match state.compare_exchange_weak(state::THERE, state::BUSY, Acquire, Acquire) {
                Ok(_) => return Some(Busy { state, after: state::THERE }),
                Err(state::EMPTY) => return None,
                Err(_) => pause(&mut tries),
            }
        }
    }
}

impl Drop for Busy<'_> {
    #[inline]
    fn drop(&mut self) {
        self.state.store(self.after, Release);
    }
}

/// It is busy for as long as a clone takes; where that thread has lost its processor, this one gives its own away.
#[cold]
fn pause(tries: &mut u32) {
    *tries += 1;
    if cfg!(all(test, loom)) || *tries > 32 {
        #[cfg(all(test, loom))]
        loom::thread::yield_now();
        #[cfg(not(all(test, loom)))]
        std::thread::yield_now();
    } else {
        std::hint::spin_loop();
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::{
        model,
        sync::{Arc, atomic::AtomicUsize},
        thread,
    };
    use std::task::Wake;

    struct Counts(AtomicUsize);

    impl Wake for Counts {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    /// Another thread keeps it in the middle of the poll, and wakes while the next poll brings another: whichever it
    /// wakes, it wakes one.
    #[test]
    fn who_keeps_it_can_wake() {
        model(|| {
            let wakes = std::sync::Arc::new(Counts(AtomicUsize::new(0)));
            let (kept, [first, second]) = (Arc::new(Kept::new()), [(); 2].map(|()| Waker::from(wakes.clone())));
            // SAFETY: this thread polls, and `first` is there until `unlend`.
            unsafe { kept.lend(&first) };
            let waker = {
                kept.keep();
                let kept = Arc::clone(&kept);
                thread::spawn(move || kept.get().expect("it was kept").wake())
            };
            kept.unlend();
            // SAFETY: as above, with `second`.
            unsafe { kept.lend(&second) };
            kept.unlend();
            waker.join().unwrap();
            drop(kept.take());
            assert!(kept.get().is_none());
            assert_eq!(wakes.0.load(SeqCst), 1);
        });
    }

    /// Two keep what is lent at once, and both can wake.
    #[test]
    fn two_keep_it_at_once() {
        model(|| {
            let wakes = std::sync::Arc::new(Counts(AtomicUsize::new(0)));
            let (kept, waker) = (Arc::new(Kept::new()), Waker::from(wakes.clone()));
            // SAFETY: this thread polls, and the waker is there until `unlend`.
            unsafe { kept.lend(&waker) };
            let other = {
                let kept = Arc::clone(&kept);
                thread::spawn(move || {
                    kept.keep();
                    kept.get().expect("somebody has kept it").wake();
                })
            };
            kept.keep();
            kept.get().expect("somebody has kept it").wake();
            other.join().unwrap();
            kept.unlend();
            drop(kept.take());
            assert_eq!(wakes.0.load(SeqCst), 2);
        });
    }
}
