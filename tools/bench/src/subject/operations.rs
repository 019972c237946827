//! Works that are one operation, repeated: nanoseconds an operation, of the measure (std, say) and the subject in turns.

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

/// The operation of this name, of one family, in pieces that suit another (the measure is measured as the subject is).
pub(crate) fn find<F: Family, As: Family>(name: &str) -> Option<Operation> {
    Some(match name {
        "mutex" => mutex::<F, As>(),
        "nested-2" => nested_2::<F, As>(),
        "nested-8" => nested_8::<F, As>(),
        "read" => read::<F, As>(),
        "write" => write::<F, As>(),
        "own-locks" => own_locks::<F, As>(),
        "one-lock" => one_lock::<F, As>(),
        "create" => Box::new(|times| timed::<As>(times, 2, create::<F>)),
        "create-2" => Box::new(|times| timed::<As>(times, 4, create_2::<F>)),
        "spawn" => spawn::<F, As>(),
        name => return F::without_a_lock::<As>(name),
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
    measure: Operation,
    subject: Operation,
    measure_times: u64,
    subject_times: u64,
    slices: u64,
}

impl Sampler {
    pub(crate) fn new(name: &str, mut measure: Operation, mut subject: Operation, sample: Duration) -> Sampler {
        let slices = slices(name);
        let slice = sample / slices as u32;
        let (measure_times, subject_times) = (calibrate(&mut measure, slice), calibrate(&mut subject, slice));
        Sampler { measure, subject, measure_times, subject_times, slices }
    }

    /// The measure, the subject, the measure again.
    pub(crate) fn sample(&mut self) -> Vec<f64> {
        let (mut before, mut subject) = (0.0, 0.0);
        for _ in 0..self.slices {
            before += (self.measure)(self.measure_times);
            subject += (self.subject)(self.subject_times);
        }
        let slices = self.slices as f64;
        let (before, subject) = (before / slices, subject / slices);
        process::settle(Duration::from_millis(300));
        // Many slices of the measure's lie between the subject's as it is.
        let after = if self.slices == 1 { (self.measure)(self.measure_times) } else { before };
        vec![before, subject, after]
    }
}

/// How many times take that long.
pub(crate) fn calibrate(operation: &mut Operation, sample: Duration) -> u64 {
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

pub(crate) const CHUNKS: u64 = 16;

/// How many operations a chunk has, where each makes so many records, and its warm-up as many again at most.
fn chunk<As: Family>(times: u64, records: u64) -> u64 {
    (times / CHUNKS).clamp(1, As::burst() / records / 2)
}

/// The time of one operation in a chunk of so many.
#[inline(always)]
fn time(each: u64, mut operation: impl FnMut()) -> f64 {
    // What the background had to do has left the caches cold.
    repeat(each / 4, &mut operation);
    let start = Instant::now();
    repeat(each, &mut operation);
    start.elapsed().as_nanos() as f64 / each as f64
}

/// The median of many short chunks: where the system takes the processor away, only one of them sees it.
pub(crate) fn middle(mut took: [f64; CHUNKS as usize]) -> f64 {
    took.sort_by(f64::total_cmp);
    (took[7] + took[8]) / 2.0
}

/// The time of one operation, which makes so many records.
#[inline(always)]
fn timed<As: Family>(times: u64, records: u64, mut operation: impl FnMut()) -> f64 {
    let each = chunk::<As>(times, records);
    let mut took = [0.0; CHUNKS as usize];
    for took in &mut took {
        *took = time(each, &mut operation);
        As::catch_up();
    }
    middle(took)
}

fn mutex<F: Family, As: Family>() -> Operation {
    let lock = Box::new(F::Exclusive::new(0));
    Box::new(move |times| timed::<As>(times, 2, || *black_box(&*lock).lock() += 1))
}

fn nested_2<F: Family, As: Family>() -> Operation {
    let locks: Box<[F::Exclusive; 2]> = Box::new(array::from_fn(|_| F::Exclusive::new(0)));
    Box::new(move |times| {
        timed::<As>(times, 4, || {
            let [a, b] = black_box(&*locks);
            let mut a = a.lock();
            let mut b = b.lock();
            *a += 1;
            *b += 1;
        })
    })
}

fn nested_8<F: Family, As: Family>() -> Operation {
    let locks: Box<[F::Exclusive; 8]> = Box::new(array::from_fn(|_| F::Exclusive::new(0)));
    Box::new(move |times| {
        timed::<As>(times, 16, || {
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

fn read<F: Family, As: Family>() -> Operation {
    let lock = Box::new(F::Shared::new(0));
    Box::new(move |times| {
        timed::<As>(times, 2, || {
            black_box(*black_box(&*lock).read());
        })
    })
}

fn write<F: Family, As: Family>() -> Operation {
    let lock = Box::new(F::Shared::new(0));
    Box::new(move |times| timed::<As>(times, 2, || *black_box(&*lock).write() += 1))
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

/// The operation, which makes so many records.
pub(crate) fn repeated<As: Family>(records: u64, mut operation: impl FnMut() + 'static) -> Operation {
    Box::new(move |times| timed::<As>(times, records, &mut operation))
}

/// One message after another, each received before the next is sent.
pub(crate) fn messages<As: Family>(mut pass: impl FnMut(u64) -> bool + 'static) -> Operation {
    let mut number = 0;
    repeated::<As>(2, move || {
        number += 1;
        assert!(pass(black_box(number)), "both ends are there");
    })
}

/// A thread that takes a lock, from its spawn to its join.
fn spawn<F: Family, As: Family>() -> Operation {
    let lock = Arc::new(F::Exclusive::new(0));
    Box::new(move |times| {
        timed::<As>(times, 4, || {
            let lock = lock.clone();
            F::join(F::spawn(move || *lock.lock() += 1));
        })
    })
}

/// On cache lines of its own.
#[repr(align(128))]
struct Apart<T>(T);

/// Two threads, each with a lock of its own: the mean of what both took for one operation.
fn own_locks<F: Family, As: Family>() -> Operation {
    let locks: Box<[Apart<F::Exclusive>; 2]> = Box::new(array::from_fn(|_| Apart(F::Exclusive::new(0))));
    Box::new(move |times| {
        let each = chunk::<As>(times, 2);
        let took = both(|me, meet| {
            let mut took = [0.0; CHUNKS as usize];
            for took in &mut took {
                meet.wait();
                *took = time(each, || *black_box(&locks[me].0).lock() += 1);
                meet.wait();
                if me == 0 {
                    As::catch_up();
                }
            }
            middle(took)
        });
        (took[0] + took[1]) / 2.0
    })
}

/// Two threads fight for one lock until both together have done it that many times.
fn one_lock<F: Family, As: Family>() -> Operation {
    const BATCH: u64 = 64;
    // Short rounds are more than one long one only where something has to be taken in between.
    let rounds = if As::burst() == u64::MAX { 1 } else { 4 };
    let lock = Box::new(Apart(F::Exclusive::new(0)));
    Box::new(move |times| {
        // Should one of them do it all, it waits for nobody: two records each. The rest is for waits.
        let each = (times / rounds).clamp(BATCH, As::burst() / 8 * 3);
        let begun: Vec<Apart<AtomicU64>> = (0..rounds).map(|_| Apart(AtomicU64::new(0))).collect();
        let took = both(|me, meet| {
            let mut took = 0.0;
            for begun in &begun {
                let operation = || *black_box(&lock.0).lock() += 1;
                meet.wait();
                repeat(each / 16, operation);
                meet.wait();
                let start = Instant::now();
                while begun.0.fetch_add(BATCH, Ordering::Relaxed) < each {
                    repeat(BATCH, operation);
                }
                meet.wait();
                took += start.elapsed().as_nanos() as f64;
                if me == 0 {
                    As::catch_up();
                }
            }
            took
        });
        took[0].max(took[1]) / (rounds * each.next_multiple_of(BATCH)) as f64
    })
}

/// Where two threads meet. They wait busily, so that both go on at one moment, but not for ever: where one of them waits
/// for the background, that needs a processor.
struct Meeting(AtomicUsize);

impl Meeting {
    fn wait(&self) {
        const BUSY: u32 = 1 << 15;
        let arrival = self.0.fetch_add(1, Ordering::AcqRel);
        let both = (arrival | 1) + 1;
        let mut looks = 0;
        while self.0.load(Ordering::Acquire) < both {
            looks += 1;
            if looks < BUSY { spin_loop() } else { thread::yield_now() }
        }
    }
}

/// Runs both sides at once, and says what each says. Neither is this thread, whose stack both read.
fn both(run: impl Fn(usize, &Meeting) -> f64 + Sync) -> [f64; 2] {
    let meeting = Meeting(AtomicUsize::new(0));
    thread::scope(|scope| {
        let sides = [scope.spawn(|| run(0, &meeting)), scope.spawn(|| run(1, &meeting))];
        sides.map(|side| side.join().expect("it does not panic"))
    })
}
