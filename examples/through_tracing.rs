//! The report goes where the program's log goes, a `tracing` subscriber, and says which spans the threads were in.
//!
//! After the report it stays stuck, as it would without gordian; `GORDIAN_REACTION=exit:1` ends it.

use gordian::{
    Ext, Level,
    sync::{Barrier, Mutex},
    thread,
};
use std::{
    env,
    io::{self, IsTerminal},
};
use tracing::info_span;
use tracing_subscriber::prelude::*;

fn main() {
    if gordian::level() == Level::Off {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    // Colours are for people: the layer's own default has them in pipes and files, too.
    let wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let log = tracing_subscriber::fmt::layer().with_ansi(wanted && io::stdout().is_terminal());
    tracing_subscriber::registry().with(log).with(gordian::layer()).init();
    let (stock, orders, meet) = (Mutex::new(5).named("stock"), Mutex::new(0).named("orders"), Barrier::new(2));
    thread::scope(|scope| {
        let sell = || {
            let _span = info_span!("sell", customer = 7).entered();
            move_one(&stock, &orders, &meet);
        };
        let take_back = || {
            let _span = info_span!("take_back", customer = 8).entered();
            move_one(&orders, &stock, &meet);
        };
        thread::Builder::new().name("till".into()).spawn_scoped(scope, sell).unwrap();
        thread::Builder::new().name("returns".into()).spawn_scoped(scope, take_back).unwrap();
    });
}

fn move_one(from: &Mutex<i32>, to: &Mutex<i32>, meet: &Barrier) {
    let mut from = from.lock().unwrap();
    // Luck would bring them here, too, one day or another.
    meet.wait();
    let mut to = to.lock().unwrap();
    *from -= 1;
    *to += 1;
}
