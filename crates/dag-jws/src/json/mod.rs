//! JSON on both ways: written as ECMAScript does after sorting, read without any leniency.

mod ecmascript;
mod strict;

pub(crate) use ecmascript::{to_ecmascript, write_string};
pub(crate) use strict::{Strict, deserialize_object, read_strict};
