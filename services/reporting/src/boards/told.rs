//! What a dashboard needs to know of one record, and nothing else: coded values and days.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use kit_records::system::APPROVALS;
use kit_records::values::{is_place_code, parse_date, parse_time};
use kit_records::{CatalogIndex, Record, RecordType, split};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::approvals;
use super::sharing::{self, Sharing};

/// Where the place by which records are counted comes from when nothing is configured.
pub const OWNERS_PLACE: &str = "owned_by_location";

/// The fields that are looked at.
const FIELDS: &[&str] = &[
    "module_id",
    "record_state",
    "status",
    "workflow",
    "risk_level",
    "owned_by",
    "identified_by",
    "not_edited_by_owner",
    "flagged",
    "has_incidents",
    "merged_into",
    "protection_concerns",
    "created_at",
    "date_closure",
    "violation_with_verification_status",
    "violation_category",
    "armed_force_group_party_names",
    "current_alert_types",
    "reassigned_transferred_on",
];

/// The alert of a case that somebody else than its owner reported an incident of.
pub const NEW_INCIDENT: &str = "incident_from_case";

/// The kinds of tasks, and where a case collects the days on which they are due.
pub const TASKS: [(&str, &str); 4] = [
    ("assessment", "assessment_due_dates"),
    ("case_plan", "case_plan_due_dates"),
    ("follow_up", "followup_due_dates"),
    ("service", "service_due_dates"),
];

/// A record as its facts tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a yes or no of its own")]
pub struct Told {
    /// Of the record's stream; an older fact changes nothing.
    pub version: u64,
    pub module: String,
    /// In lists by default.
    pub enabled: bool,
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    pub owner: String,
    /// The owner and all who are assigned.
    pub people: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identified_by: Option<String>,
    /// Last changed by somebody else than the owner.
    pub updated: bool,
    pub flagged: bool,
    pub incidents: bool,
    /// Its owner has not seen all incidents that others reported.
    pub new_incidents: bool,
    /// When the owner was given the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned: Option<Timestamp>,
    /// What became of approvals, by kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub approvals: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Sharing::is_nothing")]
    pub sharing: Sharing,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub concerns: BTreeSet<String>,
    pub created: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Date>,
    /// Days on which open tasks are due, by kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub due: BTreeMap<String, Vec<Date>>,
    /// Where the record itself says the place by which it is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Of an incident: its violations, each with how far it is verified.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub violations: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub categories: BTreeSet<String>,
    /// Who committed them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub parties: BTreeSet<String>,
}

/// What follows from who the record's people are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Placed {
    pub groups: BTreeSet<String>,
    pub agencies: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owners_place: Option<String>,
}

/// Everything that one record adds to the counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    pub told: Told,
    pub placed: Placed,
}

/// The field that holds the place by which records of a type are counted.
pub fn place_field(index: &CatalogIndex, record_type: RecordType) -> String {
    let (key, usual) = match record_type {
        RecordType::Incident => ("incident_reporting_location_config", "incident_location"),
        _ => ("reporting_location_config", OWNERS_PLACE),
    };
    let field = index.settings.get(key).and_then(|config| config.get("field_key"));
    field.and_then(Value::as_str).unwrap_or(usual).to_owned()
}

impl Told {
    /// What of a record may be counted: values that the record's own service keeps in clear too, by
    /// the same rule, so that a number counts what its list finds; and what its fact tells openly,
    /// whatever a form says.
    pub fn of(
        index: &CatalogIndex,
        record_type: RecordType,
        record: &Record,
        open: &Record,
    ) -> Self {
        let place = place_field(index, record_type);
        let wanted = |name: &str| {
            FIELDS.contains(&name)
                || name == place
                || name == "associated_user_names"
                || is_due(name)
                || sharing::FIELDS.contains(&name)
                || approvals::is_told_by(name)
        };
        let some: Record = record
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut parts = split::split(index, record_type, &some);
        parts.facets.extend(open.clone());
        let mut told = Self::from_open(&parts.facets);
        let place = (place != OWNERS_PLACE).then(|| parts.facets.get(&place)).flatten();
        told.place =
            place.and_then(Value::as_str).filter(|code| is_place_code(code)).map(str::to_owned);
        told
    }

    /// Of a record that is gone: it counts for nothing, and whatever is told later is too old.
    pub fn erased() -> Self {
        Self { version: u64::MAX, ..Self::default() }
    }

    /// From values that lie open.
    pub fn from_open(facets: &Record) -> Self {
        let text = |name: &str| facets.get(name).and_then(Value::as_str).map(str::to_owned);
        let is = |name: &str| facets.get(name) == Some(&Value::Bool(true));
        let owner = text("owned_by").unwrap_or_default();
        let mut people = texts(facets.get("associated_user_names"));
        people.extend(Some(owner.clone()).filter(|owner| !owner.is_empty()));
        let due = TASKS.iter().filter_map(|(kind, field)| {
            let mut days: Vec<Date> =
                texts(facets.get(*field)).iter().filter_map(|it| day(it)).collect();
            days.sort_unstable();
            (!days.is_empty()).then(|| ((*kind).to_owned(), days))
        });
        let approvals = APPROVALS.iter().filter_map(|kind| {
            text(&approvals::field(kind)).map(|status| ((*kind).to_owned(), status))
        });
        Self {
            version: 0,
            module: text("module_id").unwrap_or_default(),
            // What was merged is read under the record that it went into.
            enabled: facets.get("record_state") != Some(&Value::Bool(false))
                && text("merged_into").is_none(),
            status: text("status").unwrap_or_default(),
            workflow: text("workflow"),
            risk: text("risk_level"),
            owner,
            people,
            identified_by: text("identified_by"),
            updated: is("not_edited_by_owner"),
            flagged: is("flagged"),
            incidents: is("has_incidents"),
            new_incidents: texts(facets.get("current_alert_types")).contains(NEW_INCIDENT),
            assigned: text("reassigned_transferred_on").as_deref().and_then(parse_time),
            approvals: approvals.collect(),
            sharing: Sharing::of(facets),
            concerns: texts(facets.get("protection_concerns")),
            created: text("created_at").as_deref().and_then(day),
            closed: text("date_closure").as_deref().and_then(day),
            due: due.collect(),
            place: None,
            violations: texts(facets.get("violation_with_verification_status")),
            categories: texts(facets.get("violation_category")),
            parties: texts(facets.get("armed_force_group_party_names")),
        }
    }

    /// Takes over what a fact without its sealed part leaves untold and did not change.
    pub fn fill_from(&mut self, before: &Self, changed: &[String]) {
        let same = |name: &str| !changed.iter().any(|one| one == name);
        if same("risk_level") {
            self.risk.clone_from(&before.risk);
        }
        if same("protection_concerns") {
            self.concerns.clone_from(&before.concerns);
        }
        if same("date_closure") {
            self.closed = before.closed;
        }
        for (kind, status) in &before.approvals {
            if same(&approvals::field(kind)) {
                self.approvals.entry(kind.clone()).or_insert_with(|| status.clone());
            }
        }
        self.place.clone_from(&before.place);
        self.violations.clone_from(&before.violations);
        self.categories.clone_from(&before.categories);
        self.parties.clone_from(&before.parties);
    }
}

fn is_due(name: &str) -> bool {
    TASKS.iter().any(|(_, field)| *field == name)
}

/// A text, or the texts of a list.
pub(super) fn texts(value: Option<&Value>) -> BTreeSet<String> {
    let many = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice).iter();
    let all = value.and_then(Value::as_str).into_iter().chain(many.filter_map(Value::as_str));
    all.map(str::to_owned).collect()
}

/// The day of a date or of a moment, in UTC as the services count days.
pub(super) fn day(text: &str) -> Option<Date> {
    let moment = || parse_time(text).map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date());
    parse_date(text).or_else(moment)
}
