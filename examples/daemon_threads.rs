//! A daemon never keeps the program alive; for every other thread the session guard waits at the end of `main`.
//!
//! After a second it says for whom it waits; `GORDIAN_EXIT_WAIT=500ms` limits its patience.

use gordian::{Ext, Level, thread};
use std::time::Duration;

fn main() {
    let _gordian = gordian::watch();
    // Ticks for ever, and ends with the program all the same.
    let tick = || {
        loop {
            println!("tick");
            thread::sleep(Duration::from_millis(400));
        }
    };
    thread::Builder::new().named("ticker").daemon(true).spawn(tick).unwrap();
    // Is not joined, and finishes its work all the same.
    let work = || {
        thread::sleep(Duration::from_millis(1500));
        println!("the worker has finished");
    };
    thread::Builder::new().named("worker").spawn(work).unwrap();
    if gordian::level() == Level::Off {
        println!("this build does not watch: the end of `main` ends the worker as well");
    }
    println!("the end of `main`");
}
