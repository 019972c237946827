//! Two locks taken in opposite orders, with a pause in between: the textbook deadlock.
//!
//! After the report it stays stuck, as it would without gordian; `GORDIAN_REACTION=exit:1` ends it.

use gordian::{
    Ext, Level,
    sync::{Arc, Mutex},
    thread,
};
use std::time::Duration;

fn main() {
    if gordian::level() == Level::Off {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    let left = Arc::new(Mutex::new(0).named("left"));
    let right = Arc::new(Mutex::new(0).named("right"));
    let alice = {
        let (left, right) = (left.clone(), right.clone());
        thread::Builder::new().name("alice".into()).spawn(move || take_both(&left, &right)).unwrap()
    };
    let bob = thread::Builder::new().name("bob".into()).spawn(move || take_both(&right, &left)).unwrap();
    alice.join().unwrap();
    bob.join().unwrap();
}

fn take_both(first: &Mutex<i32>, second: &Mutex<i32>) {
    let mut first = first.lock().unwrap();
    thread::sleep(Duration::from_millis(100));
    let mut second = second.lock().unwrap();
    *first += 1;
    *second += 1;
}
