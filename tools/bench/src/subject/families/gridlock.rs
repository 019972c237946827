//! gridlock, whose observers are there in builds with debug assertions only.

use crate::{family::Setup, tasks::tasks};
use ::gridlock::{sync, task::spawn};
use ::tokio::{runtime, time};

tasks!(Gridlock, received_by: recv);

/// What its observers say goes nowhere, as in a program that looks at warnings only.
fn start(_: &Setup<'_>) {
    let warnings = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::WARN);
    warnings.with_writer(std::io::sink).init();
}

async fn recv(mut receiver: sync::oneshot::Receiver<u64>) -> Result<u64, sync::oneshot::error::RecvError> {
    receiver.recv().await
}
