//! Works of tasks, on a runtime of one thread: nothing but the library takes time then.

use crate::{
    Request, answer,
    family::Setup,
    operations::{self, CHUNKS, Operation, middle},
    process, setup,
};
use std::time::{Duration, Instant};

/// A library's tasks, and what they wait for.
pub(crate) trait Tasks: 'static {
    /// Called once, before everything else.
    fn start(setup: &Setup<'_>);

    /// The operation of this name.
    fn operation(name: &str) -> Option<Operation>;

    /// Makes so many tasks that sleep, and calls `look` then. They are never freed.
    fn crowd(many: usize, look: &mut dyn FnMut());

    /// How long the last look of the library at all of them took, if it looks.
    fn look() -> Option<Duration> {
        None
    }
}

/// Serves beside `Measure`, in one process.
pub(crate) fn serve<T: Tasks, Measure: Tasks>(request: &Request) {
    T::start(&setup(request));
    if request.work == "task-crowd" {
        return answer(Box::new(|| crowd::<T, Measure>().into()));
    }
    let (measure, subject) = (Measure::operation(&request.work), T::operation(&request.work));
    let (Some(measure), Some(subject)) = (measure, subject) else { unknown(request) };
    let mut sampler = operations::Sampler::new(&request.work, measure, subject, request.sample);
    answer(Box::new(move || sampler.sample().into()));
}

/// Serves alone: the numbers of what it is measured against are 0.
#[cfg(any(feature = "console-subscriber", feature = "gridlock"))]
pub(crate) fn serve_apart<T: Tasks>(request: &Request) {
    T::start(&setup(request));
    if request.work == "task-crowd" {
        return answer(Box::new(|| vec![0.0, bytes_a_task::<T>().0].into()));
    }
    let Some(mut subject) = T::operation(&request.work) else { unknown(request) };
    let times = operations::calibrate(&mut subject, request.sample);
    answer(Box::new(move || vec![0.0, subject(times), 0.0].into()));
}

fn unknown(request: &Request) -> ! {
    eprintln!("gordian-bench-subject: there is no work `{}` of tasks, or no measure for it", request.work);
    std::process::exit(2);
}

/// tokio's bytes a task, how many more the library's take, and its look at them, if there is one.
fn crowd<T: Tasks, Measure: Tasks>() -> Vec<f64> {
    let (plain, _) = bytes_a_task::<Measure>();
    let (bytes, look) = bytes_a_task::<T>();
    let mut numbers = vec![plain, bytes - plain];
    numbers.extend(look.map(|look| look.as_nanos() as f64));
    numbers
}

fn bytes_a_task<T: Tasks>() -> (f64, Option<Duration>) {
    const MANY: usize = 100_000;
    // What a process pays once is not a task's.
    T::crowd(64, &mut || {});
    let before = process::resident();
    let mut bytes = 0;
    let mut look = None;
    T::crowd(MANY, &mut || {
        process::settle(Duration::from_secs(2));
        bytes = process::resident().saturating_sub(before);
        look = T::look();
    });
    (bytes as f64 / MANY as f64, look)
}

/// The time of one operation.
pub(crate) async fn timed(times: u64, mut operation: impl AsyncFnMut()) -> f64 {
    let each = (times / CHUNKS).max(1);
    let mut took = [0.0; CHUNKS as usize];
    for took in &mut took {
        for _ in 0..each / 4 {
            operation().await;
        }
        let start = Instant::now();
        for _ in 0..each {
            operation().await;
        }
        *took = start.elapsed().as_nanos() as f64 / each as f64;
    }
    middle(took)
}

/// Implements [`Tasks`] for what is in scope under tokio's names: `runtime`, `sync`, `time`, and a function `spawn`. A
/// function `start` has to be in scope, and `look`, where the library looks at its tasks.
macro_rules! tasks {
    ($tasks:ident $(, look: $look:ident)? $(, received_by: $recv:ident)?) => {
        pub(crate) struct $tasks;

        fn driven() -> runtime::Runtime {
            runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
        }

        impl $crate::tasks::Tasks for $tasks {
            fn start(setup: &$crate::family::Setup<'_>) {
                start(setup);
            }

            fn operation(name: &str) -> Option<$crate::operations::Operation> {
                use std::hint::black_box;
                use $crate::tasks::timed;
                let runtime = driven();
                Some(match name {
                    "task-spawn" => Box::new(move |times| {
                        runtime.block_on(timed(times, async || spawn(async {}).await.expect("it does not panic")))
                    }),
                    "task-mutex" => {
                        let lock = Box::new(sync::Mutex::new(0_u64));
                        Box::new(move |times| {
                            runtime.block_on(timed(times, async || *black_box(&*lock).lock().await += 1))
                        })
                    }
                    "task-semaphore" => {
                        let semaphore = Box::new(sync::Semaphore::new(4));
                        Box::new(move |times| {
                            runtime.block_on(timed(times, async || {
                                drop(black_box(&*semaphore).acquire().await.expect("it is not closed"));
                            }))
                        })
                    }
                    "task-mpsc" => {
                        let (sender, mut receiver) = sync::mpsc::channel::<u64>(16);
                        Box::new(move |times| {
                            runtime.block_on(timed(times, async || {
                                black_box(&sender).send(1).await.expect("the receiver is there");
                                black_box(&mut receiver).recv().await.expect("the sender is there");
                            }))
                        })
                    }
                    "task-oneshot" => Box::new(move |times| {
                        runtime.block_on(timed(times, async || {
                            let (sender, receiver) = sync::oneshot::channel::<u64>();
                            sender.send(black_box(1)).expect("the receiver is there");
                            $(let receiver = $recv(receiver);)?
                            black_box(receiver.await.expect("the sender is there"));
                        }))
                    }),
                    _ => return None,
                })
            }

            fn crowd(many: usize, look: &mut dyn FnMut()) {
                let runtime = driven();
                runtime.block_on(async {
                    let mut tasks = Vec::with_capacity(many);
                    for _ in 0..many {
                        let sleep = time::sleep(std::time::Duration::from_secs(3600));
                        tasks.push(spawn(sleep));
                    }
                    // All of them have been polled once this one is again.
                    for _ in 0..many / 8 {
                        ::tokio::task::yield_now().await;
                    }
                    look();
                    std::mem::forget(tasks);
                });
                // What is freed would be another's.
                std::mem::forget(runtime);
            }

            $(fn look() -> Option<std::time::Duration> {
                $look()
            })?
        }
    };
}
pub(crate) use tasks;
