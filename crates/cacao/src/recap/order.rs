//! The orders in which existing writers put names.

use core::cmp::Ordering;

/// By UTF-16 code units, as RFC 8785, section 3.2.3 and JavaScript's `Array.sort()` have it.
pub(super) fn utf16(one: &str, other: &str) -> Ordering {
    one.encode_utf16().cmp(other.encode_utf16())
}

/// Whether JavaScript moves a member of this name to the front of its object: an array index, a
/// whole number below 2^32 - 1 without zeros in front (ECMA-262, 10.1.11).
pub(super) fn is_array_index(name: &str) -> bool {
    array_index(name).is_some()
}

fn array_index(name: &str) -> Option<u32> {
    if !name.bytes().all(|byte| byte.is_ascii_digit()) || (name.len() > 1 && name.starts_with('0'))
    {
        return None;
    }
    name.parse().ok().filter(|index| *index < u32::MAX)
}

/// Puts things in the order in which JavaScript lists the members of an object that got their names
/// in this order: array indexes first, by value.
pub(super) fn as_members<T>(list: &mut [T], name: impl Fn(&T) -> &str) {
    list.sort_by_key(|item| array_index(name(item)).map_or((true, 0), |index| (false, index)));
}

/// As `localeCompare` sorts the characters of abilities where no language has an order of its own
/// (CLDR, root): `_ - . * +`, digits, letters, and lower case before upper case where nothing else
/// differs.
pub(super) fn locale(one: &str, other: &str) -> Ordering {
    let letters = |text: &str| text.bytes().map(weight).collect::<alloc::vec::Vec<_>>();
    let case = |text: &str| {
        text.bytes()
            .map(|byte| byte.is_ascii_uppercase())
            .collect::<alloc::vec::Vec<_>>()
    };
    letters(one)
        .cmp(&letters(other))
        .then_with(|| case(one).cmp(&case(other)))
}

fn weight(byte: u8) -> (u8, u8) {
    const FIRST: &[u8] = b"_-.*+";
    let place = FIRST.iter().zip(0..).find(|(first, _)| **first == byte);
    match place {
        Some((_, place)) => (0, place),
        None => (1, byte.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn array_indexes() {
        for yes in ["0", "7", "10", "4294967294"] {
            assert!(is_array_index(yes), "{yes}");
        }
        for no in [
            "",
            "00",
            "01",
            "-1",
            "1.5",
            "4294967295",
            "99999999999",
            "a",
            "1a",
        ] {
            assert!(!is_array_index(no), "{no}");
        }
        let mut names = ["b", "10", "a", "9", "01"];
        as_members(&mut names, |name| name);
        assert_eq!(names, ["9", "10", "b", "a", "01"]);
    }

    /// As `[…].sort((a, b) => a.localeCompare(b))` printed them.
    #[test]
    fn locale_order() {
        let sorted = ["a_b", "ab", "aB", "Ab", "AB", "ab_", "aB_a", "ab_b"];
        let mut names = sorted;
        names.sort_unstable();
        names.sort_by(|a, b| locale(a, b));
        assert_eq!(names, sorted);
        let sorted = "_-.*+0123456789aAbBzZ";
        let mut letters: Vec<_> = sorted.split("").filter(|text| !text.is_empty()).collect();
        letters.reverse();
        letters.sort_by(|a, b| locale(a, b));
        assert_eq!(letters.concat(), sorted);
    }

    #[test]
    fn utf16_order_is_not_that_of_bytes() {
        assert_eq!(utf16("\u{1f600}", "\u{fb33}"), Ordering::Less);
        assert_eq!(utf16("msg/send", "msg/send-to"), Ordering::Less);
    }
}
