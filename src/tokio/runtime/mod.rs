//! `tokio::runtime`, watched. What neither polls nor spawns is the real crate's own.

mod builder;
mod handle;
pub(super) mod known;
mod local;
#[expect(clippy::module_inception, reason = "it is the name of the type")]
mod runtime;

pub use ::tokio::runtime::{
    EnterGuard, Id, LocalOptions, RuntimeFlavor, RuntimeMetrics, TryCurrentError, is_rt_shutdown_err, worker_index,
};
pub use builder::Builder;
pub use handle::Handle;
pub use local::LocalRuntime;
pub(super) use local::is_local;
pub use runtime::Runtime;
