//! Five philosophers each take the fork on their left, and then wait for the one on their right: a circle of five.
//!
//! After the report it stays stuck, as it would without gordian; `GORDIAN_REACTION=exit:1` ends it.

use gordian::{
    Ext, Level,
    sync::{Barrier, Mutex, MutexGuard},
    thread,
};

const NAMES: [&str; 5] = ["Confucius", "Hypatia", "Ibn Sina", "Kant", "Arendt"];

fn main() {
    if gordian::level() == Level::Off {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    let forks: Vec<Mutex<()>> = (1..=NAMES.len()).map(|n| Mutex::new(()).named(&format!("fork {n}"))).collect();
    // Luck would bring them here, too, one evening or another.
    let seated = Barrier::new(NAMES.len());
    thread::scope(|table| {
        for (seat, name) in NAMES.iter().enumerate() {
            let (left, right) = (&forks[seat], &forks[(seat + 1) % forks.len()]);
            let dinner = || dine(left, right, &seated);
            thread::Builder::new().name(name.to_string()).spawn_scoped(table, dinner).unwrap();
        }
    });
}

fn dine(left: &Mutex<()>, right: &Mutex<()>, seated: &Barrier) {
    let left = left.lock().unwrap();
    seated.wait();
    let right = right.lock().unwrap();
    eat(left, right);
}

fn eat(_left: MutexGuard<()>, _right: MutexGuard<()>) {
    println!("{} has eaten", thread::current().name().unwrap_or("somebody"));
}
