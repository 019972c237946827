//! Watching: what every thread tells about itself, and where others can read it.
//!
//! | file | idea |
//! |---|---|
//! | `probe` | sits in a primitive: the fast path |
//! | `bare` | the same for locks whose guards are not ours |
//! | `how` | the mode of a hold, and who may end it |
//! | `returned` | holds that were ended by another thread than their owner |
//! | `slot` | one thread's record: ledger, wait, stack |
//! | `ledger` | what a thread holds and did last, readable while it goes on |
//! | `seqlock` | a wait, readable while it comes and goes |
//! | `directory` | all slots |
//! | `free_list` | those that nobody uses |
//! | `table` | records that are given away and taken back |
//! | `identity` | the birth of an object's identity |
//! | `ring` | records from one thread to the collector |
//! | `attach` | from a thread to its slot, and the life of a thread |
//! | `wait` | waits of every kind, published |
//! | `chase` | does this wait close a cycle? |
//! | `channel` | sits in each end of a channel |
//! | `ends` | all ends of channels |
//! | `class` | names and places of creation |
//! | `order` | the order of acquisition, on its way to the collector |
//! | `tape` | every operation, on its way to the collector (level `trace`) |
//! | `orphans` | guards that outlive their thread |
//! | `stack` | stacks, captured unresolved |
//! | `clock` | coarse and precise time |
//! | `task` | tasks, their leaves and wakers |
//! | `memory` | memory that is never freed and never the program's |

mod attach;
mod bare;
mod channel;
pub(crate) mod chase;
mod class;
pub(crate) mod clock;
pub(crate) mod departed;
pub(crate) mod directory;
pub(crate) mod ends;
mod free_list;
mod how;
mod identity;
mod ledger;
mod memory;
pub(crate) mod order;
pub(crate) mod orphans;
mod probe;
pub(crate) mod returned;
mod ring;
mod seqlock;
mod site;
pub(crate) mod slot;
pub(crate) mod spans;
pub(crate) mod stack;
mod table;
pub(crate) mod tape;
pub(crate) mod task;
mod turns;
pub(crate) mod wait;

pub(crate) use attach::{
    Daemon, Peer, ScopeTag, Work, after_fork, apart, current, forked, forked_somehow, is_ending, own_os_id, spawned,
};
pub use bare::Guards;
pub(crate) use channel::{Handle, Weak, channel};
pub(crate) use class::{class_name, describe};
pub(crate) use probe::{Held, Quorum, Waiting};
pub use probe::{Initialising, Probe, already};
pub use site::Site;
pub(crate) use site::resolve;
pub(crate) use turns::Turns;
pub(crate) use wait::{ScopeEnd, non_daemons, park, scope_end, sleep};

/// Something fills up: the collector should come before its next tick.
fn hurry_collector() {
    crate::monitor::hurry();
}
