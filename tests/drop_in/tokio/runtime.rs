//! `tokio::runtime`: names, signatures, and what only runtimes do. The parent module says whose is asked.
#![expect(clippy::type_complexity, reason = "signatures are what this is about")]

use super::asked::{
    runtime::{
        Builder, EnterGuard, Handle, Id, LocalOptions, LocalRuntime, Runtime, RuntimeFlavor, RuntimeMetrics,
        TryCurrentError, is_rt_shutdown_err, worker_index,
    },
    sync::oneshot,
    task::{JoinHandle, spawn, spawn_blocking, spawn_local, yield_now},
    time::{sleep, timeout},
};
use std::{
    cell::Cell,
    fmt,
    future::{Ready, pending, ready},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{Arc, Barrier, Mutex, mpsc},
    thread,
    time::Duration,
};

// ---- signatures: where one differs this does not compile ----

#[test]
fn runtimes_have_the_real_methods() {
    let _: fn() -> io::Result<Runtime> = Runtime::new;
    let _: fn(&Runtime) -> &Handle = Runtime::handle;
    let _: fn(&Runtime, Ready<u8>) -> JoinHandle<u8> = Runtime::spawn;
    let _: fn(&Runtime, fn() -> u8) -> JoinHandle<u8> = Runtime::spawn_blocking;
    let _: fn(&Runtime, Ready<Rc<u8>>) -> Rc<u8> = Runtime::block_on;
    let _: fn(&Runtime) -> EnterGuard<'_> = Runtime::enter;
    let _: fn(Runtime, Duration) = Runtime::shutdown_timeout;
    let _: fn(Runtime) = Runtime::shutdown_background;
    let _: fn(&Runtime) -> RuntimeMetrics = Runtime::metrics;
    let _: fn() -> io::Result<LocalRuntime> = LocalRuntime::new;
    let _: fn(&LocalRuntime) -> &Handle = LocalRuntime::handle;
    let _: fn(&LocalRuntime, Ready<Rc<u8>>) -> JoinHandle<Rc<u8>> = LocalRuntime::spawn_local;
    let _: fn(&LocalRuntime, fn() -> u8) -> JoinHandle<u8> = LocalRuntime::spawn_blocking;
    let _: fn(&LocalRuntime, Ready<Rc<u8>>) -> Rc<u8> = LocalRuntime::block_on;
    let _: fn(&LocalRuntime) -> EnterGuard<'_> = LocalRuntime::enter;
    let _: fn(LocalRuntime, Duration) = LocalRuntime::shutdown_timeout;
    let _: fn(LocalRuntime) = LocalRuntime::shutdown_background;
    let _: fn(&LocalRuntime) -> RuntimeMetrics = LocalRuntime::metrics;
}

#[test]
fn handles_have_the_real_methods() {
    let _: fn(&Handle) -> EnterGuard<'_> = Handle::enter;
    let _: fn() -> Handle = Handle::current;
    let _: fn() -> Result<Handle, TryCurrentError> = Handle::try_current;
    let _: fn(&Handle, Ready<u8>) -> JoinHandle<u8> = Handle::spawn;
    let _: fn(&Handle, fn() -> u8) -> JoinHandle<u8> = Handle::spawn_blocking;
    let _: fn(&Handle, Ready<Rc<u8>>) -> Rc<u8> = Handle::block_on;
    let _: fn(&Handle) -> RuntimeFlavor = Handle::runtime_flavor;
    let _: fn(&Handle) -> Id = Handle::id;
    let _: fn(&Handle) -> Option<&str> = Handle::name;
    let _: fn(&Handle) -> RuntimeMetrics = Handle::metrics;
    let _: fn() -> Option<usize> = worker_index;
    let _: fn(&io::Error) -> bool = is_rt_shutdown_err;
}

type Setting<T> = fn(&mut Builder, T) -> &mut Builder;

#[test]
fn builders_have_the_real_methods() {
    let _: [fn() -> Builder; 2] = [Builder::new_current_thread, Builder::new_multi_thread];
    let _: [fn(&mut Builder) -> &mut Builder; 3] = [Builder::enable_all, Builder::enable_io, Builder::enable_time];
    let _: [Setting<usize>; 5] = [
        Builder::worker_threads,
        Builder::max_blocking_threads,
        Builder::thread_stack_size,
        Builder::max_io_events_per_tick,
        Builder::max_io_events_per_busy_tick,
    ];
    let _: [Setting<u32>; 2] = [Builder::global_queue_interval, Builder::event_interval];
    let _: Setting<Duration> = Builder::thread_keep_alive;
    let _: Setting<bool> = Builder::start_paused;
    let _: Setting<fn() -> String> = Builder::thread_name_fn;
    let _: [Setting<fn()>; 4] =
        [Builder::on_thread_start, Builder::on_thread_stop, Builder::on_thread_park, Builder::on_thread_unpark];
    let _: fn(&mut Builder) -> io::Result<Runtime> = Builder::build;
    let _: fn(&mut Builder, LocalOptions) -> io::Result<LocalRuntime> = Builder::build_local;
    let mut builder = Builder::new_current_thread();
    _ = builder.name("runtime").thread_name(String::from("thread"));
}

#[test]
fn they_write_themselves_as_the_real_ones_do() {
    let mut builder = Builder::new_multi_thread();
    let text = |builder: &Builder| [format!("{builder:?}"), format!("{builder:#?}")];
    let hooks = |texts: [String; 2]| texts.map(|text| text.matches("...").count());
    let before = text(&builder);
    assert!(before[0].starts_with("Builder { worker_threads: None, max_blocking_threads: 512, "), "{before:?}");
    assert_eq!(hooks(before), [0, 0]);
    builder.worker_threads(1).on_thread_park(|| ()).on_thread_start(|| ());
    assert_eq!(hooks(text(&builder)), [2, 2]);
    assert!(text(&builder)[0].contains("after_start: Some(\"...\"), before_stop: None, before_park: Some(\"...\")"));
    assert!(text(&builder)[1].contains("before_park: Some(\n        \"...\",\n    ),\n    after_unpark: None,\n"));
    let described = text(&builder);
    let runtime = builder.build().unwrap();
    assert_eq!(text(&builder), described, "whether or not it has built one");
    for text in [format!("{runtime:?}"), format!("{:?}", runtime.handle())] {
        assert!(text.contains("multi_thread::Handle { ... }"), "{text}");
    }
    assert!(format!("{runtime:?}").starts_with("Runtime { scheduler: MultiThread"));
    let local = LocalRuntime::new().unwrap();
    assert!(format!("{local:?}").starts_with("LocalRuntime { scheduler: CurrentThread"));
}

// ---- what they do ----

fn both() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

#[test]
fn a_runtime_blocks_on_a_future() {
    for runtime in both() {
        let borrowed = Cell::new(1);
        let value = runtime.block_on(async {
            yield_now().await;
            borrowed.set(2);
            spawn(ready(3)).await.unwrap()
        });
        assert_eq!((value, borrowed.get()), (3, 2));
        assert_eq!(runtime.block_on(runtime.spawn_blocking(|| 4)).unwrap(), 4);
        assert_eq!(runtime.handle().block_on(ready(5)), 5);
    }
    assert_eq!(Runtime::new().unwrap().block_on(async { spawn(ready(6)).await }).unwrap(), 6);
}

#[test]
fn a_panic_goes_through_block_on() {
    for runtime in both() {
        let panicked = catch_unwind(AssertUnwindSafe(|| runtime.block_on(async { panic!("of the future") })));
        assert_eq!(*panicked.unwrap_err().downcast_ref::<&str>().unwrap(), "of the future");
        assert_eq!(runtime.block_on(ready(1)), 1);
    }
}

#[test]
fn several_threads_block_on_one_runtime() {
    for runtime in both() {
        let met = Barrier::new(2);
        let (send, receive) = oneshot::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                met.wait();
                runtime.block_on(async { send.send(1).unwrap() });
            });
            let value = runtime.block_on(async {
                met.wait();
                receive.await.unwrap()
            });
            assert_eq!(value, 1);
        });
    }
}

#[test]
#[should_panic(expected = "Cannot start a runtime from within a runtime")]
fn a_runtime_is_not_started_within_another() {
    let [outer, inner] = both();
    outer.block_on(async { inner.block_on(ready(())) });
}

#[test]
fn a_thread_is_in_a_runtime_while_it_has_entered_it() {
    let refused = Handle::try_current().unwrap_err();
    assert!(refused.is_missing_context() && !refused.is_thread_local_destroyed());
    for runtime in both() {
        let guard = runtime.enter();
        assert_eq!(Handle::current().id(), runtime.handle().id());
        assert_eq!(runtime.block_on(spawn(ready(2))).unwrap(), 2);
        drop(guard);
        let _guard = runtime.handle().enter();
        assert_eq!(Handle::try_current().unwrap().clone().id(), runtime.handle().id());
    }
    assert!(Handle::try_current().is_err());
}

#[test]
fn a_handle_knows_its_runtime() {
    let [one, many] = both();
    assert_eq!(one.handle().runtime_flavor(), RuntimeFlavor::CurrentThread);
    assert_eq!(many.handle().runtime_flavor(), RuntimeFlavor::MultiThread);
    assert_ne!(one.handle().id(), many.handle().id());
    assert_eq!((many.metrics().num_workers(), one.handle().metrics().num_alive_tasks()), (2, 0));
    let named = Builder::new_current_thread().name("mine").build().unwrap();
    assert_eq!((named.handle().name(), one.handle().name()), (Some("mine"), None));
    assert!(many.block_on(spawn_on(&many, async { worker_index() })).unwrap().is_some());
}

fn spawn_on<T: Send + 'static>(runtime: &Runtime, f: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    runtime.spawn(f)
}

#[test]
fn a_runtime_that_is_dropped_drops_its_tasks() {
    for runtime in both() {
        let alive = Arc::new(());
        let kept = alive.clone();
        let task = runtime.spawn(async move {
            let _kept = kept;
            pending::<()>().await;
        });
        let handle = runtime.handle().clone();
        drop(runtime);
        assert_eq!(Arc::strong_count(&alive), 1);
        assert!(task.is_finished());
        let late = handle.spawn(ready(()));
        let error = futures::executor::block_on(late).unwrap_err();
        assert!(error.is_cancelled());
    }
}

#[test]
fn a_runtime_that_is_shut_down_does_not_wait_for_ever() {
    for (runtime, background) in both().into_iter().zip([true, false]) {
        let (go, gone) = mpsc::channel::<()>();
        let (ended, end) = mpsc::channel();
        runtime.spawn_blocking(move || {
            gone.recv().unwrap();
            ended.send(()).unwrap();
        });
        match background {
            true => runtime.shutdown_background(),
            false => runtime.shutdown_timeout(Duration::from_millis(1)),
        }
        go.send(()).unwrap();
        end.recv().unwrap();
    }
}

#[test]
fn hooks_are_called_in_the_runtimes_threads() {
    #[derive(Default)]
    struct Seen(Mutex<Vec<&'static str>>);
    impl Seen {
        fn note(self: &Arc<Seen>, what: &'static str) -> impl Fn() + Send + Sync + 'static {
            let seen = self.clone();
            move || seen.0.lock().unwrap().push(what)
        }
    }
    let seen = Arc::new(Seen::default());
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().thread_name_fn(|| "of-this-runtime".to_owned());
    builder.on_thread_start(seen.note("replaced")).on_thread_start(seen.note("start"));
    builder.on_thread_stop(seen.note("stop"));
    builder.on_thread_park(seen.note("park")).on_thread_unpark(seen.note("unpark"));
    for _ in 0..2 {
        let runtime = builder.build().unwrap();
        let name = runtime.block_on(async {
            spawn(async {
                sleep(Duration::from_millis(1)).await;
                thread::current().name().map(str::to_owned)
            })
            .await
        });
        assert_eq!(name.unwrap().as_deref(), Some("of-this-runtime"));
        drop(runtime);
        let seen = std::mem::take(&mut *seen.0.lock().unwrap());
        assert_eq!((seen.first(), seen.last()), (Some(&"start"), Some(&"stop")), "{seen:?}");
        let parks: Vec<_> = seen[1..seen.len() - 1].to_vec();
        assert!(parks.len() >= 2 && parks.len().is_multiple_of(2), "{seen:?}");
        assert!(parks.chunks(2).all(|pair| pair == ["park", "unpark"]), "{seen:?}");
    }
}

/// A hook may do what its thread may do, and what it wakes is not slept over.
#[test]
fn a_hook_may_wake_who_is_waited_for() {
    let (send, receive) = oneshot::channel();
    let send = Mutex::new(Some(send));
    let runtime = Builder::new_current_thread()
        .enable_all()
        .on_thread_park(move || {
            if let Some(send) = send.lock().unwrap().take() {
                send.send(7).unwrap();
            }
        })
        .build()
        .unwrap();
    assert_eq!(runtime.block_on(receive).unwrap(), 7);
}

#[test]
#[should_panic(expected = "Worker threads cannot be set to 0")]
fn a_runtime_has_a_worker() {
    Builder::new_multi_thread().worker_threads(0);
}

#[test]
fn a_local_runtime_keeps_its_tasks_in_its_thread() {
    let runtime = LocalRuntime::new().unwrap();
    let mine = Rc::new(Cell::new(1));
    let before = runtime.spawn_local({
        let mine = mine.clone();
        async move { mine.set(2) }
    });
    let value = runtime.block_on(async {
        before.await.unwrap();
        let mine = mine.clone();
        spawn_local(async move {
            yield_now().await;
            mine.get() + 1
        })
        .await
        .unwrap()
    });
    assert_eq!(value, 3);
    assert_eq!(runtime.block_on(runtime.spawn_blocking(|| 4)).unwrap(), 4);
    assert_eq!(runtime.metrics().num_alive_tasks(), 0);
    let _guard = runtime.enter();
    let task = runtime.handle().spawn(ready(5));
    assert_eq!(runtime.block_on(task).unwrap(), 5);
}

#[test]
fn a_local_runtime_can_be_shut_down() {
    let alive = Rc::new(());
    for background in [true, false] {
        let runtime = Builder::new_current_thread().build_local(LocalOptions::default()).unwrap();
        let kept = alive.clone();
        runtime.spawn_local(async move {
            let _kept = kept;
            pending::<()>().await;
        });
        match background {
            true => runtime.shutdown_background(),
            false => runtime.shutdown_timeout(Duration::from_millis(1)),
        }
        assert_eq!(Rc::strong_count(&alive), 1);
    }
}

#[test]
fn errors_are_the_real_ones() {
    fn is_error<E: std::error::Error + fmt::Debug>(error: &E) -> String {
        error.to_string()
    }
    assert!(is_error(&Handle::try_current().unwrap_err()).contains("no reactor running"));
    assert!(!is_rt_shutdown_err(&io::Error::other("another")));
    assert_eq!(worker_index(), None);
}

#[test]
fn a_worker_goes_to_sleep_and_comes_back() {
    let [_, runtime] = both();
    runtime.block_on(async {
        for _ in 0..20 {
            let slept = spawn(async { sleep(Duration::from_millis(1)).await });
            let blocked = spawn_blocking(|| thread::sleep(Duration::from_millis(1)));
            timeout(Duration::from_secs(20), async { (slept.await.unwrap(), blocked.await.unwrap()) }).await.unwrap();
        }
    });
}
