//! The seam: the only place that knows whether we are watching.
//!
//! `on` and `off` have the same names. Off, every type is zero-sized and every function is empty, so that a
//! wrapper compiles to the primitive it wraps.
//!
//! | name | what it is |
//! |---|---|
//! | [`Site`] | where in the user's source a call was made |
//! | [`Probe`] | sits in a primitive; tells the recorder what happens to it |
//! | [`Held`] | proof that something is held; its drop records the release |
//! | [`Waiting`] | a hold that is suspended while its owner waits for a notification |
//! | [`Turns`] | holding and waiting, taking turns, in a wait whose loop is std's |
//! | [`Handle`] | sits in each end of a channel |
//! | [`Guards`] | how the guards of a lock are whose guards are not ours |
//! | [`Peer`] | somebody else's thread, to be waited for |
//! | [`Birth`] | a thread that is about to be started |

#[cfg(not(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions))))]
mod off;
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
pub(crate) mod on;

#[cfg(not(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions))))]
pub(crate) use off::*;
#[cfg(not(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions))))]
pub use off::{Guards, Initialising, Probe, Site, already};
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
pub(crate) use on::{
    Daemon, Handle, Held, Peer, Quorum, ScopeEnd, ScopeTag, Turns, Work, channel, park, scope_end, sleep, spawned,
};
#[cfg(any(feature = "watch", all(feature = "watch-in-debug", debug_assertions)))]
pub use on::{Guards, Initialising, Probe, Site, already};
