//! Work on a case ends.

use jiff::civil::Date;
use jiff::civil::date;
use kit_decider::Command;
use serde_json::json;

use crate::testing::{self, Given};
use crate::{CaseKind, CaseRefusal, CloseCase};

fn close(given: &Given, day: Option<Date>) -> CloseCase {
    CloseCase {
        kind: CaseKind,
        stamp: given.context.stamp(),
        date: day,
        today: given.context.today,
    }
}

fn closed_on(mut given: Given, day: Option<Date>) -> String {
    let command = close(&given, day);
    given.when(command).unwrap();
    assert_eq!(
        (given.record.status.as_str(), &given.record.values["workflow"]),
        ("closed", &json!("closed"))
    );
    given.record.values["date_closure"].as_str().unwrap().to_owned()
}

#[test]
fn the_given_day_then_the_recorded_one_then_today() {
    let recorded = json!({"date_closure": "2025-12-24"});
    assert_eq!(
        closed_on(testing::registered(recorded.clone()), Some(date(2026, 1, 1))),
        "2026-01-01"
    );
    assert_eq!(closed_on(testing::registered(recorded), None), "2025-12-24");
    assert_eq!(closed_on(testing::registered(json!({})), None), "2026-01-31");
}

#[test]
fn closing_twice_is_harmless() {
    let mut given = testing::registered(json!({}));
    let command = close(&given, None);
    given.when(command.clone()).unwrap();
    assert_eq!(given.when(command), Ok(vec![]));
}

#[test]
fn there_must_be_a_case() {
    let given = testing::nothing();
    assert_eq!(close(&given, None).decide(&given.record), Err(CaseRefusal::NotRegistered));
}
