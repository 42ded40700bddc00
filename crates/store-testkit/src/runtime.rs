//! What the tests need of a runtime: to run, to run together, and not to hang.

use futures_timer::Delay;
use futures_util::future::{Either, select};
use std::pin::pin;
use std::time::Duration;

/// Shorter than a prompt takes, longer than a store usually takes for anything.
pub(crate) const SHORT: Duration = Duration::from_millis(50);
/// Whoever waits longer than this hangs.
const HANGS: Duration = Duration::from_secs(20);

/// Runs a test to its end on a tokio runtime of its own, with two workers, timers and sockets.
///
/// # Panics
/// When the test does, or when no runtime can be made.
#[cfg(not(target_family = "wasm"))]
pub fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a tokio runtime")
        .block_on(test)
}

/// Why a test did not do its work.
#[cfg(not(target_family = "wasm"))]
struct Skipped(String);

/// Ends a test that one of the macros made, which cannot do its work here: its engine is not
/// installed, for example. It passes, and prints `skipped: ` and the reason.
///
/// # Panics
/// Always, by which the test ends.
#[cfg(not(target_family = "wasm"))]
pub fn skip(why: impl Into<String>) -> ! {
    std::panic::resume_unwind(Box::new(Skipped(why.into())))
}

/// Runs a test of a macro, which may be [skipped](skip).
#[cfg(not(target_family = "wasm"))]
#[doc(hidden)]
pub fn run_or_skip(test: impl Future<Output = ()>) {
    let test = std::panic::AssertUnwindSafe(|| run(test));
    match std::panic::catch_unwind(test) {
        Ok(()) => {}
        Err(panic) => match panic.downcast::<Skipped>() {
            Ok(skipped) => say(&format!("skipped: {}", skipped.0)),
            Err(panic) => std::panic::resume_unwind(panic),
        },
    }
}

/// Waits for what must not wait for ever.
pub(crate) async fn ends<T>(what: &str, future: impl Future<Output = T>) -> T {
    match select(pin!(future), Delay::new(HANGS)).await {
        Either::Left((value, _)) => value,
        Either::Right(_) => panic!("{what} did not end within {HANGS:?}"),
    }
}

/// Lets some time pass.
pub(crate) async fn pause(time: Duration) {
    Delay::new(time).await;
}

/// Begins something and gives it up after its first step, as a cancelled caller does.
pub(crate) async fn begin_and_drop(future: impl Future) {
    let _ = select(pin!(future), std::future::ready(())).await;
}

/// Runs all of them at once, on several threads where there are some; answers in their order.
#[cfg(not(target_family = "wasm"))]
pub(crate) async fn together<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    let mut results = Vec::with_capacity(tasks.len());
    for task in tasks {
        results.push(task.await.expect("the task does not panic"));
    }
    results
}

/// Runs all of them at once; answers in their order.
#[cfg(target_family = "wasm")]
pub(crate) async fn together<T>(
    tasks: impl IntoIterator<Item = impl Future<Output = T>>,
) -> Vec<T> {
    futures_util::future::join_all(tasks).await
}

/// Says something that a reader of the test's output must know.
pub(crate) fn say(text: &str) {
    #[cfg(not(target_family = "wasm"))]
    #[allow(clippy::print_stdout)]
    {
        println!("{text}");
    }
    #[cfg(target_family = "wasm")]
    wasm_bindgen_test::console_log!("{text}");
}
