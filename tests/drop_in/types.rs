//! The types' sizes and drop glue. Off, they are those of std's.

use crate::common::WATCHING;
use std::mem::needs_drop;

macro_rules! sizes {
    ($krate:ident) => {{
        use $krate::{sync::{self, mpsc}, thread};
        sizes! {
            sync::Mutex<()>, sync::Mutex<u64>, sync::Mutex<[u8; 3]>, sync::Mutex<String>,
            sync::RwLock<()>, sync::RwLock<u64>, sync::RwLock<String>,
            sync::Condvar, sync::Barrier, sync::Once,
            sync::OnceLock<()>, sync::OnceLock<u64>, sync::OnceLock<String>, sync::LazyLock<u64>, sync::LazyLock<String>,
            sync::MutexGuard<'static, u64>, sync::MutexGuard<'static, str>, Option<sync::MutexGuard<'static, u64>>,
            sync::RwLockReadGuard<'static, u64>, Option<sync::RwLockReadGuard<'static, u64>>,
            sync::RwLockWriteGuard<'static, u64>, Option<sync::RwLockWriteGuard<'static, u64>>,
            sync::LockResult<sync::MutexGuard<'static, u64>>, sync::TryLockResult<sync::MutexGuard<'static, u64>>,
            mpsc::Sender<u64>, mpsc::SyncSender<u64>, mpsc::Receiver<u64>, Option<mpsc::Receiver<u64>>,
            mpsc::Iter<'static, u64>, mpsc::TryIter<'static, u64>, mpsc::IntoIter<u64>,
            thread::JoinHandle<u64>, Option<thread::JoinHandle<u64>>, thread::ScopedJoinHandle<'static, u64>,
            thread::Scope<'static, 'static>, thread::Builder,
        }
    }};
    ($($type:ty),+ $(,)?) => {[$((stringify!($type), [size_of::<$type>(), align_of::<$type>(), needs_drop::<$type>().into()])),+]};
}

#[test]
fn drop_glue_is_stds_and_sizes_are_where_nothing_watches() {
    for ((name, std), (_, ours)) in sizes!(std).into_iter().zip(sizes!(gordian)) {
        assert_eq!(ours[2], std[2], "drop glue of {name}");
        match WATCHING {
            false => assert_eq!(ours, std, "size, alignment, drop glue of {name}"),
            true => assert!(ours[0] <= std[0] + 32, "{name} grows from {} to {} bytes", std[0], ours[0]),
        }
    }
}
