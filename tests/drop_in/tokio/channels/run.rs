//! What all of these tests need.

use super::asked;
use std::{any::Any, future::Future, panic, time::Duration};

/// Runs it as a task, and fails where that does not end.
pub(super) fn run(test: impl Future<Output = ()> + Send + 'static) {
    let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ended = runtime.block_on(async {
        let task = asked::spawn(test);
        ::tokio::time::timeout(Duration::from_secs(20), task).await
    });
    if let Err(panicked) = ended.expect("it does not end") {
        panic::resume_unwind(panicked.into_panic());
    }
}

/// What the call panics with.
pub(super) fn panic_of<R>(call: impl FnOnce() -> R) -> String {
    let panicked = panic::catch_unwind(panic::AssertUnwindSafe(call)).err().expect("it panics");
    text_of(&*panicked)
}

fn text_of(panicked: &(dyn Any + Send)) -> String {
    let text = panicked.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panicked.downcast_ref::<String>().cloned()).expect("it panics with a text")
}

/// Panics where a thread drives tasks.
pub(super) const NOT_HERE: &str = "Cannot block the current thread from within a runtime";
