//! Links of Markdown files: each leads somewhere, and the front page of a published crate, which a
//! registry shows alone, has none that lead into the repository.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::text::File;

/// The list of pages of an mdBook.
const SUMMARY: &str = "SUMMARY.md";

/// A link as it stands, and its line.
#[derive(Debug, PartialEq, Eq)]
struct Link<'a> {
    line: usize,
    target: &'a str,
}

/// What is wrong with the links of all Markdown files. `published` are the folders of crates that
/// a registry shows.
pub(super) fn check(root: &Path, files: &[File], published: &[PathBuf]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.is("md")) {
        let alone = published
            .iter()
            .any(|folder| file.path.parent() == Some(folder) && file.path.ends_with("README.md"));
        for link in links(&file.text) {
            if let Some(problem) = broken(root, file, link.target, alone, files) {
                problems.push(format!("{}:{}: {problem}", file.path.display(), link.line));
            }
        }
        problems.extend(unlisted(file, files));
    }
    problems
}

/// Why a link leads nowhere, if it does. Other sites are not asked.
fn broken(root: &Path, from: &File, target: &str, alone: bool, files: &[File]) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    if alone && !path.is_empty() {
        return Some(format!(
            "{target:?} leads out of the page, which a registry shows alone"
        ));
    }
    let to = match path {
        "" => from.path.clone(),
        _ => resolved(&from.path, path),
    };
    if !root.join(&to).exists() {
        return Some(format!("{target:?}: there is no {}", to.display()));
    }
    if anchor.is_empty() {
        return None;
    }
    let page = files.iter().find(|file| file.path == to);
    let has = page.is_some_and(|page| anchors(&page.text).contains(anchor));
    (!has).then(|| format!("{target:?}: no heading of {} is so named", to.display()))
}

/// A path beside a file, without `.` and `..`.
fn resolved(from: &Path, path: &str) -> PathBuf {
    let mut to = from.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => drop(to.pop()),
            Component::CurDir => {}
            other => to.push(other),
        }
    }
    to
}

/// The lines that are text, numbered from one: fenced blocks are left out.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fence: Option<&str> = None;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let begin = line.trim_start();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| begin.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => return Some((at + 1, line)),
            _ => {}
        }
        None
    })
}

/// `[text](target)`, images among them, and `[name]: target`. Code between backquotes is left out.
fn links(text: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    for (line, words) in prose(text) {
        let definition = words
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("]: "));
        if let Some((_, target)) = definition {
            found.extend(
                target
                    .split_whitespace()
                    .next()
                    .map(|target| Link { line, target }),
            );
            continue;
        }
        // what stands behind each `](`, and where
        for (at, _) in words.match_indices("](") {
            let is_code = words[..at].matches('`').count() % 2 == 1;
            let behind = words[at + 2..].split(')').next().unwrap_or_default();
            let target = behind.split_whitespace().next().unwrap_or_default();
            if !is_code {
                found.push(Link { line, target });
            }
        }
    }
    found
}

/// The names that headings have as targets, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, line) in prose(text) {
        let heading = line.trim_start_matches('#');
        if heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let name: String = heading
            .trim()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .flat_map(char::to_lowercase)
            .collect();
        let twins = (1..).map(|n| format!("{name}-{n}"));
        let mut free = std::iter::once(name.clone()).chain(twins);
        names.extend(free.find(|name| !names.contains(name)));
    }
    names
}

/// Pages beside a list of pages that it does not name: a book leaves them out.
fn unlisted(summary: &File, files: &[File]) -> Vec<String> {
    if !summary.path.ends_with(SUMMARY) {
        return Vec::new();
    }
    let listed: BTreeSet<PathBuf> = links(&summary.text)
        .iter()
        .map(|link| resolved(&summary.path, link.target))
        .collect();
    let folder = summary.path.parent().unwrap_or(Path::new(""));
    let pages = files.iter().map(|file| &file.path);
    pages
        .filter(|path| path.starts_with(folder) && **path != summary.path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| !listed.contains(*path))
        .map(|path| {
            format!(
                "{}: {} is not listed",
                summary.path.display(),
                path.display()
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the files and checks them; `crates/a` is published.
    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let files: Vec<File> = files
            .iter()
            .map(|(path, text)| File::new(path, *text))
            .collect();
        check(root.path(), &files, &["crates/a".into()])
    }

    #[test]
    fn links_are_found_and_code_is_not_text() {
        let text = "[a](b.md#c \"t\") `[d](e)` ![f](g.svg)\n```\n[h](i)\n```\n[j]: k.md\n";
        let found: Vec<_> = links(text)
            .into_iter()
            .map(|link| (link.line, link.target))
            .collect();
        assert_eq!(found, [(1, "b.md#c"), (1, "g.svg"), (5, "k.md")]);
    }

    #[test]
    fn headings_have_names() {
        let text = "# A `b` & c!\n## Two\n## Two\n```\n# no\n```\n#no\n";
        let names = anchors(text);
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert_eq!(names, ["a-b--c", "two", "two-1"]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_named() {
        let page = "# A\n[x](#a) [y](../b.md#b) [z](https://example.com/no) [f](../docs)\n";
        assert!(problems(&[("docs/a.md", page), ("b.md", "# B\n")]).is_empty());
        for (target, words) in [
            ("c.md", "there is no docs/c.md"),
            ("#b", "no heading of docs/a.md"),
            ("../b.md#c", "no heading of b.md"),
        ] {
            let page = format!("# A\n[x]({target})\n");
            let found = problems(&[("docs/a.md", &page), ("b.md", "# B\n")]);
            assert_eq!(found.len(), 1, "{target}: {found:?}");
            assert!(found[0].contains(words), "{found:?}");
        }
    }

    #[test]
    fn a_front_page_that_a_registry_shows_leads_nowhere_else() {
        let page = ("crates/a/README.md", "# A\n[x](#a) [y](../../b.md)\n");
        assert_eq!(problems(&[page, ("b.md", "")]).len(), 1);
        let other = ("crates/b/README.md", "[y](../../b.md)\n");
        assert!(problems(&[other, ("b.md", "")]).is_empty());
    }

    #[test]
    fn every_page_is_listed() {
        let listed = [("s/SUMMARY.md", "[p](p.md)\n"), ("s/p.md", "# P\n")];
        assert!(problems(&listed).is_empty());
        let unlisted = [("s/SUMMARY.md", "# S\n"), ("s/p.md", "# P\n")];
        assert_eq!(problems(&unlisted).len(), 1);
    }
}
