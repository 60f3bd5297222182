//! What a principal reads and writes, rule by rule.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod fixture;
mod principal;
mod reading;
mod writing;
