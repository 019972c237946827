use super::sync::mpsc::{
    IntoIter, Iter, Receiver, RecvError, RecvTimeoutError, SendError, Sender, SyncSender, TryIter, TryRecvError,
    TrySendError, channel, sync_channel,
};
use std::time::Duration;

/// No trait stands on a value that is sent.
struct Any;

#[test]
fn of_senders() {
    let _: fn() -> (Sender<Any>, Receiver<Any>) = channel::<Any>;
    let _: fn(usize) -> (SyncSender<Any>, Receiver<Any>) = sync_channel::<Any>;
    let _: fn(&Sender<Any>, Any) -> Result<(), SendError<Any>> = Sender::send;
    let _: fn(&SyncSender<Any>, Any) -> Result<(), SendError<Any>> = SyncSender::send;
    let _: fn(&SyncSender<Any>, Any) -> Result<(), TrySendError<Any>> = SyncSender::try_send;
    let _: fn(&Sender<Any>) -> Sender<Any> = Clone::clone;
    let _: fn(&SyncSender<Any>) -> SyncSender<Any> = Clone::clone;
}

#[test]
fn of_receivers() {
    let _: fn(&Receiver<Any>) -> Result<Any, RecvError> = Receiver::recv;
    let _: fn(&Receiver<Any>) -> Result<Any, TryRecvError> = Receiver::try_recv;
    let _: fn(&Receiver<Any>, Duration) -> Result<Any, RecvTimeoutError> = Receiver::recv_timeout;
    let _: fn(&Receiver<Any>) -> Iter<'_, Any> = Receiver::iter;
    let _: fn(&Receiver<Any>) -> TryIter<'_, Any> = Receiver::try_iter;
    let _: fn(Receiver<Any>) -> IntoIter<Any> = IntoIterator::into_iter;
    let _: fn(&'static Receiver<Any>) -> Iter<'static, Any> = IntoIterator::into_iter;
    let _: fn(&mut IntoIter<Any>) -> Option<Any> = Iterator::next;
    let _: fn(&mut Iter<'static, Any>) -> Option<Any> = Iterator::next;
    let _: fn(&mut TryIter<'static, Any>) -> Option<Any> = Iterator::next;
}

#[test]
fn of_errors() {
    let _: fn(u8) -> SendError<u8> = SendError;
    let SendError(value) = SendError(1);
    assert_eq!(value, 1);
    let _: [fn(u8) -> TrySendError<u8>; 2] = [TrySendError::Full, TrySendError::Disconnected];
    let _: [TryRecvError; 2] = [TryRecvError::Empty, TryRecvError::Disconnected];
    let _: [RecvTimeoutError; 2] = [RecvTimeoutError::Timeout, RecvTimeoutError::Disconnected];
    let RecvError = RecvError;
    let _: fn(SendError<u8>) -> TrySendError<u8> = From::from;
    let _: fn(RecvError) -> TryRecvError = From::from;
    let _: fn(RecvError) -> RecvTimeoutError = From::from;
}
