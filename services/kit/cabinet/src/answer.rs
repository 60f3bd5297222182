//! A record as the API shows it: cut to what the caller may read, with the values that are
//! computed or replaced on reading.

use std::collections::BTreeSet;

use kit_access::{Permitted, Principal, Reach, Scope};
use kit_records::RecordType;
use kit_records::query::Projection;
use kit_records::values::format_time;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::office::Asking;
use crate::shallow::{ObjectWriter, Shallow};
use crate::stored::{Opened, Stored};

/// What a protected name is shown as.
pub const STARS: &str = "*******";
/// Written first or last, whatever the document says.
const ALWAYS: [&str; 3] = ["id", "enabled", "last_updated_at"];
/// Attachments come later, and what was written before there were alerts has none.
const NOTHING: [(&str, &str); 4] =
    [("photo", "null"), ("has_photo", "false"), ("alert_count", "0"), ("incident_details", "[]")];

/// How records are shown to one caller.
#[derive(Debug)]
pub struct Answer<'a> {
    principal: &'a Principal,
    record_type: RecordType,
    reach: Reach,
    fields: BTreeSet<String>,
}

/// Which of the readable fields a caller sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View<'a> {
    Asked(&'a Projection),
    /// Found beyond the own scope.
    Preview,
}

impl<'a> Answer<'a> {
    /// For a caller, a record's module (none in lists) and a view.
    pub fn new(asking: &'a Asking, module: Option<&str>, view: View<'_>) -> Self {
        let at = Permitted { module, ..asking.permitted(None) };
        let fields = match view {
            View::Asked(Projection::All) => at.readable(),
            View::Asked(Projection::Short) => at.short(),
            View::Asked(Projection::Named(names)) => {
                let readable = at.readable();
                names.iter().filter(|name| readable.contains(*name)).cloned().collect()
            }
            View::Preview => at.preview(),
        };
        Self {
            principal: &asking.principal,
            record_type: asking.record_type,
            reach: asking.reach(),
            fields,
        }
    }

    /// Shows only these of the fields.
    pub fn only(&mut self, changed: &BTreeSet<String>) {
        self.fields.retain(|name| changed.contains(name));
    }

    /// Whether a field is shown.
    pub fn shows(&self, field: &str) -> bool {
        self.fields.contains(field)
    }

    /// All that is shown, in order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(String::as_str)
    }

    /// The record as JSON. `more` are members of ours that other clients ignore.
    pub fn write(&self, record: &Opened, more: &[(&str, Value)]) -> serde_json::Result<Vec<u8>> {
        let document = Shallow::parse(&record.json)?;
        let row = &record.row;
        let mut out = ObjectWriter::new(record.json.len());
        out.value("id", &row.id).value("enabled", &row.enabled);
        let computed = self.computed(row);
        for (name, raw) in &document.0 {
            let name = name.as_ref();
            let replaced = computed.iter().any(|(one, _)| *one == name);
            if self.shows(name) && !ALWAYS.contains(&name) && !replaced {
                self.member(&mut out, &document, row, name, raw);
            }
        }
        for (name, value) in NOTHING {
            if self.shows(name) && document.get(name).is_none() {
                out.raw(name, value);
            }
        }
        // What was never set is absent rather than null.
        for (name, value) in
            computed.iter().filter(|(name, one)| self.shows(name) && !one.is_null())
        {
            out.value(name, value);
        }
        out.value("last_updated_at", &format_time(row.last_updated_at));
        for (name, value) in more {
            out.value(name, value);
        }
        Ok(out.end())
    }

    fn member(
        &self,
        out: &mut ObjectWriter,
        document: &Shallow<'_>,
        row: &Stored,
        name: &str,
        raw: &RawValue,
    ) {
        match name {
            "name" if document.is_true("hidden_name") => out.value(name, STARS),
            "services_section" if self.sees_own_services_only(row) => {
                out.value(name, &self.own_services(raw))
            }
            _ => out.raw(name, raw.get()),
        };
    }

    /// What follows from the reader, or from people and places that may change at any time.
    pub(crate) fn computed(&self, row: &Stored) -> Vec<(&'static str, Value)> {
        let mut values = vec![
            ("record_in_scope", json!(row.is_within(&self.reach))),
            ("associated_user_names", json!(row.user_names)),
            ("associated_user_groups", json!(row.groups)),
            ("associated_user_agencies", json!(row.agencies)),
            ("owned_by_groups", json!(row.owner_groups)),
            ("owned_by_agency_id", json!(row.owner_agency)),
            ("owned_by_agency_office", json!(row.owner_office)),
            ("owned_by_location", json!(row.owner_location)),
        ];
        if let Some(place) = &row.owner_place
            && self.shows("reporting_location_hierarchy")
        {
            values.push(("reporting_location_hierarchy", json!(place.join("."))));
        }
        values
    }

    pub(crate) fn sees_own_services_only(&self, row: &Stored) -> bool {
        let limited = self.principal.grants(self.record_type.as_str(), "service_own_entries_only");
        let owner = row.owned_by.as_deref() == Some(self.principal.user_name.as_str());
        limited
            && !owner
            && !matches!(self.principal.scope, Scope::Group | Scope::Agency | Scope::All)
    }

    fn own_services(&self, raw: &RawValue) -> Vec<Value> {
        let entries: Vec<Value> = serde_json::from_str(raw.get()).unwrap_or_default();
        let mine = |entry: &Value| {
            entry["service_implementing_agency_individual"] == self.principal.user_name.as_str()
        };
        entries.into_iter().filter(mine).collect()
    }
}
