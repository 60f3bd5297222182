//! Only who agreed is found, and only as long as they do: at every moment, whatever the order in
//! which it is heard.

use std::time::Duration;

use kit_bus::Fact;
use serde_json::json;

use crate::matching::{father, salma, sought};
use crate::rig::{Rig, ann, bob};

const A_SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_withdrawal_takes_the_child_out_within_a_second_and_consent_puts_it_back() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["bob"], salma()).await;
    let (_, trace) = rig.request(&ann(), father(), sought()).await;
    rig.until_found(&trace, case, true).await;
    rig.until_notices(&bob(), 1).await;
    rig.change(case, json!({"consent_for_tracing": "false"})).await;
    let took = rig.until_found(&trace, case, false).await;
    assert!(took < A_SECOND, "{took:?}");
    rig.until_notices(&bob(), 0).await;
    assert_eq!(
        rig.potential_of_case(&bob(), case).await.unwrap().data["potential_matches"],
        json!([])
    );
    let tx = rig.store().read(crate::rig::TENANT).await.unwrap();
    let kept =
        tx.query("SELECT 1 FROM case_sought WHERE tenant = $1", &[&crate::rig::TENANT]).await;
    assert!(kept.unwrap().is_empty(), "nothing is kept of who does not agree");
    drop(tx);
    rig.change(case, json!({"consent_for_tracing": "true"})).await;
    assert!(rig.until_found(&trace, case, true).await < A_SECOND);
    rig.until_notices(&bob(), 1).await;
}

#[tokio::test]
async fn a_disabled_record_is_out_within_a_second_on_either_side() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["bob"], salma()).await;
    let (request, trace) = rig.request(&ann(), father(), sought()).await;
    rig.until_found(&trace, case, true).await;
    rig.change(case, json!({"record_state": false})).await;
    assert!(rig.until_found(&trace, case, false).await < A_SECOND);
    rig.change(case, json!({"record_state": true})).await;
    rig.until_found(&trace, case, true).await;
    rig.disable(&ann(), &request).await.unwrap();
    let found = rig.potential_of_case(&bob(), case).await.unwrap().data;
    assert_eq!(found["potential_matches"], json!([]), "at once: it is this service's own record");
    rig.until_notices(&bob(), 0).await;
}

#[tokio::test]
async fn an_erased_case_is_out_within_a_second_and_frees_its_trace() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["ann", "bob"], salma()).await;
    let (_, trace) = rig.request(&ann(), father(), sought()).await;
    rig.until_found(&trace, case, true).await;
    rig.confirm(&ann(), &trace, json!(case)).await.unwrap();
    let late = rig.others.fact(case, "updated", &["age".to_owned()]);
    rig.erase(case).await;
    assert!(rig.until_found(&trace, case, false).await < A_SECOND);
    // A fact from before comes after: its key opens nothing, and it brings nothing back.
    rig.publish(case, &late).await;
    for _ in 0..200 {
        if rig.trace(&ann(), &trace).await.unwrap().data["matched_case_id"].is_null() {
            rig.until_found(&trace, case, false).await;
            assert_eq!(rig.notices(&bob(), "").await.unwrap().data, json!([]));
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the trace is still matched with an erased case");
}

#[tokio::test]
async fn facts_that_come_twice_or_late_change_nothing() {
    let rig = Rig::start().await;
    let case = rig.unheard_case("bob", &["bob"], salma()).await;
    let first = rig.others.fact(case, "created", &[]);
    let (_, trace) = rig.request(&ann(), father(), sought()).await;
    assert!(rig.potential(&ann(), &trace).await.unwrap().cases().is_empty());
    rig.publish(case, &first).await;
    rig.until_found(&trace, case, true).await;
    let before = (rig.until_notices(&bob(), 1).await, rig.digest().await);
    rig.publish(case, &first).await;
    rig.publish(case, &first).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!((rig.until_notices(&bob(), 1).await, rig.digest().await), before);
    // Too large for a message: whether there still is consent is not known, so there is none.
    let mut large = rig.others.fact(case, "updated", &["consent_for_tracing".to_owned()]);
    if let Some(kit_bus::Kind::CaseChanged(changed)) = &mut large.kind {
        changed.sealed = Vec::new().into();
        changed.key_id.clear();
    }
    rig.publish(case, &large).await;
    assert!(rig.until_found(&trace, case, false).await < A_SECOND);
}

#[tokio::test]
async fn what_is_told_late_brings_back_nobody_who_said_no_or_was_erased() {
    let rig = Rig::start().await;
    let (_, trace) = rig.request(&ann(), father(), sought()).await;
    let case = rig.case("bob", &["bob"], salma()).await;
    rig.until_found(&trace, case, true).await;
    let late = rig.others.fact(case, "updated", &["age".to_owned()]);
    let again = || Fact { event_id: kit_test::fresh_id().to_string(), ..late.clone() };
    rig.change(case, json!({"consent_for_tracing": "false"})).await;
    // At once, so that one batch has both, and after it was heard.
    rig.publish(case, &again()).await;
    rig.until_found(&trace, case, false).await;
    rig.publish(case, &again()).await;
    rig.never_found(&trace, case).await;
    rig.change(case, json!({"consent_for_tracing": "true"})).await;
    rig.until_found(&trace, case, true).await;
    // Erased elsewhere: here the key still lies in memory.
    let late = rig.others.fact(case, "updated", &["age".to_owned()]);
    let (_, erased) = rig.others.remove(case);
    rig.publish(case, &erased).await;
    rig.publish(case, &late).await;
    rig.until_found(&trace, case, false).await;
    rig.never_found(&trace, case).await;
}
