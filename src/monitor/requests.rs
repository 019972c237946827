//! Who asks the watchdog to look, and what it answers.

use super::lock;
use crate::model::ActorId;
use std::{
    sync::{Condvar, Mutex},
    time::Duration,
};

/// Requests that are kept; more are found by the sweep.
const MOST: usize = 1024;
/// How long a thread that asked waits for its verdict.
const VERDICT: Duration = Duration::from_secs(10);

/// For one who asked: the message to panic with, or none.
type Verdict = (ActorId, Option<String>);

/// Never grows: a thread that asks may hold the lock of the program's own allocator.
static SUSPECTS: Mutex<Requests> = Mutex::new(Requests { count: 0, suspects: [Suspect::NOBODY; MOST] });
static VERDICTS: (Mutex<Vec<Verdict>>, Condvar) = (Mutex::new(Vec::new()), Condvar::new());

/// A thread whose wait seems to close a cycle.
#[derive(Clone, Copy)]
pub(super) struct Suspect {
    pub(super) actor: ActorId,
    /// It waits for a verdict,
    pub(super) listens: bool,
    /// and can be made to panic.
    pub(super) may_panic: bool,
}

impl Suspect {
    const NOBODY: Suspect =
        Suspect { actor: ActorId { index: u32::MAX, generation: 0 }, listens: false, may_panic: false };
}

struct Requests {
    count: usize,
    suspects: [Suspect; MOST],
}

/// Who has asked, and waits for the answer.
pub(crate) struct Asked(ActorId);

/// What one who asked then waits for. Nothing where there was no room: then nobody answers either.
pub(super) fn ask(suspect: Suspect) -> Option<Asked> {
    if suspect.listens {
        // Of an earlier wait, to which it did not listen.
        lock(&VERDICTS.0).retain(|verdict| verdict.0 != suspect.actor);
    }
    let mut requests = lock(&SUSPECTS);
    let count = requests.count;
    *requests.suspects.get_mut(count)? = suspect;
    requests.count += 1;
    suspect.listens.then_some(Asked(suspect.actor))
}

/// Room for all that can be asked at a time: whoever asks waits while it is filled.
pub(super) fn room() -> Vec<Suspect> {
    Vec::with_capacity(MOST)
}

/// What has been asked since the last time.
pub(super) fn take(into: &mut Vec<Suspect>) {
    into.clear();
    let mut requests = lock(&SUSPECTS);
    let count = std::mem::take(&mut requests.count);
    into.extend_from_slice(&requests.suspects[..count]);
}

/// Nobody has asked since the last time.
pub(super) fn none() -> bool {
    lock(&SUSPECTS).count == 0
}

pub(super) fn answer(actor: ActorId, message: Option<String>) {
    let mut verdicts = lock(&VERDICTS.0);
    if verdicts.len() > MOST {
        verdicts.clear();
    }
    verdicts.push((actor, message));
    VERDICTS.1.notify_all();
}

pub(super) fn listen(Asked(actor): Asked) -> Option<String> {
    let verdicts = lock(&VERDICTS.0);
    let undecided = |verdicts: &mut Vec<Verdict>| verdicts.iter().all(|verdict| verdict.0 != actor);
    let (mut verdicts, _) = VERDICTS.1.wait_timeout_while(verdicts, VERDICT, undecided).ok()?;
    let index = verdicts.iter().position(|verdict| verdict.0 == actor)?;
    verdicts.swap_remove(index).1
}
