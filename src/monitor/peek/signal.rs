//! A thread that runs is asked by a signal, and copies its registers and the top of its stack.
//!
//! The signal is `SIGURG`: it is the one that a program which does not use it ignores, so that one that comes late, into
//! a program that has since been replaced by another, say, does nothing. A handler of the program's is left alone: then there
//! is no stack. Ours stays, once it is there, and does nothing unless its thread is asked.

use super::{
    desk::Desk,
    memory,
    unwind::{Registers, Stack},
};
use std::{
    cell::UnsafeCell,
    ffi::{c_int, c_void},
    sync::Mutex,
    time::{Duration, Instant},
};

const SIGNAL: c_int = libc::SIGURG;
/// How long a thread may take to answer: it is on a processor, or about to be.
const PATIENCE: Duration = Duration::from_millis(50);

static DESK: Desk = Desk::new();
static ANSWER: Buffer =
    Buffer(UnsafeCell::new(Answer { registers: Registers::NONE, len: 0, bytes: [0; memory::MOST] }));
/// Who asks.
static ASKER: Mutex<()> = Mutex::new(());

struct Answer {
    registers: Registers,
    len: usize,
    bytes: [u8; memory::MOST],
}

struct Buffer(UnsafeCell<Answer>);

#[allow(unsafe_code)]
// SAFETY: it is used by whom `DESK` has given it to, and by nobody else.
unsafe impl Sync for Buffer {}

/// Whether this set has our signal.
pub(super) fn is_in(set: u64) -> bool {
    set & 1 << (SIGNAL - 1) != 0
}

/// Our signal, as a bit, where its handler is ours.
pub(super) fn ours() -> u64 {
    if handler() == Some(own()) { 1 << (SIGNAL - 1) } else { 0 }
}

fn own() -> libc::sighandler_t {
    (answer as extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void)) as *const () as libc::sighandler_t
}

/// What the process does with the signal.
#[allow(unsafe_code)]
fn handler() -> Option<libc::sighandler_t> {
    // SAFETY: an action is plain numbers, of which zero is a value; the call writes it and changes nothing.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        (libc::sigaction(SIGNAL, std::ptr::null(), &mut action) == 0).then_some(action.sa_sigaction)
    }
}

/// Installs the handler where there is none; whether it is there.
#[allow(unsafe_code)]
fn install() -> bool {
    match handler() {
        Some(known) if known == own() => return true,
        Some(libc::SIG_DFL) => {}
        _ => return false,
    }
    // SAFETY: as above. The handler does what handlers may (see there). Where the program has put its own there since
    // we looked, it gets it back.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let mut before: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = own();
        action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
        if libc::sigaction(SIGNAL, &action, &mut before) != 0 {
            return false;
        }
        if before.sa_sigaction != libc::SIG_DFL {
            libc::sigaction(SIGNAL, &before, std::ptr::null_mut());
            return false;
        }
    }
    true
}

/// Runs in the thread that was asked, wherever it is: no lock, no allocation, no thread-local of ours.
#[allow(unsafe_code)]
extern "C" fn answer(_signal: c_int, _info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the C library's, of this thread.
    let errno = unsafe { *libc::__errno_location() };
    // SAFETY: a system call without arguments.
    let who = unsafe { libc::syscall(libc::SYS_gettid) } as u64;
    if DESK.take(who) {
        // SAFETY: the buffer is ours until we give it. The kernel hands a handler with SA_SIGINFO the registers.
        unsafe {
            let answer = &mut *ANSWER.0.get();
            answer.registers = Registers::of_context(&*context.cast::<libc::ucontext_t>());
            answer.len = memory::copy(answer.registers.sp(), &mut answer.bytes);
        }
        DESK.give();
    }
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = errno };
}

/// Asks a thread of this process that runs.
#[allow(unsafe_code)]
pub(super) fn ask(os_id: u64) -> Result<(Registers, Stack), &'static str> {
    let _only = super::super::lock(&ASKER);
    if !install() {
        return Err("Its stack cannot be had: the program handles SIGURG itself, by which its thread would be asked.");
    }
    const SILENT: &str = "Its stack cannot be had: the thread was asked, and has not answered.";
    if !DESK.ask(os_id) {
        return Err(SILENT);
    }
    // SAFETY: numbers only; a thread that has gone is an error.
    let sent = unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), os_id as libc::pid_t, SIGNAL) };
    let until = Instant::now() + PATIENCE;
    while sent == 0 && !DESK.is_given() && Instant::now() < until {
        std::thread::sleep(Duration::from_micros(50));
    }
    // Where it has just begun to write, what it writes is for nobody.
    if !DESK.is_given() {
        DESK.withdraw();
        return Err(SILENT);
    }
    // SAFETY: the answer is given: nobody writes to it until the desk is clear.
    let seen = unsafe {
        let answer = &*ANSWER.0.get();
        (answer.registers, Stack::new(answer.registers.sp(), &answer.bytes[..answer.len]))
    };
    DESK.clear();
    Ok(seen)
}
