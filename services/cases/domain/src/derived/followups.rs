//! How far the follow-ups of a case have come.

use kit_records::Record;

use crate::fields::{entries, is_filled};

/// `follow_ups_implemented` when every follow-up has its date; else `follow_ups_planned` when one
/// has a day it is needed by; else `follow_ups_not_planned`, also for an emptied list. Nothing for
/// a case that never had the list.
pub fn status(values: &Record) -> Option<&'static str> {
    values.get("followup_subform_section")?.as_array()?;
    let mut followups = entries(values, "followup_subform_section").peekable();
    if followups.peek().is_none() {
        return Some("follow_ups_not_planned");
    }
    let all: Vec<&Record> = followups.collect();
    Some(if all.iter().all(|one| is_filled(one, "followup_date")) {
        "follow_ups_implemented"
    } else if all.iter().any(|one| is_filled(one, "followup_needed_by_date")) {
        "follow_ups_planned"
    } else {
        "follow_ups_not_planned"
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::record;

    fn of(followups: &Value) -> Option<&'static str> {
        status(&record(json!({ "followup_subform_section": followups })))
    }

    #[test]
    fn every_one_with_a_date_is_implemented() {
        let done = json!({"followup_date": "2026-01-01"});
        let planned = json!({"followup_needed_by_date": "2026-02-01"});
        assert_eq!(of(&json!([done, done])), Some("follow_ups_implemented"));
        assert_eq!(of(&json!([done, planned])), Some("follow_ups_planned"));
        assert_eq!(
            of(&json!([done, {"followup_type": "home_visit"}])),
            Some("follow_ups_not_planned")
        );
    }

    #[test]
    fn an_empty_list_has_nothing_planned() {
        assert_eq!(of(&json!([])), Some("follow_ups_not_planned"));
        assert_eq!(of(&Value::Null), None);
        assert_eq!(status(&Record::new()), None);
    }
}
