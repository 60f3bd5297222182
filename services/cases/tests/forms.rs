//! Forms change: what was saved before is found by the new rules, and nothing said lies in clear.

use std::time::Duration;

use kit_bus::Kind;
use kit_proto::facts::v1::CatalogChanged;
use kit_records::FieldType;
use serde_json::json;

use crate::rig::{Rig, worker_a};

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
