//! The wait-for graph of one reading.
//!
//! Two kinds of nodes: actors, and what they want ([`Resource`]). An actor points at the one thing it wants; that
//! points at everybody who must let go of it first (AND: the wait lasts while any of them stays stuck). Actors
//! that want the same share the node, so a lock with a thousand readers and a thousand waiting writers makes two
//! thousand edges, not a million. A wait for a signal (OR: anybody who runs might give it) is a mark on the actor.
//!
//! Who waits for a lock whose guard may be in another thread than the one that took it ([`Hold::moves`]) waits for a
//! signal, too: whoever runs might have the guard. So does a reader behind a waiting writer, where whoever runs might be
//! about to wake it ([`Snapshot::loose_queues`]); and so does who waits for the end of a task, which somebody might abort
//! ([`Actor::abortable`]). What there would be without these doubts is another graph ([`Trust`]).

use super::components::components;
use crate::model::{
    Actor, ActorId, Because, Hold, Kind, Mode, ObjectId, On, Orphan, RuntimeId, ScopeId, Sleep, Snapshot, Wait,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::OnceCell;

/// The wait-for graph. Actors are numbered in the order of their identities, so that the same situation gives the
/// same answer however it was read.
pub(super) struct Graph<'a> {
    pub(super) snapshot: &'a Snapshot,
    actors: Vec<&'a Actor>,
    wants: Vec<Want>,
    resources: Vec<Resource>,
    /// For each actor: the resources that point at it.
    needed_for: Vec<Vec<usize>>,
    knots: Vec<Vec<usize>>,
    knot_of: Vec<Option<usize>>,
    doomed: Vec<bool>,
    /// See [`Graph::trusting`].
    trusting: OnceCell<Box<Graph<'a>>>,
}

/// What is made of a guard that may be in another thread than the one that took it, and of a loose queue.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Nothing: whoever runs might have it, or let the reader in.
    Nobody,
    /// It is where it was taken, and the reader is kept out by who waits to write.
    Everybody,
}

/// What an actor needs before it can run. Neither of the two: it runs, or is about to.
#[derive(Clone, Default)]
struct Want {
    /// Somebody's signal: a notification, an arrival, an unpark, a release by whoever has the guard.
    signal: bool,
    /// What all have to let go of.
    resource: Option<usize>,
    /// A task that waits for several things: what of them others have to let go of, the first included. Any will do.
    others: Vec<usize>,
}

impl Want {
    const fn new(signal: bool, resource: Option<usize>) -> Want {
        Want { signal, resource, others: Vec::new() }
    }

    fn is_nothing(&self) -> bool {
        !self.signal && self.resource.is_none()
    }

    fn resources(&self) -> &[usize] {
        if self.others.is_empty() { self.resource.as_slice() } else { &self.others }
    }

    /// Either of the two will do.
    fn or(self, other: Want) -> Want {
        if self.is_nothing() || other.is_nothing() {
            return Want::default();
        }
        let only_signal = |want: &Want| want.signal && want.resource.is_none();
        if only_signal(&self) || only_signal(&other) {
            return Want::new(true, None);
        }
        let others = self.resources().iter().chain(other.resources()).copied().collect();
        Want { signal: self.signal || other.signal, resource: self.resource, others }
    }
}

/// Something that actors wait for, and everybody who stands in the way.
#[derive(Default)]
struct Resource {
    edges: Vec<Edge>,
    /// The actors of `edges`, for the search of components.
    to: Vec<usize>,
    /// Who seems to be in the way, where that is not certain.
    taken: Option<Because>,
    /// It can never be had.
    leaked: Option<Because>,
    /// Who wants it.
    waiters: Vec<usize>,
}

/// The wait lasts as long as this actor does not move.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) to: usize,
    pub(super) because: Because,
}

impl Edge {
    pub(super) fn is_queue(&self) -> bool {
        matches!(self.because, Because::QueuedBehind { .. })
    }
}

impl<'a> Graph<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, trust: Trust) -> Graph<'a> {
        let mut actors: Vec<&Actor> = snapshot.actors.iter().collect();
        actors.sort_unstable_by_key(|actor| actor.id);
        let index = Index::new(&actors, &snapshot.orphans);
        let (resources, shared) = (Vec::new(), FxHashMap::default());
        let mut builder = Builder { index, actors: &actors, snapshot, trust, resources, shared };
        let wants: Vec<Want> = (0..actors.len()).map(|actor| builder.want(actor)).collect();
        let mut resources = builder.resources;
        let mut needed_for = vec![Vec::new(); actors.len()];
        for (number, resource) in resources.iter_mut().enumerate() {
            resource.to = resource.edges.iter().map(|edge| edge.to).collect();
            resource.to.iter().for_each(|&actor| needed_for[actor].push(number));
        }
        for (actor, want) in wants.iter().enumerate() {
            want.resources().iter().for_each(|&resource| resources[resource].waiters.push(actor));
        }
        let (knots, knot_of, doomed) = (Vec::new(), vec![None; actors.len()], Vec::new());
        let trusting = OnceCell::new();
        let mut graph = Graph { snapshot, actors, wants, resources, needed_for, knots, knot_of, doomed, trusting };
        graph.doomed = graph.find_doomed();
        graph.find_knots();
        graph
    }

    /// What there would be without doubts ([`Trust::Everybody`]). Made once, by the first who asks.
    pub(super) fn trusting(&self) -> &Graph<'a> {
        self.trusting.get_or_init(|| Box::new(Graph::new(self.snapshot, Trust::Everybody)))
    }

    /// How many actors there are.
    pub(super) fn len(&self) -> usize {
        self.actors.len()
    }

    pub(super) fn actor(&self, actor: usize) -> &'a Actor {
        self.actors[actor]
    }

    pub(super) fn id(&self, actor: usize) -> ActorId {
        self.actors[actor].id
    }

    pub(super) fn ids(&self, actors: impl IntoIterator<Item = usize>) -> Vec<ActorId> {
        actors.into_iter().map(|actor| self.id(actor)).collect()
    }

    /// The number of an actor.
    pub(super) fn find(&self, id: ActorId) -> Option<usize> {
        number(&self.actors, id)
    }

    /// The actor runs, or will without anybody's help.
    pub(super) fn runs(&self, actor: usize) -> bool {
        self.wants[actor].is_nothing()
    }

    /// Somebody runs, or will without anybody's help.
    pub(super) fn anybody_runs(&self) -> bool {
        self.snapshot.others != 0 || (0..self.len()).any(|actor| self.runs(actor))
    }

    /// The actor needs a signal that any running actor might give.
    pub(super) fn needs_signal(&self, actor: usize) -> bool {
        self.wants[actor].signal
    }

    /// Who seems to be in the actor's way, where somebody who runs might clear it.
    pub(super) fn taken(&self, actor: usize) -> Option<Because> {
        self.resources[self.wants[actor].resource?].taken
    }

    /// Everybody who has to move before this actor can (where it wants several things: one of them).
    pub(super) fn edges(&self, actor: usize) -> &[Edge] {
        self.wants[actor].resource.map_or(&[], |resource| &self.resources[resource].edges)
    }

    /// What the actor wants, as a number: equal for those who share the node.
    pub(super) fn resource(&self, actor: usize) -> Option<usize> {
        self.wants[actor].resource
    }

    /// All that it wants, any of which will do, and everybody who has to move before it can have that.
    pub(super) fn ways(&self, actor: usize) -> impl Iterator<Item = (usize, &[Edge])> {
        self.wants[actor].resources().iter().map(|&resource| (resource, self.resources[resource].edges.as_slice()))
    }

    /// What stands in the way of this actor, where it waits for several things and none of them is to be had.
    pub(super) fn wait_for(&self, actor: usize, because: &Because) -> Option<Wait> {
        let actor = self.actors[actor];
        let all = actor.wait.iter().chain(&actor.also);
        all.copied().find(|wait| explains(because, wait)).or(actor.wait)
    }

    /// Why the actor can never get what it wants, if that was leaked, or nobody has its waker.
    pub(super) fn leaked(&self, actor: usize) -> Option<Because> {
        let mut ways = self.wants[actor].resources().iter().map(|&resource| self.resources[resource].leaked);
        let first = ways.next()??;
        ways.all(|way| way.is_some()).then_some(first)
    }

    /// The tasks that nobody can wake.
    pub(super) fn dead(&self) -> Vec<usize> {
        (0..self.len()).filter(|&actor| self.leaked(actor) == Some(Because::NoWaker)).collect()
    }

    /// The groups of actors that all wait for each other.
    pub(super) fn knots(&self) -> &[Vec<usize>] {
        &self.knots
    }

    /// Which of the knots the actor is in.
    pub(super) fn knot_of(&self, actor: usize) -> Option<usize> {
        self.knot_of[actor]
    }

    /// The actor can never move, whatever signals come: it is in a knot, or wants what was leaked, or waits for
    /// such an actor.
    pub(super) fn doomed(&self, actor: usize) -> bool {
        self.doomed[actor]
    }

    /// What stands still until this actor moves: the numbers of what is wanted, and why it is not to be had.
    pub(super) fn needed_for(&self, actor: usize) -> impl Iterator<Item = (usize, Because)> + '_ {
        self.needed_for[actor].iter().filter_map(move |&resource| {
            let edge = self.resources[resource].edges.iter().find(|edge| edge.to == actor)?;
            Some((resource, edge.because))
        })
    }

    /// Who wants this.
    pub(super) fn waiters(&self, resource: usize) -> &[usize] {
        &self.resources[resource].waiters
    }

    /// The `seeds` and all that wait for one of them, directly or not, without going through actors that are not to
    /// be `entered`. In the order of their numbers.
    pub(super) fn behind(&self, seeds: &[usize], entered: impl Fn(usize) -> bool) -> Vec<usize> {
        if seeds.is_empty() {
            return Vec::new();
        }
        let mut seen = vec![false; self.len()];
        let mut opened = vec![false; self.resources.len()];
        let mut todo: Vec<usize> = seeds.to_vec();
        seeds.iter().for_each(|&seed| seen[seed] = true);
        while let Some(actor) = todo.pop() {
            for &resource in &self.needed_for[actor] {
                if std::mem::replace(&mut opened[resource], true) {
                    continue;
                }
                for &waiter in &self.resources[resource].waiters {
                    if !seen[waiter] && entered(waiter) {
                        seen[waiter] = true;
                        todo.push(waiter);
                    }
                }
            }
        }
        (0..self.len()).filter(|&actor| seen[actor]).collect()
    }

    fn find_knots(&mut self) {
        if self.resources.is_empty() {
            return;
        }
        let actors = self.len();
        // The graph is bipartite: an actor alone in its component is in no circle. Who can move is in none, though it may
        // be in the way of others.
        let nodes = |actor: usize| self.wants[actor].resources().iter().map(|resource| resource + actors);
        let wanted = |actor: usize| if self.doomed[actor] { nodes(actor).collect() } else { Vec::new() };
        let wanted: Vec<Vec<usize>> = (0..actors).map(wanted).collect();
        let component = components(actors + self.resources.len(), |node| match node.checked_sub(actors) {
            None => wanted[node].as_slice(),
            Some(resource) => &self.resources[resource].to,
        });
        let mut numbers: FxHashMap<usize, usize> = FxHashMap::default();
        for actor in 0..actors {
            if wanted[actor].iter().any(|&resource| component[resource] == component[actor]) {
                let number = *numbers.entry(component[actor]).or_insert(self.knots.len());
                if number == self.knots.len() {
                    self.knots.push(Vec::new());
                }
                self.knots[number].push(actor);
                self.knot_of[actor] = Some(number);
            }
        }
    }

    /// Who is left when everybody has moved who can (Holt 1972): who wants nothing, or one thing of which all who were in
    /// the way have moved, and so on.
    fn find_doomed(&self) -> Vec<bool> {
        let mut doomed = vec![true; self.len()];
        let mut missing: Vec<usize> = self.resources.iter().map(|resource| resource.edges.len()).collect();
        let mut todo: Vec<usize> = (0..self.len()).filter(|&actor| self.wants[actor].resources().is_empty()).collect();
        let free =
            |resource: usize, missing: &[usize]| missing[resource] == 0 && self.resources[resource].leaked.is_none();
        for resource in (0..missing.len()).filter(|&resource| free(resource, &missing)) {
            todo.extend(&self.resources[resource].waiters);
        }
        while let Some(actor) = todo.pop() {
            if !std::mem::replace(&mut doomed[actor], false) {
                continue;
            }
            for &resource in &self.needed_for[actor] {
                missing[resource] -= 1;
                if free(resource, &missing) {
                    todo.extend(&self.resources[resource].waiters);
                }
            }
        }
        doomed
    }
}

/// What is looked up while the edges are made; only what somebody waits for.
struct Index<'a> {
    holders: FxHashMap<ObjectId, Vec<(usize, Hold)>>,
    orphans: FxHashMap<ObjectId, Vec<&'a Orphan>>,
    /// Who waits for a lock to write.
    writers: FxHashMap<ObjectId, Vec<usize>>,
    /// Who has closed a lock, to write once the readers have gone.
    upgrading: FxHashMap<ObjectId, Vec<usize>>,
    /// Locks that somebody waits for to write, and only for a time.
    impatient: FxHashSet<ObjectId>,
    /// How many wait at a barrier.
    arrived: FxHashMap<ObjectId, u32>,
    members: FxHashMap<ScopeId, Vec<usize>>,
    /// With whom the threads of a runtime are busy.
    occupants: FxHashMap<RuntimeId, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(actors: &[&'a Actor], orphans: &'a [Orphan]) -> Index<'a> {
        let mut index = Index {
            holders: FxHashMap::default(),
            orphans: FxHashMap::default(),
            writers: FxHashMap::default(),
            upgrading: FxHashMap::default(),
            impatient: FxHashSet::default(),
            arrived: FxHashMap::default(),
            members: FxHashMap::default(),
            occupants: FxHashMap::default(),
        };
        for (number, actor) in actors.iter().enumerate() {
            index.note_wait(number, actor.wait.as_ref());
            actor.also.iter().for_each(|wait| index.note_wait(number, Some(wait)));
            actor.scope.into_iter().for_each(|scope| index.members.entry(scope).or_default().push(number));
            actor.occupies.into_iter().for_each(|it| index.occupants.entry(it).or_default().push(number));
        }
        for (number, actor) in actors.iter().enumerate() {
            for hold in &actor.held {
                if let Some(holders) = index.holders.get_mut(&hold.object) {
                    holders.push((number, *hold));
                }
            }
        }
        for orphan in orphans {
            index.orphans.entry(orphan.hold.object).or_default().push(orphan);
        }
        index
    }

    fn note_wait(&mut self, actor: usize, wait: Option<&Wait>) {
        match wait.map(|wait| wait.on) {
            Some(On::Object { object, mode }) => {
                self.holders.entry(object).or_default();
                match mode {
                    Mode::Exclusive | Mode::Upgrade if wait.is_some_and(|wait| wait.timed) => {
                        self.impatient.insert(object);
                    }
                    Mode::Exclusive => self.writers.entry(object).or_default().push(actor),
                    Mode::Upgrade => self.upgrading.entry(object).or_default().push(actor),
                    _ => {}
                }
            }
            Some(
                On::Lazy { object }
                | On::Permits { semaphore: object }
                | On::Notify { mutex: Some(object), .. }
                | On::Notify { condvar: object, mutex: None },
            ) => {
                self.holders.entry(object).or_default();
            }
            Some(On::Arrivals { barrier, .. }) => *self.arrived.entry(barrier).or_default() += 1,
            _ => {}
        }
    }
}

/// What is wanted, where several actors may want the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Lock(ObjectId, Mode),
    /// To read, behind the writers that wait for the same lock.
    Queue(ObjectId),
    /// The same, of those who read already.
    Refused(ObjectId),
    /// The same, where somebody who runs might let them in.
    LooseQueue(ObjectId),
    Lazy(ObjectId),
    End(usize),
    Scope(ScopeId),
    Runtime(RuntimeId),
    /// The end of what a thread does while it polls a task.
    Poller(usize),
    /// The next poll of a task, which may poll this one, too; as may whoever runs.
    Awaiter(usize),
}

struct Builder<'b, 'a> {
    index: Index<'a>,
    actors: &'b [&'a Actor],
    snapshot: &'a Snapshot,
    trust: Trust,
    resources: Vec<Resource>,
    shared: FxHashMap<Key, Option<usize>>,
}

impl Builder<'_, '_> {
    fn want(&mut self, actor: usize) -> Want {
        let node = self.actors[actor];
        let Some(wait) = node.wait.filter(|_| !node.stirs || self.trust == Trust::Everybody) else {
            return Want::default();
        };
        let first = self.want_of(actor, &wait);
        node.also.iter().fold(first, |want, other| {
            let other = self.want_of(actor, other);
            want.or(other)
        })
    }

    fn want_of(&mut self, actor: usize, wait: &Wait) -> Want {
        if wait.timed {
            return Want::default();
        }
        match wait.on {
            On::Object { object, mode } => self.lock(actor, object, mode),
            On::Lazy { object } => {
                let resource = self.share(Key::Lazy(object));
                Want::new(self.is_taken(resource), resource)
            }
            On::Notify { condvar, mutex: None } if self.trusts_once(condvar) => {
                let resource = self.share(Key::Lazy(condvar));
                Want::new(resource.is_none(), resource)
            }
            On::Notify { mutex, .. } => self.notification(actor, mutex),
            On::Arrivals { barrier, quorum } => {
                // As many as it takes are there: they are on their way out.
                let open = self.index.arrived.get(&barrier).is_some_and(|&count| count >= quorum);
                Want::new(!open, None)
            }
            On::Actor(id) | On::Pool(id) | On::Nested { task: id, .. } => {
                // An actor that is not there any more has ended.
                let resource = number(self.actors, id).and_then(|end| self.share(Key::End(end)));
                Want::new(self.is_taken(resource), resource)
            }
            On::Permits { semaphore } => self.permits(semaphore),
            On::Poller { thread: id, .. } => {
                let thread = number(self.actors, id);
                Want::new(false, thread.and_then(|thread| self.share(Key::Poller(thread))))
            }
            On::Awaiter(id) => {
                let resource = number(self.actors, id).and_then(|task| self.share(Key::Awaiter(task)));
                Want::new(self.is_taken(resource), resource)
            }
            On::Nothing { .. } => {
                let never = Resource { leaked: Some(Because::NoWaker), ..Resource::default() };
                Want::new(false, self.add(never))
            }
            On::Scope(scope) => {
                let resource = self.share(Key::Scope(scope));
                Want::new(self.is_taken(resource), resource)
            }
            On::Runtime(runtime) => Want::new(false, self.share(Key::Runtime(runtime))),
            On::NonDaemons => self.all_but_daemons(actor),
            On::Message { .. } | On::Room { .. } | On::Closing { .. } => Want::new(true, None),
            On::Unpark | On::Work | On::Driver => Want::new(true, None),
            On::Time => Want::default(),
        }
    }

    fn lock(&mut self, actor: usize, object: ObjectId, mode: Mode) -> Want {
        let mut resource = self.share(Key::Lock(object, mode));
        if resource.is_none() && mode == Mode::Shared {
            let reads = reads(self.actors[actor], object);
            // Of another reader it is known that it has found the queue while it sleeps: awake, it may still get in.
            if reads && !self.snapshot.impatient_writers {
                resource = self.share(Key::Refused(object));
            } else if asleep(self.actors[actor]) {
                let loose = self.snapshot.loose_queues && !reads && self.trust == Trust::Nobody;
                resource = self.share(if loose { Key::LooseQueue(object) } else { Key::Queue(object) });
            }
        }
        Want::new(self.is_taken(resource), resource)
    }

    /// Anybody might add permits. And if nobody does, any of those who have some might give them back.
    fn permits(&mut self, semaphore: ObjectId) -> Want {
        let holders = self.holders(semaphore, |_| true);
        let edges = if self.trust == Trust::Everybody { holders.edges } else { Vec::new() };
        let ways: Vec<Want> = edges
            .into_iter()
            .map(|edge| Want::new(false, self.add(Resource { edges: vec![edge], ..Resource::default() })))
            .collect();
        match ways.into_iter().reduce(Want::or) {
            Some(want) => want,
            None => Want::new(true, self.add(Resource { taken: holders.taken, ..Resource::default() })),
        }
    }

    /// Who waits for a `Once` waits for whoever initialises it, but for the wait for one that is poisoned, which ends in a
    /// panic.
    fn trusts_once(&self, object: ObjectId) -> bool {
        self.trust == Trust::Everybody && object.kind() == Kind::Once
    }

    /// Somebody seems to be in the way, and somebody else might clear it.
    fn is_taken(&self, resource: Option<usize>) -> bool {
        resource.is_some_and(|resource| self.resources[resource].taken.is_some())
    }

    /// A notification, and besides, the mutex: without it the wait cannot return. The waiter itself has given the
    /// mutex up, whatever its record says.
    fn notification(&mut self, actor: usize, mutex: Option<ObjectId>) -> Want {
        let resource = mutex.and_then(|mutex| {
            let mut resource = self.holders(mutex, |mode| mode.conflicts(Mode::Exclusive));
            resource.edges.retain(|edge| edge.to != actor);
            self.add(Resource { taken: None, ..resource })
        });
        Want::new(true, resource)
    }

    fn all_but_daemons(&mut self, actor: usize) -> Want {
        let guarded = |other: &Actor| other.wait.is_some_and(|wait| wait.on == On::NonDaemons);
        let counts = |&other: &usize| {
            let waited_for = &self.actors[other];
            let counts = !waited_for.daemon && !waited_for.foreign && !waited_for.id.is_task();
            other != actor && counts && !guarded(waited_for)
        };
        let edges = (0..self.actors.len()).filter(counts).map(|other| self.end(other)).collect();
        Want::new(false, self.add(Resource { edges, ..Resource::default() }))
    }

    fn share(&mut self, key: Key) -> Option<usize> {
        if let Some(&known) = self.shared.get(&key) {
            return known;
        }
        let resource = match key {
            Key::Lock(object, mode) => self.holders(object, |held| held.conflicts(mode)),
            Key::Lazy(object) => self.holders(object, |held| held == Mode::Init),
            Key::Refused(object) => self.queue(object, |_| true),
            Key::Queue(object) => self.queue(object, asleep),
            Key::LooseQueue(object) => {
                let taken = self.queue(object, asleep).edges.first().map(|edge| edge.because);
                Resource { taken, ..Resource::default() }
            }
            Key::Poller(thread) => Resource { edges: vec![self.polled_by(thread)], ..Resource::default() },
            Key::Awaiter(task) if self.trust == Trust::Everybody => {
                Resource { edges: vec![self.polled_by(task)], ..Resource::default() }
            }
            Key::Awaiter(task) => Resource { taken: Some(self.polled_by(task).because), ..Resource::default() },
            Key::End(actor) => self.ends(&[actor]),
            Key::Scope(scope) => {
                let members = self.index.members.get(&scope).map_or(&[][..], Vec::as_slice);
                self.ends(members)
            }
            // Nobody can end by an abort what a thread is in the middle of.
            Key::Runtime(runtime) => {
                let occupants = self.index.occupants.get(&runtime).map_or(&[][..], Vec::as_slice);
                Resource { edges: occupants.iter().map(|&actor| self.end(actor)).collect(), ..Resource::default() }
            }
        };
        let number = self.add(resource);
        self.shared.insert(key, number);
        number
    }

    /// Nothing in the way: not a resource.
    fn add(&mut self, resource: Resource) -> Option<usize> {
        if resource.edges.is_empty() && resource.leaked.is_none() && resource.taken.is_none() {
            return None;
        }
        self.resources.push(resource);
        Some(self.resources.len() - 1)
    }

    /// All of them have to end. Whoever runs might abort a task, or drop its runtime.
    fn ends(&self, actors: &[usize]) -> Resource {
        let ends = actors.iter().map(|&actor| self.end(actor));
        let is_firm = |end: &Edge| self.trust == Trust::Everybody || !self.actors[end.to].abortable;
        let (edges, loose): (Vec<Edge>, Vec<Edge>) = ends.partition(is_firm);
        Resource { edges, taken: loose.first().map(|end| end.because), ..Resource::default() }
    }

    fn polled_by(&self, poller: usize) -> Edge {
        Edge { to: poller, because: Because::PolledBy { actor: self.actors[poller].id } }
    }

    fn end(&self, actor: usize) -> Edge {
        Edge { to: actor, because: Because::EndOf { actor: self.actors[actor].id } }
    }

    /// Everybody who holds the object in a way that is `in_the_way`. A guard whose thread may still be ending might
    /// yet be released: it keeps nobody from running.
    fn holders(&self, object: ObjectId, in_the_way: impl Fn(Mode) -> bool) -> Resource {
        let holders = self.index.holders.get(&object).map_or(&[][..], Vec::as_slice);
        let held = holders.iter().filter(|(_, hold)| in_the_way(hold.mode));
        let all = held.map(|&(to, hold)| {
            let because = Because::HeldBy { actor: self.actors[to].id, hold };
            Edge { to, because }
        });
        let (edges, loose): (Vec<Edge>, Vec<Edge>) = all.partition(|edge| self.is_firm(&edge.because));
        let orphans = self.index.orphans.get(&object).map_or(&[][..], Vec::as_slice);
        let lost = orphans.iter().filter(|orphan| orphan.gone && in_the_way(orphan.hold.mode));
        let all = lost.map(|orphan| Because::LeakedBy { actor: orphan.owner, hold: orphan.hold });
        let (leaked, sent): (Vec<Because>, Vec<Because>) = all.partition(|because| self.is_firm(because));
        let taken = loose.first().map(|edge| edge.because).or(sent.first().copied());
        Resource { edges, leaked: leaked.first().copied(), taken, ..Resource::default() }
    }

    /// It is known who has the guard.
    fn is_firm(&self, because: &Because) -> bool {
        self.trust == Trust::Everybody || !is_loose(because)
    }

    /// The writers that wait for the lock: `RwLock` lets no new reader in before them, even while others read.
    ///
    /// Which of them keeps the readers out is the same to us: all of them wait for those who read. It is otherwise with
    /// one whose time may be over, which then lets the readers in. And while there is an upgradable reader (in
    /// `parking_lot`), nobody keeps others out but that one, once it upgrades.
    fn queue(&self, object: ObjectId, queued: impl Fn(&Actor) -> bool) -> Resource {
        let orphans = self.index.orphans.get(&object).map_or(&[][..], Vec::as_slice);
        let conflicts = |orphan: &&Orphan| orphan.hold.mode != Mode::Shared;
        if orphans.iter().any(conflicts) || self.index.impatient.contains(&object) {
            return Resource::default();
        }
        let holders = self.index.holders.get(&object).map_or(&[][..], Vec::as_slice);
        let writers = match self.index.upgrading.get(&object) {
            Some(upgrading) => upgrading.as_slice(),
            None if holders.iter().any(|(_, hold)| hold.mode == Mode::Upgradable) => &[],
            None => self.index.writers.get(&object).map_or(&[][..], Vec::as_slice),
        };
        let queued = writers.iter().filter(|&&writer| queued(self.actors[writer]));
        let edges = queued.map(|&to| Edge { to, because: Because::QueuedBehind { actor: self.actors[to].id } });
        Resource { edges: edges.collect(), ..Resource::default() }
    }
}

/// The place of an actor among all, which are in the order of their identities.
fn number(actors: &[&Actor], id: ActorId) -> Option<usize> {
    actors.binary_search_by_key(&id, |actor| actor.id).ok()
}

/// The actor reads what it waits to read once more: what refused it was a queued writer, for nothing else does while
/// somebody reads. And a queued writer stays queued as long as that one reads.
pub(super) fn reads(actor: &Actor, object: ObjectId) -> bool {
    actor.held.iter().any(|hold| hold.object == object && hold.mode == Mode::Shared)
}

/// A guard that may be in another thread than the one that took it.
pub(super) fn is_loose(because: &Because) -> bool {
    matches!(because, Because::HeldBy { hold, .. } | Because::LeakedBy { hold, .. } if hold.moves)
}

/// Whether that is why this wait does not end.
fn explains(because: &Because, wait: &Wait) -> bool {
    match (*because, wait.on) {
        (Because::HeldBy { hold, .. } | Because::LeakedBy { hold, .. }, on) => match on {
            On::Object { object, .. } | On::Lazy { object } | On::Permits { semaphore: object } => {
                object == hold.object
            }
            On::Notify { mutex, .. } => mutex == Some(hold.object),
            _ => false,
        },
        (Because::EndOf { actor }, On::Actor(other) | On::Pool(other) | On::Nested { task: other, .. })
        | (Because::PolledBy { actor }, On::Poller { thread: other, .. } | On::Awaiter(other)) => actor == other,
        (Because::NoWaker, On::Nothing { .. }) => true,
        _ => false,
    }
}

fn asleep(actor: &Actor) -> bool {
    matches!(actor.sleep, Sleep::Asleep { .. })
}
