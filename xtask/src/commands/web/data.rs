//! Data of a later part goes with it: the first part has it no more, and the later one puts it where
//! it belongs when it is started.

use std::ops::Range;

use anyhow::Result;
use wasmparser::{Parser, Payload, TypeRef};

use super::{parts, references};

const DATA: u8 = 11;
const DATA_COUNT: u8 = 12;

/// A gap in the data that is smaller than this is not worth a segment of its own.
const WORTH: u32 = 12;

/// A run of bytes, and where it is put.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    address: u32,
    bytes: Vec<u8>,
}

/// Takes what lies at these places out of the first part; answers the first part without it, and
/// each part with what is its own.
pub(super) fn move_to(
    first: &[u8],
    parts: &[(Vec<u8>, Vec<Range<u32>>)],
) -> Result<(Vec<u8>, Vec<Vec<u8>>)> {
    let segments = segments(first)?;
    let mut gone: Vec<Range<u32>> = parts.iter().flat_map(|(_, data)| data.clone()).collect();
    gone.sort_by_key(|range| range.start);
    let gone = joined(&gone, 0);
    let left: Vec<Run> = segments
        .iter()
        .flat_map(|segment| without(segment, &gone))
        .collect();
    let kept = section_of(&left)?;
    let mut count = Vec::new();
    parts::number(&mut count, left.len());
    let first = parts::rewritten(first, |id, content| match id {
        DATA => kept.clone(),
        DATA_COUNT => count.clone(),
        _ => content.to_vec(),
    })?;
    let mut with = Vec::new();
    for (part, data) in parts {
        let mut own = Vec::new();
        for range in joined(data, 0) {
            own.extend(
                segments
                    .iter()
                    .filter_map(|segment| within(segment, &range)),
            );
        }
        let mut part = parts::rewritten(part, |_, content| content.to_vec())?;
        if !own.is_empty() {
            let imports_memory = imports_memory(&part)?;
            anyhow::ensure!(imports_memory, "a part without memory has data");
            part.extend(parts::section(DATA, &section_of(&own)?));
        }
        with.push(part);
    }
    Ok((first, with))
}

fn imports_memory(module: &[u8]) -> Result<bool> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                if matches!(import?.ty, TypeRef::Memory(_)) {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

fn segments(module: &[u8]) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::DataSection(segments) = payload? {
            for segment in segments {
                let segment = segment?;
                runs.push(Run {
                    address: references::address(&segment.kind)?,
                    bytes: segment.data.to_vec(),
                });
            }
        }
    }
    Ok(runs)
}

/// Ranges in order, those as one between which there are at most so many bytes.
fn joined(ranges: &[Range<u32>], gap: u32) -> Vec<Range<u32>> {
    let mut joined: Vec<Range<u32>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(gap) => {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range.clone()),
        }
    }
    joined
}

/// The part of a run that lies in a range.
fn within(run: &Run, range: &Range<u32>) -> Option<Run> {
    let end = run.address + u32::try_from(run.bytes.len()).ok()?;
    let (start, end) = (range.start.max(run.address), range.end.min(end));
    let from = usize::try_from(start.checked_sub(run.address)?).ok()?;
    let to = usize::try_from(end.checked_sub(run.address)?).ok()?;
    let bytes = run.bytes.get(from..to).filter(|bytes| !bytes.is_empty())?;
    Some(Run {
        address: start,
        bytes: bytes.to_vec(),
    })
}

/// What is left of a run.
fn without(run: &Run, gone: &[Range<u32>]) -> Vec<Run> {
    let end = run.address + u32::try_from(run.bytes.len()).unwrap_or_default();
    let mut left = Vec::new();
    let mut start = run.address;
    for range in gone.iter().filter(|range| range.end - range.start >= WORTH) {
        if range.end <= start || range.start >= end {
            continue;
        }
        left.extend(within(run, &(start..range.start.max(start))));
        start = range.end;
    }
    left.extend(within(run, &(start..end.max(start))));
    left
}

fn section_of(runs: &[Run]) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    parts::number(&mut content, runs.len());
    for run in runs {
        // active, in the first memory, at a constant
        content.extend([0x00, 0x41]);
        signed(&mut content, i64::from(run.address.cast_signed()));
        content.push(0x0b);
        parts::number(&mut content, run.bytes.len());
        content.extend_from_slice(&run.bytes);
    }
    anyhow::ensure!(runs.len() < 100_000, "more data segments than engines take");
    Ok(content)
}

/// Writes a number with its sign, seven bits a byte, the least first.
fn signed(into: &mut Vec<u8>, mut value: i64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        let is_last = (value == 0 && low & 0x40 == 0) || (value == -1 && low & 0x40 != 0);
        if is_last {
            into.push(low);
            return;
        }
        into.push(low | 0x80);
    }
}
