use super::{
    sync::{
        Barrier,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    thread,
};

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

#[test]
fn nobody_passes_before_all_have_come() {
    let (barrier, come) = (Barrier::new(4), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 1..=50 {
                    come.fetch_add(1, SeqCst);
                    barrier.wait();
                    assert!(come.load(SeqCst) >= 4 * round);
                    barrier.wait();
                }
            });
        }
    });
    assert_eq!(come.into_inner(), 200);
}
