//! Names can be given to gordian's channels and to the real ones, so that the swap can be taken back.

use super::{ours, real};
use gordian::Ext;

macro_rules! names {
    ($name:ident, $krate:ident) => {
        #[test]
        fn $name() {
            use $krate::sync::{broadcast, mpsc, oneshot, watch};
            let (sender, receiver) = mpsc::channel(1);
            let (sender, mut receiver) = (sender.named("jobs"), receiver.named("").named("zwölf"));
            sender.downgrade().upgrade().unwrap().named("jobs").try_send(1).unwrap();
            assert_eq!(receiver.try_recv(), Ok(1));
            let (sender, receiver) = mpsc::unbounded_channel();
            let (sender, mut receiver) = (sender.named("jobs"), receiver.named(&"long ".repeat(1_000)));
            sender.send(1).unwrap();
            assert_eq!(receiver.try_recv(), Ok(1));
            let (sender, receiver) = oneshot::channel();
            let (sender, mut receiver) = (sender.named("answer"), receiver.named("answer"));
            sender.send(1).unwrap();
            assert_eq!(receiver.try_recv(), Ok(1));
            let (sender, receiver) = watch::channel(0);
            let (sender, receiver) = (sender.named("level"), receiver.named("level"));
            sender.send(1).unwrap();
            assert_eq!(*receiver.borrow(), 1);
            let (sender, receiver) = broadcast::channel(1);
            let (sender, mut receiver) = (sender.named("news"), receiver.named("news"));
            sender.send(1).unwrap();
            assert_eq!(receiver.try_recv(), Ok(1));
        }
    };
}

names!(of_the_real_crate, real);
names!(of_gordian, ours);
