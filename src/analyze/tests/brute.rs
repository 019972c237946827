//! The same questions, answered by trying everything, straight from the definitions.

use super::scene::*;
use crate::model::*;

/// One reason why an actor waits for another (by position), and whether it rests on a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Need {
    pub(super) of: usize,
    pub(super) queue: bool,
}

/// What an actor needs in order to go on.
#[derive(Default, Debug)]
pub(super) struct Needs {
    pub(super) all: Vec<Need>,
    pub(super) leaked: Option<ObjectId>,
    pub(super) signal: bool,
}

/// Whether a hold keeps somebody from what is wanted.
fn clashes(wanted: Mode, held: Mode) -> bool {
    match (wanted, held) {
        (Mode::Shared | Mode::Recursive, Mode::Shared | Mode::Upgradable) => false,
        (Mode::Upgradable, Mode::Shared) => false,
        (Mode::Upgrade, held) => held == Mode::Shared,
        _ => true,
    }
}

/// Who has closed a lock that is being read to those who come, where that is for certain: `counts` says of whom.
fn closed(snapshot: &Snapshot, object: ObjectId, counts: &dyn Fn(&Actor) -> bool) -> Vec<Need> {
    let waits = |actor: &Actor, mode: Mode| actor.wait.filter(|wait| wait.on == On::Object { object, mode });
    let of_all = |mode: Mode, timed: bool| -> Vec<usize> {
        let these = |&i: &usize| waits(&snapshot.actors[i], mode).is_some_and(|wait| wait.timed == timed);
        (0..snapshot.actors.len()).filter(these).collect()
    };
    let gives_up = [Mode::Exclusive, Mode::Upgrade].into_iter().any(|mode| !of_all(mode, true).is_empty());
    let upgrading = of_all(Mode::Upgrade, false);
    let upgradable = |hold: &Hold| hold.object == object && hold.mode == Mode::Upgradable;
    let kept = snapshot.orphans.iter().any(|orphan| upgradable(&orphan.hold));
    let who = match (gives_up || kept, upgrading.is_empty()) {
        (true, _) => Vec::new(),
        (false, false) => upgrading,
        (false, true) if snapshot.actors.iter().any(|actor| actor.held.iter().any(upgradable)) => Vec::new(),
        (false, true) => of_all(Mode::Exclusive, false),
    };
    who.into_iter().filter(|&i| counts(&snapshot.actors[i])).map(|of| Need { of, queue: true }).collect()
}

fn sleeps(actor: &Actor) -> bool {
    matches!(actor.sleep, Sleep::Asleep { .. })
}

pub(super) fn needs(snapshot: &Snapshot, me: usize) -> Needs {
    let actors = &snapshot.actors;
    let mut needs = Needs::default();
    let Some(wait) = actors[me].wait else { return needs };
    if wait.timed {
        return needs;
    }
    let who = |test: &dyn Fn(usize, &Actor) -> bool| -> Vec<Need> {
        let matching = (0..actors.len()).filter(|&i| test(i, &actors[i]));
        matching.map(|of| Need { of, queue: false }).collect()
    };
    // Of a guard that may be elsewhere it is not known whom it is up to.
    let holds = |actor: &Actor, object: ObjectId, clash: &dyn Fn(Mode) -> bool| {
        actor.held.iter().any(|hold| hold.object == object && clash(hold.mode) && !hold.moves)
    };
    let leaked = |object: ObjectId, clash: &dyn Fn(Mode) -> bool| {
        let lost = |o: &Orphan| o.gone && o.hold.object == object && clash(o.hold.mode) && !o.hold.moves;
        snapshot.orphans.iter().any(lost).then_some(object)
    };
    let elsewhere = |object: ObjectId, clash: &dyn Fn(Mode) -> bool| {
        let holds = actors.iter().flat_map(|actor| &actor.held);
        let left = snapshot.orphans.iter().filter(|orphan| orphan.gone).map(|orphan| &orphan.hold);
        holds.chain(left).any(|hold| hold.object == object && clash(hold.mode) && hold.moves)
    };
    match wait.on {
        On::Object { object, mode } => {
            let clash = |held: Mode| clashes(mode, held);
            needs.all = who(&|_, actor| holds(actor, object, &clash));
            needs.leaked = leaked(object, &clash);
            needs.signal = elsewhere(object, &clash);
            let free = needs.all.is_empty()
                && !needs.signal
                && !snapshot.orphans.iter().any(|o| o.hold.object == object && clash(o.hold.mode));
            let reads = actors[me].held.iter().any(|hold| hold.object == object && hold.mode == Mode::Shared);
            let refused = reads && !snapshot.impatient_writers;
            if free && mode == Mode::Shared && (refused || sleeps(&actors[me])) {
                let closed = closed(snapshot, object, &|writer| refused || sleeps(writer));
                // Whoever runs might be about to let it in.
                match snapshot.loose_queues && !reads {
                    true => needs.signal = !closed.is_empty(),
                    false => needs.all = closed,
                }
            }
        }
        On::Lazy { object } => {
            needs.all = who(&|_, actor| holds(actor, object, &|mode| mode == Mode::Init));
            needs.leaked = leaked(object, &|mode| mode == Mode::Init);
            needs.signal = elsewhere(object, &|mode| mode == Mode::Init);
        }
        On::Notify { mutex, .. } => {
            needs.signal = true;
            if let Some(mutex) = mutex {
                let clash = |held: Mode| clashes(Mode::Exclusive, held);
                needs.all = who(&|i, actor| i != me && holds(actor, mutex, &clash));
                needs.leaked = leaked(mutex, &clash);
            }
        }
        On::Arrivals { barrier, quorum } => {
            let there = |actor: &&Actor| {
                actor.wait.is_some_and(|wait| matches!(wait.on, On::Arrivals { barrier: b, .. } if b == barrier))
            };
            needs.signal = actors.iter().filter(there).count() < quorum as usize;
        }
        On::Actor(id) | On::Pool(id) | On::Poller { thread: id, .. } | On::Nested { task: id, .. } => {
            needs.all = who(&|_, actor| actor.id == id)
        }
        // Whoever runs might come to have it.
        On::Awaiter(id) => needs.signal = actors.iter().any(|actor| actor.id == id),
        On::Runtime(runtime) => needs.all = who(&|_, actor| actor.occupies == Some(runtime)),
        On::Scope(scope) => needs.all = who(&|_, actor| actor.scope == Some(scope)),
        On::NonDaemons => {
            let guarded = |actor: &Actor| actor.wait.is_some_and(|wait| wait.on == On::NonDaemons);
            needs.all = who(&|i, actor| i != me && !actor.daemon && !actor.foreign && !guarded(actor));
        }
        On::Message { .. } | On::Room { .. } | On::Closing { .. } => needs.signal = true,
        On::Permits { .. } | On::Unpark | On::Work | On::Driver => needs.signal = true,
        On::Nothing { .. } => needs.leaked = Some(ObjectId(0)),
        On::Time => {}
    }
    needs
}

/// Who can run at last, when signals do or do not come: start with nobody, let go whoever needs nobody else, and
/// again until nothing changes.
pub(super) fn can_run(needs: &[Needs], signals: bool) -> Vec<bool> {
    let mut can = vec![false; needs.len()];
    loop {
        let before = can.clone();
        for (me, mine) in needs.iter().enumerate() {
            let signalled = !mine.signal || signals;
            can[me] = signalled && mine.leaked.is_none() && mine.all.iter().all(|need| before[need.of]);
        }
        if can == before {
            return can;
        }
    }
}

/// Every circle, as positions in order, once for each start.
pub(super) fn circles(needs: &[Needs], queues: bool) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    for start in 0..needs.len() {
        extend(needs, queues, &mut vec![start], &mut found);
    }
    found
}

fn extend(needs: &[Needs], queues: bool, path: &mut Vec<usize>, found: &mut Vec<Vec<usize>>) {
    let last = path[path.len() - 1];
    for need in needs[last].all.iter().filter(|need| queues || !need.queue) {
        if need.of == path[0] {
            found.push(path.clone());
        } else if !path.contains(&need.of) {
            path.push(need.of);
            extend(needs, queues, path, found);
            path.pop();
        }
    }
}

/// Whether one gets from one actor to the other along needs, in one step or more.
pub(super) fn reaches(needs: &[Needs], from: usize, to: usize) -> bool {
    let mut seen = vec![false; needs.len()];
    let mut todo = vec![from];
    while let Some(at) = todo.pop() {
        for need in &needs[at].all {
            if !std::mem::replace(&mut seen[need.of], true) {
                todo.push(need.of);
            }
        }
    }
    seen[to]
}

#[test]
fn the_definitions_themselves() {
    let snapshot = scene([actor(0).holds(A).wants(B), actor(1).holds(B).wants(A), actor(2).joins(0), actor(3).parks()]);
    let needs: Vec<Needs> = (0..4).map(|me| needs(&snapshot, me)).collect();
    assert_eq!(can_run(&needs, true), [false, false, false, true]);
    assert_eq!(can_run(&needs, false), [false; 4]);
    assert_eq!(circles(&needs, true), [[0, 1], [1, 0]]);
    assert!(reaches(&needs, 2, 1) && !reaches(&needs, 1, 2));
}
