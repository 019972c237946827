use super::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32,
    AtomicU64, AtomicUsize, Ordering, compiler_fence, fence,
};

macro_rules! of_integers {
    ($($atomic:ident $value:ident)+) => {$({
        type Integer = $atomic;
        type Fetch = fn(&Integer, $value, Ordering) -> $value;
        type Compare = fn(&Integer, $value, $value, Ordering, Ordering) -> Result<$value, $value>;
        let _: fn($value) -> Integer = Integer::new;
        let _: unsafe fn(*mut $value) -> &'static Integer = Integer::from_ptr;
        let _: fn(&mut Integer) -> &mut $value = Integer::get_mut;
        let _: fn(Integer) -> $value = Integer::into_inner;
        let _: fn(&Integer) -> *mut $value = Integer::as_ptr;
        let _: fn(&Integer, Ordering) -> $value = Integer::load;
        let _: fn(&Integer, $value, Ordering) = Integer::store;
        #[expect(deprecated, reason = "std still has it")]
        let _: fn(&Integer, $value, $value, Ordering) -> $value = Integer::compare_and_swap;
        let _: [Compare; 2] = [Integer::compare_exchange, Integer::compare_exchange_weak];
        let _: [Fetch; 3] = [Integer::swap, Integer::fetch_add, Integer::fetch_sub];
        let _: [Fetch; 4] = [Integer::fetch_and, Integer::fetch_nand, Integer::fetch_or, Integer::fetch_xor];
        let _: [Fetch; 2] = [Integer::fetch_max, Integer::fetch_min];
        let some: fn($value) -> Option<$value> = Some;
        let atomic = Integer::new(1);
        let fetched: [Result<$value, $value>; 2] = [
            Integer::fetch_update::<fn($value) -> Option<$value>>(&atomic, Ordering::SeqCst, Ordering::SeqCst, some),
            Integer::try_update(&atomic, Ordering::SeqCst, Ordering::SeqCst, some),
        ];
        assert_eq!(fetched, [Ok(1); 2]);
        let same: $value = Integer::update(&atomic, Ordering::SeqCst, Ordering::SeqCst, |value| value);
        assert_eq!(same, 1);
    })+};
}

#[test]
fn of_integers() {
    of_integers! {
        AtomicI8 i8 AtomicI16 i16 AtomicI32 i32 AtomicI64 i64 AtomicIsize isize
        AtomicU8 u8 AtomicU16 u16 AtomicU32 u32 AtomicU64 u64 AtomicUsize usize
    }
}

#[test]
fn of_booleans() {
    type Fetch = fn(&AtomicBool, bool, Ordering) -> bool;
    type Compare = fn(&AtomicBool, bool, bool, Ordering, Ordering) -> Result<bool, bool>;
    let _: fn(bool) -> AtomicBool = AtomicBool::new;
    let _: unsafe fn(*mut bool) -> &'static AtomicBool = AtomicBool::from_ptr;
    let _: fn(&mut AtomicBool) -> &mut bool = AtomicBool::get_mut;
    let _: fn(AtomicBool) -> bool = AtomicBool::into_inner;
    let _: fn(&AtomicBool) -> *mut bool = AtomicBool::as_ptr;
    let _: fn(&AtomicBool, Ordering) -> bool = AtomicBool::load;
    let _: fn(&AtomicBool, bool, Ordering) = AtomicBool::store;
    #[expect(deprecated, reason = "std still has it")]
    let _: fn(&AtomicBool, bool, bool, Ordering) -> bool = AtomicBool::compare_and_swap;
    let _: [Compare; 2] = [AtomicBool::compare_exchange, AtomicBool::compare_exchange_weak];
    let _: [Fetch; 3] = [AtomicBool::swap, AtomicBool::fetch_and, AtomicBool::fetch_nand];
    let _: [Fetch; 2] = [AtomicBool::fetch_or, AtomicBool::fetch_xor];
    let _: fn(&AtomicBool, Ordering) -> bool = AtomicBool::fetch_not;
    let some: fn(bool) -> Option<bool> = Some;
    let atomic = AtomicBool::new(true);
    let fetched: [Result<bool, bool>; 2] = [
        AtomicBool::fetch_update::<fn(bool) -> Option<bool>>(&atomic, Ordering::SeqCst, Ordering::SeqCst, some),
        AtomicBool::try_update(&atomic, Ordering::SeqCst, Ordering::SeqCst, some),
    ];
    assert_eq!(fetched, [Ok(true); 2]);
    let same: bool = AtomicBool::update(&atomic, Ordering::SeqCst, Ordering::SeqCst, |value| value);
    assert!(same);
}

#[test]
fn of_pointers() {
    type Pointer = AtomicPtr<u16>;
    type Fetch = fn(&Pointer, usize, Ordering) -> *mut u16;
    type Compare = fn(&Pointer, *mut u16, *mut u16, Ordering, Ordering) -> Result<*mut u16, *mut u16>;
    let _: fn(*mut u16) -> Pointer = AtomicPtr::new;
    let _: unsafe fn(*mut *mut u16) -> &'static Pointer = AtomicPtr::from_ptr;
    let _: fn(&mut Pointer) -> &mut *mut u16 = AtomicPtr::get_mut;
    let _: fn(Pointer) -> *mut u16 = AtomicPtr::into_inner;
    let _: fn(&Pointer) -> *mut *mut u16 = AtomicPtr::as_ptr;
    let _: fn(&Pointer, Ordering) -> *mut u16 = AtomicPtr::load;
    let _: fn(&Pointer, *mut u16, Ordering) = AtomicPtr::store;
    let _: fn(&Pointer, *mut u16, Ordering) -> *mut u16 = AtomicPtr::swap;
    #[expect(deprecated, reason = "std still has it")]
    let _: fn(&Pointer, *mut u16, *mut u16, Ordering) -> *mut u16 = AtomicPtr::compare_and_swap;
    let _: [Compare; 2] = [AtomicPtr::compare_exchange, AtomicPtr::compare_exchange_weak];
    let _: [Fetch; 2] = [AtomicPtr::fetch_ptr_add, AtomicPtr::fetch_ptr_sub];
    let _: [Fetch; 2] = [AtomicPtr::fetch_byte_add, AtomicPtr::fetch_byte_sub];
    let _: [Fetch; 3] = [AtomicPtr::fetch_or, AtomicPtr::fetch_and, AtomicPtr::fetch_xor];
    let some: fn(*mut u16) -> Option<*mut u16> = Some;
    let atomic = Pointer::new(std::ptr::null_mut());
    let fetched: [Result<*mut u16, *mut u16>; 2] = [
        AtomicPtr::fetch_update::<fn(*mut u16) -> Option<*mut u16>>(&atomic, Ordering::SeqCst, Ordering::SeqCst, some),
        AtomicPtr::try_update(&atomic, Ordering::SeqCst, Ordering::SeqCst, some),
    ];
    assert_eq!(fetched, [Ok(std::ptr::null_mut()); 2]);
    let same: *mut u16 = AtomicPtr::update(&atomic, Ordering::SeqCst, Ordering::SeqCst, |value| value);
    assert!(same.is_null());
}

#[test]
fn of_functions() {
    let _: [fn(Ordering); 2] = [fence, compiler_fence];
    #[expect(deprecated, reason = "std still has it")]
    let _: fn() = super::sync::atomic::spin_loop_hint;
    let _: [Ordering; 5] =
        [Ordering::Relaxed, Ordering::Release, Ordering::Acquire, Ordering::AcqRel, Ordering::SeqCst];
}
