//! The types themselves: their traits and, off, their sizes are those of the real crate.

use super::{ours, real};
use crate::{common::WATCHING, has::has};
use std::{
    cell::Cell,
    fmt::{self, Write},
    marker::PhantomPinned,
    mem::needs_drop,
    ops::DerefMut,
    panic::{RefUnwindSafe, UnwindSafe},
    rc::Rc,
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
            has!($type: Default),
            has!($type: From<u8>),
            has!($type: Clone),
            has!($type: DerefMut),
        ];
        writeln!($text, "{}: {bits:?}", stringify!($type)).unwrap();
    )+};
}

/// For every type its traits, with values that have some of them and lack others.
macro_rules! traits {
    ($krate:ident) => {{
        use $krate::*;
        let mut text = String::new();
        describe!(text, Condvar, Once, RawMutex, RawFairMutex, RawRwLock, RawThreadId, WaitTimeoutResult, OnceState);
        traits!(text, u8);
        traits!(text, Cell<u8>);
        traits!(text, Rc<u8>);
        traits!(text, *mut u8);
        traits!(text, &'static mut u8);
        traits!(text, std::sync::MutexGuard<'static, u8>);
        traits!(text, PhantomPinned);
        describe!(text, Mutex<dyn Send>, RwLock<dyn Send + Sync>, RwLock<[Rc<u8>]>);
        text
    }};
    ($text:ident, $value:ty) => {
        writeln!($text, "of {}", stringify!($value)).unwrap();
        describe!(
            $text,
            Mutex<$value>,
            MutexGuard<'static, $value>,
            MappedMutexGuard<'static, $value>,
            ArcMutexGuard<RawMutex, $value>,
            FairMutex<$value>,
            FairMutexGuard<'static, $value>,
            ReentrantMutex<$value>,
            ReentrantMutexGuard<'static, $value>,
            RwLock<$value>,
            RwLockReadGuard<'static, $value>,
            RwLockWriteGuard<'static, $value>,
            RwLockUpgradableReadGuard<'static, $value>,
            MappedRwLockReadGuard<'static, $value>,
            MappedRwLockWriteGuard<'static, $value>,
        );
    };
}

#[test]
fn traits_are_the_real_ones() {
    let (real, ours) = (traits!(real), traits!(ours));
    assert!(real.contains("true") && real.contains("false"));
    for (real, ours) in real.lines().zip(ours.lines()) {
        assert_eq!(ours, real, "Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, and others");
    }
    assert_eq!(ours.lines().count(), real.lines().count());
}

macro_rules! sizes {
    ($krate:ident) => {{
        use $krate::*;
        sizes! {
            Mutex<()>, Mutex<u64>, Mutex<[u8; 3]>, FairMutex<u8>, ReentrantMutex<u64>, RwLock<()>, RwLock<u64>,
            Condvar, Once, RawMutex, RawFairMutex, RawRwLock,
            MutexGuard<'static, u64>, Option<MutexGuard<'static, u64>>, MappedMutexGuard<'static, u64>,
            RwLockReadGuard<'static, u64>, RwLockWriteGuard<'static, u64>, RwLockUpgradableReadGuard<'static, u64>,
            ReentrantMutexGuard<'static, u64>, ArcMutexGuard<RawMutex, u64>,
        }
    }};
    ($($type:ty),+ $(,)?) => {[$((stringify!($type), [size_of::<$type>(), align_of::<$type>(), needs_drop::<$type>().into()])),+]};
}

#[test]
fn drop_glue_is_the_real_one_and_sizes_are_where_nothing_watches() {
    for ((name, real), (_, ours)) in sizes!(real).into_iter().zip(sizes!(ours)) {
        assert_eq!(ours[2], real[2], "drop glue of {name}");
        match WATCHING {
            false => assert_eq!(ours, real, "size, alignment, drop glue of {name}"),
            // A probe, and room to keep it aligned, twice.
            true => assert!(ours[0] <= real[0] + 24, "{name} grows from {} to {} bytes", real[0], ours[0]),
        }
    }
}
