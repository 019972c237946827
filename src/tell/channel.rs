//! What there is to say of a channel that somebody waits at: who is left at its other end.

use super::names::{Scene, listed};
use crate::model::{End, Handle, ObjectId, On, PlaceId, Step, User, Wait};

/// More places than this are counted, not named.
const MOST: usize = 4;

/// Handles of which the same is known.
struct Group {
    made: PlaceId,
    user: User,
    count: usize,
}

impl Scene<'_> {
    /// What comes after "waits for a message of Channel …" where nobody is left.
    pub(super) fn nobody_at(&self, on: On) -> Option<String> {
        Some(match on {
            On::Message { channel } => {
                format!(", but no thread is left that could send one{}", self.left_at(channel, End::Sender))
            }
            On::Room { channel } => format!(
                ", which has no room, and no thread is left that could receive{}",
                self.left_at(channel, End::Receiver)
            ),
            On::Closing { channel } => format!(
                ", but no thread is left that could close it or drop its receiver{}",
                self.left_at(channel, End::Receiver)
            ),
            _ => return None,
        })
    }

    /// `; still alive is the sender made at … (never used)`
    fn left_at(&self, channel: ObjectId, end: End) -> String {
        let groups = self.groups(channel, end);
        let described: Vec<String> = groups.iter().take(MOST).map(|group| self.describe(group, end)).collect();
        let named: usize = groups.iter().take(MOST).map(|group| group.count).sum();
        let all: usize = groups.iter().map(|group| group.count).sum();
        let mut words = described;
        if all > named {
            words.push(format!("{} more", all - named));
        }
        match all {
            0 => String::new(),
            1 => format!("; still alive is {}", listed(&words)),
            _ => format!("; still alive are {}", listed(&words)),
        }
    }

    fn groups(&self, channel: ObjectId, end: End) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for handle in self.handles(channel, end) {
            match groups.iter_mut().find(|group| group.made == handle.made && group.user == handle.user) {
                Some(group) => group.count += 1,
                None => groups.push(Group { made: handle.made, user: handle.user, count: 1 }),
            }
        }
        groups
    }

    fn handles(&self, channel: ObjectId, end: End) -> impl Iterator<Item = &Handle> {
        self.snapshot.channel(channel).into_iter().flat_map(move |channel| channel.at(end))
    }

    fn describe(&self, group: &Group, end: End) -> String {
        let what = match group.count {
            1 => words!("the ", end.noun()),
            count => format!("{count} {}s", end.noun()),
        };
        let used = match group.user {
            User::Nobody => "never used".into(),
            User::One(actor) => words!("used by ", self.thread(actor)),
            User::Several => "used by several threads".into(),
        };
        words!(what, " made", self.at(group.made), " (", used, ")")
    }

    /// The thread that waits has the other end itself, by all that is known.
    fn own_handle(&self, step: &Step, channel: ObjectId, end: End) -> Option<&Handle> {
        self.handles(channel, end).find(|handle| match handle.user {
            User::One(user) => user == step.actor,
            User::Nobody => handle.maker == step.actor,
            User::Several => false,
        })
    }

    /// What to change about a wait at a channel.
    pub(super) fn channel_advice(&self, step: &Step, wait: &Wait) -> Option<String> {
        let at = self.spot(wait.place);
        Some(match wait.on {
            On::Message { channel } => match self.own_handle(step, channel, End::Sender) {
                Some(own) => format!(
                    "A receiver waits as long as there is a sender: drop the one made at {} before the wait at {at}, or \
                     move it into the thread that sends.",
                    self.spot(own.made)
                ),
                None => format!(
                    "Let whoever should send to {} do so before it waits itself, or drop its sender: then the wait at \
                     {at} ends with an error.",
                    self.object(channel)
                ),
            },
            On::Room { channel } => match self.own_handle(step, channel, End::Receiver) {
                Some(_) => format!(
                    "Receive in another thread than the one that sends at {at}, or let {} hold all that is sent before it \
                     is received.",
                    self.object(channel)
                ),
                None => format!(
                    "Let whoever should receive from {} do so before it waits itself; or use `try_send` at {at}, and \
                     take what has come in meanwhile.",
                    self.object(channel)
                ),
            },
            On::Closing { channel } => match self.own_handle(step, channel, End::Receiver) {
                Some(own) => format!(
                    "A sender is told of the end only when no receiver is left: close or drop the one made at {} before \
                     the wait at {at}.",
                    self.spot(own.made)
                ),
                None => format!(
                    "Let whoever has a receiver of {} close or drop it before it waits itself: then the wait at {at} ends.",
                    self.object(channel)
                ),
            },
            _ => return None,
        })
    }
}
