//! The signatures of tokio's channels: where one differs this does not compile. The parent module says whose are asked.
#![expect(clippy::type_complexity, reason = "signatures are what this is about")]

use super::asked::sync::{broadcast, mpsc, oneshot, watch};
use std::{
    future::Future,
    task::{Context, Poll},
    time::Duration,
};

/// The real ones' futures have no name, so a call stands for the signature.
fn gives<O>(_: impl Future<Output = O>) {}

/// Has no trait that is not asked for.
struct Nothing;

#[test]
fn bounded_channels_have_the_real_methods() {
    use mpsc::{OwnedPermit, Permit, PermitIterator, Receiver, Sender, WeakSender, error::*};
    let _: fn(usize) -> (Sender<Nothing>, Receiver<Nothing>) = mpsc::channel;
    let _: fn(&Sender<Nothing>, Nothing) -> Result<(), TrySendError<Nothing>> = Sender::try_send;
    let _: fn(&Sender<Nothing>, Nothing) -> Result<(), SendError<Nothing>> = Sender::blocking_send;
    let _: fn(&Sender<Nothing>) -> bool = Sender::is_closed;
    let _: fn(&Sender<Nothing>) -> Result<Permit<'_, Nothing>, TrySendError<()>> = Sender::try_reserve;
    let _: fn(&Sender<Nothing>, usize) -> Result<PermitIterator<'_, Nothing>, TrySendError<()>> =
        Sender::try_reserve_many;
    let _: fn(Sender<Nothing>) -> Result<OwnedPermit<Nothing>, TrySendError<Sender<Nothing>>> =
        Sender::try_reserve_owned;
    let _: fn(&Sender<Nothing>, &Sender<Nothing>) -> bool = Sender::same_channel;
    let _: [fn(&Sender<Nothing>) -> usize; 4] =
        [Sender::capacity, Sender::max_capacity, Sender::strong_count, Sender::weak_count];
    let _: fn(&Sender<Nothing>) -> WeakSender<Nothing> = Sender::downgrade;
    let _: fn(&WeakSender<Nothing>) -> Option<Sender<Nothing>> = WeakSender::upgrade;
    let _: [fn(&WeakSender<Nothing>) -> usize; 2] = [WeakSender::strong_count, WeakSender::weak_count];
    let _: fn(Permit<'static, Nothing>, Nothing) = Permit::send;
    let _: fn(OwnedPermit<Nothing>, Nothing) -> Sender<Nothing> = OwnedPermit::send;
    let _: fn(OwnedPermit<Nothing>) -> Sender<Nothing> = OwnedPermit::release;
    let _: fn(&OwnedPermit<Nothing>, &OwnedPermit<Nothing>) -> bool = OwnedPermit::same_channel;
    let _: fn(&OwnedPermit<Nothing>, &Sender<Nothing>) -> bool = OwnedPermit::same_channel_as_sender;
    let _: fn(&mut Receiver<Nothing>) -> Result<Nothing, TryRecvError> = Receiver::try_recv;
    let _: fn(&mut Receiver<Nothing>) -> Option<Nothing> = Receiver::blocking_recv;
    let _: fn(&mut Receiver<Nothing>, &mut Vec<Nothing>, usize) -> usize = Receiver::blocking_recv_many;
    let _: fn(&mut Receiver<Nothing>) = Receiver::close;
    let _: [fn(&Receiver<Nothing>) -> bool; 2] = [Receiver::is_closed, Receiver::is_empty];
    let _: [fn(&Receiver<Nothing>) -> usize; 5] = [
        Receiver::len,
        Receiver::capacity,
        Receiver::max_capacity,
        Receiver::sender_strong_count,
        Receiver::sender_weak_count,
    ];
    let _: fn(&mut Receiver<Nothing>, &mut Context<'_>) -> Poll<Option<Nothing>> = Receiver::poll_recv;
    let _: fn(&mut Receiver<Nothing>, &mut Context<'_>, &mut Vec<Nothing>, usize) -> Poll<usize> =
        Receiver::poll_recv_many;

    let _ = |sender: &Sender<Nothing>, owned: Sender<Nothing>| {
        gives::<Result<(), SendError<Nothing>>>(sender.send(Nothing));
        gives::<()>(sender.closed());
        gives::<Result<(), SendTimeoutError<Nothing>>>(sender.send_timeout(Nothing, Duration::ZERO));
        gives::<Result<Permit<'_, Nothing>, SendError<()>>>(sender.reserve());
        gives::<Result<PermitIterator<'_, Nothing>, SendError<()>>>(sender.reserve_many(1));
        gives::<Result<OwnedPermit<Nothing>, SendError<()>>>(owned.reserve_owned());
    };
    let _ = |receiver: &mut Receiver<Nothing>, buffer: &mut Vec<Nothing>| {
        gives::<Option<Nothing>>(receiver.recv());
        gives::<usize>(receiver.recv_many(buffer, 1));
    };
}

#[test]
fn channels_without_a_bound_have_the_real_methods() {
    use mpsc::{UnboundedReceiver as Receiver, UnboundedSender as Sender, WeakUnboundedSender as Weak, error::*};
    let _: fn() -> (Sender<Nothing>, Receiver<Nothing>) = mpsc::unbounded_channel;
    let _: fn(&Sender<Nothing>, Nothing) -> Result<(), SendError<Nothing>> = Sender::send;
    let _: fn(&Sender<Nothing>) -> bool = Sender::is_closed;
    let _: fn(&Sender<Nothing>, &Sender<Nothing>) -> bool = Sender::same_channel;
    let _: fn(&Sender<Nothing>) -> Weak<Nothing> = Sender::downgrade;
    let _: [fn(&Sender<Nothing>) -> usize; 2] = [Sender::strong_count, Sender::weak_count];
    let _: fn(&Weak<Nothing>) -> Option<Sender<Nothing>> = Weak::upgrade;
    let _: [fn(&Weak<Nothing>) -> usize; 2] = [Weak::strong_count, Weak::weak_count];
    let _: fn(&mut Receiver<Nothing>) -> Result<Nothing, TryRecvError> = Receiver::try_recv;
    let _: fn(&mut Receiver<Nothing>) -> Option<Nothing> = Receiver::blocking_recv;
    let _: fn(&mut Receiver<Nothing>, &mut Vec<Nothing>, usize) -> usize = Receiver::blocking_recv_many;
    let _: fn(&mut Receiver<Nothing>) = Receiver::close;
    let _: [fn(&Receiver<Nothing>) -> bool; 2] = [Receiver::is_closed, Receiver::is_empty];
    let _: [fn(&Receiver<Nothing>) -> usize; 3] =
        [Receiver::len, Receiver::sender_strong_count, Receiver::sender_weak_count];
    let _: fn(&mut Receiver<Nothing>, &mut Context<'_>) -> Poll<Option<Nothing>> = Receiver::poll_recv;
    let _: fn(&mut Receiver<Nothing>, &mut Context<'_>, &mut Vec<Nothing>, usize) -> Poll<usize> =
        Receiver::poll_recv_many;

    let _ = |sender: &Sender<Nothing>, receiver: &mut Receiver<Nothing>, buffer: &mut Vec<Nothing>| {
        gives::<()>(sender.closed());
        gives::<Option<Nothing>>(receiver.recv());
        gives::<usize>(receiver.recv_many(buffer, 1));
    };
}

#[test]
fn channels_for_one_message_have_the_real_methods() {
    use oneshot::{Receiver, Sender, error::*};
    let _: fn() -> (Sender<Nothing>, Receiver<Nothing>) = oneshot::channel;
    let _: fn(Sender<Nothing>, Nothing) -> Result<(), Nothing> = Sender::send;
    let _: fn(&Sender<Nothing>) -> bool = Sender::is_closed;
    let _: fn(&mut Sender<Nothing>, &mut Context<'_>) -> Poll<()> = Sender::poll_closed;
    let _: fn(&mut Receiver<Nothing>) = Receiver::close;
    let _: [fn(&Receiver<Nothing>) -> bool; 2] = [Receiver::is_terminated, Receiver::is_empty];
    let _: fn(&mut Receiver<Nothing>) -> Result<Nothing, TryRecvError> = Receiver::try_recv;
    let _: fn(Receiver<Nothing>) -> Result<Nothing, RecvError> = Receiver::blocking_recv;

    let _ = |sender: &mut Sender<Nothing>, receiver: Receiver<Nothing>| {
        gives::<()>(sender.closed());
        gives::<Result<Nothing, RecvError>>(receiver);
    };
}

#[test]
fn watched_values_have_the_real_methods() {
    use watch::{Receiver, Ref, Sender, error::*};
    let _: fn(Nothing) -> (Sender<Nothing>, Receiver<Nothing>) = watch::channel;
    let _: fn(Nothing) -> Sender<Nothing> = Sender::new;
    let _: fn() -> Sender<u8> = Sender::default;
    let _: fn(&Sender<Nothing>, Nothing) -> Result<(), SendError<Nothing>> = Sender::send;
    let _: fn(&Sender<Nothing>, fn(&mut Nothing)) = Sender::send_modify;
    let _: fn(&Sender<Nothing>, fn(&mut Nothing) -> bool) -> bool = Sender::send_if_modified;
    let _: fn(&Sender<Nothing>, Nothing) -> Nothing = Sender::send_replace;
    let _: fn(&Sender<Nothing>) -> Ref<'_, Nothing> = Sender::borrow;
    let _: fn(&Sender<Nothing>) -> bool = Sender::is_closed;
    let _: fn(&Sender<Nothing>) -> Receiver<Nothing> = Sender::subscribe;
    let _: [fn(&Sender<Nothing>) -> usize; 2] = [Sender::receiver_count, Sender::sender_count];
    let _: fn(&Sender<Nothing>, &Sender<Nothing>) -> bool = Sender::same_channel;
    let _: fn(&Receiver<Nothing>) -> Ref<'_, Nothing> = Receiver::borrow;
    let _: fn(&mut Receiver<Nothing>) -> Ref<'_, Nothing> = Receiver::borrow_and_update;
    let _: fn(&Receiver<Nothing>) -> Result<bool, RecvError> = Receiver::has_changed;
    let _: fn(&Receiver<Nothing>) -> bool = Receiver::is_closed;
    let _: [fn(&mut Receiver<Nothing>); 2] = [Receiver::mark_changed, Receiver::mark_unchanged];
    let _: fn(&Receiver<Nothing>, &Receiver<Nothing>) -> bool = Receiver::same_channel;
    let _: fn(&Ref<'static, Nothing>) -> bool = Ref::has_changed;

    let _ = |sender: &Sender<Nothing>, receiver: &mut Receiver<Nothing>| {
        gives::<()>(sender.closed());
        gives::<Result<(), RecvError>>(receiver.changed());
        gives::<Result<Ref<'_, Nothing>, RecvError>>(receiver.wait_for(|_| true));
    };
}

#[test]
fn channels_to_all_have_the_real_methods() {
    use broadcast::{Receiver, Sender, WeakSender, error::*};
    let _: fn(usize) -> (Sender<u8>, Receiver<u8>) = broadcast::channel;
    let _: fn(usize) -> Sender<Nothing> = Sender::new;
    let _: fn(&Sender<Nothing>, Nothing) -> Result<usize, SendError<Nothing>> = Sender::send;
    let _: fn(&Sender<Nothing>) -> Receiver<Nothing> = Sender::subscribe;
    let _: fn(&Sender<Nothing>) -> WeakSender<Nothing> = Sender::downgrade;
    let _: [fn(&Sender<Nothing>) -> usize; 4] =
        [Sender::len, Sender::receiver_count, Sender::strong_count, Sender::weak_count];
    let _: fn(&Sender<Nothing>) -> bool = Sender::is_empty;
    let _: fn(&Sender<Nothing>, &Sender<Nothing>) -> bool = Sender::same_channel;
    let _: fn(&WeakSender<Nothing>) -> Option<Sender<Nothing>> = WeakSender::upgrade;
    let _: [fn(&WeakSender<Nothing>) -> usize; 2] = [WeakSender::strong_count, WeakSender::weak_count];
    let _: [fn(&Receiver<Nothing>) -> usize; 3] =
        [Receiver::len, Receiver::sender_strong_count, Receiver::sender_weak_count];
    let _: [fn(&Receiver<Nothing>) -> bool; 2] = [Receiver::is_empty, Receiver::is_closed];
    let _: fn(&Receiver<Nothing>, &Receiver<Nothing>) -> bool = Receiver::same_channel;
    let _: fn(&Receiver<u8>) -> Receiver<u8> = Receiver::resubscribe;
    let _: fn(&mut Receiver<u8>) -> Result<u8, TryRecvError> = Receiver::try_recv;
    let _: fn(&mut Receiver<u8>) -> Result<u8, RecvError> = Receiver::blocking_recv;

    let _ = |sender: &Sender<Nothing>, receiver: &mut Receiver<u8>| {
        gives::<()>(sender.closed());
        gives::<Result<u8, RecvError>>(receiver.recv());
    };
}
