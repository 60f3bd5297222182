//! The matching engine. Pure: no I/O, no async, no clock, no randomness.

mod candidates;
mod chains;
mod clues;
mod compare;
mod dates;
mod index;
mod keys;
mod lexicon;
mod model;
mod prepare;
mod profile;
mod question;
mod rank;
mod record;
mod sound;
mod symbols;
mod table;
mod word;

pub use index::Index;
pub use profile::{Birth, Day, Profile, Relative, Sex, civil, day};
pub use clues::{CLUES, FIELDS, Field, tell};
pub use compare::Comparison;
pub use rank::{Desk, Match, Tier};
