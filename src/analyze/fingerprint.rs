//! A name for a situation that is the same in the next run.

use crate::model::{ActorId, Because, Finding, Hold, ObjectId, On, Place, Rule, Step, Wait, World};
use std::fmt::Write;

/// 16 hexadecimal digits, equal for the same situation in this run and the next.
///
/// Made from the rule, and of each step the names, the kinds and the places in the source; not from identities,
/// addresses or times. It does not matter at which step a cycle starts, nor in which order the actors of a
/// standstill come or how many of them are at the same place. Digits in names do not count: `worker-3` and
/// `worker-7` do the same work.
pub fn fingerprint(finding: &Finding, world: &dyn World) -> String {
    let mut steps: Vec<String> = finding.steps.iter().map(|step| describe(finding.rule, step, world)).collect();
    match finding.rule {
        Rule::WaitCycle => steps = smallest_rotation(&steps),
        Rule::Standstill | Rule::LongHold | Rule::LongWait => {
            steps.sort_unstable();
            steps.dedup();
        }
    }
    format!("{:016x}", fnv(&format!("{:?}\n{}", finding.rule, steps.join("\n"))))
}

fn smallest_rotation(steps: &[String]) -> Vec<String> {
    let rotated = |start: usize| steps[start..].iter().chain(&steps[..start]);
    let start = (0..steps.len()).min_by(|&a, &b| rotated(a).cmp(rotated(b))).unwrap_or(0);
    rotated(start).cloned().collect()
}

fn describe(rule: Rule, step: &Step, world: &dyn World) -> String {
    let mut text = actor(step.actor, world);
    // What the holder in a long hold happens to wait for at this moment is no part of the situation.
    if let Some(wait) = step.wait.as_ref().filter(|_| rule != Rule::LongHold) {
        text += &describe_wait(wait, world);
    }
    match &step.because {
        Because::HeldBy { hold, .. } => text += &format!(" held {}", describe_hold(hold, world)),
        Because::LeakedBy { hold, .. } => text += &format!(" leaked {}", describe_hold(hold, world)),
        Because::QueuedBehind { .. } => text += " queued",
        Because::EndOf { actor: other } => text += &format!(" end {}", actor(*other, world)),
        Because::NobodyLeft => text += " nobody",
        Because::NotYet => text += " not yet",
    }
    text
}

fn describe_wait(wait: &Wait, world: &dyn World) -> String {
    let on = match wait.on {
        On::Object { object: id, mode } => format!("{mode:?} {}", object(id, world)),
        On::Lazy { object: id } => format!("lazy {}", object(id, world)),
        On::Notify { condvar, .. } => format!("notify {}", object(condvar, world)),
        On::Arrivals { barrier, .. } => format!("arrivals {}", object(barrier, world)),
        On::Actor(_) => "end".to_owned(),
        On::Scope(_) => "scope".to_owned(),
        On::NonDaemons => "non-daemons".to_owned(),
        On::Unpark => "unpark".to_owned(),
        On::Time => "time".to_owned(),
    };
    format!(" waits {on} at {}", place(world.place(wait.place)))
}

fn describe_hold(hold: &Hold, world: &dyn World) -> String {
    format!("{:?} {} at {}", hold.mode, object(hold.object, world), place(world.place(hold.place)))
}

fn actor(id: ActorId, world: &dyn World) -> String {
    match world.actor(id) {
        Some(info) => format!("{} {}", name(info.name), place(info.spawned)),
        None => "?".to_owned(),
    }
}

fn object(id: ObjectId, world: &dyn World) -> String {
    let info = world.object(id);
    format!("{} {} {}", info.kind.noun(), name(info.name), place(info.created))
}

fn place(place: Option<Place>) -> String {
    place.map_or_else(|| "?".to_owned(), |place| place.to_string().replace('\\', "/"))
}

fn name(name: Option<String>) -> String {
    let mut text = String::new();
    for character in name.unwrap_or_default().chars() {
        match character {
            '0'..='9' if text.ends_with('#') => {}
            '0'..='9' => text.push('#'),
            // Neither the end of a step nor of the name.
            _ => write!(text, "{}", character.escape_debug()).unwrap_or_default(),
        }
    }
    format!("`{text}`")
}

/// FNV-1a: the same on every machine and in every version.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
