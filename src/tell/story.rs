//! The title, and one sentence for each step.

use super::{
    names::{Scene, amount, in_order_to, listed, past, sentence, shown, some_of, use_of},
    nouns::crowd,
};
use crate::model::{ActorId, Because, Hold, Kind, Mode, ObjectId, On, Rule, Step, TaskFigures, Wait};
use rustc_hash::FxHashSet;
use std::{hash::Hash, time::Duration};

/// How a finding looks from above: what its title, drawing and advice go by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// Each step waits for the next, the last for the first.
    Circle,
    /// Each step waits for the next, the last for something that can never come.
    Chain,
    /// Anything else that stands still.
    Crowd,
    /// One thread, one warning.
    Warning,
}

/// What has become of a lock that was given to a future which is not polled.
const UNTAKEN: &str = " has got and is not polled to take";

impl Scene<'_> {
    pub(super) fn shape(&self) -> Shape {
        if self.finding.rule.is_warning() {
            return Shape::Warning;
        }
        let steps = &self.finding.steps;
        let follows = steps.windows(2).all(|pair| aim(&pair[0]) == Some(pair[1].actor));
        match (steps.first(), steps.last()) {
            (Some(first), Some(last)) if follows && aim(last) == Some(first.actor) => Shape::Circle,
            (Some(_), Some(last)) if follows && !self.is_step(aim(last)) => Shape::Chain,
            _ => Shape::Crowd,
        }
    }

    fn is_step(&self, actor: Option<ActorId>) -> bool {
        actor.is_some_and(|actor| self.finding.steps.iter().any(|step| step.actor == actor))
    }

    pub(super) fn title(&self) -> String {
        let steps = &self.finding.steps;
        match (self.finding.rule, &steps[..]) {
            (Rule::LongHold, [step, ..]) => self.long_hold_title(step),
            (Rule::LongWait, [step, ..]) => self.long_wait_title(step),
            (Rule::LongPoll | Rule::BlockingInTask | Rule::GuardAcrossAwait, [step, ..]) => self.poll_title(step),
            (Rule::PendingAtShutdown, steps) => self.shutdown_title(steps),
            (rule, steps) => {
                let noun = match rule {
                    _ if self.is_futurelock() => "futurelock",
                    Rule::Standstill => "standstill",
                    Rule::DeadTask => "dead task",
                    _ => "deadlock",
                };
                words!(noun, " (", self.finding.certainty.word(), "): ", self.predicament(steps))
            }
        }
    }

    /// Something was given to a future that is alive, and that nobody polls: RFD 609 of Oxide Computer's.
    pub(super) fn is_futurelock(&self) -> bool {
        self.grant().is_some() || self.left_behind().is_some()
    }

    /// What is with a future that is a task of its own, and that nobody polls: whose, and what.
    fn left_behind(&self) -> Option<(ActorId, Hold)> {
        self.finding.steps.iter().find_map(|step| match step.because {
            Because::HeldBy { actor, hold } if self.left_by(actor).is_some() => Some((actor, hold)),
            _ => None,
        })
    }

    /// What that is, and whose future.
    fn grant(&self) -> Option<(ActorId, Hold)> {
        self.finding.steps.iter().find_map(|step| match step.because {
            Because::HeldBy { actor, hold } if hold.granted => Some((actor, hold)),
            _ => None,
        })
    }

    fn predicament(&self, steps: &[Step]) -> String {
        match (steps, self.shape(), self.grant()) {
            ([step], Shape::Circle, _) => self.alone(step),
            ([step], _, Some((holder, hold))) => {
                let (thread, object) = (self.thread(step.actor), self.object(hold.object));
                words!(thread, " waits for ", object, ", which a future of ", self.thread(holder), UNTAKEN)
            }
            (_, _, Some((holder, hold))) => {
                let (holder, object) = (self.thread(holder), self.object(hold.object));
                words!(
                    self.situation(steps),
                    "; a future of ",
                    holder,
                    " has got ",
                    object,
                    " and is not polled to take it"
                )
            }
            _ => match self.left_behind() {
                Some((owner, hold)) => {
                    let (owner, object) = (self.thread(owner), self.object(hold.object));
                    words!(self.situation(steps), "; ", owner, " has ", object, " and is not polled any more")
                }
                None => self.situation(steps),
            },
        }
    }

    fn situation(&self, steps: &[Step]) -> String {
        match (steps, self.shape()) {
            (_, Shape::Circle) => words!(crowd(steps), " wait for each other in a circle"),
            ([.., Step { because: Because::LeakedBy { hold, .. }, .. }], Shape::Chain) => {
                let object = self.object(hold.object);
                format!("{} wait{} for ever: the guard of {object} was leaked", crowd(steps), s(steps))
            }
            ([step], _) if step.because == Because::NoWaker => {
                words!(self.thread(step.actor), " is pending, and nobody has its waker")
            }
            ([step], _) => format!("{} waits, and nobody is left to wake it", self.thread(step.actor)),
            _ => format!("{} wait, and nobody is left to wake them", crowd(steps)),
        }
    }

    /// One thread that waits for itself.
    fn alone(&self, step: &Step) -> String {
        let thread = self.thread(step.actor);
        match (step.wait.map(|wait| wait.on), step.because) {
            (_, Because::HeldBy { hold, .. }) if hold.mode == Mode::Init => {
                let object = self.object(hold.object);
                format!("{thread} needs {object} in order to initialise {object}")
            }
            (_, Because::HeldBy { hold, .. }) if hold.granted => {
                let object = self.object(hold.object);
                words!(thread, " waits for ", object, ", which a future of its own", UNTAKEN)
            }
            (Some(On::Object { object, mode }), Because::HeldBy { hold, .. }) if self.kind(object) == Kind::RwLock => {
                let (to, held) = (in_order_to(Kind::RwLock, mode), use_of(Kind::RwLock, hold.mode));
                words!(thread, " waits ", to, self.object(object), ", which it holds itself", held)
            }
            (Some(On::Object { object, .. }), _) => {
                match step.wait.and_then(|wait| self.other_way_round(step, &wait)) {
                    Some((_, other)) => words!(
                        thread,
                        " waits for ",
                        self.object(object),
                        " and for ",
                        self.object(other.object),
                        ", both of which it holds itself"
                    ),
                    None => {
                        let keeper = match step.because {
                            Because::HeldBy { actor, hold } => self.keeper(actor, &hold),
                            _ => None,
                        };
                        let keeper = keeper.map_or(String::new(), |task| words!(", for ", self.thread(task)));
                        words!(thread, " waits for ", self.object(object), ", which it holds itself", keeper)
                    }
                }
            }
            (Some(On::Actor(_)), _) => format!("{thread} waits for its own end"),
            (Some(On::Permits { semaphore }), _) => {
                words!(thread, " waits for permits of ", self.object(semaphore), ", and has taken some itself")
            }
            _ => format!("{thread} waits for itself"),
        }
    }

    /// What else one who waits for a lock of its own waits for and holds: a task polls futures that wait for each other.
    pub(super) fn other_way_round(&self, step: &Step, wait: &Wait) -> Option<(Wait, Hold)> {
        let On::Object { object: first, .. } = wait.on else { return None };
        let own = |wait: Wait| match wait.on {
            On::Object { object, .. } if object != first => {
                let hold = self.held(step.actor).iter().find(|hold| hold.object == object && !hold.granted)?;
                Some((wait, *hold))
            }
            _ => None,
        };
        self.also(step.actor, wait).into_iter().find_map(own)
    }

    /// A task that is pending on something of which nothing is known.
    pub(super) fn is_pending_unwatched(&self, actor: ActorId) -> bool {
        actor.is_task() && self.alive(actor).is_some_and(|task| task.wait.is_none() && task.stirs)
    }

    fn long_hold_title(&self, step: &Step) -> String {
        match step.because {
            Because::HeldBy { hold, .. } if hold.granted => {
                let (thread, object) = (self.thread(step.actor), self.object(hold.object));
                let since = words!(" (waited for since ", past(self.ago(hold.since)), ")");
                words!(
                    "long hold: a future of ",
                    thread,
                    " was given ",
                    object,
                    ", and is not polled to take it",
                    since
                )
            }
            Because::HeldBy { hold, .. } | Because::LeakedBy { hold, .. } => {
                let what = match hold.mode {
                    Mode::Init => format!("has been initialising {}", self.object(hold.object)),
                    _ => format!("has held {}", self.object(hold.object)),
                };
                format!("long hold: {} {what} for {}", self.thread(step.actor), amount(self.ago(hold.since)))
            }
            _ => format!("long hold by {}", self.thread(step.actor)),
        }
    }

    fn long_wait_title(&self, step: &Step) -> String {
        let thread = self.thread(step.actor);
        step.wait.map_or(format!("long wait of {thread}"), |wait| {
            format!("long wait: {thread} has waited {} {}", amount(self.ago(wait.since)), self.goal(&wait))
        })
    }

    pub(super) fn story(&self) -> Vec<String> {
        let mut teller = Teller { scene: self, objects: FxHashSet::default(), actors: FxHashSet::default() };
        self.finding.steps.iter().map(|step| sentence(&teller.tell(step))).collect()
    }

    /// What comes after "waits": ``for Mutex `a` ``.
    pub(super) fn goal(&self, wait: &Wait) -> String {
        self.goal_with(wait, |object| self.object(object), |actor| self.thread(actor))
    }

    fn goal_with(
        &self,
        wait: &Wait,
        mut object: impl FnMut(ObjectId) -> String,
        mut thread: impl FnMut(ActorId) -> String,
    ) -> String {
        match wait.on {
            On::Object { object: id, mode } => words!(in_order_to(self.kind(id), mode), object(id)),
            On::Lazy { object: id } => words!("for the initialisation of ", object(id)),
            On::Notify { condvar, .. } => words!("for a notification of ", object(condvar)),
            On::Arrivals { barrier, quorum } => format!("at {} for {quorum} arrivals", object(barrier)),
            On::Message { channel } => words!("for a message of ", object(channel)),
            On::Room { channel } => words!("to send to ", object(channel)),
            On::Closing { channel } => words!("for the closing of ", object(channel)),
            On::Actor(actor) => words!("for the end of ", thread(actor)),
            On::Scope(scope) if scope.is_of_tasks() => "for the end of the tasks of its set".into(),
            On::Scope(_) => "for the end of the threads of its scope".into(),
            On::Runtime(_) => "for the threads of the runtime that it drops".into(),
            On::NonDaemons => "for the end of all threads that are not daemons".into(),
            On::Unpark => "to be unparked".into(),
            On::Time => "for the end of its sleep".into(),
            On::Work => "for a task to be woken".into(),
            On::Permits { semaphore } => words!("for permits of ", object(semaphore)),
            On::Poller { thread: poller, may_block: false } => words!("for ", thread(poller), ", which polls it"),
            On::Poller { thread: runner, .. } => words!("for ", thread(runner), ", which runs it"),
            On::Nested { task, polled: true } => words!("for ", thread(task), ", which it polls"),
            On::Nested { task, .. } => words!("to be woken by way of ", thread(task), ", which it polls no more"),
            On::Awaiter(task) => words!("for ", thread(task), " to poll it again"),
            On::Pool(running) => words!("for a thread of the blocking pool, such as that of ", thread(running)),
            On::Driver => "for its `LocalSet` to be polled".into(),
            On::Nothing { .. } => "to be woken".into(),
        }
    }

    /// Who waits for this object now, longest first: ``thread `b` (for 3.2 s)``.
    pub(super) fn waiters(&self, object: ObjectId) -> Vec<String> {
        let mut waiters: Vec<_> = self
            .snapshot
            .actors
            .iter()
            .filter_map(|actor| Some((actor.wait.filter(|wait| wants(wait, object))?.since, actor.id)))
            .collect();
        waiters.sort_by_key(|(since, actor)| (*since, actor.index));
        waiters
            .into_iter()
            .map(|(since, actor)| format!("{} (for {})", self.thread(actor), amount(self.ago(since))))
            .collect()
    }

    /// How often a dead task was polled, and since when it is one.
    pub(super) fn polled_so_far(&self, figures: &TaskFigures) -> String {
        let last = figures.last_poll.map_or("at an unknown time".into(), |ago| past(Duration::from_nanos(ago)));
        let since = match figures.is_due {
            true => ", and has been woken since.",
            false => ", and has been pending since.",
        };
        match figures.polls {
            0 | 1 => words!("It was polled once, ", last, since),
            polls => words!("It was polled ", polls.to_string(), " times, last ", last, since),
        }
    }

    /// The same, each once, in their order.
    pub(super) fn holders_of(&self, wait: &Wait) -> Vec<ActorId> {
        let mut holders: Vec<ActorId> = self.holders(wait).into_iter().map(|(actor, _)| actor).collect();
        holders.sort_unstable();
        holders.dedup();
        holders
    }

    /// Who holds what this wait is for.
    pub(super) fn holders(&self, wait: &Wait) -> Vec<(ActorId, Hold)> {
        let holders = self.snapshot.actors.iter().flat_map(|actor| actor.held.iter().map(|hold| (actor.id, *hold)));
        holders.filter(|(_, hold)| wants(wait, hold.object)).collect()
    }
}

/// The words of a story in order: an unnamed thing is told in full the first time only.
pub(super) struct Teller<'a> {
    scene: &'a Scene<'a>,
    objects: FxHashSet<ObjectId>,
    actors: FxHashSet<ActorId>,
}

impl Teller<'_> {
    fn tell(&mut self, step: &Step) -> String {
        match (self.scene.finding.rule, step.because) {
            (Rule::LongHold, Because::HeldBy { hold, .. }) => self.long_hold(step, &hold),
            (Rule::LongWait, _) => self.long_wait(step),
            (Rule::LongPoll | Rule::BlockingInTask | Rule::GuardAcrossAwait, _) => self.in_poll(step),
            (Rule::PendingAtShutdown, _) => self.left_pending(step),
            _ => self.stuck(step),
        }
    }

    fn stuck(&mut self, step: &Step) -> String {
        let thread = match self.scene.finding.rule {
            Rule::DeadTask => self.with_origin(step.actor),
            _ => self.thread(step.actor),
        };
        let mut clauses = self.holding(&self.scene.wanted_of(step.actor));
        match step.wait {
            Some(wait) => clauses.push(self.waits(step, &wait)),
            None => clauses.push("does not wait".into()),
        }
        words!(thread, " ", listed(&clauses), ".")
    }

    /// ``holds Mutex `a` (taken 1.2 s ago at …)``
    pub(super) fn holding(&mut self, holds: &[Hold]) -> Vec<String> {
        let (given, taken): (Vec<Hold>, Vec<Hold>) = holds.iter().partition(|hold| hold.granted);
        let (inits, locks): (Vec<Hold>, Vec<Hold>) = taken.iter().partition(|hold| hold.mode == Mode::Init);
        let mut clauses = Vec::new();
        let locks: Vec<String> = locks.iter().map(|hold| self.hold(hold)).collect();
        if !locks.is_empty() {
            clauses.push(words!("holds ", listed(&locks)));
        }
        for hold in given {
            let object = words!(self.object(hold.object), self.use_of(&hold));
            let since = words!("which has waited since ", past(self.scene.ago(hold.since)), self.scene.at(hold.place));
            clauses.push(words!("was given ", object, " for a future that it does not poll (", since, ")"));
        }
        for init in inits {
            clauses.push(format!("is initialising {}", noted(&self.object(init.object), &self.scene.taken(&init))));
        }
        clauses
    }

    fn hold(&mut self, hold: &Hold) -> String {
        let some = some_of(self.scene.kind(hold.object));
        noted(&words!(some, self.object(hold.object), self.use_of(hold)), &self.scene.taken(hold))
    }

    /// ` for reading`, where that says something.
    fn use_of(&self, hold: &Hold) -> &'static str {
        use_of(self.scene.kind(hold.object), hold.mode)
    }

    fn waits(&mut self, step: &Step, wait: &Wait) -> String {
        if wait.on == On::Actor(step.actor) {
            return format!("waits for its own end ({}), which cannot come while it waits", self.scene.waiting(wait));
        }
        let goal = self.goal(wait);
        let again = if self.reads_again(step, wait) { " once more" } else { "" };
        let reason = self.reason(step, wait);
        words!("waits ", noted(&words!(goal, again), &self.scene.waiting(wait)), reason)
    }

    /// The second `read` of one thread.
    fn reads_again(&self, step: &Step, wait: &Wait) -> bool {
        let On::Object { object, mode: Mode::Shared } = wait.on else { return false };
        self.scene.held(step.actor).iter().any(|hold| hold.object == object && hold.mode == Mode::Shared)
    }

    pub(super) fn goal(&mut self, wait: &Wait) -> String {
        let scene = self.scene;
        let (mut objects, mut actors) = (std::mem::take(&mut self.objects), std::mem::take(&mut self.actors));
        let goal = scene.goal_with(
            wait,
            |object| name(&mut objects, object, || scene.object_in_full(object), || scene.object(object)),
            |actor| name(&mut actors, actor, || scene.thread_in_full(actor), || scene.thread(actor)),
        );
        (self.objects, self.actors) = (objects, actors);
        goal
    }

    fn reason(&mut self, step: &Step, wait: &Wait) -> String {
        match step.because {
            Because::HeldBy { actor, hold } => self.held_by(step, wait, actor, &hold),
            Because::QueuedBehind { actor } => format!(
                ", but has to queue behind {}, which waits to write: a new reader does not overtake a waiting writer",
                self.thread(actor)
            ),
            Because::EndOf { actor } => match wait.on {
                On::Actor(_) | On::Nested { .. } => String::new(),
                On::Pool(_) => ": all that it may have run closures, and none of them ends".into(),
                _ => words!(", and ", self.thread(actor), " has not ended"),
            },
            Because::LeakedBy { actor, hold } => format!(
                ", whose guard ({}) was leaked (as by `mem::forget`) by {}, which has ended: nobody can ever release it",
                self.scene.taken(&hold),
                self.thread(actor)
            ),
            Because::NobodyLeft => self.nobody(wait),
            Because::NotYet | Because::PolledBy { .. } => String::new(),
            Because::NoWaker if wait.on == (On::Nothing { forsaken: true }) => {
                ", and nobody has its waker: all that kept one have dropped it, and have not woken it. It is never polled again"
                    .into()
            }
            Because::NoWaker => {
                ", and nobody has its waker: it returned `Pending` and kept none, or all that kept one \
                                 have dropped it. It is never polled again"
                    .into()
            }
        }
    }

    fn held_by(&mut self, step: &Step, wait: &Wait, holder: ActorId, hold: &Hold) -> String {
        let which = match wait.on {
            On::Notify { .. } => format!(", and then for {}, which", self.object(hold.object)),
            _ => ", which".into(),
        };
        match (holder == step.actor, hold.mode == Mode::Init) {
            (true, true) => format!("{which} it has itself {}", self.scene.taken(hold)),
            (true, false) if hold.granted => words!(
                which,
                " was given to a future of its own that is not polled any more (it has waited since ",
                past(self.scene.ago(hold.since)),
                self.scene.at(hold.place),
                ")"
            ),
            (false, false) if hold.granted => {
                words!(which, " was given to a future of ", self.thread(holder), " that is not polled any more")
            }
            (_, false) if self.scene.kind(hold.object) == Kind::Semaphore => self.has_permits(step, wait, holder),
            (true, false) => {
                let taken = words!(" it holds itself", self.use_of(hold), " (", self.scene.taken(hold), ")");
                let other = self.scene.other_way_round(step, wait).map_or(String::new(), |(other, held)| {
                    let goal = words!(", and ", self.goal(&other), " (", self.scene.waiting(&other), ")");
                    words!(goal, which, " it holds itself (", self.scene.taken(&held), ")")
                });
                let keeper = self.scene.keeper(holder, hold).map_or(String::new(), |task| {
                    words!(": ", self.thread(task), " has kept the guard across an `.await`")
                });
                words!(which, taken, other, keeper)
            }
            (false, true) => format!("{which} {} has begun", self.thread(holder)),
            (false, false) if hold.moves => words!(which, " ", self.thread(holder), " has taken", self.use_of(hold)),
            (false, false) => words!(which, " ", self.thread(holder), " holds", self.use_of(hold)),
        }
    }

    /// Who has taken permits. (Who has them by now is not known.)
    fn has_permits(&mut self, step: &Step, wait: &Wait, holder: ActorId) -> String {
        let scene = self.scene;
        let own = scene.held(step.actor).iter().find(|hold| wants(wait, hold.object));
        let others = scene.holders_of(wait).into_iter().filter(|&other| other != step.actor);
        let others = match (others.count(), own) {
            (1, Some(_)) => ", and another one has taken some".into(),
            (2.., None) => " and others have taken permits".into(),
            (_, None) => " has taken permits".into(),
            (0, Some(_)) => String::new(),
            (others, Some(_)) => words!(", and ", others.to_string(), " others have taken some"),
        };
        match own {
            Some(own) => {
                let (ago, at) = (past(scene.ago(own.since)), scene.at(own.place));
                words!(", of which it has taken permits itself (", ago, at, ")", others)
            }
            None => words!(", of which ", self.thread(holder), others),
        }
    }

    /// Why a signal will not come.
    fn nobody(&mut self, wait: &Wait) -> String {
        match wait.on {
            On::Notify { mutex, .. } => {
                let released = mutex.map_or(String::new(), |mutex| format!(", having released {}", self.object(mutex)));
                words!(released, ", but ", self.scene.nobody_left(), " could notify it")
            }
            On::Arrivals { barrier, .. } => {
                let arrived = self.scene.arrived_at(barrier);
                let have = if arrived == 1 { "has" } else { "have" };
                format!("; {arrived} {have} arrived, and {} could", self.scene.nobody_else_left())
            }
            On::Unpark => words!(", but ", self.scene.nobody_left(), " could unpark it"),
            On::Driver => ", which nobody awaits or runs, and nobody is left who could begin to".into(),
            on => self.scene.nobody_at(on).unwrap_or_else(|| ", but nobody is left who could end that wait".into()),
        }
    }

    fn long_hold(&mut self, step: &Step, hold: &Hold) -> String {
        let thread = self.thread(step.actor);
        let verb = if hold.mode == Mode::Init { "has been initialising" } else { "has held" };
        let object = words!(self.object(hold.object), self.use_of(hold));
        let (lasts, at) = (amount(self.scene.ago(hold.since)), self.scene.at(hold.place));
        let begun = if hold.mode == Mode::Init { "begun" } else { "taken" };
        let kept = match hold.granted {
            true => words!(
                thread,
                " has a future that was given ",
                noted(&object, &words!("waited for since ", lasts, " ago", at)),
                " and is not polled to take it"
            ),
            false => words!(thread, " ", verb, " ", object, " for ", lasts, " (", begun, at, ")"),
        };
        let waiters = self.scene.waiters(hold.object);
        let waiters = match waiters.len() {
            0 => "nobody waits for it at the moment".into(),
            1 => format!("{} waits for it", waiters[0]),
            _ => format!("{} wait for it", listed(&waiters)),
        };
        words!(kept, "; ", waiters, ". ", self.meanwhile("The holder", step.actor))
    }

    /// What the holder does instead of letting go.
    pub(super) fn meanwhile(&mut self, who: &str, actor: ActorId) -> String {
        match self.scene.alive(actor).and_then(|actor| actor.wait) {
            Some(wait) if wait.on == On::Time => format!("{who} sleeps ({}).", self.scene.waiting(&wait)),
            Some(wait) => format!("{who} waits {}.", noted(&self.goal(&wait), &self.scene.waiting(&wait))),
            None if actor.is_task() && !self.scene.is_pending_unwatched(actor) => {
                words!(who, " has been woken, and waits to be polled.")
            }
            None if actor.is_task() => {
                words!(
                    who,
                    " is pending, and what it awaits is not watched (a socket, say, or another crate's channel)."
                )
            }
            None => words!(who, " waits for nothing that is watched: it runs, or is in a blocking call."),
        }
    }

    fn long_wait(&mut self, step: &Step) -> String {
        let thread = self.thread(step.actor);
        let Some(wait) = step.wait else { return format!("{thread} has been waiting for long.") };
        let goal = self.goal(&wait);
        let waited = format!("{thread} has waited {} {goal}", amount(self.scene.ago(wait.since)));
        let holders = self.holders(&wait);
        format!(
            "{waited}{}{holders}.",
            self.scene.place(wait.place).map_or(String::new(), |at| format!(", at {}", shown(&at)))
        )
    }

    /// `, held by …`, where somebody does.
    pub(super) fn holders(&mut self, wait: &Wait) -> String {
        let holders: Vec<String> = self
            .scene
            .holders(wait)
            .iter()
            .map(|(actor, hold)| format!("{}{} ({})", self.thread(*actor), self.use_of(hold), self.scene.taken(hold)))
            .collect();
        if holders.is_empty() { String::new() } else { format!(", held by {}", listed(&holders)) }
    }

    pub(super) fn scene(&self) -> &Scene<'_> {
        self.scene
    }

    pub(super) fn thread(&mut self, actor: ActorId) -> String {
        let scene = self.scene;
        name(&mut self.actors, actor, || scene.thread_in_full(actor), || scene.thread(actor))
    }

    /// The same, and where it was spawned in any case.
    pub(super) fn with_origin(&mut self, actor: ActorId) -> String {
        let (label, info) = (self.thread(actor), self.scene.actor_info(actor));
        match info.spawned.filter(|_| info.name.is_some()) {
            Some(place) => noted(&label, &words!("spawned at ", shown(&place))),
            None => label,
        }
    }

    pub(super) fn object(&mut self, object: ObjectId) -> String {
        let scene = self.scene;
        name(&mut self.objects, object, || scene.object_in_full(object), || scene.object(object))
    }
}

fn name<Id: Eq + Hash>(
    known: &mut FxHashSet<Id>,
    id: Id,
    full: impl FnOnce() -> String,
    short: impl FnOnce() -> String,
) -> String {
    if known.insert(id) { full() } else { short() }
}

/// Whom a step waits for.
pub(super) fn aim(step: &Step) -> Option<ActorId> {
    match step.because {
        Because::HeldBy { actor, .. }
        | Because::QueuedBehind { actor }
        | Because::EndOf { actor }
        | Because::PolledBy { actor } => Some(actor),
        Because::LeakedBy { .. } | Because::NobodyLeft | Because::NotYet | Because::NoWaker => None,
    }
}

fn wants(wait: &Wait, wanted: ObjectId) -> bool {
    match wait.on {
        On::Object { object, .. } | On::Lazy { object } | On::Permits { semaphore: object } => object == wanted,
        _ => false,
    }
}

/// A note in brackets, which may follow brackets.
fn noted(words: &str, note: &str) -> String {
    match words.strip_suffix(')') {
        Some(words) => words!(words, "; ", note, ")"),
        None => words!(words, " (", note, ")"),
    }
}

/// The ending of a verb.
fn s(steps: &[Step]) -> &'static str {
    if steps.len() == 1 { "s" } else { "" }
}
