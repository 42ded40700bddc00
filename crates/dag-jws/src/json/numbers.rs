//! Numbers of a JSON text as they stand, and how deep they lie.

use crate::error::Error;
use crate::limits::MAX_DEPTH;
use cacao::json_numbers::{self, Token, is_exact, shown};

/// Calls back with every number of a JSON text, as it stands, and bounds the levels of lists and
/// objects. What is not valid JSON is for its reader to refuse.
pub(crate) fn scan(
    text: &str,
    mut number: impl FnMut(&str) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut depth = 0_usize;
    json_numbers::scan(text, |token| {
        match token {
            Token::Number(found) => return number(found),
            Token::Close => depth = depth.saturating_sub(1),
            Token::Open if depth >= MAX_DEPTH => {
                return Err(Error::TooDeep { limit: MAX_DEPTH });
            }
            Token::Open => depth += 1,
        }
        Ok(())
    })
}

/// Refuses a number that [its double does not print](is_exact).
pub(crate) fn check_exact(number: &str) -> Result<(), Error> {
    if is_exact(number) {
        return Ok(());
    }
    let value = shown(number);
    Err(if is_integer(number) {
        Error::InexactInteger { value }
    } else {
        Error::InexactNumber { value }
    })
}

/// Whether a number has neither fraction nor exponent.
pub(crate) fn is_integer(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_named_apart() {
        let code = |number| check_exact(number).map_or_else(|error| error.code(), |()| "exact");
        for (number, expected) in [
            ("1e3", "exact"),
            ("-0.0", "exact"),
            ("1152921504606846977", "inexact_integer"),
            ("-9007199254740993", "inexact_integer"),
            ("9007199254740993.0", "inexact_number"),
            ("1e-400", "inexact_number"),
        ] {
            assert_eq!(code(number), expected, "{number}");
        }
    }
}
