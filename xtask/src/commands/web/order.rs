//! The order of a part's functions. A download is compressed by what stood shortly before, so that a
//! function is cheapest behind one that is like it. wasm-opt sorts functions by their names: here they
//! get such as say the order.

use std::collections::{BTreeMap, VecDeque};

use anyhow::Result;
use wasmparser::{Parser, Payload};

use super::parts::{number, section, text};
use super::wasm::imported_functions;

const CUSTOM: u8 = 0;

/// What is compared of two functions: runs of so many bytes.
const RUN: usize = 6;
/// A run that more functions have tells nothing of any of them.
const COMMON: usize = 1000;
/// Of how many bytes of functions before it the next one should remind.
const LOOKS_BACK: usize = 4000;
/// So many bytes more are taken for different, since short functions are alike by chance.
const DOUBT: usize = 120;

/// The module with names for its functions, in whose order those that are alike stand side by side.
pub(super) fn with_names_in_order(module: &[u8]) -> Result<Vec<u8>> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => imported = imported_functions(imports)?,
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    let mut names = BTreeMap::new();
    for (place, function) in order(&bodies).into_iter().enumerate() {
        names.insert(usize::try_from(imported)? + function, format!("{place:08}"));
    }
    let mut map = Vec::new();
    number(&mut map, names.len());
    for (function, name) in &names {
        number(&mut map, *function);
        text(&mut map, name);
    }
    let mut content = Vec::new();
    text(&mut content, "name");
    // the names of functions are the first kind
    content.extend(section(1, &map));
    Ok([module, &section(CUSTOM, &content)].concat())
}

/// The places of the bodies in an order in which each is as much as can be like those before it: the
/// next is the one of which the largest share stood there already.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let runs = Runs::of(bodies);
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut score = vec![0_usize; bodies.len()];
    let mut seen = vec![0_u32; runs.holders.len()];
    let (mut recent, mut recent_len) = (VecDeque::new(), 0);
    let mut order = Vec::with_capacity(bodies.len());
    loop {
        let best = left.iter().enumerate().max_by(|(_, a), (_, b)| {
            let len = |function: usize| bodies[function].len();
            let share = |one: usize, other: usize| score[one] * (len(other) + DOUBT);
            // the first of all is the longest
            let by_share = share(**a, **b).cmp(&share(**b, **a));
            by_share.then(len(**a).cmp(&len(**b))).then(b.cmp(a))
        });
        let Some((place, &next)) = best else {
            return order;
        };
        left.swap_remove(place);
        order.push(next);
        recent.push_back(next);
        recent_len += bodies[next].len();
        for &run in &runs.of_function[next] {
            seen[run] += 1;
            if seen[run] == 1 {
                runs.holders[run].iter().for_each(|&one| score[one] += 1);
            }
        }
        while recent_len > LOOKS_BACK && recent.len() > 1 {
            let Some(old) = recent.pop_front() else { break };
            recent_len -= bodies[old].len();
            for &run in &runs.of_function[old] {
                seen[run] -= 1;
                if seen[run] == 0 {
                    runs.holders[run].iter().for_each(|&one| score[one] -= 1);
                }
            }
        }
    }
}

/// Which function has which runs of bytes, and the other way round.
struct Runs {
    of_function: Vec<Vec<usize>>,
    holders: Vec<Vec<usize>>,
}

impl Runs {
    fn of(bodies: &[&[u8]]) -> Self {
        let mut all: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (function, body) in bodies.iter().enumerate() {
            for run in body.windows(RUN) {
                let holders = all.entry(run).or_default();
                if holders.last() != Some(&function) {
                    holders.push(function);
                }
            }
        }
        let holders: Vec<Vec<usize>> = all
            .into_values()
            .filter(|holders| (2..=COMMON).contains(&holders.len()))
            .collect();
        let mut of_function = vec![Vec::new(); bodies.len()];
        for (run, holders) in holders.iter().enumerate() {
            holders.iter().for_each(|&one| of_function[one].push(run));
        }
        Self {
            of_function,
            holders,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_stands_side_by_side() {
        let body = |first: u8| -> Vec<u8> { (first..first + 50).collect() };
        let (one, other) = (body(0), body(100));
        let bodies = [&one[..], &other[..], &one[..48], &other[2..], b"short"];
        assert_eq!(order(&bodies), [0, 2, 1, 3, 4]);
        assert!(order(&[]).is_empty());
    }

    #[test]
    fn every_function_is_there_once() {
        let bodies: Vec<Vec<u8>> = (0..90_u8).map(|n| vec![n % 7; usize::from(n)]).collect();
        let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        let mut places = order(&bodies);
        places.sort_unstable();
        assert_eq!(places, (0..90).collect::<Vec<_>>());
    }
}
