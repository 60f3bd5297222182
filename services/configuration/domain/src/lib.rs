//! The functional core of configuration: what a record looks like, and what may be changed about it.
//!
//! ```text
//! CreateForm ──> Form ──ReviseForm──> Form ──RemoveForm──> gone
//! (lookups, places and reports live the same way; modules, settings and contact
//! information are installed once and revised; a snapshot is saved, applied, removed)
//! ```
//!
//! No I/O, no clock, no randomness: ids and the texts that must be random are arguments.

#![cfg_attr(test, expect(clippy::needless_pass_by_value, reason = "tests hand over literals"))]

mod attributes;
mod catalog;
mod commands;
mod condition;
mod configuration;
mod contact;
mod delivery;
mod form;
mod hxl;
mod lookup;
mod module;
mod place;
mod refusal;
mod report;
mod schema;
mod settings;
mod snapshot;
mod snapshot_check;
mod snapshot_format;
mod stored;
mod text;

pub use attributes::Attributes;
pub use catalog::{compile, whole_field};
pub use commands::{
    AddFormGroup, AddPlace, AssignModules, BeginEpoch, CreateForm, CreateLookup, ImportPlace,
    InstallModule, InstallSettings, NoteDelivery, PutContact, PutReport, RemoveForm, RemoveLookup,
    RemovePlace, RemoveReport, RemoveSnapshot, ReplaceForm, ReplaceLookup, ReviseForm,
    ReviseLookup, ReviseModule, RevisePlace, SaveSnapshot, StampApplied,
};
pub use configuration::Configuration;
pub use contact::{Contact, ContactEvent, replacement as contact_replacement};
pub use delivery::{Delivery, differences};
pub use form::{
    FIELD as FIELD_PROPERTIES, FORM as FORM_PROPERTIES, Field, Form, FormEvent, RECORD_TYPES,
    References,
};
pub use hxl::{HxlSheet, ImportPlan, PlaceRow, RowFailure};
pub use lookup::{Lookup, LookupEvent, form_group_additions, form_group_lookup};
pub use module::{Module, ModuleEvent};
pub use place::{Place, PlaceEvent, full_names};
pub use refusal::{Problem, Refusal, WrongType};
pub use report::{Report, ReportEvent};
pub use schema::{Kind, Property, Reach, check_types};
pub use settings::{Settings, SettingsEvent};
pub use snapshot::{Snapshot, SnapshotEvent, can_apply};
pub use snapshot_check::{Finding, check_snapshot};
pub use snapshot_format::{FormEntry, LookupEntry, SnapshotData, export_snapshot};
pub use text::{merge_texts, parameterize, with_languages};
