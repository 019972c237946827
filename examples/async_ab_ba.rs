//! Two tasks take two async locks in opposite orders, and wait for each other in a circle.
//!
//! After the report it stays stuck, as it would without gordian; `GORDIAN_REACTION=exit:1` ends it. With `--one-order` both
//! take them in the same order, and both end.

use gordian::{Ext, Level, task::named, tokio};
use std::sync::Arc;
use tokio::sync::{Barrier, Mutex};

type Account = Arc<Mutex<i64>>;

async fn transfer(from: Account, to: Account, amount: i64, met: Option<Arc<Barrier>>) {
    let mut from = from.lock().await;
    // Whatever else there is to do meanwhile; here, until the other task has got as far.
    if let Some(met) = met {
        met.wait().await;
    }
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
    let met = (!one_order).then(|| Arc::new(Barrier::new(2)));
    let there = tokio::spawn(named("there", transfer(a.clone(), b.clone(), 10, met.clone())));
    let (from, to, amount) = if one_order { (&a, &b, -20) } else { (&b, &a, 20) };
    let back = tokio::spawn(named("back", transfer(from.clone(), to.clone(), amount, met)));
    for task in [there, back] {
        task.await.expect("no panic");
    }
    println!("a: {}, b: {}", a.lock().await, b.lock().await);
}
