//! tokio, the measure of what tasks do.

use crate::{family::Setup, tasks::tasks};
use ::tokio::{runtime, spawn, sync, time};

tasks!(Tokio);

fn start(_: &Setup<'_>) {}
