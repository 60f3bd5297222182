//! What happens to a trace: proposed, rejected, confirmed, released.

use kit_decider::fold;

use super::*;

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);

fn stamp(by: &str) -> Stamp {
    Stamp { by: by.into(), at: "2026-01-31T09:00:00Z".parse().unwrap() }
}

fn found(case: Uuid, tier: Tier, basis: Basis) -> Found {
    Found { case, tier, chance: 900, basis, model: 1, lines: vec![] }
}

fn propose(found: Vec<Found>) -> Propose {
    Propose { stamp: stamp("tracing"), found, gone: vec![], erased: vec![] }
}

fn proposed(found: Found) -> TraceEvent {
    TraceEvent::Proposed { stamp: stamp("tracing"), found }
}

fn after(history: &[TraceEvent]) -> Trace {
    fold(history)
}

#[test]
fn what_is_found_is_proposed_once() {
    let strong = found(ONE, Tier::Strong, 7);
    let given = [proposed(strong.clone())];
    assert_eq!(propose(vec![strong.clone()]).decide(&Trace::default()), Ok(given.to_vec()));
    assert_eq!(propose(vec![strong]).decide(&after(&given)), Ok(vec![]));
    let probable = found(ONE, Tier::Probable, 7);
    let again = propose(vec![probable.clone()]).decide(&after(&given));
    assert_eq!(again, Ok(vec![proposed(probable)]), "it is called otherwise");
}

#[test]
fn what_is_found_no_longer_is_withdrawn() {
    let given = [proposed(found(ONE, Tier::Strong, 7)), proposed(found(TWO, Tier::Probable, 8))];
    let command = Propose { gone: vec![TWO], ..propose(vec![]) };
    let withdrawn = |case, cause| TraceEvent::Withdrawn { stamp: stamp("tracing"), case, cause };
    assert_eq!(
        command.decide(&after(&given)),
        Ok(vec![withdrawn(ONE, Cause::Superseded), withdrawn(TWO, Cause::Gone)])
    );
}

#[test]
fn a_rejection_is_remembered_until_something_that_matters_changes() {
    let reject = Reject { stamp: stamp("ann"), case: ONE, basis: 7 };
    let mut given = vec![proposed(found(ONE, Tier::Strong, 7))];
    given.extend(reject.clone().decide(&after(&given)).unwrap());
    assert_eq!(reject.decide(&after(&given)), Ok(vec![]), "twice is once");
    assert!(after(&given).rejects(ONE, 7));
    assert_eq!(propose(vec![found(ONE, Tier::Probable, 7)]).decide(&after(&given)), Ok(vec![]));
    let changed = found(ONE, Tier::Strong, 9);
    let again = propose(vec![changed.clone()]).decide(&after(&given));
    assert_eq!(again, Ok(vec![proposed(changed)]));
}

#[test]
fn one_case_is_confirmed_and_taken_back_and_the_second_of_two_is_refused() {
    let confirm = |case| Confirm { stamp: stamp("ann"), case };
    let mut given = confirm(ONE).decide(&Trace::default()).unwrap();
    assert_eq!(after(&given).matched, Some(ONE));
    assert_eq!(confirm(ONE).decide(&after(&given)), Ok(vec![]));
    assert_eq!(confirm(TWO).decide(&after(&given)), Err(Refusal::Matched));
    let reject = Reject { stamp: stamp("bob"), case: ONE, basis: 7 };
    assert_eq!(reject.decide(&after(&given)), Err(Refusal::Confirmed));
    assert_eq!(propose(vec![found(TWO, Tier::Strong, 1)]).decide(&after(&given)), Ok(vec![]));
    let release = Release { stamp: stamp("bob") };
    given.extend(release.clone().decide(&after(&given)).unwrap());
    assert_eq!(after(&given).matched, None);
    assert_eq!(release.decide(&after(&given)), Ok(vec![]));
    let news = propose(vec![found(ONE, Tier::Strong, 7)]).decide(&after(&given)).unwrap();
    assert_eq!(news.len(), 1, "what was taken back may be proposed again");
}

#[test]
fn an_erased_case_releases_its_trace() {
    let given = [TraceEvent::Confirmed { stamp: stamp("ann"), case: ONE }];
    let command = Propose { erased: vec![ONE], ..propose(vec![]) };
    let released = TraceEvent::Released { stamp: stamp("tracing"), case: ONE, cause: Cause::Gone };
    assert_eq!(command.decide(&after(&given)), Ok(vec![released]));
    let gone = Propose { gone: vec![ONE], ..propose(vec![]) };
    assert_eq!(gone.decide(&after(&given)), Ok(vec![]), "without consent it stays the child");
}

#[test]
fn a_notice_is_seen_by_one_at_a_time_and_is_new_when_it_is_called_otherwise() {
    let see = |by: &str, seen| See { stamp: stamp(by), case: ONE, seen };
    let mut given = vec![proposed(found(ONE, Tier::Probable, 7))];
    given.extend(see("ann", true).decide(&after(&given)).unwrap());
    assert_eq!(see("ann", true).decide(&after(&given)), Ok(vec![]));
    assert_eq!(see("bob", false).decide(&after(&given)), Ok(vec![]));
    assert!(after(&given).pairs[&ONE].seen.contains("ann"));
    given.push(proposed(found(ONE, Tier::Strong, 7)));
    assert!(after(&given).pairs[&ONE].seen.is_empty());
    let unknown = See { case: TWO, ..see("ann", true) };
    assert_eq!(unknown.decide(&after(&given)), Err(Refusal::Unknown));
}

#[test]
fn events_are_stored_as_they_always_were() {
    let event = TraceEvent::Seen { stamp: stamp("ann"), case: ONE, seen: true };
    let json = serde_json::json!({
        "type": "seen", "stamp": {"by": "ann", "at": "2026-01-31T09:00:00Z"},
        "case": ONE, "seen": true,
    });
    assert_eq!(serde_json::to_value(&event).unwrap(), json);
    let proposal = serde_json::to_value(proposed(found(ONE, Tier::SameFamily, 7))).unwrap();
    assert_eq!(proposal["type"], "proposed");
    assert_eq!(proposal["found"]["tier"], "same_family");
    assert_eq!(serde_json::from_value::<TraceEvent>(json).unwrap(), event);
}
