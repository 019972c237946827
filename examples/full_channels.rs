//! Two threads feed each other through channels with a bound, and each sends all it has before it receives anything.
//!
//! After the report it stays stuck, as it would without gordian; `GORDIAN_REACTION=exit:1` ends it. With `--in-turn` each
//! takes what has come after everything it sends, and both end.

use gordian::{
    Ext, Level,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

const NUMBERS: u64 = 10;

/// Sends all numbers, and returns the sum of those it gets.
fn exchange(send: &SyncSender<u64>, receive: &Receiver<u64>, in_turn: bool) -> u64 {
    let mut sum = 0;
    for number in 1..=NUMBERS {
        send.send(number).unwrap();
        if in_turn {
            sum += receive.recv().unwrap();
        }
    }
    let rest = if in_turn { 0 } else { NUMBERS as usize };
    sum + receive.iter().take(rest).sum::<u64>()
}

fn main() {
    let in_turn = std::env::args().any(|argument| argument == "--in-turn");
    if gordian::level() == Level::Off && !in_turn {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    let (to_bob, from_alice) = sync_channel(4);
    let (to_alice, from_bob) = sync_channel(4);
    let (to_bob, to_alice) = (to_bob.named("to bob"), to_alice.named("to alice"));
    let alice = move || exchange(&to_bob, &from_bob, in_turn);
    let bob = move || exchange(&to_alice, &from_alice, in_turn);
    let alice = thread::Builder::new().name("alice".into()).spawn(alice).unwrap();
    let bob = thread::Builder::new().name("bob".into()).spawn(bob).unwrap();
    println!("alice: {}, bob: {}", alice.join().unwrap(), bob.join().unwrap());
}
