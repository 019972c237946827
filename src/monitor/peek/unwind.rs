//! From registers and the top of a stack to return addresses, by what the compiler has written for unwinding.

use super::memory;
use gimli::{
    BaseAddresses, CfaRule, EhFrame, EhFrameHdr, NativeEndian, Pointer, Register, RegisterRule, UnwindContext,
    UnwindSection,
};
use std::ffi::{c_int, c_void};

/// Deeper stacks are cut.
const MOST_FRAMES: usize = 256;
/// How far away, in bytes, a function's frame pointer is looked for.
const FRAME: u64 = 8192;

/// DWARF's numbers of the registers that matter.
#[cfg(target_arch = "x86_64")]
mod number {
    pub(super) const SP: u16 = 7;
    pub(super) const FRAME: u16 = 6;
    pub(super) const BACK: u16 = 16;
    pub(super) const KEPT: [u16; 6] = [3, 6, 12, 13, 14, 15];
}
#[cfg(target_arch = "aarch64")]
mod number {
    pub(super) const SP: u16 = 31;
    pub(super) const FRAME: u16 = 29;
    pub(super) const BACK: u16 = 30;
    pub(super) const KEPT: [u16; 11] = [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29];
}

/// What is known of a thread's registers, by DWARF's numbers.
#[derive(Clone, Copy)]
pub(super) struct Registers {
    pc: u64,
    values: [Option<u64>; 32],
}

impl Registers {
    pub(super) const NONE: Registers = Registers { pc: 0, values: [None; 32] };

    /// In a system call: all that the kernel says.
    pub(super) fn of_call(pc: u64, sp: u64) -> Registers {
        let mut registers = Registers { pc, ..Registers::NONE };
        registers.set(number::SP, Some(sp));
        registers
    }

    /// As a signal's handler finds them.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn of_context(context: &libc::ucontext_t) -> Registers {
        use libc::{REG_R12, REG_R13, REG_R14, REG_R15, REG_RBP, REG_RBX, REG_RIP, REG_RSP};
        let value = |index: c_int| context.uc_mcontext.gregs[index as usize] as u64;
        // Behind the instruction, as a return address stands behind its call.
        let mut registers = Registers::of_call(value(REG_RIP), value(REG_RSP));
        let kept = [(3, REG_RBX), (6, REG_RBP), (12, REG_R12), (13, REG_R13), (14, REG_R14), (15, REG_R15)];
        for (number, index) in kept {
            registers.set(number, Some(value(index)));
        }
        registers
    }

    #[cfg(target_arch = "aarch64")]
    pub(super) fn of_context(context: &libc::ucontext_t) -> Registers {
        let context = &context.uc_mcontext;
        let mut registers = Registers::of_call(context.pc, context.sp);
        for (number, value) in context.regs.iter().enumerate().skip(19) {
            registers.set(number as u16, Some(*value));
        }
        registers
    }

    pub(super) fn sp(&self) -> u64 {
        self.get(number::SP).unwrap_or(0)
    }

    fn get(&self, number: u16) -> Option<u64> {
        self.values.get(usize::from(number)).copied().flatten()
    }

    fn set(&mut self, number: u16, value: Option<u64>) {
        if let Some(place) = self.values.get_mut(usize::from(number)) {
            *place = value;
        }
    }
}

/// The top of a thread's stack, copied.
pub(super) struct Stack {
    start: u64,
    bytes: Vec<u8>,
}

impl Stack {
    pub(super) fn new(start: u64, bytes: &[u8]) -> Stack {
        Stack { start, bytes: bytes.to_vec() }
    }

    /// Copies it from where it is.
    pub(super) fn read(start: u64) -> Stack {
        let mut bytes = vec![0; memory::MOST];
        let len = memory::copy(start, &mut bytes);
        bytes.truncate(len);
        Stack { start, bytes }
    }

    fn word(&self, at: u64) -> Option<u64> {
        let from = usize::try_from(at.checked_sub(self.start)?).ok()?;
        let bytes = self.bytes.get(from..from.checked_add(8)?)?;
        Some(u64::from_ne_bytes(bytes.try_into().ok()?))
    }
}

/// Return addresses, innermost first, and whether they go to the thread's first function.
pub(super) fn unwind(mut registers: Registers, stack: &Stack) -> (Vec<u64>, bool) {
    // What is allocated here is not while the loader's lock is held.
    let mut context = UnwindContext::new();
    let mut frames = vec![registers.pc.wrapping_add(1)];
    while frames.len() < MOST_FRAMES {
        // A return address may stand behind its function's end.
        let address = if frames.len() == 1 { registers.pc } else { registers.pc.wrapping_sub(1) };
        match step(address, &registers, stack, &mut context) {
            Some(Some(caller)) if caller.sp() > registers.sp() || frames.len() == 1 => registers = caller,
            Some(None) => return (frames, true),
            Some(Some(_)) | None => return (frames, false),
        }
        frames.push(registers.pc);
    }
    (frames, true)
}

/// Who has called, if anybody has. `None`: that is not known.
type Step = Option<Option<Registers>>;

/// One step, while the loader holds what is loaded in its place.
#[allow(unsafe_code)]
fn step(address: u64, registers: &Registers, stack: &Stack, context: &mut UnwindContext<usize>) -> Step {
    let mut search = Search { address, registers, stack, context, found: None };
    let data: *mut Search<'_> = &mut search;
    // SAFETY: `each` gets this very pointer back, during the call only, and nobody else uses what it points at.
    unsafe {
        libc::dl_iterate_phdr(Some(each), data.cast());
    }
    search.found
}

struct Search<'a> {
    address: u64,
    registers: &'a Registers,
    stack: &'a Stack,
    context: &'a mut UnwindContext<usize>,
    found: Step,
}

#[allow(unsafe_code)]
unsafe extern "C" fn each(info: *mut libc::dl_phdr_info, _size: usize, data: *mut c_void) -> c_int {
    // SAFETY: both are valid for this call: the loader's entry, and what `step` has handed in.
    let (info, search) = unsafe { (&*info, &mut *data.cast::<Search<'_>>()) };
    // SAFETY: as many headers as the entry says.
    let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    // In 32-bit programs these are `u32`; here they are what they say.
    let base = info.dlpi_addr;
    let range = |header: &libc::Elf64_Phdr| {
        let start = base.wrapping_add(header.p_vaddr);
        start..start.saturating_add(header.p_memsz)
    };
    let loaded = || headers.iter().filter(|it| it.p_type == libc::PT_LOAD && it.p_flags & libc::PF_R != 0).map(range);
    if !headers.iter().filter(|it| it.p_type == libc::PT_LOAD).map(range).any(|it| it.contains(&search.address)) {
        return 0;
    }
    let section = |at: u64| {
        let segment = loaded().find(|segment| segment.contains(&at))?;
        // SAFETY: a segment that is loaded and can be read, and stays while the loader is in this call.
        Some(unsafe {
            std::slice::from_raw_parts(
                std::ptr::with_exposed_provenance::<u8>(at as usize),
                (segment.end - at) as usize,
            )
        })
    };
    let index = headers.iter().find(|it| it.p_type == libc::PT_GNU_EH_FRAME).map(|it| range(it).start);
    if let Some(index) = index {
        search.found = search.step(index, &section);
    }
    1
}

impl<'a> Search<'a> {
    /// `index`: where the table of functions is.
    fn step(&mut self, index: u64, section: &dyn Fn(u64) -> Option<&'a [u8]>) -> Step {
        let bases = BaseAddresses::default().set_eh_frame_hdr(index);
        let header = EhFrameHdr::new(section(index)?, NativeEndian).parse(&bases, 8).ok()?;
        let Pointer::Direct(at) = header.eh_frame_ptr() else { return None };
        let bases = bases.set_eh_frame(at);
        let frames = vendored(EhFrame::new(section(at)?, NativeEndian));
        let table = header.table()?;
        let function = table.fde_for_address(&frames, &bases, self.address, EhFrame::cie_from_offset).ok()?;
        let row = function.unwind_info_for_address(&frames, &bases, self.context, self.address).ok()?;
        let CfaRule::RegisterAndOffset { register, offset } = *row.cfa() else { return None };
        let mut known = *self.registers;
        if register.0 == number::FRAME && known.get(number::FRAME).is_none() {
            known.set(number::FRAME, frame_of(function.initial_address(), &known, self.stack));
        }
        let cfa = known.get(register.0)?.wrapping_add_signed(offset);
        caller(&known, cfa, self.stack, |number| row.register(Register(number)))
    }
}

#[cfg(target_arch = "aarch64")]
fn vendored<R: gimli::Reader>(mut frames: EhFrame<R>) -> EhFrame<R> {
    frames.set_vendor(gimli::Vendor::AArch64);
    frames
}

#[cfg(target_arch = "x86_64")]
fn vendored<R: gimli::Reader>(frames: EhFrame<R>) -> EhFrame<R> {
    frames
}

/// The registers of who has called. `rule`: what the table says of a register, which is nothing where it is as it was.
fn caller(known: &Registers, cfa: u64, stack: &Stack, rule: impl Fn(u16) -> Option<RegisterRule<usize>>) -> Step {
    let value = |number: u16| match rule(number) {
        None | Some(RegisterRule::SameValue) => known.get(number),
        Some(RegisterRule::Offset(offset)) => stack.word(cfa.wrapping_add_signed(offset)),
        Some(RegisterRule::ValOffset(offset)) => Some(cfa.wrapping_add_signed(offset)),
        Some(RegisterRule::Register(other)) => known.get(other.0),
        Some(_) => None,
    };
    let back = match rule(number::BACK) {
        Some(RegisterRule::Undefined) => return Some(None),
        _ => bare(value(number::BACK)?),
    };
    if back == 0 {
        return Some(None);
    }
    let mut caller = Registers::of_call(back, cfa);
    for number in number::KEPT {
        caller.set(number, value(number));
    }
    Some(Some(caller))
}

/// A return address without the processor's signature.
fn bare(address: u64) -> u64 {
    if cfg!(target_arch = "aarch64") { address & 0x0000_ffff_ffff_ffff } else { address }
}

/// The frame pointer of a function, where the register is not known: as far above the stack pointer as its first
/// instructions have made room; or else below its return address, which is known by the call in front of it, which comes to
/// this very function.
fn frame_of(function: u64, known: &Registers, stack: &Stack) -> Option<u64> {
    let made = room(function).and_then(|room| known.sp().checked_add(room));
    let follows_call = |&frame: &u64| frame.checked_add(8).and_then(|at| stack.word(at)).is_some_and(is_behind_call);
    let by_call = || {
        let start = known.sp().next_multiple_of(8);
        let is_it = |at: &u64| stack.word(*at).is_some_and(|back| calls(back, function));
        (start..start.saturating_add(FRAME)).step_by(8).find(is_it)?.checked_sub(8)
    };
    made.filter(follows_call).or_else(by_call)
}

/// How far below its frame pointer a function's stack pointer is when it calls, by the way in which compilers begin one.
#[cfg(target_arch = "x86_64")]
fn room(function: u64) -> Option<u64> {
    let mut code = [0; 64];
    let len = memory::copy(function, &mut code);
    let code = &code[..len];
    let code = code.strip_prefix(&[0xf3, 0x0f, 0x1e, 0xfa]).unwrap_or(code);
    let mut code = code.strip_prefix(&[0x55, 0x48, 0x89, 0xe5])?;
    let mut room = 0;
    loop {
        match *code {
            // Pushes,
            [0x50..=0x57, ref rest @ ..] | [0x41, 0x50..=0x57, ref rest @ ..] => (room, code) = (room + 8, rest),
            // and one subtraction.
            [0x48, 0x83, 0xec, bytes, ..] => return Some(room + u64::from(bytes)),
            [0x48, 0x81, 0xec, a, b, c, d, ..] => return Some(room + u64::from(u32::from_le_bytes([a, b, c, d]))),
            _ => return Some(room),
        }
    }
}

#[cfg(target_arch = "aarch64")]
fn room(_function: u64) -> Option<u64> {
    None
}

/// Whether there is a call before this address.
#[cfg(target_arch = "x86_64")]
fn is_behind_call(back: u64) -> bool {
    let mut code = [0; 7];
    let at = back.checked_sub(7).filter(|&at| at > 4096 && at < 1 << 47);
    if at.is_none_or(|at| memory::copy(at, &mut code) != 7) {
        return false;
    }
    // `call` by distance, or by a register or a word of memory, in each of its lengths.
    let indirect = |from: usize| code[from] == 0xff && code[from + 1] >> 3 & 7 == 2;
    code[2] == 0xe8 || [0, 1, 3, 4, 5].into_iter().any(indirect)
}

#[cfg(target_arch = "aarch64")]
fn is_behind_call(_back: u64) -> bool {
    false
}

/// Whether the call before this address is one of that function, or of one that ends by jumping to it.
fn calls(back: u64, function: u64) -> bool {
    called(bare(back)).is_some_and(|called| called == function || jumps(called, function))
}

/// How much of a function that jumps to another is looked at.
const SHORT: usize = 128;

/// What the call before this address calls, where that stands in the code or in the linker's table.
#[cfg(target_arch = "x86_64")]
fn called(back: u64) -> Option<u64> {
    let mut code = [0; 6];
    let at = back.checked_sub(6).filter(|&at| at > 4096 && at < 1 << 47)?;
    if memory::copy(at, &mut code) != 6 {
        return None;
    }
    let distance = i64::from(i32::from_le_bytes([code[2], code[3], code[4], code[5]]));
    let target = back.wrapping_add_signed(distance);
    match code {
        [0xff, 0x15, ..] => memory::word(target),
        [_, 0xe8, ..] => Some(target),
        _ => None,
    }
}

#[cfg(target_arch = "x86_64")]
fn jumps(from: u64, to: u64) -> bool {
    let mut code = [0; SHORT];
    let len = memory::copy(from, &mut code);
    let jumps = |(at, code): (usize, &[u8])| {
        let distance = i64::from(i32::from_le_bytes([code[1], code[2], code[3], code[4]]));
        code[0] == 0xe9 && from.wrapping_add(at as u64 + 5).wrapping_add_signed(distance) == to
    };
    code[..len].windows(5).enumerate().any(jumps)
}

#[cfg(target_arch = "aarch64")]
fn called(back: u64) -> Option<u64> {
    let mut code = [0; 4];
    let at = back.checked_sub(4).filter(|&at| at > 4096)?;
    (memory::copy(at, &mut code) == 4).then(|| branch(at, u32::from_le_bytes(code), 0b100101))?
}

#[cfg(target_arch = "aarch64")]
fn jumps(from: u64, to: u64) -> bool {
    let mut code = [0; SHORT];
    let len = memory::copy(from, &mut code);
    let jumps = |(at, code): (usize, &[u8])| {
        let code = u32::from_le_bytes([code[0], code[1], code[2], code[3]]);
        branch(from.wrapping_add(4 * at as u64), code, 0b000101) == Some(to)
    };
    code[..len].chunks_exact(4).enumerate().any(jumps)
}

/// Where `b` or `bl` goes: 26 bits of distance, in words.
#[cfg(target_arch = "aarch64")]
fn branch(at: u64, code: u32, kind: u32) -> Option<u64> {
    let distance = i64::from((code << 6).cast_signed() >> 6) * 4;
    (code >> 26 == kind).then(|| at.wrapping_add_signed(distance))
}
