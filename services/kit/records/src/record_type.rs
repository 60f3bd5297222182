//! The five kinds of record, and the names each goes by.

use serde::{Deserialize, Serialize};

/// A kind of record with its own list, forms and ownership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordType {
    Case,
    Incident,
    TracingRequest,
    Family,
    RegistryRecord,
}

impl RecordType {
    /// All of them, in the order of the permission table.
    pub const ALL: [Self; 5] =
        [Self::Case, Self::Incident, Self::TracingRequest, Self::RegistryRecord, Self::Family];

    /// The name in `parent_form`, permissions and `record_type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Incident => "incident",
            Self::TracingRequest => "tracing_request",
            Self::Family => "family",
            Self::RegistryRecord => "registry_record",
        }
    }

    /// The name in paths and in record history, such as `cases`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Case => "cases",
            Self::Incident => "incidents",
            Self::TracingRequest => "tracing_requests",
            Self::Family => "families",
            Self::RegistryRecord => "registry_records",
        }
    }

    /// The name in audit entries: a case is a `child` there.
    pub const fn model(self) -> &'static str {
        match self {
            Self::Case => "child",
            other => other.as_str(),
        }
    }

    /// Reads any of the three names.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str() == name || one.path() == name || one.model() == name)
    }

    /// Fields that hold the type's own ids and are never written by a patch.
    pub const fn own_id_fields(self) -> &'static [&'static str] {
        match self {
            Self::Case => &["case_id", "case_id_code", "case_id_display"],
            Self::Incident => &["incident_id", "incident_code"],
            Self::TracingRequest => &["tracing_request_id"],
            Self::Family => &["family_id", "family_id_display"],
            Self::RegistryRecord => &["registry_id", "registry_id_display"],
        }
    }

    /// Fields searched by a part of an identifier.
    pub const fn identifier_fields(self) -> &'static [&'static str] {
        match self {
            Self::Case => CASE_IDENTIFIERS,
            Self::Incident => &[
                "incident_id",
                "incident_code",
                "monitor_number",
                "survivor_code",
                "incidentid_ir",
                "short_id",
            ],
            Self::TracingRequest => &["tracing_request_id", "short_id"],
            Self::Family => &["family_id", "short_id", "family_number"],
            Self::RegistryRecord => &["registry_id", "short_id", "registry_no"],
        }
    }

    /// Fields searched by the sound of a name.
    pub const fn name_fields(self) -> &'static [&'static str] {
        match self {
            Self::Case => &["name", "name_nickname", "name_other"],
            Self::Incident => &["super_incident_name", "incident_description"],
            Self::TracingRequest => &[
                "relation_name",
                "relation_nickname",
                "relation_other_family",
                "tracing_names",
                "tracing_nicknames",
            ],
            Self::Family => &["family_name"],
            Self::RegistryRecord => &["name"],
        }
    }

    /// Fields searched by phone number, besides text fields marked `phone_number`.
    pub const fn phone_fields(self) -> &'static [&'static str] {
        match self {
            Self::Case => &[
                "telephone_current",
                "telephone_child_future",
                "telephone_caregivers",
                "telephone_future_caregivers",
                "telephone_last",
                "telephone_searchable_1",
                "telephone_searchable_2",
                "telephone_searchable_3",
            ],
            _ => &[],
        }
    }
}

const CASE_IDENTIFIERS: &[&str] = &[
    "unique_identifier",
    "short_id",
    "case_id_display",
    "case_id",
    "client_code",
    "ration_card_no",
    "icrc_ref_no",
    "rc_id_no",
    "unhcr_id_no",
    "unhcr_individual_no",
    "un_no",
    "other_agency_id",
    "survivor_code_no",
    "national_id_no",
    "other_id_no",
    "biometrics_id",
    "family_count_no",
    "dss_id",
    "camp_id",
    "tent_number",
    "nfi_distribution_id",
    "oscar_number",
    "registry_no",
    "family_number",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_found_by_all_its_names() {
        for one in RecordType::ALL {
            assert_eq!(RecordType::parse(one.as_str()), Some(one));
            assert_eq!(RecordType::parse(one.path()), Some(one));
            assert_eq!(RecordType::parse(one.model()), Some(one));
        }
        assert_eq!(RecordType::parse("person"), None);
    }

    #[test]
    fn a_case_has_24_identifiers() {
        assert_eq!(RecordType::Case.identifier_fields().len(), 24);
    }
}
