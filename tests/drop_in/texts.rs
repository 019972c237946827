//! What the types print, in every state: with `{:?}`, `{:#?}` and, where they have it, `{}`. It is what std's print.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

macro_rules! shown {
    ($($value:expr),+ $(,)?) => { vec![$(format!("{0:?} {0:#?} {0:10?}", $value)),+] };
}

macro_rules! said {
    ($($value:expr),+ $(,)?) => { vec![$(format!("{0} {0:>60} {0:?} {0:#?}", $value)),+] };
}

macro_rules! texts {
    ($krate:ident) => {{
        use $krate::{sync::{self, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, PoisonError, RwLock, RwLockWriteGuard, TryLockError, mpsc}, thread};
        let fails = |f: &dyn Fn()| drop(catch_unwind(AssertUnwindSafe(f)).unwrap_err());
        let mut texts = Vec::new();

        let (mutex, lock) = (Mutex::new(vec![Some("a")]), RwLock::new(vec![Some("a")]));
        texts.extend(shown![mutex, lock]);
        let guard = mutex.lock().unwrap();
        texts.extend(shown![mutex, guard, mutex.try_lock()]);
        drop(guard);
        let reader = lock.read().unwrap();
        texts.extend(shown![lock, reader, lock.try_write()]);
        drop(reader);
        let writer = lock.write().unwrap();
        texts.extend(shown![lock, writer, lock.try_read()]);
        texts.extend(shown![RwLockWriteGuard::downgrade(writer), lock]);
        fails(&|| { let _held = (mutex.lock(), lock.write()); panic_any("poisons") });
        texts.extend(shown![mutex, lock, mutex.lock(), lock.read(), lock.write(), mutex.try_lock(), lock.try_read()]);
        let (_held, _read) = (mutex.lock(), lock.read());
        texts.extend(shown![mutex, lock, &mutex as &Mutex<dyn std::fmt::Debug>, &lock as &RwLock<dyn std::fmt::Debug>]);
        let (numbers, table) = (Mutex::new(1.5), RwLock::new(2.5));
        let (number, cell) = (numbers.lock().unwrap(), table.read().unwrap());
        texts.push(format!("{number} {number:.3} {number:>9} {cell} {cell:.3}"));
        drop(cell);
        texts.push(format!("{0} {0:.3} {0:>9}", table.write().unwrap()));

        let (condvar, barrier) = (Condvar::new(), Barrier::new(1));
        texts.extend(shown![condvar, barrier, barrier.wait()]);
        texts.extend(shown![condvar.wait_timeout_while(Mutex::new(1).lock().unwrap(), std::time::Duration::ZERO, |_| true).unwrap()]);

        let once = Once::new();
        texts.extend(shown![once]);
        once.call_once_force(|state| texts.extend(shown![state, once]));
        let once = Once::new();
        fails(&|| once.call_once(|| panic_any("poisons")));
        texts.extend(shown![once]);
        once.call_once_force(|state| texts.extend(shown![state]));

        let cell = OnceLock::new();
        texts.extend(shown![cell]);
        cell.get_or_init(|| { texts.extend(shown![cell]); Some("b") });
        texts.extend(shown![cell]);
        let lazy: LazyLock<u8> = LazyLock::new(|| 5);
        texts.extend(shown![lazy]);
        assert_eq!(*lazy, 5);
        texts.extend(shown![lazy]);
        let broken: LazyLock<u8> = LazyLock::new(|| panic_any("poisons"));
        fails(&|| assert_eq!(*broken, 0));
        texts.extend(shown![broken]);

        let (send, receive) = mpsc::channel::<u8>();
        let (sync_send, sync_receive) = mpsc::sync_channel::<u8>(1);
        texts.extend(shown![send, receive, receive.iter(), receive.try_iter(), sync_send, sync_receive]);
        sync_send.send(1).unwrap();
        texts.extend(said![sync_send.try_send(2).unwrap_err(), receive.try_recv().unwrap_err()]);
        texts.extend(said![receive.recv_timeout(std::time::Duration::ZERO).unwrap_err()]);
        texts.extend(shown![sync_receive.into_iter()]);
        texts.extend(said![sync_send.try_send(2).unwrap_err(), sync_send.send(2).unwrap_err()]);
        drop(send);
        texts.extend(said![receive.recv().unwrap_err(), receive.try_recv().unwrap_err()]);
        texts.extend(said![receive.recv_timeout(std::time::Duration::ZERO).unwrap_err()]);

        texts.extend(said![PoisonError::new("value"), TryLockError::from(PoisonError::new("value"))]);
        texts.extend(said![TryLockError::<u8>::WouldBlock]);

        texts.extend(shown![thread::Builder::new(), thread::Builder::new().name("worker".into()).stack_size(1 << 20)]);
        texts.extend(shown![thread::spawn(|| ())]);
        thread::scope(|scope| texts.extend(shown![scope.spawn(|| ())]));
        std::thread_local!(static KEY: u8 = const { 1 });
        let key: &thread::LocalKey<u8> = &KEY;
        texts.extend(shown![key]);

        let atomic = sync::atomic::AtomicI32::new(-1);
        let flag = sync::atomic::AtomicBool::new(true);
        texts.extend(shown![atomic, flag, sync::atomic::Ordering::AcqRel]);
        let pointer = sync::atomic::AtomicPtr::new(std::ptr::without_provenance_mut::<u8>(16));
        texts.push(format!("{pointer:?} {pointer:p}"));
        texts
    }};
}

#[test]
fn they_print_what_stds_print() {
    let (std, ours) = (texts!(std), texts!(gordian));
    assert!(std.len() > 60 && ours.len() == std.len());
    for (std, ours) in std.iter().zip(ours) {
        assert_eq!(ours, *std);
    }
}
