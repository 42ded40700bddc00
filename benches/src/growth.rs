//! How work grows with its input: resources, length of the statement, number of accounts.

use crate::Work;
use crate::fixtures::{NOW, runtime, session, wallet};
use crate::pairs::{batch_of, median_interval, nanoseconds};
use crate::rows::record;
use cacao::{Cacao, HeaderType, Payload, Policy, Provers, Requirement, Signature, siwx};
use serde::Serialize;
use session_core::SessionStore;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use store_fs::FsStore;

/// One size of one curve.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Point {
    /// The size, in the unit of the curve.
    pub size: usize,
    /// The median time, in nanoseconds for each call.
    pub ns: f64,
}

/// One curve.
#[derive(Clone, Debug, Serialize)]
pub struct Curve {
    /// What is done.
    pub what: &'static str,
    /// What the size counts.
    pub unit: &'static str,
    /// From small to large.
    pub points: Vec<Point>,
}

/// Measures every curve; fewer accounts when it must be quick.
#[must_use]
pub fn all(quick: bool) -> Vec<Curve> {
    let resources = [1, 10, 100, 300, 1000];
    let statement = [64, 1024, 8 * 1024, 32 * 1024, 60 * 1024];
    let accounts: &[usize] = if quick {
        &[100, 1000, 10_000]
    } else {
        &[1000, 10_000, 100_000]
    };
    let mut curves = Vec::new();
    for (what, work) in [
        ("DAG-CBOR decoded", decode as fn(&Cacao) -> Work),
        ("capability verified", verify),
    ] {
        let (few, long) = (|size| with(size, 0), |size| with(1, size));
        curves.push(curve(what, "resources", &resources, few, work));
        curves.push(curve(what, "bytes of statement", &statement, long, work));
    }
    curves.extend(stores(accounts));
    curves
}

fn curve(
    what: &'static str,
    unit: &'static str,
    sizes: &[usize],
    input: impl Fn(usize) -> Cacao,
    work: impl Fn(&Cacao) -> Work,
) -> Curve {
    // interleaved: every size once in each round
    let mut works: Vec<Work> = sizes.iter().map(|size| work(&input(*size))).collect();
    let batches: Vec<u32> = works.iter_mut().map(batch_of).collect();
    let mut times = vec![Vec::new(); sizes.len()];
    for _ in 0..30 {
        for ((work, batch), times) in works.iter_mut().zip(&batches).zip(&mut times) {
            times.push(nanoseconds(work, *batch).min(nanoseconds(work, *batch)));
        }
    }
    let median = |times: &mut Vec<f64>| median_interval(times).1;
    let points = sizes.iter().zip(&mut times);
    let points = points.map(|(size, times)| Point {
        size: *size,
        ns: median(times),
    });
    Curve {
        what,
        unit,
        points: points.collect(),
    }
}

/// A capability with so many resources and so long a statement, signed.
fn with(resources: usize, statement: usize) -> Cacao {
    let asked = session();
    let asked = asked.cacao().payload();
    let mut payload = Payload::builder(
        asked.domain(),
        asked.issuer().clone(),
        asked.audience(),
        asked.nonce(),
        asked.issued_at().clone(),
    )
    .with_resources(
        (0..resources).map(|i| format!("ceramic://*?model=kjzl6hvfrbw6c7l9n9s2p9w5y3z{i}")),
    );
    if statement > 0 {
        payload = payload.with_statement(&"a".repeat(statement));
    }
    let payload = payload.build().unwrap();
    let text = siwx::render(&payload, siwx::Dialect::default()).unwrap();
    let signature = Signature::eip191(&wallet().personal_sign(text.as_bytes()));
    Cacao::new(HeaderType::Eip4361, payload, Some(signature))
}

fn decode(cacao: &Cacao) -> Work {
    let block = cacao.to_dag_cbor();
    Box::new(move || {
        black_box(Cacao::from_dag_cbor(black_box(&block)).unwrap());
    })
}

fn verify(cacao: &Cacao) -> Work {
    let cacao = cacao.clone();
    let (provers, policy) = (Provers::all_compiled_in(), Policy::default());
    let requirement = Requirement::any_domain();
    Box::new(move || {
        black_box(cacao.verify(&provers, &policy, &requirement, NOW).unwrap());
    })
}

/// One record more or less among so many: got, put and listed.
fn stores(accounts: &[usize]) -> Vec<Curve> {
    let (slot, record, bytes) = record();
    let (mut gets, mut puts, mut lists, mut floors) = (vec![], vec![], vec![], vec![]);
    let runtime = runtime();
    let directory = tempfile::tempdir().unwrap();
    let store = FsStore::open(directory.path().join("store"));
    runtime
        .block_on(store.save(&slot, &record, session_core::ExpectedSlot::Anything))
        .unwrap();
    let folder = store.directory().to_owned();
    let mut there = 1;
    for &size in accounts {
        fill(&store, &bytes, there, size);
        there = size;
        gets.push(timed(size, 300, &mut || {
            black_box(runtime.block_on(store.load(&slot)).unwrap());
        }));
        puts.push(timed(size, 60, &mut || {
            let expected = session_core::ExpectedSlot::Anything;
            black_box(
                runtime
                    .block_on(store.save(&slot, &record, expected))
                    .unwrap(),
            );
        }));
        lists.push(timed(size, 7, &mut || {
            let listed = runtime.block_on(store.list()).unwrap();
            assert_eq!(listed.len(), size, "the directory was not filled");
        }));
        floors.push(timed(size, 7, &mut || {
            let names = fs::read_dir(&folder).unwrap();
            black_box(
                names
                    .map(|entry| entry.unwrap().file_name())
                    .collect::<Vec<_>>(),
            );
        }));
    }
    let curve = |what, points| Curve {
        what,
        unit: "accounts",
        points,
    };
    vec![
        curve("file store, get", gets),
        curve("file store, durable put", puts),
        curve("file store, list", lists),
        curve("read_dir of the same directory", floors),
    ]
}

/// Single calls: the disk takes part.
fn timed(size: usize, times: usize, work: &mut dyn FnMut()) -> Point {
    let mut all = Vec::with_capacity(times);
    work();
    for _ in 0..times {
        all.push(crate::pairs::once(work));
    }
    Point {
        size,
        ns: median_interval(&mut all).1,
    }
}

/// Records of other accounts, by hand: a million flushes would measure the disk.
fn fill(store: &FsStore, bytes: &[u8], from: usize, to: usize) {
    for i in from..to {
        let issuer: cacao::Issuer = format!("eip155:1:0x{i:040x}").parse().unwrap();
        let path: &Path = &store.path_of(&issuer.into());
        fs::write(path, bytes).unwrap();
    }
}
