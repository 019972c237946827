//! Owned guards: a real guard that borrows, beside the `Arc` of what it borrows from.
//!
//! tokio's own guards that own have an `Arc` of the real lock. There is none here: the real lock sits in ours, beside its
//! probe. So what the real lock gives out is a guard that borrows, and this keeps it, its lifetime forgotten, for as long
//! as it keeps the `Arc`. No type can say that lifetime (`'static` is out of the question: values that borrow can be
//! locked, too), so there is room for the guard, and what is in it is known from the outside.
#![allow(unsafe_code)]

use std::{
    marker::PhantomData,
    mem::{self, MaybeUninit},
    ops::{Deref, DerefMut},
    pin::Pin,
    sync::Arc,
};

/// One of tokio's types that own an `Arc`. Ours has its traits and its variance.
pub(super) trait Owned {
    /// The real type that borrows instead. It lets nothing be put into it through a shared reference.
    type Guard<'a>
    where
        Self: 'a;
}

/// How many words a `T` takes.
pub(super) const fn words_of<T>() -> usize {
    size_of::<T>().div_ceil(size_of::<usize>())
}

/// A guard without its lifetime. Its drop is the guard's.
pub(super) struct Stored<O: Owned, const WORDS: usize> {
    room: MaybeUninit<[usize; WORDS]>,
    owned: PhantomData<O>,
}

impl<O: Owned, const WORDS: usize> Stored<O, WORDS> {
    /// # Safety
    ///
    /// At once it is put [`beside`](Stored::beside) the `Arc` of all that the guard borrows from.
    pub(super) unsafe fn new(guard: O::Guard<'_>) -> Stored<O, WORDS> {
        const {
            assert!(size_of::<O::Guard<'_>>() <= size_of::<[usize; WORDS]>());
            assert!(align_of::<O::Guard<'_>>() <= align_of::<[usize; WORDS]>());
        }
        let mut room = MaybeUninit::<[usize; WORDS]>::uninit();
        // SAFETY: there is room for it (above), and nothing in it that would have to be dropped.
        unsafe { room.as_mut_ptr().cast::<O::Guard<'_>>().write(guard) };
        Stored { room, owned: PhantomData }
    }

    /// Keeps the `Arc` for as long.
    pub(super) fn beside<S: ?Sized>(self, source: Arc<S>) -> Kept<O, S, WORDS> {
        Kept { guard: self, source }
    }

    fn as_ptr<'a>(&self) -> *const O::Guard<'a>
    where
        O: 'a,
    {
        self.room.as_ptr().cast()
    }

    fn as_mut_ptr<'a>(&mut self) -> *mut O::Guard<'a>
    where
        O: 'a,
    {
        self.room.as_mut_ptr().cast()
    }
}

impl<O: Owned, const WORDS: usize> Drop for Stored<O, WORDS> {
    fn drop(&mut self) {
        // SAFETY: it is there from `new` on; what it borrows from is still there (`Kept`), and nobody uses it afterwards.
        // Where it is pinned, it is dropped in its place.
        unsafe { self.as_mut_ptr().drop_in_place() };
    }
}

/// A guard, and the `Arc` of what it borrows from.
pub(super) struct Kept<O: Owned, S: ?Sized, const WORDS: usize> {
    // Dropped before the `Arc`.
    guard: Stored<O, WORDS>,
    source: Arc<S>,
}

impl<O: Owned, S: ?Sized, const WORDS: usize> Kept<O, S, WORDS> {
    pub(super) fn source(&self) -> &Arc<S> {
        &self.source
    }

    /// The guard, as one that borrows from this.
    pub(super) fn guard(&self) -> &O::Guard<'_> {
        // SAFETY: it is there, and what it borrows from is there for longer than this is borrowed. Through a shared
        // reference nothing gets into it (`Owned::Guard`).
        unsafe { &*self.guard.as_ptr() }
    }

    /// The same.
    ///
    /// # Safety
    ///
    /// What is in its place afterwards borrows from the `Arc`'s alone, too.
    pub(super) unsafe fn guard_mut(&mut self) -> &mut O::Guard<'_> {
        // SAFETY: it is there, and what it borrows from is there for longer than this is borrowed. The rest is the
        // caller's promise.
        unsafe { &mut *self.guard.as_mut_ptr() }
    }

    /// The same of what must not be moved, and what it borrows from.
    ///
    /// # Safety
    ///
    /// As for [`Kept::guard_mut`].
    pub(super) unsafe fn guard_pinned(self: Pin<&mut Self>) -> (Pin<&mut O::Guard<'_>>, &S) {
        // SAFETY: nothing is moved out of it here.
        let Kept { guard, source } = unsafe { self.get_unchecked_mut() };
        // SAFETY: as in `guard_mut`. And nothing moves the guard out of what is pinned (`into_parts` takes what is not); it
        // is dropped in its place.
        (unsafe { Pin::new_unchecked(&mut *guard.as_mut_ptr()) }, source)
    }

    /// What is guarded.
    pub(super) fn value<'a>(&'a self) -> &'a <O::Guard<'a> as Deref>::Target
    where
        O::Guard<'a>: Deref,
    {
        self.guard()
    }

    /// What is guarded.
    pub(super) fn value_mut<'a>(&'a mut self) -> &'a mut <O::Guard<'a> as Deref>::Target
    where
        O::Guard<'a>: DerefMut,
    {
        // SAFETY: nothing comes in its place.
        unsafe { self.guard_mut() }
    }

    /// Both, apart: in this order, so that of variables that are bound to them the guard is dropped first.
    ///
    /// # Safety
    ///
    /// The guard, and whatever is made of it, is gone before the `Arc` is, or put beside it again.
    pub(super) unsafe fn into_parts<'a>(self) -> (Arc<S>, O::Guard<'a>)
    where
        O: 'a,
    {
        let Kept { guard, source } = self;
        // SAFETY: it is there, and will not be dropped where it was. That it does not outlive what it borrows from is
        // the caller's promise.
        let taken = unsafe { guard.as_ptr().read() };
        mem::forget(guard);
        (source, taken)
    }

    /// The guard is turned into another, beside the same `Arc`. Where `turn` panics, the guard goes first.
    ///
    /// # Safety
    ///
    /// What `turn` returns borrows from what the guard borrows from, and nothing else keeps that borrow.
    pub(super) unsafe fn turn<'a, P, const MORE: usize>(
        self,
        turn: impl FnOnce(O::Guard<'a>) -> P::Guard<'a>,
    ) -> Kept<P, S, MORE>
    where
        O: 'a,
        P: Owned + 'a,
    {
        // SAFETY: `turn` has it, and what comes of it is put beside the `Arc` again.
        let (source, guard) = unsafe { self.into_parts() };
        let turned = turn(guard);
        // SAFETY: it borrows from the same (the caller's promise), whose `Arc` this is.
        unsafe { Stored::new(turned) }.beside(source)
    }

    /// The same, perhaps.
    ///
    /// # Errors
    ///
    /// `turn` has given the guard back.
    ///
    /// # Safety
    ///
    /// As for [`Kept::turn`].
    pub(super) unsafe fn try_turn<'a, P, const MORE: usize>(
        self,
        turn: impl FnOnce(O::Guard<'a>) -> Result<P::Guard<'a>, O::Guard<'a>>,
    ) -> Result<Kept<P, S, MORE>, Self>
    where
        O: 'a,
        P: Owned + 'a,
    {
        // SAFETY: `turn` has it, and what comes of it is put beside the `Arc` again.
        let (source, guard) = unsafe { self.into_parts() };
        match turn(guard) {
            // SAFETY: it borrows from the same (the caller's promise), whose `Arc` this is.
            Ok(turned) => Ok(unsafe { Stored::new(turned) }.beside(source)),
            // SAFETY: the same.
            Err(guard) => Err(unsafe { Stored::new(guard) }.beside(source)),
        }
    }
}
