//! What gordian adds works on its own types and on std's, so that the swap can be taken back.

use gordian::{Ext, ext::spawn_daemon};

macro_rules! extras {
    ($name:ident, $krate:ident) => {
        mod $name {
            use super::Ext;
            use $krate::{
                sync::{Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock},
                thread,
            };

            static ACCOUNTS: LazyLock<Mutex<Vec<u8>>> = LazyLock::new(|| Mutex::new(vec![1]).named("accounts"));

            #[test]
            fn a_named_primitive_is_what_it_was() {
                assert_eq!(Mutex::new(1).named("one").into_inner().unwrap(), 1);
                assert_eq!(RwLock::new(1).named("one").into_inner().unwrap(), 1);
                assert_eq!(OnceLock::from(1).named("one").into_inner(), Some(1));
                assert_eq!(*LazyLock::new(|| 1).named("one"), 1);
                assert!(Barrier::new(1).named("alone").wait().is_leader());
                Once::new().named("once").call_once(|| ());
                Condvar::new().named("nobody waits").notify_all();
                assert_eq!(ACCOUNTS.lock().unwrap()[0], 1);
            }

            #[test]
            fn a_name_may_be_any_text_and_be_given_again() {
                let mutex = Mutex::new(1).named("").named("\0").named("zwölf").named(&"long ".repeat(1_000));
                assert_eq!(*mutex.lock().unwrap(), 1);
            }

            #[test]
            fn a_named_thread_has_that_name() {
                let thread = thread::Builder::new().named("worker").spawn(|| ()).unwrap();
                assert_eq!(thread.thread().name(), Some("worker"));
                thread.join().unwrap();
            }

            #[test]
            fn a_daemon_is_a_thread() {
                for yes in [false, true] {
                    let thread = thread::Builder::new().daemon(yes).named("daemon").spawn(|| 5).unwrap();
                    assert_eq!(thread.join().unwrap(), 5);
                }
            }
        }
    };
}

extras!(on_std, std);
extras!(on_gordian, gordian);

#[test]
fn the_shorthand_starts_a_thread() {
    let (done, wait) = std::sync::mpsc::channel();
    let thread: std::thread::Thread = spawn_daemon(move || done.send(std::thread::current().id()).unwrap());
    assert_eq!(wait.recv().unwrap(), thread.id());
}
