//! Names for the primitives of the real `tokio`, which have no place for one.

use super::ext::sealed::Nameable;
use ::tokio::sync;

macro_rules! nameable {
    ($($(<$param:ident>)? $($name:ident)::+;)+) => {$(
        impl$(<$param>)? Nameable for sync::$($name)::+$(<$param>)? {
            #[inline]
            fn with_name(self, _: &str) -> Self {
                self
            }
        }
    )+};
}

nameable! {
    <T> Mutex;
    <T> RwLock;
    Semaphore;
    Notify;
    Barrier;
    <T> OnceCell;
    <T> SetOnce;
    <T> mpsc::Sender;
    <T> mpsc::Receiver;
    <T> mpsc::UnboundedSender;
    <T> mpsc::UnboundedReceiver;
    <T> oneshot::Sender;
    <T> oneshot::Receiver;
    <T> watch::Sender;
    <T> watch::Receiver;
    <T> broadcast::Sender;
    <T> broadcast::Receiver;
}
