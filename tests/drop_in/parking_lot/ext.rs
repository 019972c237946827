//! Names can be given to gordian's types and to the real ones, so that the swap can be taken back.

use super::{ours, real};
use gordian::Ext;

macro_rules! names {
    ($name:ident, $krate:ident) => {
        #[test]
        fn $name() {
            use $krate::{Condvar, FairMutex, Mutex, Once, ReentrantMutex, RwLock};
            assert_eq!(Mutex::new(1).named("one").into_inner(), 1);
            assert_eq!(FairMutex::new(1).named("one").into_inner(), 1);
            assert_eq!(ReentrantMutex::new(1).named("one").into_inner(), 1);
            assert_eq!(RwLock::new(1).named("").named("zwölf").named(&"long ".repeat(1_000)).into_inner(), 1);
            Condvar::new().named("nobody waits").notify_all();
            Once::new().named("once").call_once(|| ());
            // A lock stays as it is, locked or not.
            let locked = Mutex::new(1);
            std::mem::forget(locked.lock());
            assert!(locked.named("locked").is_locked());
        }
    };
}

names!(of_the_real_crate, real);
names!(of_gordian, ours);
