//! What things are called: labels, places, durations.

use crate::{
    model::{
        Actor, ActorId, ActorInfo, Because, Finding, Hold, Kind, Mode, Nanos, ObjectId, On, Place, PlaceId, Snapshot,
        Step, Wait, World,
    },
    report::ObjectReport,
};
use std::time::Duration;

/// Names longer than this are cut in labels; the `name` fields of a report keep them whole.
const LONGEST_NAME: usize = 80;

/// One finding among everything that is known around it.
pub(super) struct Scene<'a> {
    pub(super) finding: &'a Finding,
    pub(super) snapshot: &'a Snapshot,
    world: &'a dyn World,
    /// Objects the sentences may mention, with their names: equal names get a number.
    objects: Vec<(ObjectId, Option<String>)>,
    /// The same for threads.
    actors: Vec<(ActorId, Option<String>)>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(finding: &'a Finding, snapshot: &'a Snapshot, world: &'a dyn World) -> Scene<'a> {
        let mut scene = Scene { finding, snapshot, world, objects: Vec::new(), actors: Vec::new() };
        for step in &finding.steps {
            scene.meet_step(step);
        }
        for victim in &finding.victims {
            scene.meet_actor(*victim);
        }
        scene
    }

    /// Where `inner` was first acquired while `outer` was held, if ever.
    pub(super) fn order(&self, outer: ObjectId, inner: ObjectId) -> Option<(PlaceId, PlaceId)> {
        self.world.order(outer, inner)
    }

    fn meet_step(&mut self, step: &Step) {
        self.meet_actor(step.actor);
        if let Some(wait) = step.wait {
            self.meet_wait(&wait);
        }
        match step.because {
            Because::HeldBy { actor, hold } | Because::LeakedBy { actor, hold } => {
                self.meet_actor(actor);
                self.meet_object(hold.object);
            }
            Because::QueuedBehind { actor } | Because::EndOf { actor } => self.meet_actor(actor),
            Because::NobodyLeft | Because::NotYet => {}
        }
        let held: Vec<ObjectId> = self.held(step.actor).iter().map(|hold| hold.object).collect();
        held.into_iter().for_each(|object| self.meet_object(object));
    }

    fn meet_wait(&mut self, wait: &Wait) {
        match wait.on {
            On::Object { object, .. } | On::Lazy { object } => self.meet_object(object),
            On::Notify { condvar, mutex } => {
                self.meet_object(condvar);
                mutex.into_iter().for_each(|mutex| self.meet_object(mutex));
            }
            On::Arrivals { barrier, .. } => self.meet_object(barrier),
            On::Actor(actor) => self.meet_actor(actor),
            On::Scope(_) | On::NonDaemons | On::Unpark | On::Time => {}
        }
    }

    fn meet_object(&mut self, object: ObjectId) {
        if !self.objects.iter().any(|(known, _)| *known == object) {
            self.objects.push((object, self.world.object(object).name));
        }
    }

    fn meet_actor(&mut self, actor: ActorId) {
        if !self.actors.iter().any(|(known, _)| *known == actor) {
            self.actors.push((actor, self.actor_info(actor).name));
        }
    }

    /// The actor as it was read, while it is alive.
    pub(super) fn alive(&self, actor: ActorId) -> Option<&'a Actor> {
        self.snapshot.actor(actor)
    }

    pub(super) fn held(&self, actor: ActorId) -> &'a [Hold] {
        self.alive(actor).map_or(&[], |actor| &actor.held)
    }

    pub(super) fn actor_info(&self, actor: ActorId) -> ActorInfo {
        self.world.actor(actor).unwrap_or_default()
    }

    pub(super) fn place(&self, place: PlaceId) -> Option<Place> {
        if place == PlaceId::UNKNOWN { None } else { self.world.place(place) }
    }

    pub(super) fn ago(&self, then: Nanos) -> Duration {
        Duration::from_nanos(self.snapshot.at.saturating_sub(then))
    }

    /// ``thread `alice` ``, or `thread #5`.
    pub(super) fn thread(&self, actor: ActorId) -> String {
        match self.actor_info(actor).name {
            Some(name) if twins(&self.actors, &actor, &name) => {
                format!("thread `{}` #{}", printable(&name), actor.index)
            }
            Some(name) => format!("thread `{}`", printable(&name)),
            None => format!("thread #{}", actor.index),
        }
    }

    /// The same, and where an unnamed one was spawned.
    pub(super) fn thread_in_full(&self, actor: ActorId) -> String {
        let info = self.actor_info(actor);
        match (info.name, info.spawned) {
            (None, Some(place)) => format!("{} (spawned at {})", self.thread(actor), shown(&place)),
            _ => self.thread(actor),
        }
    }

    /// ``Mutex `accounts` ``, or `Mutex #12`.
    pub(super) fn object(&self, object: ObjectId) -> String {
        let info = self.world.object(object);
        let noun = info.kind.noun();
        match info.name {
            Some(name) if twins(&self.objects, &object, &name) => {
                format!("{noun} `{}` #{}", printable(&name), object.serial())
            }
            Some(name) => format!("{noun} `{}`", printable(&name)),
            None => format!("{noun} #{}", object.serial()),
        }
    }

    /// The same, and where an unnamed one was made.
    pub(super) fn object_in_full(&self, object: ObjectId) -> String {
        let info = self.world.object(object);
        match (info.name, info.created) {
            (None, Some(place)) => format!("{} (made at {})", self.object(object), shown(&place)),
            _ => self.object(object),
        }
    }

    pub(super) fn object_report(&self, object: ObjectId) -> ObjectReport {
        let info = self.world.object(object);
        ObjectReport {
            label: self.object_in_full(object),
            kind: info.kind,
            name: info.name,
            id: object.serial(),
            created: info.created,
        }
    }

    pub(super) fn kind(&self, object: ObjectId) -> Kind {
        self.world.object(object).kind
    }

    /// Where an object was made.
    pub(super) fn created(&self, object: ObjectId) -> Option<Place> {
        self.world.object(object).created
    }

    /// ` at src/main.rs:7:20`, or nothing.
    pub(super) fn at(&self, place: PlaceId) -> String {
        self.place(place).map_or(String::new(), |place| format!(" at {}", shown(&place)))
    }

    /// The place, or words that say that it isn't known.
    pub(super) fn spot(&self, place: PlaceId) -> String {
        self.place(place).map_or("an unknown place".into(), |place| shown(&place))
    }

    /// `taken 1.2 s ago at src/main.rs:14:22`
    pub(super) fn taken(&self, hold: &Hold) -> String {
        let verb = if hold.mode == Mode::Init { "begun" } else { "taken" };
        format!("{verb} {}{}", past(self.ago(hold.since)), self.at(hold.place))
    }

    /// `for 1.1 s, at src/main.rs:16:9`
    pub(super) fn waiting(&self, wait: &Wait) -> String {
        let since = self.ago(wait.since);
        let since = if since < MOMENT { "since just now".into() } else { format!("for {}", amount(since)) };
        match self.place(wait.place) {
            Some(place) => format!("{since}, at {}", shown(&place)),
            None => since,
        }
    }

    /// Whether the actors that hold things in this finding include this one, and what it holds that others want.
    pub(super) fn wanted_of(&self, actor: ActorId) -> Vec<Hold> {
        let mut wanted: Vec<Hold> = Vec::new();
        for step in self.finding.steps.iter().filter(|step| step.actor != actor) {
            match step.because {
                Because::HeldBy { actor: holder, hold } if holder == actor && !wanted.contains(&hold) => {
                    wanted.push(hold);
                }
                _ => {}
            }
        }
        wanted
    }
}

/// Whether another of the known ones has the same name.
fn twins<Id: PartialEq>(known: &[(Id, Option<String>)], id: &Id, name: &str) -> bool {
    known.iter().any(|(other, other_name)| other != id && other_name.as_deref() == Some(name))
}

/// Below the precision of the coarse clock.
const MOMENT: Duration = Duration::from_millis(10);

/// `1.2 s`: no more digits than a person needs.
pub(crate) fn amount(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match duration {
        d if d < MOMENT => "less than 10 ms".into(),
        d if d.as_millis() < 1_000 => format!("{} ms", d.as_millis()),
        d if d.as_millis() < 60_000 => format!("{}.{} s", seconds, d.subsec_millis() / 100),
        _ if seconds < 3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// `1.2 s ago`, or `just now`.
pub(super) fn past(duration: Duration) -> String {
    if duration < MOMENT { "just now".into() } else { format!("{} ago", amount(duration)) }
}

/// The same to the precision of the coarse clock, to tell one operation from the next.
pub(super) fn past_exactly(duration: Duration) -> String {
    match duration.as_millis() {
        1_000..60_000 => format!("{}.{:02} s ago", duration.as_secs(), duration.subsec_millis() / 10),
        _ => past(duration),
    }
}

/// `file:line:column`, as far as it is known (a resolved frame may lack its column).
pub(super) fn shown(place: &Place) -> String {
    match place.column {
        0 => format!("{}:{}", printable(&place.file), place.line),
        column => format!("{}:{}:{column}", printable(&place.file), place.line),
    }
}

/// On one line, without anything a terminal would obey, and not endless.
pub(super) fn printable(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for (count, char) in name.chars().enumerate() {
        match char {
            _ if count == LONGEST_NAME => {
                shown.push_str("...");
                break;
            }
            char if is_risky(char) => shown.extend(char.escape_default()),
            char => shown.push(char),
        }
    }
    shown
}

/// Control characters, and those that turn the direction of what follows.
pub(super) fn is_risky(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `a`, `a and b`, `a, b and c`
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 thread`, `2 threads`
pub(super) fn threads(count: usize) -> String {
    if count == 1 { "1 thread".into() } else { format!("{count} threads") }
}

/// A sentence begins with a capital letter.
pub(super) fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_no_more_digits_than_a_person_needs() {
        let cases = [
            (0, "less than 10 ms"),
            (10, "10 ms"),
            (999, "999 ms"),
            (1_000, "1.0 s"),
            (59_999, "59.9 s"),
            (60_000, "1 min 0 s"),
            (3_599_999, "59 min 59 s"),
            (9_000_000, "2 h 30 min"),
        ];
        for (millis, words) in cases {
            assert_eq!(amount(Duration::from_millis(millis)), words);
        }
        assert_eq!(past_exactly(Duration::from_millis(1_239)), "1.23 s ago");
        assert_eq!(past_exactly(Duration::from_millis(9)), "just now");
    }
}
