//! `tracing` subscribers that use watched locks themselves.

use crate::{
    common::WATCHING,
    program::{left_trace, program, survived},
};
use gordian::{
    Ext,
    sync::{Arc, Mutex, RwLock},
    thread,
};
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};
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

/// What stands on the track of the thread that holds this mutex, in the order of the file: where spans begin (`+`) and end
/// (`-`), and where the mutex is taken (`!`).
fn track(trace: &Value, mutex: &str) -> Vec<String> {
    let events = trace.as_array().expect("a list");
    let text = |event: &Value| event["name"].as_str().unwrap_or_default().to_owned();
    let takes = |event: &&Value| event["ph"] == "b" && text(event).contains(mutex);
    let tracks: BTreeSet<u64> = events.iter().filter(takes).filter_map(|event| event["tid"].as_u64()).collect();
    assert_eq!(tracks.len(), 1, "one thread takes {mutex}");
    let mut open = Vec::new();
    let mut found = Vec::new();
    for event in events.iter().filter(|event| event["tid"].as_u64().is_some_and(|tid| tracks.contains(&tid))) {
        match event["ph"].as_str() {
            Some("B") if event["cat"] == "span" => {
                open.push(true);
                found.push(format!("+{} {}", text(event), event["args"]["number"].as_str().expect("its field")));
            }
            // A wait.
            Some("B") => open.push(false),
            Some("E") if open.pop().expect("it has begun") => found.push("-".to_owned()),
            _ if takes(&event) => found.push("!".to_owned()),
            _ => (),
        }
    }
    assert!(open.is_empty(), "all have ended");
    found
}

#[test]
fn spans_are_slices_of_their_threads() {
    let path = std::env::temp_dir().join(format!("gordian-hard-spans-{}.json", std::process::id()));
    let settings = [("GORDIAN_TRACE", path.to_str().expect("text"))];
    let Some(ended) = program("layer::spans_are_slices_of_their_threads", &settings, || {
        tracing_subscriber::registry().with(gordian::layer()).init();
        let work = |number: u64, own: Mutex<u64>| {
            let _outer = tracing::info_span!("serve", number).entered();
            for item in 0..2 {
                let _inner = tracing::info_span!("item", number = number * 10 + item).entered();
                *own.lock().expect("not poisoned") += 1;
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| work(1, Mutex::new(0).named("the first's")));
            scope.spawn(|| work(2, Mutex::new(0).named("the second's")));
        });
        survived();
    }) else {
        return;
    };
    ended.survived().silently();
    if WATCHING {
        let trace = left_trace(&path);
        let first = ["+serve 1", "+item 10", "!", "-", "+item 11", "!", "-", "-"];
        assert_eq!(track(&trace, "`the first's`"), first, "{trace}");
        let second = ["+serve 2", "+item 20", "!", "-", "+item 21", "!", "-", "-"];
        assert_eq!(track(&trace, "`the second's`"), second, "{trace}");
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

/// The thread has left the span long before its report is written.
#[test]
fn the_span_in_which_a_poll_blocks_is_told() {
    let Some(ended) = program("layer::the_span_in_which_a_poll_blocks_is_told", &[], || {
        let (send, told) = std::sync::mpsc::channel();
        let callback = move |report: &gordian::Report| drop(send.send(report.clone()));
        let session = gordian::builder().stderr(false).on_report(callback).start();
        tracing_subscriber::registry().with(gordian::layer()).init();
        let request = async {
            let _span = tracing::info_span!("request", id = 7).entered();
            thread::sleep(Duration::from_millis(5));
        };
        let mut task = std::pin::pin!(gordian::task::named("handler", gordian::task::watch(request)));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(std::future::Future::poll(task.as_mut(), &mut context).is_ready());
        if WATCHING {
            let report = told.recv().expect("a report");
            assert_eq!(report.rule, gordian::report::Rule::BlockingInTask);
            let spans: Vec<_> = report.threads.iter().map(|thread| (thread.is_task, &thread.spans[..])).collect();
            assert_eq!(spans, [(true, &[][..]), (false, &["request{id=7}".to_owned()][..])]);
            assert!(report.to_string().contains("in spans  request{id=7}"), "{report}");
        }
        drop(session);
        survived();
    }) else {
        return;
    };
    ended.survived();
}
