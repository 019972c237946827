//! The types themselves, and the futures that have no name: their traits and their drop glue are those of the real crate.

use super::{ours, real};
use crate::has::has;
use std::{
    cell::Cell,
    error::Error,
    fmt::{self, Write},
    future::{Future, pending, ready},
    marker::{PhantomData, PhantomPinned},
    mem::needs_drop,
    ops::{Deref, DerefMut},
    panic::{RefUnwindSafe, UnwindSafe},
    rc::Rc,
    sync::Arc,
};

macro_rules! describe {
    ($text:ident, $($type:ty),+ $(,)?) => {$(
        let bits = [
            has!($type: Send),
            has!($type: Sync),
            has!($type: UnwindSafe),
            has!($type: RefUnwindSafe),
            has!($type: Unpin),
            has!($type: fmt::Debug),
            has!($type: fmt::Display),
            has!($type: Error),
            has!($type: Default),
            has!($type: From<u8>),
            has!($type: Clone),
            has!($type: PartialEq),
            has!($type: Eq),
            has!($type: Future),
            has!($type: Deref),
            has!($type: DerefMut),
            needs_drop::<$type>(),
        ];
        writeln!($text, "{}: {bits:?}", stringify!($type)).unwrap();
    )+};
}

/// For every type its traits, with values that have some of them and lack others.
macro_rules! traits {
    ($krate:ident) => {{
        use $krate::sync::{futures::*, *};
        let mut text = String::new();
        describe!(
            text,
            Semaphore,
            SemaphorePermit<'static>,
            OwnedSemaphorePermit,
            Notify,
            Notified<'static>,
            OwnedNotified,
            Barrier,
            BarrierWaitResult,
            AcquireError,
            TryAcquireError,
            TryLockError,
        );
        traits!(text, u8);
        traits!(text, Cell<u8>);
        traits!(text, Rc<u8>);
        traits!(text, *mut u8);
        traits!(text, &'static mut u8);
        traits!(text, std::sync::MutexGuard<'static, u8>);
        traits!(text, PhantomPinned);
        describe!(text, Mutex<dyn Send>, RwLock<dyn Send + Sync>, RwLock<[Rc<u8>]>, OwnedMutexGuard<dyn Send>);
        text
    }};
    ($text:ident, $value:ty) => {
        writeln!($text, "of {}", stringify!($value)).unwrap();
        describe!(
            $text,
            Mutex<$value>,
            MutexGuard<'static, $value>,
            MappedMutexGuard<'static, $value>,
            OwnedMutexGuard<$value>,
            OwnedMappedMutexGuard<$value>,
            OwnedMappedMutexGuard<u8, $value>,
            OwnedMappedMutexGuard<$value, u8>,
            RwLock<$value>,
            RwLockReadGuard<'static, $value>,
            RwLockWriteGuard<'static, $value>,
            RwLockMappedWriteGuard<'static, $value>,
            OwnedRwLockReadGuard<$value>,
            OwnedRwLockReadGuard<u8, $value>,
            OwnedRwLockReadGuard<$value, u8>,
            OwnedRwLockWriteGuard<$value>,
            OwnedRwLockMappedWriteGuard<$value>,
            OwnedRwLockMappedWriteGuard<u8, $value>,
            OwnedRwLockMappedWriteGuard<$value, u8>,
            OnceCell<$value>,
            SetError<$value>,
            SetOnce<$value>,
            SetOnceError<$value>,
        );
    };
}

#[test]
fn traits_are_the_real_ones() {
    let (real, ours) = (traits!(real), traits!(ours));
    assert!(real.contains("true") && real.contains("false"));
    for (real, ours) in real.lines().zip(ours.lines()) {
        assert_eq!(
            ours, real,
            "Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Debug, Display, Error, Default, From, Clone, PartialEq, Eq, \
             Future, Deref, DerefMut, drop glue"
        );
    }
    assert_eq!(ours.lines().count(), real.lines().count());
}

/// The traits of a value whose type has no name: a method with bounds that hold hides the trait's.
struct Nameless<T>(PhantomData<T>);

fn nameless<T>(_: &T) -> Nameless<T> {
    Nameless(PhantomData)
}

macro_rules! asked_of_values {
    ($($method:ident: $bound:path, $lacks:ident;)+) => {$(
        #[allow(dead_code)]
        trait $lacks {
            fn $method(&self) -> bool {
                false
            }
        }

        impl<T> $lacks for Nameless<T> {}

        impl<T: $bound> Nameless<T> {
            fn $method(&self) -> bool {
                true
            }
        }
    )+};
}

asked_of_values! {
    is_send: Send, LacksSend;
    is_sync: Sync, LacksSync;
    is_unpin: Unpin, LacksUnpin;
    is_unwind_safe: UnwindSafe, LacksUnwindSafe;
    is_ref_unwind_safe: RefUnwindSafe, LacksRefUnwindSafe;
}

macro_rules! describe_values {
    ($text:ident, $($future:expr),+ $(,)?) => {$(
        let future = $future;
        let asked = nameless(&future);
        let bits = [
            asked.is_send(),
            asked.is_sync(),
            asked.is_unpin(),
            asked.is_unwind_safe(),
            asked.is_ref_unwind_safe(),
        ];
        writeln!($text, "{}: {bits:?}", stringify!($future)).unwrap();
        drop(future);
    )+};
}

macro_rules! futures {
    ($krate:ident) => {{
        use $krate::sync::*;
        static UNIT: std::sync::Mutex<u8> = std::sync::Mutex::new(1);
        let mut text = String::new();
        let (semaphore, notify, barrier) = (Arc::new(Semaphore::new(1)), Notify::new(), Barrier::new(1));
        describe_values!(
            text,
            semaphore.acquire(),
            semaphore.acquire_many(1),
            semaphore.clone().acquire_owned(),
            semaphore.clone().acquire_many_owned(1),
            notify.notified(),
            Arc::new(Notify::new()).notified_owned(),
            barrier.wait(),
            ready(1_u8),
        );
        futures!(text, 1_u8);
        futures!(text, Cell::new(1_u8));
        futures!(text, Rc::new(1_u8));
        futures!(text, std::ptr::null_mut::<u8>());
        futures!(text, Box::leak(Box::new(1_u8)));
        futures!(text, UNIT.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        futures!(text, PhantomPinned);
        text
    }};
    ($text:ident, $value:expr) => {
        writeln!($text, "of {}", stringify!($value)).unwrap();
        let mutex = Arc::new(Mutex::new($value));
        describe_values!($text, mutex.lock(), mutex.clone().lock_owned());
        drop(mutex);
        let lock = Arc::new(RwLock::new($value));
        describe_values!($text, lock.read(), lock.clone().read_owned(), lock.write(), lock.clone().write_owned(),);
        drop(lock);
        let cell = OnceCell::new_with(Some($value));
        describe_values!($text, cell.get_or_init(pending), cell.get_or_try_init(pending::<Result<_, Rc<u8>>>));
        describe_values!($text, cell.get_or_init(|| unsendable()), cell.get_or_init(|| Box::pin(pending())));
        drop(cell);
        let set = SetOnce::new_with(Some($value));
        describe_values!($text, set.wait());
    };
}

/// A future that stays where it is made, whatever it makes.
async fn unsendable<T>() -> T {
    let here = Rc::new(1);
    pending::<()>().await;
    drop(here);
    pending().await
}

#[test]
fn futures_have_the_traits_of_the_real_ones() {
    let (real, ours) = (futures!(real), futures!(ours));
    assert!(real.contains("true") && real.contains("false"));
    for (real, ours) in real.lines().zip(ours.lines()) {
        assert_eq!(ours, real, "Send, Sync, Unpin, UnwindSafe, RefUnwindSafe");
    }
    assert_eq!(ours.lines().count(), real.lines().count());
}
