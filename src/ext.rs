//! What std lacks: names for primitives, and daemon threads.
//!
//! Everything here also works on std's own types, where it does what it can and otherwise nothing. So a program that
//! imports [`Ext`] still builds after `use gordian::{sync, thread}` is changed back to `use std::{sync, thread}`.

use crate::{sync, thread};

/// What std's primitives and threads lack: for every primitive of [`sync`] and for [`thread::Builder`], ours and std's.
///
/// ```
/// use gordian::{Ext, sync::Mutex};
///
/// let accounts = Mutex::new([0; 10]).named("accounts");
/// # drop(accounts);
/// ```
///
/// A name is made at run time, so it cannot be given in a `const`. A `static` gets one when it is made on first use:
///
/// ```
/// use gordian::{Ext, sync::{LazyLock, Mutex}};
///
/// static ACCOUNTS: LazyLock<Mutex<[u64; 10]>> = LazyLock::new(|| Mutex::new([0; 10]).named("accounts"));
/// # ACCOUNTS.lock().unwrap()[0] = 1;
/// ```
pub trait Ext: sealed::Nameable {
    /// Gives this a name, which stands in reports and traces in place of one made of its type and place.
    ///
    /// On a thread builder it names the thread. On either end of a channel it names the channel: do that before the
    /// channel is used. On std's primitives, and in a build that does not watch, it does
    /// nothing.
    #[must_use]
    fn named(self, name: &str) -> Self {
        self.with_name(name)
    }

    /// Makes the thread a daemon, or not: one that never keeps the program alive. For every other thread a
    /// [`Session`](crate::Session) waits where it is dropped, at the end of `main`.
    ///
    /// On std's builder it does nothing, since no thread of std keeps a program alive.
    ///
    /// ```
    /// use gordian::{Ext, thread};
    ///
    /// let ticker = thread::Builder::new().named("ticker").daemon(true).spawn(thread::park)?;
    /// # ticker.thread().unpark();
    /// # ticker.join().unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    fn daemon(self, yes: bool) -> Self
    where
        Self: sealed::ThreadBuilder,
    {
        self.with_daemon(yes)
    }
}

/// Starts a daemon thread: one that never keeps the program alive. Short for
/// `thread::Builder::new().daemon(true).spawn(f)`, where nobody is going to join it: what it returns is std's in every
/// build, so that swapping the imports back changes no type.
///
/// # Panics
///
/// When the operating system refuses the thread.
#[inline]
#[track_caller]
pub fn spawn_daemon(f: impl FnOnce() + Send + 'static) -> std::thread::Thread {
    thread::Builder::new().daemon(true).spawn(f).expect("failed to spawn thread").thread().clone()
}

impl<S: sealed::Nameable> Ext for S {}

pub(crate) mod sealed {
    pub trait Nameable: Sized {
        fn with_name(self, name: &str) -> Self;
    }

    pub trait ThreadBuilder: Nameable {
        fn with_daemon(self, yes: bool) -> Self;
    }
}

/// Ours keep the name in the recorder's token; std's have no place for one.
macro_rules! nameable {
    ($($token:ident: $(<$($param:ident),+>)? $($name:ident)::+;)+) => {$(
        impl$(<$($param),+>)? sealed::Nameable for sync::$($name)::+$(<$($param),+>)? {
            #[inline]
            fn with_name(mut self, name: &str) -> Self {
                Self::$token(&mut self).named(name);
                self
            }
        }

        impl$(<$($param),+>)? sealed::Nameable for std::sync::$($name)::+$(<$($param),+>)? {
            #[inline]
            fn with_name(self, _: &str) -> Self {
                self
            }
        }
    )+};
}

nameable! {
    probe_mut: <T> Mutex;
    probe_mut: <T> RwLock;
    probe_mut: Condvar;
    probe_mut: Barrier;
    probe_mut: Once;
    probe_mut: <T> OnceLock;
    probe_mut: <T, F> LazyLock;
    handle_mut: <T> mpsc::Sender;
    handle_mut: <T> mpsc::SyncSender;
    handle_mut: <T> mpsc::Receiver;
}

impl sealed::Nameable for thread::Builder {
    #[inline]
    fn with_name(self, name: &str) -> Self {
        self.name(name.to_owned())
    }
}

impl sealed::Nameable for std::thread::Builder {
    #[inline]
    fn with_name(self, name: &str) -> Self {
        self.name(name.to_owned())
    }
}

impl sealed::ThreadBuilder for thread::Builder {
    #[inline]
    fn with_daemon(self, yes: bool) -> Self {
        self.with_daemon(yes)
    }
}

impl sealed::ThreadBuilder for std::thread::Builder {
    #[inline]
    fn with_daemon(self, _: bool) -> Self {
        self
    }
}
