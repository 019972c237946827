//! A thread and a task wait for each other: the task for the thread's message, the thread for the task's lock.
//!
//! After the report it stays stuck, as it would without gordian; `GORDIAN_REACTION=exit:1` ends it. With `--released` the
//! task gives the lock back before it waits.

use gordian::{Ext, Level, task::named, thread, tokio};
use std::sync::Arc;
use tokio::sync::{Mutex, oneshot};

#[tokio::main]
async fn main() {
    let released = std::env::args().any(|word| word == "--released");
    if gordian::level() == Level::Off && !released {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    let state = Arc::new(Mutex::new(1).named("state"));
    let (reply, answer) = oneshot::channel();
    let held = state.clone().lock_owned().await;
    let worker = {
        let state = state.clone();
        let work = move || reply.send(*state.blocking_lock() + 41).expect("somebody waits for it");
        thread::Builder::new().name("worker".into()).spawn(work).expect("a thread")
    };
    let asker = tokio::spawn(named("asker", async move {
        let held = (!released).then_some(held);
        let answer = answer.await.expect("an answer");
        drop(held);
        answer
    }));
    println!("answer: {}", asker.await.expect("no panic"));
    worker.join().expect("no panic");
}
