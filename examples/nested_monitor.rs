//! A thread waits for a notification while it holds a second lock, which the one who would notify needs first.
//!
//! The wait gives back the lock it is told of, not the outer one. After the report it stays stuck, as it would without
//! gordian; `GORDIAN_REACTION=exit:1` ends it.

use gordian::{
    Ext, Level,
    sync::{Condvar, Mutex},
    thread,
};
use std::collections::VecDeque;

struct Shop {
    open: Mutex<bool>,
    orders: Mutex<VecDeque<u32>>,
    ordered: Condvar,
}

impl Shop {
    fn next_order(&self) -> u32 {
        let _open = self.open.lock().unwrap();
        let orders = self.orders.lock().unwrap();
        let mut orders = self.ordered.wait_while(orders, |orders| orders.is_empty()).unwrap();
        orders.pop_front().unwrap_or_default()
    }

    fn order(&self, number: u32) {
        let open = self.open.lock().unwrap();
        if *open {
            self.orders.lock().unwrap().push_back(number);
            self.ordered.notify_one();
        }
    }
}

fn main() {
    if gordian::level() == Level::Off {
        return eprintln!("This build does not watch: it would hang without a word, so it does not begin.");
    }
    let shop = Shop {
        open: Mutex::new(true).named("open"),
        orders: Mutex::new(VecDeque::new()).named("orders"),
        ordered: Condvar::new().named("ordered"),
    };
    thread::scope(|scope| {
        let cook = || println!("order {} is served", shop.next_order());
        thread::Builder::new().name("cook".into()).spawn_scoped(scope, cook).unwrap();
        // The guest comes second, when the cook is in.
        while shop.open.try_lock().is_ok() {
            thread::yield_now();
        }
        thread::Builder::new().name("guest".into()).spawn_scoped(scope, || shop.order(7)).unwrap();
    });
}
