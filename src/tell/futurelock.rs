//! What to do about a lock that was given to a future which nobody polls.

use super::names::Scene;
use crate::model::{ActorId, Hold, On, Wait};

impl Scene<'_> {
    /// Of somebody who waits for the lock, where a future of `owner` has been given it.
    pub(super) fn futurelock_advice(&self, wait: &Wait, owner: ActorId, granted: &Hold) -> String {
        // One that is a task of its own is left where the task that polled it waits.
        let stuck = self.alive(owner).and_then(|owner| owner.wait).filter(|wait| !matches!(wait.on, On::Awaiter(_)));
        let stuck = stuck.unwrap_or(*wait);
        let apart = if self.place(stuck.place).is_some() && stuck.place == granted.place {
            " Both waits are at one place in the source: the stacks, above, tell them apart."
        } else {
            ""
        };
        words!(
            self.poll_or_drop(granted),
            " before the wait",
            self.at(stuck.place),
            " (give `select!` the future itself and no `&mut` of it), or make a task of it, which is polled whatever this one \
             does.",
            apart
        )
    }

    /// The task that polls this one, where that has turned away from it.
    pub(super) fn left_by(&self, actor: ActorId) -> Option<ActorId> {
        match self.alive(actor)?.wait?.on {
            On::Awaiter(by) => Some(by),
            _ => None,
        }
    }

    /// The same of a future that has what another waits for, and is a task of its own.
    pub(super) fn left_behind_advice(&self, wait: &Wait, owner: ActorId, hold: &Hold, by: ActorId) -> String {
        let by = self.thread(by);
        words!(
            "A future that has taken a lock has to be polled on, or dropped, before anybody waits for that lock: ",
            self.thread(owner),
            " has it (taken",
            self.at(hold.place),
            "), and ",
            by,
            " polls it no more. Drop it before the wait",
            self.at(wait.place),
            " (give `select!` the future itself and no `&mut` of it), or make a task of it, which is polled whatever ",
            by,
            " does."
        )
    }

    /// Where nobody is known to be stuck for good.
    pub(super) fn granted_long_advice(&self, granted: &Hold) -> String {
        words!(self.poll_or_drop(granted), ", or make a task of it, which is polled whatever this one does.")
    }

    fn poll_or_drop(&self, granted: &Hold) -> String {
        words!(
            "A future that waits in a lock's queue has to be polled until it has the lock, or dropped: the one that has waited at ",
            self.spot(granted.place),
            " is neither. Drop it"
        )
    }
}
