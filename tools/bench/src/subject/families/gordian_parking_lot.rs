//! gordian's `parking_lot`: built off, or built on and at one of its levels.

use super::gordian::{burst, catch_up, lost_orders, start};
use crate::family::family;
use ::gordian::{
    parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread,
};

family! {
    GordianParkingLot, result: [],
    burst: burst, catch_up: catch_up, lost_orders: lost_orders
}
