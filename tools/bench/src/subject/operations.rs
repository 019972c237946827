//! Works that are one operation, repeated: nanoseconds an operation, of std and the subject in turns.

use crate::{
    family::{Exclusive, Family, Shared},
    process,
};
use std::{
    array,
    hint::{black_box, spin_loop},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Does the operation that many times, and says how long one took, in nanoseconds.
pub(crate) type Operation = Box<dyn FnMut(u64) -> f64>;

/// The operation of this name.
pub(crate) fn find<F: Family>(name: &str) -> Option<Operation> {
    Some(match name {
        "mutex" => mutex::<F>(),
        "nested-2" => nested_2::<F>(),
        "nested-8" => nested_8::<F>(),
        "read" => read::<F>(),
        "write" => write::<F>(),
        "own-locks" => own_locks::<F>(),
        "one-lock" => one_lock::<F>(),
        "create" => Box::new(|times| timed(times, create::<F>)),
        "create-2" => Box::new(|times| timed(times, create_2::<F>)),
        "spawn" => spawn::<F>(),
        _ => return None,
    })
}

/// In how many slices a sample is taken. Where several threads work, the scheduler falls into a pace (on one core or on
/// two, in step, or one starving the other) and keeps it for a while, which says nothing about the locks: there the
/// sides take turns often.
fn slices(name: &str) -> u64 {
    match name {
        "one-lock" | "spawn" => 16,
        _ => 1,
    }
}

/// Takes samples of both sides in turns.
pub(crate) struct Sampler {
    std: Operation,
    subject: Operation,
    std_times: u64,
    subject_times: u64,
    slices: u64,
}

impl Sampler {
    pub(crate) fn new(name: &str, mut std: Operation, mut subject: Operation, sample: Duration) -> Sampler {
        let slices = slices(name);
        let slice = sample / slices as u32;
        let (std_times, subject_times) = (calibrate(&mut std, slice), calibrate(&mut subject, slice));
        Sampler { std, subject, std_times, subject_times, slices }
    }

    /// std, the subject, std again.
    pub(crate) fn sample(&mut self) -> Vec<f64> {
        let (mut before, mut subject) = (0.0, 0.0);
        for _ in 0..self.slices {
            before += (self.std)(self.std_times);
            subject += (self.subject)(self.subject_times);
        }
        let slices = self.slices as f64;
        let (before, subject) = (before / slices, subject / slices);
        process::settle(Duration::from_millis(300));
        // Many slices of std's lie between the subject's as it is.
        let after = if self.slices == 1 { (self.std)(self.std_times) } else { before };
        vec![before, subject, after]
    }
}

/// How many times take that long.
fn calibrate(operation: &mut Operation, sample: Duration) -> u64 {
    let sample = sample.as_nanos() as f64;
    let mut times = 8;
    loop {
        let took = operation(times) * times as f64;
        if took >= sample / 4.0 {
            return ((times as f64 * sample / took) as u64).max(1);
        }
        times *= 2;
    }
}

#[inline(always)]
fn repeat(times: u64, mut operation: impl FnMut()) {
    for _ in 0..times {
        operation();
    }
}

/// The median of many short chunks: where the system takes the processor away, only one of them sees it.
#[inline(always)]
fn chunks(times: u64, mut operation: impl FnMut()) -> f64 {
    const CHUNKS: u64 = 16;
    let each = (times / CHUNKS).max(1);
    let mut took = [0.0; CHUNKS as usize];
    for took in &mut took {
        let start = Instant::now();
        repeat(each, &mut operation);
        *took = start.elapsed().as_nanos() as f64 / each as f64;
    }
    took.sort_by(f64::total_cmp);
    (took[7] + took[8]) / 2.0
}

#[inline(always)]
fn timed(times: u64, mut operation: impl FnMut()) -> f64 {
    repeat(times / 16 + 1, &mut operation);
    chunks(times, operation)
}

fn mutex<F: Family>() -> Operation {
    let lock = Box::new(F::Exclusive::new(0));
    Box::new(move |times| timed(times, || *black_box(&*lock).lock() += 1))
}

fn nested_2<F: Family>() -> Operation {
    let locks: Box<[F::Exclusive; 2]> = Box::new(array::from_fn(|_| F::Exclusive::new(0)));
    Box::new(move |times| {
        timed(times, || {
            let [a, b] = black_box(&*locks);
            let mut a = a.lock();
            let mut b = b.lock();
            *a += 1;
            *b += 1;
        })
    })
}

fn nested_8<F: Family>() -> Operation {
    let locks: Box<[F::Exclusive; 8]> = Box::new(array::from_fn(|_| F::Exclusive::new(0)));
    Box::new(move |times| {
        timed(times, || {
            let [a, b, c, d, e, f, g, h] = black_box(&*locks);
            let mut a = a.lock();
            let _b = b.lock();
            let _c = c.lock();
            let _d = d.lock();
            let _e = e.lock();
            let _f = f.lock();
            let _g = g.lock();
            let mut h = h.lock();
            *a += 1;
            *h += 1;
        })
    })
}

fn read<F: Family>() -> Operation {
    let lock = Box::new(F::Shared::new(0));
    Box::new(move |times| {
        timed(times, || {
            black_box(*black_box(&*lock).read());
        })
    })
}

fn write<F: Family>() -> Operation {
    let lock = Box::new(F::Shared::new(0));
    Box::new(move |times| timed(times, || *black_box(&*lock).write() += 1))
}

#[inline(always)]
fn create<F: Family>() {
    let lock = F::Exclusive::new(black_box(0));
    *black_box(&lock).lock() += 1;
}

#[inline(always)]
fn create_2<F: Family>() {
    let (a, b) = (F::Exclusive::new(black_box(0)), F::Exclusive::new(black_box(0)));
    let (mut a, mut b) = (black_box(&a).lock(), black_box(&b).lock());
    *a += 1;
    *b += 1;
}

/// A thread that takes a lock, from its spawn to its join.
fn spawn<F: Family>() -> Operation {
    let lock = Arc::new(F::Exclusive::new(0));
    Box::new(move |times| {
        timed(times, || {
            let lock = lock.clone();
            F::join(F::spawn(move || *lock.lock() += 1));
        })
    })
}

/// On cache lines of its own.
#[repr(align(128))]
struct Apart<T>(T);

/// Two threads, each with a lock of its own: the mean of what both took for one operation.
fn own_locks<F: Family>() -> Operation {
    let locks: Box<[Apart<F::Exclusive>; 2]> = Box::new(array::from_fn(|_| Apart(F::Exclusive::new(0))));
    Box::new(move |times| {
        let operation = |me: usize| *black_box(&locks[me].0).lock() += 1;
        let took = both(|me| repeat(times / 16 + 1, || operation(me)), |me| chunks(times, || operation(me)));
        (took[0] + took[1]) / 2.0
    })
}

/// Two threads fight for one lock until both together have done it that many times.
fn one_lock<F: Family>() -> Operation {
    const BATCH: u64 = 64;
    let lock = Box::new(Apart(F::Exclusive::new(0)));
    Box::new(move |times| {
        let begun = Apart(AtomicU64::new(0));
        let lock = &lock.0;
        let operation = move || *black_box(lock).lock() += 1;
        let took = both(
            |_| repeat(times / 16 + 1, operation),
            |_| {
                let start = Instant::now();
                while begun.0.fetch_add(BATCH, Ordering::Relaxed) < times {
                    repeat(BATCH, operation);
                }
                start.elapsed().as_nanos() as f64
            },
        );
        took[0].max(took[1]) / times.next_multiple_of(BATCH) as f64
    })
}

/// Runs both sides at once, from one moment after their warm-up on, and says what each says. Neither is this thread,
/// whose stack both read.
fn both(warm_up: impl Fn(usize) + Sync, run: impl Fn(usize) -> f64 + Sync) -> [f64; 2] {
    let arrived = AtomicUsize::new(0);
    let side = |me: usize| {
        warm_up(me);
        arrived.fetch_add(1, Ordering::AcqRel);
        while arrived.load(Ordering::Acquire) < 2 {
            spin_loop();
        }
        run(me)
    };
    thread::scope(|scope| {
        let sides = [scope.spawn(|| side(0)), scope.spawn(|| side(1))];
        sides.map(|side| side.join().expect("it does not panic"))
    })
}
