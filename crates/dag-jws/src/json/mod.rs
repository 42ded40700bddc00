//! JSON on both ways: written as ECMAScript does after sorting, read without any leniency.

mod ecmascript;
mod numbers;
mod strict;
mod unique;

pub(crate) use ecmascript::{to_ecmascript, write_string};
pub(crate) use numbers::{check_exact, is_integer, scan};
pub use strict::StrictJson;
pub(crate) use unique::{Unique, UniqueVisitor, deserialize_object, read_unique};
