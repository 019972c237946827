//! `#[tokio::main]` and `#[tokio::test]` are written in terms of the `tokio` that is in scope: so they meet gordian's builder
//! where that is `gordian::tokio`.

use std::cell::RefCell;

thread_local! {
    static CALLED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

fn called() -> Vec<&'static str> {
    CALLED.take()
}

/// One that is neither.
mod tokio {
    pub(super) use gordian::tokio::main;

    pub(super) mod runtime {
        use super::super::CALLED;
        use std::{convert::Infallible, future::Future};

        pub(in super::super) struct Builder;

        impl Builder {
            pub(in super::super) fn new_current_thread() -> Builder {
                CALLED.with_borrow_mut(|called| called.push("new_current_thread"));
                Builder
            }

            pub(in super::super) fn enable_all(self) -> Builder {
                CALLED.with_borrow_mut(|called| called.push("enable_all"));
                self
            }

            pub(in super::super) fn build(self) -> Result<Builder, Infallible> {
                CALLED.with_borrow_mut(|called| called.push("build"));
                Ok(self)
            }

            pub(in super::super) fn block_on<F: Future>(self, future: F) -> F::Output {
                CALLED.with_borrow_mut(|called| called.push("block_on"));
                futures::executor::block_on(future)
            }
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main_in_scope() -> u8 {
    3
}

#[test]
fn main_meets_the_builder_in_scope() {
    assert_eq!((main_in_scope(), called()), (3, vec!["new_current_thread", "enable_all", "build", "block_on"]));
}

mod with_gordian {
    use gordian::tokio;

    #[tokio::main]
    async fn on_many_threads() -> u8 {
        tokio::spawn(async { 1 }).await.unwrap() + 1
    }

    #[tokio::main(flavor = "current_thread")]
    async fn on_one() -> Result<u8, String> {
        Err(tokio::task::spawn_blocking(|| "no".to_owned()).await.unwrap())
    }

    #[test]
    fn main_runs() {
        assert_eq!((on_many_threads(), on_one()), (2, Err("no".to_owned())));
    }

    #[tokio::test]
    async fn a_test_runs() {
        assert_eq!(tokio::spawn(async { 1 }).await.unwrap(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_test_runs_on_many_threads() {
        assert_eq!(tokio::task::block_in_place(|| 7), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_test_runs_while_the_clock_stands() {
        let began = tokio::time::Instant::now();
        tokio::time::sleep(std::time::Duration::from_secs(1000)).await;
        assert_eq!(began.elapsed().as_secs(), 1000);
    }

    #[test]
    fn macros_come_along() {
        tokio::task_local! {
            static NUMBER: u8;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let sum = runtime.block_on(NUMBER.scope(5, async {
            let (one, two) = tokio::join!(async { 1 }, async { NUMBER.get() });
            let both = tokio::try_join!(async { Ok::<u8, u8>(1) }, async { Err::<u8, u8>(9) });
            let first = tokio::select! {
                biased;
                three = async { 3 } => three,
                () = std::future::pending() => 0,
            };
            one + two + both.unwrap_err() + first
        }));
        assert_eq!(sum, 1 + 5 + 9 + 3);
    }
}
