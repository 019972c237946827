//! A deadlock through a lock that a dependency keeps inside, the registry of `prometheus`, is told: its parking_lot is patched.
//!
//! The registry is locked while it collects, and so it is while a metric is registered. The collector of this program looks
//! at the jobs, which a worker has locked. Where the worker registers a metric meanwhile, each waits for the other
//! (`cargo run -- --wrong-order`); where it has registered that before, nobody does (`cargo run`).

use gordian::{
    Ext,
    sync::{Arc, Barrier, Mutex},
    thread,
};
use prometheus::{
    Counter, Gauge, Registry,
    core::{Collector, Desc},
    proto::MetricFamily,
};

/// What the program works on, and how far it is.
#[derive(Clone)]
struct Jobs {
    waiting: Arc<Mutex<Vec<u32>>>,
    length: Gauge,
    /// Worker and collector have both begun.
    begun: Arc<Barrier>,
}

impl Collector for Jobs {
    fn desc(&self) -> Vec<&Desc> {
        self.length.desc()
    }

    /// Called by the registry, which is locked for reading.
    fn collect(&self) -> Vec<MetricFamily> {
        self.begun.wait();
        self.length.set(self.waiting.lock().unwrap().len() as f64);
        self.length.collect()
    }
}

fn main() {
    let wrong_order = std::env::args().any(|argument| argument == "--wrong-order");
    let registry = Registry::new();
    let jobs = Jobs {
        waiting: Arc::new(Mutex::new(vec![1, 2, 3]).named("jobs")),
        length: Gauge::new("jobs", "Jobs that wait").unwrap(),
        begun: Arc::new(Barrier::new(2)),
    };
    registry.register(Box::new(jobs.clone())).unwrap();
    let failures = Counter::new("failures", "Jobs that have failed").unwrap();
    if !wrong_order {
        // Here, and not in the worker: the scraper may be the first to come, and keeps the registry until the worker has come.
        registry.register(Box::new(failures.clone())).unwrap();
    }

    let worker = {
        let (registry, jobs) = (registry.clone(), jobs.clone());
        let work = move || {
            let mut waiting = jobs.waiting.lock().unwrap();
            jobs.begun.wait();
            if wrong_order {
                registry.register(Box::new(failures.clone())).unwrap();
            }
            waiting.pop();
            failures.inc();
        };
        thread::Builder::new().name("worker".into()).spawn(work).unwrap()
    };
    let scraper = thread::Builder::new().name("scraper".into()).spawn(move || registry.gather().len()).unwrap();
    worker.join().unwrap();
    println!("{} metrics", scraper.join().unwrap());
}
