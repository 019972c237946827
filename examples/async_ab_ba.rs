//! Two tasks take two async locks in opposite orders, and wait for each other in a circle.
//!
//! After the report it stays stuck, as it would without gordian; `GORDIAN_REACTION=exit:1` ends it. With `--one-order` both
//! take them in the same order, and both end.

use gordian::{Ext, Level, task::named, tokio};
use std::sync::Arc;
use tokio::sync::Mutex;

type Account = Arc<Mutex<i64>>;

async fn transfer(from: Account, to: Account, amount: i64) {
    let mut from = from.lock().await;
    // Whatever else there is to do meanwhile: the other task has its turn.
    tokio::task::yield_now().await;
    let mut to = to.lock().await;
    *from -= amount;
    *to += amount;
}

#[tokio::main]
async fn main() {
    let one_order = std::env::args().any(|word| word == "--one-order");
    if gordian::level() == Level::Off && !one_order {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    let a: Account = Arc::new(Mutex::new(100).named("a"));
    let b: Account = Arc::new(Mutex::new(100).named("b"));
    let there = transfer(a.clone(), b.clone(), 10);
    let back = if one_order { transfer(a.clone(), b.clone(), -20) } else { transfer(b.clone(), a.clone(), 20) };
    let tasks = [tokio::spawn(named("there", there)), tokio::spawn(named("back", back))];
    for task in tasks {
        task.await.expect("no panic");
    }
    println!("a: {}, b: {}", a.lock().await, b.lock().await);
}
