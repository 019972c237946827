//! The subjects. Which of them this program has, its features say.

#[cfg(feature = "console-subscriber")]
mod console_subscriber;
mod control;
#[cfg(feature = "deloxide")]
mod deloxide;
#[cfg(any(feature = "gordian-on", feature = "gordian-off"))]
mod gordian;
#[cfg(any(feature = "gordian-parking-lot-on", feature = "gordian-parking-lot-off"))]
mod gordian_parking_lot;
#[cfg(any(feature = "gordian-tokio-on", feature = "gordian-tokio-off"))]
mod gordian_tokio;
#[cfg(feature = "gridlock")]
mod gridlock;
#[cfg(feature = "keepcalm")]
mod keepcalm;
#[cfg(feature = "no-deadlocks")]
mod no_deadlocks;
#[cfg(feature = "parking-lot")]
mod parking_lot;
mod standard;
#[cfg(feature = "tokio")]
mod tokio;
#[cfg(feature = "tracing-mutex")]
mod tracing_mutex;

pub(crate) use standard::Std;

#[cfg(feature = "tokio")]
use crate::tasks;
use crate::{Request, family::Family, operations, operations::Operation, serve};

/// Serves as the family of this name, for ever.
pub(crate) fn run(family: &str, request: &Request) {
    match family {
        "std" => serve::<control::Control>(request),
        #[cfg(feature = "console-subscriber")]
        "console-subscriber" => tasks::serve_apart::<console_subscriber::Console>(request),
        #[cfg(feature = "deloxide")]
        "deloxide" => serve::<deloxide::Deloxide>(request),
        #[cfg(any(feature = "gordian-on", feature = "gordian-off"))]
        "gordian" => serve::<gordian::Gordian>(request),
        #[cfg(any(feature = "gordian-parking-lot-on", feature = "gordian-parking-lot-off"))]
        "gordian-parking-lot" => serve::<gordian_parking_lot::GordianParkingLot>(request),
        #[cfg(any(feature = "gordian-tokio-on", feature = "gordian-tokio-off"))]
        "gordian-tokio" => tasks::serve::<gordian_tokio::GordianTokio, tokio::Tokio>(request),
        #[cfg(feature = "gridlock")]
        "gridlock" => tasks::serve_apart::<gridlock::Gridlock>(request),
        #[cfg(feature = "keepcalm")]
        "keepcalm" => serve::<keepcalm::Keepcalm>(request),
        #[cfg(feature = "no-deadlocks")]
        "no-deadlocks" => serve::<no_deadlocks::NoDeadlocks>(request),
        #[cfg(feature = "parking-lot")]
        "parking-lot" => serve::<parking_lot::ParkingLot>(request),
        #[cfg(feature = "tokio")]
        "tokio" => tasks::serve::<tokio::Tokio, tokio::Tokio>(request),
        #[cfg(feature = "tracing-mutex")]
        "tracing-mutex" => serve::<tracing_mutex::TracingMutex>(request),
        _ => {
            eprintln!("gordian-bench-subject: built without the family `{family}`");
            std::process::exit(2);
        }
    }
}

/// The operation of the family of this name, as what others are measured against, in pieces that suit those.
pub(crate) fn measure<As: Family>(family: &str, operation: &str) -> Option<Operation> {
    match family {
        "std" => operations::find::<Std, As>(operation),
        #[cfg(feature = "parking-lot")]
        "parking-lot" => operations::find::<parking_lot::ParkingLot, As>(operation),
        _ => None,
    }
}

/// For the families that tell by panicking.
#[cfg(any(feature = "keepcalm", feature = "no-deadlocks", feature = "tracing-mutex"))]
fn told_by_panic(setup: &crate::family::Setup<'_>) {
    let told = setup.told;
    std::panic::set_hook(Box::new(move |_| told()));
}
