//! What std warns of is warned of, and nothing else. An expectation that is not met is an error here, and so is a value that
//! must be used and is not.

#![deny(unfulfilled_lint_expectations)]

use super::{
    sync::{
        Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
};
use std::time::Duration;

macro_rules! must_be_used {
    ($($value:expr;)+) => {$(
        #[expect(unused_must_use, reason = "std says that it must be used")]
        { $value; }
    )+};
}

macro_rules! may_be_left {
    ($($value:expr;)+) => {$(
        #[deny(unused_must_use)]
        { $value; }
    )+};
}

macro_rules! deprecated {
    ($($value:expr;)+) => {$(
        #[expect(deprecated, reason = "std says so")]
        let _ = $value;
    )+};
}

#[test]
fn what_must_be_used() {
    let (mutex, lock, condvar) = (Mutex::new(0), RwLock::new(0), Condvar::new());
    let (mut cell, barrier) = (OnceLock::new(), Barrier::new(1));
    let handle = thread::spawn(|| ());
    let (send, receive) = mpsc::sync_channel::<u8>(1);
    must_be_used! {
        Barrier::new(1);
        Condvar::new();
        Once::new();
        OnceLock::<u8>::new();
        mutex.lock();
        mutex.lock().unwrap();
        mutex.try_lock();
        lock.read();
        lock.read().unwrap();
        lock.try_read();
        lock.write();
        lock.write().unwrap();
        lock.try_write();
        RwLockWriteGuard::downgrade(lock.write().unwrap());
        condvar.wait_while(mutex.lock().unwrap(), |_| false);
        condvar.wait_timeout_while(mutex.lock().unwrap(), Duration::ZERO, |_| false);
        barrier.wait().is_leader();
        cell.set(1);
        thread::Builder::new();
        thread::Builder::new().name(String::new());
        thread::Builder::new().stack_size(0);
        thread::current();
        thread::current().id();
        thread::current().name();
        thread::panicking();
        thread::available_parallelism();
        handle.thread();
        handle.join();
        mpsc::channel::<u8>();
        mpsc::sync_channel::<u8>(1);
        send.send(1);
        send.try_send(1);
        receive.recv();
        receive.try_recv();
        receive.recv_timeout(Duration::ZERO);
        thread::scope(|scope| scope.spawn(|| ()).join());
        Mutex::new(0).into_inner();
        RwLock::new(0).into_inner();
    }
    assert_eq!(cell.take(), Some(1));
}

#[test]
fn what_may_be_left() {
    let (mut mutex, mut lock, once) = (Mutex::new(0), RwLock::new(0), Once::new());
    let (mut cell, mut lazy) = (OnceLock::from(1), LazyLock::new(|| 1));
    let barrier = Barrier::new(1);
    let (_send, receive) = mpsc::channel::<u8>();
    let handle = thread::spawn(|| ());
    drop((mutex.get_mut(), lock.get_mut()));
    may_be_left! {
        Mutex::new(0);
        Mutex::<u8>::default();
        RwLock::new(0);
        RwLock::<u8>::default();
        Condvar::default();
        LazyLock::<u8>::new(|| 1);
        OnceLock::<u8>::default();
        mutex.is_poisoned();
        lock.is_poisoned();
        once.is_completed();
        barrier.wait();
        cell.get();
        cell.get_mut();
        cell.get_or_init(|| 2);
        cell.wait();
        cell.take();
        cell.into_inner();
        LazyLock::force(&lazy);
        LazyLock::force_mut(&mut lazy);
        LazyLock::get(&lazy);
        LazyLock::get_mut(&mut lazy);
        thread::spawn(|| ());
        thread::scope(|scope| { scope.spawn(|| ()); });
        handle.is_finished();
        receive.iter();
        receive.try_iter();
        mpsc::sync_channel::<u8>(1).1.into_iter();
        Arc::new(AtomicBool::new(true)).load(SeqCst);
    }
}

#[test]
fn what_is_deprecated() {
    let (mutex, condvar) = (Mutex::new(0), Condvar::new());
    deprecated! {
        super::sync::ONCE_INIT;
        super::sync::atomic::ATOMIC_BOOL_INIT;
        super::sync::atomic::ATOMIC_ISIZE_INIT;
        super::sync::atomic::ATOMIC_USIZE_INIT;
        super::sync::atomic::spin_loop_hint();
        AtomicBool::new(true).compare_and_swap(true, false, SeqCst);
        condvar.wait_timeout_ms(mutex.lock().unwrap(), 0);
        thread::sleep_ms(0);
        thread::park_timeout_ms(0);
    }
}
