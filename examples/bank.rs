//! A bank: workers carry out ten thousand transfers while an auditor counts the money, and `--wrong-order` lets a rare
//! kind of transfer take its two locks in the wrong order.
//!
//! ```text
//! cargo run --example bank
//! cargo run --example bank -- --wrong-order
//! ```
//!
//! The first runs to its end, and no money is lost. The second deadlocks, is told, leaves `bank-trace.json` (open it at
//! <https://ui.perfetto.dev>) and exits with code 1. `--transfers FILE` reads the transfers from a file with a line
//! `FROM TO AMOUNT` for each.

use gordian::{
    Ext, Level, Reaction,
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
};
use std::{
    collections::VecDeque,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

const ACCOUNTS: usize = 20;
const OPENING_BALANCE: i64 = 1_000;
const TRANSFERS: u32 = 10_000;
const WORKERS: usize = 4;
const TRACE: &str = "bank-trace.json";

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("bank: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let _gordian = if options.wrong_order {
        let builder = gordian::builder().trace(TRACE).reaction(Reaction::Exit(1));
        builder.start()
    } else {
        gordian::watch()
    };
    if options.wrong_order && gordian::level() == Level::Off {
        return Err("this build does not watch: in the wrong order it would hang without a word".into());
    }
    let transfers = read_transfers(&options.transfers()?)?;
    let count = transfers.len();
    let bank = Arc::new(Bank::open(options.wrong_order));
    let began = Instant::now();
    let workers: Vec<_> = (1..=WORKERS).map(|n| start(&bank, &format!("worker-{n}"), Bank::work)).collect();
    let auditor = start(&bank, "auditor", Bank::audit_until_closed);
    transfers.into_iter().for_each(|transfer| bank.counter.put(transfer));
    bank.counter.close();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker does not panic"));
    let took = began.elapsed();
    bank.closed.store(true, Relaxed);
    auditor.join().expect("the auditor does not panic");
    bank.report(count, took)
}

fn start(bank: &Arc<Bank>, name: &str, work: fn(&Bank)) -> thread::JoinHandle<()> {
    let bank = bank.clone();
    thread::Builder::new().named(name).spawn(move || work(&bank)).expect("a thread")
}

// ---- the bank ----

struct Bank {
    accounts: Vec<Mutex<i64>>,
    counter: Counter,
    wrong_order: bool,
    closed: AtomicBool,
    done: AtomicU64,
    refused: AtomicU64,
    audits: AtomicU64,
}

#[derive(Clone, Copy)]
struct Transfer {
    number: usize,
    from: usize,
    to: usize,
    amount: i64,
}

impl Transfer {
    /// One in a hundred has to be looked at by somebody before the money goes.
    fn is_checked_by_hand(&self) -> bool {
        self.number % 100 == 99
    }
}

impl Bank {
    fn open(wrong_order: bool) -> Bank {
        let account = |number| Mutex::new(OPENING_BALANCE).named(&format!("account {number}"));
        Bank {
            accounts: (0..ACCOUNTS).map(account).collect(),
            counter: Counter::new(),
            wrong_order,
            closed: AtomicBool::new(false),
            done: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            audits: AtomicU64::new(0),
        }
    }

    fn work(&self) {
        while let Some(transfer) = self.counter.take() {
            let done =
                if transfer.is_checked_by_hand() { self.check_and_move(transfer) } else { self.carry_out(transfer) };
            let tally = if done { &self.done } else { &self.refused };
            tally.fetch_add(1, Relaxed);
        }
    }

    /// Accounts are locked in the order of their numbers, whichever way the money goes.
    fn carry_out(&self, transfer: Transfer) -> bool {
        let first = self.lock(transfer.from.min(transfer.to));
        let second = self.lock(transfer.from.max(transfer.to));
        let (mut from, mut to) = if transfer.from < transfer.to { (first, second) } else { (second, first) };
        move_money(&mut from, &mut to, transfer.amount)
    }

    fn check_and_move(&self, transfer: Transfer) -> bool {
        if !self.wrong_order {
            look_at(transfer);
            return self.carry_out(transfer);
        }
        // Wrong: the order of the two depends on the way the money goes, and in between somebody takes his time.
        let mut from = self.lock(transfer.from);
        look_at(transfer);
        let mut to = self.lock(transfer.to);
        move_money(&mut from, &mut to, transfer.amount)
    }

    #[track_caller]
    fn lock(&self, account: usize) -> MutexGuard<'_, i64> {
        self.accounts[account].lock().unwrap()
    }

    /// All accounts at one moment: whatever is under way, the sum is the same.
    fn audit(&self) -> i64 {
        let mut accounts = Vec::with_capacity(ACCOUNTS);
        for number in 0..ACCOUNTS {
            accounts.push(self.lock(number));
        }
        accounts.iter().map(|account| **account).sum()
    }

    fn audit_until_closed(&self) {
        while !self.closed.load(Relaxed) {
            assert_eq!(self.audit(), ACCOUNTS as i64 * OPENING_BALANCE, "money was lost");
            self.audits.fetch_add(1, Relaxed);
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn report(&self, count: usize, took: Duration) -> Result<(), String> {
        let (done, refused) = (self.done.load(Relaxed), self.refused.load(Relaxed));
        let (total, expected) = (self.audit(), ACCOUNTS as i64 * OPENING_BALANCE);
        println!("{done} transfers done, {refused} refused for lack of money, {count} in all");
        println!("{total} in {ACCOUNTS} accounts; {} audits found the same", self.audits.load(Relaxed));
        println!("{:.0} transfers a second on {WORKERS} workers", count as f64 / took.as_secs_f64());
        if total != expected || done + refused != count as u64 {
            return Err(format!("the books do not balance: {total} instead of {expected}"));
        }
        Ok(())
    }
}

fn move_money(from: &mut i64, to: &mut i64, amount: i64) -> bool {
    if *from < amount {
        return false;
    }
    *from -= amount;
    *to += amount;
    true
}

fn look_at(_: Transfer) {
    thread::sleep(Duration::from_millis(2));
}

// ---- the counter where transfers are handed in ----

/// A queue with an end and a limit.
struct Counter {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Transfer>,
    closed: bool,
}

impl Counter {
    const ROOM: usize = 64;

    fn new() -> Counter {
        Counter {
            queue: Mutex::new(Queue::default()).named("counter"),
            changed: Condvar::new().named("counter changed"),
        }
    }

    fn put(&self, transfer: Transfer) {
        let queue = self.queue.lock().unwrap();
        let mut queue = self.changed.wait_while(queue, |queue| queue.waiting.len() >= Self::ROOM).unwrap();
        queue.waiting.push_back(transfer);
        self.changed.notify_all();
    }

    fn take(&self) -> Option<Transfer> {
        let queue = self.queue.lock().unwrap();
        let idle = |queue: &mut Queue| queue.waiting.is_empty() && !queue.closed;
        let mut queue = self.changed.wait_while(queue, idle).unwrap();
        let transfer = queue.waiting.pop_front();
        self.changed.notify_all();
        transfer
    }

    fn close(&self) {
        self.queue.lock().unwrap().closed = true;
        self.changed.notify_all();
    }
}

// ---- what it is told ----

#[derive(Default)]
struct Options {
    wrong_order: bool,
    transfers: Option<PathBuf>,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options::default();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--wrong-order" => options.wrong_order = true,
                "--transfers" => options.transfers = Some(args.next().ok_or("--transfers needs a file")?.into()),
                _ => return Err(format!("{arg:?} is not understood; there are --wrong-order and --transfers FILE")),
            }
        }
        Ok(options)
    }

    /// The file that was named, or else one of our own making.
    fn transfers(&self) -> Result<PathBuf, String> {
        match &self.transfers {
            Some(path) => Ok(path.clone()),
            None => make_transfers().map_err(|error| format!("cannot write the transfers: {error}")),
        }
    }
}

/// The same ten thousand every time.
fn make_transfers() -> io::Result<PathBuf> {
    let path = std::env::temp_dir().join("gordian-bank-transfers.txt");
    let mut text = String::new();
    let mut seed = 20_u32;
    let mut random = move |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % below
    };
    for _ in 0..TRANSFERS {
        let from = random(ACCOUNTS as u32);
        let to = (from + 1 + random(ACCOUNTS as u32 - 1)) % ACCOUNTS as u32;
        let _ = writeln!(text, "{from} {to} {}", 1 + random(100));
    }
    // Written beside and moved: another run may be reading it.
    let draft = path.with_extension(std::process::id().to_string());
    fs::write(&draft, text)?;
    fs::rename(&draft, &path)?;
    Ok(path)
}

fn read_transfers(path: &Path) -> Result<Vec<Transfer>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let parse = |(number, line)| parse_transfer(number, line).ok_or_else(|| wrong_line(path, number, line));
    text.lines().enumerate().map(parse).collect()
}

fn parse_transfer(number: usize, line: &str) -> Option<Transfer> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [from, to, amount] = words[..] else { return None };
    let transfer = Transfer { number, from: from.parse().ok()?, to: to.parse().ok()?, amount: amount.parse().ok()? };
    let known = transfer.from < ACCOUNTS && transfer.to < ACCOUNTS && transfer.from != transfer.to;
    (known && transfer.amount > 0).then_some(transfer)
}

fn wrong_line(path: &Path, number: usize, line: &str) -> String {
    let last = ACCOUNTS - 1;
    format!("{}:{}: {line:?} is no transfer: FROM TO AMOUNT, accounts from 0 to {last}", path.display(), number + 1)
}
