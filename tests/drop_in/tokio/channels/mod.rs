//! Channels: names, signatures, traits, and what they do.

use super::{ours, real};

mod ext;
mod names;
mod on_gordian;
mod on_real;
mod texts;
mod traits;
