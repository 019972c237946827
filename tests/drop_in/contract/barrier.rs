use super::{sync::Barrier, thread};

#[test]
fn opens_for_all_and_names_one_leader_each_time() {
    let barrier = Barrier::new(3);
    for _ in 0..3 {
        let leaders = thread::scope(|scope| {
            let threads = [(); 3].map(|()| scope.spawn(|| barrier.wait().is_leader()));
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|leads| *leads).count()
        });
        assert_eq!(leaders, 1);
    }
}

#[test]
fn of_none_or_one_is_always_open() {
    for quorum in [0, 1] {
        let barrier = Barrier::new(quorum);
        assert!(barrier.wait().is_leader());
        assert!(barrier.wait().is_leader());
    }
}

#[test]
fn what_it_prints() {
    let barrier = Barrier::new(1);
    assert_eq!(format!("{barrier:?}"), "Barrier { .. }");
    assert_eq!(format!("{:?}", barrier.wait()), "BarrierWaitResult { is_leader: true }");
}
