//! Every stable public name of tokio's channels, imported from the real crate and from gordian: a gap does not compile.

macro_rules! names {
    ($krate:ident) => {
        const _: () = {
            #[allow(unused_imports, deprecated, reason = "to be there is all")]
            use super::$krate::sync::{
                broadcast::{self, Receiver as _, Sender as _, WeakSender as _, channel as _, error as _},
                mpsc::{
                    self, OwnedPermit as _, Permit as _, PermitIterator as _, Receiver as _, Sender as _,
                    UnboundedReceiver as _, UnboundedSender as _, WeakSender as _, WeakUnboundedSender as _,
                    channel as _, error as _, unbounded_channel as _,
                },
                oneshot::{self, Receiver as _, Sender as _, channel as _, error as _},
                watch::{self, Receiver as _, Ref as _, Sender as _, channel as _, error as _},
            };
            #[allow(unused_imports, deprecated, reason = "to be there is all")]
            use {
                broadcast::error::{RecvError as _, SendError as _, TryRecvError as _},
                mpsc::error::{
                    RecvError as _, SendError as _, SendTimeoutError as _, TryRecvError as _, TrySendError as _,
                },
                oneshot::error::{RecvError as _, TryRecvError as _},
                watch::error::{RecvError as _, SendError as _},
            };
        };
    };
}

names!(real);
names!(ours);

/// What does not wait is the real one.
#[test]
fn errors_are_the_real_ones() {
    use super::{ours, real};
    let _: fn(real::sync::mpsc::error::SendError<u8>) -> ours::sync::mpsc::error::SendError<u8> = |error| error;
    let _: fn(real::sync::oneshot::error::RecvError) -> ours::sync::oneshot::error::RecvError = |error| error;
    let _: fn(real::sync::watch::error::RecvError) -> ours::sync::watch::error::RecvError = |error| error;
    let _: fn(real::sync::broadcast::error::RecvError) -> ours::sync::broadcast::error::RecvError = |error| error;
}
