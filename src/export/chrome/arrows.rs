//! Arrows, from what ended somebody's wait to where that one goes on.

use super::{
    lines::Text,
    scene::{Source, Stage},
};
use crate::model::{ActorId, Event, Nanos, Op, PlaceId};

/// Notifications of one condvar, or messages of one channel, that nobody has been seen to wake from.
const NOTES: usize = 16;
/// The category of arrows among locks, and of the instants at their ends.
const LOCKS: &str = "lock.wake";

/// Something that happened on a thread, from which an arrow may start.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) tid: u64,
    pub(super) at: Nanos,
}

/// A release, or what else lets others in.
#[derive(Clone, Copy)]
pub(super) struct Release {
    pub(super) mark: Mark,
    pub(super) what: &'static str,
    /// The arrow that starts there, with an end for everyone it let in.
    pub(super) arrow: Option<u64>,
}

#[derive(Clone, Copy)]
pub(super) struct Note {
    pub(super) mark: Mark,
    pub(super) op: Op,
    pub(super) arrow: Option<u64>,
}

/// A spawn whose thread has not begun.
pub(super) struct Birth {
    pub(super) mark: Mark,
    pub(super) place: Option<Text>,
}

impl Stage {
    pub(super) fn instant(&mut self, tid: u64, name: &str, at: Nanos) {
        self.lines.event("i", tid, at).name(&[name]).category(LOCKS).raw(",\"s\":\"t\"").end();
    }

    /// An arrow among locks starts at an instant: see [`Stage::tail`].
    pub(super) fn depart(&mut self, name: &'static str, what: &str, place: Option<&Text>, from: Mark) -> u64 {
        self.tail(LOCKS, name, what, place, from)
    }

    /// It ends at an instant. The name is that of its start.
    pub(super) fn arrive(&mut self, name: &'static str, what: &str, arrow: u64, to: Mark) {
        self.instant(to.tid, what, to.at);
        self.head(LOCKS, name, arrow, to);
    }

    /// An arrow of this category starts at an instant. Both are written at once: to viewers it starts at what was written last
    /// before it for the same time and track.
    pub(super) fn tail(
        &mut self,
        category: &'static str,
        name: &'static str,
        what: &str,
        place: Option<&Text>,
        from: Mark,
    ) -> u64 {
        self.arrows += 1;
        let line = self.lines.event("i", from.tid, from.at).name(&[what]).category(category).raw(",\"s\":\"t\"");
        line.text_if("place", place).end();
        self.lines.event("s", from.tid, from.at).name(&[name]).category(category).id(self.arrows).end();
        self.arrows
    }

    /// It ends at what was written last for that time and track. Category and name are those of its start.
    pub(super) fn head(&mut self, category: &'static str, name: &'static str, arrow: u64, to: Mark) {
        let line = self.lines.event("f", to.tid, to.at).name(&[name]).category(category).id(arrow);
        line.raw(",\"bp\":\"e\"").end();
    }

    /// A wait for what was held ended well: an arrow from the release that allowed it.
    pub(super) fn let_in(&mut self, tid: u64, object: u64, since: Nanos, at: Nanos, what: &str, source: Source<'_>) {
        let gap = self.gap;
        let Some(Release { mark, what: released, arrow }) = self.object(object, source).release else { return };
        if !allows(mark, tid, since, at, gap) {
            return;
        }
        let arrow = arrow.unwrap_or_else(|| self.depart("wake", released, None, mark));
        self.object(object, source).release = Some(Release { mark, what: released, arrow: Some(arrow) });
        self.arrive("wake", what, arrow, Mark { tid, at });
    }

    /// Something that can end a wait: a notification, or a message that passes.
    pub(super) fn signalled(&mut self, tid: u64, event: &Event, source: Source<'_>) {
        let Event { at, op, object, place, .. } = *event;
        let place = self.names.place(place, source.world);
        let known = self.object(object, source);
        if known.notes.len() >= NOTES {
            known.notes.pop_front();
        }
        known.notes.push_back(Note { mark: Mark { tid, at }, op, arrow: None });
        let label = known.label.clone();
        let line = self.lines.event("i", tid, at).name(&[signal(op)]);
        let line = line.category(LOCKS).raw(",\"s\":\"t\"").text("object", label.as_str());
        line.text_if("place", place.as_ref()).end();
    }

    /// A wait for one of these signals ended well: an arrow from the oldest that can have been meant.
    pub(super) fn woken(&mut self, tid: u64, object: u64, by: [Op; 2], since: Nanos, at: Nanos, source: Source<'_>) {
        let gap = self.gap;
        let notes = &self.object(object, source).notes;
        let meant = |note: &Note| by.contains(&note.op) && allows(note.mark, tid, since, at, gap);
        let Some(index) = notes.iter().position(meant) else { return };
        let Note { mark, op, arrow } = notes[index];
        let Words { arrow: name, tail, head } = words(op);
        let arrow = arrow.unwrap_or_else(|| self.depart(name, tail, None, mark));
        let notes = &mut self.object(object, source).notes;
        if op == Op::NotifyAll {
            notes[index].arrow = Some(arrow);
        } else {
            notes.remove(index);
        }
        self.arrive(name, head, arrow, Mark { tid, at });
    }

    pub(super) fn spawned(&mut self, tid: u64, child: u64, place: PlaceId, at: Nanos, source: Source<'_>) {
        let Some(child) = Event::actor_operand(child) else { return };
        if child.is_task() {
            self.made(tid, child, place, at, source);
        } else {
            let place = self.names.place(place, source.world);
            self.births.insert(child, Birth { mark: Mark { tid, at }, place });
        }
    }

    pub(super) fn started(&mut self, tid: u64, actor: ActorId, at: Nanos) {
        match self.births.take(&actor) {
            Some(Birth { mark, place }) if mark.at <= at => {
                let arrow = self.depart("spawn", "spawn", place.as_ref(), mark);
                self.arrive("spawn", "start", arrow, Mark { tid, at });
            }
            _ => self.instant(tid, "start", at),
        }
    }

    pub(super) fn joined(&mut self, tid: u64, actor: ActorId, at: Nanos) {
        let Some(from) = self.parted.get(&actor).map(|parted| parted.mark).filter(|from| from.at <= at) else { return };
        let arrow = self.depart("join", "lets go", None, from);
        self.arrive("join", "joined", arrow, Mark { tid, at });
    }
}

/// Whether what happened there can be what ended the wait: not before the wait, nor before a loss, which may hide a
/// later one.
fn allows(mark: Mark, tid: u64, since: Nanos, at: Nanos, gap: Nanos) -> bool {
    mark.tid != tid && since <= mark.at && mark.at <= at && gap <= mark.at
}

/// What an arrow is called, and the instants at its ends.
struct Words {
    arrow: &'static str,
    tail: &'static str,
    head: &'static str,
}

/// For the arrow from a signal.
fn words(op: Op) -> Words {
    match op {
        Op::Send => Words { arrow: "message", tail: "message sent", head: "message received" },
        Op::Receive => Words { arrow: "room", tail: "room made", head: "room found" },
        _ => Words { arrow: "notify", tail: "wakes", head: "notified" },
    }
}

/// The name of an instant that can end somebody's wait.
fn signal(op: Op) -> &'static str {
    match op {
        Op::NotifyAll => "notify_all",
        Op::Send => "send",
        Op::Receive => "receive",
        _ => "notify_one",
    }
}
