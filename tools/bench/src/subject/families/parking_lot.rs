//! parking_lot. With its `deadlock_detection` nothing is told unless the program asks: no deadlock is waited for.

use crate::family::{Setup, family};
use ::parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;

family!(ParkingLot, result: []);

fn start(_: &Setup<'_>) {}
