//! What `tokio::sync::Barrier` promises to do. The parent module says whose is asked.

use super::{
    asked::sync::Barrier,
    polled::{at_once, polled},
};

#[test]
fn the_last_one_opens_it_for_all() {
    let barrier = Barrier::new(3);
    for _ in 0..3 {
        let (mut one, mut two) = (polled(barrier.wait()), polled(barrier.wait()));
        one.pends();
        two.pends();
        assert!(at_once(barrier.wait()).is_leader());
        assert_eq!((one.wakes(), two.wakes()), (1, 1));
        assert!(!one.ready().is_leader() && !two.ready().is_leader());
    }
}

#[test]
fn one_and_none_wait_for_nobody() {
    for n in [0, 1] {
        let barrier = Barrier::new(n);
        assert!(at_once(barrier.wait()).is_leader() && at_once(barrier.wait()).is_leader());
    }
}

#[test]
fn who_gives_up_has_been_there() {
    let barrier = Barrier::new(2);
    let mut first = polled(barrier.wait());
    first.pends();
    drop(first);
    assert!(at_once(barrier.wait()).is_leader());
    // And who was not polled has not.
    drop(barrier.wait());
    polled(barrier.wait()).pends();
}
