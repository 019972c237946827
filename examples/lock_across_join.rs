//! The results are locked while their worker is joined, and the worker needs that lock to end.
//!
//! After the report it stays stuck, as it would without gordian; `GORDIAN_REACTION=exit:1` ends it.

use gordian::{
    Ext, Level,
    sync::{Arc, Mutex},
    thread,
};

fn main() {
    if gordian::level() == Level::Off {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    let results = Arc::new(Mutex::new(Vec::new()).named("results"));
    let mut list = results.lock().unwrap();
    let worker = {
        let results = results.clone();
        let work = move || results.lock().unwrap().push(6 * 7);
        thread::Builder::new().name("worker".into()).spawn(work).unwrap()
    };
    list.push(0);
    // Right: drop(list) before the join.
    worker.join().unwrap();
    println!("{list:?}");
}
