//! The shared heart of all record types: forms, fields, values, rules, patch and merge.
//! Pure: no I/O, no async, no clock, no randomness; the current day is an argument.

mod catalog;

pub use catalog::{
    Catalog, Condition, Field, FieldType, Form, Lookup, LookupValue, Module, OptionText, Tally,
    Text,
};
