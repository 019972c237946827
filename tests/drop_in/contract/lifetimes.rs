//! What the borrow checker accepts of std's types it accepts here. Most of it needs only to compile.

use super::{
    sync::{
        Arc, Condvar, LazyLock, LockResult, Mutex, MutexGuard, Once, OnceLock, PoisonError, RwLock, RwLockReadGuard,
        RwLockWriteGuard, TryLockError, Weak,
        mpsc::{self, Receiver, SendError, Sender, SyncSender},
    },
    thread::{self, JoinHandle, LocalKey, Scope, ScopedJoinHandle},
};
use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    pin::Pin,
    rc::Rc,
};

/// Compiles only where dropping a primitive does not count as a use of its value.
#[test]
fn a_value_may_refer_to_what_is_dropped_first() {
    let (mutex, lock, cell, shared, weak, poisoned, unsent);
    let text = String::from("dropped first");
    mutex = Mutex::new(&text);
    lock = RwLock::new(&text);
    cell = OnceLock::from(&text);
    shared = Arc::new(Mutex::new(&text));
    weak = Arc::downgrade(&shared);
    poisoned = PoisonError::new(&text);
    unsent = SendError(&text);
    assert_eq!(*mutex.lock().unwrap(), *lock.read().unwrap());
    assert_eq!(cell.get(), Some(&&text));
    assert_eq!(*weak.upgrade().unwrap().lock().unwrap(), *poisoned.get_ref());
    assert_eq!(unsent.0, "dropped first");
}

/// A value that refers to its neighbour of the same life, as in a graph of nodes.
#[test]
fn values_may_refer_to_each_other() {
    struct Node<'a>(Mutex<Option<&'a Node<'a>>>, RwLock<Option<&'a Node<'a>>>, OnceLock<&'a Node<'a>>);
    let new = || Node(Mutex::new(None), RwLock::new(None), OnceLock::new());
    let (one, two) = (new(), new());
    *one.0.lock().unwrap() = Some(&two);
    *two.1.write().unwrap() = Some(&one);
    assert!(one.2.set(&one).is_ok());
    assert!(one.0.lock().unwrap().unwrap().1.read().unwrap().is_some());
}

/// Each returns what it is given, for a shorter life.
mod shorter {
    use super::*;

    pub(super) fn mutex_guard<'a: 'b, 'b, T>(guard: MutexGuard<'a, T>, _: &'b str) -> MutexGuard<'b, T> {
        guard
    }

    pub(super) fn write_guard<'a: 'b, 'b, T>(guard: RwLockWriteGuard<'a, T>, _: &'b str) -> RwLockWriteGuard<'b, T> {
        guard
    }

    /// Of lock and value.
    pub(super) fn read_guard<'a: 'b, 'b>(
        guard: RwLockReadGuard<'a, &'static str>,
        _: &'b str,
    ) -> RwLockReadGuard<'b, &'b str> {
        guard
    }

    pub(super) fn poison<'b>(error: PoisonError<&'static str>, _: &'b str) -> PoisonError<&'b str> {
        error
    }

    pub(super) fn result<'a: 'b, 'b, T>(
        guard: LockResult<MutexGuard<'a, T>>,
        _: &'b str,
    ) -> LockResult<MutexGuard<'b, T>> {
        guard
    }

    pub(super) fn tried<'b>(error: TryLockError<&'static str>, _: &'b str) -> TryLockError<&'b str> {
        error
    }

    pub(super) fn iter<'a: 'b, 'b, T>(iter: mpsc::Iter<'a, T>, _: &'b str) -> mpsc::Iter<'b, T> {
        iter
    }

    pub(super) fn try_iter<'a: 'b, 'b, T>(iter: mpsc::TryIter<'a, T>, _: &'b str) -> mpsc::TryIter<'b, T> {
        iter
    }

    pub(super) fn handle<'a: 'b, 'b, T>(handle: ScopedJoinHandle<'a, T>, _: &'b str) -> ScopedJoinHandle<'b, T> {
        handle
    }
}

#[test]
fn a_longer_life_serves_for_a_shorter() {
    let (mutex, lock) = (Mutex::new(1), RwLock::new(1));
    let words = RwLock::new("long");
    let (send, receive) = mpsc::channel();
    send.send(1).unwrap();
    send.send(2).unwrap();
    drop(send);
    thread::scope(|scope| {
        let long = scope.spawn(|| 1);
        let short = String::from("short");
        assert_eq!(*shorter::mutex_guard(mutex.lock().unwrap(), &short), 1);
        assert_eq!(*shorter::result(mutex.lock(), &short).unwrap(), 1);
        assert_eq!(*shorter::write_guard(lock.write().unwrap(), &short), 1);
        assert_eq!(*shorter::read_guard(words.read().unwrap(), &short), "long");
        assert_eq!(shorter::poison(PoisonError::new("long"), &short).into_inner(), "long");
        assert!(matches!(shorter::tried(TryLockError::WouldBlock, &short), TryLockError::WouldBlock));
        assert_eq!(shorter::iter(receive.iter(), &short).next(), Some(1));
        assert_eq!(shorter::try_iter(receive.try_iter(), &short).next(), Some(2));
        assert_eq!(shorter::handle(long, &short).join().unwrap(), 1);
    });
}

/// Whoever has a guard knows that its value lives as long as the lock is borrowed: std's types say so.
mod known {
    use super::*;

    pub(super) fn of_a_mutex_guard<'a, T: ?Sized>(_: &MutexGuard<'a, T>) {
        let _: PhantomData<&'a T>;
    }

    pub(super) fn of_a_read_guard<'a, T: ?Sized>(_: &RwLockReadGuard<'a, T>) {
        let _: PhantomData<&'a T>;
    }

    pub(super) fn of_a_write_guard<'a, T: ?Sized>(_: &RwLockWriteGuard<'a, T>) {
        let _: PhantomData<&'a T>;
    }

    pub(super) fn of_iterators<'a, T>(_: &mpsc::Iter<'a, T>, _: &mpsc::TryIter<'a, T>) {
        let _: PhantomData<&'a T>;
    }

    pub(super) fn of_a_scope<'scope, 'env>(_: &Scope<'scope, 'env>) {
        let _: PhantomData<&'scope &'env ()>;
    }
}

#[test]
fn a_guard_says_how_long_its_value_lives() {
    let (mutex, lock) = (Mutex::new(1), RwLock::new(1));
    known::of_a_mutex_guard(&mutex.lock().unwrap());
    known::of_a_read_guard(&lock.read().unwrap());
    known::of_a_write_guard(&lock.write().unwrap());
    let (_send, receive) = mpsc::channel::<u8>();
    known::of_iterators(&receive.iter(), &receive.try_iter());
    thread::scope(|scope| known::of_a_scope(scope));
}

/// No type asks more of its value than std's does: nothing, not even a size where there need be none.
#[expect(dead_code, reason = "compiles or does not")]
struct OfAnything<'a, T: 'a, F> {
    lazy: LazyLock<T, F>,
    cell: OnceLock<T>,
    channel: (Sender<T>, SyncSender<T>, Receiver<T>),
    iterators: (mpsc::Iter<'a, T>, mpsc::TryIter<'a, T>, mpsc::IntoIter<T>),
    handles: (JoinHandle<T>, ScopedJoinHandle<'a, T>),
    unsized_too: OfAnythingUnsized<'a, T>,
}

#[expect(dead_code, reason = "compiles or does not")]
struct OfAnythingUnsized<'a, T: ?Sized + 'a> {
    guards: (MutexGuard<'a, T>, RwLockReadGuard<'a, T>, RwLockWriteGuard<'a, T>),
    locks: (&'a RwLock<T>, Mutex<T>),
}

#[test]
fn every_pointer_takes_a_lock_of_a_value_without_a_size() {
    type Shown = dyn fmt::Display + Send;
    let shared: Arc<Mutex<u8>> = Arc::new(Mutex::new(1));
    let weak: Weak<Mutex<Shown>> = Arc::downgrade(&shared) as Weak<Mutex<u8>>;
    let shared: Arc<Mutex<Shown>> = shared;
    let within: Arc<Mutex<RwLock<Shown>>> = Arc::new(Mutex::new(RwLock::new(2)));
    let counted: Rc<RwLock<Shown>> = Rc::new(RwLock::new(3));
    let boxed: Box<Mutex<[u8]>> = Box::new(Mutex::new([4, 5]));
    let pinned: Pin<Box<Mutex<Shown>>> = Box::pin(Mutex::new(6));
    let borrowed: &RwLock<Shown> = &RwLock::new(7);
    assert_eq!(weak.upgrade().unwrap().lock().unwrap().to_string(), "1");
    assert_eq!(shared.lock().unwrap().to_string(), "1");
    assert_eq!(within.lock().unwrap().read().unwrap().to_string(), "2");
    assert_eq!(counted.write().unwrap().to_string(), "3");
    assert_eq!(boxed.lock().unwrap().len(), 2);
    assert_eq!(pinned.lock().unwrap().to_string(), "6");
    assert_eq!(borrowed.read().unwrap().to_string(), "7");
    let mut text = Mutex::new([8; 3]);
    let exclusive: &mut Mutex<[u8]> = &mut text;
    exclusive.get_mut().unwrap()[0] = 9;
    assert_eq!(text.into_inner().unwrap(), [9, 8, 8]);
}

#[test]
fn guards_are_values_like_others() {
    let (mutex, lock) = (Mutex::new(vec![1]), RwLock::new(vec![1]));
    let mut kept: Vec<Box<dyn DerefMut<Target = Vec<i32>> + '_>> =
        vec![Box::new(mutex.lock().unwrap()), Box::new(lock.write().unwrap())];
    kept.iter_mut().for_each(|guard| guard.push(2));
    drop(kept);
    let mut maybe = Some(mutex.lock().unwrap());
    assert!(mutex.try_lock().is_err());
    drop(maybe.take());
    assert!(mutex.try_lock().is_ok());
    let readers: [RwLockReadGuard<'_, Vec<i32>>; 3] = [(); 3].map(|()| lock.read().unwrap());
    let read: Vec<&i32> = readers.iter().flat_map(|guard| guard.iter()).collect();
    assert_eq!(read, [&1, &2, &1, &2, &1, &2]);
    let shown: [&dyn fmt::Debug; 2] = [&readers[0], &mutex];
    assert_eq!(format!("{shown:?}"), "[[1, 2], Mutex { data: [1, 2], poisoned: false, .. }]");
    // Two fields through one guard, and one through a reborrow.
    let pair = Mutex::new((1, 2));
    let mut guard = pair.lock().unwrap();
    let (one, two) = &mut *guard;
    std::mem::swap(one, two);
    assert_eq!(*guard, (2, 1));
}

#[test]
fn methods_are_functions() {
    let locks: Vec<Mutex<u8>> = [1, 2, 3].map(Mutex::new).into();
    let sum: u8 = locks.iter().map(Mutex::lock).map(|guard| *guard.unwrap()).sum();
    let values: Vec<u8> = locks.into_iter().map(Mutex::into_inner).map(Result::unwrap).collect();
    assert_eq!((sum, values), (6, vec![1, 2, 3]));
    let handles: Vec<JoinHandle<u8>> = [|| 1, || 2].map(thread::spawn).into();
    assert_eq!(handles.into_iter().map(JoinHandle::join).map(Result::unwrap).sum::<u8>(), 3);
    let (senders, receivers): (Vec<Sender<u8>>, Vec<Receiver<u8>>) =
        [(); 2].map(|()| mpsc::channel()).into_iter().unzip();
    assert!(senders.iter().zip([1, 2]).map(|(sender, value)| sender.send(value)).all(|sent| sent.is_ok()));
    assert_eq!(receivers.iter().map(Receiver::recv).collect::<Result<Vec<_>, _>>(), Ok(vec![1, 2]));
    let cells: Vec<OnceLock<u8>> = (5..7).map(OnceLock::from).collect();
    assert_eq!(cells.into_iter().filter_map(OnceLock::into_inner).sum::<u8>(), 11);
    let made: (Mutex<String>, RwLock<u8>, OnceLock<u8>) = (String::from("a").into(), 1.into(), 2.into());
    assert_eq!(
        format!("{made:?}"),
        concat!(
            "(Mutex { data: \"a\", poisoned: false, .. }, RwLock { data: 1, poisoned: false, .. }, ",
            "OnceLock(2))"
        )
    );
}

#[test]
fn traits_are_derived_through_them() {
    #[derive(Debug, Default)]
    struct Shop {
        stock: Mutex<Vec<u8>>,
        prices: RwLock<u8>,
        bell: Condvar,
        owner: OnceLock<String>,
        sign: LazyLock<String>,
    }
    let shop = Shop::default();
    assert!(shop.stock.lock().unwrap().is_empty() && shop.sign.is_empty());
    shop.bell.notify_all();
    assert_eq!((*shop.prices.read().unwrap(), shop.owner.get()), (0, None));
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    struct Owner(OnceLock<String>, Arc<u8>);
    assert_eq!(Owner::default().clone(), Owner::default());
    #[derive(Clone, Debug)]
    struct Post(Sender<u8>, SyncSender<u8>);
    let post = Post(mpsc::channel().0, mpsc::sync_channel(1).0);
    assert!(post.clone().0.send(1).is_err() && post.1.send(1).is_err());
}

/// Names of our own, which a program cannot know, are not in the way of its own.
#[test]
fn fields_and_methods_of_the_program_come_first() {
    struct Named {
        held: u8,
        inner: u8,
        probe: u8,
        peer: u8,
    }
    trait Asks {
        fn inner(&self) -> u8;
        fn probe_mut(&mut self) -> u8;
        fn tag(&self) -> u8;
        fn named(&self) -> u8;
        fn held(&self) -> u8;
        fn peer(&self) -> u8;
    }
    macro_rules! asks {
        ($($type:ty),+ $(,)?) => {$(
            impl Asks for $type {
                fn inner(&self) -> u8 { 1 }
                fn probe_mut(&mut self) -> u8 { 2 }
                fn tag(&self) -> u8 { 3 }
                fn named(&self) -> u8 { 4 }
                fn held(&self) -> u8 { 5 }
                fn peer(&self) -> u8 { 6 }
            }
        )+};
    }
    asks! {
        Mutex<u8>, RwLock<u8>, Condvar, Once, OnceLock<u8>, LazyLock<u8>, super::sync::Barrier, MutexGuard<'_, u8>,
        thread::Builder, JoinHandle<u8>, Scope<'_, '_>, Sender<u8>, SyncSender<u8>, Receiver<u8>, LocalKey<u8>,
    }
    fn answers(mut of: impl DerefMut<Target: Asks>) -> [u8; 6] {
        [of.inner(), of.probe_mut(), of.tag(), of.named(), of.held(), of.peer()]
    }
    let mut mutex = Mutex::new(0);
    assert_eq!([mutex.inner(), mutex.probe_mut(), mutex.tag()], [1, 2, 3]);
    let mut lock = RwLock::new(0);
    assert_eq!([lock.inner(), lock.probe_mut(), lock.named()], [1, 2, 4]);
    let mut once = Once::new();
    assert_eq!([once.inner(), once.probe_mut()], [1, 2]);
    let mut cell = OnceLock::<u8>::new();
    assert_eq!([cell.inner(), cell.probe_mut()], [1, 2]);
    let mut condvar = Condvar::new();
    assert_eq!([condvar.inner(), condvar.probe_mut()], [1, 2]);
    let mut receiver = mpsc::channel::<u8>().1;
    assert_eq!([receiver.inner(), receiver.probe_mut()], [1, 2]);
    let guard = mutex.lock().unwrap();
    assert_eq!([guard.held(), guard.inner()], [5, 1]);
    drop(guard);
    thread::scope(|scope| assert_eq!([scope.inner(), scope.tag()], [1, 3]));
    let handle = thread::spawn(|| 7);
    assert_eq!([handle.inner(), handle.peer(), handle.join().unwrap()], [1, 6, 7]);
    assert_eq!(answers(&mut thread::Builder::new()), [1, 2, 3, 4, 5, 6]);

    let named = || Named { held: 1, inner: 2, probe: 3, peer: 4 };
    let (mutex, lock) = (Mutex::new(named()), RwLock::new(named()));
    let mut guard = mutex.lock().unwrap();
    guard.held += guard.inner + guard.probe + guard.peer;
    assert_eq!(guard.held, 10);
    let mut guard = lock.write().unwrap();
    guard.inner += guard.held + guard.probe + guard.peer;
    drop(guard);
    let guard = lock.read().unwrap();
    assert_eq!((guard.held, guard.inner, guard.probe, guard.peer), (1, 10, 3, 4));
    let lazy: LazyLock<Named> = LazyLock::new(|| Named { held: 1, inner: 2, probe: 3, peer: 4 });
    assert_eq!((lazy.held, lazy.inner, lazy.probe, lazy.peer), (1, 2, 3, 4));
    assert_eq!(lazy.deref().held, 1);
}
