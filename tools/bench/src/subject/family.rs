//! What every subject offers, so that all of them run the same generic code.

use std::{
    ops::{Deref, DerefMut},
    path::Path,
};

/// A mutex around a number.
pub(crate) trait Exclusive: Send + Sync + 'static {
    /// The guard.
    type Guard<'a>: DerefMut<Target = u64>;
    fn new(value: u64) -> Self;
    fn lock(&self) -> Self::Guard<'_>;
}

/// A read-write lock around a number.
pub(crate) trait Shared: Send + Sync + 'static {
    /// The guard of a reader.
    type Read<'a>: Deref<Target = u64>;
    /// The guard of a writer.
    type Write<'a>: DerefMut<Target = u64>;
    fn new(value: u64) -> Self;
    fn read(&self) -> Self::Read<'_>;
    fn write(&self) -> Self::Write<'_>;
}

/// How a subject is to be set up.
#[allow(dead_code, reason = "who reads what depends on the families that are built in")]
pub(crate) struct Setup<'a> {
    /// gordian's level; nothing to the others.
    pub(crate) level: &'a str,
    /// Where gordian's trace goes, at that level.
    pub(crate) trace: Option<&'a Path>,
    /// To be called where a deadlock is told.
    pub(crate) told: fn(),
}

/// A library's locks and threads.
pub(crate) trait Family: 'static {
    /// Its mutex.
    type Exclusive: Exclusive;
    /// Its read-write lock.
    type Shared: Shared;
    /// The handle of a thread.
    type Thread;

    fn spawn(run: impl FnOnce() + Send + 'static) -> Self::Thread;
    fn join(thread: Self::Thread);

    /// Called once, before everything else.
    fn start(setup: &Setup<'_>);

    /// How many acquisitions and releases a thread may make between two calls of [`Family::catch_up`], so that nothing
    /// of what is recorded about them is lost: what is not kept costs nothing, and should not be measured.
    fn burst() -> u64 {
        u64::MAX
    }

    /// Waits until what was recorded has been taken in by the background. Not to be timed. Ends the process where a
    /// record was lost.
    fn catch_up() {}

    /// How many orders of locks were met, and forgotten for want of room.
    fn lost_orders() -> Option<u64> {
        None
    }

    /// One operation of what has no lock in it, and what only those have who have all of std: a message through a channel
    /// without a bound, through one with a bound, and an atomic addition.
    fn without_a_lock<As: Family>(_name: &str) -> Option<crate::operations::Operation> {
        None
    }

    /// Makes the whole program stand still without a cycle of locks: a thread waits for a notification that was
    /// given too early, and this one, after it has called `closing`, for that thread. Returns only where the family
    /// has no such thing.
    fn standstill(_closing: impl FnOnce()) {}
}

/// Implements [`Family`] for the types in scope, named as in std. The word after the name is what a lock's result
/// needs to become a guard, if anything. A function `start` has to be in scope, and others, in the order of the
/// trait, where the family is to offer more.
macro_rules! family {
    (
        $family:ident, result: [$($unwrap:ident)?]
        $(, burst: $burst:ident, catch_up: $catch_up:ident, lost_orders: $lost_orders:ident)?
        $(, standstill: $standstill:ident)?
        $(, all_of: $sync:ident)?
    ) => {
        pub(crate) struct $family;

        pub(crate) struct OfMutex(Mutex<u64>);

        impl $crate::family::Exclusive for OfMutex {
            type Guard<'a> = MutexGuard<'a, u64>;
            #[inline(always)]
            fn new(value: u64) -> Self {
                OfMutex(Mutex::new(value))
            }
            #[inline(always)]
            fn lock(&self) -> Self::Guard<'_> {
                self.0.lock()$(.$unwrap())?
            }
        }

        pub(crate) struct OfRwLock(RwLock<u64>);

        impl $crate::family::Shared for OfRwLock {
            type Read<'a> = RwLockReadGuard<'a, u64>;
            type Write<'a> = RwLockWriteGuard<'a, u64>;
            #[inline(always)]
            fn new(value: u64) -> Self {
                OfRwLock(RwLock::new(value))
            }
            #[inline(always)]
            fn read(&self) -> Self::Read<'_> {
                self.0.read()$(.$unwrap())?
            }
            #[inline(always)]
            fn write(&self) -> Self::Write<'_> {
                self.0.write()$(.$unwrap())?
            }
        }

        impl $crate::family::Family for $family {
            type Exclusive = OfMutex;
            type Shared = OfRwLock;
            type Thread = thread::JoinHandle<()>;
            #[inline(always)]
            fn spawn(run: impl FnOnce() + Send + 'static) -> Self::Thread {
                thread::spawn(run)
            }
            #[inline(always)]
            fn join(thread: Self::Thread) {
                thread.join().expect("the thread does not panic");
            }
            fn start(setup: &$crate::family::Setup<'_>) {
                start(setup);
            }
            $(fn burst() -> u64 {
                $burst()
            }
            fn catch_up() {
                $catch_up();
            }
            fn lost_orders() -> Option<u64> {
                $lost_orders()
            })?
            $(fn standstill(closing: impl FnOnce()) {
                $standstill(closing);
            })?
            $(fn without_a_lock<As: $crate::family::Family>(name: &str) -> Option<$crate::operations::Operation> {
                use $crate::operations::{messages, repeated};
                use std::hint::black_box;
                Some(match name {
                    "mpsc" => {
                        let (sender, receiver) = $sync::mpsc::channel::<u64>();
                        messages::<As>(move |number| {
                            black_box(&sender).send(number).is_ok() && black_box(&receiver).recv().is_ok()
                        })
                    }
                    "mpsc-bounded" => {
                        let (sender, receiver) = $sync::mpsc::sync_channel::<u64>(16);
                        messages::<As>(move |number| {
                            black_box(&sender).send(number).is_ok() && black_box(&receiver).recv().is_ok()
                        })
                    }
                    "atomic" => {
                        let number = Box::new($sync::atomic::AtomicU64::new(0));
                        repeated::<As>(1, move || {
                            black_box(&number).fetch_add(1, $sync::atomic::Ordering::SeqCst);
                        })
                    }
                    _ => return None,
                })
            })?
        }
    };
}
pub(crate) use family;
