//! All ends of channels: one record for each sender and each receiver, given away and taken back.
//!
//! A handle moves about, so others cannot look into it; its record stays where it is (see [`super::table`]). What is in a record for as long as its handle lives is shown by a [`Seqlock`], whose sequence tells one
//! handle from the next; the channel's identity (a name changes it) and the user stand beside it.

use super::{
    seqlock::Seqlock,
    table::{Entry, Links, Table},
};
use crate::{
    model::{ActorId, Channel, End, Event, Handle, ObjectId, PlaceId, User},
    primitive::{AtomicU32, AtomicU64, fence, shared},
};
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicBool, Ordering::*};

/// How many chunks of records there can be: a million handles. More live unrecorded.
const CHUNKS: usize = 1 << 12;

/// In [`Record::user`]: more than one actor, or one that is not recorded.
pub(super) const SEVERAL: u64 = u64::MAX;

/// In [`Record::life`]: it only knows its channel.
const NO_END: u64 = 2;

/// One handle's record.
#[repr(align(64))]
pub(crate) struct Record {
    /// Where it was made, who made it, and which end it is of, or [`NO_END`].
    life: Seqlock<3>,
    /// The channel.
    pub(super) object: AtomicU64,
    /// The only actor that has used it, as in [`Event::operand`]; 0: nobody; or [`SEVERAL`].
    pub(super) user: AtomicU64,
    links: Links,
}

impl Entry for Record {
    fn fresh() -> Record {
        Record { life: Seqlock::new(), object: AtomicU64::new(0), user: AtomicU64::new(0), links: Links::new() }
    }

    fn links(&self) -> &Links {
        &self.links
    }
}

/// Some handle has no record.
static INCOMPLETE: AtomicBool = AtomicBool::new(false);

shared! {
    static RECORDS: Table<Record, CHUNKS> = Table::around(AtomicU64::new(0), AtomicU32::new(0));
}

/// A record for a new handle of this channel. `None`: there is no room for more.
pub(super) fn take(object: u64, end: End, made: u64, maker: u64) -> Option<&'static Record> {
    begin(object, [made, maker, u64::from(end == End::Receiver)])
}

/// A record for what is no end, but has to know what the channel is called when it makes one.
pub(super) fn take_weak(object: u64) -> Option<&'static Record> {
    begin(object, [0, 0, NO_END])
}

fn begin(object: u64, life: [u64; 3]) -> Option<&'static Record> {
    let Some(record) = RECORDS.take() else {
        INCOMPLETE.store(true, Relaxed);
        return None;
    };
    record.object.store(object, Relaxed);
    record.user.store(0, Relaxed);
    record.life.begin(life);
    Some(record)
}

/// The handle is dropped.
pub(super) fn give_back(record: &'static Record) {
    record.life.end();
    RECORDS.give_back(record);
}

/// All handles of this channel are from now on of that one: the same, with a name.
pub(super) fn rename(before: u64, after: u64) {
    for record in RECORDS.all() {
        // Whoever takes the record meanwhile for another channel has made that one's identity its own.
        _ = record.object.compare_exchange(before, after, Relaxed, Relaxed);
    }
}

/// Whether every living handle has a record.
pub(crate) fn is_complete() -> bool {
    !INCOMPLETE.load(Relaxed)
}

/// These channels, with all their living handles. Costs a look at every record there is.
pub(crate) fn of(channels: &[ObjectId]) -> Vec<Channel> {
    let mut found: FxHashMap<u64, Channel> =
        channels.iter().map(|&object| (object.0, Channel { object, handles: Vec::new() })).collect();
    for (object, handle) in RECORDS.all().filter_map(Record::read) {
        if let Some(channel) = found.get_mut(&object) {
            channel.handles.push(handle);
        }
    }
    let mut found: Vec<Channel> = found.into_values().collect();
    found.sort_unstable_by_key(|channel| channel.object);
    found
}

impl Record {
    /// The channel and the handle, while there is one.
    fn read(&self) -> Option<(u64, Handle)> {
        let (sequence, words) = self.life.read();
        let [made, maker, receives] = words?;
        let (object, user) = (self.object.load(Relaxed), self.user.load(Relaxed));
        fence(Acquire);
        if self.life.read().0 != sequence || receives == NO_END {
            return None;
        }
        let end = if receives == 0 { End::Sender } else { End::Receiver };
        let user = match user {
            0 => User::Nobody,
            SEVERAL => User::Several,
            one => User::One(Event::actor_operand(one)?),
        };
        let maker = Event::actor_operand(maker).unwrap_or(ActorId { index: 0, generation: 0 });
        Some((object, Handle { end, made: PlaceId(made), maker, user }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    fn channel(serial: u64) -> ObjectId {
        ObjectId::new(Kind::Channel, 0, serial)
    }

    fn known(object: ObjectId) -> Vec<(End, u64)> {
        let [channel] = <[Channel; 1]>::try_from(of(&[object])).expect("one was asked for");
        let mut known: Vec<(End, u64)> = channel.handles.iter().map(|handle| (handle.end, handle.made.0)).collect();
        known.sort_by_key(|(_, made)| *made);
        known
    }

    #[test]
    fn a_channel_has_the_handles_that_live() {
        let (first, second) = (channel(1 << 39), channel((1 << 39) + 1));
        let sender = take(first.0, End::Sender, 8, 0).expect("there is room");
        let receiver = take(first.0, End::Receiver, 16, 0).expect("there is room");
        let other = take(second.0, End::Sender, 24, 0).expect("there is room");
        assert_eq!(known(first), [(End::Sender, 8), (End::Receiver, 16)]);
        give_back(sender);
        assert_eq!(known(first), [(End::Receiver, 16)]);
        assert_eq!(known(second), [(End::Sender, 24)]);
        give_back(receiver);
        give_back(other);
        assert_eq!((known(first), known(second)), (vec![], vec![]));
    }

    #[test]
    fn a_named_channel_keeps_its_handles() {
        let (plain, named) = (channel((1 << 39) + 2), channel((1 << 39) + 3));
        let sender = take(plain.0, End::Sender, 8, 0).expect("there is room");
        rename(plain.0, named.0);
        assert_eq!((known(plain), known(named)), (vec![], vec![(End::Sender, 8)]));
        give_back(sender);
    }

    #[test]
    fn what_is_no_end_knows_the_name_and_is_not_shown() {
        let (plain, named) = (channel((1 << 39) + 5), channel((1 << 39) + 6));
        let weak = take_weak(plain.0).expect("there is room");
        rename(plain.0, named.0);
        assert_eq!(known(named), vec![]);
        let sender = take(weak.object.load(Relaxed), End::Sender, 8, 0).expect("there is room");
        assert_eq!(known(named), [(End::Sender, 8)]);
        give_back(sender);
        give_back(weak);
    }

    #[test]
    fn thousands_of_handles_are_used_again() {
        let object = channel((1 << 39) + 4);
        for _ in 0..3 {
            let taken: Vec<_> = (0..3_000).map(|_| take(object.0, End::Sender, 8, 0).expect("room")).collect();
            assert_eq!(known(object).len(), 3_000);
            taken.into_iter().for_each(give_back);
        }
        assert!(RECORDS.made() < 9_000, "{} were made", RECORDS.made());
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::{model, sync::Arc, thread};

    /// The record's first handle is dropped and the next one takes it while another thread reads.
    #[test]
    fn two_handles_are_never_mixed() {
        model(|| {
            let record = Arc::new(Record::fresh());
            let reader = thread::spawn({
                let record = Arc::clone(&record);
                move || {
                    if let Some((object, handle)) = record.read() {
                        assert_eq!(object, handle.made.0);
                        assert!(matches!(handle.user, User::Nobody) || object == 8);
                    }
                }
            });
            record.object.store(8, Relaxed);
            record.life.begin([8, 0, 0]);
            record.user.store(1, Relaxed);
            record.life.end();
            record.object.store(16, Relaxed);
            record.user.store(0, Relaxed);
            record.life.begin([16, 0, 0]);
            reader.join().unwrap();
        });
    }
}
