//! The guide, followed to the letter: every `console` block of its pages, in the order in which they
//! are read, in one shell and an empty home. `DID_SESSION_WRITE_PICTURE=1` draws the terminal of the
//! page `command-line.md` anew.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a page says: a command, and what it prints. `…` stands for anything, alone on a line for
/// any number of lines.
#[derive(Debug)]
struct Step {
    place: String,
    command: String,
    printed: Vec<String>,
}

/// Stands behind what each command prints, with its exit code.
const END: &str = "\u{1e}";

fn pages() -> Vec<PathBuf> {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/src");
    let summary = std::fs::read_to_string(book.join("SUMMARY.md")).unwrap();
    let links = summary.split("](").skip(1);
    links
        .map(|link| book.join(link.split(')').next().unwrap()))
        .collect()
}

fn steps(page: &Path) -> Vec<Step> {
    let text = std::fs::read_to_string(page).unwrap();
    let name = page.file_name().unwrap().to_string_lossy();
    let (mut steps, mut inside): (Vec<Step>, bool) = (Vec::new(), false);
    for (at, line) in text.lines().enumerate() {
        match (inside, line) {
            (false, line) => inside = line == "```console",
            (true, "```") => inside = false,
            (true, line) => match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step {
                    place: format!("{name}:{}", at + 1),
                    command: command.to_owned(),
                    printed: Vec::new(),
                }),
                (None, Some(step)) => step.printed.push(line.to_owned()),
                (None, None) => panic!("{name}:{}: no command", at + 1),
            },
        }
    }
    steps
}

/// Runs all steps in one shell; answers what each printed, and how it ended.
fn run(steps: &[Step], home: &Path) -> Vec<(String, String)> {
    let script: String = steps
        .iter()
        .map(|step| format!("{}\nprintf '{END}%s{END}' \"$?\"\n", step.command))
        .collect();
    let program = Path::new(env!("CARGO_BIN_EXE_did-session"));
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("bash")
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .current_dir(home)
        .env("HOME", home)
        .env(
            "PATH",
            format!("{}:{path}", program.parent().unwrap().display()),
        )
        .env("COLUMNS", "100")
        .env_remove("DID_SESSION_STORE")
        .env_remove("XDG_DATA_HOME")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut parts = said.split(END);
    let mut ended = Vec::new();
    while let (Some(printed), Some(code)) = (parts.next(), parts.next()) {
        ended.push((printed.to_owned(), code.to_owned()));
    }
    ended
}

fn is_like(line: &str, pattern: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('…') else {
        return line == pattern;
    };
    let rest = line.strip_prefix(head);
    rest.is_some_and(|rest| {
        let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
        ends.into_iter().any(|at| is_like(&rest[at..], tail))
    })
}

fn are_like(lines: &[&str], patterns: &[String]) -> bool {
    match patterns.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=lines.len()).any(|at| are_like(&lines[at..], rest))
        }
        Some((first, rest)) => lines
            .split_first()
            .is_some_and(|(line, lines)| is_like(line, first) && are_like(lines, rest)),
    }
}

/// A terminal with what was typed and printed, readable in a light and in a dark page.
fn picture(steps: &[Step], ended: &[(String, String)]) -> String {
    const WIDTH: usize = 116;
    let mut lines = Vec::new();
    for (step, (printed, _)) in steps.iter().zip(ended) {
        lines.push(("typed", format!("$ {}", step.command)));
        lines.extend(printed.lines().map(|line| ("printed", line.to_owned())));
    }
    // a terminal goes on in the next row where a line is too long
    let rows = |(class, line): (_, String)| {
        let signs: Vec<char> = line.chars().collect();
        let rows: Vec<_> = signs.chunks(WIDTH).map(String::from_iter).collect();
        let rows = if rows.is_empty() { vec![line] } else { rows };
        rows.into_iter().map(move |row| (class, row))
    };
    let lines: Vec<(&str, String)> = lines.into_iter().flat_map(rows).collect();
    let texts: String = lines
        .iter()
        .enumerate()
        .map(|(row, (class, line))| {
            let shown = line.replace('&', "&amp;").replace('<', "&lt;");
            let y = 24 + 18 * row;
            format!("  <text class=\"{class}\" x=\"16\" y=\"{y}\">{shown}</text>\n")
        })
        .collect();
    let (width, height) = (32 + 8 * WIDTH, 30 + 18 * lines.len());
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n  \
         <title>The commands of this page in a terminal</title>\n  <style>\n    \
         text {{ font: 13px ui-monospace, monospace; white-space: pre; fill: #57606a; }}\n    \
         .typed {{ fill: #1b1f24; font-weight: bold; }}\n    \
         rect {{ fill: #f6f8fa; stroke: #57606a; }}\n    \
         @media (prefers-color-scheme: dark) {{\n      \
         text {{ fill: #9da7b1; }}\n      .typed {{ fill: #e6edf3; }}\n      \
         rect {{ fill: #21262d; stroke: #9da7b1; }}\n    }}\n  </style>\n  \
         <rect x=\"1\" y=\"1\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n{texts}</svg>\n",
        width - 2,
        height - 2
    )
}

/// The steps of the page that has the picture; the pages behind it go on with them.
fn draw(steps: &[Step], ended: &[(String, String)]) {
    let drawn = steps
        .iter()
        .take_while(|step| step.place.starts_with("command-line.md"))
        .count();
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/src");
    let drawn = picture(&steps[..drawn], &ended[..drawn]);
    std::fs::write(book.join("terminal.svg"), drawn).unwrap();
}

#[test]
fn the_guide_is_followed_to_the_letter() {
    let steps: Vec<Step> = pages().iter().flat_map(|page| steps(page)).collect();
    assert!(steps.len() > 10, "{} steps were found", steps.len());
    let home = tempfile::tempdir().unwrap();
    let ended = run(&steps, home.path());
    assert_eq!(ended.len(), steps.len(), "{ended:#?}");
    for (step, (printed, code)) in steps.iter().zip(&ended) {
        let Step { place, command, .. } = step;
        assert_eq!(code, "0", "{place}: `{command}` failed:\n{printed}");
        let lines: Vec<&str> = printed.lines().collect();
        let said = step.printed.join("\n");
        let holds = are_like(&lines, &step.printed);
        assert!(holds, "{place}: `{command}` prints\n{printed}\nnot\n{said}");
    }
    if std::env::var_os("DID_SESSION_WRITE_PICTURE").is_some() {
        draw(&steps, &ended);
    }
}

/// The lines of the README, below the heading that is given.
fn readme(heading: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let section = text.split(heading).nth(1).unwrap();
    let lines = section.split("```sh\n").nth(1).unwrap();
    lines.split("```").next().unwrap().to_owned()
}

#[test]
fn the_lines_of_the_readme_run_in_an_empty_home() {
    let home = tempfile::tempdir().unwrap();
    let steps: Vec<Step> = readme("## On the command line")
        .lines()
        .map(|line| Step {
            place: "README.md".to_owned(),
            command: line.to_owned(),
            printed: Vec::new(),
        })
        .collect();
    assert!(steps.len() > 5, "{} steps were found", steps.len());
    let ended = run(&steps, home.path());
    assert_eq!(ended.len(), steps.len(), "{ended:#?}");
    for (Step { command, .. }, (printed, code)) in steps.iter().zip(&ended) {
        assert_eq!(code, "0", "`{command}` failed:\n{printed}");
    }
}

#[test]
fn a_line_is_compared_but_for_what_is_left_out() {
    assert!(is_like("a b c", "a … c") && is_like("a b", "a b") && is_like("ab", "a…"));
    assert!(!is_like("a b c", "a … d") && !is_like("a b", "a"));
    let patterns = ["a".to_owned(), "…".to_owned(), "d".to_owned()];
    assert!(are_like(&["a", "b", "c", "d"], &patterns) && are_like(&["a", "d"], &patterns));
    assert!(!are_like(&["a", "b"], &patterns) && !are_like(&["a", "d", "e"], &patterns));
}
