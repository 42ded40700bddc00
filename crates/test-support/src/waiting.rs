//! A child process whose memory its parent looks through.
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A child process at one of the points where it waits for us: it says where it is on a line of
/// its standard output, and goes on after a line of its standard input.
#[derive(Debug)]
pub struct Waiting {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Waiting {
    /// Starts the child.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn spawn(command: &mut Command) -> Self {
        // the address space that a process starts with is small, and the allocator keeps one heap
        let mut process = command
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    /// The names of the secrets that stand in the memory of a child after it was `dropped`. Those that
    /// are named first, which the child has while it is `holding`, are found then, and what is no secret
    /// is found to the end.
    ///
    /// # Panics
    /// When that is not found, or when the child does not end well.
    pub fn left_behind(
        command: &mut Command,
        held: &[&str],
        secrets: &[(String, Vec<u8>)],
        no_secret: &[u8],
    ) -> Vec<String> {
        let mut child = Self::spawn(command);
        child.until("holding");
        for held in held {
            let secret = secrets.iter().find(|(name, _)| name == held);
            let found = secret.map(|(_, secret)| child.holding(secret));
            let found = found.expect("a secret of this name");
            assert!(!found.is_empty(), "{held} is not found while it lives");
        }
        child.go_on();
        child.until("dropped");
        assert!(
            !child.holding(no_secret).is_empty(),
            "memory is not read as before"
        );
        let found = secrets
            .iter()
            .filter(|(_, secret)| {
                // constants of a program stand in what was mapped from its file
                let found = child.holding(secret);
                found.iter().any(|at| !at.starts_with('/'))
            })
            .map(|(name, _)| name.clone())
            .collect();
        child.go_on();
        assert!(child.ended_well());
        found
    }

    /// Waits for its end; whether it says that all was well.
    ///
    /// # Panics
    /// When it cannot be waited for.
    pub fn ended_well(&mut self) -> bool {
        self.process.wait().unwrap().success()
    }

    /// Waits until the child says that it is at this point.
    ///
    /// # Panics
    /// When it ends before.
    pub fn until(&mut self, what: &str) {
        let mut line = String::new();
        while line.trim_end() != what {
            line.clear();
            let read = self.output.read_line(&mut line).unwrap();
            assert!(read > 0, "the child ended before it was {what}");
        }
    }

    /// Lets the child go on.
    ///
    /// # Panics
    /// When it does not listen any more.
    pub fn go_on(&mut self) {
        self.input.write_all(b"\n").unwrap();
    }

    /// In which of the writable mappings other than stacks these bytes stand. None for a needle
    /// that is nowhere.
    ///
    /// # Panics
    /// When the child's memory cannot be read.
    #[must_use]
    pub fn holding(&self, needle: &[u8]) -> Vec<String> {
        let id = self.process.id();
        let maps = fs::read_to_string(format!("/proc/{id}/maps")).unwrap();
        let memory = File::open(format!("/proc/{id}/mem")).unwrap();
        let mut found = Vec::new();
        let mut guard_ends_at = 0;
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (range, mode) = (words.next().unwrap(), words.next().unwrap());
            let (from, to) = range.split_once('-').unwrap();
            let [from, to] = [from, to].map(|hex| u64::from_str_radix(hex, 16).unwrap());
            let name = words.nth(3).unwrap_or("anonymous");
            // a thread's stack stands behind a guard page; with one arena no heap does
            let is_stack = name == "[stack]" || name == "anonymous" && guard_ends_at == from;
            if mode.starts_with("---") {
                guard_ends_at = to;
            }
            if !mode.starts_with("rw") || name.starts_with("[v") || is_stack {
                continue;
            }
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            memory.read_exact_at(&mut bytes, from).unwrap();
            if bytes.windows(needle.len()).any(|window| window == needle) {
                found.push(format!("{name} {range}"));
            }
        }
        found
    }
}
