//! A loop over the results of three workers never ends, because the sender that their senders were cloned from is still alive.
//!
//! After the report it stays stuck, as it would without gordian; `GORDIAN_REACTION=exit:1` ends it. With `--dropped` the
//! sender is dropped before the loop, which then ends.

use gordian::{Ext, Level, sync::mpsc, thread};

fn main() {
    let dropped = std::env::args().any(|argument| argument == "--dropped");
    if gordian::level() == Level::Off && !dropped {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    let (sender, results) = mpsc::channel();
    let sender = sender.named("results");
    for number in 1..=3 {
        let sender = sender.clone();
        let work = move || sender.send(number * number).unwrap();
        thread::Builder::new().name(format!("worker-{number}")).spawn(work).unwrap();
    }
    if dropped {
        drop(sender);
        println!("the sum is {}", results.iter().sum::<u64>());
    } else {
        println!("the sum is {}", results.iter().sum::<u64>());
        drop(sender);
    }
}
