//! Stacks, captured by the thread itself, unresolved.

use super::{
    clock,
    slot::{FRAMES, HOLD_FRAMES, Slot},
};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

static WAITS: AtomicBool = AtomicBool::new(true);

/// Whether threads that wait capture their stacks.
pub(crate) fn set_waits(on: bool) {
    WAITS.store(on, Relaxed);
}

/// Whether acquisitions capture their stacks.
pub(crate) fn set_holds(on: bool) {
    if on { clock::set_extra(clock::extra::STACKS, 0) } else { clock::set_extra(0, clock::extra::STACKS) }
}

/// The stack with which the owner is about to wait: about 5 µs.
pub(super) fn before_wait(slot: &Slot) {
    if !WAITS.load(Relaxed) {
        slot.keep_stack(&[]);
        return;
    }
    let mut frames = [0; FRAMES];
    let len = unwind(&mut frames);
    slot.keep_stack(&frames[..len]);
}

#[allow(unsafe_code)]
fn unwind(frames: &mut [usize]) -> usize {
    let mut len = 0;
    let each = |frame: &backtrace::Frame| {
        if let Some(place) = frames.get_mut(len) {
            *place = frame.ip().addr();
            len += 1;
        }
        len < frames.len()
    };
    // Without the crate's lock, which the watchdog may hold for long while it resolves symbols.
    // SAFETY: what must not run at the same time is Windows' dbghelp; there the synchronised one is used.
    #[cfg(not(windows))]
    unsafe {
        backtrace::trace_unsynchronized(each);
    }
    #[cfg(windows)]
    backtrace::trace(each);
    len
}

/// The stack of an acquisition, by frame pointers: a few ns a frame. As far as the build keeps them, else short.
pub(super) fn of_acquisition(slot: &Slot, index: usize) {
    let mut frames = [0; HOLD_FRAMES];
    let len = walk(&mut frames);
    slot.keep_hold_stack(index, &frames[..len]);
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[allow(unsafe_code)]
#[inline(always)]
fn walk(frames: &mut [usize]) -> usize {
    let mut frame: usize;
    // SAFETY: copies the frame pointer's register; touches neither memory nor flags.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("mov {}, rbp", out(reg) frame, options(nomem, nostack, preserves_flags));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("mov {}, x29", out(reg) frame, options(nomem, nostack, preserves_flags));
    }
    let here = std::ptr::from_ref(&frame).addr();
    let end = bounds::end();
    let mut low = here;
    let mut len = 0;
    // A record is the caller's frame pointer and the return address. Without frame pointers the register holds
    // anything: only what lies on this stack, above what was read before, is followed.
    while len < frames.len() && frame > low && frame.is_multiple_of(8) && frame.saturating_add(16) <= end {
        let record = std::ptr::with_exposed_provenance::<[usize; 2]>(frame);
        // SAFETY: `low < frame` and `frame + 16 <= end`: inside this thread's own stack, which is mapped and
        // readable up to its end; 8-aligned. Whatever the words are, they are only compared and stored.
        let [next, back] = unsafe { record.read_volatile() };
        if back == 0 {
            break;
        }
        frames[len] = back;
        len += 1;
        low = frame;
        frame = next;
    }
    len
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn walk(frames: &mut [usize]) -> usize {
    unwind(frames)
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod bounds {
    use std::cell::Cell;

    thread_local! {
        static END: Cell<usize> = const { Cell::new(0) };
    }

    /// The end of this thread's stack; 0 where it is not known. Asked once a thread.
    pub(super) fn end() -> usize {
        match END.get() {
            0 => {
                let end = ask();
                END.set(end.max(1));
                end
            }
            end => end,
        }
    }

    #[allow(unsafe_code)]
    fn ask() -> usize {
        let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
        // SAFETY: the calling thread exists; on success the attributes are initialised, read once and destroyed.
        unsafe {
            if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
                return 0;
            }
            let (mut low, mut size) = (std::ptr::null_mut(), 0);
            let failed = libc::pthread_attr_getstack(attributes.as_ptr(), &mut low, &mut size) != 0;
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
            if failed { 0 } else { low.addr() + size }
        }
    }
}
