//! Situations in a few words.

use crate::{
    analyze::{Thresholds, analyze},
    model::*,
};

pub(super) const A: ObjectId = ObjectId::new(Kind::Mutex, 1, 1);
pub(super) const B: ObjectId = ObjectId::new(Kind::Mutex, 2, 2);
pub(super) const C: ObjectId = ObjectId::new(Kind::Mutex, 3, 3);
pub(super) const RW: ObjectId = ObjectId::new(Kind::RwLock, 4, 4);
pub(super) const ONCE: ObjectId = ObjectId::new(Kind::OnceLock, 5, 5);
pub(super) const LAZY: ObjectId = ObjectId::new(Kind::LazyLock, 6, 6);
pub(super) const CV: ObjectId = ObjectId::new(Kind::Condvar, 7, 7);
pub(super) const BARRIER: ObjectId = ObjectId::new(Kind::Barrier, 8, 8);

pub(super) const JOBS: ObjectId = ObjectId::new(Kind::Channel, 9, 9);
pub(super) const REPLIES: ObjectId = ObjectId::new(Kind::Channel, 10, 10);

pub(super) const SECOND: Nanos = 1_000_000_000;

pub(super) const fn id(index: u32) -> ActorId {
    ActorId { index, generation: 1 }
}

pub(super) fn ids(indices: &[u32]) -> Vec<ActorId> {
    indices.iter().copied().map(id).collect()
}

/// A thread that runs, does not hold anything, and is no daemon.
pub(super) fn actor(index: u32) -> Actor {
    Actor {
        id: id(index),
        sequence: 10 + u64::from(index),
        scope: None,
        occupies: None,
        daemon: false,
        foreign: false,
        held: Vec::new(),
        wait: None,
        also: Vec::new(),
        stirs: false,
        abortable: false,
        sleep: Sleep::Awake,
    }
}

pub(super) fn hold(object: ObjectId, mode: Mode) -> Hold {
    Hold { object, mode, place: PlaceId(object.0 & 0xffff), since: 0, moves: false, granted: false }
}

impl Actor {
    pub(super) fn holds(self, object: ObjectId) -> Actor {
        self.holds_as(object, Mode::Exclusive)
    }

    pub(super) fn holds_as(mut self, object: ObjectId, mode: Mode) -> Actor {
        self.held.push(hold(object, mode));
        self
    }

    /// The same, of a guard that may be elsewhere; all of one lock are alike.
    pub(super) fn has(mut self, (object, mode, moves): (ObjectId, Mode, bool)) -> Actor {
        let moves = self.held.iter().find(|hold| hold.object == object).map_or(moves, |hold| hold.moves);
        self.held.push(Hold { moves, ..hold(object, mode) });
        self
    }

    pub(super) fn initialises(self, object: ObjectId) -> Actor {
        self.holds_as(object, Mode::Init)
    }

    /// Waits, and has fallen asleep over it.
    pub(super) fn waits(mut self, on: On) -> Actor {
        self.wait = Some(Wait { on, place: PlaceId(100 + u64::from(self.id.index)), since: 0, timed: false });
        self.sleep = Sleep::Asleep { switches: 7 };
        self
    }

    pub(super) fn wants(self, object: ObjectId) -> Actor {
        self.waits(On::Object { object, mode: Mode::Exclusive })
    }

    pub(super) fn wants_to_read(self, object: ObjectId) -> Actor {
        self.waits(On::Object { object, mode: Mode::Shared })
    }

    pub(super) fn wants_initialised(self, object: ObjectId) -> Actor {
        self.waits(On::Object { object, mode: Mode::Init })
    }

    pub(super) fn forces(self, object: ObjectId) -> Actor {
        self.waits(On::Lazy { object })
    }

    pub(super) fn joins(self, index: u32) -> Actor {
        self.waits(On::Actor(id(index)))
    }

    pub(super) fn awaits(self, condvar: ObjectId, mutex: ObjectId) -> Actor {
        self.waits(On::Notify { condvar, mutex: Some(mutex) })
    }

    pub(super) fn arrives(self, quorum: u32) -> Actor {
        self.waits(On::Arrivals { barrier: BARRIER, quorum })
    }

    pub(super) fn parks(self) -> Actor {
        self.waits(On::Unpark)
    }

    pub(super) fn timed(mut self) -> Actor {
        self.wait.as_mut().expect("a wait to limit").timed = true;
        self
    }

    pub(super) fn since(mut self, since: Nanos) -> Actor {
        self.wait.as_mut().expect("a wait to date").since = since;
        self
    }

    pub(super) fn awake(mut self) -> Actor {
        self.sleep = Sleep::Awake;
        self
    }

    pub(super) fn sleepless(mut self) -> Actor {
        self.sleep = Sleep::Unknown;
        self
    }

    /// Not started by us.
    pub(super) fn foreign(mut self) -> Actor {
        self.foreign = true;
        self
    }

    pub(super) fn daemon(mut self) -> Actor {
        self.daemon = true;
        self
    }

    pub(super) fn in_scope(mut self, scope: u64) -> Actor {
        self.scope = Some(ScopeId(scope));
        self
    }
}

/// All threads of a process at 10 s, with no strangers and no signal handlers.
pub(super) fn scene(actors: impl IntoIterator<Item = Actor>) -> Snapshot {
    let (strangers, handlers) = (Strangers::None, Handlers::None);
    Snapshot { at: 10 * SECOND, actors: actors.into_iter().collect(), strangers, handlers, ..Snapshot::default() }
}

impl Snapshot {
    /// A thread that has ended has leaked a guard.
    pub(super) fn leaked(mut self, owner: u32, object: ObjectId, mode: Mode, gone: bool) -> Snapshot {
        self.orphans.push(Orphan { hold: hold(object, mode), owner: id(owner), gone });
        self
    }

    pub(super) fn strangers(mut self, strangers: Strangers) -> Snapshot {
        self.strangers = strangers;
        self
    }
}

/// What is found without thresholds.
pub(super) fn found(snapshot: &Snapshot) -> Vec<Finding> {
    analyze(snapshot, &Thresholds::default())
}

/// The one finding, which is of this rule.
pub(super) fn only(snapshot: &Snapshot, rule: Rule) -> Finding {
    let mut findings = found(snapshot);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = findings.remove(0);
    assert_eq!(finding.rule, rule, "{finding:#?}");
    finding
}

pub(super) fn nothing(snapshot: &Snapshot) {
    let findings = found(snapshot);
    assert!(findings.is_empty(), "{findings:#?}");
}

/// Who the steps are.
pub(super) fn steps(finding: &Finding) -> Vec<ActorId> {
    finding.steps.iter().map(|step| step.actor).collect()
}

/// The reasons of the steps, as letters: Held, Queued, End, Leaked, Nobody, -.
pub(super) fn reasons(finding: &Finding) -> String {
    let letter = |step: &Step| match step.because {
        Because::HeldBy { .. } => 'H',
        Because::QueuedBehind { .. } => 'Q',
        Because::EndOf { .. } => 'E',
        Because::LeakedBy { .. } => 'L',
        Because::NobodyLeft => 'N',
        Because::NotYet => '-',
        Because::PolledBy { .. } => 'P',
        Because::NoWaker => 'W',
    };
    finding.steps.iter().map(letter).collect()
}
