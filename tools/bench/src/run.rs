//! Runs the works: who is asked when.

use crate::{
    child::{Answer, Running},
    options::Options,
    plan::{How, Who, Work},
    subjects::{Programs, Subject},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// What one subject has done of one work.
#[derive(Default)]
pub(crate) struct Cell {
    pub(crate) answers: Vec<Answer>,
    /// Why there are no (more) answers.
    pub(crate) failure: Option<String>,
}

/// By work and subject.
pub(crate) type Measured = BTreeMap<(&'static str, &'static str), Cell>;

pub(crate) fn run(options: &Options, programs: &Programs) -> Measured {
    let mut measured = Measured::new();
    for work in &options.works {
        eprintln!("measuring `{}`", work.name);
        let runner = Runner { options, programs, work };
        match work.how {
            How::Turns => runner.turns(&mut measured, [3, 2]),
            How::LongTurns => runner.turns(&mut measured, [20, 10]),
            How::Fresh(samples) => runner.fresh(&mut measured, if options.quick { 1 } else { samples }),
            How::Cycles => runner.cycles(&mut measured),
            How::Standstills => runner.standstills(&mut measured),
            How::Together => runner.together(&mut measured),
        }
    }
    measured
}

struct Runner<'a> {
    options: &'a Options,
    programs: &'a Programs,
    work: &'static Work,
}

/// For an answer that no limit of its own ends.
const PATIENCE: Duration = Duration::from_secs(300);

impl Runner<'_> {
    fn turns(&self, measured: &mut Measured, [sample, quick_sample]: [u64; 2]) {
        let (layouts, rounds, sample) = if self.options.quick { (4, 3, quick_sample) } else { (8, 5, sample) };
        for layout in 0..layouts {
            let arguments = [format!("sample-ms={sample}"), format!("layout={layout}")];
            let mut children = self.children(measured, &arguments);
            for round in 0..rounds {
                self.one_round(measured, &mut children, layout + round);
            }
        }
    }

    fn one_round(&self, measured: &mut Measured, children: &mut [(&'static Subject, Option<Running>)], shift: usize) {
        for turn in 0..children.len() {
            // Nobody always comes after the same one.
            let at = (turn + shift) % children.len();
            let (subject, child) = &mut children[at];
            let Some(running) = child else { continue };
            if !self.once(measured, subject, running) {
                *child = None;
            }
        }
    }

    fn fresh(&self, measured: &mut Measured, samples: usize) {
        const LONG: Duration = Duration::from_secs(15);
        let limit = if self.options.quick { 2 } else { 10 };
        let mut left: Vec<&Subject> = self.alone();
        for _ in 0..samples {
            left.retain(|subject| {
                let start = Instant::now();
                let done = self.one_fresh(measured, subject, &[format!("limit-s={limit}")]);
                done && start.elapsed() < LONG
            });
        }
    }

    fn cycles(&self, measured: &mut Measured) {
        let count = if self.options.quick { 10 } else { 60 };
        for subject in self.options.subjects.iter().filter(|subject| subject.tells_cycles) {
            self.one_fresh(measured, subject, &[format!("count={count}")]);
        }
    }

    fn standstills(&self, measured: &mut Measured) {
        let count = if self.options.quick { 5 } else { 30 };
        let mut left: Vec<&Subject> = self.alone();
        left.retain(|subject| subject.tells_standstills);
        for _ in 0..count {
            left.retain(|subject| self.one_fresh(measured, subject, &[]));
        }
    }

    fn together(&self, measured: &mut Measured) {
        let seconds = if self.options.quick { 2 } else { 5 };
        let mut children = self.children(measured, &[format!("seconds={seconds}")]);
        for (subject, child) in &mut children {
            if let Some(Err(failure)) = child.as_mut().map(Running::ask) {
                self.failed(measured, subject, failure);
                *child = None;
            }
        }
        for (subject, child) in &mut children {
            if let Some(child) = child {
                let answer = child.answer(PATIENCE);
                self.note(measured, subject, answer);
            }
        }
    }

    /// Those who do works that are more than one operation: gordian's parking_lot is there for the operations only.
    fn alone(&self) -> Vec<&'static Subject> {
        let measure = if self.work.who == Who::Tasks { "tokio" } else { "std" };
        self.options.subjects.iter().copied().filter(|subject| subject.measure == measure).collect()
    }

    fn children(&self, measured: &mut Measured, arguments: &[String]) -> Vec<(&'static Subject, Option<Running>)> {
        let mut children = Vec::new();
        let mut subjects = self.options.subjects.clone();
        match self.work.who {
            Who::All if matches!(self.work.how, How::Turns | How::LongTurns) => {
                subjects.retain(|subject| subject.measure != "tokio");
            }
            Who::Swapped => subjects.retain(|subject| !subject.peer && subject.measure == "std"),
            Who::All | Who::Tasks => subjects = self.alone(),
        }
        for subject in subjects {
            let failed = measured.get(&(self.work.name, subject.name)).is_some_and(|cell| cell.failure.is_some());
            let child = if failed { None } else { self.start(measured, subject, arguments) };
            children.push((subject, child));
        }
        children
    }

    fn start(&self, measured: &mut Measured, subject: &'static Subject, arguments: &[String]) -> Option<Running> {
        match Running::start(self.programs, subject, self.work.name, arguments) {
            Ok(running) => Some(running),
            Err(failure) => {
                self.failed(measured, subject, failure);
                None
            }
        }
    }

    fn one_fresh(&self, measured: &mut Measured, subject: &'static Subject, arguments: &[String]) -> bool {
        match self.start(measured, subject, arguments) {
            Some(mut running) => self.once(measured, subject, &mut running),
            None => false,
        }
    }

    fn once(&self, measured: &mut Measured, subject: &'static Subject, running: &mut Running) -> bool {
        let patience = if self.work.how == How::Standstills { Duration::from_secs(5) } else { PATIENCE };
        let answer = running.ask().and_then(|()| running.answer(patience));
        self.note(measured, subject, answer)
    }

    fn note(&self, measured: &mut Measured, subject: &'static Subject, answer: Result<Answer, String>) -> bool {
        match answer {
            Ok(answer) if answer.numbers.is_empty() => {
                self.failed(measured, subject, "nothing was told".into());
                false
            }
            Ok(answer) => {
                measured.entry((self.work.name, subject.name)).or_default().answers.push(answer);
                true
            }
            Err(failure) => {
                self.failed(measured, subject, failure);
                false
            }
        }
    }

    fn failed(&self, measured: &mut Measured, subject: &'static Subject, failure: String) {
        eprintln!("  {}: {failure}", subject.name);
        measured.entry((self.work.name, subject.name)).or_default().failure = Some(failure);
    }
}
