//! Whether an error says that the call reverted: by the table of `reverts.txt`, and nothing else.

use super::hex;
use serde_json::Value;

const TABLE: &str = include_str!("reverts.txt");

/// One spelling.
#[derive(Debug)]
struct Row {
    /// None for any.
    code: Option<i64>,
    /// The beginning of the message.
    message: &'static str,
    /// The members that lead to the bytes.
    path: &'static str,
    /// What stands before the bytes.
    before: &'static str,
}

/// The bytes that the call reverted with, if that is what the error says.
pub(super) fn reason(error: &Value) -> Option<Vec<u8>> {
    let code = error.get("code")?.as_i64()?;
    let message = error.get("message").and_then(Value::as_str).unwrap_or("");
    let mut reverted = None;
    for row in rows() {
        let says_so = row.code.is_none_or(|of_row| of_row == code)
            && [message, without_name(message)]
                .into_iter()
                .any(|message| after(message, row.message).is_some())
            && (row.before.is_empty() || row.text(error).is_some());
        if says_so {
            if let Some(bytes) = row
                .text(error)
                .and_then(|text| hex::read(text.trim_start()))
            {
                return Some(bytes);
            }
            reverted = Some(Vec::new());
        }
    }
    reverted
}

impl Row {
    fn read(line: &'static str) -> Option<Self> {
        let mut columns = line.split('|').map(str::trim);
        let (_node, code, message) = (columns.next()?, columns.next()?, columns.next()?);
        let (path, before) = (columns.next()?, columns.next()?);
        Some(Self {
            code: match code {
                "*" => None,
                number => Some(number.parse().ok()?),
            },
            message: if message == "*" { "" } else { message },
            path,
            before: if before == "-" { "" } else { before },
        })
    }

    /// The text that holds the bytes, without what stands before them.
    fn text<'a>(&self, error: &'a Value) -> Option<&'a str> {
        let at = self
            .path
            .split('.')
            .try_fold(error, |value, member| value.get(member))?;
        after(at.as_str()?, self.before)
    }
}

/// A message without the name of the error in front of it: JavaScript prints an error in this way,
/// and nodes written in it pass on what it prints.
fn without_name(message: &str) -> &str {
    after(message, "Error: ").unwrap_or(message)
}

fn lines() -> impl Iterator<Item = &'static str> {
    TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn rows() -> impl Iterator<Item = Row> {
    lines().filter_map(Row::read)
}

/// The rest of a text that begins so, in whatever letter case.
fn after<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(beginning.len())?;
    start.eq_ignore_ascii_case(beginning).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_line_of_the_table_is_read_and_names_its_source() {
        for line in lines() {
            assert!(Row::read(line).is_some(), "{line}");
            assert_eq!(line.split('|').count(), 6, "{line}");
        }
        let nodes = [
            "Geth",
            "Besu",
            "Nethermind",
            "Erigon",
            "Reth",
            "Anvil",
            "Hardhat",
            "Ganache",
        ];
        for node in nodes {
            assert!(lines().any(|line| line.starts_with(node)), "{node}");
        }
    }

    /// Each line's own spelling is found, with its bytes at its place.
    #[test]
    fn every_spelling_is_a_revert_with_its_bytes() {
        for row in rows() {
            let members: Vec<_> = row.path.split('.').skip(1).collect();
            let text = if row.before.is_empty() {
                "0x08c379a0".to_owned()
            } else {
                format!("{} 0x08c379a0", row.before)
            };
            let data = members
                .iter()
                .rev()
                .fold(json!(text), |inner, member| json!({ *member: inner }));
            for name in ["", "Error: "] {
                let error = json!({
                    "code": row.code.unwrap_or(-32099),
                    "message": format!("{name}{}: no", row.message),
                    "data": data,
                });
                assert_eq!(reason(&error), Some(vec![8, 0xc3, 0x79, 0xa0]), "{error}");
            }
        }
    }

    #[test]
    fn without_bytes_it_is_a_revert_for_no_reason() {
        for error in [
            json!({ "code": 3, "message": "execution reverted" }),
            json!({ "code": 3 }),
            json!({ "code": 3, "message": "execution reverted", "data": null }),
            json!({ "code": -32000, "message": "Execution reverted", "data": {} }),
            json!({ "code": -32000, "message": "execution reverted: 0x", "data": "0x1" }),
            json!({ "code": -32015, "message": "VM execution error.", "data": "revert" }),
            json!({ "code": -32603, "message": "Transaction reverted without a reason string" }),
            json!({
                "code": -32603,
                "message": "Error: Transaction reverted without a reason string",
            }),
            json!({
                "code": -32603,
                "message": "Error: VM Exception while processing transaction: reverted with reason \
                            string 'xyz'",
            }),
        ] {
            assert_eq!(reason(&error), Some(Vec::new()), "{error}");
        }
    }

    #[test]
    fn other_errors_are_no_reverts() {
        for error in [
            json!({}),
            json!("execution reverted"),
            json!({ "message": "execution reverted" }),
            json!({ "code": "3", "message": "execution reverted" }),
            json!({ "code": -32000, "message": "header not found" }),
            json!({ "code": -32000, "message": "out of gas" }),
            json!({ "code": -32000, "message": "was the execution reverted?", "data": "0x08c379a0" }),
            json!({ "code": -32005, "message": "too many requests", "data": "0x" }),
            json!({ "code": -32015, "message": "VM execution error.", "data": "OutOfGas" }),
            json!({ "code": -32015, "message": "VM execution error." }),
            json!({
                "code": -32000,
                "message": "VM Exception while processing transaction: out of gas",
            }),
            json!({ "code": -32603, "message": "Error: Transaction ran out of gas" }),
            json!({ "code": -32603, "message": "Error: Internal error" }),
            json!({
                "code": -32603,
                "message": "Error: Error: Transaction reverted without a reason string",
            }),
            json!({
                "code": -32603,
                "message": "Error: VM Exception while processing transaction: invalid opcode",
            }),
            json!({ "code": -32005, "message": "Error: too many requests; execution reverted" }),
            json!({ "code": 4001, "message": "User rejected the request." }),
        ] {
            assert_eq!(reason(&error), None, "{error}");
        }
    }
}
