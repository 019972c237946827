//! The birth of an identity: several threads meet a primitive that has none, and agree on one.

use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// What [`settle`] needs of an atomic pointer. `std`'s in a probe, which is made in `const` contexts, where loom's
/// cannot be; loom's in the models.
pub(super) trait AtomicWord<T> {
    fn set(&self, new: *mut T);
    fn replace(&self, old: *mut T, new: *mut T) -> Result<*mut T, *mut T>;
}

impl<T> AtomicWord<T> for AtomicPtr<T> {
    fn set(&self, new: *mut T) {
        self.store(new, Relaxed);
    }

    fn replace(&self, old: *mut T, new: *mut T) -> Result<*mut T, *mut T> {
        self.compare_exchange(old, new, Relaxed, Relaxed)
    }
}

/// Makes `new` of what was found `unborn`, unless somebody else was faster; returns what it is from now on.
///
/// `exclusive`: the caller holds the primitive so that nobody else can. Then nobody else is here, and whoever holds
/// it next is ordered behind us by the primitive itself: a plain store does. An identity is a number, which needs
/// nothing else to be seen with it, so all is relaxed.
#[inline(always)]
pub(super) fn settle<T>(word: &impl AtomicWord<T>, unborn: *mut T, new: *mut T, exclusive: bool) -> *mut T {
    if exclusive {
        word.set(new);
        return new;
    }
    match word.replace(unborn, new) {
        Ok(_) => new,
        Err(there) => there,
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::{
        model,
        sync::{Arc, Mutex, RwLock, atomic::AtomicPtr as LoomPtr},
        thread,
    };
    use std::ptr::without_provenance_mut;

    impl<T> AtomicWord<T> for LoomPtr<T> {
        fn set(&self, new: *mut T) {
            self.store(new, Relaxed);
        }

        fn replace(&self, old: *mut T, new: *mut T) -> Result<*mut T, *mut T> {
            self.compare_exchange(old, new, Relaxed, Relaxed)
        }
    }

    /// What a probe does: looks, and gives an identity where there is none. `own` is the one it would give.
    fn identity(word: &LoomPtr<u8>, own: usize, exclusive: bool) -> usize {
        let there = word.load(Relaxed);
        match there.addr() {
            0 => settle(word, there, without_provenance_mut(own), exclusive).addr(),
            born => born,
        }
    }

    fn unborn() -> LoomPtr<u8> {
        LoomPtr::new(std::ptr::null_mut())
    }

    #[test]
    fn all_who_share_agree_on_one_identity() {
        model(|| {
            let word = Arc::new(unborn());
            let others = [1, 2].map(|own| {
                let word = Arc::clone(&word);
                thread::spawn(move || identity(&word, own, false))
            });
            let mine = identity(&word, 3, false);
            assert!(others.into_iter().all(|other| other.join().unwrap() == mine));
            assert_eq!(word.load(Relaxed).addr(), mine);
        });
    }

    #[test]
    fn those_who_come_after_each_other_agree_too() {
        model(|| {
            let lock = Arc::new((Mutex::new(()), unborn()));
            let other = thread::spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let _held = lock.0.lock().unwrap();
                    identity(&lock.1, 1, true)
                }
            });
            let mine = {
                let _held = lock.0.lock().unwrap();
                identity(&lock.1, 2, true)
            };
            assert_eq!(other.join().unwrap(), mine);
        });
    }

    /// Readers exchange, a writer stores: the lock keeps them apart.
    #[test]
    fn readers_and_a_writer_agree() {
        model(|| {
            let lock = Arc::new((RwLock::new(()), unborn()));
            let reader = thread::spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let _held = lock.0.read().unwrap();
                    identity(&lock.1, 1, false)
                }
            });
            let writer = thread::spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let _held = lock.0.write().unwrap();
                    identity(&lock.1, 2, true)
                }
            });
            let mine = {
                let _held = lock.0.read().unwrap();
                identity(&lock.1, 3, false)
            };
            assert_eq!(reader.join().unwrap(), mine);
            assert_eq!(writer.join().unwrap(), mine);
        });
    }
}
