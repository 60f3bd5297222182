//! Which records a principal reaches: data for a database query and the same rule as a check.

use kit_records::{Record, RecordType};
use serde_json::Value;

use crate::{Principal, Scope};

/// The records of one type that a principal reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    All,
    /// Records that hold any of these terms.
    Any(Vec<Term>),
}

/// One attribute that makes a record reachable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    /// The record's field.
    pub field: &'static str,
    /// The value that the field equals or contains.
    pub value: String,
}

const USERS: &str = "associated_user_names";
const GROUPS: &str = "associated_user_groups";
const AGENCIES: &str = "associated_user_agencies";
const IDENTIFIED_BY: &str = "identified_by";

impl Reach {
    /// Fields whose values must be kept as terms of a record.
    pub const FIELDS: [&str; 4] = [USERS, GROUPS, AGENCIES, IDENTIFIED_BY];

    /// What of a record type a principal reaches, in lists and one by one.
    pub fn of(principal: &Principal, record_type: RecordType) -> Self {
        // Registry records have no owner to speak of: the permission alone decides.
        if record_type == RecordType::RegistryRecord || principal.scope == Scope::All {
            return Self::All;
        }
        let own = || vec![Term { field: USERS, value: principal.user_name.clone() }];
        Self::Any(match principal.scope {
            Scope::Group if !principal.groups.is_empty() => {
                let term = |group: &String| Term { field: GROUPS, value: group.clone() };
                principal.groups.iter().map(term).collect()
            }
            Scope::Agency if !principal.agency.is_empty() => {
                vec![Term { field: AGENCIES, value: principal.agency.clone() }]
            }
            Scope::Identified => {
                vec![Term { field: IDENTIFIED_BY, value: principal.user_name.clone() }]
            }
            Scope::Own
            | Scope::Group
            | Scope::Agency
            | Scope::AdminOnly
            | Scope::Webhook
            | Scope::All => own(),
        })
    }

    /// Whether a record lies within the reach.
    pub fn covers(&self, record: &Record) -> bool {
        *self == Self::All || self.through(record).next().is_some()
    }

    /// Which of its terms lead to a record: why it lies within the reach. None where everything
    /// does.
    pub fn through(&self, record: &Record) -> impl Iterator<Item = &Term> {
        let terms = match self {
            Self::All => &[],
            Self::Any(terms) => terms.as_slice(),
        };
        terms.iter().filter(|term| holds(record.get(term.field), &term.value))
    }
}

fn holds(value: Option<&Value>, wanted: &str) -> bool {
    match value {
        Some(Value::String(one)) => one == wanted,
        Some(Value::Array(many)) => many.iter().any(|one| one == wanted),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn principal(scope: Scope) -> Principal {
        Principal {
            user_name: "ann".into(),
            agency: "agency-a".into(),
            groups: vec!["g1".into(), "g2".into()],
            scope,
            ..Principal::default()
        }
    }

    fn sees(principal: &Principal, record: &Value) -> bool {
        Reach::of(principal, RecordType::Case).covers(record.as_object().unwrap())
    }

    #[test]
    fn own_scope_reaches_associated_records() {
        let ann = principal(Scope::Own);
        assert!(sees(&ann, &json!({"associated_user_names": ["bob", "ann"]})));
        assert!(!sees(&ann, &json!({"associated_user_names": ["bob", "anna"]})));
        assert!(!sees(&ann, &json!({"owned_by": "ann"})), "association decides, not ownership");
    }

    #[test]
    fn group_scope_reaches_shared_groups_and_falls_back_to_own() {
        let mut ann = principal(Scope::Group);
        assert!(sees(&ann, &json!({"associated_user_groups": ["g2"]})));
        assert!(!sees(&ann, &json!({"associated_user_names": ["ann"]})));
        ann.groups.clear();
        assert!(sees(&ann, &json!({"associated_user_names": ["ann"]})));
    }

    #[test]
    fn a_record_is_reached_through_what_it_holds_of_the_terms() {
        let ann = Reach::of(&principal(Scope::Group), RecordType::Case);
        let record = json!({"associated_user_groups": ["g2", "g3"]});
        let through: Vec<_> = ann.through(record.as_object().unwrap()).collect();
        assert_eq!(through.len(), 1);
        assert_eq!((through[0].field, through[0].value.as_str()), (GROUPS, "g2"));
        assert_eq!(Reach::All.through(record.as_object().unwrap()).count(), 0);
    }

    #[test]
    fn agency_identified_and_all() {
        assert!(sees(
            &principal(Scope::Agency),
            &json!({"associated_user_agencies": ["agency-a"]})
        ));
        assert!(!sees(
            &principal(Scope::Agency),
            &json!({"associated_user_agencies": ["agency-b"]})
        ));
        assert!(sees(&principal(Scope::Identified), &json!({"identified_by": "ann"})));
        assert!(!sees(&principal(Scope::Identified), &json!({"associated_user_names": ["ann"]})));
        assert!(sees(&principal(Scope::All), &json!({})));
        assert!(sees(&principal(Scope::AdminOnly), &json!({"associated_user_names": ["ann"]})));
    }

    #[test]
    fn an_agency_scope_without_agency_reaches_only_own_records() {
        let mut service = principal(Scope::Agency);
        service.agency.clear();
        assert!(!sees(&service, &json!({"associated_user_agencies": [""]})));
    }

    #[test]
    fn registry_records_are_not_scoped() {
        let ann = principal(Scope::Own);
        assert_eq!(Reach::of(&ann, RecordType::RegistryRecord), Reach::All);
        assert_ne!(Reach::of(&ann, RecordType::Family), Reach::All);
    }
}
