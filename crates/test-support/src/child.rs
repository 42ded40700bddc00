//! The test program once more, as a process of its own that runs one of its ignored tests.

use std::process::Command;

/// The running test program, told to run this test, which is ignored otherwise, and nothing else.
///
/// # Panics
/// When the system does not say which program runs.
#[must_use]
pub fn this_test(name: &str) -> Command {
    let program = std::env::current_exe().expect("the test program");
    let mut command = Command::new(program);
    command.args(this_test_arguments(name));
    command
}

/// The arguments by which a test program runs one ignored test.
#[must_use]
pub const fn this_test_arguments(name: &str) -> [&str; 5] {
    [
        "--exact",
        name,
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ]
}

/// In a child that its parent started as `Waiting`: says on a line where it is, and waits until it
/// may go on.
///
/// # Panics
/// When there is no parent.
pub fn say_and_wait(what: &str) {
    println!("\n{what}");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("a parent");
}
