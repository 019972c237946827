//! What there is to say of a channel that somebody waits at: who is left at its other end.

use super::{
    names::{Scene, listed, sentence},
    nouns::noun,
};
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
                words!(", but ", self.nobody_left(), " could send one", self.left_at(channel, End::Sender))
            }
            On::Room { channel } => words!(
                ", which has no room, and ",
                self.nobody_left(),
                " could receive",
                self.left_at(channel, End::Receiver)
            ),
            On::Closing { channel } => words!(
                ", but ",
                self.nobody_left(),
                " could close it or drop its receiver",
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
            User::Several => words!("used by ", self.several()),
        };
        words!(what, " made", self.at(group.made), " (", used, ")")
    }

    /// The handles of the other end that the thread which waits has itself, by all that is known; and how many others live.
    fn own_handles(&self, step: &Step, channel: ObjectId, end: End) -> (Vec<&Handle>, usize) {
        let (own, others): (Vec<&Handle>, Vec<&Handle>) =
            self.handles(channel, end).partition(|handle| match handle.user {
                User::One(user) => user == step.actor,
                User::Nobody => handle.maker == step.actor,
                User::Several => false,
            });
        (own, others.len())
    }

    /// The thread that waits to send is the one to receive, by all that is known.
    fn receives_itself(&self, step: &Step, channel: ObjectId) -> bool {
        self.handles(channel, End::Receiver).any(|handle| match handle.user {
            User::Nobody => handle.maker == step.actor && !self.several_send(),
            user => user == User::One(step.actor),
        })
    }

    /// Several threads wait to send, through different channels.
    fn several_send(&self) -> bool {
        let room = |step: &Step| match step.wait?.on {
            On::Room { channel } => Some(channel),
            _ => None,
        };
        let mut channels = self.finding.steps.iter().filter_map(room);
        let first = channels.next();
        channels.any(|channel| Some(channel) != first)
    }

    /// Who of those who wait for something else has the receiver, by all that is known.
    fn receiver_elsewhere(&self, channel: ObjectId) -> Option<&Step> {
        self.handles(channel, End::Receiver).find_map(|handle| {
            let owner = match handle.user {
                User::Nobody => handle.maker,
                User::One(user) => user,
                User::Several => return None,
            };
            self.finding.steps.iter().find(|step| {
                step.actor == owner && !matches!(step.wait.map(|wait| wait.on), None | Some(On::Room { .. }))
            })
        })
    }

    /// What to change about a wait at a channel.
    pub(super) fn channel_advice(&self, step: &Step, wait: &Wait) -> Option<String> {
        let at = self.spot(wait.place);
        Some(match wait.on {
            On::Message { channel } => match self.own_handles(step, channel, End::Sender) {
                (own, others) if !own.is_empty() => {
                    let mut places: Vec<String> = own.iter().map(|handle| self.spot(handle.made)).collect();
                    places.dedup();
                    places.truncate(MOST);
                    format!(
                        "A receiver waits as long as there is a sender: drop {} made at {} before the wait at {at}, or let \
                         whoever has {} send through it, and drop it then.{}",
                        if own.len() == 1 { "the one" } else { "those" },
                        listed(&places),
                        if own.len() == 1 { "it" } else { "one" },
                        match others {
                            0 => String::new(),
                            1 => " The other one that is alive has to be dropped, too.".into(),
                            others => format!(" The {others} others that are alive have to be dropped, too."),
                        }
                    )
                }
                _ => format!(
                    "Let whoever should send to {} do so before it waits itself, or drop its sender: then the wait at \
                     {at} ends with an error.",
                    self.object(channel)
                ),
            },
            On::Room { channel } => match self.receives_itself(step, channel) {
                true => format!(
                    "Receive in another {} than the one that sends at {at}, or let {} hold all that is sent before it \
                     is received.",
                    noun(step.actor),
                    self.object(channel)
                ),
                false if self.several_send() => format!(
                    "{} that send to each other and receive only in between fill both channels: let one of these \
                     channels have room for all that is ever sent before something is received, or use `try_send`, and \
                     take what has come in where there is no room.",
                    sentence(self.nouns())
                ),
                false => match self.receiver_elsewhere(channel).and_then(|step| Some((step, step.wait?))) {
                    Some((step, wait)) => words!(
                        sentence(&self.thread(step.actor)),
                        ", which seems to have the receiver of ",
                        self.object(channel),
                        ", waits ",
                        self.goal(&wait),
                        self.at(wait.place),
                        ": let it receive in between, or in a task of its own, or let the channel have room for all that is sent \
                         before."
                    ),
                    None => format!(
                        "Let whoever should receive from {} do so before it waits itself; or use `try_send` at {at}, and \
                         take what has come in meanwhile.",
                        self.object(channel)
                    ),
                },
            },
            On::Closing { channel } => match self.own_handles(step, channel, End::Receiver).0.first() {
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
