//! What a case tells of its incidents, which another service keeps.

use std::time::Duration;

use kit_bus::Kind;
use kit_proto::cases::v1::NoteIncidentRequest;
use kit_proto::facts::v1::{RecordChanged, RecordErased};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::rig::{MODULE, Rig, TENANT, worker_a, worker_b};

/// What incidents tells of an incident, at once or by its fact.
struct Told {
    key: Uuid,
    sealed: Vec<u8>,
}

async fn told(rig: &Rig, incident: Uuid, version: u64, case: Option<&str>) -> Told {
    let document = json!({
        "id": incident, "description": format!("Linked {version}"), "secret": "not shown",
        "module_id": MODULE, "perpetrators": [{"unique_id": "p"}], "incident_case_id": case,
    });
    let key = rig.db.keys().cache().fresh(TENANT).await.unwrap();
    let (id, at) = (incident.to_string(), version.to_be_bytes());
    let context: [&[u8]; 4] = [b"record_changed", TENANT.as_bytes(), id.as_bytes(), &at];
    let sealed = key.seal(&context, document.to_string().as_bytes());
    Told { key: key.id, sealed }
}

/// The service of incidents says it before it answers.
async fn note(rig: &Rig, incident: Uuid, version: u64, case: Option<&str>) {
    let told = told(rig, incident, version, case).await;
    let request = NoteIncidentRequest {
        incident_id: incident.to_string(),
        version,
        case_id: case.unwrap_or_default().to_owned(),
        actor: "worker_a".into(),
        user_names: vec!["worker_a".into()],
        sealed: told.sealed.into(),
        key_id: told.key.to_string(),
    };
    let call = rig.shared.internal_call(Some(TENANT));
    rig.shared.peers.cases().note_incident(call.request(request)).await.unwrap();
}

/// Incidents tells of an incident; gives the key that it is sealed with.
async fn tell(rig: &Rig, incident: Uuid, version: u64, case: Option<&str>, users: &[&str]) -> Uuid {
    let Told { key, sealed } = told(rig, incident, version, case).await;
    let id = incident.to_string();
    let facets = json!({"incident_case_id": case, "associated_user_names": users});
    let fact = RecordChanged {
        record_type: "incident".into(),
        record_id: id.clone(),
        action: "updated".into(),
        facets: facets.to_string().into_bytes().into(),
        sealed: sealed.into(),
        key_id: key.to_string(),
        ..Default::default()
    };
    rig.tell("incidents", &id, version, Kind::RecordChanged(fact)).await;
    key
}

/// The case once it says so.
async fn shown(rig: &Rig, case: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..200 {
        let shown = rig.get(&worker_a(), case).await.unwrap().data;
        if is_so(&shown) {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{}", rig.get(&worker_a(), case).await.unwrap().data);
}

fn details(case: &Value) -> usize {
    case["incident_details"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_case_shows_its_incidents_and_lists_find_it_by_them() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let case = rig.case(&ann, json!({"name": "With", "age": 6})).await;
    let other = rig.case(&ann, json!({"name": "Without"})).await;
    assert_eq!(rig.get(&ann, &case).await.unwrap().data["has_incidents"], false);
    let (one, far) = (kit_test::fresh_id(), kit_test::fresh_id());
    tell(&rig, one, 1, Some(&case), &["worker_a"]).await;
    // Another's incident of the same case is theirs to see.
    tell(&rig, far, 1, Some(&case), &["worker_b"]).await;
    let told = shown(&rig, &case, |case| {
        case["incident_ids"].as_array().is_some_and(|all| all.len() == 2)
    });
    let told = told.await;
    assert_eq!((&told["has_incidents"], details(&told)), (&json!(true), 1));
    let entry = &told["incident_details"][0];
    assert_eq!((&entry["unique_id"], &entry["description"]), (&json!(one), &json!("Linked 1")));
    assert!(entry.get("secret").is_none() && entry.get("perpetrators").is_none());
    assert_eq!(rig.list(&ann, "has_incidents=true").await.unwrap().ids(), [case.as_str()]);
    assert_eq!(rig.list(&ann, "has_incidents=false").await.unwrap().ids(), [other.as_str()]);
    let mut blind = worker_a();
    blind.permissions.get_mut("case").unwrap().retain(|one| *one != "view_incident_from_case");
    assert!(rig.get(&blind, &case).await.unwrap().data.get("incident_details").is_none());
    let history = rig.history(&ann, &case, "").await.unwrap().data;
    assert!(history[0]["record_changes"].to_string().contains(&far.to_string()), "{history}");

    // It changes, goes to another case, and is gone.
    tell(&rig, one, 2, Some(&case), &["worker_a"]).await;
    shown(&rig, &case, |case| case["incident_details"][0]["description"] == "Linked 2").await;
    let key = tell(&rig, one, 3, Some(&other), &["worker_a"]).await;
    shown(&rig, &other, |case| details(case) == 1).await;
    shown(&rig, &case, |case| details(case) == 0).await;
    let gone = RecordErased {
        record_type: "incident".into(),
        record_id: one.to_string(),
        key_ids: vec![key.to_string()],
        ..Default::default()
    };
    rig.tell("incidents", &one.to_string(), 4, Kind::RecordErased(gone)).await;
    let left = shown(&rig, &other, |case| case["has_incidents"] == false).await;
    assert_eq!(details(&left), 0);
    tell(&rig, far, 2, None, &["worker_b"]).await;
    shown(&rig, &case, |case| case["has_incidents"] == false).await;
    assert!(rig.get(&worker_b(), &case).await.is_err());
    rig.stop();
}

#[tokio::test]
async fn an_incident_of_a_case_that_is_not_there_leaves_no_row() {
    let rig = Rig::start().await;
    let nowhere = kit_test::fresh_id().to_string();
    let here = rig.case(&worker_a(), json!({"name": "Here"})).await;
    tell(&rig, kit_test::fresh_id(), 1, Some(&nowhere), &["worker_a"]).await;
    tell(&rig, kit_test::fresh_id(), 1, Some(&here), &["worker_a"]).await;
    shown(&rig, &here, |case| details(case) == 1).await;
    let sql = "select count(*) from case_incident where case_id::text = $1";
    let mut left: i64 = 1;
    for _ in 0..200 {
        left = rig.db.admin().await.query_one(sql, &[&nowhere]).await.unwrap().get(0);
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(left, 0);
    rig.stop();
}

#[tokio::test]
async fn a_case_shows_an_incident_from_the_next_call_on_and_what_comes_late_changes_nothing() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let case = rig.case(&ann, json!({"name": "With"})).await;
    let other = rig.case(&ann, json!({"name": "Other"})).await;
    let one = kit_test::fresh_id();
    let at_once = async |case: &str| rig.get(&ann, case).await.unwrap().data;
    note(&rig, one, 1, Some(&case)).await;
    let shown = at_once(&case).await;
    assert_eq!((&shown["has_incidents"], details(&shown)), (&json!(true), 1));
    // Once more, as when an author repeats a call that had no answer.
    note(&rig, one, 1, Some(&case)).await;
    assert_eq!(details(&at_once(&case).await), 1);
    note(&rig, one, 2, Some(&other)).await;
    assert_eq!((details(&at_once(&case).await), details(&at_once(&other).await)), (0, 1));
    note(&rig, one, 3, None).await;
    assert_eq!(at_once(&other).await["has_incidents"], false);
    let before = rig.history(&ann, &case, "").await.unwrap().data;

    // Its facts come twice, late, and in another order; the last one shows that they were heard.
    for version in [1, 1, 2] {
        tell(&rig, one, version, Some(if version == 1 { &case } else { &other }), &["worker_a"])
            .await;
    }
    tell(&rig, one, 4, Some(&other), &["worker_a"]).await;
    shown_soon(&rig, &other).await;
    assert_eq!(at_once(&case).await["has_incidents"], false);
    assert_eq!(rig.history(&ann, &case, "").await.unwrap().data, before);
    // What was noted at once before, and is told once more now, is older.
    note(&rig, one, 2, Some(&case)).await;
    assert_eq!((details(&at_once(&case).await), details(&at_once(&other).await)), (0, 1));
    let nobody = rig.shared.peers.cases().note_incident(NoteIncidentRequest::default()).await;
    assert_eq!(nobody.unwrap_err().code(), tonic::Code::Unauthenticated);
    rig.stop();
}

async fn shown_soon(rig: &Rig, case: &str) {
    shown(rig, case, |case| details(case) == 1).await;
}

#[tokio::test]
async fn an_incident_that_was_noted_and_erased_does_not_come_back() {
    let rig = Rig::start().await;
    let case = rig.case(&worker_a(), json!({"name": "With"})).await;
    let one = kit_test::fresh_id();
    note(&rig, one, 5, Some(&case)).await;
    let gone = RecordErased {
        record_type: "incident".into(),
        record_id: one.to_string(),
        ..Default::default()
    };
    rig.tell("incidents", &one.to_string(), 6, Kind::RecordErased(gone)).await;
    shown(&rig, &case, |case| case["has_incidents"] == false).await;
    note(&rig, one, 7, Some(&case)).await;
    assert_eq!(rig.get(&worker_a(), &case).await.unwrap().data["has_incidents"], false);
    rig.stop();
}
