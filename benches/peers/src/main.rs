//! The same work by other libraries, interleaved with ours in one process: one JSON line for each
//! row. `peers PAIRS`
#![forbid(unsafe_code)]

mod stores;
mod texts;

fn main() {
    let pairs = std::env::args().nth(1).map_or(30, |n| n.parse().unwrap());
    let mut rows = texts::rows();
    rows.extend(stores::rows());
    for mut row in rows {
        let measured = benches::pairs::measure(&mut row, pairs);
        println!("{}", serde_json::to_string(&measured).unwrap());
    }
}
