//! Who may settle a request, and in which order things happen.

use kit_decider::{Command, fold};
use serde_json::json;

use super::*;

const DAY: i64 = 86_400;

fn stamp(by: &str, day: i64) -> Stamp {
    Stamp { by: by.into(), at: Timestamp::from_second(day * DAY).unwrap() }
}

fn requested() -> ErasureEvent {
    ErasureEvent::Requested(RequestedErasure {
        stamp: stamp("ann", 0),
        id: Uuid::from_u128(1),
        record_type: "case".into(),
        record_id: Uuid::from_u128(2),
        reason: "legal_order".into(),
        text: None,
        known: Known { user_names: vec!["ann".into()], ..Known::default() },
    })
}

fn approved() -> ErasureEvent {
    ErasureEvent::Approved(Approved { stamp: stamp("bob", 1) })
}

fn carried_out() -> ErasureEvent {
    let certificate = json!({"format": 1});
    ErasureEvent::CarriedOut(CarriedOut { stamp: stamp("bob", 1), certificate })
}

fn approve(by: &str, day: i64) -> ApproveErasure {
    ApproveErasure { stamp: stamp(by, day) }
}

fn refuse(by: &str, day: i64) -> RefuseErasure {
    RefuseErasure { stamp: stamp(by, day) }
}

fn recovered() -> Recovered {
    Recovered {
        stamp: stamp("cases", 9),
        id: Uuid::from_u128(1),
        record_type: "case".into(),
        record_id: Uuid::from_u128(2),
        reason: "legal_order".into(),
        known: Known::default(),
        requested: stamp("ann", 0),
        approved: stamp("bob", 1),
    }
}

#[test]
fn takes_two_people() {
    let state = fold(&[requested()]);
    assert_eq!(approve("ann", 1).decide(&state), Err(ErasureRefusal::SamePerson));
    assert_eq!(approve("bob", 1).decide(&state), Ok(vec![approved()]));
}

#[test]
fn agrees_once() {
    let state = fold(&[requested(), approved()]);
    for by in ["ann", "cid"] {
        assert_eq!(approve(by, 1).decide(&state), Err(ErasureRefusal::NotOpen("approved")));
    }
    for by in ["ann", "bob", "cid"] {
        assert_eq!(refuse(by, 1).decide(&state), Err(ErasureRefusal::NotOpen("approved")));
    }
    // The same word once more changes nothing.
    assert_eq!(approve("bob", 99).decide(&state), Ok(vec![]));
}

#[test]
fn runs_out_after_thirty_days() {
    let state = fold(&[requested()]);
    assert_eq!(
        approve("bob", 29).decide(&state),
        Ok(vec![ErasureEvent::Approved(Approved { stamp: stamp("bob", 29) })])
    );
    assert_eq!(approve("bob", 30).decide(&state), Err(ErasureRefusal::Expired));
    assert_eq!(refuse("bob", 30).decide(&state), Err(ErasureRefusal::Expired));
    assert_eq!(LapseErasure { stamp: stamp("cid", 29) }.decide(&state), Ok(vec![]));
    let ended = ErasureEvent::Expired(Ended { stamp: stamp("cid", 30) });
    assert_eq!(LapseErasure { stamp: stamp("cid", 30) }.decide(&state), Ok(vec![ended.clone()]));
    let state = fold(&[requested(), ended]);
    assert_eq!(LapseErasure { stamp: stamp("cid", 31) }.decide(&state), Ok(vec![]));
}

#[test]
fn is_withdrawn_by_who_asked_and_refused_by_others() {
    let state = fold(&[requested()]);
    let ended = |by| Ended { stamp: stamp(by, 1) };
    assert_eq!(refuse("ann", 1).decide(&state), Ok(vec![ErasureEvent::Withdrawn(ended("ann"))]));
    assert_eq!(refuse("bob", 1).decide(&state), Ok(vec![ErasureEvent::Refused(ended("bob"))]));
    let state = fold(&[requested(), ErasureEvent::Refused(ended("bob"))]);
    assert_eq!(approve("bob", 2).decide(&state), Err(ErasureRefusal::NotOpen("refused")));
}

#[test]
fn is_carried_out_after_agreement_and_once() {
    let carry = || CarryOutErasure { stamp: stamp("bob", 1), certificate: json!({"format": 1}) };
    assert_eq!(carry().decide(&fold(&[requested()])), Err(ErasureRefusal::NotOpen("requested")));
    let state = fold(&[requested(), approved()]);
    assert_eq!(carry().decide(&state), Ok(vec![carried_out()]));
    assert_eq!(carry().decide(&fold(&[requested(), approved(), carried_out()])), Ok(vec![]));
}

#[test]
fn a_journal_tells_a_restored_backup_what_it_missed() {
    let event = ErasureEvent::Recovered(recovered());
    for history in [vec![], vec![requested()]] {
        let decided = RecoverErasure(recovered()).decide(&fold(&history));
        assert_eq!(decided, Ok(vec![event.clone()]));
    }
    for history in [vec![requested(), approved()], vec![requested(), approved(), carried_out()]] {
        assert_eq!(RecoverErasure(recovered()).decide(&fold(&history)), Ok(vec![]));
    }
    let state: Erasure = fold(&[event]);
    assert_eq!((state.status, state.requested.by.as_str()), (ErasureStatus::Approved, "ann"));
}

#[test]
fn every_event_ever_stored_still_decodes() {
    let stored = [
        (
            requested(),
            r#"{"type":"requested","stamp":{"by":"ann","at":"1970-01-01T00:00:00Z"},"id":"00000000-0000-0000-0000-000000000001","record_type":"case","record_id":"00000000-0000-0000-0000-000000000002","reason":"legal_order","known":{"user_names":["ann"]}}"#,
        ),
        (approved(), r#"{"type":"approved","stamp":{"by":"bob","at":"1970-01-02T00:00:00Z"}}"#),
        (
            carried_out(),
            r#"{"type":"carried_out","stamp":{"by":"bob","at":"1970-01-02T00:00:00Z"},"certificate":{"format":1}}"#,
        ),
    ];
    for (event, json) in stored {
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
        assert_eq!(Erasure::decode("", Erasure::SCHEMA, json.as_bytes()).unwrap(), event);
    }
    let json = serde_json::to_vec(&ErasureEvent::Recovered(recovered())).unwrap();
    let read = Erasure::decode("recovered", 1, &json).unwrap();
    assert_eq!(read, ErasureEvent::Recovered(recovered()));
}
