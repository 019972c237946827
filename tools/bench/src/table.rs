//! The tables, as markdown.

use crate::{
    options::Options,
    plan::{How, Row, Unit, Who, Work},
    run::{Cell, Measured},
    stats::{Summary, summary},
    subjects::Subject,
};
use std::{env, fs, process::Command, thread};

/// Prints everything to standard output.
pub(crate) fn print(options: &Options, measured: &Measured) {
    println!("{}\n", machine(options));
    let beside = |measure| options.subjects.iter().copied().filter(move |subject| subject.measure == measure);
    let (beside_std, beside_parking_lot): (Vec<&Subject>, Vec<&Subject>) =
        (beside("std").collect(), beside("parking-lot").collect());
    let (peers, ours): (Vec<&Subject>, Vec<&Subject>) = beside_std.into_iter().partition(|subject| subject.peer);
    if !ours.is_empty() {
        print_ours(options, measured, &ours);
    }
    if !peers.is_empty() {
        let watch = ours.iter().filter(|subject| subject.name == "gordian-watch");
        let columns: Vec<&Subject> = watch.chain(&peers).copied().collect();
        print_peers(options, measured, &columns);
    }
    if !beside_parking_lot.is_empty() {
        print_over_parking_lot(options, measured, &beside_parking_lot);
    }
    let beside_tokio: Vec<&Subject> = beside("tokio").collect();
    if !beside_tokio.is_empty() {
        print_tasks(options, measured, &beside_tokio);
    }
    println!("{}", legend(options));
}

/// gordian's parking_lot, beside the plain one and what that one's own detection costs.
fn print_over_parking_lot(options: &Options, measured: &Measured, subjects: &[&Subject]) {
    let mut head = vec!["work".to_owned(), "parking_lot".to_owned()];
    for subject in subjects {
        head.push(format!("gordian's, {}", subject.heading));
        head.extend((subject.level == Some("watch")).then(|| "to reach".to_owned()));
    }
    head.push("its own deadlock_detection ²".into());
    print_head(&head);
    for_each_row(options, |work, row| {
        let Some(goal) = row.over_parking_lot else { return };
        let cells = subjects.iter().filter_map(|subject| measured.get(&(work.name, subject.name)));
        let plain = cells.flat_map(|cell| &cell.answers).filter_map(|answer| std_of(row, &answer.numbers));
        let plain = summary(plain.collect()).map_or("–".into(), |all| format!("{} ns", decimals(all.median)));
        let mut line = vec![row.title.to_owned(), plain];
        for subject in subjects {
            let cell = measured.get(&(work.name, subject.name));
            line.push(cell_text(cell, work, row));
            line.extend((subject.level == Some("watch")).then(|| mark_goal(cell, work, row, goal)));
        }
        line.push(detection(measured, work, row).map_or("–".into(), decimals));
        print_line(&line);
    });
    println!();
}

/// gordian's tokio, beside tokio in the same process and what others put in its place.
fn print_tasks(options: &Options, measured: &Measured, subjects: &[&Subject]) {
    let mut head = vec!["work of tasks".to_owned(), "tokio".to_owned()];
    for subject in subjects {
        let whose = if subject.family == "gordian-tokio" { "gordian's, " } else { "" };
        head.push(format!("{whose}{}{}", subject.heading, if subject.peer { " ³" } else { "" }));
        head.extend((subject.level == Some("watch")).then(|| "to reach".to_owned()));
    }
    print_head(&head);
    for work in options.works.iter().filter(|work| work.who == Who::Tasks) {
        for row in work.rows {
            print_of_tasks(measured, work, row, subjects);
        }
    }
    println!();
}

fn print_of_tasks(measured: &Measured, work: &Work, row: &Row, subjects: &[&Subject]) {
    let plain = subjects.iter().filter(|subject| !subject.peer);
    let plain = plain.filter_map(|subject| measured.get(&(work.name, subject.name)));
    let plain = plain.flat_map(|cell| &cell.answers).filter_map(|answer| std_of(row, &answer.numbers));
    let plain = summary(plain.collect()).map(|all| all.median);
    let unit = if row.unit == Unit::Ratio { " ns" } else { "" };
    let mut line = vec![row.title.to_owned(), plain.map_or("–".into(), |plain| decimals(plain) + unit)];
    for subject in subjects {
        let cell = measured.get(&(work.name, subject.name));
        line.push(match (subject.peer && row.unit == Unit::Ratio, cell) {
            (true, Some(cell)) => apart(cell, row, plain),
            _ => cell_text(cell, work, row),
        });
        line.extend((subject.level == Some("watch")).then(|| goal_text(cell, work, row, 0)));
    }
    print_line(&line);
}

/// Over plain tokio, in programs of their own.
fn apart(cell: &Cell, row: &Row, plain: Option<f64>) -> String {
    let own = cell.answers.iter().filter_map(|answer| answer.numbers.get(row.subject).copied());
    let ratio = summary(own.collect()).zip(plain).map(|(own, plain)| own.median / plain);
    ratio.map_or("failed".into(), decimals)
}

/// The two are in different programs, since cargo would unify their features: each over std, and one over the other.
fn detection(measured: &Measured, work: &Work, row: &Row) -> Option<f64> {
    let over_std = |name| {
        let cell = measured.get(&(work.name, name))?;
        summary(samples(cell, work, row)).map(|all| all.median)
    };
    Some(over_std("parking_lot-dd")? / over_std("parking_lot")?)
}

/// gordian, beside what is to be reached.
fn print_ours(options: &Options, measured: &Measured, subjects: &[&Subject]) {
    let mut head = vec!["work".to_owned(), "std".to_owned()];
    for subject in subjects {
        head.push(heading(subject));
        if goal(subject).is_some() {
            head.push("to reach".into());
        }
    }
    print_head(&head);
    for_each_row(options, |work, row| {
        let mut line = vec![row.title.to_owned(), std_text(options, measured, work, row)];
        for subject in subjects {
            let cell = measured.get(&(work.name, subject.name));
            line.push(cell_text(cell, work, row));
            if let Some(level) = goal(subject) {
                line.push(goal_text(cell, work, row, level));
            }
        }
        print_line(&line);
    });
    println!();
}

fn print_peers(options: &Options, measured: &Measured, subjects: &[&Subject]) {
    let mut head = vec!["work".to_owned()];
    head.extend(subjects.iter().map(|subject| heading(subject)));
    print_head(&head);
    for_each_row(options, |work, row| {
        let mut line = vec![row.title.to_owned()];
        for subject in subjects {
            line.push(cell_text(measured.get(&(work.name, subject.name)), work, row));
        }
        print_line(&line);
    });
    println!();
}

fn for_each_row(options: &Options, mut each: impl FnMut(&Work, &Row)) {
    for work in options.works.iter().filter(|work| work.who != Who::Tasks) {
        for row in work.rows {
            each(work, row);
        }
    }
}

fn heading(subject: &Subject) -> String {
    let gordian = if subject.family == "gordian" { "gordian, " } else { "" };
    format!("{gordian}{}", subject.heading)
}

/// Which of a row's goals is this subject's.
fn goal(subject: &Subject) -> Option<usize> {
    match subject.name {
        "gordian-watch" => Some(0),
        "gordian-trace" => Some(1),
        _ => None,
    }
}

fn print_head(cells: &[String]) {
    print_line(cells);
    println!("|---|{}", "--:|".repeat(cells.len() - 1));
}

fn print_line(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

/// std's own time, from all samples of all subjects' processes.
fn std_text(options: &Options, measured: &Measured, work: &Work, row: &Row) -> String {
    let beside_std = options.subjects.iter().filter(|subject| subject.measure == "std");
    let cells = beside_std.filter_map(|subject| measured.get(&(work.name, subject.name)));
    let samples = cells.flat_map(|cell| &cell.answers).filter_map(|answer| std_of(row, &answer.numbers));
    match summary(samples.collect()) {
        Some(all) if row.unit == Unit::Ratio => format!("{} ns", decimals(all.median)),
        Some(all) => decimals(all.median),
        None => "–".into(),
    }
}

fn std_of(row: &Row, numbers: &[f64]) -> Option<f64> {
    let of: Vec<f64> = row.std.iter().filter_map(|&at| numbers.get(at).copied()).collect();
    if of.is_empty() { None } else { Some(of.iter().sum::<f64>() / of.len() as f64) }
}

/// The subject's numbers, in the row's unit.
fn samples(cell: &Cell, work: &Work, row: &Row) -> Vec<f64> {
    let mut samples = Vec::new();
    for answer in &cell.answers {
        if work.how == How::Cycles {
            samples.extend(answer.numbers.iter().map(|&number| convert(row.unit, number)));
        } else if let Some(&number) = answer.numbers.get(row.subject) {
            let std = if row.unit == Unit::Ratio { std_of(row, &answer.numbers).unwrap_or(f64::NAN) } else { 1.0 };
            samples.push(convert(row.unit, number) / std);
        }
    }
    samples
}

fn convert(unit: Unit, number: f64) -> f64 {
    match unit {
        Unit::Microseconds => number / 1e3,
        Unit::Milliseconds => number / 1e6,
        _ => number,
    }
}

fn cell_text(cell: Option<&Cell>, work: &Work, row: &Row) -> String {
    let Some(cell) = cell else { return "–".into() };
    let complete = cell.failure.is_none() && cell.answers.iter().all(|answer| answer.finished);
    let mark = if complete { "" } else { " ¹" };
    match (summary(samples(cell, work, row)), &cell.failure) {
        (Some(all), _) => format!("{}{mark}", spread(all)),
        (None, Some(_)) if matches!(work.how, How::Cycles | How::Standstills) => "not told".into(),
        (None, Some(_)) => "failed".into(),
        (None, None) => "–".into(),
    }
}

fn spread(all: Summary) -> String {
    if all.samples < 3 {
        return decimals(all.median);
    }
    format!("{} ({}–{})", decimals(all.median), decimals(all.lower), decimals(all.upper))
}

fn goal_text(cell: Option<&Cell>, work: &Work, row: &Row, level: usize) -> String {
    row.to_reach[level].map_or(String::new(), |goal| mark_goal(cell, work, row, goal))
}

fn mark_goal(cell: Option<&Cell>, work: &Work, row: &Row, goal: f64) -> String {
    let reached = cell.map(|cell| summary(samples(cell, work, row)).is_some_and(|all| as_shown(all.median) <= goal));
    let mark = match reached {
        None => "",
        Some(true) => " ✓",
        Some(false) => " ✗",
    };
    format!("≤ {}{mark}", decimals(goal))
}

/// Rounded to the digits that the table shows.
fn as_shown(number: f64) -> f64 {
    decimals(number).replace(',', "").parse().unwrap_or(number)
}

/// Three digits that say something.
fn decimals(number: f64) -> String {
    match number.abs() {
        size if size >= 99.95 => thousands(number.round() as i64),
        size if size >= 9.995 => format!("{number:.1}"),
        size if size >= 0.1 || size == 0.0 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn machine(options: &Options) -> String {
    let line = format!("cargo run --release -p gordian-bench -- {}", options.line);
    format!(
        "Measured on {}, {} cores, {}, {}, with `{}`.",
        processor(),
        thread::available_parallelism().map_or(0, usize::from),
        said_by(Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("--version")),
        said_by(Command::new("date").args(["-u", "+%Y-%m-%d"])),
        line.trim_end_matches(" -- "),
    )
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(": ")).map_or("an unknown processor".into(), |(_, name)| name.to_owned())
}

fn said_by(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&output).trim().to_owned();
    if text.is_empty() { "unknown".into() } else { text }
}

fn legend(options: &Options) -> String {
    let quick = if options.quick { " A quick run: fewer and shorter samples." } else { "" };
    format!(
        "Ratios are to std in the same process, median and (quartiles); the column std is its own time. –: does not \
         exist there. ¹ cut short, by a limit of time, or because a \
         deadlock was not told or operations were lost: as far as it came. In the table of parking_lot ratios are to plain parking_lot in \
         the same process; ² both over std, in programs of their own. Those of tasks are to tokio in the same process; \
         ³ to tokio in other processes.{quick}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_more_than_the_goal_is_the_goal() {
        assert_eq!(as_shown(24.004), 24.0);
        assert_eq!(as_shown(48_123.4), 48_123.0);
    }

    #[test]
    fn three_digits() {
        let texts = [0.0, 0.0123, 1.0, 9.999, 99.96, 48_123.4].map(decimals);
        assert_eq!(texts, ["0.00", "0.012", "1.00", "10.0", "100", "48,123"]);
    }
}
