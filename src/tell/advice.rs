//! What to change, with the places to change it at.

use super::{
    names::{Scene, listed, sentence},
    nouns::noun,
    story::{Shape, aim},
};
use crate::model::{
    ActorId, Because, Certainty, Handlers, Hold, Kind, Mode, ObjectId, On, Rule, Step, Strangers, Wait,
};

/// From this many locks on, an order is named by its rule instead of by the list of its locks.
const MOST: usize = 8;

const FOR_ONCE: &str =
    "A wait for a `Once` whose initialiser has panicked ends in a panic, and a panic hook may take its time.";

impl Scene<'_> {
    pub(super) fn advice(&self) -> Vec<String> {
        let steps = &self.finding.steps;
        match self.finding.rule {
            Rule::LongHold => self.long_hold_advice(),
            Rule::LongWait => Vec::new(),
            Rule::LongPoll | Rule::BlockingInTask | Rule::GuardAcrossAwait => self.poll_advice(),
            Rule::PendingAtShutdown => self.shutdown_advice(),
            _ => {
                let steps = &self.in_their_threads(steps);
                let mut advice = self.lock_order(steps).unwrap_or_default();
                for step in steps {
                    let more = step.wait.map(|wait| self.step_advice(step, &wait)).unwrap_or_default();
                    more.into_iter().for_each(|words| {
                        if !advice.contains(&words) {
                            advice.push(words);
                        }
                    });
                }
                if advice.is_empty() {
                    advice.extend(steps.iter().find_map(|step| self.let_go(step)));
                }
                advice
            }
        }
    }

    /// In a circle: who waits for the thread that polls it waits for what that thread does.
    fn in_their_threads(&self, steps: &[Step]) -> Vec<Step> {
        let poller = |step: &Step| match step.because {
            Because::PolledBy { actor } if self.shape() == Shape::Circle && self.left_by(step.actor).is_none() => {
                steps.iter().find(|other| other.actor == actor)
            }
            _ => None,
        };
        let pollers: Vec<ActorId> = steps.iter().filter_map(|step| Some(poller(step)?.actor)).collect();
        let steps = steps.iter().filter(|step| !pollers.contains(&step.actor));
        steps.map(|step| poller(step).map_or(*step, |thread| Step { actor: step.actor, ..*thread })).collect()
    }

    /// What there is to say where nothing else is: who holds what another wants should not wait with it.
    fn let_go(&self, step: &Step) -> Option<String> {
        let Because::HeldBy { actor, hold } = step.because else { return None };
        let (what, needed) = match self.kind(hold.object) {
            Kind::Semaphore => ("the permits of ", " needs them."),
            _ => ("the guard of ", " needs it."),
        };
        let before = match self.alive(actor)?.wait? {
            Wait { on: On::Poller { .. }, .. } => " before it blocks".into(),
            wait => words!(" before ", awaited(&wait).1, self.at(wait.place)),
        };
        Some(words!(
            "Let ",
            self.thread(actor),
            " drop ",
            what,
            self.taken_at(&hold),
            before,
            ": ",
            self.thread(step.actor),
            needed
        ))
    }

    /// ``Mutex `a` (taken at src/main.rs:7:9)``
    fn taken_at(&self, hold: &Hold) -> String {
        words!(self.object(hold.object), " (taken", self.at(hold.place), ")")
    }

    /// A circle of locks and nothing else.
    fn lock_order(&self, steps: &[Step]) -> Option<Vec<String>> {
        if self.shape() != Shape::Circle || steps.len() < 2 {
            return None;
        }
        let wanted: Vec<(Hold, Wait)> = steps.iter().map(lock_edge).collect::<Option<_>>()?;
        let object = wanted[0].0.object;
        if wanted.iter().all(|(hold, _)| hold.object == object) {
            return Some(self.one_lock(steps, &wanted));
        }
        // What a step waits for is what the next one holds; so what it holds is what the one before waits for.
        let held = |index: usize| wanted[(index + steps.len() - 1) % steps.len()].0;
        // The program's own custom, where it has one, says who breaks it.
        let seen = |index: usize| self.custom(held(index).object, &wanted[index].1);
        let custom = (0..steps.len()).find_map(seen);
        let exception = (0..steps.len()).rev().find(|&index| seen(index).is_none()).filter(|_| custom.is_some());
        let last = exception.unwrap_or(steps.len() - 1);
        // The order to keep begins with what the exception wants.
        let in_order = |place: usize| (last + 1 + place) % steps.len();
        let order: Vec<String> = (0..steps.len()).map(|place| self.object(held(in_order(place)).object)).collect();
        let mut advice = vec![if self.alike(&wanted) {
            let (origin, place) = wanted.first().and_then(|(hold, _)| self.origin(hold.object))?;
            format!(
                "These locks {origin} at {place}: take them by something they own (the smaller number, name or \
                 address first), wherever two of them are taken."
            )
        } else if order.len() > MOST {
            "Take these locks in one order everywhere.".into()
        } else {
            words!("Take these locks in one order everywhere, for example ", listed_then(&order), ".")
        }];
        if custom.is_none() && self.orders_missing() != 0 {
            advice.push(format!(
                "Which order is the program's custom is not known: {} orders were lost for want of room.",
                self.orders_missing()
            ));
        }
        advice.extend(custom);
        let (first, second) = (held(last), wanted[last]);
        advice.push(words!(
            super::names::sentence(&self.thread(steps[last].actor)),
            " breaks that order: it takes ",
            self.object(first.object),
            " at ",
            self.spot(first.place),
            ", then asks for ",
            self.object(second.0.object),
            " at ",
            self.spot(second.1.place),
            ". Swap the two there, or drop the first guard before taking the second.",
        ));
        if self.alike(&wanted) {
            advice.pop();
            advice.push(format!(
                "Where no order fits, take the second with `try_lock` (as at {}), and when that fails drop the first and start over.",
                self.spot(second.1.place)
            ));
        }
        Some(advice)
    }

    /// A circle around one lock: readers of it that want more of it.
    fn one_lock(&self, steps: &[Step], wanted: &[(Hold, Wait)]) -> Vec<String> {
        let advice = |index: usize| {
            let held = wanted[(index + steps.len() - 1) % steps.len()].0;
            let at = self.spot(wanted[index].1.place);
            (held.mode == Mode::Shared).then(|| {
                format!(
                    "{} still reads {} (taken at {}) when it asks for more of it at {at}: drop that guard first, since an \
                     upgrade waits until nobody else reads.",
                    super::names::sentence(&self.thread(steps[index].actor)),
                    self.object(held.object),
                    self.spot(held.place)
                )
            })
        };
        (0..steps.len()).filter_map(advice).collect()
    }

    /// What the program has done before, where it took these two in this order.
    fn custom(&self, outer: ObjectId, wait: &Wait) -> Option<String> {
        let On::Object { object: inner, .. } = wait.on else { return None };
        let (outer_place, inner_place) = self.order(outer, inner)?;
        Some(format!(
            "The program has taken {} and then {} before: at {} and {}.",
            self.object(outer),
            self.object(inner),
            self.spot(outer_place),
            self.spot(inner_place),
        ))
    }

    /// Whether all locks of a circle come from one place in the source: siblings.
    fn alike(&self, wanted: &[(Hold, Wait)]) -> bool {
        let mut places = wanted.iter().map(|(hold, _)| self.origin(hold.object));
        let first = places.next().flatten();
        first.is_some() && places.all(|place| place == first)
    }

    fn step_advice(&self, step: &Step, wait: &Wait) -> Vec<String> {
        match step.because {
            Because::HeldBy { actor, hold } if hold.granted => vec![self.futurelock_advice(wait, actor, &hold)],
            Because::HeldBy { actor, hold } if let Some(by) = self.left_by(actor) => {
                vec![self.left_behind_advice(wait, actor, &hold, by)]
            }
            Because::HeldBy { actor, hold } if actor == step.actor => match self.other_way_round(step, wait) {
                Some((other, held)) => self.own_order([(&hold, wait), (&held, &other)], step.actor),
                None => vec![match self.keeper(actor, &hold) {
                    Some(task) => words!(
                        sentence(&self.thread(task)),
                        " keeps the guard taken at ",
                        self.spot(hold.place),
                        " across an `.await`, and its thread polls another task, which blocks for the lock",
                        self.at(wait.place),
                        ": drop the guard before the `.await` (a block of its own does it), or make the lock an async one."
                    ),
                    None => self.own_lock(wait, &hold),
                }],
            },
            Because::HeldBy { hold, .. } if hold.mode == Mode::Init => self.mutual_init(step, &hold),
            Because::HeldBy { .. } | Because::NotYet | Because::PolledBy { .. } => Vec::new(),
            Because::NoWaker => {
                let wanted = self.held(step.actor).iter().filter(|hold| !self.waiters(hold.object).is_empty());
                let guards: Vec<String> = wanted.map(|hold| self.taken_at(hold)).collect();
                let mut advice = vec![
                    "Whoever returns `Poll::Pending` has to keep the context's waker, or have somebody keep it, until there is \
                     progress to be made, and to wake it then."
                        .into(),
                ];
                if !guards.is_empty() {
                    advice.push(words!(
                        "Until it is dropped (as after an `abort`) nobody else gets what it holds: ",
                        listed(&guards),
                        ". Drop a guard before a wait that may not end."
                    ));
                }
                advice
            }
            Because::QueuedBehind { .. } => vec![self.read_once(step, wait)],
            Because::LeakedBy { hold, .. } => vec![format!(
                "Let the guard that was taken at {} be dropped: no `mem::forget`, `Box::leak` or reference cycle may \
                 keep it.",
                self.spot(hold.place)
            )],
            Because::EndOf { .. } if matches!(wait.on, On::Pool(_)) => vec![
                "Let no closure of a blocking pool wait for another one of the same pool, which may not get a thread: await it \
                 from a task, or make one closure of the two; more threads (`max_blocking_threads`) only put it off."
                    .into(),
            ],
            Because::EndOf { actor } if actor == step.actor && matches!(wait.on, On::Runtime(_)) => vec![
                "What a runtime's own thread does cannot drop the runtime, which waits for it: let another thread drop it last, or \
                 use `shutdown_background`."
                    .into(),
            ],
            Because::EndOf { actor } if actor == step.actor => vec![
                words!(
                    "A ",
                    noun(actor),
                    " cannot wait for its own end: leave its `JoinHandle` with the ",
                    if actor.is_task() { "one" } else { "thread" },
                    " that spawned it."
                ),
            ],
            Because::EndOf { .. } if self.all_join() => vec![
                words!(
                    sentence(self.nouns()),
                    " that join each other never end: let each be joined by one that it does not wait for, such as the one \
                     that spawned it."
                ),
            ],
            Because::EndOf { .. } => {
                let mut advice = self.held_across(step, wait);
                if matches!(wait.on, On::Runtime(_)) && advice.is_empty() {
                    advice.push(DROP_WAITS.into());
                }
                advice
            }
            Because::NobodyLeft => {
                let mut advice = self.held_across(step, wait);
                advice.extend(self.signal(step, wait));
                if wait.on == On::Driver {
                    advice.push(
                        "The tasks of a `LocalSet` are polled only while somebody awaits it, or awaits its `run_until`: await \
                         in there what they are to do."
                            .into(),
                    );
                }
                advice
            }
        }
    }

    fn all_join(&self) -> bool {
        self.shape() == Shape::Circle
            && self.finding.steps.iter().all(|step| matches!(step.because, Because::EndOf { .. }))
    }

    /// Two locks in two orders, by futures that one task polls.
    fn own_order(&self, locks: [(&Hold, &Wait); 2], task: ActorId) -> Vec<String> {
        let [first, second] = locks.map(|(hold, _)| self.object(hold.object));
        let told = locks.map(|(hold, wait)| {
            words!(
                self.object(hold.object),
                " was taken",
                self.at(hold.place),
                " and is waited for",
                self.at(wait.place)
            )
        });
        vec![
            words!("Take these locks in one order everywhere, for example ", first, ", then ", second, "."),
            words!(
                "Futures that ",
                self.thread(task),
                " polls together (as by `join!`) wait for each other: ",
                listed(&told),
                ". Swap the two in one of them, or drop the first guard before taking the second."
            ),
        ]
    }

    fn own_lock(&self, wait: &Wait, hold: &Hold) -> String {
        let (taken, again) = (self.spot(hold.place), self.spot(wait.place));
        let mode = match wait.on {
            On::Object { mode, .. } => mode,
            _ => hold.mode,
        };
        match (self.kind(hold.object), hold.mode, mode) {
            (_, Mode::Init, _) => format!(
                "An initialiser must not touch its own cell: the one that begins at {taken} comes back to it at \
                 {again}. Pass on the value it makes instead."
            ),
            (Kind::RwLock, Mode::Shared, Mode::Exclusive) => format!(
                "A read guard does not turn into a write guard: drop the one taken at {taken} before the write at \
                 {again} (and look again at what was read), or write-lock from the beginning."
            ),
            (Kind::RwLock, Mode::Shared, Mode::Upgrade) => format!(
                "An upgrade waits for all readers, its own thread included: drop the read guard taken at {taken} before \
                 the upgrade at {again}."
            ),
            (Kind::RwLock, Mode::Upgradable, Mode::Exclusive) => format!(
                "Upgrade the guard taken at {taken} (`RwLockUpgradableReadGuard::upgrade`) instead of asking for another \
                 one at {again}."
            ),
            (Kind::RwLock, Mode::Shared, _) => format!(
                "Read once: pass the guard taken at {taken}, or a reference into it, on to where it is read again ({again})."
            ),
            (Kind::Semaphore, ..) if taken == again => format!(
                "Permits taken at {taken} have not been given back when more are asked for there: whoever has them by now has \
                 to give them back whatever this one does; or let each take its own, where it needs them. (How many the \
                 semaphore has, and how many are wanted, is not recorded.)"
            ),
            (Kind::Semaphore, ..) => format!(
                "The permits taken at {taken} have not been given back at {again} (another task may have them by now): give them \
                 back before, or ask for all that are needed at once. (How many the semaphore has, and how many are wanted, is \
                 not recorded.)"
            ),
            _ => format!(
                "The guard taken at {taken} is still alive at {again}: drop it before, or pass it (or what it protects, \
                 as `&mut`) on instead of locking again."
            ),
        }
    }

    fn mutual_init(&self, step: &Step, hold: &Hold) -> Vec<String> {
        let own = self.held(step.actor).iter().find(|own| own.mode == Mode::Init);
        match own {
            Some(own) if self.finding.steps.iter().any(|other| is_init_by(other, own)) => vec![
                "Two initialisers must not need each other: make both values in one of them, or let only one cell refer \
                 to the other."
                    .into(),
            ],
            _ => vec![self.waiting_initialiser(hold)],
        }
    }

    fn waiting_initialiser(&self, hold: &Hold) -> String {
        format!(
            "Initialise {} before anything it needs is held: the initialiser that begins at {} waits for something else.",
            self.object(hold.object),
            self.spot(hold.place)
        )
    }

    /// Workers that share a receiver behind a lock: whoever waits for the lock is about to do what its holder does.
    fn shares_receiver(&self, step: &Step, wait: &Wait) -> bool {
        let held = self.wanted_of(step.actor);
        let next = |other: &Step| match (other.because, other.wait) {
            (Because::HeldBy { actor, hold }, Some(wait)) if actor == step.actor => wait.place == hold.place,
            _ => true,
        };
        matches!(wait.on, On::Message { .. }) && held.len() == 1 && self.finding.steps.iter().all(next)
    }

    fn read_once(&self, step: &Step, wait: &Wait) -> String {
        let first = self.held(step.actor).iter().find(|hold| is_on(wait, hold.object));
        match first {
            Some(first) => format!(
                "Read once: the guard taken at {} is still alive at {}, and a writer that comes in between makes the \
                 second read wait. Pass the guard, or a reference into it, on.",
                self.spot(first.place),
                self.spot(wait.place)
            ),
            None => format!("Drop what is held before the read at {}.", self.spot(wait.place)),
        }
    }

    /// A lock is held across a wait for something else.
    fn held_across(&self, step: &Step, wait: &Wait) -> Vec<String> {
        let (inits, holds): (Vec<Hold>, Vec<Hold>) = self
            .wanted_of(step.actor)
            .into_iter()
            .filter(|hold| !hold.granted)
            .partition(|hold| hold.mode == Mode::Init);
        if !inits.is_empty() {
            return inits.iter().map(|hold| self.waiting_initialiser(hold)).collect();
        }
        if holds.is_empty() || self.shares_receiver(step, wait) {
            return Vec::new();
        }
        if wait.on == On::NonDaemons {
            return vec![self.session_end(&holds)];
        }
        let guards = |wanted: bool| -> Vec<String> {
            let holds = holds.iter().filter(|hold| (self.kind(hold.object) == Kind::Semaphore) == wanted);
            holds.map(|hold| self.taken_at(hold)).collect()
        };
        // The guard may be where the chain of ends leads to by now.
        let wait = &self.awaits_signal(step).filter(|_| holds.iter().all(|hold| hold.moves)).unwrap_or(*wait);
        let needed = if guards(false).is_empty() { "them" } else { "it" };
        let kinds = [("the guard of ", guards(false)), ("the permits of ", guards(true))].into_iter();
        let guards: Vec<String> = kinds
            .filter(|(_, guards)| !guards.is_empty())
            .map(|(what, guards)| words!(what, listed(&guards)))
            .collect();
        let (it, verb) = match wait.on {
            _ if self.has_tasks() => awaited(wait),
            On::Actor(_) => ("the thread that is joined", "the `join`"),
            On::Scope(_) => ("a thread of the scope", "the end of the scope"),
            On::Runtime(_) => RUNTIME,
            On::Arrivals { .. } => ("a thread that should arrive", "the barrier's `wait`"),
            On::Notify { .. } => ("the thread that should notify", "the condvar's `wait`"),
            On::Unpark => ("the thread that should unpark", "the `park`"),
            On::Message { .. } => ("a thread that should send", "the `recv`"),
            On::Room { .. } => ("the thread that should receive", "the `send`"),
            On::Closing { .. } => ("the thread that has the receiver", "`closed`"),
            _ => ("another thread", "the wait"),
        };
        let mut advice =
            vec![format!("Drop {} before {verb}{}: {it} needs {needed}.", listed(&guards), self.at(wait.place))];
        if let On::Notify { condvar, mutex } = wait.on
            && self.kind(condvar) == Kind::Condvar
        {
            advice.push(self.monitor_advice(condvar, mutex));
        }
        advice
    }

    /// The signal that the end of this one waits for, by way of other ends.
    fn awaits_signal(&self, step: &Step) -> Option<Wait> {
        let of = |actor: ActorId| self.finding.steps.iter().find(|step| step.actor == actor);
        let next = |step: &&Step| match step.because {
            Because::EndOf { actor } => of(actor),
            _ => None,
        };
        let last = std::iter::successors(of(step.actor), next).take(self.finding.steps.len()).last()?;
        last.wait.filter(|_| last.actor != step.actor && last.because == Because::NobodyLeft)
    }

    /// Somebody who holds what others want waits for the end of this one: what is held may be here by now.
    fn has_guards(&self, step: &Step, wait: &Wait) -> bool {
        self.finding.steps.iter().any(|other| {
            self.awaits_signal(other) == Some(*wait)
                && other.actor != step.actor
                && self.wanted_of(other.actor).iter().any(|hold| hold.moves && !hold.granted)
        })
    }

    /// The nested monitor.
    fn monitor_advice(&self, condvar: ObjectId, mutex: Option<ObjectId>) -> String {
        let released = mutex.map_or("its own mutex".into(), |mutex| self.object(mutex));
        format!(
            "A wait releases one mutex only ({released}): guard all of what {} is about by that one.",
            self.object(condvar)
        )
    }

    fn session_end(&self, holds: &[Hold]) -> String {
        let guards: Vec<String> = holds.iter().map(|hold| self.spot(hold.place)).collect();
        format!(
            "Make `let _gordian = gordian::watch();` the first line of `main`, so that it is dropped last, after the \
             guard taken at {}.",
            listed(&guards)
        )
    }

    /// A signal that nobody is left to give.
    fn signal(&self, step: &Step, wait: &Wait) -> Option<String> {
        Some(match wait.on {
            On::Notify { condvar, .. } if self.kind(condvar) == Kind::Notify => format!(
                "`notify_waiters` reaches nobody who begins to wait later: make the `Notified`, and `enable` it, before looking at \
                 what it is about (at {}), or use `notify_one`, which is kept; and let everyone who could notify do so before \
                 it ends.",
                self.spot(wait.place)
            ),
            On::Notify { .. } if self.wanted_of(step.actor).is_empty() => format!(
                "A notification that comes before the wait is lost: wait for a condition that is set under the same \
                 mutex (`wait_while` at {}), and let everyone who could set it notify before it ends.",
                self.spot(wait.place)
            ),
            // Where a guard is the reason, the number is probably right.
            On::Arrivals { barrier, .. } if self.is_blocked(barrier) => return None,
            On::Arrivals { barrier, quorum } => format!(
                "{} opens after {quorum} arrivals: make it for as many {} as really come to {}, every time.",
                self.object(barrier),
                self.nouns(),
                self.spot(wait.place)
            ),
            On::Unpark => format!(
                "Keep the `Thread` to be unparked with someone who stays, and park in a loop over a flag that is set \
                 before the unpark ({}).",
                self.spot(wait.place)
            ),
            // Where a guard is the reason, the channel is probably right.
            _ if self.has_guards(step, wait) => return None,
            _ if !self.wanted_of(step.actor).is_empty() && !self.shares_receiver(step, wait) => return None,
            _ => return self.channel_advice(step, wait),
        })
    }

    fn long_hold_advice(&self) -> Vec<String> {
        let Some(step @ Step { because: Because::HeldBy { hold, .. }, .. }) = self.finding.steps.first() else {
            return Vec::new();
        };
        if self.waiters(hold.object).is_empty() {
            return Vec::new();
        }
        if hold.granted {
            return vec![self.granted_long_advice(hold)];
        }
        vec![match self.is_pending_unwatched(step.actor) {
            true => "Take out what is needed, drop the guard before the `.await`, and go on without it.".into(),
            false => "Take out what the slow work needs, drop the guard, and work without it.".into(),
        }]
    }

    /// Why it is not certain, where it is not.
    pub(super) fn doubt(&self) -> Option<String> {
        if self.finding.certainty != Certainty::Possible {
            return None;
        }
        if self.finding.rule == Rule::PendingAtShutdown {
            return Some(self.shutdown_doubt());
        }
        if let Some(reason) = self.circle_doubt() {
            return Some(words!(&reason, " Not certain for that reason only."));
        }
        let mut reasons: Vec<String> = self.helpers().into_iter().flatten().collect();
        if reasons.is_empty() || self.snapshot.strangers == Strangers::Unknown {
            reasons.push(
                "The operating system does not say whether this process has threads that gordian has never seen: one of \
                 them might still end this."
                    .into(),
            );
        }
        reasons.push(format!(
            "Not certain for {} only.",
            if reasons.len() == 1 { "that reason" } else { "these reasons" }
        ));
        Some(reasons.join(" "))
    }

    /// Why a circle is none, perhaps.
    fn circle_doubt(&self) -> Option<String> {
        let steps = || self.finding.steps.iter();
        if self.finding.rule == Rule::DeadTask {
            return Some("Somebody may have its `JoinHandle`, and mean to abort it.".into());
        }
        if self.finding.rule != Rule::WaitCycle {
            return None;
        }
        let stirs = |step: &&Step| self.alive(step.actor).is_some_and(|actor| actor.stirs);
        let woken = steps().find(stirs).map(|step| {
            format!(
                "Somebody whom gordian does not know has a waker of {} (a timer, a socket, or a combinator of futures), and \
                 may still wake it.",
                self.thread(step.actor)
            )
        });
        if woken.is_some() {
            return woken;
        }
        let elsewhere = steps().filter(|step| is_elsewhere(step)).map(aim);
        match elsewhere.map(|holder| holder.is_some_and(ActorId::is_task)).max() {
            Some(true) => {
                return Some(
                    "The guard of an async lock can go to another task: whoever has it might still drop it.".into(),
                );
            }
            Some(false) => {
                return Some(
                    "A guard of these locks may be in another thread than the one that has taken it (by `send_guard`, or \
                     where a lock is unlocked without a guard): whoever has it might still drop it."
                        .into(),
                );
            }
            None => {}
        }
        if steps().any(|step| self.is_for_once(step)) {
            return Some(FOR_ONCE.into());
        }
        let queued = steps().any(|step| matches!(step.because, Because::QueuedBehind { .. }));
        queued.then_some(
            "Whoever has given back a lock of `parking_lot` a moment ago might still be about to let in the reader that \
             waits."
                .into(),
        )
    }

    fn is_for_once(&self, step: &Step) -> bool {
        let condvar = step.wait.and_then(|wait| match wait.on {
            On::Notify { condvar, mutex: None } => Some(condvar),
            _ => None,
        });
        condvar.is_some_and(|condvar| self.kind(condvar) == Kind::Once)
    }

    /// Who or what else might give the signal.
    fn helpers(&self) -> [Option<String>; 5] {
        let tasks = "The runtime has tasks that gordian has never seen, spawned by a library or by tokio's own `spawn`: one \
                     of them might still end this.";
        let strangers = self.finding.strangers.filter(|&count| count > 0).map(|count| {
            format!(
                "This process has {} that gordian has never seen, started by a library or by `std::thread`: {} might \
                 still end this.",
                super::names::counted(count as usize, "thread"),
                if count == 1 { "it" } else { "one of them" }
            )
        });
        let callback = "The program's callback for reports has not returned: it might still wake ";
        let handler = "The program handles signals: a handler might still wake ";
        let whom = |words: &str| words!(words, self.one_of_these(), ".");
        [
            strangers,
            self.snapshot.unseen_tasks.then(|| tasks.into()),
            self.finding.steps.iter().any(|step| self.is_for_once(step)).then(|| FOR_ONCE.into()),
            (self.snapshot.callbacks != 0).then(|| whom(callback)),
            (self.snapshot.handlers == Handlers::Some).then(|| whom(handler)),
        ]
    }
}

/// What a step wants and its wait, where another thread simply holds a lock.
fn lock_edge(step: &Step) -> Option<(Hold, Wait)> {
    let wait = step.wait?;
    match (step.because, wait.on) {
        (Because::HeldBy { hold, .. }, On::Object { .. })
            if hold.mode != Mode::Init && aim(step) != Some(step.actor) =>
        {
            Some((hold, wait))
        }
        _ => None,
    }
}

const DROP_WAITS: &str = "The drop of a runtime waits for closures that have begun (`spawn_blocking`), however long: \
     let go before it of what they wait for (a sender, a permit), or end the runtime by `shutdown_timeout` or `shutdown_background`.";

/// The same, of the drop of a runtime.
const RUNTIME: (&str, &str) = ("what its threads are busy with", "the drop of the runtime");

/// Who needs what is held across this wait, and how the wait is called; where there are tasks. (A channel may be a oneshot.)
fn awaited(wait: &Wait) -> (&'static str, &'static str) {
    match wait.on {
        On::Actor(actor) if actor.is_task() => ("the task that is joined", "the wait for its end"),
        On::Actor(_) => ("the thread that is joined", "the wait for its end"),
        On::Scope(scope) if scope.is_of_tasks() => ("a task of the set", "the wait for its end"),
        On::Scope(_) => ("a thread of the scope", "the end of the scope"),
        On::Runtime(_) => RUNTIME,
        On::Arrivals { .. } => ("whoever should arrive", "the barrier's `wait`"),
        On::Notify { .. } => ("whoever should notify", "the wait"),
        On::Unpark => ("whoever should unpark", "the `park`"),
        On::Message { .. } => ("whoever should send", "the wait for a message"),
        On::Room { .. } => ("whoever should receive", "the wait for room"),
        On::Closing { .. } => ("whoever has the receiver", "`closed`"),
        On::Permits { .. } => ("whoever has the permits", "the wait for permits"),
        _ => ("somebody else", "the wait"),
    }
}

/// The guard it waits for may be in another thread than the one that has taken it.
fn is_elsewhere(step: &Step) -> bool {
    matches!(step.because, Because::HeldBy { hold, .. } | Because::LeakedBy { hold, .. } if hold.moves)
}

fn is_init_by(step: &Step, own: &Hold) -> bool {
    matches!(step.because, Because::HeldBy { hold, .. } if hold.object == own.object && hold.mode == Mode::Init)
}

fn is_on(wait: &Wait, wanted: ObjectId) -> bool {
    matches!(wait.on, On::Object { object, .. } if object == wanted)
}

/// `a, then b, then c`
fn listed_then(words: &[String]) -> String {
    words.join(", then ")
}
