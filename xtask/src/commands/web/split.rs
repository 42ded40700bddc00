//! Splits the module of the page into its parts. The first part owns memory and table; the second
//! imports them from it, and whatever it calls there; the others import everything from the second,
//! so that nothing stands in the first part for their sake.

use std::path::Path;

use anyhow::{Context, Result};

use super::build::WASM_FEATURES;
use super::{BESIDE, data, imports, parts};
use crate::shell::Cmd;
use crate::workspace::Workspace;

/// A module without anything in it.
pub(super) const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

/// One cut.
struct Cut<'a> {
    /// The module that is cut, and that the larger half takes the place of.
    module: &'a Path,
    /// The name by which the other half knows it.
    namespace: &'a str,
    /// The name of the other half.
    name: &'a str,
    /// The numbers of the functions that go there.
    functions: &'a [String],
}

/// Splits the module into its parts; answers what it did. Without a tool for it the first part has
/// everything, and the others are empty.
pub(super) fn run(
    ws: &Workspace,
    linked: &[u8],
    whole: &Path,
    dist: &Path,
) -> Result<&'static str> {
    let file = |name: &str| dist.join(format!("{name}.wasm"));
    let has_tool = Cmd::new("wasm-split")
        .arg("--version")
        .capture()
        .is_ok_and(|told| told.success());
    if !has_tool {
        println!("no wasm-split is installed (Debian has it in binaryen): one part has everything");
        for later in &parts::LATER {
            std::fs::write(file(later.name), EMPTY)?;
        }
        return Ok("in one part");
    }
    let module = std::fs::read(whole).context("the module of wasm-bindgen")?;
    let later = parts::later(linked, &module)?;
    std::fs::write(whole, parts::without_names(&module)?).context("the module without names")?;
    let (second, others) = later.split_first().context("no parts")?;
    let everything: Vec<String> = later
        .iter()
        .flat_map(|part| part.functions.clone())
        .collect();
    cut(
        ws,
        dist,
        &Cut {
            module: whole,
            namespace: "session",
            name: second.name,
            functions: &everything,
        },
    )?;
    // the last part is taken off first: it may use the others, which may not use it
    for part in others.iter().rev() {
        cut(
            ws,
            dist,
            &Cut {
                module: &file(second.name),
                namespace: second.name,
                name: part.name,
                functions: &part.functions,
            },
        )?;
    }
    let mut with = Vec::new();
    for part in &later {
        let list = ws.target.join(BESIDE).join(format!("{}.txt", part.name));
        std::fs::write(&list, part.functions.join("\n"))?;
        let module = std::fs::read(file(part.name)).context("a part")?;
        let module = imports::with_one_placeholder(&imports::with_any_table(&module)?)?;
        with.push((module, part.data.clone()));
    }
    let first = imports::with_one_placeholder(&std::fs::read(whole).context("the first part")?)?;
    let (first, with) = data::move_to(&first, &with)?;
    let slots = with.iter().map(|part| imports::slots(part));
    let slots = slots.collect::<Result<Vec<u32>>>()?;
    let slots = slots.into_iter().max().unwrap_or_default();
    std::fs::write(whole, imports::with_slots(&first, slots)?).context("the first part")?;
    for (part, module) in later.iter().zip(with) {
        std::fs::write(file(part.name), module).context("a part")?;
    }
    Ok("in parts")
}

fn cut(ws: &Workspace, dist: &Path, cut: &Cut<'_>) -> Result<()> {
    let beside = ws.target.join(BESIDE);
    let list = beside.join("cut.txt");
    std::fs::write(&list, cut.functions.join("\n"))?;
    let half = beside.join("half.wasm");
    let prefix = cut.name.get(..1).unwrap_or_default();
    Cmd::new("wasm-split")
        .arg("--split")
        .arg(cut.module)
        .arg(format!("--split-funcs=@{}", list.display()))
        .args(WASM_FEATURES.map(|feature| format!("--enable-{feature}")))
        .arg(format!("--import-namespace={}", cut.namespace))
        .arg(format!("--placeholder-namespace={}", cut.name))
        .arg(format!("--export-prefix={prefix}."))
        .arg("-g")
        .arg("-o1")
        .arg(&half)
        .arg("-o2")
        .arg(dist.join(format!("{}.wasm", cut.name)))
        .read()?;
    std::fs::copy(&half, cut.module).context("cannot put one half in the place of both")?;
    Ok(())
}
