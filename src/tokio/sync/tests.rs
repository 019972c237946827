//! What the locks say of themselves: who holds what, and who waits for what.

use super::{
    Barrier, MappedMutexGuard, Mutex, MutexGuard, Notify, OnceCell, OwnedMappedMutexGuard, OwnedMutexGuard,
    OwnedRwLockWriteGuard, RwLock, RwLockWriteGuard, Semaphore, SetOnce,
};
use crate::{
    model::{Actor, ActorId, Hold, Kind, Mode, On, Snapshot},
    record::on::{self, task},
    task::{Watched, watch},
};
use std::{
    cell::Cell,
    future::{Future, pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread,
    time::{Duration, Instant},
};

type Boxed<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A task that a test polls by hand.
struct Polled<'a>(Pin<Box<Watched<Boxed<'a>>>>);

fn task<'a>(future: impl Future<Output = ()> + 'a) -> Polled<'a> {
    Polled(Box::pin(watch(Box::pin(future))))
}

impl Polled<'_> {
    fn poll(&mut self) -> Poll<()> {
        self.0.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    #[track_caller]
    fn pends(mut self) -> Self {
        assert!(self.poll().is_pending());
        self
    }

    fn seen(&self) -> Actor {
        let id = self.0.task().id().expect("it is recorded");
        let mut snapshot = Snapshot::default();
        task::read(0, task::Whom::All, &mut snapshot);
        snapshot.actors.into_iter().find(|actor| actor.id == id).expect("it lives")
    }

    fn holds(&self) -> Vec<(Kind, Mode)> {
        kinds(self.seen().held)
    }

    /// Everything that it waits for.
    fn waits(&self) -> Vec<On> {
        let seen = self.seen();
        seen.wait.into_iter().chain(seen.also).map(|wait| wait.on).collect()
    }
}

fn kinds(holds: Vec<Hold>) -> Vec<(Kind, Mode)> {
    let mut kinds: Vec<_> = holds.into_iter().map(|hold| (hold.object.kind(), hold.mode)).collect();
    kinds.sort();
    kinds
}

/// What the calling thread holds, outside any task.
fn held() -> Vec<(Kind, Mode)> {
    kinds(on::current().map(|slot| slot.grasped()).unwrap_or_default())
}

#[track_caller]
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it is ready"),
    }
}

const LOCKED: [(Kind, Mode); 1] = [(Kind::Mutex, Mode::Exclusive)];
const READ: [(Kind, Mode); 1] = [(Kind::RwLock, Mode::Shared)];
const WRITTEN: [(Kind, Mode); 1] = [(Kind::RwLock, Mode::Exclusive)];
const PERMIT: (Kind, Mode) = (Kind::Semaphore, Mode::Shared);

#[test]
fn a_guard_is_a_hold_of_who_has_locked() {
    let mutex = Arc::new(Mutex::new((1, 2)));
    let kept = Cell::new(None);
    let mut locks = task(async {
        kept.set(Some(mutex.clone().lock_owned().await));
        pending().await
    })
    .pends();
    assert_eq!((locks.holds(), held()), (LOCKED.to_vec(), vec![]));
    // It goes elsewhere, and is a part.
    let part = OwnedMutexGuard::map(kept.take().expect("it has been locked"), |both| &mut both.0);
    assert_eq!(locks.holds(), LOCKED);
    thread::scope(|scope| scope.spawn(|| drop(part)).join()).expect("no panic");
    assert_eq!(locks.holds(), []);
    assert!(locks.poll().is_pending());

    let guard = mutex.try_lock().expect("it is free");
    assert_eq!(held(), LOCKED);
    let guard = MutexGuard::try_map(guard, |_| None::<&mut u8>).expect_err("there is no such part");
    assert_eq!(held(), LOCKED);
    drop(guard);
    assert_eq!(held(), []);
    drop(mutex.blocking_lock());
    assert_eq!(format!("{mutex:?}"), "Mutex { data: (1, 2) }");
    assert_eq!(held(), []);
}

/// What the thread that opens a lock holds at the moment when who has waited for it is woken.
#[derive(Default)]
struct Looks(std::sync::Mutex<Option<Vec<(Kind, Mode)>>>);

impl Wake for Looks {
    fn wake(self: Arc<Self>) {
        self.0.lock().expect("no panic").get_or_insert_with(held);
    }
}

/// Somebody waits for what is opened; it may be that a panic opens it.
#[track_caller]
fn held_when_it_opens<T>(waits: impl Future<Output = T>, opens: impl FnOnce()) -> Vec<(Kind, Mode)> {
    let looks = Arc::new(Looks::default());
    let waker = Waker::from(looks.clone());
    let mut waits = Box::pin(waits);
    assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    _ = catch_unwind(AssertUnwindSafe(opens));
    let seen = looks.0.lock().expect("no panic").take().expect("it has been opened");
    drop(waits);
    assert_eq!(held(), []);
    seen
}

#[test]
fn a_hold_ends_before_its_mutex_opens() {
    fn fail(_: &mut ()) -> &mut () {
        panic!("on purpose")
    }
    fn try_fail(_: &mut ()) -> Option<&mut ()> {
        panic!("on purpose")
    }
    let mutex = Arc::new(Mutex::new(()));
    let lock = || mutex.try_lock().expect("it is free");
    let own = || mutex.clone().try_lock_owned().expect("it is free");
    let when = |opens: Box<dyn FnOnce() + '_>| held_when_it_opens(mutex.lock(), opens);
    let mut seen = Vec::new();
    let guard = lock();
    seen.push(when(Box::new(|| drop(guard))));
    let guard = lock();
    seen.push(when(Box::new(|| drop(MutexGuard::map(guard, fail)))));
    let guard = lock();
    seen.push(when(Box::new(|| drop(MutexGuard::try_map(guard, try_fail)))));
    let part = MutexGuard::map(lock(), |all| all);
    seen.push(when(Box::new(|| drop(part))));
    let part = MutexGuard::map(lock(), |all| all);
    seen.push(when(Box::new(|| drop(MappedMutexGuard::map(part, fail)))));
    let guard = own();
    seen.push(when(Box::new(|| drop(guard))));
    let guard = own();
    seen.push(when(Box::new(|| drop(OwnedMutexGuard::map(guard, fail)))));
    let guard = own();
    seen.push(when(Box::new(|| drop(OwnedMutexGuard::try_map(guard, try_fail)))));
    let part = OwnedMutexGuard::map(own(), |all| all);
    seen.push(when(Box::new(|| drop(OwnedMappedMutexGuard::try_map(part, try_fail)))));
    assert_eq!(seen, vec![vec![]; 9]);
}

#[test]
fn a_hold_ends_before_what_it_holds_is_given_back() {
    fn fail(_: &()) -> &() {
        panic!("on purpose")
    }
    let lock = Arc::new(RwLock::new(()));
    let guard = at_once(lock.write());
    assert_eq!(held_when_it_opens(lock.read(), || drop(RwLockWriteGuard::downgrade_map(guard, fail))), []);
    let guard = at_once(lock.clone().write_owned());
    assert_eq!(held_when_it_opens(lock.read(), || drop(OwnedRwLockWriteGuard::downgrade_map(guard, fail))), []);
    let guard = at_once(lock.write());
    assert_eq!(held_when_it_opens(lock.read(), || drop(guard.downgrade())), READ);
    let guard = at_once(lock.clone().write_owned());
    assert_eq!(held_when_it_opens(lock.read(), || drop(OwnedRwLockWriteGuard::downgrade_map(guard, |all| all))), READ);

    let semaphore = Arc::new(Semaphore::new(1));
    let permit = at_once(semaphore.acquire()).expect("it is open");
    assert_eq!(held_when_it_opens(semaphore.acquire(), || drop(permit)), []);
    let permit = at_once(semaphore.acquire()).expect("it is open");
    let other = Semaphore::new(1);
    let mut none = other.try_acquire_many(0).expect("it is open");
    assert_eq!(held_when_it_opens(semaphore.acquire(), || none.merge(permit)), []);
    let permit = at_once(semaphore.clone().acquire_owned()).expect("it is open");
    assert_eq!(held_when_it_opens(semaphore.acquire(), || drop(permit)), []);

    let (cell, notify) = (OnceCell::new(), Notify::new());
    let mut init = Box::pin(cell.get_or_init(|| notify.notified()));
    assert!(init.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let waits = cell.get_or_init(|| async {});
    notify.notify_one();
    let ends = || assert!(init.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    assert_eq!(held_when_it_opens(waits, ends), []);
}

#[test]
fn who_waits_for_a_lock_says_how_it_wants_it() {
    let (mutex, lock) = (Mutex::new(()), RwLock::new(()));
    let (_mutex, _lock) = (at_once(mutex.lock()), at_once(lock.write()));
    let waits = |future: Boxed<'_>| task(future).pends().waits();
    let modes = [
        waits(Box::pin(async { drop(mutex.lock().await) })),
        waits(Box::pin(async { drop(lock.read().await) })),
        waits(Box::pin(async { drop(lock.write().await) })),
    ]
    .map(|waits| match waits[..] {
        [On::Object { object, mode }] => (object.kind(), mode),
        _ => panic!("{waits:?}"),
    });
    assert_eq!(modes, [LOCKED[0], READ[0], WRITTEN[0]]);
}

#[test]
fn a_writer_becomes_a_reader() {
    let lock = Arc::new(RwLock::new(Some(1)));
    let write = || at_once(lock.write());
    let owned = || at_once(lock.clone().write_owned());
    assert_eq!((drop(write().downgrade()), held()), ((), vec![]));
    let read = write().downgrade();
    assert_eq!((held(), drop(read)), (READ.to_vec(), ()));
    let read = RwLockWriteGuard::downgrade_map(write(), |value| value);
    assert_eq!((held(), drop(read)), (READ.to_vec(), ()));
    let read = RwLockWriteGuard::try_downgrade_map(write(), Option::as_ref);
    assert_eq!((held(), drop(read)), (READ.to_vec(), ()));
    let still = RwLockWriteGuard::try_downgrade_map(write(), |_| None::<&u8>);
    assert_eq!((held(), drop(still)), (WRITTEN.to_vec(), ()));
    let read = owned().downgrade();
    assert_eq!((held(), drop(read)), (READ.to_vec(), ()));
    let read = OwnedRwLockWriteGuard::try_downgrade_map(owned(), Option::as_ref);
    assert_eq!((held(), drop(read)), (READ.to_vec(), ()));
    let still = OwnedRwLockWriteGuard::try_downgrade_map(owned(), |_| None::<&u8>);
    assert_eq!((held(), drop(still)), (WRITTEN.to_vec(), ()));
    assert_eq!(held(), []);
}

#[test]
fn permits_are_one_hold_and_none_are_none() {
    let semaphore = Semaphore::new(9);
    let mut all = at_once(semaphore.acquire_many(5)).expect("it is open");
    assert_eq!(held(), [PERMIT]);
    let mut two = all.split(2).expect("there are so many");
    assert_eq!((held(), all.num_permits()), (vec![PERMIT; 2], 3));
    let none = two.split(0).expect("there are so many");
    assert_eq!(held(), [PERMIT; 2]);
    // All of them: the first one has none then.
    let rest = all.split(3).expect("there are so many");
    assert_eq!(held(), [PERMIT; 2]);
    drop(none);
    all.merge(two);
    assert_eq!(held(), [PERMIT; 2]);
    all.merge(rest);
    assert_eq!((held(), all.num_permits()), (vec![PERMIT], 5));
    all.forget();
    assert_eq!((held(), semaphore.available_permits()), (vec![], 4));
}

#[test]
fn owned_permits_are_held_likewise() {
    let semaphore = Arc::new(Semaphore::new(9));
    let mut all = at_once(semaphore.clone().acquire_many_owned(5)).expect("it is open");
    let rest = all.split(5).expect("there are so many");
    assert_eq!((held(), all.num_permits()), (vec![PERMIT], 0));
    drop(all.split(0).expect("there are so many"));
    assert_eq!(held(), [PERMIT]);
    all.merge(rest);
    assert_eq!((held(), all.num_permits()), (vec![PERMIT], 5));
    let two = all.split(2).expect("there are so many");
    assert_eq!(held(), [PERMIT; 2]);
    two.forget();
    assert_eq!((held(), drop(all), held()), (vec![PERMIT], (), vec![]));
    assert_eq!(semaphore.available_permits(), 7);
    // Of another one they are never together.
    let other = Arc::new(Semaphore::new(1));
    let panics = catch_unwind(AssertUnwindSafe(|| {
        let mut none = at_once(semaphore.clone().acquire_many_owned(0)).expect("it is open");
        none.merge(at_once(other.clone().acquire_owned()).expect("it is open"));
    }));
    assert!(panics.is_err() && held().is_empty() && other.available_permits() == 1);
}

#[test]
fn who_waits_for_a_signal_says_which() {
    let (semaphore, notify, set, barrier) =
        (Semaphore::new(0), Arc::new(Notify::new()), SetOnce::<u8>::new(), Barrier::new(3));
    let waits = |future: Boxed<'_>| task(future).pends().waits();
    let permits = waits(Box::pin(async { drop(semaphore.acquire().await) }));
    assert!(matches!(permits[..], [On::Permits { semaphore }] if semaphore.kind() == Kind::Semaphore), "{permits:?}");
    let notified = [
        waits(Box::pin(async { notify.notified().await })),
        waits(Box::pin(async { notify.clone().notified_owned().await })),
        waits(Box::pin(async { _ = set.wait().await })),
    ]
    .map(|waits| match waits[..] {
        [On::Notify { condvar, mutex: None }] => condvar.kind(),
        _ => panic!("{waits:?}"),
    });
    assert_eq!(notified, [Kind::Notify, Kind::Notify, Kind::SetOnce]);
    let arrivals = waits(Box::pin(async { _ = barrier.wait().await }));
    assert!(matches!(arrivals[..], [On::Arrivals { quorum: 3, .. }]), "{arrivals:?}");
}

#[test]
fn who_initialises_a_cell_holds_it_and_does_not_wait_for_it() {
    let (cell, notify) = (OnceCell::<u8>::new(), Notify::new());
    let init = || async {
        notify.notified().await;
        1
    };
    let first = task(async { _ = cell.get_or_init(init).await }).pends();
    let mut second = task(async { _ = cell.get_or_try_init(|| async { Err::<u8, u8>(2) }).await }).pends();
    let on_cell = [(Kind::OnceCell, Mode::Init)];
    let of_first = first.waits();
    assert!(matches!(of_first[..], [On::Notify { condvar, .. }] if condvar.kind() == Kind::Notify), "{of_first:?}");
    assert_eq!((first.holds(), second.holds()), (on_cell.to_vec(), vec![]));
    let of_second = second.waits();
    assert!(matches!(of_second[..], [On::Object { mode: Mode::Init, .. }]), "{of_second:?}");
    drop(first);
    // It has been woken, and is not known to wait.
    assert_eq!(second.waits(), []);
    assert!(second.poll().is_ready());
    assert_eq!((second.holds(), cell.get()), (vec![], None));
}

/// What an initialiser waits for is nothing that is known: whoever has the task's waker may wake it.
#[test]
fn what_an_initialiser_keeps_is_counted() {
    for contended in [false, true] {
        let (cell, notify, kept) = (OnceCell::<u8>::new(), Notify::new(), Cell::new(None));
        let keeps = || {
            poll_fn(|context| {
                kept.set(Some(context.waker().clone()));
                Poll::Pending
            })
        };
        let first = task(async {
            let first = async {
                notify.notified().await;
                1
            };
            _ = cell.get_or_init(|| first).await;
        });
        let first = contended.then(|| first.pends());
        let mut second = task(async { _ = cell.get_or_init(keeps).await });
        assert!(second.poll().is_pending());
        assert_eq!(second.seen().stirs, !contended);
        drop(first);
        assert!(second.poll().is_pending());
        assert!(second.seen().stirs && second.waits().is_empty());
        assert_eq!(second.holds(), [(Kind::OnceCell, Mode::Init)]);
        drop(kept.take());
        assert!(!contended || kept.take().is_none());
    }
}

/// Waits until a thread says what it waits for.
fn waits_of(thread: ActorId) -> On {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let slot = on::directory::living().find(|slot| slot.id() == thread).expect("it is there");
        if let Some(on) = slot.waiting().1.and_then(|raw| on::wait::decode(&raw, 0)).map(|wait| wait.on) {
            return on;
        }
        assert!(Instant::now() < deadline, "it does not wait");
        thread::yield_now();
    }
}

#[test]
fn a_thread_that_blocks_says_so() {
    let (mutex, lock, semaphore) = (Mutex::new(()), RwLock::new(()), Semaphore::new(0));
    let (locked, written) = (at_once(mutex.lock()), at_once(lock.write()));
    let waits = |wait: &(dyn Fn() + Sync), open: Box<dyn FnOnce() + '_>| {
        let (tell, told) = std::sync::mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                // It gets its record with its first operation.
                drop(at_once(Mutex::new(()).lock()));
                tell.send(on::current().map(|slot| slot.id())).expect("somebody hears it");
                wait();
            });
            let thread = told.recv().expect("it begins").expect("it is recorded");
            let on = waits_of(thread);
            open();
            on
        })
    };
    let on = waits(&|| drop(mutex.blocking_lock()), Box::new(|| drop(locked)));
    assert!(matches!(on, On::Object { object, mode: Mode::Exclusive } if object.kind() == Kind::Mutex), "{on:?}");
    let on = waits(&|| drop(lock.blocking_read()), Box::new(|| drop(written)));
    assert!(matches!(on, On::Object { object, mode: Mode::Shared } if object.kind() == Kind::RwLock), "{on:?}");
    let on = waits(&|| drop(semaphore.blocking_acquire_many(2)), Box::new(|| semaphore.add_permits(2)));
    assert!(matches!(on, On::Permits { .. }), "{on:?}");
}
