//! A future has been given a lock and is not polled to take it, while its own task waits for the same lock in another future.
//!
//! The situation of Oxide Computer's RFD 609. After the report it stays stuck, as it would without gordian;
//! `GORDIAN_REACTION=exit:1` ends it. With `--dropped` the first future is gone before the second one waits.

use gordian::{Ext, Level, task::named, tokio};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::sleep};

type Total = Arc<Mutex<u32>>;

async fn add(total: Total, amount: u32) {
    *total.lock().await += amount;
}

/// Adds a hundred; where that takes long, adds one instead.
async fn add_soon(total: Total, dropped: bool) {
    let mut first = Box::pin(add(total.clone(), 100));
    tokio::select! {
        () = &mut first => {}
        () = sleep(Duration::from_millis(50)) => {
            if dropped {
                drop(first);
            }
            // Once the other task gives it back, the lock is for whoever is next in its queue: for `first`.
            add(total, 1).await;
        }
    }
}

#[tokio::main]
async fn main() {
    let dropped = std::env::args().any(|word| word == "--dropped");
    if gordian::level() == Level::Off && !dropped {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    let total = Arc::new(Mutex::new(0).named("total"));
    let held = total.clone().lock_owned().await;
    let slow = tokio::spawn(named("slow", async move {
        let mut total = held;
        sleep(Duration::from_secs(1)).await;
        *total += 10;
    }));
    tokio::spawn(named("hasty", add_soon(total.clone(), dropped))).await.expect("no panic");
    slow.await.expect("no panic");
    println!("total: {}", total.lock().await);
}
