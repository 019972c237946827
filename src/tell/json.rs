//! A report as JSON: one object a line (JSON Lines).
//!
//! The field names are stable. A field is never left out: what is not known is `null`, a list may be empty. New
//! fields may be added within a `version`; one that is removed or changes its meaning counts `version` up.
//!
//! | field | type | meaning |
//! |---|---|---|
//! | `version` | number | of this table: 1 |
//! | `number` | number | counts the findings of the process, from 1 |
//! | `rule` | string | `wait_cycle`, `standstill`, `dead_task`, `long_hold`, `long_wait`, `long_poll`, `blocking_in_task`, `guard_across_await`, `pending_at_shutdown` |
//! | `certainty` | string | `happened`, `proven`, `possible` |
//! | `fingerprint` | string | equal for the same situation at the same places, in this run and the next |
//! | `at_ns` | number | how long the program had been watched |
//! | `title` | string | the finding in one line |
//! | `story[]` | string | the finding in sentences, one for each step |
//! | `drawing[]` | string | the cycle drawn in text, line by line |
//! | `threads[].label` | string | how sentences call the thread, or the task |
//! | `threads[].name` | string or null | its name |
//! | `threads[].kind` | string | `thread`, `task` |
//! | `threads[].id` | number | the recorder's number of it |
//! | `threads[].os_id` | number or null | its number in the operating system |
//! | `threads[].daemon` | boolean | it never keeps the program alive |
//! | `threads[].ended` | boolean | it has ended; `holds` is what it left behind |
//! | `threads[].spawned` | place or null | where it was spawned |
//! | `threads[].holds[].object` | object | what it holds, oldest first |
//! | `threads[].holds[].mode` | string | `exclusive`, `shared`, `upgradable` (read), `init` (its initialiser runs) |
//! | `threads[].holds[].granted` | boolean | it was given to a future that waited for it and has not been polled since; its `since_ns` and `place` are those of the wait |
//! | `threads[].holds[].since_ns` | number | for how long |
//! | `threads[].holds[].place` | place or null | where it was acquired |
//! | `threads[].holds[].stack[]` | frame | the stack of the acquisition, innermost first, where asked for |
//! | `threads[].waits` | wait or null | what it waits for |
//! | `threads[].waits.label` | string | what it waits for, in words |
//! | `threads[].waits.object` | object or null | the primitive, where it is one |
//! | `threads[].waits.mode` | string or null | how it is wanted: as in `holds`, or `upgrade` (of an upgradable read), `recursive` (a read that does not queue) |
//! | `threads[].waits.since_ns` | number | for how long |
//! | `threads[].waits.place` | place or null | where |
//! | `threads[].also[]` | wait | what else it waits for, of a task: as in `select!` or `join!` |
//! | `threads[].spans[]` | string | the `tracing` spans it is in, outermost first |
//! | `threads[].recent[].ago_ns` | number | its last operations, oldest first: how long ago |
//! | `threads[].recent[].what` | string | what it did, in words |
//! | `threads[].recent[].place` | place or null | where |
//! | `threads[].lost` | number | operations that should stand in `recent`, but were lost |
//! | `threads[].stack[]` | frame | its stack when it began to wait, or in a poll that takes long, innermost first, without frames of the recorder and the runtime |
//! | `victims[]` | string | threads and tasks that are stuck because of it without being part of it |
//! | `doubt` | string or null | why the certainty is no higher |
//! | `advice[]` | string | what to change |
//!
//! [`Tasks::to_json`] gives one object, of the same `version`:
//!
//! | field | type | meaning |
//! |---|---|---|
//! | `tasks[]` | task | those that had not ended |
//! | `tasks[].label` | string | how sentences call the task |
//! | `tasks[].name` | string or null | its name |
//! | `tasks[].id` | number | the recorder's number of it |
//! | `tasks[].spawned` | place or null | where it was spawned |
//! | `tasks[].parent` | string or null | the label of who has spawned it |
//! | `tasks[].awaited_by` | number or null | the `id` of the task in whose poll it was last polled, where it is a future inside another |
//! | `tasks[].state` | string | `running`, `scheduled`, `passed_over`, `finished`, `waiting`, `unknown`, `unwoken`, `dead` |
//! | `tasks[].polled_by` | string or null | the label of the thread that polls it |
//! | `tasks[].waits[]` | wait | what it waits for; any will do |
//! | `tasks[].holds[]` | hold | what it holds |
//! | `tasks[].age_ns` | number | how long ago it was made |
//! | `tasks[].polls` | number | how often it has been polled |
//! | `tasks[].idle_polls` | number | how many polls have left it pending and changed nothing that is watched |
//! | `tasks[].last_poll_ns` | number or null | how long ago its last poll ended; 0 while it is polled |
//! | `tasks[].busy_ns` | number | how long its polls took |
//! | `tasks[].scheduled_ns` | number | how long it was woken and not polled |
//! | `tasks[].idle_ns` | number | the rest of its age |
//! | `tasks[].longest_poll_ns` | number | its longest poll |
//! | `tasks[].wakes` | number | how often it has been woken |
//! | `tasks[].own_wakes` | number | how often in its own poll |
//! | `tasks[].needless_wakes` | number | how often when it had been woken already, and not been polled since |
//! | `lost_wakes` | number | how often, over all tasks, one was woken that had ended |
//!
//! In these, a wait and a hold are as in `threads[]`; an object, a place and a frame are:
//!
//! | field | type | meaning |
//! |---|---|---|
//! | `object.label` | string | how sentences call it |
//! | `object.kind` | string | `Mutex`, `RwLock`, `Condvar`, `Barrier`, `Once`, `OnceLock`, `LazyLock`, `Channel`, `Semaphore`, `Notify`, `OnceCell`, `SetOnce` |
//! | `object.name` | string or null | its name |
//! | `object.id` | number | unique in the process |
//! | `object.created` | place or null | where it was made |
//! | `object.first_used` | place or null | where it was first used: of a lock of `parking_lot`, whose place of creation cannot be known |
//! | `place.file` | string | as the compiler was given it: relative to where it ran (with cargo, a workspace's root), or, for code from elsewhere, absolute; the same in calls and in frames |
//! | `place.line` | number | from 1 |
//! | `place.column` | number | from 1; 0: not known |
//! | `frame.address` | string | the return address, hexadecimal: `0x55d0c0ffee00` |
//! | `frame.function` | string or null | once resolved |
//! | `frame.place` | place or null | once resolved |

use crate::report::{
    Frame, HoldReport, Mode, ObjectReport, OperationReport, Place, Report, TaskReport, Tasks, ThreadReport, WaitReport,
};
use serde::{Serialize, Serializer};
use std::time::Duration;

/// Of the table above.
const VERSION: u32 = 1;

/// The report on one line, with its newline.
pub fn json_line(report: &Report) -> String {
    on_one_line(report) + "\n"
}

/// All tasks on one line.
pub(crate) fn tasks_json(tasks: &Tasks) -> String {
    let each = tasks.tasks.iter().map(task).collect();
    on_one_line(&TasksFields { version: VERSION, at_ns: nanos(tasks.at), lost_wakes: tasks.lost_wakes, tasks: each })
}

fn on_one_line(what: &impl Serialize) -> String {
    let mut line = vec![0; 16 * 1024];
    loop {
        match serde_json_core::to_slice(what, &mut line) {
            Ok(length) => {
                line.truncate(length);
                return String::from_utf8_lossy(&line).into_owned();
            }
            Err(serde_json_core::ser::Error::BufferFull) => line.resize(2 * line.len(), 0),
            // Strings, numbers and lists cannot fail to serialise; a reader would rather skip a line than lose the file.
            Err(error) => return format!("{{\"version\":{VERSION},\"error\":{:?}}}", error.to_string()),
        }
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ReportFields {
            version: VERSION,
            number: self.number,
            rule: self.rule.word(),
            certainty: self.certainty.word(),
            fingerprint: &self.fingerprint,
            at_ns: nanos(self.at),
            title: &self.title,
            story: &self.story,
            drawing: &self.drawing,
            threads: self.threads.iter().map(thread).collect(),
            victims: &self.victims,
            doubt: self.doubt.as_deref(),
            advice: &self.advice,
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct ReportFields<'a> {
    version: u32,
    number: u64,
    rule: &'static str,
    certainty: &'static str,
    fingerprint: &'a str,
    at_ns: u64,
    title: &'a str,
    story: &'a [String],
    drawing: &'a [String],
    threads: Vec<ThreadFields<'a>>,
    victims: &'a [String],
    doubt: Option<&'a str>,
    advice: &'a [String],
}

#[derive(Serialize)]
struct TasksFields<'a> {
    version: u32,
    at_ns: u64,
    lost_wakes: u64,
    tasks: Vec<TaskFields<'a>>,
}

#[derive(Serialize)]
struct TaskFields<'a> {
    label: &'a str,
    name: Option<&'a str>,
    id: u64,
    spawned: Option<PlaceFields<'a>>,
    parent: Option<&'a str>,
    awaited_by: Option<u64>,
    state: &'static str,
    polled_by: Option<&'a str>,
    waits: Vec<WaitFields<'a>>,
    holds: Vec<HoldFields<'a>>,
    age_ns: u64,
    polls: u64,
    idle_polls: u64,
    last_poll_ns: Option<u64>,
    busy_ns: u64,
    scheduled_ns: u64,
    idle_ns: u64,
    longest_poll_ns: u64,
    wakes: u64,
    own_wakes: u64,
    needless_wakes: u64,
}

#[derive(Serialize)]
struct ThreadFields<'a> {
    label: &'a str,
    name: Option<&'a str>,
    kind: &'static str,
    id: u64,
    os_id: Option<u64>,
    daemon: bool,
    ended: bool,
    spawned: Option<PlaceFields<'a>>,
    holds: Vec<HoldFields<'a>>,
    waits: Option<WaitFields<'a>>,
    also: Vec<WaitFields<'a>>,
    spans: &'a [String],
    recent: Vec<OperationFields<'a>>,
    lost: u64,
    stack: Vec<FrameFields<'a>>,
}

#[derive(Serialize)]
struct HoldFields<'a> {
    object: ObjectFields<'a>,
    mode: &'static str,
    granted: bool,
    since_ns: u64,
    place: Option<PlaceFields<'a>>,
    stack: Vec<FrameFields<'a>>,
}

#[derive(Serialize)]
struct WaitFields<'a> {
    label: &'a str,
    object: Option<ObjectFields<'a>>,
    mode: Option<&'static str>,
    since_ns: u64,
    place: Option<PlaceFields<'a>>,
}

#[derive(Serialize)]
struct OperationFields<'a> {
    ago_ns: u64,
    what: &'a str,
    place: Option<PlaceFields<'a>>,
}

#[derive(Serialize)]
struct ObjectFields<'a> {
    label: &'a str,
    kind: &'static str,
    name: Option<&'a str>,
    id: u64,
    created: Option<PlaceFields<'a>>,
    first_used: Option<PlaceFields<'a>>,
}

#[derive(Serialize)]
struct FrameFields<'a> {
    address: String,
    function: Option<&'a str>,
    place: Option<PlaceFields<'a>>,
}

#[derive(Serialize)]
struct PlaceFields<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

fn task(task: &TaskReport) -> TaskFields<'_> {
    TaskFields {
        label: &task.label,
        name: task.name.as_deref(),
        id: task.id,
        spawned: task.spawned.as_ref().map(place),
        parent: task.parent.as_deref(),
        awaited_by: task.awaited_by,
        state: task.state.word(),
        polled_by: task.polled_by.as_deref(),
        waits: task.waits.iter().map(wait).collect(),
        holds: task.holds.iter().map(hold).collect(),
        age_ns: nanos(task.age),
        polls: task.polls,
        idle_polls: task.idle_polls,
        last_poll_ns: task.last_poll.map(nanos),
        busy_ns: nanos(task.busy),
        scheduled_ns: nanos(task.scheduled),
        idle_ns: nanos(task.idle),
        longest_poll_ns: nanos(task.longest_poll),
        wakes: task.wakes,
        own_wakes: task.own_wakes,
        needless_wakes: task.needless_wakes,
    }
}

fn thread(thread: &ThreadReport) -> ThreadFields<'_> {
    ThreadFields {
        label: &thread.label,
        name: thread.name.as_deref(),
        kind: kind(thread),
        id: thread.id,
        os_id: thread.os_id,
        daemon: thread.daemon,
        ended: thread.ended,
        spawned: thread.spawned.as_ref().map(place),
        holds: thread.holds.iter().map(hold).collect(),
        waits: thread.waits.as_ref().map(wait),
        also: thread.also.iter().map(wait).collect(),
        spans: &thread.spans,
        recent: thread.recent.iter().map(operation).collect(),
        lost: thread.lost,
        stack: thread.stack.iter().map(frame).collect(),
    }
}

fn kind(thread: &ThreadReport) -> &'static str {
    if thread.is_task { "task" } else { "thread" }
}

fn hold(hold: &HoldReport) -> HoldFields<'_> {
    HoldFields {
        object: object(&hold.object),
        mode: hold.mode.word(),
        granted: hold.granted,
        since_ns: nanos(hold.since),
        place: hold.place.as_ref().map(place),
        stack: hold.stack.iter().map(frame).collect(),
    }
}

fn wait(wait: &WaitReport) -> WaitFields<'_> {
    WaitFields {
        label: &wait.label,
        object: wait.object.as_ref().map(object),
        mode: wait.mode.map(Mode::word),
        since_ns: nanos(wait.since),
        place: wait.place.as_ref().map(place),
    }
}

fn operation(operation: &OperationReport) -> OperationFields<'_> {
    OperationFields { ago_ns: nanos(operation.ago), what: &operation.what, place: operation.place.as_ref().map(place) }
}

fn object(object: &ObjectReport) -> ObjectFields<'_> {
    ObjectFields {
        label: &object.label,
        kind: object.kind.noun(),
        name: object.name.as_deref(),
        id: object.id,
        created: object.created.as_ref().map(place),
        first_used: object.first_used.as_ref().map(place),
    }
}

fn frame(frame: &Frame) -> FrameFields<'_> {
    FrameFields {
        // As text: a number above 2^53 does not survive every reader.
        address: format!("{:#x}", frame.address),
        function: frame.function.as_deref(),
        place: frame.place.as_ref().map(place),
    }
}

fn place(place: &Place) -> PlaceFields<'_> {
    PlaceFields { file: &place.file, line: place.line, column: place.column }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tell::tests::full;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// The types the tables name, by the field they stand in.
    fn walk(value: &Value, path: &str, seen: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                let base = match path.trim_end_matches("[]").rsplit('.').next() {
                    Some("spawned" | "place" | "created" | "first_used") => "place.",
                    Some("object") => "object.",
                    Some("stack") => "frame.",
                    // As those of a thread.
                    Some("waits" | "also") => "threads[].waits.",
                    Some("holds") => "threads[].holds[].",
                    _ => &format!("{path}."),
                };
                for (name, value) in fields {
                    let path = format!("{}{name}", base.trim_start_matches('.'));
                    seen.insert(path.clone());
                    walk(value, &path, seen);
                }
            }
            Value::Array(items) => {
                seen.remove(path);
                seen.insert(format!("{path}[]"));
                items.iter().for_each(|item| walk(item, &format!("{path}[]"), seen));
            }
            _ => {}
        }
    }

    fn documented() -> BTreeSet<String> {
        let rows = include_str!("json.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
        rows.filter_map(|row| row.split('`').next()).map(str::to_string).collect()
    }

    #[test]
    fn every_field_is_documented_and_every_documented_field_exists() {
        let report = serde_json::to_value(full()).expect("a value");
        let mut seen = BTreeSet::new();
        walk(&report, "", &mut seen);
        let (threads, at) = (&full().threads, Duration::ZERO);
        let waits = threads.iter().filter_map(|thread| thread.waits.clone()).collect();
        let holds = threads.iter().flat_map(|thread| thread.holds.clone()).collect();
        let tasks = vec![crate::tell::tasks::tests::one(waits, holds)];
        let tasks = Tasks { at, tasks, lost_wakes: 0 };
        walk(&serde_json::from_str(&tasks_json(&tasks)).expect("a value"), "", &mut seen);
        // Lists of objects stand in the table by the fields of their objects.
        for list in ["threads[]", "threads[].holds[]", "threads[].recent[]"] {
            assert!(seen.remove(list), "{list}");
        }
        assert_eq!(seen, documented());
    }

    /// The words in backquotes of this row.
    fn listed(row: &str) -> BTreeSet<&'static str> {
        let row = format!("//! | `{row}` | ");
        let row = include_str!("json.rs").lines().find_map(|line| line.strip_prefix(&*row)).expect("a row");
        row.split('`').skip(1).step_by(2).collect()
    }

    /// Each new value of one of these enums is to be documented: `after` of it does not compile else.
    fn all<T: Copy>(
        first: T,
        after: impl Fn(T) -> Option<T>,
        word: impl Fn(T) -> &'static str,
    ) -> BTreeSet<&'static str> {
        std::iter::successors(Some(first), |&this| after(this)).map(word).collect()
    }

    #[test]
    fn every_value_is_documented_and_every_documented_value_exists() {
        use crate::model::{Certainty::*, Kind, Rule::*};
        let rules = |rule| match rule {
            WaitCycle => Some(Standstill),
            Standstill => Some(DeadTask),
            DeadTask => Some(LongHold),
            LongHold => Some(LongWait),
            LongWait => Some(LongPoll),
            LongPoll => Some(BlockingInTask),
            BlockingInTask => Some(GuardAcrossAwait),
            GuardAcrossAwait => Some(PendingAtShutdown),
            PendingAtShutdown => None,
        };
        assert_eq!(listed("rule"), all(WaitCycle, rules, crate::model::Rule::word));
        let certainties = |certainty| match certainty {
            Possible => Some(Proven),
            Proven => Some(Happened),
            Happened => None,
        };
        assert_eq!(listed("certainty"), all(Possible, certainties, crate::model::Certainty::word));
        use crate::report::TaskState::{self, *};
        let states = |state| match state {
            Running => Some(Scheduled),
            Scheduled => Some(PassedOver),
            PassedOver => Some(Finished),
            Finished => Some(Waiting),
            Waiting => Some(Unknown),
            Unknown => Some(Unwoken),
            Unwoken => Some(Dead),
            Dead => None,
        };
        assert_eq!(listed("tasks[].state"), all(Running, states, TaskState::word));
        // All that an identity has room for.
        let kinds = (0..16).map(|bits| Kind::from_bits(bits).noun()).collect();
        assert_eq!(listed("object.kind"), kinds);
        let held = listed("threads[].holds[].mode");
        let mut modes = listed("threads[].waits.mode");
        assert!(modes.remove("holds"), "the row says where the others stand");
        modes.extend(&held);
        assert_eq!(modes, (0..=u8::MAX).map(|bits| Mode::from_bits(bits).word()).collect());
        let threads = full().threads;
        let kinds = [false, true].map(|is_task| kind(&ThreadReport { is_task, ..threads[0].clone() }));
        assert_eq!(listed("threads[].kind"), kinds.into());
    }

    #[test]
    fn a_report_is_one_line() {
        let line = json_line(&full());
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.ends_with("}\n"));
    }

    #[test]
    fn every_text_is_read_as_it_was_written() {
        let mut report = full();
        report.title = (0..=0x2100).filter_map(char::from_u32).chain("\u{10ffff}".chars()).collect();
        let read: Value = serde_json::from_str(&json_line(&report)).expect("it is JSON");
        assert_eq!(read, serde_json::to_value(&report).expect("a value"));
        assert_eq!(read["title"], report.title);
    }
}
