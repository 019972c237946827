//! Memory that other threads read: never freed, and never from the program's own allocator.
//!
//! The program's `#[global_allocator]` may use watched locks itself; whatever the recorder allocates while a lock
//! is held would call back into it. The system's allocator never does.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};

/// A value that lives as long as the program. `None` when memory is short: the caller records less.
pub(super) fn leak<T: Sync>(value: T) -> Option<&'static T> {
    const { assert!(size_of::<T>() > 0) };
    // SAFETY: the layout's size is not zero (checked above).
    let memory = unsafe { System.alloc(Layout::new::<T>()) }.cast::<T>();
    if memory.is_null() {
        return None;
    }
    // SAFETY: `memory` is fresh, aligned and large enough for a `T`; it is initialised before a reference is made,
    // and nothing ever frees it.
    unsafe {
        memory.write(value);
        Some(&*memory)
    }
}

/// A value of all-zero atomics that lives as long as the program, without building it on the stack first.
///
/// # Safety
/// All-zero bytes must be a valid `T`.
pub(super) unsafe fn leak_zeroed<T: Sync>() -> Option<&'static T> {
    const { assert!(size_of::<T>() > 0) };
    // SAFETY: the layout's size is not zero (checked above).
    let memory = unsafe { System.alloc_zeroed(Layout::new::<T>()) }.cast::<T>();
    // SAFETY: null or fresh, aligned and large enough; zero bytes are a `T` (the caller's promise); never freed.
    unsafe { memory.as_ref() }
}
