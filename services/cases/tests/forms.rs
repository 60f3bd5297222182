//! Forms change: what was saved before is found by the new rules, and nothing said lies in clear.

use std::time::Duration;

use kit_bus::Kind;
use kit_proto::facts::v1::{CatalogChanged, Location, LocationsChanged};
use kit_records::FieldType;
use serde_json::json;

use crate::rig::{Rig, worker_a};

/// Waits until a list finds what it is asked for.
async fn found(rig: &Rig, query: &str) -> Vec<String> {
    for _ in 0..200 {
        let listed = rig.list(&worker_a(), query).await.unwrap();
        if listed.total() > 0 {
            return listed.ids().iter().map(|id| (*id).to_owned()).collect();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Vec::new()
}

fn place(code: &str, hierarchy: &[&str]) -> Location {
    Location {
        code: code.into(),
        hierarchy: hierarchy.iter().map(|one| (*one).to_owned()).collect(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_place_announced_after_it_was_named_is_found() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Zahra", "location_current": "Camp Nine"})).await;
    let other = rig.case(&ann, json!({"name": "Omar", "location_current": "Camp Ten"})).await;
    let admin = rig.db.admin().await;
    let sql = "SELECT facets->>'location_current' FROM case_row WHERE id::text = $1";
    let lies =
        async |id: &str| -> Option<String> { admin.query_one(sql, &[&id]).await.unwrap().get(0) };
    assert_eq!(lies(&id).await, None, "words may lie open nowhere");
    let locations = vec![place("IQ", &["IQ"]), place("Camp Nine", &["IQ", "Camp Nine"])];
    let kind = Kind::LocationsChanged(LocationsChanged { locations });
    rig.tell("configuration", "locations", 1, kind).await;
    assert_eq!(found(&rig, "loc:location_current=IQ").await, std::slice::from_ref(&id));
    assert_eq!(rig.list(&ann, "location_current=Camp Nine").await.unwrap().ids(), [&id]);
    assert_eq!(lies(&id).await.as_deref(), Some("Camp Nine"));
    assert_eq!(lies(&other).await, None);
    let sql = "SELECT count(*) FROM case_row WHERE forms IS NULL";
    assert_eq!(admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0, "all are settled");
    rig.patch(&ann, &id, json!({"age": 6})).await.unwrap();
    assert_eq!(rig.list(&ann, "loc:location_current=IQ").await.unwrap().ids(), [&id]);
}

#[tokio::test]
async fn an_option_that_is_listed_again_is_found_and_lies_open() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let set = |options: &[&str], version| {
        let mut catalog = rig.others.catalog.lock().unwrap();
        catalog.version = version;
        let fields = &mut catalog.forms[0].fields;
        let risk = fields.iter_mut().find(|field| field.name == "risk_level").unwrap();
        let option = |id: &&str| kit_records::OptionText { id: (*id).into(), ..Default::default() };
        risk.option_strings_text = options.iter().map(option).collect();
    };
    let tell = async |version| {
        let changed = Kind::CatalogChanged(CatalogChanged { version });
        rig.tell("configuration", "catalog", version, changed).await;
    };
    let id = rig.case(&ann, json!({"name": "Zahra", "risk_level": "high"})).await;
    set(&["low"], 2);
    tell(2).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    // The next save finds the value no longer listed: it may be any words.
    rig.patch(&ann, &id, json!({"age": 6, "national_id_no": "A-1"})).await.unwrap();
    let admin = rig.db.admin().await;
    let sql = "SELECT facets->>'risk_level' FROM case_row";
    let lies = async || -> Option<String> { admin.query_one(sql, &[]).await.unwrap().get(0) };
    assert_eq!(lies().await, None);
    set(&["low", "high"], 3);
    tell(3).await;
    for _ in 0..200 {
        if lies().await.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(lies().await.as_deref(), Some("high"));
    assert_eq!(rig.list(&ann, "risk_level=high").await.unwrap().ids(), [&id]);
}

#[tokio::test]
async fn saved_cases_follow_new_forms() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let body = json!({"name": "Zahra", "nick": "zuzu", "risk_level": "high", "age": 5});
    let id = rig.case(&ann, body).await;
    assert_eq!(rig.list(&ann, "nick=zuzu").await.unwrap().ids(), [&id]);
    {
        let mut catalog = rig.others.catalog.lock().unwrap();
        catalog.version = 2;
        let fields = &mut catalog.forms[0].fields;
        for field in fields.iter_mut() {
            match field.name.as_str() {
                "nick" => {
                    field.field_type = FieldType::SelectBox;
                    field.option_strings_text =
                        vec![kit_records::OptionText { id: "zuzu".into(), ..Default::default() }];
                }
                "risk_level" => {
                    field.field_type = FieldType::TextField;
                    field.option_strings_text.clear();
                }
                _ => {}
            }
        }
    }
    let changed = Kind::CatalogChanged(CatalogChanged { version: 2 });
    rig.tell("configuration", "catalog", 2, changed).await;
    let admin = rig.db.admin().await;
    let sql = "SELECT facets ? 'nick', facets ? 'risk_level', cardinality(terms)::int8 = \
         (SELECT count(*) FROM case_term t WHERE t.id = r.id) FROM case_row r";
    for _ in 0..200 {
        if admin.query_one(sql, &[]).await.unwrap().get(0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let row = admin.query_one(sql, &[]).await.unwrap();
    let told: (bool, bool, bool) = (row.get(0), row.get(1), row.get(2));
    assert_eq!(told, (true, false, true), "a code lies open, a word does not, terms agree");
    for query in ["nick=zuzu", "risk_level=high", "query=Zahra&phonetic=true", "age=5"] {
        assert_eq!(rig.list(&ann, query).await.unwrap().ids(), [&id], "{query}");
    }
    rig.patch(&ann, &id, json!({"age": 6})).await.unwrap();
    let row = admin.query_one(sql, &[]).await.unwrap();
    assert!(row.get::<_, bool>(2), "terms agree after the next save");
}
