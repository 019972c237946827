//! What std promises. The parent module says whose `sync` and `thread` are asked.

use super::{sync, thread, thread_local};
use std::{
    any::Any,
    cell::RefCell,
    panic::{AssertUnwindSafe, Location, catch_unwind, panic_any, set_hook, take_hook},
};

mod atomics;
mod attributes;
mod barrier;
mod cells;
mod channels;
mod condvar;
mod constants;
mod lifetimes;
mod mutex;
mod once;
mod parking;
mod rwlock;
mod scopes;
mod signatures;
mod thread_locals;
mod threads;

thread_local! {
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The message of the panic that `f` ends in, and the file it is said to be in.
fn panic_of<R>(f: impl FnOnce() -> R) -> (String, String) {
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            let file = info.location().map(Location::file).unwrap_or_default();
            PLACE.with(|place| file.clone_into(&mut place.borrow_mut()));
            previous(info);
        }));
    });
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { panic!("no panic") };
    (message(&*payload), PLACE.take())
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Runs `f` in another thread, which panics at its end.
fn panicking_thread(f: impl FnOnce(&mut dyn FnMut()) + Send) {
    let ended = thread::scope(|scope| scope.spawn(|| f(&mut || panic_any("on purpose"))).join());
    assert_eq!(message(&*ended.unwrap_err()), "on purpose");
}
