//! The finding as a picture, in plain ASCII so that any terminal and any log shows it.
//!
//! An arrow goes from who waits to who is waited for, and reads as a sentence on its way down.

use super::{names::Scene, nouns::more, story::Shape};
use crate::model::{ActorId, Because, Kind, Mode, On, Step, Wait};
use rustc_hash::{FxHashMap, FxHashSet};

/// More threads than this are not drawn one by one.
const MOST: usize = 16;

impl Scene<'_> {
    pub(super) fn drawing(&self) -> Vec<String> {
        let steps = &self.finding.steps;
        match self.shape() {
            Shape::Circle => self.circle(steps),
            Shape::Chain => self.chain(steps),
            Shape::Crowd => self.crowd(steps),
            Shape::Warning => Vec::new(),
        }
    }

    fn circle(&self, steps: &[Step]) -> Vec<String> {
        let mut lines = Vec::new();
        for (index, node) in cut(steps).into_iter().enumerate() {
            let margin = if index == 0 { "+-> " } else { "|   " };
            match node {
                Node::Step(step) => {
                    lines.push(words!(margin, self.thread(step.actor)));
                    lines.extend(self.edge(step).into_iter().map(|words| words!("|     |  ", words)));
                    lines.push("|     v".into());
                }
                Node::Gap(steps) => {
                    lines.push(words!(margin, "... ", more(steps), " ..."));
                    lines.push("|     v".into());
                }
            }
        }
        // The last arrow goes back up.
        lines.pop();
        lines.push("+-----+".into());
        lines
    }

    fn chain(&self, steps: &[Step]) -> Vec<String> {
        let mut lines = Vec::new();
        for node in cut(steps) {
            match node {
                Node::Step(step) => {
                    lines.push(self.thread(step.actor));
                    lines.extend(self.edge(step).into_iter().map(|words| words!("  |  ", words)));
                }
                Node::Gap(steps) => lines.push(words!("... ", more(steps), " ...")),
            }
            lines.push("  v".into());
        }
        lines.extend(steps.last().map(|step| self.end(step)));
        lines
    }

    /// One line a thread: who waits, for what, and on whom that depends.
    fn crowd(&self, steps: &[Step]) -> Vec<String> {
        let rows: Vec<[String; 3]> = steps.iter().take(MOST).map(|step| self.row(step)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (first, second) = (width(0), width(1));
        let mut lines: Vec<String> = rows
            .iter()
            .map(|[who, what, whom]| {
                let line = "-".repeat(second - what.chars().count());
                format!("{who:<first$}  -- {what} {line}--> {whom}")
            })
            .collect();
        if steps.len() > MOST {
            lines.push(words!("... and ", more(&steps[MOST..])));
        }
        lines
    }

    fn row(&self, step: &Step) -> [String; 3] {
        let what = step.wait.map_or("does not wait".into(), |wait| self.wait_words(step, &wait));
        let whom = match step.because {
            Because::HeldBy { actor, hold } if self.kind(hold.object) == Kind::Semaphore => self.takers(step, actor),
            Because::HeldBy { actor, .. }
            | Because::QueuedBehind { actor }
            | Because::EndOf { actor }
            | Because::PolledBy { actor } => self.thread(actor),
            Because::LeakedBy { .. } | Because::NobodyLeft | Because::NotYet | Because::NoWaker => self.end(step),
        };
        [self.thread(step.actor), what, whom]
    }

    /// Who has taken permits.
    fn takers(&self, step: &Step, holder: ActorId) -> String {
        let all = step.wait.map_or(Vec::new(), |wait| self.holders_of(&wait));
        let first = if all.contains(&step.actor) { step.actor } else { holder };
        match all.len() {
            0 | 1 => self.thread(first),
            several => words!(self.thread(first), " and ", (several - 1).to_string(), " more"),
        }
    }

    /// The words beside an arrow, one or two lines.
    fn edge(&self, step: &Step) -> Vec<String> {
        let Some(wait) = step.wait else { return vec!["does not wait".into()] };
        let first = self.wait_words(step, &wait);
        let second = match step.because {
            Because::HeldBy { hold, .. } if hold.mode == Mode::Init => {
                Some(format!("which was begun{} by", self.at(hold.place)))
            }
            Because::HeldBy { hold, .. } if matches!(wait.on, On::Notify { .. }) => {
                Some(format!("and then for {}, taken{} by", self.object(hold.object), self.at(hold.place)))
            }
            Because::HeldBy { hold, .. } if hold.granted => {
                Some(words!("which was given to what had waited", self.at(hold.place), ", a future of"))
            }
            Because::HeldBy { hold, .. } if self.kind(hold.object) == Kind::Semaphore => {
                Some(words!("of which permits were taken", self.at(hold.place), " by"))
            }
            Because::HeldBy { hold, .. } => Some(words!("which was taken", self.at(hold.place), " by")),
            Because::LeakedBy { hold, .. } => Some(format!("which was taken{} and leaked by", self.at(hold.place))),
            Because::QueuedBehind { .. } => Some("behind the queued writer".into()),
            Because::EndOf { .. } if matches!(wait.on, On::Runtime(_)) => Some("one of which is busy with".into()),
            Because::EndOf { .. } if !matches!(wait.on, On::Actor(_) | On::Pool(_) | On::Nested { .. }) => {
                Some("one of which is".into())
            }
            Because::EndOf { .. } | Because::NotYet | Because::PolledBy { .. } | Because::NoWaker => None,
            Because::NobodyLeft if matches!(wait.on, On::Room { .. }) => {
                Some("which would have to be emptied by".into())
            }
            Because::NobodyLeft if matches!(wait.on, On::Closing { .. }) => Some("which would be up to".into()),
            Because::NobodyLeft => Some("which would have to come from".into()),
        };
        match second {
            Some(second) => vec![words!(first, ","), second],
            None => vec![first],
        }
    }

    /// ``waits for Mutex `a` at src/main.rs:7:9``
    fn wait_words(&self, step: &Step, wait: &Wait) -> String {
        // The arrow itself leads to the thread that is joined.
        let goal = match (wait.on, step.because) {
            (On::Actor(actor), Because::EndOf { actor: joined }) if actor == joined => "for the end of".into(),
            _ => self.goal(wait),
        };
        match (wait.on, self.place(wait.place)) {
            (On::Actor(_), Some(_)) => words!("waits", self.at(wait.place), " ", goal),
            _ => words!("waits ", goal, self.at(wait.place)),
        }
    }

    /// What a chain ends in.
    fn end(&self, step: &Step) -> String {
        match step.because {
            Because::LeakedBy { actor, .. } => format!("{}, which has ended", self.thread(actor)),
            _ => super::story::aim(step).map_or("nobody".into(), |actor| self.thread(actor)),
        }
    }
}

enum Node<'a> {
    Step(&'a Step),
    Gap(&'a [Step]),
}

/// The steps, without the middle of a very long one.
fn cut(steps: &[Step]) -> Vec<Node<'_>> {
    if steps.len() <= MOST {
        return steps.iter().map(Node::Step).collect();
    }
    let (head, tail) = (MOST / 2, MOST / 2 - 1);
    let gap = Node::Gap(&steps[head..steps.len() - tail]);
    let last = &steps[steps.len() - tail..];
    steps[..head].iter().map(Node::Step).chain([gap]).chain(last.iter().map(Node::Step)).collect()
}

/// Puts the steps of a standstill that is one single chain into the order of that chain.
pub(super) fn in_order(steps: &[Step]) -> Vec<Step> {
    let mut by_actor: FxHashMap<ActorId, &Step> = FxHashMap::default();
    steps.iter().for_each(|step| _ = by_actor.entry(step.actor).or_insert(step));
    let target = |step: &Step| super::story::aim(step).filter(|actor| by_actor.contains_key(actor));
    let targets: FxHashSet<ActorId> = steps.iter().filter_map(target).collect();
    let mut starts = steps.iter().filter(|step| !targets.contains(&step.actor));
    let (Some(start), None) = (starts.next(), starts.next()) else { return steps.to_vec() };
    let (mut ordered, mut seen) = (vec![*start], FxHashSet::from_iter([start.actor]));
    while let Some(next) = ordered.last().and_then(target) {
        match by_actor.get(&next) {
            Some(step) if seen.insert(next) => ordered.push(**step),
            _ => break,
        }
    }
    if ordered.len() == steps.len() { ordered } else { steps.to_vec() }
}
