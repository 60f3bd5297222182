//! Erasing records for good: who may, what is left, and what cannot bring them back.

use std::sync::Arc;

use cases_domain::erasure::ApproveErasure;
use cases_domain::families::FamilyKind;
use cases_domain::{Case, Stamp};
use futures_util::future::join_all;
use jiff::SignedDuration;
use kit_access::{Principal, Scope};
use kit_bus::{Bus, Kind};
use kit_dossier::Dossier;
use kit_proto::facts::v1::UserChanged;
use kit_serve::Refusal;
use kit_store::{Meta, StoreError};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::import::{history, import};
use crate::rig::{Answer, Rig, TENANT, reader, root, status, worker_a, worker_b};

/// Of the rig's clock; signing in was just now.
fn proven(mut one: Principal, action: &str) -> Principal {
    one.permissions.insert("erasure".into(), vec![action.into()]);
    one.proven_at = Some(1_769_850_307);
    one
}

pub fn asker() -> Principal {
    proven(worker_a(), "request")
}

pub fn agreer() -> Principal {
    let mut one = reader();
    one.user_name = "officer".into();
    proven(one, "approve")
}

pub fn body(id: &str) -> Value {
    json!({"record_type": "case", "record_id": id, "reason": "legal_order", "text": "as Zubeida asked"})
}

/// The codes of the fields that a refusal names.
fn codes(asked: Result<Answer, Refusal>) -> Vec<String> {
    let errors = asked.unwrap_err().errors;
    errors.iter().flat_map(|one| &one.fields).map(|field| field.code.clone()).collect()
}

async fn erased(rig: &Rig) -> (String, String) {
    let id = rig.case(&worker_a(), json!({"name": "Zubeida Okonkwo", "age": 9})).await;
    let asked = rig.request_erasure(&asker(), body(&id)).await.unwrap();
    let erasure = asked.data["id"].as_str().unwrap().to_owned();
    let done = rig.approve_erasure(&agreer(), &erasure).await.unwrap();
    assert_eq!(done.data["status"], "carried_out");
    (id, erasure)
}

async fn count(rig: &Rig, table: &str, id: &str) -> i64 {
    let column = if table == "snapshot" { "stream" } else { "id::text" };
    let wanted = if table == "snapshot" { format!("case-{id}") } else { id.to_owned() };
    let sql = format!("select count(*) from {table} where {column} = $1");
    rig.db.admin().await.query_one(&sql, &[&wanted]).await.unwrap().get(0)
}

/// For who worked on it the record is gone, for others it never was, in lists it is not.
async fn reads_as_erased(rig: &Rig, ann: &Principal, id: &str) {
    for refusal in [
        rig.get(ann, id).await,
        rig.patch(ann, id, json!({"age": 12})).await,
        rig.history(ann, id, "").await,
        rig.access(ann, id).await,
        rig.conflicts(ann, id).await,
        rig.disable(ann, id).await,
        rig.request_erasure(&asker(), body(id)).await,
    ] {
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal.code.http_status(), 410);
        assert_eq!(refusal.errors[0].fields[0].code, "erased");
    }
    for stranger in [worker_b(), crate::rig::nobody()] {
        let refusal = rig.get(&stranger, id).await.unwrap_err();
        let unknown = rig.get(&stranger, &kit_test::fresh_id().to_string()).await.unwrap_err();
        assert_eq!(refusal.code, unknown.code);
        assert_eq!(refusal.errors[0].message, unknown.errors[0].message);
    }
    for query in ["", "query=Zubeida&phonetic=true", "age=64", "name=Zubeida Okonkwo"] {
        let list = rig.list(&root(), query).await.unwrap();
        assert_eq!((list.data, &list.metadata["total"]), (json!([]), &json!(0)), "{query}");
    }
}

#[tokio::test]
async fn a_record_that_two_people_erase_reads_as_erased_everywhere() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Zubeida Okonkwo", "age": 9})).await;
    // Enough saves for a snapshot, and a conflict.
    for age in 10..65 {
        rig.patch(&ann, &id, json!({"age": age})).await.unwrap();
    }
    rig.patch_as(&ann, &id, json!({"age": 1}), "", 2).await.unwrap();
    assert_eq!(count(&rig, "snapshot", &id).await, 1);
    let asked = rig.request_erasure(&asker(), body(&id)).await.unwrap();
    let erasure = asked.data["id"].as_str().unwrap().to_owned();
    assert_eq!(asked.data["status"], "requested");
    let told = rig.get_erasure(&agreer(), &erasure).await.unwrap();
    assert_eq!(told.data["text"], "as Zubeida asked");
    assert_eq!(rig.get(&ann, &id).await.unwrap().data["name"], "Zubeida Okonkwo");

    let done = rig.approve_erasure(&agreer(), &erasure).await.unwrap();
    assert_eq!(done.data["status"], "carried_out");
    reads_as_erased(&rig, &ann, &id).await;
    for table in ["case_row", "case_term", "snapshot"] {
        assert_eq!(count(&rig, table, &id).await, 0, "{table}");
    }
    let told = rig.get_erasure(&agreer(), &erasure).await.unwrap();
    assert_eq!(told.data["text"], Value::Null);
    let certificate = &told.data["certificate"];
    assert_eq!(certificate["record"], json!({"type": "case", "id": id}));
    assert_eq!(certificate["requested"]["by"], "worker_a");
    assert_eq!(certificate["approved"]["by"], "officer");
    assert_eq!(certificate["streams"][0]["stream"], format!("case-{id}"));
    let removed = certificate["removed"].as_array().unwrap();
    let rows = |table: &str| {
        removed.iter().find(|one| one["table"] == table).unwrap()["rows"].as_u64().unwrap()
    };
    assert_eq!((rows("case_row"), rows("snapshot")), (1, 1));
    assert!(rows("case_term") > 3);
    assert!(!told.data.to_string().contains("Zubeida"));

    let store = rig.store();
    assert!(store.verify(TENANT).await.unwrap().is_empty());
    assert!(matches!(store.load::<Case>(TENANT, &id).await, Err(StoreError::Erased)));
    rig.stop();
}

#[tokio::test]
async fn it_takes_two_people_with_different_rights_who_proved_who_they_are() {
    let rig = Rig::start().await;
    let id = rig.case(&worker_a(), json!({"name": "Kept"})).await;
    assert_eq!(status(rig.request_erasure(&worker_a(), body(&id)).await), 403);
    assert_eq!(status(rig.request_erasure(&agreer(), body(&id)).await), 403);
    assert_eq!(status(rig.request_erasure(&proven(worker_b(), "request"), body(&id)).await), 403);
    let stale = Principal { proven_at: Some(1_769_840_000), ..asker() };
    assert_eq!(codes(rig.request_erasure(&stale, body(&id)).await), ["not_recently_proven"]);

    let asked = rig.request_erasure(&asker(), body(&id)).await.unwrap();
    let erasure = asked.data["id"].as_str().unwrap().to_owned();
    assert_eq!(codes(rig.request_erasure(&asker(), body(&id)).await), ["already_requested"]);
    assert_eq!(status(rig.approve_erasure(&asker(), &erasure).await), 403);
    let both = Principal { user_name: "worker_a".into(), ..proven(worker_a(), "approve") };
    assert_eq!(codes(rig.approve_erasure(&both, &erasure).await), ["same_person"]);
    let far = Principal { scope: Scope::Own, ..agreer() };
    assert_eq!(status(rig.approve_erasure(&far, &erasure).await), 404);
    let elsewhere = Principal { tenant: Uuid::from_u128(99), ..agreer() };
    assert_eq!(status(rig.approve_erasure(&elsewhere, &erasure).await), 404);
    assert_eq!(status(rig.get_erasure(&elsewhere, &erasure).await), 404);
    assert_eq!(rig.list_erasures(&elsewhere, "").await.unwrap().data, json!([]));
    let stale = Principal { proven_at: None, ..agreer() };
    assert_eq!(codes(rig.approve_erasure(&stale, &erasure).await), ["not_recently_proven"]);
    assert_eq!(rig.get(&worker_a(), &id).await.unwrap().data["name"], "Kept");

    rig.refuse_erasure(&agreer(), &erasure).await.unwrap();
    assert_eq!(codes(rig.approve_erasure(&agreer(), &erasure).await), ["not_open"]);
    rig.clock.advance(SignedDuration::from_secs(1));
    let again = rig.request_erasure(&asker(), body(&id)).await.unwrap();
    let again = again.data["id"].as_str().unwrap().to_owned();
    let listed = rig.list_erasures(&agreer(), "").await.unwrap();
    assert_eq!(listed.ids(), [again.as_str(), erasure.as_str()]);
    rig.clock.advance(SignedDuration::from_hours(31 * 24));
    let late = Principal { proven_at: Some(1_769_850_307 + 31 * 86_400), ..agreer() };
    assert_eq!(codes(rig.approve_erasure(&late, &again).await), ["expired_request"]);
    let anew = Principal { proven_at: late.proven_at, ..asker() };
    assert_eq!(status(rig.request_erasure(&anew, body(&id)).await), 200);
    rig.stop();
}

#[tokio::test]
async fn nonsense_names_its_field() {
    let rig = Rig::start().await;
    let wrong =
        json!({"record_type": "role", "record_id": "' or 1=1", "reason": "boredom", "text": 7});
    let named = codes(rig.request_erasure(&asker(), wrong).await);
    assert_eq!(named, ["not_an_option", "not_a_uuid", "not_an_option", "wrong_type"]);
    let unknown = kit_test::fresh_id().to_string();
    assert_eq!(status(rig.request_erasure(&asker(), body(&unknown)).await), 404);
    for id in [unknown.as_str(), "x", ""] {
        assert_eq!(status(rig.approve_erasure(&agreer(), id).await), 404);
        assert_eq!(status(rig.refuse_erasure(&agreer(), id).await), 404);
        assert_eq!(status(rig.get_erasure(&agreer(), id).await), 404);
    }
    rig.stop();
}

#[tokio::test]
async fn writers_that_race_the_erasure_leave_nothing() {
    let rig = Arc::new(Rig::start().await);
    for round in 0..6_i64 {
        let ann = worker_a();
        let id = rig.case(&ann, json!({"name": "Racing", "nick": "x"})).await;
        let asked = rig.request_erasure(&asker(), body(&id)).await.unwrap();
        let erasure = asked.data["id"].as_str().unwrap().to_owned();
        let patches = (0..12).map(|n| {
            let (rig, ann, id) = (Arc::clone(&rig), ann.clone(), id.clone());
            tokio::spawn(async move {
                rig.patch(&ann, &id, json!({"nick": format!("n{n}")})).await.map(drop)
            })
        });
        let patches: Vec<_> = patches.collect();
        tokio::time::sleep(std::time::Duration::from_millis(u64::try_from(round * 4).unwrap()))
            .await;
        // The owner moves to another group meanwhile, and with them their cases.
        let moved = UserChanged {
            user_name: "worker_a".into(),
            agency: "agency-a".into(),
            groups: vec!["group-a".into(), format!("group-{round}")],
            ..Default::default()
        };
        let version = 100 + u64::try_from(round).unwrap();
        let moved = rig.tell("identity", "worker_a", version, Kind::UserChanged(moved));
        let officer = agreer();
        let approved = rig.approve_erasure(&officer, &erasure);
        let (approved, ()) = futures_util::future::join(approved, moved).await;
        approved.unwrap();
        for patch in join_all(patches).await {
            if let Err(refusal) = patch.unwrap() {
                assert!([409, 410].contains(&refusal.code.http_status()), "{refusal:?}");
            }
        }
        for table in ["case_row", "case_term", "snapshot"] {
            assert_eq!(count(&rig, table, &id).await, 0, "{table} in round {round}");
        }
        let sql = "select type from event where stream = $1 order by version desc limit 1";
        let stream = format!("case-{id}");
        let last: String = rig.db.admin().await.query_one(sql, &[&stream]).await.unwrap().get(0);
        assert_eq!(last, "erased");
        let sql = "select count(distinct key_id) from event where stream = $1";
        let keys: i64 = rig.db.admin().await.query_one(sql, &[&stream]).await.unwrap().get(0);
        assert_eq!(keys, 1, "an event lies under a fresh key");
    }
    assert!(rig.store().verify(TENANT).await.unwrap().is_empty());
    rig.stop();
}

#[tokio::test]
async fn another_process_with_the_record_in_memory_reads_and_appends_no_more() {
    let rig = Rig::start().await;
    let id = rig.case(&worker_a(), json!({"name": "Remembered"})).await;
    let other = rig.store();
    let loaded = other.load::<Case>(TENANT, &id).await.unwrap();
    assert!(loaded.key.is_some());
    let asked = rig.request_erasure(&asker(), body(&id)).await.unwrap();
    rig.approve_erasure(&agreer(), asked.data["id"].as_str().unwrap()).await.unwrap();
    assert!(matches!(other.load::<Case>(TENANT, &id).await, Err(StoreError::Erased)));
    assert!(matches!(other.history::<Case>(TENANT, &id).await, Err(StoreError::Erased)));
    assert!(other.load_many::<Case>(TENANT, [&id]).await.unwrap().is_empty());
    rig.stop();
}

#[tokio::test]
async fn a_crash_between_two_steps_only_delays_the_rest() {
    let rig = Rig::start().await;
    for steps in 0..3 {
        let id = rig.case(&worker_a(), json!({"name": "Half", "age": 5})).await;
        let asked = rig.request_erasure(&asker(), body(&id)).await.unwrap();
        let erasure = asked.data["id"].as_str().unwrap().to_owned();
        // Somebody pulls the plug after the agreement, the closing or the destruction.
        let store = rig.store();
        let stamp = Stamp { by: "officer".into(), at: rig.clock.clock().now() };
        store.execute(&meta(&rig), &erasure, ApproveErasure { stamp }).await.unwrap();
        if steps > 0 {
            let note = json!({"erasure_id": erasure});
            let burial = store
                .bury::<Case>(&meta(&rig), &id, &note, |_| {
                    Box::pin(async { Ok(vec![("case_row".into(), 1)]) })
                })
                .await;
            let burial = burial.unwrap().unwrap();
            assert_eq!((burial.events, burial.keys.len()), (2, 1));
            assert_eq!(status(rig.get(&worker_a(), &id).await), 410);
            assert_eq!(status(rig.patch(&worker_a(), &id, json!({"age": 3})).await), 410);
            if steps > 1 {
                store.keys().destroy(TENANT, burial.keys[0]).await.unwrap();
            }
        }
        let done = rig.approve_erasure(&agreer(), &erasure).await.unwrap();
        assert_eq!(done.data["status"], "carried_out");
        let told = rig.get_erasure(&agreer(), &erasure).await.unwrap().data;
        assert_eq!(told["certificate"]["streams"][0]["events"], 2, "{told}");
        assert_eq!(told["certificate"]["keys"].as_array().unwrap().len(), 1);
        let rows = |one: &&Value| one["table"] == "case_row" && one["rows"] == 1;
        assert!(told["certificate"]["removed"].as_array().unwrap().iter().any(|one| rows(&one)));
        for table in ["case_row", "case_term"] {
            assert_eq!(count(&rig, table, &id).await, 0);
        }
        assert_eq!(status(rig.get(&worker_a(), &id).await), 410);
    }
    assert!(rig.store().verify(TENANT).await.unwrap().is_empty());
    rig.stop();
}

fn meta(rig: &Rig) -> Meta {
    Meta {
        tenant: TENANT,
        actor: "officer".into(),
        command_id: kit_test::fresh_id(),
        now: rig.clock.clock().now(),
        correlation: kit_test::fresh_id(),
        causation: None,
        trace: None,
    }
}

#[tokio::test]
async fn nothing_brings_it_back() {
    let rig = Rig::start().await;
    let (id, erasure) = erased(&rig).await;
    // A device that made the id itself sends it once more, and so does an import.
    let again = json!({"id": id, "module_id": crate::rig::MODULE, "name": "Zubeida Okonkwo"});
    assert_eq!(status(rig.create(&worker_a(), again.clone()).await), 410);
    assert_eq!(status(rig.create(&worker_b(), again).await), 409);
    let reply = import(&rig, "", vec![history(&id)]).await.unwrap();
    assert_eq!((reply.known, reply.stored), (1, 0));
    // The same agreement once more changes nothing.
    let again = rig.approve_erasure(&agreer(), &erasure).await.unwrap();
    assert_eq!(again.data["status"], "carried_out");
    assert_eq!(codes(rig.refuse_erasure(&agreer(), &erasure).await), ["not_open"]);
    assert_eq!(status(rig.get(&worker_a(), &id).await), 410);
    rig.stop();
}

#[tokio::test]
async fn others_are_told_once_which_keys_are_gone() {
    let rig = Rig::start().await;
    let bus = Bus::connect(rig.bus.url()).await.unwrap();
    let mut heard = bus.overhear("cases").await.unwrap();
    let (id, erasure) = erased(&rig).await;
    let fact = loop {
        if let Some(Kind::RecordErased(fact)) = heard.next().await.unwrap().kind {
            break fact;
        }
    };
    assert_eq!((fact.record_id, fact.erasure_id), (id.clone(), erasure));
    assert_eq!(fact.streams, [format!("case-{id}")]);
    assert_eq!(fact.key_ids.len(), 1);
    rig.stop();
}

/// All that anybody could still read: states, documents and histories of families and cases.
async fn everything_readable(rig: &Rig, families: &[String], cases: &[String]) -> String {
    let store = rig.store();
    let mut all = String::new();
    for id in families {
        let loaded = store.load::<Dossier<FamilyKind>>(TENANT, id).await.unwrap();
        all.push_str(&serde_json::to_string(&*loaded.state).unwrap());
        let mut boss = root();
        boss.permissions.insert("family".into(), vec!["manage".into()]);
        all.push_str(&rig.get_of("family", &boss, id).await.unwrap().data.to_string());
        all.push_str(&rig.history_of("family", &boss, id).await.unwrap().data.to_string());
    }
    for id in cases {
        let loaded = store.load::<Case>(TENANT, id).await.unwrap();
        all.push_str(&serde_json::to_string(&*loaded.state).unwrap());
        all.push_str(&rig.get(&root(), id).await.unwrap().data.to_string());
        all.push_str(&rig.history(&root(), id, "").await.unwrap().data.to_string());
    }
    all
}

#[tokio::test]
async fn a_family_forgets_a_member_whose_case_was_erased() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let gone = rig.case(&ann, json!({"name": "Zubeida Okonkwo", "age": 9})).await;
    let kept = rig.case(&ann, json!({"name": "Omar Okonkwo", "age": 7})).await;
    let family = json!({"module_id": crate::rig::MODULE, "family_name": "Okonkwo"});
    let family = rig.create_of("family", &ann, family).await.unwrap();
    let family = family.data["id"].as_str().unwrap().to_owned();
    for case in [&gone, &kept] {
        rig.patch(&ann, case, json!({"family_id": family})).await.unwrap();
    }
    // The sibling's case says of her what only holds from there, and enough for a snapshot.
    let shown = rig.get(&ann, &kept).await.unwrap().data;
    let entry = shown["family_details_section"][0]["unique_id"].clone();
    let about = json!({"family_details_section": [
        {"unique_id": entry, "relation": "sister Zubeida", "relation_name": "Zubeida O."}]});
    rig.patch(&ann, &kept, about).await.unwrap();
    for age in 10..70 {
        let member = json!({"family_members": [{"unique_id": entry, "relation_age": age}]});
        rig.patch_of("family", &ann, &family, member).await.unwrap();
    }
    let (families, cases) = ([family.clone()], [kept.clone()]);
    assert!(everything_readable(&rig, &families, &cases).await.contains("Zubeida"));

    let asked = rig.request_erasure(&asker(), body(&gone)).await.unwrap();
    let erasure = asked.data["id"].as_str().unwrap().to_owned();
    rig.approve_erasure(&agreer(), &erasure).await.unwrap();
    let left = everything_readable(&rig, &families, &cases).await;
    assert!(!left.contains("Zubeida") && !left.contains(&gone), "{left}");
    assert!(left.contains("Omar"), "the others stay");
    let sql = "select count(*) from snapshot where stream = $1";
    let stream = format!("family-{family}");
    let snapshots: i64 = rig.db.admin().await.query_one(sql, &[&stream]).await.unwrap().get(0);
    assert_eq!(snapshots, 0, "a snapshot of before");
    let told = rig.get_erasure(&agreer(), &erasure).await.unwrap().data;
    let wanted = json!([{"record_type": "family", "record_id": family}]);
    assert_eq!(told["certificate"]["forgotten_in"], wanted);
    let members = rig.get_of("family", &ann, &family).await.unwrap().data;
    assert_eq!(members["family_members"].as_array().unwrap().len(), 1);
    assert!(rig.store().verify(TENANT).await.unwrap().is_empty());
    rig.stop();
}

#[tokio::test]
async fn a_family_that_the_case_had_left_forgets_it_too() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let gone = rig.case(&ann, json!({"name": "Zubeida Okonkwo", "age": 9})).await;
    let family = json!({"module_id": crate::rig::MODULE, "family_name": "Okonkwo"});
    let family = rig.create_of("family", &ann, family).await.unwrap();
    let family = family.data["id"].as_str().unwrap().to_owned();
    rig.patch(&ann, &gone, json!({"family_id": family})).await.unwrap();
    rig.patch(&ann, &gone, json!({"family_id": null})).await.unwrap();
    let families = [family];
    assert!(everything_readable(&rig, &families, &[]).await.contains("Zubeida"));
    let asked = rig.request_erasure(&asker(), body(&gone)).await.unwrap();
    rig.approve_erasure(&agreer(), asked.data["id"].as_str().unwrap()).await.unwrap();
    assert!(!everything_readable(&rig, &families, &[]).await.contains("Zubeida"));
    rig.stop();
}

#[tokio::test]
async fn families_and_registry_records_are_erased_too() {
    let rig = Rig::start().await;
    let ann = worker_a();
    for record_type in ["family", "registry_record"] {
        let named =
            json!({"module_id": crate::rig::MODULE, "name": "Zubeida", "family_name": "Zubeida"});
        let made = rig.create_of(record_type, &ann, named).await.unwrap();
        let id = made.data["id"].as_str().unwrap().to_owned();
        let mut agreer = agreer();
        agreer.permissions.insert(record_type.into(), vec!["read".into()]);
        let mut sent = body(&id);
        sent["record_type"] = json!(record_type);
        let asked = rig.request_erasure(&asker(), sent).await.unwrap();
        let erasure = asked.data["id"].as_str().unwrap().to_owned();
        // Whoever may not read the type knows nothing of it.
        let mut blind = agreer.clone();
        blind.permissions.remove(record_type);
        assert_eq!(status(rig.get_erasure(&blind, &erasure).await), 404);
        assert!(!rig.list_erasures(&blind, "").await.unwrap().ids().contains(&erasure.as_str()));
        let done = rig.approve_erasure(&agreer, &erasure).await.unwrap();
        assert_eq!(done.data["status"], "carried_out");
        assert_eq!(status(rig.get_of(record_type, &ann, &id).await), 410);
        assert!(rig.list_erasures(&agreer, "").await.unwrap().ids().contains(&erasure.as_str()));
        assert_eq!(rig.list_of(record_type, &ann, "").await.unwrap().data, json!([]));
    }
    assert!(rig.store().verify(TENANT).await.unwrap().is_empty());
    rig.stop();
}
