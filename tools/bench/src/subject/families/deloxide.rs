//! deloxide, which calls back.

use crate::family::{Setup, family};
use ::deloxide::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, thread};

family!(Deloxide, result: []);

fn start(setup: &Setup<'_>) {
    let told = setup.told;
    let detector = ::deloxide::Deloxide::new().callback(move |_| told());
    #[cfg(feature = "deloxide-order")]
    let detector = detector.with_lock_order_checking();
    detector.start().expect("nothing else has started it");
}
