//! The types themselves: their auto traits and, off, their sizes are those of std's.

use crate::common::WATCHING;
use std::{
    cell::Cell,
    fmt::Write,
    marker::{PhantomData, PhantomPinned},
    mem::needs_drop,
    panic::{RefUnwindSafe, UnwindSafe},
    rc::Rc,
};

/// Whether a type has a trait, as a `bool`: the inherent constant hides the trait's where its bounds hold.
macro_rules! has {
    ($type:ty: $bound:ident) => {{
        #[allow(dead_code)]
        trait Lacks {
            const HAS: bool = false;
        }
        #[allow(dead_code)]
        struct Asked<T: ?Sized>(PhantomData<T>);
        impl<T: ?Sized> Lacks for Asked<T> {}
        impl<T: ?Sized + $bound> Asked<T> {
            #[allow(dead_code)]
            const HAS: bool = true;
        }
        <Asked<$type>>::HAS
    }};
}

macro_rules! describe {
    ($text:ident, $($type:ty),+ $(,)?) => {$(
        let bits = [
            has!($type: Send),
            has!($type: Sync),
            has!($type: UnwindSafe),
            has!($type: RefUnwindSafe),
            has!($type: Unpin),
        ];
        writeln!($text, "{}: {bits:?}", stringify!($type)).unwrap();
    )+};
}

/// For every type its auto traits, with values that have some of them and lack others.
macro_rules! auto_traits {
    ($($krate:ident)::+) => {{
        #[expect(unused_imports, reason = "one list for both crates")]
        use $($krate)::+::{sync, sync::*, thread, thread::*};
        let mut text = String::new();
        describe!(text, Condvar, Barrier, Once, Scope<'static, 'static>, thread::Builder);
        auto_traits!(text, u8);
        auto_traits!(text, Cell<u8>);
        auto_traits!(text, Rc<u8>);
        auto_traits!(text, *mut u8);
        auto_traits!(text, &'static Cell<u8>);
        auto_traits!(text, &'static mut u8);
        auto_traits!(text, std::sync::MutexGuard<'static, u8>);
        auto_traits!(text, PhantomPinned);
        describe!(text, Mutex<dyn Send>, Mutex<[Rc<u8>]>, RwLock<dyn Send + Sync>, RwLock<dyn Send>);
        describe!(text, LazyLock<u8, Cell<u8>>, LazyLock<u8, Rc<u8>>, LazyLock<Cell<u8>, u8>);
        describe!(text, LazyLock<u8, &'static mut u8>, LazyLock<u8, PhantomPinned>);
        text
    }};
    ($text:ident, $value:ty) => {
        writeln!($text, "of {}", stringify!($value)).unwrap();
        describe!(
            $text,
            Mutex<$value>,
            MutexGuard<'static, $value>,
            RwLock<$value>,
            RwLockReadGuard<'static, $value>,
            RwLockWriteGuard<'static, $value>,
            OnceLock<$value>,
            LazyLock<$value>,
            JoinHandle<$value>,
            ScopedJoinHandle<'static, $value>,
        );
    };
}

#[test]
fn auto_traits_are_stds() {
    let (std, gordian) = (auto_traits!(std), auto_traits!(gordian));
    assert!(std.contains("true") && std.contains("false"));
    for (std, gordian) in std.lines().zip(gordian.lines()) {
        assert_eq!(gordian, std, "Send, Sync, UnwindSafe, RefUnwindSafe, Unpin");
    }
    assert_eq!(gordian.lines().count(), std.lines().count());
}

#[test]
fn the_question_for_a_trait_is_answered() {
    assert!(has!(u8: Send) && !has!(Rc<u8>: Send) && !has!(PhantomPinned: Unpin) && has!(Rc<u8>: Unpin));
}

macro_rules! sizes {
    ($krate:ident) => {{
        use $krate::{sync, thread};
        sizes! {
            sync::Mutex<()>, sync::Mutex<u64>, sync::Mutex<[u8; 3]>,
            sync::RwLock<()>, sync::RwLock<u64>,
            sync::Condvar, sync::Barrier, sync::Once,
            sync::OnceLock<()>, sync::OnceLock<u64>, sync::LazyLock<u64>,
            sync::MutexGuard<'static, u64>, Option<sync::MutexGuard<'static, u64>>,
            sync::RwLockReadGuard<'static, u64>, sync::RwLockWriteGuard<'static, u64>,
            sync::LockResult<sync::MutexGuard<'static, u64>>,
            thread::JoinHandle<u64>, thread::ScopedJoinHandle<'static, u64>, thread::Scope<'static, 'static>,
        }
    }};
    ($($type:ty),+ $(,)?) => {[$((stringify!($type), [size_of::<$type>(), align_of::<$type>(), needs_drop::<$type>().into()])),+]};
}

#[test]
fn drop_glue_is_stds_and_sizes_are_where_nothing_watches() {
    for ((name, std), (_, ours)) in sizes!(std).into_iter().zip(sizes!(gordian)) {
        assert_eq!(ours[2], std[2], "drop glue of {name}");
        match WATCHING {
            false => assert_eq!(ours, std, "size, alignment, drop glue of {name}"),
            true => assert!(ours[0] <= std[0] + 32, "{name} grows from {} to {} bytes", std[0], ours[0]),
        }
    }
}
