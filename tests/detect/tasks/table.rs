//! The table of pairs in PAIRS.md: a faulty program and its nearest correct twin for each published pattern.
//!
//! What it says of a situation is what the situation is held to, so the page cannot say anything else than the tests.

use crate::run::Case;
use std::{env, fmt::Write, fs, path::Path};

/// `point` of the README's list of what is found in tasks; the pattern, where it is known from (nothing: no one place is known that
/// describes it); the situations, faulty and correct.
struct Pair {
    point: Point,
    pattern: &'static str,
    source: &'static str,
    faulty: &'static str,
    twin: &'static str,
}

#[derive(Clone, Copy)]
enum Point {
    Cycle,
    Wakers,
    Futurelock,
    Blocked,
    Left,
}

impl Point {
    fn title(self) -> &'static str {
        match self {
            Point::Cycle => "1 cycle",
            Point::Wakers => "2 wakers",
            Point::Futurelock => "3 futurelock",
            Point::Blocked => "4 blocked event loop",
            Point::Left => "5 guards and locks that are left",
        }
    }
}

const fn pair(
    point: Point,
    faulty: &'static str,
    twin: &'static str,
    pattern: &'static str,
    source: &'static str,
) -> Pair {
    Pair { point, pattern, source, faulty, twin }
}

// A link each, to where the pattern is described or a program is reported that fell into it.
const NOWHERE: &str = "";
const TWICE: &str = "[clippy#10575](https://github.com/rust-lang/rust-clippy/issues/10575)";
const SEMAPHORE: &str = "tokio's docs: sync::Semaphore";
const PERMITS: &str = "[tokio#1973](https://github.com/tokio-rs/tokio/pull/1973)";
const RWLOCK: &str = "tokio's docs: sync::RwLock";
const READERS: &str = "[tokio#2849](https://github.com/tokio-rs/tokio/issues/2849)";
const WRITERS: &str = "[tokio#6450](https://github.com/tokio-rs/tokio/issues/6450)";
const NOTIFY: &str = "tokio's docs: sync::Notify";
const SIZES: &str = "[Sizing the channel](https://trio.discourse.group/t/311)";
const CALLS: &str = "[rsActor's book: Deadlock Detection](https://docs.rs/crate/rsactor/latest/source/book/src/advanced/deadlock_detection.md)";
const SENDERS: &str = "[async-std's tutorial: Clean Shutdown](https://docs.rs/crate/async-std/0.99.3/source/docs/src/tutorial/clean_shutdown.md)";
const POOL: &str = "[tokio#5889](https://github.com/tokio-rs/tokio/issues/5889)";
const SHUTDOWN: &str = "tokio's docs: runtime::Runtime, Shutdown";
const LOCAL: &str = "[tokio#7022](https://github.com/tokio-rs/tokio/issues/7022)";
const RFD: &str = "[Oxide RFD 609: Futurelock](https://rfd.shared.oxide.computer/rfd/0609)";
const STREAMS: &str = "[futures-rs#2387](https://github.com/rust-lang/futures-rs/issues/2387)";
const BLOCKING: &str = "[Alice Ryhl: Async: What is blocking?](https://ryhl.io/blog/async-what-is-blocking/)";
const BLOCK_ON: &str = "[tokio#2376](https://github.com/tokio-rs/tokio/issues/2376)";
const CONTRACT: &str = "std's docs: Future::poll";
const HOLDING: &str = "Clippy: await_holding_lock";

use Point::{Blocked, Cycle, Futurelock, Left, Wakers};

const PAIRS: &[Pair] = &[
    pair(Cycle, "locks::opposite_orders", "locks::one_order", "two locks in opposite orders", NOWHERE),
    pair(Cycle, "locks::locked_twice", "locks::locked_again", "a lock taken twice, across an await", TWICE),
    pair(Cycle, "locks::on_another_executor", "locks::locked_again", "the same on `futures::executor`", TWICE),
    pair(
        Cycle,
        "executors::crossed_on_smols",
        "executors::in_one_order_on_smols",
        "opposite orders, on `async-executor` (smol)",
        NOWHERE,
    ),
    pair(
        Cycle,
        "executors::crossed_in_a_local_pool",
        "executors::in_one_order_in_a_local_pool",
        "opposite orders, on `futures::executor`",
        NOWHERE,
    ),
    pair(
        Cycle,
        "executors::crossed_on_our_own",
        "executors::in_one_order_on_our_own",
        "opposite orders, on a hand-written executor",
        NOWHERE,
    ),
    pair(Cycle, "sync::nested_permits", "sync::all_permits_at_once", "semaphore starvation by nesting", PERMITS),
    pair(
        Cycle,
        "sync::more_permits_than_there_are",
        "sync::permits_that_are_added",
        "more permits than there are",
        SEMAPHORE,
    ),
    pair(Cycle, "sync::read_then_write", "sync::write_then_read", "read lock upgraded to write", RWLOCK),
    pair(
        Cycle,
        "sync::reads_again_behind_a_writer",
        "sync::reads_once_before_a_writer",
        "reader re-enters behind a writer",
        READERS,
    ),
    pair(
        Cycle,
        "sync::too_few_at_the_barrier",
        "sync::enough_at_the_barrier",
        "barrier with too few parties",
        "tokio's docs: sync::Barrier",
    ),
    pair(
        Cycle,
        "sync::notified_before_it_waits",
        "sync::enabled_before_it_is_notified",
        "lost wake-up of `notify_waiters`",
        NOTIFY,
    ),
    pair(Cycle, "sync::notified_once_for_two", "sync::notified_once_each", "two `notify_one` make one permit", NOTIFY),
    pair(
        Cycle,
        "sync::waits_for_itself_to_be_made",
        "sync::made_by_the_first",
        "cell initialised in its own initialiser",
        "tokio's docs: sync::OnceCell",
    ),
    pair(
        Cycle,
        "channels::sends_to_itself",
        "channels::tries_to_send_to_itself",
        "bounded send to one's own queue",
        NOWHERE,
    ),
    pair(
        Cycle,
        "channels::feed_each_other",
        "channels::feed_each_other_without_a_limit",
        "cycle of full channels",
        SIZES,
    ),
    pair(Cycle, "channels::call_each_other", "channels::answer_without_a_call", "actors that call each other", CALLS),
    pair(
        Cycle,
        "channels::keeps_a_reserved_place",
        "channels::uses_the_reserved_place",
        "send beside one's reserved permit",
        NOWHERE,
    ),
    pair(
        Cycle,
        "channels::keeps_its_own_sender",
        "channels::gives_its_sender_away",
        "receiver that keeps its own sender",
        SENDERS,
    ),
    pair(
        Cycle,
        "channels::keeps_the_answers_sender",
        "channels::drops_the_answers_sender",
        "oneshot sender kept in one's own struct",
        SENDERS,
    ),
    pair(
        Cycle,
        "channels::watches_itself",
        "channels::watches_another",
        "`changed` while owning the watch's sender",
        "tokio's docs: sync::watch",
    ),
    pair(
        Cycle,
        "channels::listens_to_itself",
        "channels::listens_to_another",
        "broadcast receiver that keeps the sender",
        "tokio's docs: sync::broadcast",
    ),
    pair(
        Cycle,
        "channels::waits_for_its_own_receiver",
        "channels::waits_for_anothers_receiver",
        "`closed` while owning the receiver",
        "tokio's docs: mpsc::Sender::closed",
    ),
    pair(
        Cycle,
        "runtimes::nobody_sends",
        "runtimes::a_task_sends_later",
        "the thread in `block_on` keeps the only sender",
        SENDERS,
    ),
    pair(
        Cycle,
        "runtimes::nobody_sends_in_a_local_set",
        "runtimes::a_local_task_that_nobody_has_seen_sends",
        "the same in a `LocalSet`",
        SENDERS,
    ),
    pair(
        Cycle,
        "runtimes::joined_by_each_other",
        "runtimes::joined_by_one",
        "tasks that join each other",
        "tokio's docs: task::JoinHandle",
    ),
    pair(
        Cycle,
        "joins::joins_itself",
        "joins::joins_another",
        "task that awaits its own handle",
        "tokio's docs: task::JoinHandle",
    ),
    pair(Cycle, "joins::join_inside_a_lock", "joins::join_after_the_lock", "join inside a lock", NOWHERE),
    pair(
        Cycle,
        "joins::joins_a_set_inside_a_lock",
        "joins::joins_a_set_after_the_lock",
        "`JoinSet` joined inside a lock",
        NOWHERE,
    ),
    pair(
        Cycle,
        "joins::closure_blocks_for_its_task",
        "joins::closure_gets_what_its_task_has",
        "`spawn_blocking` that blocks on its own task",
        NOWHERE,
    ),
    pair(
        Cycle,
        "joins::no_thread_for_the_inner_closure",
        "joins::a_thread_for_each_closure",
        "blocking pool exhausted from inside",
        POOL,
    ),
    pair(
        Cycle,
        "joins::thread_and_task_through_a_lock",
        "joins::thread_after_task",
        "thread in `blocking_lock`, task awaits the thread",
        NOWHERE,
    ),
    pair(
        Cycle,
        "joins::local_tasks_that_nobody_drives",
        "joins::local_tasks_that_are_driven",
        "`LocalSet` that nobody drives",
        LOCAL,
    ),
    pair(
        Cycle,
        "runtimes::lock_across_block_on",
        "runtimes::lock_dropped_before_block_on",
        "std lock held across `block_on`",
        NOWHERE,
    ),
    pair(
        Cycle,
        "runtimes::lock_across_join_next",
        "runtimes::one_of_a_set_is_enough",
        "std lock held while a set is joined",
        NOWHERE,
    ),
    pair(
        Cycle,
        "runtimes::lock_across_local_set",
        "runtimes::lock_dropped_before_local_set",
        "std lock held while a `LocalSet` is awaited",
        NOWHERE,
    ),
    pair(
        Cycle,
        "drops::dropped_before_the_sender",
        "drops::dropped_after_the_sender",
        "runtime dropped before the sender that ends a `spawn_blocking`",
        SHUTDOWN,
    ),
    pair(
        Cycle,
        "drops::dropped_before_stds_sender",
        "drops::dropped_after_stds_sender",
        "runtime dropped before a std sender that a closure waits for",
        SHUTDOWN,
    ),
    pair(
        Cycle,
        "drops::dropped_inside_a_lock",
        "drops::dropped_outside_of_the_lock",
        "std lock held while a runtime is dropped",
        NOWHERE,
    ),
    pair(
        Cycle,
        "drops::a_worker_drops_what_wants_the_lock",
        "drops::a_worker_drops_what_gets_the_lock",
        "the same, and a task's destructor wants it",
        NOWHERE,
    ),
    pair(
        Cycle,
        "drops::dropped_inside_an_async_lock",
        "drops::dropped_outside_of_the_async_lock",
        "async lock held while a runtime is dropped",
        NOWHERE,
    ),
    pair(
        Cycle,
        "drops::dropped_while_a_poll_wants_a_lock",
        "drops::dropped_while_a_poll_has_the_lock",
        "std lock held while a runtime is dropped, wanted in a poll",
        NOWHERE,
    ),
    pair(
        Cycle,
        "drops::dropped_by_its_own_closure",
        "drops::dropped_by_a_closure_of_another",
        "runtime dropped by a closure of its own",
        NOWHERE,
    ),
    pair(
        Cycle,
        "aborts::waits_for_a_task_of_its_set",
        "aborts::its_set_is_dropped",
        "a lock of a task whose set one still has",
        NOWHERE,
    ),
    pair(
        Cycle,
        "aborts::locked_twice_beside_an_idle_thread",
        "aborts::locked_once_beside_an_idle_thread",
        "a lock taken twice, after a `spawn_blocking`",
        TWICE,
    ),
    pair(
        Cycle,
        "nested::holds_what_it_awaits",
        "nested::lets_go_before_it_awaits",
        "awaits a watched future that wants its lock",
        TWICE,
    ),
    pair(
        Cycle,
        "nested::two_of_one_task",
        "nested::two_of_one_task_in_one_order",
        "`join!` of two in opposite orders",
        TWICE,
    ),
    pair(
        Wakers,
        "locks::either_of_two_stuck_locks",
        "locks::a_stuck_lock_or_a_timer",
        "`select!` over two locks, both stuck",
        "tokio's docs: select!",
    ),
    pair(
        Wakers,
        "aborts::tastes_and_waits",
        "aborts::tastes_and_goes_on",
        "`recv` polled once in each poll, beside a stuck lock",
        NOWHERE,
    ),
    pair(Wakers, "dead::keeps_no_waker", "dead::keeps_its_waker", "returns Pending and keeps no waker", CONTRACT),
    pair(Wakers, "dead::its_waker_is_dropped", "dead::its_waker_is_used", "all wakers dropped", CONTRACT),
    pair(Wakers, "dead::somebody_waits_for_it", "dead::aborted_at_last", "joins a task that nobody can wake", CONTRACT),
    pair(
        Futurelock,
        "futures::select_keeps_a_future",
        "futures::select_drops_the_future",
        "`select!` by reference, lock in the branch",
        RFD,
    ),
    pair(
        Futurelock,
        "futures::select_keeps_one_with_a_permit",
        "futures::select_drops_the_one_with_a_permit",
        "the same with a semaphore's permit",
        RFD,
    ),
    pair(
        Futurelock,
        "futures::select_keeps_a_writer",
        "futures::select_polls_the_writer_on",
        "the same with a waiting writer",
        WRITERS,
    ),
    pair(
        Futurelock,
        "futures::a_kept_future_owns_the_lock",
        "futures::the_owner_is_polled_on",
        "the kept future has the lock",
        RFD,
    ),
    pair(
        Futurelock,
        "futures::select_keeps_a_watched_future",
        "futures::select_drops_the_watched_future",
        "the kept future is in `task::watch`",
        RFD,
    ),
    pair(
        Futurelock,
        "futures::a_kept_watched_one_owns_the_lock",
        "futures::the_watched_owner_is_polled_on",
        "the same, and it has the lock",
        RFD,
    ),
    pair(
        Futurelock,
        "futures::a_kept_one_is_pending_with_the_lock",
        "futures::the_pending_one_is_dropped",
        "the same, and it is pending for ever",
        RFD,
    ),
    pair(
        Futurelock,
        "futures::watched_and_unordered",
        "futures::watched_and_unordered_polled_on",
        "`FuturesUnordered` of watched futures that lock",
        STREAMS,
    ),
    pair(
        Futurelock,
        "futures::buffered_stream",
        "futures::buffered_stream_to_its_end",
        "`buffered` stream of futures that lock",
        STREAMS,
    ),
    pair(
        Futurelock,
        "futures::unordered_futures",
        "futures::unordered_futures_polled_on",
        "`FuturesUnordered` left while it owns a lock",
        STREAMS,
    ),
    pair(
        Futurelock,
        "futures::ordered_futures_while_it_sends",
        "futures::ordered_futures_are_gone_when_it_sends",
        "the same, through a full channel and a worker",
        STREAMS,
    ),
    pair(Blocked, "polls::sleeps", "polls::sleeps_as_a_task_does", "`thread::sleep` in a task", BLOCKING),
    pair(Blocked, "polls::receives", "polls::receives_as_a_task_does", "std's `recv` in a task", BLOCKING),
    pair(Blocked, "polls::joins", "polls::joins_elsewhere", "a thread joined in a task", BLOCKING),
    pair(Blocked, "polls::computes", "polls::computes_elsewhere", "a computation without an await", BLOCKING),
    pair(
        Blocked,
        "joins::blocking_receive_in_a_task",
        "joins::awaited_receive_in_a_task",
        "`recv` blocks the thread that should run the sender",
        BLOCKING,
    ),
    pair(
        Blocked,
        "polls::waits_long_for_a_lock",
        "polls::locks_for_a_moment",
        "a poll waits for a std lock that a thread holds for long",
        BLOCKING,
    ),
    pair(
        Blocked,
        "joins::blocks_on_a_task_of_its_thread",
        "joins::awaits_a_task_of_its_thread",
        "`block_on` inside a runtime",
        BLOCK_ON,
    ),
    pair(Left, "polls::keeps_a_guard", "polls::drops_the_guard", "std guard held across an await", HOLDING),
    pair(
        Left,
        "joins::std_lock_across_an_await",
        "joins::std_lock_between_awaits",
        "the same, and a task of the thread wants it",
        HOLDING,
    ),
    pair(
        Left,
        "sync::leaked_guard",
        "sync::guard_of_a_task_that_ends",
        "async lock of a task that ended, leaked",
        NOWHERE,
    ),
    pair(Left, "sync::forgotten_permit", "sync::forgotten_and_added_permit", "`forget` of the last permit", SEMAPHORE),
];

const BEGIN: &str = "<!-- table:begin -->\n";
const END: &str = "<!-- table:end -->";

/// Whether PAIRS.md has the table as it is. `UPDATE_PAIRS=1` puts it there.
pub(crate) fn check() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("PAIRS.md");
    let text = fs::read_to_string(&page).expect("PAIRS.md");
    let (before, rest) = text.split_once(BEGIN).expect("PAIRS.md has the beginning of the table");
    let (shown, after) = rest.split_once(END).expect("PAIRS.md has the end of the table");
    let table = table();
    if env::var_os("UPDATE_PAIRS").is_some() {
        fs::write(&page, [before, BEGIN, &table, END, after].concat()).expect("PAIRS.md can be written");
    } else {
        assert_eq!(shown, table, "UPDATE_PAIRS=1 cargo test --features tokio --test detect -- tasks");
    }
}

fn table() -> String {
    let mut text = String::from(
        "| point | pattern | known from | faulty | told as | twin, of which nothing is told |\n|---|---|---|---|---|---|\n",
    );
    let (mut certain, mut possible, mut missed) = (0, 0, 0);
    for pair in PAIRS {
        let (faulty, twin) = (find(pair.faulty), find(pair.twin));
        assert!(twin.told.is_empty() && twin.ends, "{} is no correct twin", pair.twin);
        let told: Vec<String> = faulty.told.iter().map(|told| format!("{}, {}", told.rule, told.certainty)).collect();
        match faulty.told {
            [] => missed += 1,
            told if told.iter().any(|told| told.certainty == "happened") => certain += 1,
            _ => possible += 1,
        }
        let told = if told.is_empty() { "**nothing**".to_owned() } else { told.join("; ") };
        let Pair { point, pattern, source, .. } = pair;
        let (faulty, twin) = (pair.faulty, pair.twin);
        let row = [point.title(), pattern, source, &format!("`{faulty}`"), &told, &format!("`{twin}`")].join(" | ");
        writeln!(text, "| {row} |").expect("a string");
    }
    let count = PAIRS.len();
    writeln!(
        text,
        "\n{count} pairs: {certain} told as happened, {possible} as possible, {missed} not found; of no twin anything."
    )
    .expect("a string");
    text
}

fn find(name: &str) -> &'static Case {
    let found = super::cases().find(|case| case.name.strip_prefix("detect::tasks::") == Some(name));
    found.unwrap_or_else(|| panic!("{name} is no situation"))
}
