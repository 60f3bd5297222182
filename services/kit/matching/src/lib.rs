//! The matching engine: which registered child a family is looking for, which records are of the
//! same family, which are the same child twice, and whose name sounds like this one. Pure: no I/O,
//! no async, no clock, no randomness.
//!
//! | step | where |
//! | --- | --- |
//! | what a record says, in one shape for all record types | [`Profile`] |
//! | its names folded to words by role | `prepare`, `word`, `sound` |
//! | words, places and values by number, with how often they occur | `lexicon`, `symbols` |
//! | packed records, found by slot; lists and keys that lead to them | [`Index`], `record`, `keys`, `chains` |
//! | which records share most, then which promise most | `candidates`, `rank` |
//! | field by field | `compare`, `dates` |
//! | what that is worth, as chances and tiers | `clues`, `model`, `rank` |
//! | why, as data and as sentences in four languages | `reason`, `texts` |
//! | by name alone | `search` |
//!
//! An index holds no name and no date that could be read as such, and is a function of the records
//! in it: [`Index::digest`] is equal for equal records, in whatever order they came.

mod candidates;
mod chains;
mod clues;
mod compare;
mod dates;
mod index;
mod keys;
mod lexicon;
mod model;
pub mod of_record;
mod population;
mod prepare;
mod profile;
mod question;
mod rank;
mod reason;
mod record;
mod search;
mod sound;
mod symbols;
mod table;
mod texts;
mod word;

pub use clues::{CLUES, FIELDS, Field, tell};
pub use compare::Comparison;
pub use index::Index;
pub use population::Chance;
pub use profile::{Birth, Day, Profile, Relative, Sex, civil, day};
pub use rank::{Ask, Desk, Match, Tier, model_version};
pub use reason::{Closeness, Line, Reason, explain, unknown};
pub use search::{Bearer, Found, Hit};
pub use sound::Likeness;
pub use texts::{Language, label, sentence};
pub use word::Word;
