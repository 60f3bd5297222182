//! Which fields of a record a principal reads and writes.

use std::collections::BTreeSet;

use kit_records::{CatalogIndex, RecordType, Schema};

use crate::{Principal, readable, writable};

/// The actions that a change of a record may be sent under (`record_action`).
pub const RECORD_ACTIONS: [&str; 13] = [
    "add_note",
    "add_registry_record",
    "attribute",
    "case_from_family",
    "close",
    "enable_disable_record",
    "incident_details_from_case",
    "incident_from_case",
    "link_family_record",
    "reopen",
    "service_provision_incident_details",
    "services_section_from_case",
    "sync_external",
];

/// What a write is: it decides about fields that are set once, or by an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write<'a> {
    Create,
    Update,
    /// An update under `record_action`: the named action was checked instead of the write right.
    Action(&'a str),
}

impl<'a> Write<'a> {
    /// A change under what was sent as `record_action`. Any other word is a plain update: a right
    /// to read, sent as an action, must not become a right to write.
    pub fn under(record_action: &'a str) -> Self {
        if RECORD_ACTIONS.contains(&record_action) {
            Self::Action(record_action)
        } else {
            Self::Update
        }
    }
}

/// To whom a principal may hand a record over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// To any user, and to the present owner anyway.
    Anyone,
    /// Only to users of the principal's agency.
    SameAgency,
    /// Only to users who share a group with the principal.
    SameGroup,
    Refused,
}

/// Where a principal stands to records of one type: the ground of all field questions.
#[derive(Debug, Clone, Copy)]
pub struct Permitted<'a> {
    pub principal: &'a Principal,
    pub index: &'a CatalogIndex,
    pub record_type: RecordType,
    /// The record's module; none in lists, where forms of all modules count. A write without a
    /// module reaches no form field.
    pub module: Option<&'a str>,
}

impl Permitted<'_> {
    /// What the principal may write, as a schema to validate a body with.
    pub fn writable(&self, write: Write<'_>) -> Schema {
        writable::schema(self, write)
    }

    /// The fields that the principal may read.
    pub fn readable(&self) -> BTreeSet<String> {
        readable::fields(self)
    }

    /// The fields of `fields=short`, cut to what may be read.
    pub fn short(&self) -> BTreeSet<String> {
        readable::short(self)
    }

    /// The fields of rows found beyond the own scope: the short ones, and the preview with
    /// `display_view_page`.
    pub fn preview(&self) -> BTreeSet<String> {
        readable::preview(self)
    }

    /// The right that a write needs on the record's type, besides reach.
    pub fn may_write(&self, write: Write<'_>) -> bool {
        let resource = self.record_type.as_str();
        match write {
            Write::Create => self.principal.may(resource, "create"),
            Write::Update => self.principal.may(resource, "update"),
            Write::Action(action) => {
                self.principal.may(resource, "read") && self.principal.may(resource, action)
            }
        }
    }

    /// To whom the principal may hand a record over whose owner is `owner` (none: creation).
    pub fn handover(&self, owner: Option<&str>, user: &str) -> Handover {
        let keeps = owner == Some(user);
        let claims = owner.is_none() && user == self.principal.user_name;
        if keeps || claims { Handover::Anyone } else { writable::handover(self) }
    }
}
