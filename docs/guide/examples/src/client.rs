//! The whole client of the page "On a server".

include!(concat!(env!("OUT_DIR"), "/server-2.rs"));
