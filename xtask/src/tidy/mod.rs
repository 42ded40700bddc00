//! The rules of this workspace that no other tool holds. Every check is a function over data that
//! returns what it found wrong, so that a test can show each one fail; this file names them and
//! feeds them the real tree.

mod circles;
mod edges;
mod links;
mod locks;
mod manifests;
mod modules;
mod names;
mod roots;
mod security;
mod text;
mod trees;

use anyhow::Result;

use crate::workspace::Workspace;

/// A named rule and what was found against it.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) problems: Vec<String>,
}

/// All rules over the real tree.
pub(crate) fn findings(ws: &Workspace) -> Result<Vec<Finding>> {
    let files = text::files(&ws.root)?;
    let lines = |check: fn(&text::File) -> Vec<String>| files.iter().flat_map(check).collect();
    let manifests = manifests::read(ws)?;
    let locks = text::lock_files(&ws.root)?;
    let mut found = vec![
        finding("who may import whom", edges::forbidden(&ws.packages)),
        finding(
            "every crate stands in the table",
            edges::unknown(&ws.packages),
        ),
        finding(
            "dev-dependencies by path only",
            edges::versioned_dev(&ws.packages),
        ),
        finding("no circles among modules", circles::check(ws)?),
        finding("one version table", manifests::own_versions(&manifests)),
        finding("lints are inherited", manifests::without_lints(&manifests)),
        finding(
            "published crates describe themselves",
            manifests::undescribed(&ws.packages),
        ),
        finding(
            "crate roots forbid unsafe code",
            roots::without_forbid(&roots::read(ws)?),
        ),
        finding("every file of tests runs", roots::left_out(ws)?),
        finding("files say why they exist", lines(text::without_purpose)),
        finding("files are short", lines(text::too_long)),
        finding("no tabs, no trailing blanks", lines(text::stray_blanks)),
        finding("no paths of a machine", lines(text::machine_paths)),
        finding("nothing left to do", lines(text::left_to_do)),
        finding(
            "links lead somewhere",
            links::check(&ws.root, &files, &published(ws)),
        ),
        finding("lock files name no host", text::lock_hosts(&locks)),
        finding("lock files fit", locks::stale(&ws.root, &locks)?),
        finding(
            "chains are named where CONTRIBUTING.md says",
            names::check(&ws.root, &files)?,
        ),
        finding(
            "SECURITY.md names tests that exist",
            security::check(&ws.root)?,
        ),
    ];
    for proof in trees::PROOFS {
        found.push(finding(proof.rule, trees::check(ws, proof)?));
    }
    found.push(finding(
        "each chain alone carries nothing of another",
        trees::chains(ws)?,
    ));
    Ok(found)
}

/// The folders of what a registry shows, as a reader of the repository writes them.
fn published(ws: &Workspace) -> Vec<std::path::PathBuf> {
    let packages = ws.packages.iter().filter(|package| package.is_published());
    packages
        .map(|package| ws.relative(package.dir()).to_owned())
        .collect()
}

const fn finding(rule: &'static str, problems: Vec<String>) -> Finding {
    Finding { rule, problems }
}
