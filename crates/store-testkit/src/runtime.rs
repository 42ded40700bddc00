//! What the tests need of a runtime: to run, to run together, and not to hang.

use futures_timer::Delay;
use futures_util::future::{Either, select};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Shorter than a prompt takes, longer than a store usually takes for anything.
pub(crate) const SHORT: Duration = Duration::from_millis(50);
/// Whoever waits longer than this hangs.
const HANGS: Duration = Duration::from_secs(20);

/// Runs a test to its end on a tokio runtime of its own, with two workers, timers, and the input and
/// output that tokio was built with.
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

/// Ends the test that calls it, which one of the macros made and which cannot do its work here: its
/// engine is not installed, for example. The test passes, and says that it was
/// [skipped](skip), and why.
///
/// # Panics
/// Always, by which the test ends.
#[cfg(not(target_family = "wasm"))]
pub fn end_skipped(reason: impl Into<String>) -> ! {
    std::panic::resume_unwind(Box::new(Skipped(reason.into())))
}

/// Runs a test that may [end as skipped](end_skipped).
#[cfg(not(target_family = "wasm"))]
#[doc(hidden)]
pub fn run_or_skip(test: impl Future<Output = ()>) {
    let test = std::panic::AssertUnwindSafe(|| run(test));
    let Err(panic) = std::panic::catch_unwind(test) else {
        return;
    };
    match panic.downcast::<Skipped>() {
        Ok(skipped) => {
            // the harness names a test's thread after it
            let thread = std::thread::current();
            skip(thread.name().unwrap_or("a test"), &skipped.0);
        }
        Err(panic) => std::panic::resume_unwind(panic),
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

/// Begins something and gives it up after so many more of its steps, wherever it is then.
pub(crate) async fn poll_and_drop(future: impl Future, steps: usize) {
    let mut future = pin!(future);
    for _ in 0..=steps {
        let step = poll_fn(|context| Poll::Ready(future.as_mut().poll(context)));
        if step.await.is_ready() {
            return;
        }
        // what it waits for may happen
        pause(Duration::from_micros(300)).await;
    }
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

/// Says that a test could not be done here, and why, in the words by which `cargo xtask` counts it as
/// skipped. It does not go through the test harness, which hides what passing tests print.
pub fn skip(test: &str, reason: &str) {
    let text = format!("skipped: {test}: {reason}");
    #[cfg(not(target_family = "wasm"))]
    {
        use std::io::Write as _;
        // in one piece: other tests print at the same time
        let _ = std::io::stderr().write_all(format!("{text}\n").as_bytes());
    }
    #[cfg(target_family = "wasm")]
    wasm_bindgen_test::console_log!("{text}");
}
