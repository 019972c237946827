//! Where a thread is, as the kernel says it.

use std::fs;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// On a processor, or about to be. `blocked`: the signals that it does not take.
    Running {
        blocked: u64,
    },
    InCall(InCall),
    Unknown,
}

/// In a system call, which goes on. Two that are equal are the same stay: nobody leaves without being switched to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct InCall {
    pub(super) sp: u64,
    pub(super) pc: u64,
    switches: u64,
}

/// Two files are read, some 20 µs.
pub(super) fn of(os_id: u64) -> Place {
    let read = |name: &str| fs::read_to_string(format!("/proc/self/task/{os_id}/{name}"));
    let Ok(status) = read("status") else { return Place::Unknown };
    let call = read("syscall").ok();
    parse(&status, call.as_deref()).unwrap_or(Place::Unknown)
}

fn parse(status: &str, call: Option<&str>) -> Option<Place> {
    let field = |name| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let count = |name| field(name).and_then(|count: &str| count.parse::<u64>().ok());
    let blocked = u64::from_str_radix(field("SigBlk:")?, 16).ok()?;
    if field("State:")?.starts_with('R') {
        return Some(Place::Running { blocked });
    }
    let call = call?;
    if call.starts_with("running") {
        return Some(Place::Running { blocked });
    }
    let mut words = call.split_whitespace().rev();
    let mut number = || u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
    let (pc, sp) = (number()?, number()?);
    let switches = count("voluntary_ctxt_switches:")? + count("nonvoluntary_ctxt_switches:")?;
    Some(Place::InCall(InCall { sp, pc, switches }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_understood() {
        let status = "State:\tS (sleeping)\nSigBlk:\t0000000000400000\nvoluntary_ctxt_switches:\t3\nnonvoluntary_ctxt_switches:\t4\n";
        let call = "230 0x0 0x0 0x7f 0x7e 0x0 0x0 0x7fffddb65ac8 0x7fdeb9c02503\n";
        let there = InCall { sp: 0x7fff_ddb6_5ac8, pc: 0x7fde_b9c0_2503, switches: 7 };
        assert_eq!(parse(status, Some(call)), Some(Place::InCall(there)));
        assert_eq!(parse(status, Some("running\n")), Some(Place::Running { blocked: 1 << 22 }));
        assert_eq!(parse(&status.replace('S', "R"), None), None);
        assert_eq!(
            parse(&status.replace("S (sleeping)", "R (running)"), None),
            Some(Place::Running { blocked: 1 << 22 })
        );
        assert_eq!(parse(status, None), None);
        assert_eq!(parse(status, Some("")), None);
    }
}
