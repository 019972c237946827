//! The report in README.md is what the example prints, apart from times and the system's thread numbers.
//!
//! `UPDATE_README=1 cargo test --test readme` puts the present one there.

#[path = "../common/mod.rs"]
mod common;

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Far more than it takes.
const DEADLINE: Duration = Duration::from_secs(60);
const BEGIN: &str = "<!-- report:begin -->\n```text\n";
const END: &str = "\n```\n<!-- report:end -->";

#[test]
fn the_readme_shows_what_the_example_prints() {
    if !common::WATCHING {
        let mut example = Running(start(&example("ab_ba")));
        let words = std::io::read_to_string(example.0.stderr.take().expect("piped")).expect("it speaks");
        assert!(words.starts_with("This build does not watch"), "{words}");
        return;
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&page).expect("README.md");
    let (before, rest) = readme.split_once(BEGIN).expect("README.md has the beginning of the report");
    let (shown, after) = rest.split_once(END).expect("README.md has the end of the report");
    let printed = report_of("ab_ba");
    if env::var_os("UPDATE_README").is_some() {
        fs::write(&page, [before, BEGIN, printed.trim_end(), END, after].concat()).expect("README.md can be written");
    } else {
        assert_eq!(redacted(shown), redacted(&printed), "UPDATE_README=1 cargo test --test readme");
    }
}

/// Its first report, up to the line that ends it. The example itself is stuck then, and is killed.
fn report_of(name: &str) -> String {
    let mut child = Running(start(&example(name)));
    let stderr = child.0.stderr.take().expect("piped");
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    let mut report = String::new();
    loop {
        let line =
            lines.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("{name} ends its report, and not here:\n{report}"));
        report += &line;
        report += "\n";
        if line.starts_with("  Finding ") {
            return report;
        }
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &Path) -> Child {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GORDIAN_")) {
        command.env_remove(name);
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

/// The example, built in the way this test was: what lies there may come from another build.
fn example(name: &str) -> PathBuf {
    let own = env::current_exe().expect("a test knows where it is");
    // target/PROFILE/deps/readme-HASH
    let profile = own.ancestors().nth(2).expect("tests are in `deps`");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--example", name]).args(flags()).current_dir(env!("CARGO_MANIFEST_DIR"));
    build.arg("--target-dir").arg(profile.parent().expect("a profile is in the target directory"));
    assert!(build.status().expect("cargo runs").success(), "{name} does not build");
    profile.join("examples").join(name).with_extension(env::consts::EXE_EXTENSION)
}

fn flags() -> impl Iterator<Item = &'static str> {
    let release = (!cfg!(debug_assertions)).then_some("--release");
    let off = (!cfg!(feature = "watch-in-debug")).then_some("--no-default-features");
    let watch = cfg!(feature = "watch").then_some("--features=watch");
    [release, off, watch].into_iter().flatten()
}

/// What may differ: times and the system's numbers, the places of line breaks, and an optimised build's stacks.
fn redacted(report: &str) -> String {
    let mut in_stack = false;
    let mut words: Vec<String> = Vec::new();
    for line in report.lines() {
        in_stack = line.starts_with("    stack ") || (in_stack && line.starts_with("     "));
        if !(in_stack && cfg!(not(debug_assertions))) {
            words.extend(line.split_whitespace().map(str::to_owned));
        }
    }
    let text = words.join(" ").replace("just now", "0 ms").replace("0 ms ago", "0 ms");
    let mut redacted: Vec<&str> = Vec::new();
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        let number = word.trim_start_matches('(').parse::<f64>().is_ok();
        let unit = words.peek().map(|next| next.trim_end_matches([',', ')', ';']));
        if number && matches!(unit, Some("ms" | "s" | "µs")) {
            redacted.push("TIME");
            words.next();
            while words.peek() == Some(&"ago") {
                words.next();
            }
        } else if redacted.last() == Some(&"id") {
            redacted.push("NUMBER");
        } else {
            redacted.push(word);
        }
    }
    redacted.join(" ")
}

#[test]
fn what_may_differ_is_left_out() {
    let one = "  Thread `a` (OS id 17, spawned at a.rs:1:2)\n  did last  120 ms ago  locked\n   just now  began  (since just now, at";
    let other = "  Thread `a` (OS id 4, spawned at\n a.rs:1:2) did last 90 ms ago  locked\n   10 ms ago  began  (since 20 ms, at";
    assert_eq!(redacted(one), redacted(other));
    assert_ne!(redacted(one), redacted(&one.replace("locked", "released")));
}
