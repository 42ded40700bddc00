//! Finds the text that an account signed, for the chains whose texts leave little choice.

use crate::error::Error;
use crate::model::Payload;
use crate::siwx::{Dialect, Gap, Writer};
use alloc::string::String;

/// Calls `is_signed` with each text that may have been signed, the likeliest first.
pub(super) fn find(
    payload: &Payload,
    mut is_signed: impl FnMut(&str) -> bool,
) -> Result<Dialect, Error> {
    let writer = Writer::new(payload)?;
    let mut text = String::with_capacity(1024);
    for gap in [Gap::OneLine, Gap::TwoLines] {
        // with a statement there is one layout only
        if gap == Gap::TwoLines && payload.statement().is_some() {
            break;
        }
        let dialect = Dialect {
            gap,
            ..Dialect::default()
        };
        text.clear();
        writer.write(dialect, &mut text);
        if is_signed(&text) {
            return Ok(dialect);
        }
    }
    Err(Error::SignatureMismatch)
}
