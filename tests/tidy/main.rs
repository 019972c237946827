//! The invariants of ARCHITECTURE.md that a look at the source can hold, and what README.md promises.
//!
//! Two tables in ARCHITECTURE.md are read here, so they cannot grow old: which folder may import which, and which
//! files may have `unsafe` code. A failure says what to do.

mod source;

use source::{Source, allowed_rows, blocks, imports, sources, text};
use std::{collections::BTreeSet, env, path::Path, process::Command};

/// Lines of one file, its unit tests not counted.
const LONGEST: usize = 700;

/// Where features may be asked for, and how: the same words everywhere, so that they can be found.
const WATCHING: &str = r#"any(feature = "watch", all(feature = "watch-in-debug", debug_assertions))"#;
const BUILT_BUT_OFF: &str = r#"all(feature = "watch-in-debug", not(any(feature = "watch", debug_assertions)))"#;
const BUILT: &str = r#"feature = "watch-in-debug""#;
/// What is watched besides std.
const PARKING_LOT: [&str; 2] = [r#"feature = "parking_lot""#, r#"feature = "parking_lot_0_13""#];
const TOKIO: &str = r#"feature = "tokio""#;
const ASKS_FOR_FEATURES: [&str; 2] = ["src/lib.rs", "src/record/mod.rs"];

/// What the recorder, and what is there for tasks, has for those alone.
fn needless() -> [String; 2] {
    [format!("not(all({}, {TOKIO})),", PARKING_LOT.join(", ")), format!("#[cfg_attr(not({TOKIO}), allow(dead_code))]")]
}

/// Upward calls of ARCHITECTURE.md ("The one exception").
const UPWARD: [(&str, &str); 8] = [
    ("record", "monitor::ensure_started"),
    ("record", "monitor::ended"),
    ("record", "monitor::hurry"),
    ("record", "monitor::left_pending"),
    ("record", "monitor::listen"),
    ("record", "monitor::suspect"),
    ("settings", "monitor::Session"),
    ("settings", "monitor::start"),
];

/// Panics, and output that is not a report's.
const UNWANTED: [&str; 9] =
    ["todo!", "unimplemented!", "dbg!", "println!", "print!", "eprintln!", "eprint!", ".unwrap()", "process::exit("];
/// `exit_now` where there is no `_exit`.
const MAY_EXIT: [&str; 1] = ["src/monitor/session.rs"];

/// Tokens that only wrappers of this folder need.
const TOKENS_ELSEWHERE: [&str; 1] = ["src/tokio/sync/owned.rs"];

/// Of the recorder: who may wait for a lock (for names, orphans and runtimes; never on the way of an operation).
const RECORDS_UNDER_A_LOCK: [&str; 9] = [
    "src/record/on/attach.rs",
    "src/record/on/class.rs",
    "src/record/on/departed.rs",
    "src/record/on/orphans.rs",
    "src/record/on/returned.rs",
    "src/record/on/slot.rs",
    "src/record/on/spans.rs",
    "src/record/on/task/notices.rs",
    "src/record/on/task/runtime.rs",
];

/// What `Mutex::lock` and its unlock run through while nobody waits, with the functions of the second fast path (nested
/// locks): a file of the recorder, and its functions.
const FAST_PATH: [(&str, &[&str]); 5] = [
    ("src/record/on/attach.rs", &["current", "attached"]),
    ("src/record/on/clock.rs", &["plain", "only_traces", "has", "stamp"]),
    (
        "src/record/on/ledger.rs",
        &["first", "inline", "len", "set_len", "is_of", "write", "remember", "remember_placeless", "skip"],
    ),
    ("src/record/on/order.rs", &["roll", "hash_of", "key", "told"]),
    (
        "src/record/on/probe.rs",
        &[
            "identity",
            "acquire",
            "try_acquire",
            "acquired",
            "acquired_nested",
            "acquired_traced",
            "remember",
            "drop",
            "released_otherwise",
        ],
    ),
];
/// Allocations, clocks, words that others write, too.
const TOO_SLOW: [&str; 20] = [
    "Box::",
    "Vec",
    "vec!",
    "String",
    "format!",
    "Arc::",
    ".collect()",
    ".to_owned()",
    ".to_string()",
    ".clone()",
    "memory::",
    "Instant",
    "SystemTime",
    "precise()",
    "clock::now(",
    "_rdtsc",
    "fetch_",
    "compare_exchange",
    ".swap(",
    "SeqCst",
];

fn complain(wrong: &[String], what_to_do: &str) {
    assert!(wrong.is_empty(), "{what_to_do}\n  {}", wrong.join("\n  "));
}

fn complaints<'a>(files: &'a [Source], of_one: impl Fn(&'a Source) -> Vec<String>) -> Vec<String> {
    files.iter().flat_map(|file| of_one(file).into_iter().map(|wrong| format!("{}: {wrong}", file.path))).collect()
}

#[test]
fn imports_point_down() {
    let floors = allowed_rows("ARCHITECTURE.md", "floors");
    let mut wrong = Vec::new();
    for (floor, (module, below)) in floors.iter().enumerate() {
        let lower: BTreeSet<&str> = floors[..floor].iter().map(|(module, _)| module.as_str()).collect();
        wrong.extend(below.iter().filter(|name| !lower.contains(name.as_str())).map(|name| {
            format!(
                "the table lets `{module}` import `{name}`, which stands on the same floor, on a higher one or nowhere"
            )
        }));
    }
    let files = sources("src");
    wrong.extend(complaints(&files, |file| {
        let module = file.module();
        if module == "lib" {
            return Vec::new();
        }
        let Some((_, below)) = floors.iter().find(|(name, _)| *name == module) else {
            return vec![format!("`{module}` has no row in the table")];
        };
        let allowed = |path: &&String| {
            let first = path.split("::").next().unwrap_or_default();
            first == module || below.iter().any(|name| name == first) || UPWARD.contains(&(&module, path))
        };
        imports(&file.all_code).iter().filter(|path| !allowed(path)).map(|path| format!("crate::{path}")).collect()
    }));
    complain(
        &wrong,
        "Imports point down. Move what is needed to a lower floor, or pass it in; a new folder gets a row in the table \
         between `floors:begin` and `floors:end` in ARCHITECTURE.md:",
    );
}

#[test]
fn the_right_column_never_sees_the_left_one() {
    let floors = allowed_rows("ARCHITECTURE.md", "floors");
    let left = ["record", "sync", "thread", "ext", "spans", "monitor"];
    let wrong: Vec<String> = floors
        .iter()
        .filter(|(module, _)| ["model", "report", "analyze", "tell", "export"].contains(&module.as_str()))
        .flat_map(|(module, below)| below.iter().map(move |name| (module, name)))
        .filter(|(_, name)| left.contains(&name.as_str()))
        .map(|(module, name)| format!("`{module}` imports `{name}`"))
        .collect();
    complain(&wrong, "Detectors, words and exporters work on recorded data only; hand them a Snapshot or a World:");
}

#[test]
fn features_are_asked_for_in_two_files_and_in_the_same_words() {
    let known = [
        WATCHING.to_owned(),
        format!("not({WATCHING})"),
        BUILT_BUT_OFF.to_owned(),
        BUILT.to_owned(),
        PARKING_LOT[0].to_owned(),
        PARKING_LOT[1].to_owned(),
        TOKIO.to_owned(),
    ];
    let mut files = sources("src");
    files.extend(sources("examples"));
    let wrong = complaints(&files, |file| {
        let asks = file.lines_with(&["feature =", "debug_assertions"]);
        if !ASKS_FOR_FEATURES.contains(&file.path.as_str()) {
            return asks;
        }
        let spelled = |line: &String| {
            known.iter().any(|cfg| line.ends_with(&format!("#[cfg({cfg})]")))
                || needless().iter().any(|cfg| line.ends_with(cfg))
        };
        asks.into_iter().filter(|line| !spelled(line)).collect()
    });
    complain(
        &wrong,
        "Whether we watch is asked in src/lib.rs and src/record/mod.rs only, on a line of its own and in these words \
         (see tests/tidy/main.rs); elsewhere write for the seam, whose types are zero-sized when off:",
    );
}

#[test]
fn unsafe_code_is_where_the_table_says() {
    let listed: Vec<String> = allowed_rows("ARCHITECTURE.md", "unsafe").into_iter().map(|(file, _)| file).collect();
    let files = sources("src");
    let mut wrong = complaints(&files, |file| {
        let blocks = file.count("unsafe {") + file.count("unsafe impl");
        let answers = file.text.matches("SAFETY").count();
        let mut wrong = Vec::new();
        let has_some = blocks != 0 || file.count("allow(unsafe_code)") != 0;
        if has_some && !listed.contains(&file.path) {
            wrong.push("has unsafe code and is not in the table".to_owned());
        }
        if !has_some && listed.contains(&file.path) {
            wrong.push("is in the table and has no unsafe code".to_owned());
        }
        if answers < blocks {
            wrong.push(format!("{blocks} unsafe blocks, {answers} SAFETY comments"));
        }
        wrong
    });
    wrong.extend(
        listed
            .iter()
            .filter(|path| files.iter().all(|file| file.path != **path))
            .map(|path| format!("{path}: is in the table and does not exist")),
    );
    complain(
        &wrong,
        "Do without `unsafe`, or add the file with its reason to the table between `unsafe:begin` and `unsafe:end` in \
         ARCHITECTURE.md and answer the callee's safety list at each site:",
    );
}

#[test]
fn nothing_panics_or_prints_by_the_way() {
    let files = sources("src");
    let wrong = complaints(&files, |file| {
        let mut wrong = file.lines_with(&UNWANTED);
        wrong.retain(|line| !(line.contains("process::exit(") && MAY_EXIT.contains(&file.path.as_str())));
        wrong
    });
    complain(
        &wrong,
        "An instrument never panics and never prints: handle the case, or tell it through `monitor::say` (one sentence) \
         or a `Sink`:",
    );
}

#[test]
fn operations_are_recorded_without_a_lock() {
    let files = sources("src/record/on");
    let wrong = complaints(&files, |file| {
        if RECORDS_UNDER_A_LOCK.contains(&file.path.as_str()) {
            return Vec::new();
        }
        file.lines_with(&["Mutex<", "RwLock<", "Condvar", ".lock()", "DashMap", "Box::new"])
    });
    complain(
        &wrong,
        "The recorder runs while the program holds its locks, and inside its allocator: use atomics in the slot, and \
         `memory::leak` for what is made late:",
    );
}

#[test]
fn the_fast_path_allocates_nothing_and_reads_no_clock() {
    let mut wrong = Vec::new();
    for (path, functions) in FAST_PATH {
        let code = Source::read(path).code;
        for name in functions {
            let mut bodies = blocks(&code, &format!("fn {name}("));
            bodies.extend(blocks(&code, &format!("fn {name}<")));
            if bodies.is_empty() {
                wrong.push(format!("{path}: has no function `{name}`: what has come in its place?"));
            }
            let lines = bodies.iter().flat_map(|body| body.lines());
            let slow = lines.filter(|line| TOO_SLOW.iter().any(|word| source::has_word(line, word)));
            wrong.extend(slow.map(|line| format!("{path}: `{name}`: {}", line.trim())));
        }
    }
    complain(
        &wrong,
        "The fast path (ARCHITECTURE.md) only loads and stores, in the thread's own slot. Put what needs more into a \
         function of its own that the plain case does not call; a new function of the fast path stands in `FAST_PATH`:",
    );
}

/// Fields are dropped in the order in which they stand.
#[test]
fn a_hold_is_forgotten_before_its_lock_opens() {
    for (folder, token, least) in [("src/sync", "held: Held", 3), ("src/tokio/sync", "held: Grasp", 12)] {
        let files = sources(folder);
        let fields = |body: &str| -> Vec<String> {
            let lines = body.lines().filter_map(|line| line.trim().trim_start_matches("pub(super) ").split_once(": "));
            lines.map(|(name, of)| format!("{name}: {}", of.trim_end_matches(','))).collect()
        };
        let guarded = |body: &&str| body.contains("Guard<'a, ") || body.contains(token.trim_start_matches("held"));
        let late = |body: &&str| fields(body).first().is_none_or(|first| first != token);
        let wrong = complaints(&files, |file| {
            let late = blocks(&file.code, "struct ").into_iter().filter(guarded).filter(late);
            late.map(|body| body.trim().to_owned()).collect()
        });
        let guards: usize = files
            .iter()
            .map(|file| blocks(&file.code, "struct ").iter().filter(|body| body.contains(token)).count())
            .sum();
        assert!(guards >= least, "{guards} guards of {folder} have a hold");
        complain(
            &wrong,
            "In a guard `held` comes first, before the real guard: once the lock is open, another thread may hold it, or free \
             it (tests/hard/guards.rs):",
        );
    }
}

/// Locks without a token are given back by a call, and say so by another, which comes first.
#[test]
fn a_bare_hold_is_forgotten_before_its_lock_opens() {
    let (mut opened, mut wrong) = (0, Vec::new());
    for file in sources("src/parking_lot").into_iter().chain(sources("src/parking_lot_0_13")) {
        for (head, record) in
            [("unsafe fn unlock", "self.probe.unlock("), ("unsafe fn downgrade", "self.probe.downgrade(")]
        {
            for body in blocks(&file.code, head) {
                opened += 1;
                let (recorded, opens) = (body.find(record), body.find("unsafe {"));
                if recorded.is_none() || recorded > opens {
                    wrong.push(format!("{}: {}", file.path, body.trim()));
                }
            }
        }
    }
    assert!(opened >= 20, "{opened} ways to open a lock of src/parking_lot");
    complain(&wrong, "Record first, then open the real lock: after that another thread may hold it, or free it:");
}

#[test]
fn drop_is_on_tokens() {
    let mut files = sources("src/sync");
    files.extend(sources("src/parking_lot"));
    files.extend(sources("src/parking_lot_0_13"));
    files.extend(sources("src/tokio/sync"));
    files.push(Source::read("src/ext.rs"));
    files.retain(|file| !TOKENS_ELSEWHERE.contains(&file.path.as_str()));
    let wrong = complaints(&files, |file| file.lines_with(&["Drop for"]));
    complain(
        &wrong,
        "A type with a `Drop` cannot be taken apart in safe code, as `into_inner` and `Condvar::wait` do: let a token of \
         `record` in its field do the work:",
    );
}

#[test]
fn what_others_read_is_never_freed() {
    let mut files = sources("src/record/on");
    // Wakers, which nobody has but their owners.
    files.retain(|file| !file.path.ends_with("task/owned.rs"));
    let wrong = complaints(&files, |file| {
        file.lines_with(&[
            "dealloc(",
            "realloc(",
            "from_raw(",
            "drop_in_place",
            "assume_init_drop",
            "munmap",
            "libc::free",
        ])
    });
    complain(&wrong, "Who reads a slot or a ring may be anywhere in it: such memory is given to another, never back:");
}

#[test]
fn every_file_says_what_it_is_and_is_short() {
    let mut files = sources("src");
    files.extend(sources("tests"));
    files.extend(sources("examples"));
    let wrong = complaints(&files, |file| {
        let mut wrong = Vec::new();
        if !file.is_part_of_a_test() && !file.text.starts_with("//! ") {
            wrong.push("has no `//!` in its first line: say what it is, in one sentence".to_owned());
        }
        let lines = file.code.lines().count();
        if lines > LONGEST {
            wrong.push(format!("{lines} lines: split it (at most {LONGEST}, without its tests)"));
        }
        wrong
    });
    complain(&wrong, "Files are small, and say what they are:");
}

#[test]
fn no_project_file_knows_the_machine_it_was_written_on() {
    let mut files = sources("src");
    files.extend(sources("tests"));
    files.extend(sources("examples"));
    files.extend(sources("tools"));
    files.retain(|file| file.path != "tests/tidy/main.rs");
    files.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ".ci/run", "Cargo.toml"].map(Source::read));
    let wrong = complaints(&files, |file| {
        let paths = ["/home/", "/Users/"];
        file.text.lines().filter(|line| paths.iter().any(|path| line.contains(path))).map(str::to_owned).collect()
    });
    complain(&wrong, "Write paths relative to the project:");
}

// ---- the documents ----

#[test]
fn the_map_shows_every_folder() {
    let map = text("ARCHITECTURE.md");
    let wrong: Vec<String> = source::entries("src")
        .into_iter()
        .chain(source::entries("tests"))
        .filter(|name| !map.contains(name.as_str()))
        .collect();
    complain(&wrong, "Add these to the map in ARCHITECTURE.md:");
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for page in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = text(page);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let files = links.filter(|link| !link.contains("://") && !link.starts_with('#'));
        let lost = files.filter(|link| !source::root().join(link.split('#').next().unwrap_or(link)).exists());
        wrong.extend(lost.map(|link| format!("{page}: {link}")));
    }
    complain(&wrong, "These links lead nowhere:");
}

#[test]
fn the_readme_shows_the_table_of_settings() {
    let readme = text("README.md");
    let table = gordian::settings_table();
    assert!(readme.contains(&table), "Put this in README.md, in place of its table of settings:\n{table}");
}

#[test]
fn ci_runs_what_the_readme_says() {
    let readme = text("README.md");
    let ci = text(".ci/run");
    let commands: Vec<&str> =
        source::between(&readme, "commands").lines().filter(|line| line.contains("cargo")).collect();
    assert_eq!(commands.len(), 2, "README.md has two commands between `commands:begin` and `commands:end`");
    let wrong: Vec<String> = commands
        .iter()
        .map(|line| line.split('#').next().unwrap_or(line).trim())
        .filter(|command| !ci.contains(command))
        .map(str::to_owned)
        .collect();
    complain(&wrong, "README.md tells newcomers to run these; .ci/run does not run them:");
}

#[test]
fn every_example_is_in_the_readme_and_has_one_sentence_on_top() {
    let readme = text("README.md");
    // Where the examples are run.
    let run: String =
        sources("tests").into_iter().filter(|file| file.path.starts_with("tests/e2e/")).map(|file| file.text).collect();
    let mut wrong = Vec::new();
    for (name, source) in source::examples() {
        if !run.is_empty() && !run.contains(&format!("\"{name}\"")) {
            wrong.push(format!("{name}: is not run by tests/e2e"));
        }
        if !readme.contains(&format!("`{name}`")) {
            wrong.push(format!("{name}: is not in README.md"));
        }
        let top: Vec<&str> = source.lines().map_while(|line| line.strip_prefix("//!")).collect();
        let sentence =
            top.iter().take_while(|line| !line.trim().is_empty()).map(|line| line.trim()).collect::<Vec<_>>();
        let sentence = sentence.join(" ");
        if sentence.is_empty() || !sentence.ends_with('.') || sentence.matches(". ").count() != 0 {
            wrong.push(format!("{name}: begins with `{sentence}`, which is not one sentence"));
        }
    }
    complain(&wrong, "An example is found through README.md and says in one sentence what it shows:");
}

// ---- the package ----

#[test]
fn built_off_it_needs_no_other_crate() {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "tree",
            "--offline",
            "--package",
            "gordian",
            "--no-default-features",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let crates: Vec<&str> = tree.lines().collect();
    assert!(
        crates.len() == 1 && crates[0].starts_with("gordian v"),
        "Without features nothing else is built. Make these `optional`, and name them in `watch-in-debug`:\n{tree}"
    );
}

#[test]
fn a_dependency_is_optional() {
    let manifest = text("Cargo.toml");
    let section = manifest.split("\n[dependencies]\n").nth(1).and_then(|rest| rest.split("\n[").next());
    let lines = section.expect("Cargo.toml has dependencies").lines().filter(|line| line.contains('='));
    let wrong: Vec<String> = lines.filter(|line| !line.contains("optional = true")).map(str::to_owned).collect();
    complain(&wrong, "Built off, gordian is std alone: make these `optional = true`:");
}

#[test]
fn scripts_can_be_run() {
    #[cfg(unix)]
    for script in [".ci/run", "tests/viewer/install.sh"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(source::root().join(script)).expect(script).permissions().mode();
        assert!(mode & 0o111 == 0o111, "chmod +x {script}");
    }
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("LICENSE-MIT").exists());
}
