//! What is measured, and what is to be reached.

/// One work, which makes one row of the table or more.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) how: How,
    pub(crate) who: Who,
    pub(crate) rows: &'static [Row],
}

/// Who can do it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Whoever has locks.
    All,
    /// std and gordian: nobody else has it.
    Swapped,
    /// tokio, and who takes its place.
    Tasks,
}

/// How its samples are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// One process answers again and again; the processes take turns.
    Turns,
    /// The same, with longer samples: where several threads work, the scheduler has its say.
    LongTurns,
    /// A fresh process for each sample, this many (and fewer where one takes long).
    Fresh(usize),
    /// One process says many numbers at once.
    Cycles,
    /// A fresh process for each number.
    Standstills,
    /// All processes at once, since none of them does anything.
    Together,
}

/// One row.
pub(crate) struct Row {
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
    /// Which of the answer's numbers are std's: their mean is.
    pub(crate) std: &'static [usize],
    /// Which is the subject's.
    pub(crate) subject: usize,
    /// What gordian's median is to reach, at the levels watch and trace.
    pub(crate) to_reach: [Option<f64>; 2],
    /// The same of gordian's parking_lot over the plain one, at level watch. `None`: not measured.
    pub(crate) over_parking_lot: Option<f64>,
}

/// What a row's numbers are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// The subject's over std's (std's own column: nanoseconds).
    Ratio,
    Nanoseconds,
    /// Measured in nanoseconds.
    Microseconds,
    /// Measured in nanoseconds.
    Milliseconds,
    Bytes,
    Percent,
    /// How many times more.
    Times,
}

const fn ratio(title: &'static str, watch: Option<f64>, trace: Option<f64>) -> Row {
    Row { title, unit: Unit::Ratio, std: &[0, 2], subject: 1, to_reach: [watch, trace], over_parking_lot: None }
}

/// One that gordian's parking_lot has, too.
const fn lock(title: &'static str, [watch, trace, over]: [f64; 3]) -> Row {
    Row { over_parking_lot: Some(over), ..ratio(title, Some(watch), Some(trace)) }
}

const fn operation(name: &'static str, rows: &'static [Row]) -> Work {
    Work { name, how: How::Turns, who: Who::All, rows }
}

/// What only std and gordian have.
const fn swapped(name: &'static str, rows: &'static [Row]) -> Work {
    Work { who: Who::Swapped, ..operation(name, rows) }
}

/// What tasks do.
const fn of_tasks(name: &'static str, rows: &'static [Row]) -> Work {
    Work { who: Who::Tasks, ..operation(name, rows) }
}

/// The rows, in their order.
pub(crate) const WORKS: &[Work] = &[
    operation("mutex", &[lock("`Mutex` lock + unlock, uncontended", [1.20, 3.4, 1.25])]),
    operation("nested-2", &[lock("two nested", [1.40, 4.3, 1.5])]),
    operation("nested-8", &[lock("eight nested", [1.70, 5.5, 1.8])]),
    operation("read", &[lock("`RwLock` read", [1.30, 3.5, 1.25])]),
    operation("write", &[lock("`RwLock` write", [1.30, 3.5, 1.25])]),
    Work {
        name: "own-locks",
        how: How::LongTurns,
        who: Who::All,
        rows: &[lock("two threads, own locks", [1.10, 3.2, 1.25])],
    },
    Work {
        name: "one-lock",
        how: How::LongTurns,
        who: Who::All,
        rows: &[ratio("two threads, one lock (time per operation)", Some(1.15), Some(2.2))],
    },
    operation("create", &[ratio("create, lock, drop", Some(1.7), None)]),
    operation("create-2", &[ratio("create two, nest, drop", Some(5.0), None)]),
    swapped("mpsc", &[ratio("`mpsc`: send + recv, uncontended", Some(1.30), None)]),
    swapped("mpsc-bounded", &[ratio("`mpsc` with a bound: send + recv, uncontended", Some(1.30), None)]),
    swapped("atomic", &[ratio("`AtomicU64`: fetch_add", Some(1.05), Some(1.05))]),
    Work {
        name: "spawn",
        how: How::LongTurns,
        who: Who::All,
        rows: &[ratio("thread spawn + lock + join", Some(1.10), Some(1.15))],
    },
    Work {
        name: "pairs",
        how: How::Fresh(9),
        who: Who::All,
        rows: &[
            Row {
                title: "1,000,000 random ascending pairs of 100,000 locks, first pass: ns a pair",
                unit: Unit::Nanoseconds,
                std: &[0],
                subject: 2,
                to_reach: [Some(300.0), None],
                over_parking_lot: None,
            },
            Row {
                title: "… the same with what the background did: processor ns a pair",
                unit: Unit::Nanoseconds,
                std: &[],
                subject: 4,
                to_reach: [None, None],
                over_parking_lot: None,
            },
            Row {
                title: "… the same pairs again: ns a pair",
                unit: Unit::Nanoseconds,
                std: &[1],
                subject: 3,
                to_reach: [Some(80.0), None],
                over_parking_lot: None,
            },
            // Ten times the locks leave the caches, which costs something even std; 10 would be quadratic.
            Row {
                title: "… first pass, a pair's cost over that with a tenth of locks and pairs (quadratic: 10 ×)",
                unit: Unit::Times,
                std: &[],
                subject: 5,
                to_reach: [Some(3.0), None],
                over_parking_lot: None,
            },
            Row {
                title: "… orders that found no room, and were not learnt: % of the pairs, first pass",
                unit: Unit::Percent,
                std: &[],
                subject: 7,
                to_reach: [None, None],
                over_parking_lot: None,
            },
            Row {
                title: "… the same of the pairs again: %",
                unit: Unit::Percent,
                std: &[],
                subject: 8,
                to_reach: [None, None],
                over_parking_lot: None,
            },
        ],
    },
    Work {
        name: "memory",
        how: How::Fresh(3),
        who: Who::All,
        rows: &[Row {
            title: "memory, never nested: bytes a `Mutex<u64>`",
            unit: Unit::Bytes,
            std: &[0],
            subject: 1,
            to_reach: [Some(24.0), None],
            over_parking_lot: None,
        }],
    },
    Work {
        name: "memory-chain",
        how: How::Fresh(3),
        who: Who::All,
        rows: &[Row {
            title: "memory, each nested once in a chain: bytes a `Mutex<u64>`",
            unit: Unit::Bytes,
            std: &[0],
            subject: 1,
            to_reach: [Some(160.0), None],
            over_parking_lot: None,
        }],
    },
    Work {
        name: "ab-ba",
        how: How::Cycles,
        who: Who::All,
        rows: &[Row {
            title: "AB-BA, from the block that closes it to the callback: µs",
            unit: Unit::Microseconds,
            std: &[],
            subject: 0,
            to_reach: [Some(100.0), Some(100.0)],
            over_parking_lot: None,
        }],
    },
    Work {
        name: "standstill",
        how: How::Standstills,
        who: Who::All,
        rows: &[Row {
            title: "lost wake-up (seen by the sweep only), to the callback: ms",
            unit: Unit::Milliseconds,
            std: &[],
            subject: 0,
            to_reach: [Some(20.0), Some(20.0)],
            over_parking_lot: None,
        }],
    },
    Work {
        name: "idle",
        how: How::Together,
        who: Who::All,
        rows: &[Row {
            title: "idle program: % of a core",
            unit: Unit::Percent,
            std: &[],
            subject: 0,
            to_reach: [Some(0.1), Some(0.1)],
            over_parking_lot: None,
        }],
    },
    of_tasks("task-spawn", &[ratio("spawn and await an empty task", Some(1.3), None)]),
    of_tasks("task-mutex", &[ratio("`Mutex` lock + unlock, uncontended", Some(1.4), None)]),
    of_tasks("task-semaphore", &[ratio("`Semaphore` acquire + release, uncontended", Some(1.3), None)]),
    of_tasks("task-mpsc", &[ratio("`mpsc` with a bound: send + recv, uncontended", Some(1.3), None)]),
    of_tasks("task-oneshot", &[ratio("`oneshot`: channel, send, await", None, None)]),
    Work {
        name: "task-crowd",
        how: How::Fresh(3),
        who: Who::Tasks,
        rows: &[
            Row {
                title: "100,000 tasks that sleep: bytes a task (beside tokio's: bytes more)",
                unit: Unit::Bytes,
                std: &[0],
                subject: 1,
                to_reach: [Some(256.0), None],
                over_parking_lot: None,
            },
            Row {
                title: "… a look of the watchdog at all of them: ms",
                unit: Unit::Milliseconds,
                std: &[],
                subject: 2,
                to_reach: [Some(20.0), None],
                over_parking_lot: None,
            },
        ],
    },
];
