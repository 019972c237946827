use super::{
    panic_of,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    thread::{self, AccessError},
    thread_local,
};
use std::cell::{Cell, OnceCell, RefCell};

#[test]
fn each_thread_has_its_own_made_on_first_use() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    thread_local!(static NUMBER: Cell<u32> = Cell::new(MADE.fetch_add(1, SeqCst)));
    let before = MADE.load(SeqCst);
    let seen: Vec<u32> = (0..3)
        .map(|_| {
            let handle = thread::spawn(|| {
                let first = NUMBER.get();
                NUMBER.set(first + 100);
                assert_eq!(NUMBER.get(), first + 100);
                first
            });
            handle.join().unwrap()
        })
        .collect();
    assert_eq!(seen, [before, before + 1, before + 2]);
}

#[test]
fn cells_are_set_and_taken() {
    thread_local! {
        static CELL: Cell<u8> = const { Cell::new(1) };
        static TEXT: RefCell<String> = RefCell::new("a".into());
        static ONCE: OnceCell<u8> = const { OnceCell::new() };
    }
    assert_eq!((CELL.get(), CELL.replace(2), CELL.take(), CELL.get()), (1, 1, 2, 0));
    TEXT.with_borrow_mut(|text| text.push('b'));
    assert_eq!(TEXT.with_borrow(String::len), 2);
    assert_eq!((TEXT.replace("c".into()), TEXT.take(), TEXT.take()), ("ab".into(), "c".into(), String::new()));
    TEXT.set("d".into());
    assert_eq!(TEXT.with(|text| text.borrow().clone()), "d");
    assert_eq!(ONCE.with(|once| *once.get_or_init(|| 5)), 5);
    assert_eq!(CELL.try_with(Cell::get), Ok(0));
    let (message, _) = panic_of(|| TEXT.with_borrow(|_| TEXT.set(String::new())));
    assert_eq!(message, "RefCell already borrowed");
}

#[test]
fn destructors_run_at_the_end_of_their_thread() {
    struct Adds(Arc<AtomicU32>);
    impl Drop for Adds {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    thread_local! {
        static LAZY: RefCell<Vec<Adds>> = RefCell::default();
        static EAGER: RefCell<Vec<Adds>> = const { RefCell::new(Vec::new()) };
    }
    let dropped = Arc::new(AtomicU32::new(0));
    let handle = thread::spawn({
        let dropped = dropped.clone();
        move || {
            LAZY.with_borrow_mut(|list| list.push(Adds(dropped.clone())));
            EAGER.with_borrow_mut(|list| (0..2).for_each(|_| list.push(Adds(dropped.clone()))));
            dropped.load(SeqCst)
        }
    });
    assert_eq!((handle.join().unwrap(), dropped.load(SeqCst)), (0, 3));
}

#[test]
fn what_is_gone_is_an_error() {
    struct Looks;
    impl Drop for Looks {
        fn drop(&mut self) {
            let looked = LOOKS.try_with(|_| ());
            SEEN.lock().unwrap().push(looked);
        }
    }
    static SEEN: Mutex<Vec<Result<(), AccessError>>> = Mutex::new(Vec::new());
    thread_local!(static LOOKS: Looks = const { Looks });
    thread::spawn(|| LOOKS.with(|_| ())).join().unwrap();
    let seen = SEEN.lock().unwrap().pop().unwrap();
    let error = seen.unwrap_err();
    assert_eq!(format!("{error:?} {error}"), "AccessError already destroyed");
    assert_eq!(error, error.clone());
}

/// Primitives of both kinds, within and from a destructor.
#[test]
fn primitives_are_used_in_destructors() {
    struct Locks(Arc<(Mutex<u32>, AtomicU32)>);
    impl Drop for Locks {
        fn drop(&mut self) {
            OWN.try_with(|own| *own.lock().unwrap() += 1).ok();
            *self.0.0.lock().unwrap() += 1;
            thread::yield_now();
            self.0.1.fetch_add(1, SeqCst);
        }
    }
    thread_local! {
        static OWN: Mutex<u32> = const { Mutex::new(0) };
        static LOCKS: RefCell<Option<Locks>> = const { RefCell::new(None) };
    }
    let shared = Arc::new((Mutex::new(0), AtomicU32::new(0)));
    for _ in 0..4 {
        let locks = Locks(shared.clone());
        thread::spawn(|| {
            LOCKS.set(Some(locks));
            OWN.with(|own| *own.lock().unwrap() += 1);
        })
        .join()
        .unwrap();
    }
    assert_eq!((*shared.0.lock().unwrap(), shared.1.load(SeqCst)), (4, 4));
}
