//! `tokio::runtime::Builder`, whose runtimes are watched.

use super::{LocalOptions, LocalRuntime, Runtime};
use crate::record::on::task;
use ::tokio::runtime as real;
use std::{fmt, io, sync::Arc, time::Duration};

/// What [`tokio::runtime::Builder::max_blocking_threads`](real::Builder::max_blocking_threads) is unless it is set.
const BLOCKING_THREADS: usize = 512;

/// What the program wants to be called at some point of a thread's life.
type Hook = Arc<dyn Fn() + Send + Sync>;

/// The program's hooks. Ours come beside them.
#[derive(Default)]
struct Hooks {
    start: Option<Hook>,
    stop: Option<Hook>,
    park: Option<Hook>,
    unpark: Option<Hook>,
}

fn call(hook: Option<&Hook>) {
    if let Some(hook) = hook {
        hook();
    }
}

/// How to make a runtime: [`tokio::runtime::Builder`](real::Builder), watched. The runtime's threads say that they are idle,
/// inside the hooks that the program sets.
pub struct Builder {
    inner: real::Builder,
    blocking_threads: usize,
    hooks: Hooks,
}

impl Builder {
    fn around(inner: real::Builder) -> Builder {
        Builder { inner, blocking_threads: BLOCKING_THREADS, hooks: Hooks::default() }
    }

    /// [`tokio::runtime::Builder::new_current_thread`](real::Builder::new_current_thread)
    pub fn new_current_thread() -> Builder {
        Builder::around(real::Builder::new_current_thread())
    }

    /// [`tokio::runtime::Builder::new_multi_thread`](real::Builder::new_multi_thread)
    pub fn new_multi_thread() -> Builder {
        Builder::around(real::Builder::new_multi_thread())
    }

    /// [`tokio::runtime::Builder::enable_all`](real::Builder::enable_all)
    pub fn enable_all(&mut self) -> &mut Self {
        self.inner.enable_all();
        self
    }

    /// [`tokio::runtime::Builder::enable_io`](real::Builder::enable_io)
    pub fn enable_io(&mut self) -> &mut Self {
        self.inner.enable_io();
        self
    }

    /// [`tokio::runtime::Builder::enable_time`](real::Builder::enable_time)
    pub fn enable_time(&mut self) -> &mut Self {
        self.inner.enable_time();
        self
    }

    /// [`tokio::runtime::Builder::worker_threads`](real::Builder::worker_threads)
    #[track_caller]
    pub fn worker_threads(&mut self, val: usize) -> &mut Self {
        self.inner.worker_threads(val);
        self
    }

    /// [`tokio::runtime::Builder::max_blocking_threads`](real::Builder::max_blocking_threads)
    #[track_caller]
    pub fn max_blocking_threads(&mut self, val: usize) -> &mut Self {
        self.inner.max_blocking_threads(val);
        self.blocking_threads = val;
        self
    }

    /// [`tokio::runtime::Builder::thread_name`](real::Builder::thread_name). The name stands in reports.
    pub fn thread_name(&mut self, val: impl Into<String>) -> &mut Self {
        self.inner.thread_name(val);
        self
    }

    /// [`tokio::runtime::Builder::name`](real::Builder::name)
    #[track_caller]
    pub fn name(&mut self, val: impl Into<String>) -> &mut Self {
        self.inner.name(val);
        self
    }

    /// [`tokio::runtime::Builder::thread_name_fn`](real::Builder::thread_name_fn). The names stand in reports.
    pub fn thread_name_fn<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self.inner.thread_name_fn(f);
        self
    }

    /// [`tokio::runtime::Builder::thread_stack_size`](real::Builder::thread_stack_size)
    pub fn thread_stack_size(&mut self, val: usize) -> &mut Self {
        self.inner.thread_stack_size(val);
        self
    }

    /// [`tokio::runtime::Builder::on_thread_start`](real::Builder::on_thread_start)
    pub fn on_thread_start<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.hooks.start = Some(Arc::new(f));
        self
    }

    /// [`tokio::runtime::Builder::on_thread_stop`](real::Builder::on_thread_stop)
    pub fn on_thread_stop<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.hooks.stop = Some(Arc::new(f));
        self
    }

    /// [`tokio::runtime::Builder::on_thread_park`](real::Builder::on_thread_park)
    pub fn on_thread_park<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.hooks.park = Some(Arc::new(f));
        self
    }

    /// [`tokio::runtime::Builder::on_thread_unpark`](real::Builder::on_thread_unpark)
    pub fn on_thread_unpark<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.hooks.unpark = Some(Arc::new(f));
        self
    }

    /// [`tokio::runtime::Builder::thread_keep_alive`](real::Builder::thread_keep_alive)
    pub fn thread_keep_alive(&mut self, duration: Duration) -> &mut Self {
        self.inner.thread_keep_alive(duration);
        self
    }

    /// [`tokio::runtime::Builder::global_queue_interval`](real::Builder::global_queue_interval)
    #[track_caller]
    pub fn global_queue_interval(&mut self, val: u32) -> &mut Self {
        self.inner.global_queue_interval(val);
        self
    }

    /// [`tokio::runtime::Builder::event_interval`](real::Builder::event_interval)
    #[track_caller]
    pub fn event_interval(&mut self, val: u32) -> &mut Self {
        self.inner.event_interval(val);
        self
    }

    /// [`tokio::runtime::Builder::max_io_events_per_tick`](real::Builder::max_io_events_per_tick)
    #[track_caller]
    pub fn max_io_events_per_tick(&mut self, capacity: usize) -> &mut Self {
        self.inner.max_io_events_per_tick(capacity);
        self
    }

    /// [`tokio::runtime::Builder::max_io_events_per_busy_tick`](real::Builder::max_io_events_per_busy_tick)
    #[track_caller]
    pub fn max_io_events_per_busy_tick(&mut self, capacity: usize) -> &mut Self {
        self.inner.max_io_events_per_busy_tick(capacity);
        self
    }

    /// `tokio::runtime::Builder::start_paused`
    ///
    /// # Panics
    ///
    /// When the program asks it of a `tokio` that is built without its feature `test-util`.
    #[track_caller]
    pub fn start_paused(&mut self, start_paused: bool) -> &mut Self {
        #[allow(unused_imports, reason = "the real one goes first, where there is one")]
        use without_test_util::StartPaused;
        self.inner.start_paused(start_paused);
        self
    }

    /// [`tokio::runtime::Builder::build`](real::Builder::build)
    ///
    /// # Errors
    ///
    /// The operating system refuses what the runtime needs.
    pub fn build(&mut self) -> io::Result<Runtime> {
        let runtime = task::Runtime::new();
        self.hook(runtime);
        Ok(Runtime::around(self.inner.build()?, runtime, self.blocking_threads))
    }

    /// [`tokio::runtime::Builder::build_local`](real::Builder::build_local)
    ///
    /// # Errors
    ///
    /// The operating system refuses what the runtime needs.
    pub fn build_local(&mut self, options: LocalOptions) -> io::Result<LocalRuntime> {
        let runtime = task::Runtime::new();
        self.hook(runtime);
        Ok(LocalRuntime::around(self.inner.build_local(options)?, runtime, self.blocking_threads))
    }

    /// Sets what the threads of this runtime call. The program's own code runs while they have not said yet that they are
    /// parked, or do not say so any more.
    fn hook(&mut self, runtime: task::Runtime) {
        let start = self.hooks.start.clone();
        self.inner.on_thread_start(move || {
            runtime.begin_thread();
            call(start.as_ref());
        });
        if let Some(stop) = self.hooks.stop.clone() {
            self.inner.on_thread_stop(move || stop());
        }
        let park = self.hooks.park.clone();
        self.inner.on_thread_park(move || {
            call(park.as_ref());
            task::park();
        });
        let unpark = self.hooks.unpark.clone();
        self.inner.on_thread_unpark(move || {
            task::unpark();
            call(unpark.as_ref());
        });
    }
}

/// As tokio writes it: of the hooks, those that the program has set.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut text, set) = match f.alternate() {
            true => (format!("{:#?}", self.inner), "Some(\n        \"...\",\n    )"),
            false => (format!("{:?}", self.inner), "Some(\"...\")"),
        };
        let Hooks { start, stop, park, unpark } = &self.hooks;
        let names = ["after_start", "before_stop", "before_park", "after_unpark"];
        for (name, hook) in names.into_iter().zip([start, stop, park, unpark]) {
            let written = |hook: &str| format!("{name}: {hook}");
            match hook {
                Some(_) => text = text.replace(&written("None"), &written(set)),
                None => text = text.replace(&written(set), &written("None")),
            }
        }
        f.write_str(&text)
    }
}

/// What stands in where the real builder lacks a method, since the program has not asked for it.
mod without_test_util {
    #[allow(dead_code, reason = "the real one has the method")]
    pub(super) trait StartPaused {
        fn start_paused(&mut self, start_paused: bool) -> &mut Self;
    }

    impl StartPaused for ::tokio::runtime::Builder {
        #[track_caller]
        fn start_paused(&mut self, start_paused: bool) -> &mut Self {
            assert!(!start_paused, "the clock can be paused with tokio's feature `test-util` only");
            self
        }
    }
}
