//! Which module of a crate uses which, read from its source: every path in the code outside of
//! tests is followed to the file that defines what it names, through whatever re-exports it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Item, UseTree, Visibility};

/// A module by its names from the root of the crate, which has none.
pub(super) type Name = Vec<String>;

/// Who uses whom: the files' modules, and for each that it uses a path that shows it.
pub(super) type Uses = BTreeMap<Name, BTreeMap<Name, String>>;

/// A path, segment by segment.
type Path = Vec<String>;

/// Re-exports may name each other in a circle; none of ours goes through so many.
const MAX_HOPS: usize = 32;

/// The modules of one crate.
#[derive(Debug, Default)]
pub(super) struct Modules {
    all: BTreeMap<Name, Module>,
}

#[derive(Debug, Default)]
struct Module {
    /// The module of the file that it stands in.
    file: Name,
    children: BTreeSet<String>,
    defined: BTreeSet<String>,
    imported: Vec<Import>,
    /// Paths in the code, of two segments at least.
    paths: BTreeSet<Path>,
    /// Every word of the code.
    words: BTreeSet<String>,
}

/// What a `use` brings; by the name of [`GLOB`] everything.
#[derive(Debug)]
struct Import {
    name: String,
    path: Path,
    /// Whether it is there for others.
    is_shared: bool,
}

const GLOB: &str = "*";

/// What a path names.
enum Found {
    Module(Name),
    /// An item that this module defines.
    Item(Name),
    /// Something of another crate.
    Outside,
}

impl Modules {
    /// Reads a crate from its root; `load` gives the source of a module that has its own file.
    pub(super) fn read(load: &dyn Fn(&[String]) -> Result<String>) -> Result<Self> {
        let mut modules = Self::default();
        modules.read_file(&Name::new(), load)?;
        Ok(modules)
    }

    fn read_file(&mut self, name: &Name, load: &dyn Fn(&[String]) -> Result<String>) -> Result<()> {
        let shown = || shown(name);
        let source = load(name).with_context(shown)?;
        let file = syn::parse_file(&source).with_context(shown)?;
        self.read_items(name, name, file.items, load)
    }

    fn read_items(
        &mut self,
        name: &Name,
        file: &Name,
        items: Vec<Item>,
        load: &dyn Fn(&[String]) -> Result<String>,
    ) -> Result<()> {
        let mut module = Module {
            file: file.clone(),
            ..Module::default()
        };
        for item in items.into_iter().filter(|item| !is_test(item)) {
            match item {
                Item::Mod(inner) => {
                    let child = inner.ident.to_string();
                    let path = [name.as_slice(), std::slice::from_ref(&child)].concat();
                    module.children.insert(child);
                    match inner.content {
                        Some((_, items)) => self.read_items(&path, file, items, load)?,
                        None => self.read_file(&path, load)?,
                    }
                }
                Item::Use(item) => {
                    let is_shared = !matches!(item.vis, Visibility::Inherited);
                    module.import(Path::new(), item.tree, is_shared);
                }
                // the names of variants are nobody else's
                Item::Enum(item) => {
                    module.defined.insert(item.ident.to_string());
                    module.scan(item.generics.into_token_stream());
                    for variant in item.variants {
                        module.scan(variant.fields.into_token_stream());
                    }
                }
                item => {
                    module.defined.extend(defined(&item));
                    module.scan(item.into_token_stream());
                }
            }
        }
        self.all.insert(name.clone(), module);
        Ok(())
    }

    /// Which file uses which other one.
    pub(super) fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        for (name, module) in &self.all {
            let used = uses.entry(module.file.clone()).or_default();
            for path in module.used() {
                let Some(found) = self.find(name, &path, 0) else {
                    continue;
                };
                let is_glob = path.last().is_some_and(|last| last == GLOB);
                let to = match found {
                    Found::Item(to) => to,
                    Found::Module(to) if is_glob => to,
                    // what is used of it stands in a path of its own
                    Found::Module(_) | Found::Outside => continue,
                };
                let to = self.all.get(&to).map_or(to, |module| module.file.clone());
                if to != module.file {
                    used.entry(to).or_insert_with(|| path.join("::"));
                }
            }
        }
        uses
    }

    /// What a path names that stands in a module; `None` where its first word is no module.
    fn find(&self, from: &Name, path: &[String], hops: usize) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        if hops > MAX_HOPS {
            return None;
        }
        match first.as_str() {
            "crate" => Some(self.walk(Name::new(), rest, hops)),
            "self" => Some(self.walk(from.clone(), rest, hops)),
            "super" => {
                let mut at = from.clone();
                at.pop()?;
                let mut rest = rest;
                while let Some((next, after)) = rest.split_first()
                    && next == "super"
                {
                    at.pop()?;
                    rest = after;
                }
                Some(self.walk(at, rest, hops))
            }
            _ => match self.member(from, first, hops + 1)? {
                Found::Module(at) => Some(self.walk(at, rest, hops)),
                found => Some(found),
            },
        }
    }

    fn walk(&self, at: Name, path: &[String], hops: usize) -> Found {
        match path.split_first() {
            None => Found::Module(at),
            Some((glob, _)) if glob == GLOB => Found::Module(at),
            Some((next, rest)) => match self.member(&at, next, hops + 1) {
                Some(Found::Module(at)) => self.walk(at, rest, hops + 1),
                Some(found) => found,
                // a macro made it
                None => Found::Item(at),
            },
        }
    }

    /// What a module has under a name.
    fn member(&self, at: &Name, name: &str, hops: usize) -> Option<Found> {
        let module = self.all.get(at)?;
        if module.children.contains(name) {
            return Some(Found::Module([at.as_slice(), &[name.to_owned()]].concat()));
        }
        if module.defined.contains(name) {
            return Some(Found::Item(at.clone()));
        }
        if let Some(import) = module.imported.iter().find(|import| import.name == name) {
            // `use serde;` names what it imports
            let is_itself = import.path.len() == 1 && import.path[0] == name;
            let found = (!is_itself).then(|| self.find(at, &import.path, hops + 1));
            return Some(found.flatten().unwrap_or(Found::Outside));
        }
        let mut globs = module.imported.iter().filter(|import| import.name == GLOB);
        globs.find_map(|glob| match self.find(at, &glob.path, hops + 1)? {
            Found::Module(of) if of != *at && hops <= MAX_HOPS => self.member(&of, name, hops + 1),
            _ => None,
        })
    }
}

impl Module {
    fn import(&mut self, mut path: Path, tree: UseTree, is_shared: bool) {
        let (name, renamed) = match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                return self.import(path, *tree.tree, is_shared);
            }
            UseTree::Group(tree) => {
                let trees = tree.items.into_iter();
                return trees.for_each(|tree| self.import(path.clone(), tree, is_shared));
            }
            UseTree::Name(tree) => (tree.ident.to_string(), None),
            UseTree::Rename(tree) => (tree.ident.to_string(), Some(tree.rename.to_string())),
            UseTree::Glob(_) => (GLOB.to_owned(), None),
        };
        if name != "self" {
            path.push(name);
        }
        let name = renamed.or_else(|| path.last().cloned()).unwrap_or_default();
        self.imported.push(Import {
            name,
            path,
            is_shared,
        });
    }

    /// Every path by which this module uses something. What it only hands on it does not use.
    fn used(&self) -> impl Iterator<Item = Path> {
        let imports = self.imported.iter();
        imports
            .filter(|import| !import.is_shared || self.words.contains(&import.name))
            .map(|import| import.path.clone())
            .chain(self.paths.iter().cloned())
    }

    /// Notes the paths of a piece of code.
    fn scan(&mut self, code: TokenStream) {
        let tokens: Vec<TokenTree> = code.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Punct(punct)
                    if punct.as_char() == '#' && is_test_mark(tokens.get(at)) =>
                {
                    let rest = tokens.iter().skip(at);
                    at += rest.take_while(|token| !ends_item(token)).count() + 1;
                }
                TokenTree::Group(group) => self.scan(group.stream()),
                TokenTree::Ident(ident) => {
                    let mut path = vec![ident.to_string()];
                    while is_colons(&tokens, at) {
                        match tokens.get(at + 2) {
                            Some(TokenTree::Ident(next)) => path.push(next.to_string()),
                            // a `use` within a function
                            Some(TokenTree::Group(group)) => {
                                self.scan_group(&path, group.stream());
                                at += 3;
                                break;
                            }
                            _ => break,
                        }
                        at += 3;
                    }
                    self.words.extend(path.first().cloned());
                    if path.len() > 1 {
                        self.paths.insert(path);
                    }
                }
                _ => {}
            }
        }
    }

    fn scan_group(&mut self, prefix: &[String], group: TokenStream) {
        let mut inner = Self::default();
        inner.scan(group);
        let words = inner.words.into_iter().map(|word| vec![word]);
        for path in words.chain(inner.paths) {
            self.paths.insert([prefix, &path].concat());
        }
    }
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    colon(at) && colon(at + 1)
}

/// `[cfg(test)]`, behind a `#`.
fn is_test_mark(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.stream().to_string() == "cfg (test)"
        || group.stream().to_string() == "cfg(test)")
}

/// The body of a function, or the end of what has none.
fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => matches!(punct.as_char(), ';' | ','),
        _ => false,
    }
}

/// Whether it is compiled for tests only: what stands in front of an item says so.
fn is_test(item: &Item) -> bool {
    let code: Vec<TokenTree> = item.to_token_stream().into_iter().collect();
    let attributes = code.chunks(2).map_while(|pair| match pair {
        [TokenTree::Punct(mark), TokenTree::Group(group)] if mark.as_char() == '#' => Some(group),
        _ => None,
    });
    let mut conditions = attributes.map(|group| group.stream().to_string().replace(' ', ""));
    conditions.any(|condition| {
        condition == "cfg(test)"
            || condition.starts_with("cfg(all(test,")
            || (condition.starts_with("cfg(") && condition.contains("doctest"))
    })
}

/// The name that an item gives to something: its first word that is not the language's.
fn defined(item: &Item) -> Option<String> {
    const KEYWORDS: [&str; 13] = [
        "async",
        "const",
        "default",
        "extern",
        "fn",
        "macro_rules",
        "mut",
        "pub",
        "static",
        "struct",
        "trait",
        "type",
        "union",
    ];
    let words = item
        .to_token_stream()
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Ident(word) => Some(word.to_string()),
            _ => None,
        });
    let mut words = words.skip_while(|word| KEYWORDS.contains(&word.as_str()));
    (!matches!(item, Item::Impl(_))).then(|| words.next())?
}

/// As a path of the crate.
pub(super) fn shown(name: &[String]) -> String {
    match name {
        [] => "crate".to_owned(),
        name => name.join("::"),
    }
}
