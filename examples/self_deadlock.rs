//! A method that holds the lock calls another one that takes it: a thread that waits for itself.
//!
//! After the report it stays stuck, as it would without gordian; `GORDIAN_REACTION=exit:1` ends it.

use gordian::{Ext, Level, sync::Mutex};

struct Counter {
    value: Mutex<u64>,
}

impl Counter {
    fn increment(&self) -> u64 {
        let mut value = self.value.lock().unwrap();
        *value += 1;
        self.get()
    }

    fn get(&self) -> u64 {
        *self.value.lock().unwrap()
    }
}

fn main() {
    if gordian::level() == Level::Off {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    let counter = Counter { value: Mutex::new(0).named("counter") };
    println!("counted to {}", counter.increment());
}
