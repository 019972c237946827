//! What `tokio::sync::RwLock` promises to do. The parent module says whose is asked.

use super::{
    asked::sync::{
        OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard,
        RwLockReadGuard, RwLockWriteGuard,
    },
    polled::{at_once, polled},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc::channel},
    thread,
};

/// Who may lock it now: a reader, a writer.
fn may<T>(lock: &Arc<RwLock<T>>) -> (bool, bool) {
    let (read, write) = (lock.try_read().map(drop).is_ok(), lock.try_write().map(drop).is_ok());
    let owned = (lock.clone().try_read_owned().map(drop).is_ok(), lock.clone().try_write_owned().map(drop).is_ok());
    assert_eq!(owned, (read, write));
    (read, write)
}

#[test]
fn readers_share_and_a_writer_does_not() {
    let lock = Arc::new(RwLock::new(1));
    assert_eq!(may(&lock), (true, true));
    let (one, two) = (at_once(lock.read()), at_once(lock.clone().read_owned()));
    assert_eq!((*one + *two, may(&lock)), (2, (true, false)));
    let mut writer = polled(lock.write());
    writer.pends();
    drop(one);
    assert_eq!(writer.wakes(), 0);
    drop(two);
    assert_eq!(writer.wakes(), 1);
    *writer.ready() += 1;
    let mut write = at_once(lock.clone().write_owned());
    assert_eq!(may(&lock), (false, false));
    let (mut reader, mut owned) = (polled(lock.read()), polled(lock.clone().read_owned()));
    reader.pends();
    owned.pends();
    *write += 1;
    drop(write);
    assert_eq!((reader.wakes(), owned.wakes()), (1, 1));
    assert_eq!((*reader.ready(), *owned.ready()), (3, 3));
}

#[test]
fn a_reader_queues_behind_a_writer() {
    let lock = Arc::new(RwLock::new(()));
    let first = at_once(lock.read());
    let mut writer = polled(lock.write());
    writer.pends();
    let mut reader = polled(lock.read());
    reader.pends();
    assert_eq!(may(&lock), (false, false));
    // A writer that gives up lets them in.
    drop(writer);
    assert_eq!(reader.wakes(), 1);
    drop(reader.ready());
    drop(first);
    assert_eq!(may(&lock), (true, true));
}

#[test]
fn a_writer_that_reads_lets_readers_in() {
    let lock = Arc::new(RwLock::new((1, Some(2))));
    let write = at_once(lock.write());
    let mut reader = polled(lock.read());
    reader.pends();
    let read = write.downgrade();
    assert_eq!((reader.wakes(), read.0, may(&lock)), (1, 1, (true, false)));
    drop((read, reader.ready()));
    let part = RwLockWriteGuard::downgrade_map(at_once(lock.write()), |(one, _)| one);
    assert_eq!((*part, may(&lock)), (1, (true, false)));
    drop(part);
    let write = RwLockWriteGuard::try_downgrade_map(at_once(lock.write()), |_| None::<&u8>).unwrap_err();
    assert_eq!(may(&lock), (false, false));
    let part = RwLockWriteGuard::try_downgrade_map(write, |(_, two)| two.as_ref()).unwrap();
    assert_eq!((*part, may(&lock)), (2, (true, false)));
    drop(part);
    assert_eq!(may(&lock), (true, true));
}

#[test]
fn a_writer_that_owns_and_then_reads_lets_readers_in() {
    let lock = Arc::new(RwLock::new((1, Some(2))));
    let write = || at_once(lock.clone().write_owned());
    let guard = write();
    let mut reader = polled(lock.clone().read_owned());
    reader.pends();
    let read = guard.downgrade();
    assert_eq!((reader.wakes(), read.0, may(&lock)), (1, 1, (true, false)));
    drop((read, reader.ready()));
    let part = OwnedRwLockWriteGuard::downgrade_map(write(), |(one, _)| one);
    assert_eq!((*part, may(&lock)), (1, (true, false)));
    assert!(Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&part), &lock));
    drop(part);
    let guard = OwnedRwLockWriteGuard::try_downgrade_map(write(), |_| None::<&u8>).unwrap_err();
    assert_eq!(may(&lock), (false, false));
    let part = OwnedRwLockWriteGuard::try_downgrade_map(guard, |(_, two)| two.as_ref()).unwrap();
    assert_eq!((*part, may(&lock)), (2, (true, false)));
    drop(part);
    drop(reader);
    assert_eq!((may(&lock), Arc::strong_count(&lock)), ((true, true), 1));
}

#[test]
fn guards_of_parts_keep_the_whole() {
    let lock = Arc::new(RwLock::new((1, [2, 3])));
    let part = RwLockReadGuard::map(at_once(lock.read()), |(_, both)| both);
    let part = RwLockReadGuard::try_map(part, |_| None::<&u8>).unwrap_err();
    let part = RwLockReadGuard::try_map(part, |both| both.last()).unwrap();
    assert_eq!((*part, may(&lock)), (3, (true, false)));
    drop(part);
    let part = RwLockWriteGuard::try_map(at_once(lock.write()), |_| None::<&mut u8>).unwrap_err();
    let part = RwLockWriteGuard::into_mapped(part);
    let part = RwLockMappedWriteGuard::map(part, |(_, both)| &mut both[..]);
    let part = RwLockMappedWriteGuard::try_map(part, |_| None::<&mut u8>).unwrap_err();
    let mut part = RwLockMappedWriteGuard::try_map(part, |both| both.last_mut()).unwrap();
    *part += 1;
    assert_eq!(may(&lock), (false, false));
    drop(part);
    let part = RwLockWriteGuard::map(at_once(lock.write()), |(one, _)| one);
    assert_eq!((*part, may(&lock)), (1, (false, false)));
    drop(part);
    assert_eq!((may(&lock), *at_once(lock.read())), ((true, true), (1, [2, 4])));
}

#[test]
fn guards_of_parts_that_own_keep_the_whole() {
    let lock = Arc::new(RwLock::new((1, [2, 3])));
    let part = OwnedRwLockReadGuard::map(at_once(lock.clone().read_owned()), |(_, both)| both);
    let part = OwnedRwLockReadGuard::try_map(part, |_| None::<&u8>).unwrap_err();
    let part = OwnedRwLockReadGuard::try_map(part, |both| both.last()).unwrap();
    assert_eq!((*part, may(&lock)), (3, (true, false)));
    drop(part);
    let write = || at_once(lock.clone().write_owned());
    assert!(Arc::ptr_eq(OwnedRwLockWriteGuard::rwlock(&write()), &lock));
    let part = OwnedRwLockWriteGuard::try_map(write(), |_| None::<&mut u8>).unwrap_err();
    let part = OwnedRwLockWriteGuard::into_mapped(part);
    let part = OwnedRwLockMappedWriteGuard::map(part, |(_, both)| &mut both[..]);
    assert!(Arc::ptr_eq(OwnedRwLockMappedWriteGuard::rwlock(&part), &lock));
    let part = OwnedRwLockMappedWriteGuard::try_map(part, |_| None::<&mut u8>).unwrap_err();
    let mut part = OwnedRwLockMappedWriteGuard::try_map(part, |both| both.last_mut()).unwrap();
    *part += 1;
    assert_eq!(may(&lock), (false, false));
    drop(part);
    let part = OwnedRwLockWriteGuard::try_map(write(), |(one, _)| Some(one)).unwrap();
    assert_eq!((*part, may(&lock)), (1, (false, false)));
    drop(part);
    let part = OwnedRwLockWriteGuard::map(write(), |(one, _)| one);
    drop(lock.clone());
    let weak = Arc::downgrade(&lock);
    drop(lock);
    assert_eq!((*part, weak.strong_count()), (1, 1));
    drop(part);
    assert_eq!(weak.strong_count(), 0);
}

#[test]
fn a_panic_opens_it_and_poisons_nothing() {
    let lock = Arc::new(RwLock::new(1));
    fn read(_: &i32) -> &u8 {
        panic!("on purpose")
    }
    fn try_read(_: &i32) -> Option<&u8> {
        panic!("on purpose")
    }
    fn write(_: &mut i32) -> &mut u8 {
        panic!("on purpose")
    }
    fn try_write(_: &mut i32) -> Option<&mut u8> {
        panic!("on purpose")
    }
    let (reads, writes) = (|| at_once(lock.read()), || at_once(lock.write()));
    let (owned_reads, owned_writes) = (|| at_once(lock.clone().read_owned()), || at_once(lock.clone().write_owned()));
    let all: [&dyn Fn(); 16] = [
        &|| drop(RwLockReadGuard::map(reads(), read)),
        &|| drop(RwLockReadGuard::try_map(reads(), try_read)),
        &|| drop(RwLockWriteGuard::map(writes(), write)),
        &|| drop(RwLockWriteGuard::try_map(writes(), try_write)),
        &|| drop(RwLockWriteGuard::downgrade_map(writes(), read)),
        &|| drop(RwLockWriteGuard::try_downgrade_map(writes(), try_read)),
        &|| drop(RwLockMappedWriteGuard::map(RwLockWriteGuard::into_mapped(writes()), write)),
        &|| drop(RwLockMappedWriteGuard::try_map(RwLockWriteGuard::into_mapped(writes()), try_write)),
        &|| drop(OwnedRwLockReadGuard::map(owned_reads(), read)),
        &|| drop(OwnedRwLockReadGuard::try_map(owned_reads(), try_read)),
        &|| drop(OwnedRwLockWriteGuard::map(owned_writes(), write)),
        &|| drop(OwnedRwLockWriteGuard::try_map(owned_writes(), try_write)),
        &|| drop(OwnedRwLockWriteGuard::downgrade_map(owned_writes(), read)),
        &|| drop(OwnedRwLockWriteGuard::try_downgrade_map(owned_writes(), try_read)),
        &|| drop(OwnedRwLockMappedWriteGuard::map(OwnedRwLockWriteGuard::into_mapped(owned_writes()), write)),
        &|| {
            drop(OwnedRwLockMappedWriteGuard::try_map(OwnedRwLockWriteGuard::into_mapped(owned_writes()), try_write));
        },
    ];
    for with in all {
        assert!(catch_unwind(AssertUnwindSafe(with)).is_err());
        assert_eq!((may(&lock), Arc::strong_count(&lock)), ((true, true), 1));
    }
}

#[test]
fn there_can_be_few_readers() {
    let lock = Arc::new(RwLock::with_max_readers(1, 2));
    let (one, two) = (at_once(lock.read()), at_once(lock.read()));
    let mut third = polled(lock.read());
    third.pends();
    assert_eq!(may(&lock), (false, false));
    drop(one);
    assert_eq!((third.wakes(), *third.ready() + *two), (1, 2));
    for bad in [0, u32::MAX] {
        assert!(catch_unwind(|| RwLock::with_max_readers(1, bad)).is_err());
    }
}

#[test]
fn the_value_can_be_had_without_a_lock() {
    let mut lock = RwLock::from(1);
    *lock.get_mut() += 1;
    assert_eq!(lock.into_inner(), 2);
    assert_eq!(RwLock::<u8>::default().into_inner(), 0);
    let lock: Arc<RwLock<[u8]>> = Arc::new(RwLock::new([1, 2]));
    at_once(lock.clone().write_owned())[0] = 3;
    assert_eq!(at_once(lock.read_owned())[..], [3, 2]);
}

#[test]
fn a_thread_can_wait() {
    let lock = Arc::new(RwLock::new(1));
    *lock.blocking_write() += 1;
    assert_eq!(*lock.blocking_read(), 2);
    let guard = at_once(lock.write());
    let (about_to, begins) = channel();
    let waits = |wait: fn(&RwLock<i32>) -> i32| {
        let (lock, about_to) = (lock.clone(), about_to.clone());
        thread::spawn(move || {
            about_to.send(()).unwrap();
            wait(&lock)
        })
    };
    let (reads, writes) = (waits(|lock| *lock.blocking_read()), waits(|lock| *lock.blocking_write()));
    begins.recv().unwrap();
    begins.recv().unwrap();
    drop(guard);
    assert_eq!((reads.join().unwrap(), writes.join().unwrap()), (2, 2));
}

#[test]
fn a_thread_that_drives_tasks_may_not_wait() {
    let lock = RwLock::new(1);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let waits: [fn(&RwLock<i32>); 2] = [|lock| drop(lock.blocking_read()), |lock| drop(lock.blocking_write())];
    for wait in waits {
        assert!(catch_unwind(AssertUnwindSafe(|| runtime.block_on(async { wait(&lock) }))).is_err());
        assert!(lock.try_write().is_ok());
    }
}
