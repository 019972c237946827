//! Three coroutines that sleep: with the blocking sleep one after another, with `--awaited` all at once.
//!
//! The blocking one keeps the thread that should poll the others. It ends, since it is slow and not stuck; the report says where
//! it blocks, and what to call instead.

use gordian::{task::named, thread, tokio};
use std::time::{Duration, Instant};

const NAP: Duration = Duration::from_millis(400);

async fn nap(awaited: bool) {
    if awaited {
        tokio::time::sleep(NAP).await;
    } else {
        thread::sleep(NAP);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let awaited = std::env::args().any(|word| word == "--awaited");
    let began = Instant::now();
    let naps = ["one", "two", "three"].map(|name| tokio::spawn(named(name, nap(awaited))));
    for nap in naps {
        nap.await.expect("no panic");
    }
    let at_once = began.elapsed() < 2 * NAP;
    println!("three naps of {NAP:?} took as long as {}", if at_once { "one" } else { "three" });
}
