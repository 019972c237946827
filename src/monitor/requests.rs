//! Who asks the watchdog to look, and what it answers.

use super::lock;
use crate::model::ActorId;
use std::{
    sync::{Condvar, Mutex},
    time::Duration,
};

/// Requests that are kept; more are found by the sweep.
const MOST: usize = 1024;
/// How many can wait for a verdict at a time; more do not listen.
const LISTENERS: usize = 64;
/// How long a thread that asked waits for its verdict: longer than it may take to put one into words.
const VERDICT: Duration = Duration::from_secs(30);

/// Neither grows: a thread that asks may hold the lock of the program's own allocator.
static SUSPECTS: Mutex<Requests> = Mutex::new(Requests { count: 0, suspects: [Suspect::NOBODY; MOST] });
static VERDICTS: (Mutex<[Listener; LISTENERS]>, Condvar) =
    (Mutex::new([const { Listener { actor: Suspect::NOBODY.actor, verdict: None } }; LISTENERS]), Condvar::new());

/// One who waits for a verdict: the message to panic with, or none.
struct Listener {
    actor: ActorId,
    verdict: Option<Option<String>>,
}

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
pub(super) fn ask(mut suspect: Suspect) -> Option<Asked> {
    if suspect.listens {
        suspect.listens = find(&mut *lock(&VERDICTS.0), Suspect::NOBODY.actor).is_some_and(|listener| {
            listener.actor = suspect.actor;
            true
        });
        suspect.may_panic &= suspect.listens;
    }
    let asked = suspect.listens.then_some(Asked(suspect.actor));
    let mut requests = lock(&SUSPECTS);
    let count = requests.count;
    if let Some(place) = requests.suspects.get_mut(count) {
        *place = suspect;
        requests.count += 1;
        return asked;
    }
    drop(requests);
    if let Some(Asked(actor)) = asked {
        hang_up(&mut *lock(&VERDICTS.0), actor);
    }
    None
}

fn find(listeners: &mut [Listener], actor: ActorId) -> Option<&mut Listener> {
    listeners.iter_mut().find(|listener| listener.actor == actor)
}

/// It listens no more; what it was told.
fn hang_up(listeners: &mut [Listener], actor: ActorId) -> Option<String> {
    let listener = find(listeners, actor)?;
    listener.actor = Suspect::NOBODY.actor;
    listener.verdict.take().flatten()
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

/// Whether somebody hears an answer to this one.
pub(super) fn listens(actor: ActorId) -> bool {
    find(&mut *lock(&VERDICTS.0), actor).is_some()
}

/// `false`: nobody has heard it.
pub(super) fn answer(actor: ActorId, message: Option<String>) -> bool {
    let mut listeners = lock(&VERDICTS.0);
    let Some(listener) = find(&mut *listeners, actor).filter(|listener| listener.verdict.is_none()) else {
        drop(listeners);
        return false;
    };
    listener.verdict = Some(message);
    VERDICTS.1.notify_all();
    true
}

pub(super) fn listen(Asked(actor): Asked) -> Option<String> {
    let listeners = lock(&VERDICTS.0);
    let undecided = |listeners: &mut [Listener; LISTENERS]| {
        find(&mut *listeners, actor).is_some_and(|listener| listener.verdict.is_none())
    };
    let (mut listeners, _) = VERDICTS.1.wait_timeout_while(listeners, VERDICT, undecided).ok()?;
    hang_up(&mut *listeners, actor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_listen_hears_nothing() {
        let nobody = ActorId { index: u32::MAX - 1, generation: 7 };
        assert!(!listens(nobody));
        assert!(!answer(nobody, Some("it is stuck".to_owned())));
    }

    #[test]
    fn a_verdict_is_heard_once() {
        let mut listeners = [const { Listener { actor: Suspect::NOBODY.actor, verdict: None } }; 2];
        let actor = ActorId { index: 3, generation: 1 };
        let listener = find(&mut listeners, Suspect::NOBODY.actor).expect("room");
        *listener = Listener { actor, verdict: Some(Some("it is stuck".to_owned())) };
        assert_eq!(hang_up(&mut listeners, actor), Some("it is stuck".to_owned()));
        assert_eq!(hang_up(&mut listeners, actor), None);
    }
}
