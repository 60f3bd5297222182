//! People move and places are told: scopes and owner fields follow.

use std::time::Duration;

use kit_bus::Kind;
use kit_proto::facts::v1::{Location, LocationsChanged, UserChanged};
use serde_json::json;

use crate::rig::{Rig, TENANT, manager, root, status, worker_a};

fn moved(groups: &[&str], agency: &str) -> Kind {
    Kind::UserChanged(UserChanged {
        user_name: "worker_a".into(),
        id: 1,
        agency: agency.into(),
        agency_office: "north".into(),
        groups: groups.iter().map(|one| (*one).to_owned()).collect(),
        ..Default::default()
    })
}

/// Until it holds, for some seconds.
async fn eventually<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    for _ in 0..200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

#[tokio::test]
async fn a_worker_who_changes_groups_takes_the_cases_along() {
    let rig = Rig::start().await;
    let id = rig.case(&worker_a(), json!({"name": "Follows"})).await;
    assert_eq!(status(rig.get(&manager(), &id).await), 200);
    rig.tell("identity", "worker_a", 2, moved(&["group-b", "group-c"], "agency-b")).await;
    eventually("out of the manager's reach", || async {
        status(rig.get(&manager(), &id).await) == 403
    })
    .await;
    assert_eq!(rig.list(&manager(), "").await.unwrap().total(), 0);
    let mut other = manager();
    other.groups = vec!["group-c".into()];
    assert_eq!(rig.list(&other, "").await.unwrap().ids(), [&id]);
    let shown = rig.get(&root(), &id).await.unwrap().data;
    assert_eq!(shown["owned_by_groups"], json!(["group-b", "group-c"]));
    assert_eq!(
        (&shown["owned_by_agency_id"], &shown["owned_by_agency_office"]),
        (&json!("agency-b"), &json!("north"))
    );
    assert_eq!(rig.list(&root(), "owned_by_agency_id=agency-b").await.unwrap().total(), 1);
    // Told late, or twice: nothing goes back.
    rig.tell("identity", "worker_a", 1, moved(&["group-a"], "agency-a")).await;
    rig.patch(&worker_a(), &id, json!({"age": 4})).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(status(rig.get(&manager(), &id).await), 403);
}

#[tokio::test]
async fn cases_written_while_their_owner_moves_end_up_where_the_owner_is() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "First"})).await;
    let writes = async {
        for number in 0..40 {
            rig.case(&ann, json!({"age": number})).await;
            rig.patch(&ann, &id, json!({"age": number})).await.unwrap();
        }
    };
    let moves = async {
        for version in 2..12_u64 {
            let group = format!("group-{version}");
            rig.tell("identity", "worker_a", version, moved(&[&group], "agency-b")).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::join!(writes, moves);
    let mut last = manager();
    last.groups = vec!["group-11".into()];
    eventually("all cases are with the last group", || async {
        rig.list(&last, "").await.unwrap().total() == 41
    })
    .await;
    for version in 2..11 {
        last.groups = vec![format!("group-{version}")];
        assert_eq!(rig.list(&last, "").await.unwrap().total(), 0, "group-{version}");
    }
    let admin = rig.db.admin().await;
    let sql = "SELECT count(*) FROM case_row r WHERE r.tenant = $1 AND (SELECT array_agg(t.term ORDER BY t.term) \
         FROM case_term t WHERE t.tenant = r.tenant AND t.id = r.id AND t.created_at = r.created_at) = r.terms";
    let agree: i64 = admin.query_one(sql, &[&TENANT]).await.unwrap().get(0);
    assert_eq!(agree, 41, "each row's terms are those in the inverted table");
}

#[tokio::test]
async fn places_are_known_once_configuration_told_them() {
    let rig = Rig::start().await;
    let id = rig.case(&worker_a(), json!({"location_current": "IQ0102"})).await;
    let place = |code: &str, path: &[&str]| Location {
        code: code.into(),
        hierarchy: path.iter().map(|one| (*one).to_owned()).collect(),
        r#type: "province".into(),
        ..Default::default()
    };
    let told = vec![
        place("IQ", &["IQ"]),
        place("IQ01", &["IQ", "IQ01"]),
        place("IQ0102", &["IQ", "IQ01", "IQ0102"]),
    ];
    let kind = Kind::LocationsChanged(LocationsChanged { locations: told });
    rig.tell("configuration", "locations", 1, kind).await;
    let found =
        |query: &'static str| async { rig.list(&worker_a(), query).await.unwrap().total() == 1 };
    eventually("found by its province", || found("loc:location_current=IQ01")).await;
    let gone = Location { deleted: true, ..place("IQ0102", &[]) };
    let kind = Kind::LocationsChanged(LocationsChanged { locations: vec![gone] });
    rig.tell("configuration", "locations", 2, kind).await;
    eventually("forgotten", || async {
        rig.list(&worker_a(), "loc:location_current=IQ01").await.unwrap().total() == 0
    })
    .await;
    assert_eq!(rig.list(&worker_a(), "location_current=IQ0102").await.unwrap().ids(), [&id]);
}

#[tokio::test]
async fn others_hear_of_cases_without_hearing_names() {
    let rig = Rig::start().await;
    let bus = kit_bus::Bus::connect(rig.bus.url()).await.unwrap();
    let mut heard = bus.overhear("cases").await.unwrap();
    for field in &mut rig.others.catalog.lock().unwrap().forms[0].fields {
        if ["protection_concerns", "registration_date"].contains(&field.name.as_str()) {
            field.field_type = kit_records::FieldType::TextField;
            field.option_strings_text.clear();
        }
    }
    let said = json!({"protection_concerns": "Secret", "registration_date": "Secret"});
    let mut body = json!({"name": "Very Secret", "location_current": "Secret", "age": 7});
    body.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
    let id = rig.case(&worker_a(), body).await;
    let fact = tokio::time::timeout(Duration::from_secs(10), heard.next()).await.unwrap().unwrap();
    assert_eq!((fact.tenant.as_str(), fact.version), (TENANT.to_string().as_str(), 1));
    let Some(Kind::CaseChanged(changed)) = fact.kind else { panic!("not a case") };
    assert_eq!((changed.case_id.as_str(), changed.action.as_str()), (id.as_str(), "created"));
    let facets: serde_json::Value = serde_json::from_slice(&changed.facets).unwrap();
    assert_eq!((&facets["status"], &facets["owned_by"]), (&json!("open"), &json!("worker_a")));
    assert!(!String::from_utf8_lossy(&changed.facets).contains("Secret"), "{facets}");
    assert!(facets.get("age").is_none(), "what forms hold travels sealed");
    assert!(!String::from_utf8_lossy(&changed.sealed).contains("Secret"));
}

#[tokio::test]
async fn rows_made_anew_from_events_are_the_rows_that_were_there() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Again", "age": 3, "national_id_no": "X-1"})).await;
    rig.case(&ann, json!({"name": "Other"})).await;
    rig.patch(
        &ann,
        &id,
        json!({"age": 4, "name": "Another", "conf_contacts": [{"contact_name": "A"}]}),
    )
    .await
    .unwrap();
    rig.patch(&ann, &id, json!({"status": "closed"})).await.unwrap();
    let admin = rig.db.admin().await;
    let dump = async || {
        let sql = "SELECT (to_jsonb(r) - 'document')::text FROM case_row r ORDER BY id";
        let rows = admin.query(sql, &[]).await.unwrap();
        let terms = "SELECT t::text FROM case_term t ORDER BY t";
        let terms = admin.query(terms, &[]).await.unwrap();
        let marks = "SELECT m::text FROM case_mark m ORDER BY id";
        let marks = admin.query(marks, &[]).await.unwrap();
        rows.iter()
            .chain(&terms)
            .chain(&marks)
            .map(|row| row.get::<_, String>(0))
            .collect::<Vec<_>>()
    };
    let before = dump().await;
    let shown = rig.get(&ann, &id).await.unwrap().data;
    let rebuilt = rig.store().rebuild(&rig.db.owner(), &["case_row"]).await.unwrap();
    assert_eq!(rebuilt.streams, 2);
    assert_eq!(dump().await, before);
    assert_eq!(rig.get(&ann, &id).await.unwrap().data, shown);
}
