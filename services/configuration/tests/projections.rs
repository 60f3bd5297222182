//! The read models follow from the events alone, and the hot reads use their indexes.

use serde_json::json;
use uuid::Uuid;

use crate::rig::Rig;

async fn rows(rig: &Rig, tenant: Uuid) -> Vec<String> {
    let tx = rig.app.store.read(tenant).await.unwrap();
    let mut rows = Vec::new();
    for (table, order) in [("object", "kind, id"), ("location", "id"), ("snapshot_list", "id")] {
        let sql = format!("select row_to_json({table})::text from {table} order by {order}");
        rows.extend(tx.query(&sql, &[]).await.unwrap().iter().map(|row| row.get::<_, String>(0)));
    }
    rows
}

#[tokio::test]
async fn a_rebuild_gives_the_same_rows() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let top = root.create_location(json!({"code": "A", "placename": {"en": "A"}})).await.unwrap();
    let below = json!({"code": "B", "placename": {"en": "B", "fr": "Bé"}, "parent_code": "A"});
    root.create_location(below).await.unwrap();
    let change = json!({"placename": {"en": "New"}, "disabled": true});
    root.update_location(&top["data"]["id"], change).await.unwrap();
    let form = root.create_form(json!({"unique_id": "fx", "name": {"en": "X"}})).await.unwrap();
    root.update_form(&form["data"]["id"], json!({"name": {"en": "Y"}})).await.unwrap();
    let gone = root.create_form(json!({"unique_id": "fy", "name": {"en": "X"}})).await.unwrap();
    root.delete_form(&gone["data"]["id"]).await.unwrap();
    root.create_configuration(json!({"name": "now"})).await.unwrap();
    let before = rows(&rig, tenant).await;
    let store = &rig.app.store;
    store.rebuild(&rig.db.owner(), &store.projections()).await.unwrap();
    assert_eq!(rows(&rig, tenant).await, before);
}

#[tokio::test]
async fn pages_of_places_come_from_an_index() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let admin = rig.db.admin().await;
    let fill = format!(
        "insert into location select '{tenant}', n, 'c' || n, 'c' || n / 100, array['c' || n], 1, 't', \
         '{{}}', '{{}}', 'name ' || n, false from generate_series(1, 100000) n"
    );
    admin.batch_execute(&fill).await.unwrap();
    admin.batch_execute("analyze location").await.unwrap();
    for (sql, index) in [
        (
            "select id from location where tenant = $1 order by sort_name, id limit 100",
            "location_sort_name",
        ),
        ("select id from location where tenant = $1 and code = 'c5'", "location_code"),
        ("select id from location where tenant = $1 order by code limit 100", "location_code"),
        ("select id from location where tenant = $1 order by id limit 100", "location_pkey"),
        ("select id from location where tenant = $1 and parent_code = 'c5'", "location_parent"),
    ] {
        let tx = rig.app.store.read(tenant).await.unwrap();
        let explain = format!("explain {}", sql.replace("$1", &format!("'{tenant}'")));
        let plan: Vec<String> =
            tx.query(&explain, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{sql}\n{plan}");
    }
}
