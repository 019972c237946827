use super::{
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16,
            AtomicU32, AtomicU64, AtomicUsize,
            Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
            compiler_fence, fence,
        },
    },
    thread,
};
use std::{ptr, sync::Barrier};

/// Each method, with the values at the edges, is what plain arithmetic says.
macro_rules! integers {
    ($($name:ident: $atomic:ident $value:ident)+) => {$(
        #[test]
        fn $name() {
            let edges = [$value::MIN, $value::MIN + 1, 0, 1, 5, $value::MAX - 1, $value::MAX];
            for (old, given) in edges.into_iter().flat_map(|old| edges.map(|given| (old, given))) {
                let does = |f: fn(&$atomic, $value) -> $value, new: $value| {
                    let atomic = $atomic::new(old);
                    assert_eq!((f(&atomic, given), atomic.into_inner()), (old, new), "{old} {given}");
                };
                does(|atomic, value| atomic.swap(value, SeqCst), given);
                does(|atomic, value| atomic.fetch_add(value, Relaxed), old.wrapping_add(given));
                does(|atomic, value| atomic.fetch_sub(value, Acquire), old.wrapping_sub(given));
                does(|atomic, value| atomic.fetch_and(value, Release), old & given);
                does(|atomic, value| atomic.fetch_nand(value, AcqRel), !(old & given));
                does(|atomic, value| atomic.fetch_or(value, SeqCst), old | given);
                does(|atomic, value| atomic.fetch_xor(value, SeqCst), old ^ given);
                does(|atomic, value| atomic.fetch_max(value, SeqCst), old.max(given));
                does(|atomic, value| atomic.fetch_min(value, SeqCst), old.min(given));
                let atomic = $atomic::new(old);
                atomic.store(given, Release);
                assert_eq!(atomic.load(Acquire), given);
            }
            let mut atomic = $atomic::from(5);
            assert_eq!(atomic.compare_exchange(4, 6, AcqRel, Acquire), Err(5));
            assert_eq!(atomic.compare_exchange(5, 6, AcqRel, Relaxed), Ok(5));
            while atomic.compare_exchange_weak(6, 7, SeqCst, SeqCst).is_err() {}
            assert_eq!(atomic.compare_exchange_weak(6, 8, SeqCst, SeqCst), Err(7));
            assert_eq!(atomic.fetch_update(SeqCst, SeqCst, |value| value.checked_mul(2)), Ok(7));
            assert_eq!(atomic.fetch_update(SeqCst, SeqCst, |_| None), Err(14));
            assert_eq!(atomic.try_update(SeqCst, SeqCst, |value| (value > 20).then_some(0)), Err(14));
            assert_eq!(atomic.update(SeqCst, SeqCst, |value| value + 1), 14);
            *atomic.get_mut() += 1;
            #[expect(unsafe_code, reason = "this is what it is about")]
            // SAFETY: the pointer is to a live atomic, which nobody else uses.
            let through = unsafe { $atomic::from_ptr(atomic.as_ptr()) };
            assert_eq!((through.fetch_add(1, SeqCst), through.load(SeqCst)), (16, 17));
            assert_eq!(($atomic::default().into_inner(), format!("{atomic:?} {atomic:4?}")), (0, "17   17".into()));
            assert_eq!((size_of::<$atomic>(), align_of::<$atomic>()), (size_of::<$value>(), size_of::<$value>()));
        }
    )+};
}

integers! {
    i8s: AtomicI8 i8
    i16s: AtomicI16 i16
    i32s: AtomicI32 i32
    i64s: AtomicI64 i64
    isizes: AtomicIsize isize
    u8s: AtomicU8 u8
    u16s: AtomicU16 u16
    u32s: AtomicU32 u32
    u64s: AtomicU64 u64
    usizes: AtomicUsize usize
}

#[test]
fn booleans() {
    for (old, given) in [(false, false), (false, true), (true, false), (true, true)] {
        let does = |f: fn(&AtomicBool, bool) -> bool, new: bool| {
            let atomic = AtomicBool::new(old);
            assert_eq!((f(&atomic, given), atomic.into_inner()), (old, new), "{old} {given}");
        };
        does(|atomic, value| atomic.swap(value, SeqCst), given);
        does(|atomic, value| atomic.fetch_and(value, SeqCst), old & given);
        does(|atomic, value| atomic.fetch_nand(value, SeqCst), !(old & given));
        does(|atomic, value| atomic.fetch_or(value, SeqCst), old | given);
        does(|atomic, value| atomic.fetch_xor(value, SeqCst), old ^ given);
        does(|atomic, _| atomic.fetch_not(SeqCst), !old);
        let mut atomic = AtomicBool::from(old);
        assert_eq!(atomic.compare_exchange(!old, given, SeqCst, SeqCst), Err(old));
        assert_eq!(atomic.compare_exchange(old, given, SeqCst, SeqCst), Ok(old));
        assert_eq!(atomic.fetch_update(SeqCst, SeqCst, |value| Some(!value)), Ok(given));
        assert_eq!(atomic.try_update(SeqCst, SeqCst, |_| None), Err(!given));
        assert_eq!(atomic.update(SeqCst, SeqCst, |value| !value), !given);
        *atomic.get_mut() = true;
        assert_eq!(format!("{atomic:?} {:?}", AtomicBool::default()), "true false");
    }
    assert_eq!(size_of::<AtomicBool>(), 1);
}

#[test]
fn pointers() {
    let mut values = [1_u16, 2, 3];
    let begin = values.as_mut_ptr();
    let mut atomic = AtomicPtr::new(begin);
    assert_eq!(atomic.fetch_ptr_add(2, SeqCst), begin);
    assert_eq!(atomic.fetch_byte_sub(2, SeqCst), begin.wrapping_add(2));
    assert_eq!(atomic.fetch_ptr_sub(1, SeqCst), begin.wrapping_add(1));
    assert_eq!(atomic.fetch_byte_add(4, SeqCst), begin);
    #[expect(unsafe_code, reason = "this is what it is about")]
    // SAFETY: the pointer is to the last of the values, which live and are not borrowed.
    let last = unsafe { *atomic.load(SeqCst) };
    assert_eq!(last, 3);
    // A mark in a bit that the alignment leaves free.
    assert_eq!(atomic.swap(begin, SeqCst), begin.wrapping_add(2));
    assert_eq!(atomic.fetch_or(1, SeqCst), begin);
    assert_eq!(atomic.fetch_and(!1, SeqCst), begin.map_addr(|address| address | 1));
    assert_eq!((atomic.fetch_xor(1, SeqCst), atomic.fetch_xor(1, SeqCst)), (begin, begin.map_addr(|at| at | 1)));
    assert_eq!(atomic.compare_exchange(ptr::null_mut(), begin, SeqCst, SeqCst), Err(begin));
    assert_eq!(atomic.compare_exchange(begin, ptr::null_mut(), SeqCst, SeqCst), Ok(begin));
    assert_eq!(atomic.fetch_update(SeqCst, SeqCst, |_| Some(begin)), Ok(ptr::null_mut()));
    assert_eq!(atomic.update(SeqCst, SeqCst, |at| at.wrapping_add(1)), begin);
    *atomic.get_mut() = begin;
    assert_eq!(format!("{atomic:p} {atomic:?}"), format!("{begin:p} {begin:?}"));
    assert_eq!(AtomicPtr::from(begin).into_inner(), begin);
    assert!(AtomicPtr::<u8>::default().into_inner().is_null());
    assert_eq!(size_of::<AtomicPtr<u8>>(), size_of::<*mut u8>());
}

#[test]
fn no_addition_is_lost() {
    let (sum, flips, largest) = (AtomicU64::new(0), AtomicBool::new(false), AtomicI32::new(i32::MIN));
    let all = Barrier::new(4);
    thread::scope(|scope| {
        for thread in 0..4 {
            let (sum, flips, largest, all) = (&sum, &flips, &largest, &all);
            scope.spawn(move || {
                all.wait();
                for round in 0..1_000 {
                    sum.fetch_add(1, Relaxed);
                    sum.update(Relaxed, Relaxed, |sum| sum + 1);
                    flips.fetch_not(Relaxed);
                    largest.fetch_max(thread * 1_000 + round, Relaxed);
                }
            });
        }
    });
    assert_eq!((sum.into_inner(), flips.into_inner(), largest.into_inner()), (8_000, false, 3_999));
}

/// What one thread wrote before a release is read after the acquire that sees it.
#[test]
fn orderings_publish() {
    for fenced in [false, true] {
        let shared = Arc::new((AtomicU32::new(0), AtomicBool::new(false)));
        let writer = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.0.store(7, Relaxed);
                if fenced {
                    fence(Release);
                }
                shared.1.store(true, if fenced { Relaxed } else { Release });
            })
        };
        while !shared.1.load(if fenced { Relaxed } else { Acquire }) {
            thread::yield_now();
        }
        if fenced {
            fence(Acquire);
        }
        compiler_fence(SeqCst);
        assert_eq!(shared.0.load(Relaxed), 7);
        writer.join().unwrap();
    }
}

#[test]
fn orders_that_make_no_sense_panic() {
    let message = |f: &dyn Fn()| super::panic_of(f).0;
    let atomic = AtomicU8::new(0);
    let order = std::hint::black_box([Acquire, Release, AcqRel, Relaxed]);
    assert_eq!(message(&|| atomic.store(1, order[0])), "there is no such thing as an acquire store");
    assert_eq!(message(&|| atomic.store(1, order[2])), "there is no such thing as an acquire-release store");
    assert_eq!(message(&|| _ = atomic.load(order[1])), "there is no such thing as a release load");
    assert_eq!(message(&|| _ = atomic.load(order[2])), "there is no such thing as an acquire-release load");
    assert_eq!(message(&|| fence(order[3])), "there is no such thing as a relaxed fence");
    assert_eq!(
        message(&|| _ = atomic.compare_exchange(0, 1, SeqCst, order[1])),
        "there is no such thing as a release failure ordering"
    );
}
