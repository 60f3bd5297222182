//! The shared heart of all record types: forms, fields, values, rules, patch and merge.
//! Pure: no I/O, no async, no clock, no randomness; the current day is an argument.
//!
//! A write goes through it from top to bottom:
//!
//! | step | where |
//! | --- | --- |
//! | what a body may hold, for this caller | [`Schema`], built by kit-access |
//! | values of the right type, in canonical form | [`Validation`], [`values`] |
//! | ids for new subform entries | [`patch::name_entries`] |
//! | meeting what others changed since | [`Merge`], [`Touched`] |
//! | what really changes | [`patch::reduce`], [`patch::apply`] |
//! | calculated values, required fields, skip logic | [`Rules`], [`expression`] |
//! | what the history tells | [`history`] |
//! | what is stored readable, and what blindly | [`split`], [`marks`], [`search`], [`fold`] |
//!
//! A list is read by [`query`] and searched by [`search`]. [`CatalogIndex`] is built once per
//! catalog version and shared. `vectors/` holds cases that the web client passes, too.

mod calculation;
mod catalog;
pub mod expression;
pub mod fold;
pub mod history;
mod index;
mod lenient;
pub mod likeness;
pub mod limits;
pub mod marks;
pub mod merge;
pub mod patch;
pub mod query;
mod query_parse;
mod record_type;
pub mod rules;
mod schema;
pub mod search;
mod search_keys;
pub mod split;
pub mod system;
pub mod touched;
mod validate;
pub mod values;
pub mod variants;
mod verify;
mod violation;

pub use catalog::{
    Catalog, Condition, Field, FieldType, Form, Lookup, LookupValue, Module, OptionText, Tally,
    Text,
};
pub use index::{CatalogIndex, FieldRef, OptionSet, Options};
pub use merge::{Conflict, Merge, Merged, Policies, Policy};
pub use record_type::RecordType;
pub use rules::Rules;
pub use schema::{Core, Schema, Slot};
pub use touched::Touched;
pub use validate::{Unknown, Validation};
pub use values::Record;
pub use violation::{Code, Violation, pointer};
