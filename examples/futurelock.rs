//! A future has been given a lock, and its task waits for the same lock in another future, without polling the first one.
//!
//! The situation of Oxide Computer's RFD 609. With `--dropped` the first future is gone before the second one waits.

use gordian::{Ext, task::named, tokio};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::sleep};

type Shared = Arc<Mutex<u32>>;

/// Takes the lock for a moment.
async fn add(total: Shared, amount: u32) {
    let mut total = total.lock().await;
    sleep(Duration::from_millis(1)).await;
    *total += amount;
}

/// Adds; where that does not work at once, adds less instead.
async fn add_soon(total: Shared, dropped: bool) {
    let mut first = Box::pin(add(total.clone(), 100));
    tokio::select! {
        () = &mut first => println!("added at once"),
        () = sleep(Duration::from_millis(50)) => {
            println!("not at once, so less");
            if dropped {
                drop(first);
            }
            // The other task gives the lock back, and the next in the queue is `first`.
            add(total, 1).await;
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let _gordian = gordian::watch();
    let dropped = std::env::args().any(|word| word == "--dropped");
    let total = Arc::new(Mutex::new(0).named("total"));
    let slow = tokio::spawn(named("slow", {
        let total = total.clone();
        async move {
            let mut total = total.lock().await;
            sleep(Duration::from_millis(200)).await;
            *total += 10;
        }
    }));
    tokio::task::yield_now().await;
    tokio::spawn(named("hasty", add_soon(total.clone(), dropped))).await.expect("no panic");
    slow.await.expect("no panic");
    println!("total: {}", total.lock().await);
}
