//! From a finding to a report.

use super::{
    drawing::in_order,
    names::{Scene, shown},
};
use crate::{
    model::{
        ActorId, Because, Event, Finding, Hold, Kind, Mode, Nanos, ObjectId, On, Op, Rule, Snapshot, Step, TaskFigures,
        Wait, World,
    },
    report::{Frame, HoldReport, OperationReport, Report, ThreadReport, WaitReport},
};
use rustc_hash::FxHashSet;
use std::time::Duration;

/// What only the live recorder knows of a thread, beyond names. A detector on a file has none of it.
pub trait Details {
    /// The `tracing` spans the thread is in, outermost first, with their fields.
    fn spans(&self, _actor: ActorId) -> Vec<String> {
        Vec::new()
    }

    /// The name of a span by the recorder's number of it (see [`Op::Enter`]).
    fn span(&self, _number: u64) -> Option<String> {
        None
    }

    /// What is counted of a task until then.
    fn figures(&self, _task: ActorId, _at: Nanos) -> Option<TaskFigures> {
        None
    }

    /// Its last operations, oldest first.
    fn recent(&self, _actor: ActorId) -> Vec<Event> {
        Vec::new()
    }

    /// How many operations should stand in [`Details::recent`], but were lost.
    fn lost(&self, _actor: ActorId) -> u64 {
        0
    }

    /// Return addresses of its stack when it began to wait for this, innermost first.
    fn stack(&self, _actor: ActorId, _wait: Option<&Wait>) -> Vec<u64> {
        Vec::new()
    }

    /// Return addresses of the acquisition of what stands at `index` in [`Actor::held`](crate::model::Actor::held); where
    /// it was granted, of the wait for it.
    fn hold_stack(&self, _actor: ActorId, _index: usize, _hold: &Hold) -> Vec<u64> {
        Vec::new()
    }
}

/// Puts a finding into words: the `number`th of this process. The stacks stay addresses (see [`Report::resolve`]).
pub fn compose(
    number: u64,
    finding: &Finding,
    snapshot: &Snapshot,
    world: &dyn World,
    details: &dyn Details,
) -> Report {
    let finding = Finding { steps: in_order(&finding.steps), ..finding.clone() };
    let scene = Scene::new(&finding, snapshot, world);
    Report {
        number,
        rule: finding.rule,
        certainty: finding.certainty,
        fingerprint: fingerprint(&scene),
        at: Duration::from_nanos(snapshot.at),
        title: scene.title(),
        story: story(&scene, details),
        drawing: scene.drawing(),
        threads: threads(&scene, details),
        victims: finding.victims.iter().map(|actor| scene.thread_in_full(*actor)).collect(),
        doubt: scene.doubt(),
        advice: scene.advice(),
    }
}

fn story(scene: &Scene<'_>, details: &dyn Details) -> Vec<String> {
    let mut story = scene.story();
    let first = scene.finding.steps.first();
    let is_pending = match scene.finding.rule {
        Rule::DeadTask => true,
        Rule::LongHold => first.is_some_and(|step| scene.is_pending_unwatched(step.actor)),
        _ => false,
    };
    if is_pending {
        let figures = first.and_then(|step| details.figures(step.actor, scene.snapshot.at));
        story.extend(figures.map(|figures| scene.polled_so_far(&figures)));
    }
    story
}

/// The threads of the steps in their order, then those that only stand at the end of one.
fn threads(scene: &Scene<'_>, details: &dyn Details) -> Vec<ThreadReport> {
    let mut threads: Vec<ThreadReport> =
        scene.finding.steps.iter().map(|step| living(scene, details, step.actor, step.wait)).collect();
    let mut known: FxHashSet<ActorId> = scene.finding.steps.iter().map(|step| step.actor).collect();
    for step in &scene.finding.steps {
        for (actor, leaked) in bystanders(scene, step) {
            if known.insert(actor) {
                threads.push(match leaked {
                    Some(hold) => ended(scene, details, actor, &hold),
                    None => living(scene, details, actor, scene.alive(actor).and_then(|actor| actor.wait)),
                });
            }
        }
    }
    threads
}

fn bystanders(scene: &Scene<'_>, step: &Step) -> Vec<(ActorId, Option<Hold>)> {
    match (step.because, step.wait) {
        (Because::LeakedBy { actor, hold }, _) => vec![(actor, Some(hold))],
        (
            Because::HeldBy { actor, .. }
            | Because::QueuedBehind { actor }
            | Because::EndOf { actor }
            | Because::PolledBy { actor },
            _,
        ) => vec![(actor, None)],
        (Because::NotYet, Some(wait)) if scene.finding.rule == Rule::LongWait => {
            scene.holders(&wait).into_iter().map(|(actor, _)| (actor, None)).collect()
        }
        _ => Vec::new(),
    }
}

fn living(scene: &Scene<'_>, details: &dyn Details, actor: ActorId, wait: Option<Wait>) -> ThreadReport {
    let holds = scene.held(actor).iter().enumerate();
    ThreadReport {
        holds: holds.map(|(index, hold)| hold_report(scene, hold, details.hold_stack(actor, index, hold))).collect(),
        waits: wait.map(|wait| wait_report(scene, &wait)),
        also: wait.map_or(Vec::new(), |wait| also(scene, actor, &wait)),
        spans: details.spans(actor),
        stack: frames(details.stack(actor, wait.as_ref())),
        ..thread(scene, details, actor, wait)
    }
}

/// What else it waits for.
fn also(scene: &Scene<'_>, actor: ActorId, wait: &Wait) -> Vec<WaitReport> {
    scene.also(actor, wait).iter().map(|wait| wait_report(scene, wait)).collect()
}

fn ended(scene: &Scene<'_>, details: &dyn Details, actor: ActorId, leaked: &Hold) -> ThreadReport {
    ThreadReport {
        ended: true,
        holds: vec![hold_report(scene, leaked, Vec::new())],
        ..thread(scene, details, actor, None)
    }
}

fn thread(scene: &Scene<'_>, details: &dyn Details, actor: ActorId, wait: Option<Wait>) -> ThreadReport {
    let info = scene.actor_info(actor);
    ThreadReport {
        label: scene.thread_in_full(actor),
        name: info.name,
        is_task: actor.is_task(),
        id: u64::from(actor.generation) << 32 | u64::from(actor.index),
        os_id: info.os_id,
        daemon: info.daemon,
        ended: false,
        spawned: info.spawned,
        holds: Vec::new(),
        waits: None,
        also: Vec::new(),
        spans: Vec::new(),
        recent: recent(scene, details, actor, wait),
        lost: details.lost(actor),
        stack: Vec::new(),
    }
}

pub(super) fn hold_report(scene: &Scene<'_>, hold: &Hold, stack: Vec<u64>) -> HoldReport {
    HoldReport {
        object: scene.object_report(hold.object),
        mode: hold.mode,
        granted: hold.granted,
        since: scene.ago(hold.since),
        place: scene.place(hold.place),
        stack: frames(stack),
    }
}

pub(super) fn wait_report(scene: &Scene<'_>, wait: &Wait) -> WaitReport {
    let (object, mode) = match wait.on {
        On::Object { object, mode } => (Some(object), Some(mode)),
        On::Lazy { object } => (Some(object), Some(Mode::Init)),
        On::Notify { condvar, .. } => (Some(condvar), None),
        On::Arrivals { barrier, .. } => (Some(barrier), None),
        On::Message { channel } | On::Room { channel } | On::Closing { channel } => (Some(channel), None),
        On::Actor(_) | On::Scope(_) | On::Runtime(_) | On::NonDaemons | On::Unpark | On::Time => (None, None),
        On::Poller { .. }
        | On::Nothing { .. }
        | On::Work
        | On::Pool(_)
        | On::Driver
        | On::Nested { .. }
        | On::Awaiter(_) => (None, None),
        On::Permits { semaphore } => (Some(semaphore), None),
    };
    WaitReport {
        label: scene.goal(wait),
        object: object.map(|object| scene.object_report(object)),
        mode,
        since: scene.ago(wait.since),
        place: scene.place(wait.place),
    }
}

fn frames(addresses: Vec<u64>) -> Vec<Frame> {
    addresses.into_iter().map(|address| Frame { address, function: None, place: None }).collect()
}

fn operation(scene: &Scene<'_>, details: &dyn Details, event: &Event) -> OperationReport {
    OperationReport {
        ago: scene.ago(event.at),
        what: operation_words(scene, details, event),
        place: scene.place(event.place),
    }
}

fn operation_words(scene: &Scene<'_>, details: &dyn Details, event: &Event) -> String {
    let of = |verb: &str| [verb, &*operand(scene, event.object)].concat();
    let span = || details.span(event.object).unwrap_or_else(|| format!("#{}", event.object));
    match event.op {
        Op::Lock if of_kind(scene, event.object, Kind::RwLock) => of("write-locked "),
        Op::Lock => of("locked "),
        Op::Read => of("read-locked "),
        Op::Unlock if is_cell(scene, event.object) => of("ended the initialiser of "),
        Op::Unlock => of("released "),
        Op::Init => of("began the initialiser of "),
        Op::Wait if event.object == Event::TIME => "began to sleep".into(),
        Op::WaitEnd | Op::TimedOut if event.object == Event::TIME => "slept".into(),
        Op::Wait => of("began to wait for "),
        Op::WaitEnd => of("had waited for "),
        Op::TimedOut => format!("gave up waiting for {} (time-out)", operand(scene, event.object)),
        Op::NotifyOne => of("notified one waiter of "),
        Op::NotifyAll => of("notified all waiters of "),
        Op::Spawn => of("spawned "),
        Op::Start => "started".into(),
        Op::End => "ended".into(),
        Op::Enter => format!("entered span {}", span()),
        Op::Exit => format!("left span {}", span()),
        Op::Send => of("sent to "),
        Op::Receive => of("received from "),
        Op::Downgrade => format!("downgraded {} to reading", operand(scene, event.object)),
        Op::ReadUpgradable => of("read-locked (upgradable) "),
        Op::Upgrade => format!("upgraded {} to writing", operand(scene, event.object)),
        Op::DowngradeToUpgradable => format!("downgraded {} to upgradable reading", operand(scene, event.object)),
        Op::Poll => of("began to poll "),
        Op::Pending => format!("polled {}: pending", operand(scene, event.object)),
        Op::Done => format!("polled {}: done", operand(scene, event.object)),
        Op::Named => "gave the task that it polls a name".into(),
        Op::Await if event.object == Event::TIME => "polled a sleep".into(),
        Op::Await => of("polled a wait for "),
        Op::Wake => of("woke "),
        Op::Dropped => of("dropped "),
    }
}

fn object_of(operand: u64) -> Option<ObjectId> {
    (operand >> 63 == 1).then_some(ObjectId(operand))
}

fn operand(scene: &Scene<'_>, operand: u64) -> String {
    match (object_of(operand), Event::actor_operand(operand)) {
        (Some(object), _) => scene.object(object),
        (None, Some(actor)) => scene.thread(actor),
        (None, None) => match operand {
            Event::UNPARK => "an unpark",
            Event::SCOPE => "the end of the scope's threads",
            Event::THREADS => "the end of the program's other threads",
            Event::TASKS => "the end of other tasks",
            Event::RUNTIME => "the threads of a runtime that it drops",
            _ => "something that has no name yet",
        }
        .into(),
    }
}

fn of_kind(scene: &Scene<'_>, operand: u64, kind: Kind) -> bool {
    object_of(operand).is_some_and(|object| scene.kind(object) == kind)
}

fn is_cell(scene: &Scene<'_>, operand: u64) -> bool {
    [Kind::Once, Kind::OnceLock, Kind::LazyLock].into_iter().any(|kind| of_kind(scene, operand, kind))
}

/// The last operations; of the wait that goes on, the time is known better than by the coarse clock.
fn recent(scene: &Scene<'_>, details: &dyn Details, actor: ActorId, wait: Option<Wait>) -> Vec<OperationReport> {
    let mut events = details.recent(actor);
    if let (Some(last), Some(wait)) = (events.last_mut(), wait)
        && last.op == Op::Wait
        && last.place == wait.place
    {
        last.at = wait.since;
    }
    events.iter().map(|event| operation(scene, details, event)).collect()
}

/// Goes by the source places and the kinds only, so that the next run (other threads, other numbers, another thread
/// that closes the circle) has the same; steps at equal places count once, however many threads stand there.
fn fingerprint(scene: &Scene<'_>) -> String {
    let mut steps: Vec<u64> = scene.finding.steps.iter().map(|step| trait_of(scene, step)).collect();
    steps.sort_unstable();
    steps.dedup();
    let all = Fnv::new().text(scene.finding.rule.word());
    let all = steps.into_iter().fold(all, Fnv::number);
    format!("{:016x}", all.0)
}

/// What of a step is the same in the next run.
fn trait_of(scene: &Scene<'_>, step: &Step) -> u64 {
    let hash = match step.wait {
        Some(wait) => of_wait(scene, &wait).text(&scene.spot(wait.place)),
        None if scene.finding.rule == Rule::PendingAtShutdown => {
            let spawned = scene.actor_info(step.actor).spawned;
            spawned.map_or(Fnv::new(), |place| Fnv::new().text(&shown(&place)))
        }
        None => Fnv::new(),
    };
    let held = |hash: Fnv, hold: &Hold| hash.number(hold.mode as u64).text(&scene.spot(hold.place));
    match &step.because {
        Because::HeldBy { hold, .. } => held(hash.text("held"), hold),
        Because::LeakedBy { hold, .. } => held(hash.text("leaked"), hold),
        Because::QueuedBehind { .. } => hash.text("queued"),
        Because::EndOf { .. } => hash.text("end"),
        Because::NobodyLeft => hash.text("nobody"),
        Because::NotYet => hash.text("not yet"),
        Because::PolledBy { .. } => hash.text("polled"),
        Because::NoWaker => hash.text("no waker"),
    }
    .0
}

fn of_wait(scene: &Scene<'_>, wait: &Wait) -> Fnv {
    let noun = |object| Fnv::new().text(scene.kind(object).noun());
    match wait.on {
        On::Object { object, mode } => noun(object).number(mode as u64),
        On::Lazy { object } => noun(object).text("lazy"),
        On::Notify { .. } => Fnv::new().text("notify"),
        On::Arrivals { .. } => Fnv::new().text("arrivals"),
        On::Message { .. } => Fnv::new().text("message"),
        On::Room { .. } => Fnv::new().text("room"),
        On::Closing { .. } => Fnv::new().text("closing"),
        On::Actor(_) => Fnv::new().text("actor"),
        On::Scope(_) => Fnv::new().text("scope"),
        On::Runtime(_) => Fnv::new().text("runtime"),
        On::NonDaemons => Fnv::new().text("threads"),
        On::Unpark => Fnv::new().text("unpark"),
        On::Time => Fnv::new().text("time"),
        On::Permits { .. } => Fnv::new().text("permits"),
        On::Poller { .. } => Fnv::new().text("poller"),
        On::Nothing { .. } => Fnv::new().text("nothing"),
        On::Nested { .. } => Fnv::new().text("nested"),
        On::Awaiter(_) => Fnv::new().text("awaiter"),
        On::Pool(_) => Fnv::new().text("pool"),
        On::Driver => Fnv::new().text("driver"),
        On::Work => Fnv::new().text("work"),
    }
}

/// FNV-1a: std's hasher may change from one release to the next, and a fingerprint may not.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    /// No text has this byte, so two texts are not taken for one.
    fn text(self, text: &str) -> Fnv {
        self.bytes(text.as_bytes()).bytes(&[0xff])
    }

    fn number(self, number: u64) -> Fnv {
        self.bytes(&number.to_le_bytes())
    }

    fn bytes(self, bytes: &[u8]) -> Fnv {
        Fnv(bytes.iter().fold(self.0, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
    }
}
