//! A session in use.

mod string;
