//! Tasks that are pending when their runtime is dropped: they never go on.
//!
//! No matter of the graph: it is seen by the thread that drops the runtime.

use crate::model::{Actor, ActorId, Because, Certainty, Finding, Kind, Mode, On, Rule, Snapshot, Step};

/// Those `tasks` that are pending in this reading. `all`: also those that may be waiting for something to do.
pub fn pending(snapshot: &Snapshot, tasks: &[ActorId], all: bool) -> Option<Finding> {
    let step = |task: &ActorId| {
        let actor = snapshot.actor(*task)?;
        let told = all || actor.sequence == 0 || is_at_work(actor);
        let because = Because::NotYet;
        told.then_some(Step { actor: *task, sequence: actor.sequence, wait: actor.wait, because })
    };
    let steps: Vec<Step> = tasks.iter().filter_map(step).collect();
    (!steps.is_empty()).then(|| Finding {
        rule: Rule::PendingAtShutdown,
        certainty: Certainty::Possible,
        steps,
        victims: Vec::new(),
        strangers: None,
    })
}

/// It has something to send, or sleeps with a lock that it has taken in order to change something. Other waits are those of
/// servers, too: for a message, a lock that guards a receiver of messages, permits for one more connection.
fn is_at_work(actor: &Actor) -> bool {
    let mut waits = actor.wait.iter().chain(&actor.also);
    let sends = waits.clone().any(|wait| matches!(wait.on, On::Room { .. }));
    let sleeps = actor.wait.is_some() && waits.all(|wait| wait.on == On::Time);
    let locks = actor.held.iter().any(|hold| {
        let changes = matches!(hold.mode, Mode::Exclusive) && matches!(hold.object.kind(), Kind::Mutex | Kind::RwLock);
        changes && !hold.granted
    });
    sends || sleeps && locks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Hold, Nanos, ObjectId, PlaceId, Sleep, Wait};

    fn task(index: u32, wait: Option<On>, held: Option<(Kind, Mode)>) -> Actor {
        let (place, since): (PlaceId, Nanos) = (PlaceId::UNKNOWN, 0);
        let hold = |(kind, mode)| {
            let object = ObjectId::new(kind, 0, u64::from(index));
            Hold { object, mode, place, since, moves: true, granted: false }
        };
        Actor {
            id: ActorId::task(index, 1),
            sequence: 2,
            scope: None,
            occupies: None,
            daemon: true,
            foreign: true,
            held: held.into_iter().map(hold).collect(),
            wait: wait.map(|on| Wait { on, place, since, timed: on == On::Time }),
            also: Vec::new(),
            stirs: false,
            abortable: false,
            sleep: Sleep::Unknown,
        }
    }

    #[test]
    fn who_waits_for_something_to_do_is_told_only_where_all_are() {
        let channel = ObjectId::new(Kind::Channel, 0, 99);
        let lock = (Kind::Mutex, Mode::Exclusive);
        let actors = vec![
            task(0, Some(On::Message { channel }), None),
            task(1, Some(On::Message { channel }), Some(lock)),
            task(2, Some(On::Time), None),
            task(3, Some(On::Time), Some(lock)),
            task(4, Some(On::Time), Some((Kind::Semaphore, Mode::Shared))),
            task(5, Some(On::Room { channel }), None),
            Actor { sequence: 0, ..task(6, None, None) },
            task(7, None, Some(lock)),
            task(8, Some(On::Object { object: channel, mode: Mode::Exclusive }), None),
        ];
        let tasks: Vec<ActorId> = actors.iter().map(|actor| actor.id).collect();
        let snapshot = Snapshot { actors, ..Snapshot::default() };
        let told = |all| {
            let finding = pending(&snapshot, &tasks, all).expect("some are told");
            assert_eq!((finding.rule, finding.certainty), (Rule::PendingAtShutdown, Certainty::Possible));
            finding.steps.iter().map(|step| step.actor.number()).collect::<Vec<u32>>()
        };
        assert_eq!(told(false), [3, 5, 6]);
        assert_eq!(told(true), (0..9).collect::<Vec<u32>>());
        assert_eq!(pending(&snapshot, &tasks[..3], false), None);
    }
}
