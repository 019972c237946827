//! Every stable public name of `std::sync`, with its modules, and of `std::thread`, imported from std and from gordian: a
//! gap does not compile.
//!
//! `complete.rs` holds the two tables of this file to what std's documentation has.

/// The stable names of Rust 1.95, deprecated ones included.
macro_rules! stable_names {
    ($then:ident! $($krate:ident)?) => {
        $then! {
            $($krate)?;
            sync:
                Arc Barrier BarrierWaitResult Condvar LazyLock LockResult Mutex MutexGuard ONCE_INIT Once OnceLock
                OnceState PoisonError RwLock RwLockReadGuard RwLockWriteGuard TryLockError TryLockResult
                WaitTimeoutResult Weak atomic mpsc;
            sync::atomic:
                ATOMIC_BOOL_INIT ATOMIC_ISIZE_INIT ATOMIC_USIZE_INIT AtomicBool AtomicI8 AtomicI16 AtomicI32 AtomicI64
                AtomicIsize AtomicPtr AtomicU8 AtomicU16 AtomicU32 AtomicU64 AtomicUsize Ordering compiler_fence fence
                spin_loop_hint;
            sync::mpsc:
                IntoIter Iter Receiver RecvError RecvTimeoutError SendError Sender SyncSender TryIter TryRecvError
                TrySendError channel sync_channel;
            thread:
                AccessError Builder JoinHandle LocalKey Result Scope ScopedJoinHandle Thread ThreadId
                available_parallelism current panicking park park_timeout park_timeout_ms scope sleep sleep_ms spawn
                yield_now;
        }
    };
}

macro_rules! import {
    ($krate:ident; $($module:ident $(:: $within:ident)?: $($name:ident)+;)+) => {
        $(const _: () = {
            #[allow(deprecated, unused_imports, reason = "to be there is all")]
            use $krate::$module $(::$within)?::{$($name),+};
        };)+
    };
}

stable_names!(import! std);
stable_names!(import! gordian);

/// A macro lives at the top of its crate.
const _: () = {
    #[allow(unused_imports, reason = "to be there is all")]
    use {gordian::thread_local as _, std::thread_local as _};
};

macro_rules! texts {
    (; $($module:ident $(:: $within:ident)?: $($name:ident)+;)+) => {
        &[$((concat!(stringify!($module) $(, "::", stringify!($within))?), &[$(stringify!($name)),+])),+]
    };
}

/// Modules, and what is in them.
pub(crate) const STABLE: &[(&str, &[&str])] = stable_names!(texts!);

/// What only a nightly compiler lets a program use, by the feature that it has to ask for. gordian is built with a stable
/// one, so it has none of it. (What belongs to a type that is std's own here comes with that type.)
pub(crate) const LEFT_OUT: &[(&str, &[&str])] = &[
    ("atomic_internals", &["sync::atomic::AtomicPrimitive"]),
    ("current_thread_id", &["thread::current_id"]),
    ("deadline_api", &["sync::mpsc::Receiver::recv_deadline"]),
    ("exclusive_wrapper", &["sync::Exclusive"]),
    ("generic_atomic", &["sync::atomic::Atomic"]),
    ("lazy_cell_into_inner", &["sync::LazyLock::into_inner"]),
    (
        "lock_value_accessors",
        &[
            "sync::Mutex::get_cloned",
            "sync::Mutex::replace",
            "sync::Mutex::set",
            "sync::RwLock::get_cloned",
            "sync::RwLock::replace",
            "sync::RwLock::set",
        ],
    ),
    (
        "mapped_lock_guards",
        &[
            "sync::MappedMutexGuard",
            "sync::MappedRwLockReadGuard",
            "sync::MappedRwLockWriteGuard",
            "sync::MutexGuard::filter_map",
            "sync::MutexGuard::map",
            "sync::RwLockReadGuard::filter_map",
            "sync::RwLockReadGuard::map",
            "sync::RwLockWriteGuard::filter_map",
            "sync::RwLockWriteGuard::map",
        ],
    ),
    ("mpmc_channel", &["sync::mpmc"]),
    ("mutex_data_ptr", &["sync::Mutex::data_ptr"]),
    ("once_cell_get_mut", &["sync::OnceLock::get_mut_or_init", "sync::OnceLock::get_mut_or_try_init"]),
    ("once_cell_try", &["sync::OnceLock::get_or_try_init"]),
    ("once_cell_try_insert", &["sync::OnceLock::try_insert"]),
    ("oneshot_channel", &["sync::oneshot"]),
    ("reentrant_lock", &["sync::ReentrantLock", "sync::ReentrantLockGuard"]),
    ("rwlock_data_ptr", &["sync::RwLock::data_ptr"]),
    ("sync_nonpoison", &["sync::nonpoison"]),
    ("sync_poison_mod", &["sync::poison"]),
    ("thread_sleep_until", &["thread::sleep_until"]),
    ("thread_spawn_hook", &["thread::Builder::no_hooks", "thread::add_spawn_hook"]),
    ("unique_rc_arc", &["sync::UniqueArc"]),
];

/// What gordian's module shows, as it stands in the source; nothing where the module is std's.
fn exported(module: &str) -> Vec<String> {
    let base = format!("{}/src/{}", env!("CARGO_MANIFEST_DIR"), module.replace("::", "/"));
    let files = [format!("{base}/mod.rs"), format!("{base}.rs")];
    let source: String = files.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    let items = source.lines().filter_map(|line| line.strip_prefix("pub ")).filter(|line| !line.starts_with("use "));
    let made = items.filter_map(|line| line.split(|char: char| !char.is_alphanumeric() && char != '_').nth(1));
    let uses = source.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let names = uses.flat_map(|path| match path.split_once('{') {
        Some((_, list)) => list.trim_end_matches('}').split(',').collect(),
        None => vec![path.rsplit("::").next().unwrap_or(path)],
    });
    names.chain(made).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Else `use gordian::sync::*` could hide a name that the program has from elsewhere, or make it ambiguous.
#[test]
fn gordian_has_no_name_that_std_has_not() {
    for (module, names) in STABLE {
        let exported = exported(module);
        for name in &exported {
            assert!(names.contains(&name.as_str()), "gordian::{module}::{name}");
        }
        assert!(!exported.is_empty() || !["sync", "thread"].contains(module), "src has no module {module}");
    }
}
