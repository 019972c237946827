//! What things are called: labels, places, durations.

use super::nouns::{has_tasks, noun, nouns};
use crate::{
    model::{
        Actor, ActorId, ActorInfo, Because, Finding, Hold, Kind, Mode, Nanos, ObjectId, ObjectInfo, On, Place, PlaceId,
        Snapshot, Step, Wait, World,
    },
    report::ObjectReport,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{cell::RefCell, hash::Hash, rc::Rc, time::Duration};

/// Names longer than this are cut in labels; the `name` fields of a report keep them whole.
const LONGEST_NAME: usize = 80;

/// One finding among everything that is known around it.
pub(super) struct Scene<'a> {
    pub(super) finding: &'a Finding,
    pub(super) snapshot: &'a Snapshot,
    world: &'a dyn World,
    has_tasks: bool,
    /// What the steps are of: threads, tasks, or both.
    nouns: &'static str,
    /// Those who are alive: there may be very many, and each is asked about.
    alive: FxHashMap<ActorId, &'a Actor>,
    /// What each holds that steps of others wait for.
    wanted: FxHashMap<ActorId, Vec<Hold>>,
    /// How many have arrived at each barrier,
    arrived: FxHashMap<ObjectId, usize>,
    /// and where somebody has who holds what others want.
    blocked: FxHashSet<ObjectId>,
    /// Objects the sentences may mention: equal names get a number.
    objects: Met<ObjectId, ObjectInfo>,
    /// The same for threads.
    actors: Met<ActorId, ActorInfo>,
    /// What has been mentioned before: most things are, many times, and whoever is told waits for the words.
    known_objects: Known<ObjectId, Called<ObjectInfo>>,
    known_actors: Known<ActorId, Called<ActorInfo>>,
    known_places: Known<PlaceId, Option<String>>,
}

/// Looked up once.
type Known<Id, What> = RefCell<FxHashMap<Id, Rc<What>>>;

fn once<Id: Eq + Hash + Copy, What>(known: &Known<Id, What>, id: Id, make: impl FnOnce() -> What) -> Rc<What> {
    if let Some(known) = known.borrow().get(&id) {
        return known.clone();
    }
    let made = Rc::new(make());
    known.borrow_mut().insert(id, made.clone());
    made
}

/// What may be mentioned, and how many of them have each name.
struct Met<Id, Info> {
    infos: FxHashMap<Id, Rc<Info>>,
    names: FxHashMap<String, usize>,
}

impl<Id: Eq + Hash + Copy, Info> Met<Id, Info> {
    fn nobody() -> Met<Id, Info> {
        Met { infos: FxHashMap::default(), names: FxHashMap::default() }
    }

    fn knows(&self, id: Id) -> bool {
        self.infos.contains_key(&id)
    }

    /// One that was not known.
    fn meet(&mut self, id: Id, name: Option<String>, info: Rc<Info>) {
        name.into_iter().for_each(|name| *self.names.entry(name).or_default() += 1);
        self.infos.insert(id, info);
    }

    /// What is known of it already.
    fn get(&self, id: Id) -> Option<Rc<Info>> {
        self.infos.get(&id).cloned()
    }

    /// Whether another of them has the same name.
    fn has_twin(&self, id: Id, name: &str) -> bool {
        self.names.get(name).copied().unwrap_or(0) > usize::from(self.knows(id))
    }
}

/// What something is, and what sentences call it.
struct Called<Info> {
    info: Rc<Info>,
    label: String,
    in_full: String,
}

impl<'a> Scene<'a> {
    pub(super) fn new(finding: &'a Finding, snapshot: &'a Snapshot, world: &'a dyn World) -> Scene<'a> {
        let wanted = wanted(&finding.steps);
        let blocked = finding.steps.iter().filter(|step| wanted.contains_key(&step.actor)).filter_map(barrier);
        let mut scene = Scene {
            finding,
            snapshot,
            world,
            has_tasks: has_tasks(finding, snapshot),
            nouns: nouns(&finding.steps),
            alive: snapshot.actors.iter().map(|actor| (actor.id, actor)).collect(),
            arrived: arrived(snapshot),
            blocked: blocked.collect(),
            wanted,
            objects: Met::nobody(),
            actors: Met::nobody(),
            known_objects: Known::default(),
            known_actors: Known::default(),
            known_places: Known::default(),
        };
        for step in &finding.steps {
            scene.meet_step(step);
            let also = step.wait.map_or(Vec::new(), |wait| scene.also(step.actor, &wait));
            also.iter().for_each(|wait| scene.meet_wait(wait));
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

    /// The task that has kept the guard across an `.await`; `None` where it is polled again itself.
    pub(super) fn keeper(&self, thread: ActorId, hold: &Hold) -> Option<ActorId> {
        let keeper = self.world.keeper(hold).filter(|_| !thread.is_task())?;
        (self.alive(keeper).and_then(Actor::poller) != Some(thread)).then_some(keeper)
    }

    /// How many orders are missing from that.
    pub(super) fn orders_missing(&self) -> u64 {
        self.world.orders_missing()
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
            Because::QueuedBehind { actor } | Because::EndOf { actor } | Because::PolledBy { actor } => {
                self.meet_actor(actor);
            }
            Because::NobodyLeft | Because::NotYet | Because::NoWaker => {}
        }
        self.held(step.actor).iter().for_each(|hold| self.meet_object(hold.object));
    }

    fn meet_wait(&mut self, wait: &Wait) {
        match wait.on {
            On::Object { object, .. } | On::Lazy { object } | On::Permits { semaphore: object } => {
                self.meet_object(object);
            }
            On::Notify { condvar, mutex } => {
                self.meet_object(condvar);
                mutex.into_iter().for_each(|mutex| self.meet_object(mutex));
            }
            On::Arrivals { barrier, .. } => self.meet_object(barrier),
            On::Message { channel } | On::Room { channel } | On::Closing { channel } => self.meet_object(channel),
            On::Actor(actor)
            | On::Pool(actor)
            | On::Poller { thread: actor, .. }
            | On::Nested { task: actor, .. }
            | On::Awaiter(actor) => self.meet_actor(actor),
            On::Scope(_) | On::Runtime(_) | On::NonDaemons | On::Unpark => {}
            On::Time | On::Work | On::Driver | On::Nothing { .. } => {}
        }
    }

    fn meet_object(&mut self, object: ObjectId) {
        if !self.objects.knows(object) {
            let info = self.look_up(object);
            self.objects.meet(object, info.name.clone(), info);
        }
    }

    fn meet_actor(&mut self, actor: ActorId) {
        if !self.actors.knows(actor) {
            let info = self.look_up_actor(actor);
            self.actors.meet(actor, info.name.clone(), info);
        }
    }

    /// An empty name is none.
    fn look_up(&self, object: ObjectId) -> Rc<ObjectInfo> {
        let info = self.world.object(object);
        Rc::new(ObjectInfo { name: info.name.filter(|name| !name.is_empty()), ..info })
    }

    fn look_up_actor(&self, actor: ActorId) -> Rc<ActorInfo> {
        let info = self.world.actor(actor).unwrap_or_default();
        Rc::new(ActorInfo { name: info.name.filter(|name| !name.is_empty()), ..info })
    }

    /// There are tasks in the program, so that what might help need not be a thread.
    pub(super) fn has_tasks(&self) -> bool {
        self.has_tasks
    }

    /// What the steps are of.
    pub(super) fn nouns(&self) -> &'static str {
        self.nouns
    }

    /// The actor as it was read, while it is alive.
    pub(super) fn alive(&self, actor: ActorId) -> Option<&'a Actor> {
        self.alive.get(&actor).copied()
    }

    pub(super) fn held(&self, actor: ActorId) -> &'a [Hold] {
        self.alive(actor).map_or(&[], |actor| &actor.held)
    }

    /// What else it waits for than this, if this is one of those things.
    pub(super) fn also(&self, actor: ActorId, wait: &Wait) -> Vec<Wait> {
        let Some(actor) = self.alive(actor).filter(|actor| !actor.also.is_empty()) else { return Vec::new() };
        let mut all: Vec<Wait> = actor.wait.iter().chain(&actor.also).copied().collect();
        match all.iter().position(|other| other == wait) {
            Some(told) => all.remove(told),
            None => return Vec::new(),
        };
        all
    }

    pub(super) fn actor_info(&self, actor: ActorId) -> ActorInfo {
        ActorInfo::clone(&self.known_actor(actor).info)
    }

    fn known_actor(&self, actor: ActorId) -> Rc<Called<ActorInfo>> {
        once(&self.known_actors, actor, || {
            let info = self.actors.get(actor).unwrap_or_else(|| self.look_up_actor(actor));
            let label = self.thread_label(actor, info.name.as_deref());
            let in_full = match (&info.name, &info.spawned) {
                (None, Some(place)) => words!(label, " (spawned at ", shown(place), ")"),
                _ => label.clone(),
            };
            Called { info, label, in_full }
        })
    }

    fn thread_label(&self, actor: ActorId, name: Option<&str>) -> String {
        let noun = noun(actor);
        match name {
            Some(name) if self.actors.has_twin(actor, name) => {
                words!(noun, " `", printable(name), "` #", actor.number().to_string())
            }
            Some(name) => words!(noun, " `", printable(name), "`"),
            None => words!(noun, " #", actor.number().to_string()),
        }
    }

    fn known_object(&self, object: ObjectId) -> Rc<Called<ObjectInfo>> {
        once(&self.known_objects, object, || {
            let info = self.objects.get(object).unwrap_or_else(|| self.look_up(object));
            let label = self.object_label(object, &info);
            let in_full = match (&info.name, &info.created, &info.first_used) {
                (None, Some(place), _) => words!(label, " (made at ", shown(place), ")"),
                (None, None, Some(place)) => words!(label, " (first ", used(info.kind), " at ", shown(place), ")"),
                _ => label.clone(),
            };
            Called { info, label, in_full }
        })
    }

    fn object_label(&self, object: ObjectId, info: &ObjectInfo) -> String {
        let noun = info.kind.noun();
        match &info.name {
            Some(name) if self.objects.has_twin(object, name) => {
                words!(noun, " `", printable(name), "` #", object.serial().to_string())
            }
            Some(name) => words!(noun, " `", printable(name), "`"),
            None => words!(noun, " #", object.serial().to_string()),
        }
    }

    pub(super) fn place(&self, place: PlaceId) -> Option<Place> {
        if place == PlaceId::UNKNOWN { None } else { self.world.place(place) }
    }

    fn known_place(&self, place: PlaceId) -> Rc<Option<String>> {
        once(&self.known_places, place, || self.place(place).map(|place| shown(&place)))
    }

    pub(super) fn ago(&self, then: Nanos) -> Duration {
        Duration::from_nanos(self.snapshot.at.saturating_sub(then))
    }

    /// ``thread `alice` ``, or `thread #5`.
    pub(super) fn thread(&self, actor: ActorId) -> String {
        self.known_actor(actor).label.clone()
    }

    /// The same, and where an unnamed one was spawned.
    pub(super) fn thread_in_full(&self, actor: ActorId) -> String {
        self.known_actor(actor).in_full.clone()
    }

    /// ``Mutex `accounts` ``, or `Mutex #12`.
    pub(super) fn object(&self, object: ObjectId) -> String {
        self.known_object(object).label.clone()
    }

    /// The same, and where an unnamed one was made.
    pub(super) fn object_in_full(&self, object: ObjectId) -> String {
        self.known_object(object).in_full.clone()
    }

    pub(super) fn object_report(&self, object: ObjectId) -> ObjectReport {
        let known = self.known_object(object);
        ObjectReport {
            label: known.in_full.clone(),
            kind: known.info.kind,
            name: known.info.name.clone(),
            id: object.serial(),
            created: known.info.created.clone(),
            first_used: known.info.first_used.clone(),
        }
    }

    pub(super) fn kind(&self, object: ObjectId) -> Kind {
        self.known_object(object).info.kind
    }

    /// Where an object was made, or else first locked, and which of the two.
    pub(super) fn origin(&self, object: ObjectId) -> Option<(&'static str, Place)> {
        let info = &self.known_object(object).info;
        let made = info.created.clone().map(|place| ("are all made", place));
        made.or_else(|| info.first_used.clone().map(|place| ("were all first locked", place)))
    }

    /// ` at src/main.rs:7:20`, or nothing.
    pub(super) fn at(&self, place: PlaceId) -> String {
        self.known_place(place).as_deref().map_or(String::new(), |place| words!(" at ", place))
    }

    /// The place, or words that say that it isn't known.
    pub(super) fn spot(&self, place: PlaceId) -> String {
        self.known_place(place).as_deref().unwrap_or("an unknown place").into()
    }

    /// `taken 1.2 s ago at src/main.rs:14:22`
    pub(super) fn taken(&self, hold: &Hold) -> String {
        let verb = match hold.mode {
            _ if hold.granted => "given to a future that has waited since",
            Mode::Init => "begun",
            _ => "taken",
        };
        words!(verb, " ", past(self.ago(hold.since)), self.at(hold.place))
    }

    /// `for 1.1 s, at src/main.rs:16:9`
    pub(super) fn waiting(&self, wait: &Wait) -> String {
        let since = self.ago(wait.since);
        let since = if since < MOMENT { "since just now".into() } else { words!("for ", amount(since)) };
        match self.known_place(wait.place).as_deref() {
            Some(place) => words!(since, ", at ", place),
            None => since,
        }
    }

    /// What this actor holds that steps of others wait for.
    pub(super) fn wanted_of(&self, actor: ActorId) -> Vec<Hold> {
        self.wanted.get(&actor).cloned().unwrap_or_default()
    }

    /// Whether somebody who has arrived holds what somebody else wants.
    pub(super) fn is_blocked(&self, barrier: ObjectId) -> bool {
        self.blocked.contains(&barrier)
    }

    /// How many wait at a barrier.
    pub(super) fn arrived_at(&self, barrier: ObjectId) -> usize {
        self.arrived.get(&barrier).copied().unwrap_or(0)
    }
}

/// For each holder: what it holds that others wait for, in the order of their steps.
fn wanted(steps: &[Step]) -> FxHashMap<ActorId, Vec<Hold>> {
    let mut wanted: FxHashMap<ActorId, Vec<Hold>> = FxHashMap::default();
    for step in steps {
        if let Because::HeldBy { actor, hold } = step.because
            && actor != step.actor
        {
            let holds = wanted.entry(actor).or_default();
            if !holds.contains(&hold) {
                holds.push(hold);
            }
        }
    }
    wanted
}

/// Where the step's actor has arrived.
fn barrier(step: &Step) -> Option<ObjectId> {
    match step.wait?.on {
        On::Arrivals { barrier, .. } => Some(barrier),
        _ => None,
    }
}

fn arrived(snapshot: &Snapshot) -> FxHashMap<ObjectId, usize> {
    let mut arrived = FxHashMap::default();
    for wait in snapshot.actors.iter().filter_map(|actor| actor.wait) {
        if let On::Arrivals { barrier, .. } = wait.on {
            *arrived.entry(barrier).or_default() += 1;
        }
    }
    arrived
}

/// What is done with it first.
fn used(kind: Kind) -> &'static str {
    if kind == Kind::Condvar { "waited for" } else { "locked" }
}

/// ` for reading`, where that says something.
pub(super) fn use_of(kind: Kind, mode: Mode) -> &'static str {
    match (kind, mode) {
        (Kind::RwLock, Mode::Shared | Mode::Recursive) => " for reading",
        (Kind::RwLock, Mode::Upgradable) => " for upgradable reading",
        (Kind::RwLock, Mode::Exclusive | Mode::Upgrade) => " for writing",
        _ => "",
    }
}

/// What of it is held, before the object, where that is not all of it.
pub(super) fn some_of(kind: Kind) -> &'static str {
    if kind == Kind::Semaphore { "permits of " } else { "" }
}

/// What comes after "waits", before the object.
pub(super) fn in_order_to(kind: Kind, mode: Mode) -> &'static str {
    match (kind, mode) {
        (Kind::Once | Kind::OnceLock | Kind::LazyLock, _) | (_, Mode::Init) => "for the initialisation of ",
        (Kind::RwLock, Mode::Shared | Mode::Recursive) => "to read ",
        (Kind::RwLock, Mode::Upgradable) => "for an upgradable read of ",
        (Kind::RwLock, Mode::Upgrade) => "to upgrade its read of ",
        (Kind::RwLock, Mode::Exclusive) => "to write ",
        _ => "for ",
    }
}

/// Below the precision of the coarse clock.
const MOMENT: Duration = Duration::from_millis(10);

/// `1.2 s`: no more digits than a person needs.
pub(crate) fn amount(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match duration {
        d if d < MOMENT => "less than 10 ms".into(),
        d if d.as_millis() < 1_000 => words!(d.as_millis().to_string(), " ms"),
        d if d.as_millis() < 60_000 => format!("{}.{} s", seconds, d.subsec_millis() / 100),
        _ if seconds < 3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// `1.2 s ago`, or `just now`.
pub(super) fn past(duration: Duration) -> String {
    if duration < MOMENT { "just now".into() } else { words!(amount(duration), " ago") }
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
    let (file, line) = (printable(of_package(&place.file)), place.line.to_string());
    match place.column {
        0 => words!(file, ":", line),
        column => words!(file, ":", line, ":", column.to_string()),
    }
}

/// The file of a dependency from its package on, `prometheus-0.14.0/src/registry.rs`; of a longer path its end.
fn of_package(file: &str) -> &str {
    let from_registry = |root: &str| file.split_once(root)?.1.split_once(['/', '\\']);
    let packages = ["/registry/src/", "\\registry\\src\\"];
    let file = packages.into_iter().find_map(from_registry).map_or(file, |(_, package)| package);
    let names = file.match_indices(['/', '\\']).map(|(at, _)| &file[at + 1..]);
    std::iter::once(file).chain(names).find(|end| end.len() <= LONGEST_NAME).unwrap_or(file)
}

/// On one line, without anything a terminal would obey, and not endless.
pub(super) fn printable(name: &str) -> String {
    if name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return name.to_owned();
    }
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
        [first @ .., last] => words!(first.join(", "), " and ", last),
    }
}

/// `1 thread`, `2 threads`
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { words!("1 ", noun) } else { words!(count.to_string(), " ", noun, "s") }
}

/// A sentence begins with a capital letter.
pub(super) fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |first| words!(first.to_uppercase().to_string(), chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_end() {
        assert_eq!(of_package("src/main.rs"), "src/main.rs");
        assert_eq!(
            of_package("/cargo/registry/src/index-1949/prometheus-0.14.0/src/a.rs"),
            "prometheus-0.14.0/src/a.rs"
        );
        assert_eq!(of_package(r"C:\cargo\registry\src\index-1949\fnv-1.0.7\lib.rs"), r"fnv-1.0.7\lib.rs");
        let folders = "folder/".repeat(20);
        assert_eq!(of_package(&format!("/{folders}src/main.rs")), format!("{}src/main.rs", "folder/".repeat(9)));
        let endless = "a".repeat(100);
        assert_eq!(of_package(&endless), endless, "cut where it is printed");
    }

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
