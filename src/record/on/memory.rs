//! Memory that other threads read: never freed, and never from the program's own allocator.
//!
//! The program's `#[global_allocator]` may use watched locks itself; whatever the recorder allocates while a lock
//! is held would call back into it. The system's allocator never does.
#![allow(unsafe_code)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    ptr::NonNull,
};

/// Room for a value that lives as long as the program, filled with zero bytes. `None` when memory is short: the caller
/// records less. The value is made there, not on the stack first: a thread's whole stack may be smaller.
pub(super) fn zeroed<T>() -> Option<NonNull<T>> {
    const { assert!(size_of::<T>() > 0) };
    // SAFETY: the layout's size is not zero (checked above).
    NonNull::new(unsafe { System.alloc_zeroed(Layout::new::<T>()) }.cast::<T>())
}

/// The same, on pages of its own: among the program's own allocations, large aligned ones leave holes that nobody fills.
#[cfg(unix)]
pub(super) fn pages<T>() -> Option<NonNull<T>> {
    const { assert!(size_of::<T>() > 0 && align_of::<T>() <= 4096) };
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, wherever there is room.
    let at = unsafe { libc::mmap(std::ptr::null_mut(), size_of::<T>(), access, kind, -1, 0) };
    if at == libc::MAP_FAILED { None } else { NonNull::new(at.cast::<T>()) }
}

#[cfg(not(unix))]
pub(super) use zeroed as pages;

/// A value of all-zero atomics that lives as long as the program.
///
/// # Safety
/// All-zero bytes must be a valid `T`.
pub(super) unsafe fn leak_zeroed<T: Sync>() -> Option<&'static T> {
    // SAFETY: fresh, aligned and large enough; zero bytes are a `T` (the caller's promise); never freed.
    zeroed::<T>().map(|memory| unsafe { &*memory.as_ptr() })
}

/// Asks for the value's cache line, to be written to soon.
#[inline(always)]
pub(super) fn will_write<T>(value: &T) {
    let at = std::ptr::from_ref(value);
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint, which changes no memory and cannot fault. Processors that do not know it take it for a `nop`.
    unsafe {
        std::arch::asm!("prefetchw [{}]", in(reg) at, options(readonly, nostack, preserves_flags));
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: a hint, which changes no memory and cannot fault.
    unsafe {
        std::arch::asm!("prfm pstl1keep, [{}]", in(reg) at, options(readonly, nostack, preserves_flags));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = at;
}
