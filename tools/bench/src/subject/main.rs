//! One subject doing one work beside its measure (as a rule std), in a process of its own. Started by `gordian-bench`, not by people.
//!
//! `gordian-bench-subject FAMILY WORK [measure=FAMILY] [level=LEVEL] [trace=PATH] [sample-ms=N] [limit-s=N] [count=N]
//! [seconds=N] [layout=N]`
//!
//! It says `ready`, then answers each line on its standard input with one line of numbers (which ones: each work's
//! function says), followed by `unfinished` where a limit of time cut the work short. What it says begins with
//! `bench: `: some subjects print something of their own.

mod deadlock;
mod families;
mod family;
mod operations;
mod pairs;
mod process;
#[cfg(feature = "tokio")]
mod tasks;

use family::{Family, Setup};
use std::{
    env,
    io::{self, BufRead, Write},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

/// What the command line asks for.
pub(crate) struct Request {
    pub(crate) work: String,
    /// Which family an operation is measured against.
    pub(crate) measure: String,
    pub(crate) level: String,
    pub(crate) trace: Option<PathBuf>,
    /// How long one sample of one side should take.
    pub(crate) sample: Duration,
    /// How long one pass over many locks may take.
    pub(crate) limit: Duration,
    /// How many deadlocks.
    pub(crate) count: u32,
    /// How long to be idle.
    pub(crate) idle: Duration,
    /// By how much to move what is allocated and what is on the stack.
    pub(crate) layout: usize,
}

/// One line of numbers.
pub(crate) struct Answer {
    pub(crate) numbers: Vec<f64>,
    pub(crate) finished: bool,
}

impl From<Vec<f64>> for Answer {
    fn from(numbers: Vec<f64>) -> Answer {
        Answer { numbers, finished: true }
    }
}

fn main() {
    let mut words = env::args().skip(1);
    let (family, request) = parse(&mut words).unwrap_or_else(|message| {
        eprintln!("gordian-bench-subject: {message}");
        std::process::exit(2);
    });
    process::start_clock();
    laid_out(request.layout, || families::run(&family, &request));
}

/// Runs it with heap and stack moved by so many times 16 bytes: where a lock lies in its cache line is luck, and may
/// make a third of its cost. Other processes have other luck.
fn laid_out(layout: usize, run: impl FnOnce()) {
    std::mem::forget(std::hint::black_box(vec![0_u8; 16 * layout + 1]));
    match layout % 4 {
        0 => lower::<16>(run),
        1 => lower::<32>(run),
        2 => lower::<48>(run),
        _ => lower::<64>(run),
    }
}

#[inline(never)]
fn lower<const BYTES: usize>(run: impl FnOnce()) {
    let room = std::hint::black_box([0_u8; BYTES]);
    run();
    std::hint::black_box(&room);
}

fn parse(words: &mut impl Iterator<Item = String>) -> Result<(String, Request), String> {
    let family = words.next().ok_or("no family given")?;
    let work = words.next().ok_or("no work given")?;
    let mut request = Request {
        work,
        measure: "std".into(),
        level: "watch".into(),
        trace: None,
        sample: Duration::from_millis(3),
        limit: Duration::from_secs(10),
        count: 50,
        idle: Duration::from_secs(5),
        layout: 0,
    };
    for word in words {
        let (name, value) = word.split_once('=').ok_or_else(|| format!("`{word}` is not NAME=VALUE"))?;
        match name {
            "measure" => request.measure = value.into(),
            "level" => request.level = value.into(),
            "trace" => request.trace = Some(value.into()),
            "sample-ms" => request.sample = Duration::from_millis(number(value)?),
            "limit-s" => request.limit = Duration::from_secs(number(value)?),
            "count" => request.count = number(value)?,
            "seconds" => request.idle = Duration::from_secs(number(value)?),
            "layout" => request.layout = number(value)?,
            _ => return Err(format!("there is no `{name}`")),
        }
    }
    Ok((family, request))
}

fn number<N: FromStr>(value: &str) -> Result<N, String> {
    value.parse().map_err(|_| format!("`{value}` is not a number"))
}

/// Sets the family up and answers until the standard input ends.
pub(crate) fn serve<F: Family>(request: &Request) {
    F::start(&setup(request));
    answer(work::<F>(request));
}

/// How the family is to be set up.
fn setup(request: &Request) -> Setup<'_> {
    let told = if request.work == "standstill" { deadlock::answer_and_exit } else { deadlock::note };
    Setup { level: &request.level, trace: request.trace.as_deref(), told }
}

/// Answers until the standard input ends.
fn answer(mut work: Box<dyn FnMut() -> Answer + '_>) {
    say("ready");
    for line in io::stdin().lock().lines() {
        if line.is_err() {
            break;
        }
        let answer = work();
        let numbers: Vec<String> = answer.numbers.iter().map(f64::to_string).collect();
        say(&format!("{}{}", numbers.join(" "), if answer.finished { "" } else { " unfinished" }));
    }
    // Not by returning: a million locks need not be dropped, and nobody waits for stuck threads.
    std::process::exit(0);
}

/// One line to the one who asked.
pub(crate) fn say(line: &str) {
    let mut out = io::stdout().lock();
    // Where nobody listens any more, the next read of standard input ends this process.
    let _ = writeln!(out, "bench: {line}").and_then(|()| out.flush());
}

fn work<F: Family>(request: &Request) -> Box<dyn FnMut() -> Answer + '_> {
    match request.work.as_str() {
        "pairs" => Box::new(|| pairs::pairs::<F>(request.limit)),
        "memory" => Box::new(|| pairs::memory::<F>(request.limit, false)),
        "memory-chain" => Box::new(|| pairs::memory::<F>(request.limit, true)),
        "ab-ba" => Box::new(|| deadlock::ab_ba::<F>(request.count)),
        "standstill" => Box::new(|| deadlock::standstill::<F>()),
        "idle" => Box::new(|| vec![process::idle_share::<F>(request.idle)].into()),
        operation => {
            let measure = families::measure::<F>(&request.measure, operation);
            let (Some(measure), Some(subject)) = (measure, operations::find::<F, F>(operation)) else {
                eprintln!("gordian-bench-subject: there is no work `{operation}`, or no measure for it");
                std::process::exit(2);
            };
            let mut sampler = operations::Sampler::new(operation, measure, subject, request.sample);
            Box::new(move || sampler.sample().into())
        }
    }
}
