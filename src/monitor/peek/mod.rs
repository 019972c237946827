//! The stack of a thread that does not come back, taken from outside while it goes on.
//!
//! | file | idea |
//! |---|---|
//! | `place` | where a thread is that sits in a system call: the kernel says, and the thread is left alone |
//! | `desk` | who may write to the one buffer, and until when |
//! | `signal` | a thread that runs copies its registers and its stack itself, in a signal's handler |
//! | `memory` | bytes of this process that may not be there |
//! | `unwind` | from registers and bytes to return addresses |
//!
//! A signal ends some system calls early, and a program may not be ready for that. So only a thread that is on a
//! processor gets one; of all others the kernel tells where they are.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod desk;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod memory;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod place;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod signal;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod unwind;

use crate::report::{Frame, Report};

/// What was seen of a thread.
pub(super) struct Peek {
    os_id: u64,
    /// Innermost first, as return addresses are: the instruction behind the call.
    frames: Vec<u64>,
    /// Why there is no more of it.
    remark: Option<&'static str>,
}

impl Peek {
    /// Gives the report what was seen.
    pub(super) fn add_to(&self, report: &mut Report) {
        let frame = |&address: &u64| Frame { address, function: None, place: None };
        for thread in report.threads.iter_mut().filter(|thread| thread.os_id == Some(self.os_id)) {
            thread.stack = self.frames.iter().map(frame).collect();
        }
        report.story.extend(self.remark.map(str::to_owned));
    }
}

/// Looks at the thread with this number. Some 100 µs; where a thread that runs does not answer, 50 ms.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn at(os_id: u64) -> Peek {
    match seen(os_id) {
        Ok((registers, stack)) => {
            let (frames, complete) = unwind::unwind(registers, &stack);
            Peek { os_id, frames, remark: (!complete).then_some("Its stack ends where what called cannot be told.") }
        }
        Err(why) => Peek { os_id, frames: Vec::new(), remark: Some(why) },
    }
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) fn at(os_id: u64) -> Peek {
    Peek { os_id, frames: Vec::new(), remark: None }
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn seen(os_id: u64) -> Result<(unwind::Registers, unwind::Stack), &'static str> {
    // A thread that goes from call to call is met in one of them, or between two.
    for _ in 0..8 {
        match place::of(os_id) {
            place::Place::Unknown => return Err("Its stack cannot be had: the system does not say where it is."),
            place::Place::Running { blocked } if signal::is_in(blocked) => {
                return Err("Its stack cannot be had: the thread blocks SIGURG, by which it would be asked.");
            }
            place::Place::Running { .. } => return signal::ask(os_id),
            place::Place::InCall(place) => {
                let registers = unwind::Registers::of_call(place.pc, place.sp);
                let stack = unwind::Stack::read(place.sp);
                if place::of(os_id) == place::Place::InCall(place) {
                    return Ok((registers, stack));
                }
            }
        }
    }
    Err("Its stack cannot be had: the thread does not stay anywhere for long enough.")
}

/// The signals that have a handler of ours, as bits.
pub(super) fn signals() -> u64 {
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    let ours = signal::ours();
    #[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
    let ours = 0;
    ours
}

#[cfg(all(test, target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests;
