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

/// Whether they do.
pub(crate) fn of_waits() -> bool {
    WAITS.load(Relaxed)
}

/// Whether acquisitions capture their stacks.
pub(crate) fn set_holds(on: bool) {
    if on { clock::set_extra(clock::extra::STACKS, 0) } else { clock::set_extra(0, clock::extra::STACKS) }
}

/// The stack with which the owner waits, once it has said for what: about 5 µs the first time, some 20 ns where it is
/// the same as the last time.
pub(super) fn of_wait(slot: &Slot) {
    if !WAITS.load(Relaxed) {
        return;
    }
    let above = Above::here();
    if !is_unchanged(slot, &above) {
        capture(slot, &above);
    }
    slot.show_stack();
}

/// Whether the last captured stack is still this one: captured from the same depth, and every return address is still
/// where it was then. Threads wait again and again in the same loops.
fn is_unchanged(slot: &Slot, above: &Above) -> bool {
    let known = &slot.returns;
    let len = known.len.load(Relaxed);
    if known.here.load(Relaxed) != above.here || len == 0 {
        return false;
    }
    let is_there = |index: usize| above.returns_to(known.places[index].load(Relaxed), slot.frame(index));
    (known.first.load(Relaxed)..len.min(FRAMES)).all(is_there)
}

fn capture(slot: &Slot, above: &Above) {
    let mut frames = [0; FRAMES];
    let mut places = [0; FRAMES];
    let len = unwind(&mut frames, &mut places);
    slot.keep_stack(&frames[..len]);
    let known = &slot.returns;
    known.here.store(above.here, Relaxed);
    // The innermost frames are the capturing itself.
    let first = (0..len).find(|&index| places[index] > above.here).unwrap_or(len);
    // All but the outermost, which nobody has called: a thread begins in the same function as long as it lives.
    let called = len.saturating_sub(1);
    // A return address that is not where it is expected (another calling convention, a signal's frame) makes the
    // whole stack one that has to be captured anew each time. All of them on this thread's own stack, that is: what lies between two stacks (a coroutine's and ours, say) may
    // not be mapped any more when we look again.
    let sure = (first..called).all(|index| above.returns_to(places[index], frames[index]));
    known.first.store(first, Relaxed);
    known.len.store(if sure && first < called { called } else { 0 }, Relaxed);
    for (known, place) in known.places.iter().zip(places) {
        known.store(place, Relaxed);
    }
}

/// What lies above a frame on the calling thread's own stack, which is mapped as long as the frame lives.
pub(super) struct Above {
    here: usize,
    end: usize,
}

impl Above {
    /// Above the caller's frame, which has to outlive it. On another stack than the thread's own, nothing.
    #[inline(always)]
    pub(super) fn here() -> Above {
        let here = 0_u8;
        let here = std::ptr::from_ref(std::hint::black_box(&here)).expose_provenance();
        let stack = own_stack();
        Above { here, end: if stack.contains(&here) { stack.end } else { 0 } }
    }

    /// The same, but for what lies further than there. If it is not on the stack, all.
    pub(super) fn below(self, there: usize) -> Above {
        let end = if (self.here..self.end).contains(&there) { there } else { self.end };
        Above { end, ..self }
    }

    /// How far above the frame a place is, if it is one of those.
    pub(super) fn offset(&self, place: usize) -> Option<usize> {
        place.checked_sub(self.here).filter(|offset| *offset > 0 && place < self.end)
    }

    /// Whether this return address is at that place, which is one of those.
    #[inline]
    fn returns_to(&self, place: usize, back: usize) -> bool {
        self.offset(place).and_then(|offset| self.word(offset)) == Some(back)
    }

    /// The word that lies so far above it.
    #[inline]
    #[allow(unsafe_code)]
    pub(super) fn word(&self, offset: usize) -> Option<usize> {
        let at = self.here.checked_add(offset)?;
        let on_stack = at.is_multiple_of(size_of::<usize>()) && at.checked_add(size_of::<usize>())? <= self.end;
        // SAFETY: aligned, and between a frame of this thread's own stack that is still there (`here`'s promise) and the
        // stack's end: mapped, and initialised or not a word of memory that nobody else writes.
        on_stack.then(|| unsafe { std::ptr::with_exposed_provenance::<usize>(at).read_volatile() })
    }
}

#[allow(unsafe_code)]
pub(super) fn unwind(frames: &mut [usize], places: &mut [usize]) -> usize {
    let mut len = 0;
    let each = |frame: &backtrace::Frame| {
        if let (Some(ip), Some(place)) = (frames.get_mut(len), places.get_mut(len)) {
            *ip = frame.ip().addr();
            // On x86-64 a call pushes its return address right below the caller's stack pointer.
            *place = frame.sp().addr().wrapping_sub(size_of::<usize>());
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
    let stack = bounds::stack();
    // On another stack (a coroutine's, a signal handler's) there is no telling what is mapped between it and ours.
    let end = if stack.contains(&here) { stack.end } else { 0 };
    let mut low = here;
    let mut len = 0;
    // A record is the caller's frame pointer and the return address. Without frame pointers the register holds
    // anything: only what lies on this stack, above what was read before, is followed.
    while len < frames.len() && frame > low && frame.is_multiple_of(8) && frame.saturating_add(16) <= end {
        let record = std::ptr::with_exposed_provenance::<[usize; 2]>(frame);
        // SAFETY: `low < frame` and `frame + 16 <= end`: inside this thread's own stack, above the current frame
        // (`here` is on it), where it is mapped and readable up to its end; 8-aligned. Whatever the words are, they are only compared and stored.
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
    unwind(frames, &mut [0; HOLD_FRAMES])
}

/// This thread's stack; empty where it is not known.
fn own_stack() -> std::ops::Range<usize> {
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    let stack = bounds::stack();
    #[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
    let stack = 0..0;
    stack
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod bounds {
    use std::{cell::Cell, ops::Range};

    thread_local! {
        static STACK: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    }

    /// This thread's stack; empty where it is not known. Asked once a thread.
    pub(super) fn stack() -> Range<usize> {
        if STACK.get().1 == 0 {
            let Range { start, end } = ask();
            STACK.set((start, end.max(1)));
        }
        let (start, end) = STACK.get();
        start..end
    }

    #[allow(unsafe_code)]
    fn ask() -> Range<usize> {
        let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
        // SAFETY: the calling thread exists; on success the attributes are initialised, read once and destroyed.
        unsafe {
            if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
                return 0..0;
            }
            let (mut low, mut size) = (std::ptr::null_mut(), 0);
            let failed = libc::pthread_attr_getstack(attributes.as_ptr(), &mut low, &mut size) != 0;
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
            if failed { 0..0 } else { low.addr()..low.addr() + size }
        }
    }
}
