//! tokio with console-subscriber, which listens for a console that nobody opens.

use crate::{family::Setup, tasks::tasks};
use ::tokio::{runtime, spawn, sync, time};

tasks!(Console);

fn start(_: &Setup<'_>) {
    // Any port: several may run beside each other.
    ::console_subscriber::ConsoleLayer::builder().server_addr(([127, 0, 0, 1], 0)).init();
}
