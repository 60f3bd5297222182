//! Cases that may be of the same child: what is proposed, and what somebody said of it.
//!
//! What is proposed follows from the cases and is no event. That two cases are of two children is a
//! word of a person, and stays: the pair is not proposed again unless it is taken back.

use kit_decider::{Aggregate, Command, Stored};
use kit_dossier::Stamp;
use kit_dossier::fields::text;
use kit_matching::{Field, Tier, of_record};
use kit_records::Record;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whether two cases that match so well are proposed as duplicates without being asked for.
pub fn is_proposed(tier: Tier) -> bool {
    matches!(tier, Tier::Strong | Tier::Probable)
}

/// Whether a case that matches so well is shown to who registers a child.
pub fn is_shown(tier: Tier) -> bool {
    is_proposed(tier) || tier == Tier::Possible
}

/// The fields of a case that a line of an explanation is about.
pub const fn fields_of(field: Field) -> &'static [&'static str] {
    match field {
        Field::GivenName => {
            &["name", "name_first", "name_middle", "name_last", "name_nickname", "name_other"]
        }
        Field::Sex => &["sex"],
        Field::Birth => &["age", "date_of_birth"],
        Field::FathersLine | Field::Mother | Field::Relatives | Field::Siblings => {
            &["name", "name_first", "name_middle", "name_last", of_record::FAMILY]
        }
        Field::LastPlace => &of_record::LIVED,
        Field::SeparationPlace => &["location_separation"],
        Field::OnTheWay => &[
            "location_separation",
            "location_before_separation",
            "location_last",
            "location_birth",
            "location_current",
        ],
        Field::SeparationDay => &["date_of_separation"],
        Field::Phone => {
            &["telephone_last", "telephone_current", "telephone_caregivers", of_record::FAMILY]
        }
        Field::Nationality => &["nationality"],
        Field::Ethnicity => &["ethnicity"],
        Field::Religion => &["religion"],
        Field::Language => &["language"],
        Field::SeparationCause => &["separation_cause"],
    }
}

/// Whether a line speaks of a name.
pub const fn is_of_names(field: Field) -> bool {
    matches!(field, Field::GivenName | Field::FathersLine)
}

/// Whether a change of a field may make or end a likeness.
pub fn tells_of(field: &str) -> bool {
    const OTHERS: [&str; 4] =
        ["record_state", "merged_into", "registration_date", "national_id_no"];
    OTHERS.contains(&field)
        || field.ends_with("_no")
        || kit_matching::FIELDS.iter().any(|one| fields_of(*one).contains(&field))
}

/// Whether a case takes part: it is enabled, and not merged into another.
pub fn takes_part(case: &Record) -> bool {
    case.get("record_state") != Some(&serde_json::Value::Bool(false))
        && text(case, "merged_into").is_none()
}

/// Two cases, whichever was named first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    pub one: Uuid,
    pub other: Uuid,
}

impl Pair {
    /// Of two cases.
    pub fn of(one: Uuid, other: Uuid) -> Self {
        Self { one: one.min(other), other: one.max(other) }
    }

    /// The id of its stream.
    pub fn id(self) -> Uuid {
        Uuid::new_v5(&self.one, self.other.as_bytes())
    }
}

/// What was said of a pair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub pair: Option<Pair>,
    /// They are two children: who said so, and when.
    pub distinct: Option<Stamp>,
}

/// What can have been said. These are storage: version with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VerdictEvent {
    /// Two children.
    FoundDistinct { stamp: Stamp, pair: Pair },
    /// Nobody says so any more.
    TakenBack { stamp: Stamp },
}

impl Aggregate for Verdict {
    const CATEGORY: &'static str = "duplicate_verdict";
    type Event = VerdictEvent;

    fn evolve(&mut self, event: &VerdictEvent) {
        match event {
            VerdictEvent::FoundDistinct { stamp, pair } => {
                self.pair = Some(*pair);
                self.distinct = Some(stamp.clone());
            }
            VerdictEvent::TakenBack { .. } => self.distinct = None,
        }
    }
}

impl Stored for Verdict {}

/// Says whether two cases are of two children.
#[derive(Debug, Clone)]
pub struct Judge {
    pub stamp: Stamp,
    pub pair: Pair,
    pub distinct: bool,
}

impl Command for Judge {
    type Of = Verdict;
    type Refusal = std::convert::Infallible;

    fn decide(self, verdict: &Verdict) -> Result<Vec<VerdictEvent>, Self::Refusal> {
        let Self { stamp, pair, distinct } = self;
        Ok(match (verdict.distinct.is_some(), distinct) {
            (false, true) => vec![VerdictEvent::FoundDistinct { stamp, pair }],
            (true, false) => vec![VerdictEvent::TakenBack { stamp }],
            _ => vec![],
        })
    }
}

#[cfg(test)]
mod tests {
    use kit_decider::fold;
    use serde_json::json;

    use super::*;

    fn judge(distinct: bool) -> Judge {
        let pair = Pair::of(Uuid::from_u128(2), Uuid::from_u128(1));
        Judge { stamp: Stamp { by: "ann".into(), ..Stamp::default() }, pair, distinct }
    }

    #[test]
    fn a_word_stays_until_it_is_taken_back() {
        let nothing = Verdict::default();
        assert_eq!(judge(false).decide(&nothing), Ok(vec![]));
        let mut events = judge(true).decide(&nothing).unwrap();
        let said: Verdict = fold(&events);
        assert_eq!(said.distinct.as_ref().unwrap().by, "ann");
        assert_eq!(judge(true).decide(&said), Ok(vec![]), "once is enough");
        events.extend(judge(false).decide(&said).unwrap());
        assert_eq!(fold::<Verdict>(&events).distinct, None);
    }

    #[test]
    fn a_pair_is_one_whichever_is_named_first() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(Pair::of(one, other), Pair::of(other, one));
        assert_eq!(Pair::of(one, other).id(), Pair::of(other, one).id());
    }

    #[test]
    fn only_what_matching_looks_at_is_looked_at_again() {
        for field in ["name", "age", "telephone_current", "merged_into", "unhcr_id_no"] {
            assert!(tells_of(field), "{field}");
        }
        assert!(!tells_of("notes_section") && !tells_of("workflow"));
    }

    #[test]
    fn hidden_and_merged_cases_take_no_part() {
        let case = |value: serde_json::Value| value.as_object().unwrap().clone();
        assert!(takes_part(&case(json!({"record_state": true}))));
        assert!(!takes_part(&case(json!({"record_state": false}))));
        assert!(!takes_part(&case(json!({"merged_into": Uuid::nil()}))));
    }
}
