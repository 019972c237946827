//! Names for the primitives of our `tokio`, which keep them in the recorder's token.

use super::ext::sealed::Nameable;
use crate::tokio::sync;

macro_rules! nameable {
    ($($token:ident: $(<$param:ident>)? $($name:ident)::+;)+) => {$(
        impl$(<$param>)? Nameable for sync::$($name)::+$(<$param>)? {
            #[inline]
            fn with_name(mut self, name: &str) -> Self {
                self.$token().named(name);
                self
            }
        }
    )+};
}

nameable! {
    probe_mut: <T> Mutex;
    probe_mut: <T> RwLock;
    probe_mut: Semaphore;
    probe_mut: Notify;
    probe_mut: Barrier;
    probe_mut: <T> OnceCell;
    probe_mut: <T> SetOnce;
    handle_mut: <T> mpsc::Sender;
    handle_mut: <T> mpsc::Receiver;
    handle_mut: <T> mpsc::UnboundedSender;
    handle_mut: <T> mpsc::UnboundedReceiver;
    handle_mut: <T> oneshot::Sender;
    handle_mut: <T> oneshot::Receiver;
    handle_mut: <T> watch::Sender;
    handle_mut: <T> watch::Receiver;
    handle_mut: <T> broadcast::Sender;
    handle_mut: <T> broadcast::Receiver;
}
