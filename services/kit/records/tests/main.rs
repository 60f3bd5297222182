//! What kit-records promises, tested through its public face.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]
#![expect(clippy::needless_pass_by_value, reason = "tests read better with values in place")]

mod expressions;
mod fixture;
mod merging;
mod names;
mod parts;
mod properties;
mod queries;
mod rules;
mod spellings;
mod validation;
