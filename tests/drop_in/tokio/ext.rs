//! Names can be given to gordian's types and to the real ones, so that the swap can be taken back.

use super::{ours, polled::at_once, real};
use gordian::Ext;

macro_rules! names {
    ($name:ident, $krate:ident) => {
        #[test]
        fn $name() {
            use $krate::sync::{Barrier, Mutex, Notify, OnceCell, RwLock, Semaphore, SetOnce};
            assert_eq!(Mutex::new(1).named("one").into_inner(), 1);
            assert_eq!(RwLock::new(1).named("").named("zwölf").named(&"long ".repeat(1_000)).into_inner(), 1);
            assert_eq!(Semaphore::new(2).named("two").available_permits(), 2);
            assert_eq!(OnceCell::from(1).named("one").into_inner(), Some(1));
            assert_eq!(SetOnce::from(1).named("one").into_inner(), Some(1));
            Notify::new().named("nobody waits").notify_waiters();
            assert!(at_once(Barrier::new(1).named("alone").wait()).is_leader());
        }
    };
}

names!(of_the_real_crate, real);
names!(of_gordian, ours);
