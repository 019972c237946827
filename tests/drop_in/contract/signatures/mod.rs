//! Where a signature differs from std's this does not compile. Every stable method stands here as `Type::method` (methods of
//! atomic integers as `Integer::method`): `complete.rs` looks for it.

use super::{sync, thread};
use std::fmt;

mod atomics;
mod channels;
mod locks;
mod threads;

/// A type without a size.
type Dyn = dyn fmt::Debug;
