//! Initialisers.

use crate::run::{Case, Told, named, quiet, stuck, work};
use gordian::{
    Ext,
    sync::{Arc, LazyLock, Mutex, Once, OnceLock},
    thread,
};
use std::{
    panic::{catch_unwind, set_hook},
    sync::Barrier,
    time::Duration,
};

pub(crate) const CASES: &[Case] = &[
    stuck!(
        once_lock_in_itself,
        "wait_cycle",
        ["main: holds config [outer], waits for the initialisation of OnceLock `config` [inner]"],
        []
    ),
    stuck!(
        waits_in_its_own_initialiser,
        "wait_cycle",
        ["main: holds config [begins], waits for the initialisation of OnceLock `config` [waits]"],
        []
    ),
    quiet!(waits_for_anothers_initialiser),
    stuck!(
        lazy_lock_in_itself,
        "wait_cycle",
        ["main: holds LazyLock [first use], waits for the initialisation of LazyLock #4097 [itself]"],
        []
    ),
    stuck!(
        once_in_itself,
        "wait_cycle",
        ["main: holds setup [call], waits for the initialisation of Once `setup` [call again]"],
        []
    ),
    quiet!(each_in_another),
    Case {
        settings: &[("GORDIAN_LONG_WAIT", "300ms")],
        told: &[Told {
            rule: "wait_cycle",
            certainty: "possible",
            threads: &["setter: holds Once [its call], waits for a notification of Once #4097 [its call]"],
            victims: &["main"],
        }],
        ends: false,
        ..quiet!(waited_for_by_its_initialiser)
    },
    quiet!(waited_for_by_another),
    quiet!(hook_of_a_poisoned_once),
    quiet!(hook_of_a_wait_for_a_poisoned_once),
    quiet!(hook_that_takes_its_time),
    stuck!(
        two_once_locks,
        "wait_cycle",
        [
            "alice: holds one [first], waits for the initialisation of OnceLock `two` [second]",
            "bob: holds two [first], waits for the initialisation of OnceLock `one` [second]",
        ],
        ["main"]
    ),
    stuck!(
        two_lazy_locks,
        "wait_cycle",
        [
            "alice: holds EVEN [force even], waits for the initialisation of LazyLock `ODD` [even needs odd]",
            "bob: holds ODD [force odd], waits for the initialisation of LazyLock `EVEN` [odd needs even]",
        ],
        ["main"]
    ),
    stuck!(
        initialiser_wants_a_lock,
        "wait_cycle",
        [
            "alice: holds config [outer init], waits for Mutex `state` [init wants]",
            "bob: holds state [lock], waits for the initialisation of OnceLock `config` [wants init]",
        ],
        ["main"]
    ),
    quiet!(initialiser_takes_its_time),
    quiet!(many_at_once),
    quiet!(set_while_initialising),
    quiet!(initialiser_panics),
];

fn once_lock_in_itself() {
    let config = OnceLock::new().named("config");
    let outer = || {
        config.get_or_init(|| 1); //~ inner
        2
    };
    config.get_or_init(outer); //~ outer
}

static SELF: LazyLock<u32> = LazyLock::new(|| *SELF + 1); //~ itself

fn lazy_lock_in_itself() {
    println!("{}", *SELF); //~ first use
}

fn once_in_itself() {
    let setup = Once::new().named("setup");
    let again = || {
        setup.call_once(|| ()); //~ call again
    };
    setup.call_once(again); //~ call
}

fn each_in_another() {
    let (one, two, setup) = (OnceLock::new(), LazyLock::new(|| 2), Once::new());
    let mut done = false;
    setup.call_once(|| {
        done = *one.get_or_init(|| *two + 1) == 3;
        work();
    });
    assert!(done && *one.get_or_init(|| 0) == 3);
}

/// While somebody else runs, who might be about to panic.
fn waited_for_by_its_initialiser() {
    named("busy", || {
        loop {
            work();
        }
    });
    let setter = named("setter", || {
        static SETUP: Once = Once::new();
        SETUP.call_once(|| SETUP.wait()) //~ its call
    });
    setter.join().unwrap();
}

fn waited_for_by_another() {
    static SETUP: Once = Once::new();
    let waiter = named("waiter", || SETUP.wait());
    work();
    SETUP.call_once(work);
    waiter.join().unwrap();
}

fn two_once_locks() {
    let cells = Arc::new([OnceLock::new().named("one"), OnceLock::new().named("two")]);
    let meet = Arc::new(Barrier::new(2));
    let start = |name, own: usize| {
        let (cells, meet) = (cells.clone(), meet.clone());
        named(name, move || {
            let init = || {
                meet.wait();
                *cells[1 - own].get_or_init(|| 1) //~ second
            };
            cells[own].get_or_init(init); //~ first
        })
    };
    let threads = [start("alice", 0), start("bob", 1)];
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn two_lazy_locks() {
    struct Pair {
        even: LazyLock<u32>,
        odd: LazyLock<u32>,
    }
    static PAIR: OnceLock<Pair> = OnceLock::new();
    static MEET: Barrier = Barrier::new(2);
    fn pair() -> &'static Pair {
        PAIR.get().expect("made")
    }
    fn even() -> u32 {
        MEET.wait();
        *LazyLock::force(&pair().odd) //~ even needs odd
    }
    fn odd() -> u32 {
        MEET.wait();
        *LazyLock::force(&pair().even) //~ odd needs even
    }
    let even: fn() -> u32 = even;
    let odd: fn() -> u32 = odd;
    let made = PAIR.set(Pair { even: LazyLock::new(even).named("EVEN"), odd: LazyLock::new(odd).named("ODD") });
    assert!(made.is_ok());
    let alice = named("alice", || *LazyLock::force(&pair().even)); //~ force even
    let bob = named("bob", || *LazyLock::force(&pair().odd)); //~ force odd
    alice.join().unwrap();
    bob.join().unwrap();
}

fn initialiser_wants_a_lock() {
    let (config, state) = (Arc::new(OnceLock::new().named("config")), Arc::new(Mutex::new(()).named("state")));
    let meet = Arc::new(Barrier::new(2));
    let alice = {
        let (config, state, meet) = (config.clone(), state.clone(), meet.clone());
        named("alice", move || {
            let init = || {
                meet.wait();
                drop(state.lock().unwrap()); //~ init wants
                1
            };
            config.get_or_init(init); //~ outer init
        })
    };
    let bob = named("bob", move || {
        let _state = state.lock().unwrap(); //~ lock
        meet.wait();
        config.get_or_init(|| 2); //~ wants init
    });
    alice.join().unwrap();
    bob.join().unwrap();
}

/// All others wait for it, holding what it does not need.
fn initialiser_takes_its_time() {
    static SLOW: LazyLock<u32> = LazyLock::new(|| {
        work();
        let own = Mutex::new(1);
        *own.lock().unwrap()
    });
    let config = Arc::new(OnceLock::new());
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let config = config.clone();
            named("user", move || {
                let own = Mutex::new(0);
                let mut own = own.lock().unwrap();
                *own = *SLOW
                    + config.get_or_init(|| {
                        work();
                        1
                    });
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// The one that makes it waits for a lock of somebody else's meanwhile.
fn many_at_once() {
    let state = Arc::new(Mutex::new(0));
    let held = state.lock().unwrap();
    let lazy = {
        let state = state.clone();
        Arc::new(LazyLock::new(move || *state.lock().unwrap()))
    };
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let lazy = lazy.clone();
            named("user", move || **lazy)
        })
        .collect();
    work();
    drop(held);
    threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), 0));
}

fn set_while_initialising() {
    let (cell, begun) = (Arc::new(OnceLock::new()), Arc::new(Barrier::new(2)));
    let maker = {
        let (cell, begun) = (cell.clone(), begun.clone());
        named("maker", move || {
            *cell.get_or_init(|| {
                begun.wait();
                work();
                1
            })
        })
    };
    let state = Mutex::new(());
    let _held = state.lock().unwrap();
    begun.wait();
    assert_eq!(cell.set(2), Err(2));
    assert_eq!(maker.join().unwrap(), *cell.wait());
}

fn initialiser_panics() {
    let (cell, begun) = (Arc::new(OnceLock::new()), Arc::new(Barrier::new(2)));
    std::panic::set_hook(Box::new(|_| work()));
    let maker = {
        let (cell, begun) = (cell.clone(), begun.clone());
        named("maker", move || {
            cell.get_or_init(|| {
                begun.wait();
                work();
                panic!("no value")
            });
        })
    };
    begun.wait();
    assert_eq!(*cell.get_or_init(|| 2), 2);
    assert!(maker.join().is_err());
}

/// A bystander that only sleeps might write it, but for the initialiser that is running.
fn waits_in_its_own_initialiser() {
    let config = OnceLock::new().named("config");
    named("bystander", || {
        loop {
            work()
        }
    });
    #[rustfmt::skip]
    let _: &u32 = config.get_or_init(|| { //~ begins
        *config.wait() //~ waits
    });
}

fn waits_for_anothers_initialiser() {
    let config = Arc::new(OnceLock::new().named("config"));
    let waiter = {
        let config = config.clone();
        named("waiter", move || *config.wait())
    };
    let _: &u32 = config.get_or_init(|| {
        work();
        7
    });
    assert_eq!(waiter.join().unwrap(), 7);
}

/// Panics over a `Once` whose initialiser has panicked, in `refused`; the hook holds a lock for a while. Meanwhile somebody
/// mends the `Once`, and wants that lock.
fn hook_holds_a_lock(refused: fn(&Once)) {
    static ONCE: Once = Once::new();
    static OUTPUT: Mutex<()> = Mutex::new(());
    static IN_HOOK: Barrier = Barrier::new(2);
    let _ = catch_unwind(|| ONCE.call_once(|| panic!("the initialiser's")));
    set_hook(Box::new(|_| {
        let _output = OUTPUT.lock().unwrap();
        IN_HOOK.wait();
        thread::sleep(Duration::from_millis(80));
    }));
    let refused = named("refused", move || assert!(catch_unwind(|| refused(&ONCE)).is_err()));
    IN_HOOK.wait();
    ONCE.call_once_force(|_| drop(OUTPUT.lock().unwrap()));
    refused.join().unwrap();
}

fn hook_of_a_poisoned_once() {
    hook_holds_a_lock(|once| once.call_once(|| ()));
}

fn hook_of_a_wait_for_a_poisoned_once() {
    hook_holds_a_lock(Once::wait);
}

/// Nobody else is there, and the hook sleeps.
fn hook_that_takes_its_time() {
    static ONCE: Once = Once::new();
    let _ = catch_unwind(|| ONCE.call_once(|| panic!("the initialiser's")));
    set_hook(Box::new(|_| std::thread::sleep(Duration::from_millis(80))));
    assert!(catch_unwind(|| ONCE.wait()).is_err());
    assert!(catch_unwind(|| ONCE.call_once(|| ())).is_err());
}
