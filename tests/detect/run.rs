//! Starts the situations, and compares what was told of them.

use crate::common::WATCHING;
use serde_json::Value;
use std::{
    env, fs,
    io::{BufRead, BufReader},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

/// Names the situation that a process is to run.
pub(crate) const SITUATION: &str = "DETECT_SITUATION";

/// Far beyond what any of them takes on a loaded machine.
const DEADLINE: Duration = Duration::from_secs(60);
/// The beginning of a report's last line.
const LAST_LINE: &str = "  Finding ";
/// How long one listens for a second report after the first: ten ticks of the watchdog's side.
const AFTERMATH: Duration = Duration::from_millis(100);
/// Situations at once: most of them sleep.
const AT_ONCE: usize = 6;

/// One situation, and what has to be told of it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) situation: fn(),
    /// The source file of the situation, with its marks.
    pub(crate) source: &'static str,
    pub(crate) told: &'static [Told],
    pub(crate) settings: &'static [(&'static str, &'static str)],
    /// What has to stand in what is printed.
    pub(crate) shows: &'static [&'static str],
    /// The program ends by itself, with success.
    pub(crate) ends: bool,
}

/// One report.
pub(crate) struct Told {
    pub(crate) rule: &'static str,
    pub(crate) certainty: &'static str,
    /// `NAME: holds OBJECT [MARK], waits for WHAT [MARK]` for each thread, in any order. A mark is what stands behind
    /// `//~` on the line of the place, or behind `//~^` on the next.
    pub(crate) threads: &'static [&'static str],
    /// Who is stuck because of it.
    pub(crate) victims: &'static [&'static str],
}

/// Nothing may be told, and the program ends.
macro_rules! quiet {
    ($situation:ident) => {
        crate::run::Case {
            name: concat!(module_path!(), "::", stringify!($situation)),
            situation: $situation,
            source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", file!())),
            told: &[],
            settings: &[],
            shows: &[],
            ends: true,
        }
    };
}
pub(crate) use quiet;

/// Has to be told once, for certain, and the program stays stuck.
macro_rules! stuck {
    ($situation:ident, $rule:literal, [$($thread:literal),* $(,)?], [$($victim:literal),*]) => {
        crate::run::Case {
            name: concat!(module_path!(), "::", stringify!($situation)),
            situation: $situation,
            source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", file!())),
            told: &[crate::run::Told {
                rule: $rule,
                certainty: "happened",
                threads: &[$($thread),*],
                victims: &[$($victim),*],
            }],
            settings: &[],
            shows: &[],
            ends: false,
        }
    };
}
pub(crate) use stuck;

/// Runs those that are asked for.
pub(crate) fn all(cases: Vec<&'static Case>) -> ExitCode {
    let filters: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |case: &&Case| filters.is_empty() || filters.iter().any(|filter| case.name.contains(filter.as_str()));
    let (cases, silent): (Vec<_>, Vec<_>) =
        cases.into_iter().filter(wanted).partition(|case| WATCHING || case.told.is_empty());
    if !silent.is_empty() {
        println!("{} situations are left out: this build does not watch, and they would only hang", silent.len());
    }
    let began = Instant::now();
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let passed = catch_unwind(AssertUnwindSafe(|| check(case))).is_ok();
                    println!("{} ... {}", case.name, if passed { "ok" } else { "FAILED" });
                    if !passed {
                        failed.lock().unwrap().push(case.name);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    let passed = cases.len() - failed.len();
    println!("\n{passed} passed, {} failed, in {:.1} s: {failed:?}", failed.len(), began.elapsed().as_secs_f32());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(case: &Case) {
    let mut run = Run::start(case);
    let outcome = run.follow(case);
    let reports = run.reports();
    let text = run.text.join("\n");
    let rendered: Vec<String> = reports.iter().map(|report| render(case, report)).collect();
    let mut expected: Vec<String> = case.told.iter().map(Told::render).collect();
    let mut told = rendered.clone();
    expected.sort();
    told.sort();
    assert_eq!(told, expected, "\n{}: told is not what was expected.\n{outcome}\n{text}", case.name);
    assert_eq!(outcome, if case.ends { "it ended with success" } else { "it was stuck" }, "\n{}\n{text}", case.name);
    for words in case.shows {
        assert!(text.contains(words), "\n{}: {words:?} is not printed.\n{text}", case.name);
    }
    // A warning's text is printed while the program goes on, and ends.
    let printed = run.text.iter().filter(|line| line.starts_with(LAST_LINE)).count();
    assert!(printed == case.told.len() || case.ends, "\n{}: standard error and the file differ.\n{text}", case.name);
    // That a guard gives up is said, and is no finding.
    let said = |line: &&String| line.starts_with("gordian:") && !line.ends_with("and waits no longer.");
    let silent = !run.text.iter().any(|line| said(&line));
    assert!(silent || !case.told.is_empty(), "\n{}: gordian has something to say.\n{text}", case.name);
}

// ---- a situation as a process ----

struct Run {
    child: Child,
    json: PathBuf,
    lines: Receiver<String>,
    text: Vec<String>,
}

impl Run {
    fn start(case: &Case) -> Run {
        let file = format!("gordian-{}-{}.json", std::process::id(), case.name.replace(':', "-"));
        let json = env::temp_dir().join(file);
        let mut command = Command::new(env::current_exe().expect("this binary's path"));
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GORDIAN_")) {
            command.env_remove(name);
        }
        let settings = case.settings.iter().copied();
        command.env(SITUATION, case.name).env("GORDIAN_JSON", &json).envs(settings).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("this binary starts");
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let (send, lines) = mpsc::channel();
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Run { child, json, lines, text: Vec::new() }
    }

    /// Until it ends, or nothing more can be expected of it.
    fn follow(&mut self, case: &Case) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let told = self.text.iter().filter(|line| line.starts_with(LAST_LINE)).count();
            let enough = !case.ends && told >= case.told.len();
            let patience = if enough { AFTERMATH } else { deadline.saturating_duration_since(Instant::now()) };
            match self.lines.recv_timeout(patience) {
                Ok(line) => self.text.push(line),
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait().expect("its status");
                    return if status.success() {
                        "it ended with success".into()
                    } else {
                        format!("it ended: {status}")
                    };
                }
                Err(RecvTimeoutError::Timeout) if enough => return "it was stuck".into(),
                Err(RecvTimeoutError::Timeout) => return format!("it hung for {} s", DEADLINE.as_secs()),
            }
        }
    }

    fn reports(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.json).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
        _ = fs::remove_file(&self.json);
    }
}

// ---- what was told, in few words ----

impl Told {
    fn render(&self) -> String {
        let mut threads = self.threads.to_vec();
        threads.sort_unstable();
        let mut victims = self.victims.to_vec();
        victims.sort_unstable();
        join(self.rule, self.certainty, &threads, &victims)
    }
}

fn join<T: AsRef<str>>(rule: &str, certainty: &str, threads: &[T], victims: &[T]) -> String {
    // When a circle closes, the main thread may still be on its way to its own wait.
    let on_its_way = |victim: &&T| rule != "standstill" && victim.as_ref() == "main";
    let victims: Vec<&str> = victims.iter().filter(|victim| !on_its_way(victim)).map(AsRef::as_ref).collect();
    let threads: Vec<&str> = threads.iter().map(AsRef::as_ref).collect();
    let lines = |words: Vec<&str>| words.iter().map(|word| format!("\n  {word}")).collect::<String>();
    format!("{rule} ({certainty}){}\n  stuck because of it:{}", lines(threads), lines(victims))
}

fn render(case: &Case, report: &Value) -> String {
    let mut threads: Vec<String> = list(&report["threads"]).iter().map(|thread| describe(case, thread)).collect();
    threads.sort_unstable();
    let plain = |label: &Value| text(label).replace("thread ", "").replace('`', "");
    let mut victims: Vec<String> = list(&report["victims"]).iter().map(plain).collect();
    victims.sort_unstable();
    join(text(&report["rule"]), text(&report["certainty"]), &threads, &victims)
}

fn describe(case: &Case, thread: &Value) -> String {
    let name = thread["name"].as_str().unwrap_or("?");
    let mut words: Vec<String> = Vec::new();
    for hold in list(&thread["holds"]) {
        let object = hold["object"]["name"].as_str().unwrap_or_else(|| text(&hold["object"]["kind"]));
        words.push(format!("holds {object} [{}]", mark(case, &hold["place"])));
    }
    if let Some(label) = thread["waits"]["label"].as_str() {
        words.push(format!("waits {label} [{}]", mark(case, &thread["waits"]["place"])));
    }
    format!("{name}: {}", words.join(", "))
}

/// The mark of the line, or else where it is.
fn mark(case: &Case, place: &Value) -> String {
    let (file, line) = (place["file"].as_str().unwrap_or("nowhere"), place["line"].as_u64().unwrap_or(0));
    let module = case.name.rsplit("::").nth(1).unwrap_or_default();
    let own = Path::new(file).file_stem().is_some_and(|stem| stem == module);
    let mut lines = case.source.lines().skip(line.saturating_sub(1) as usize).filter(|_| own);
    let beside = lines.next().and_then(|words| words.split("//~ ").nth(1));
    let below = lines.next().and_then(|words| words.trim().strip_prefix("//~^ "));
    // Of a file that the situation is not in, the line may change; of a dependency's, where that is.
    let name = || Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let elsewhere = || match own {
        true => format!("{file}:{line}"),
        false if Path::new(file).is_absolute() => name(),
        false => file.to_owned(),
    };
    beside.or(below).map_or_else(elsewhere, str::to_owned)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

// ---- for the situations ----

/// Starts a thread with a name.
pub(crate) fn named<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> gordian::thread::JoinHandle<T> {
    gordian::thread::Builder::new().name(name.into()).spawn(work).expect("a thread")
}

/// Takes long enough for several looks of the watchdog, and is not seen to wait.
pub(crate) fn work() {
    thread::sleep(Duration::from_millis(60));
}
