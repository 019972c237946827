#![expect(clippy::type_complexity, reason = "signatures are what this is about")]

use super::thread::{self, AccessError, Builder, JoinHandle, LocalKey, Scope, ScopedJoinHandle, Thread, ThreadId};
use std::{
    any::Any,
    cell::{Cell, RefCell},
    io,
    num::NonZero,
    time::Duration,
};

/// Sent to a thread, and nothing else.
struct Work;

type F = fn() -> Work;

#[test]
fn of_functions() {
    let _: fn(F) -> JoinHandle<Work> = thread::spawn::<F, Work>;
    let _: fn() -> Thread = thread::current;
    let _: [fn(); 2] = [thread::park, thread::yield_now];
    let _: [fn(Duration); 2] = [thread::park_timeout, thread::sleep];
    #[expect(deprecated, reason = "std still has them")]
    let _: [fn(u32); 2] = [thread::park_timeout_ms, thread::sleep_ms];
    let _: fn() -> bool = thread::panicking;
    let _: fn() -> io::Result<NonZero<usize>> = thread::available_parallelism;
    let _: fn(Box<dyn Any + Send>) -> thread::Result<u8> = Err;
}

#[test]
fn of_builders() {
    let _: fn() -> Builder = Builder::new;
    let _: fn(Builder, String) -> Builder = Builder::name;
    let _: fn(Builder, usize) -> Builder = Builder::stack_size;
    let _: fn(Builder, F) -> io::Result<JoinHandle<Work>> = Builder::spawn::<F, Work>;
    let _: unsafe fn(Builder, F) -> io::Result<JoinHandle<Work>> = Builder::spawn_unchecked::<F, Work>;
    fn spawns<'scope>(scope: &'scope Scope<'scope, '_>) -> io::Result<ScopedJoinHandle<'scope, Work>> {
        Builder::spawn_scoped::<F, Work>(Builder::new(), scope, || Work)
    }
    let Work = thread::scope(|scope| spawns(scope).unwrap().join().unwrap());
}

#[test]
fn of_handles() {
    let _: fn(&JoinHandle<Work>) -> &Thread = JoinHandle::thread;
    let _: fn(JoinHandle<Work>) -> thread::Result<Work> = JoinHandle::join;
    let _: fn(&JoinHandle<Work>) -> bool = JoinHandle::is_finished;
    let _: for<'a> fn(&'a ScopedJoinHandle<'static, Work>) -> &'a Thread = ScopedJoinHandle::thread;
    let _: fn(ScopedJoinHandle<'static, Work>) -> thread::Result<Work> = ScopedJoinHandle::join;
    let _: fn(&ScopedJoinHandle<'static, Work>) -> bool = ScopedJoinHandle::is_finished;
    let _: fn(&Thread) -> ThreadId = Thread::id;
    let _: fn(&Thread) -> Option<&str> = Thread::name;
    let _: fn(&Thread) = Thread::unpark;
}

#[cfg(unix)]
#[test]
fn of_handles_on_unix() {
    use std::os::unix::thread::{JoinHandleExt, RawPthread};
    let _: fn(&JoinHandle<Work>) -> RawPthread = JoinHandleExt::as_pthread_t;
    let _: fn(JoinHandle<Work>) -> RawPthread = JoinHandleExt::into_pthread_t;
}

#[test]
fn of_scopes() {
    fn spawns<'scope>(scope: &'scope Scope<'scope, '_>, f: F) -> ScopedJoinHandle<'scope, Work> {
        Scope::spawn::<F, Work>(scope, f)
    }
    let Work = thread::scope::<_, Work>(|scope| spawns(scope, || Work).join().unwrap());
    // A function of its own can be what a scope runs.
    fn run<'scope>(scope: &'scope Scope<'scope, '_>) -> u8 {
        scope.spawn(|| 1).join().unwrap()
    }
    assert_eq!(thread::scope(run), 1);
}

#[test]
fn of_keys() {
    let _: fn(&'static LocalKey<u8>, fn(&u8) -> u8) -> u8 = LocalKey::with;
    let _: fn(&'static LocalKey<u8>, fn(&u8)) -> Result<(), AccessError> = LocalKey::try_with;
    let _: fn(&'static LocalKey<Cell<u8>>, u8) = LocalKey::<Cell<u8>>::set;
    let _: fn(&'static LocalKey<Cell<u8>>) -> u8 = LocalKey::<Cell<u8>>::get;
    let _: fn(&'static LocalKey<Cell<u8>>) -> u8 = LocalKey::<Cell<u8>>::take;
    let _: fn(&'static LocalKey<Cell<u8>>, u8) -> u8 = LocalKey::<Cell<u8>>::replace;
    let _: fn(&'static LocalKey<RefCell<u8>>, fn(&u8)) = LocalKey::with_borrow;
    let _: fn(&'static LocalKey<RefCell<u8>>, fn(&mut u8)) = LocalKey::with_borrow_mut;
    let _: fn(&'static LocalKey<RefCell<u8>>, u8) = LocalKey::<RefCell<u8>>::set;
    let _: fn(&'static LocalKey<RefCell<u8>>) -> u8 = LocalKey::<RefCell<u8>>::take;
    let _: fn(&'static LocalKey<RefCell<u8>>, u8) -> u8 = LocalKey::<RefCell<u8>>::replace;
}
