//! Two organisations on one installation never meet.

use kit_serve::Code;
use kit_test::fresh_id;
use serde_json::json;

use crate::rig::{Rig, code};

#[tokio::test]
async fn tenants_do_not_see_each_other() {
    let rig = Rig::start().await;
    let (ours, theirs) = (rig.tenant().await, rig.tenant().await);
    let (us, them) = (rig.root(ours), rig.root(theirs));
    let mut data = json!({"id": 70_000, "unique_id": "secret", "name": {"en": "Secret"}});
    us.create_form(data.clone()).await.unwrap();
    assert_eq!(code(them.get_form(70_000).await), Code::NotFound);
    assert_eq!(
        code(them.update_form(70_000, json!({"name": {"en": "Mine"}})).await),
        Code::NotFound
    );
    assert_eq!(code(them.delete_form(70_000).await), Code::NotFound);
    let listed = them.list_forms(&[("unique_id", "secret")]).await.unwrap();
    assert_eq!(listed["data"], json!([]));
    // The same numbers and ids are free elsewhere.
    data["name"] = json!({"en": "Theirs"});
    them.create_form(data).await.unwrap();
    let shown = us.get_form(70_000).await.unwrap();
    assert_eq!(shown["data"]["name"]["en"], json!("Secret"));
    us.create_location(json!({"code": "A", "placename": {"en": "A"}})).await.unwrap();
    assert_eq!(them.list_locations(&[]).await.unwrap()["metadata"]["total"], json!(0));
    let kept = us.create_configuration(json!({"name": "ours"})).await.unwrap();
    let kept = kept["data"]["id"].as_str().unwrap().to_owned();
    assert_eq!(code(them.get_configuration(&kept).await), Code::NotFound);
    assert_eq!(code(them.export_configuration(&kept).await), Code::NotFound);
    assert_eq!(
        code(them.apply_configuration(&kept, json!({"apply_now": true})).await),
        Code::NotFound
    );
}

#[tokio::test]
async fn rows_of_other_tenants_are_out_of_reach_of_the_runtime_role() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    for table in
        ["object", "location", "configuration_version", "snapshot_list", "configuration_kept"]
    {
        let tx = rig.app.store.read(fresh_id()).await.unwrap();
        let sql = format!("select count(*) from {table}");
        let seen: i64 = tx.query_one(&sql, &[]).await.unwrap().get(0);
        assert_eq!(seen, 0, "{table}");
    }
    let tx = rig.app.store.read(tenant).await.unwrap();
    let seen: i64 = tx.query_one("select count(*) from object", &[]).await.unwrap().get(0);
    assert!(seen > 80);
}
