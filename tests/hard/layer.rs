//! `tracing` subscribers that use watched locks themselves.

use crate::{
    common::WATCHING,
    program::{program, survived},
};
use gordian::{
    sync::{Arc, Mutex, RwLock},
    thread,
};
use std::time::Duration;
use tracing::{Event, Metadata, Subscriber, span};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

/// Locks in all that it is asked.
#[derive(Default)]
struct Locks {
    seen: Arc<Mutex<Vec<String>>>,
    interest: Arc<RwLock<u64>>,
}

impl<S: Subscriber> Layer<S> for Locks {
    fn enabled(&self, _: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *self.interest.write().expect("not poisoned") += 1;
        true
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.seen.lock().expect("not poisoned").push(attributes.metadata().name().to_owned());
    }

    fn on_enter(&self, _: &span::Id, _: Context<'_, S>) {
        self.seen.lock().expect("not poisoned").push(String::new());
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.seen.lock().expect("not poisoned").push(event.metadata().target().to_owned());
    }
}

#[test]
fn a_layer_that_locks() {
    let path = std::env::temp_dir().join(format!("gordian-hard-layer-{}.json", std::process::id()));
    let settings = [("GORDIAN_TRACE", path.to_str().expect("text"))];
    let Some(ended) = program("layer::a_layer_that_locks", &settings, || {
        let locks = Locks::default();
        let seen = locks.seen.clone();
        tracing_subscriber::registry().with(locks).with(gordian::layer()).init();
        thread::scope(|scope| {
            for number in 0..4 {
                scope.spawn(move || {
                    for round in 0..200 {
                        let _span = tracing::info_span!("work", number, round).entered();
                        tracing::info!("done");
                    }
                });
            }
        });
        let events = seen.lock().expect("not poisoned").iter().filter(|name| *name == "work").count();
        assert_eq!(events, 800);
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
    if WATCHING {
        std::fs::remove_file(&path).expect("a trace");
    }
}

/// Which of its methods wants a lock that is never let go.
#[derive(Clone, Copy, PartialEq)]
enum Where {
    Enabled,
    Event,
    Register,
}

struct Hangs(Arc<Mutex<u32>>, Where);

impl Hangs {
    fn maybe(&self, here: Where, metadata: &Metadata<'_>) {
        if self.1 == here && metadata.target() == "gordian" {
            drop(self.0.lock());
        }
    }
}

impl<S: Subscriber> Layer<S> for Hangs {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        self.maybe(Where::Register, metadata);
        tracing::subscriber::Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.maybe(Where::Enabled, metadata);
        true
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.maybe(Where::Event, event.metadata());
    }
}

fn hangs(test: &str, at: Where) {
    let Some(ended) = program(test, &[("GORDIAN_REACTION", "exit:7")], || {
        if !WATCHING {
            std::process::exit(7);
        }
        let lock = Arc::new(Mutex::new(0));
        tracing_subscriber::registry().with(Hangs(lock.clone(), at)).init();
        let _first = lock.lock();
        let _second = lock.lock();
    }) else {
        return;
    };
    ended.ended_with(7);
    if WATCHING {
        ended.says("deadlock (happened)").says("subscriber has not taken a report in time");
    }
}

#[test]
fn a_layer_that_wants_what_the_stuck_thread_holds() {
    hangs("layer::a_layer_that_wants_what_the_stuck_thread_holds", Where::Event);
}

#[test]
fn a_filter_that_wants_what_the_stuck_thread_holds() {
    hangs("layer::a_filter_that_wants_what_the_stuck_thread_holds", Where::Enabled);
}

#[test]
fn a_registration_that_wants_what_the_stuck_thread_holds() {
    hangs("layer::a_registration_that_wants_what_the_stuck_thread_holds", Where::Register);
}

#[test]
fn a_layer_that_panics() {
    struct Panics;
    impl<S: Subscriber> Layer<S> for Panics {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            assert_ne!(event.metadata().target(), "gordian", "the layer's own panic");
        }
    }
    let Some(ended) = program("layer::a_layer_that_panics", &[("GORDIAN_REACTION", "exit:7")], || {
        if !WATCHING {
            std::process::exit(7);
        }
        tracing_subscriber::registry().with(Panics).init();
        let lock = Mutex::new(0);
        let _first = lock.lock();
        let _second = lock.lock();
        thread::sleep(Duration::from_secs(100));
    }) else {
        return;
    };
    ended.ended_with(7);
    if WATCHING {
        ended.says("deadlock (happened)");
    }
}
