//! Two tasks take two async locks in opposite orders.
use gordian::{task, tokio};
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (a, b) = (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2)));
    let one = {
        let (a, b) = (a.clone(), b.clone());
        tokio::spawn(task::named("alice", async move {
            let _a = a.lock().await;
            tokio::task::yield_now().await;
            let _b = b.lock().await;
        }))
    };
    let other = tokio::spawn(task::named("bob", async move {
        let _b = b.lock().await;
        tokio::task::yield_now().await;
        let _a = a.lock().await;
    }));
    _ = tokio::time::timeout(Duration::from_secs(4), async { _ = (one.await, other.await) }).await;
}
