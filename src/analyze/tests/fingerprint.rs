use super::scene::*;
use crate::{
    analyze::{Thresholds, analyze, fingerprint},
    model::*,
};
use std::time::Duration;

/// Names everything after its numbers, shifted as another run would.
#[derive(Default)]
struct Names {
    shift: u32,
    worker: &'static str,
    line: u32,
}

impl World for Names {
    fn place(&self, id: PlaceId) -> Option<Place> {
        (id != PlaceId::UNKNOWN).then(|| Place { file: "src/main.rs".into(), line: id.0 as u32 + self.line, column: 5 })
    }

    fn object(&self, id: ObjectId) -> ObjectInfo {
        ObjectInfo { kind: id.kind(), name: Some(format!("lock {}", id.class())), created: None }
    }

    fn actor(&self, id: ActorId) -> Option<ActorInfo> {
        let name = match self.worker {
            "" => format!("thread {}", char::from(b'a' + (id.index - self.shift) as u8)),
            worker => worker.to_owned(),
        };
        Some(ActorInfo { name: Some(name), ..ActorInfo::default() })
    }
}

fn places(mut snapshot: Snapshot) -> Snapshot {
    for actor in &mut snapshot.actors {
        actor.wait.as_mut().expect("everybody waits here").place = PlaceId(1);
    }
    snapshot
}

fn of(snapshot: &Snapshot, world: &Names) -> String {
    fingerprint(&found(snapshot)[0], world)
}

#[test]
fn it_does_not_matter_where_a_cycle_starts() {
    let run = |one: u32, two: u32, three: u32| {
        let three = actor(three).holds(C).wants(A);
        places(scene([actor(one).holds(A).wants(B), actor(two).holds(B).wants(C), three]))
    };
    let world = Names { worker: "worker", ..Names::default() };
    let text = of(&run(1, 2, 3), &world);
    assert_eq!(text.len(), 16);
    assert!(text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(text, of(&run(2, 3, 1), &world));
    assert_eq!(text, of(&run(3, 1, 2), &world));
    // The other way round is another situation.
    let turned = places(scene([actor(1).holds(B).wants(A), actor(2).holds(A).wants(C), actor(3).holds(C).wants(B)]));
    assert_ne!(text, of(&turned, &world));
}

#[test]
fn identities_and_times_do_not_count() {
    let run = |first: u32, since: Nanos| {
        let one = actor(first + 1).holds(A).wants(B).since(since);
        places(scene([one, actor(first + 2).holds(B).wants(A)]))
    };
    let plain = of(&run(0, 0), &Names::default());
    assert_eq!(plain, of(&run(40, 7), &Names { shift: 40, ..Names::default() }));
    assert_ne!(plain, of(&run(0, 0), &Names { line: 1, ..Names::default() }));
    assert_ne!(plain, of(&run(0, 0), &Names { worker: "worker", ..Names::default() }));
}

#[test]
fn which_of_the_workers_it_was_does_not_count() {
    let snapshot = scene([actor(1).holds(A).wants(B), actor(2).holds(B).wants(A)]);
    let named = |worker| of(&snapshot, &Names { worker, ..Names::default() });
    assert_eq!(named("worker-3"), named("worker-17"));
    assert_ne!(named("worker-3"), named("auditor-3"));
}

#[test]
fn the_rules_and_the_reasons_count() {
    let world = Names { worker: "worker", ..Names::default() };
    let notified = of(&places(scene([actor(1).awaits(CV, A)])), &world);
    // As many as there may be at the same place.
    assert_eq!(notified, of(&places(scene([actor(1).awaits(CV, A), actor(2).awaits(CV, A)])), &world));
    assert_ne!(notified, of(&places(scene([actor(1).parks()])), &world));
    let relocked = of(&places(scene([actor(1).holds(A).wants(A)])), &world);
    let leaked = of(&places(scene([actor(1).wants(A)])).leaked(9, A, Mode::Exclusive, true), &world);
    assert_ne!(relocked, leaked);
}

#[test]
fn what_a_long_holder_does_at_the_moment_does_not_count() {
    let long = |holder: Actor| {
        let findings = analyze(&scene([holder, actor(2)]), &Thresholds::new(Some(Duration::ZERO), None));
        fingerprint(&findings[0], &Names::default())
    };
    assert_eq!(long(actor(1).holds(A)), long(actor(1).holds(A).joins(2)));
    assert_ne!(long(actor(1).holds(A)), long(actor(1).holds(B)));
}

#[test]
fn it_is_the_same_in_every_version() {
    let snapshot = scene([actor(1).holds(A).wants(B), actor(2).holds(B).wants(A)]);
    assert_eq!(of(&snapshot, &Names::default()), "f5c509fb0dd023f3");
}
