//! The service and its migrations agree about scope terms.

use crate::rig::{Rig, TENANT, worker_a};
use serde_json::json;

#[tokio::test]
async fn rows_carry_the_terms_that_lists_look_for() {
    let rig = Rig::start().await;
    let id = rig.case(&worker_a(), json!({"name": "Terms"})).await;
    let admin = rig.db.admin().await;
    let sql = "SELECT count(*) FROM case_term t JOIN case_row r USING (tenant, id) \
         WHERE t.tenant = $1 AND r.id::text = $2 AND t.term = ANY(r.terms) \
         AND t.created_at = r.created_at";
    let joined: i64 = admin.query_one(sql, &[&TENANT, &id]).await.unwrap().get(0);
    let sql = "SELECT cardinality(terms)::int8, (SELECT count(*) FROM case_term) FROM case_row";
    let row = admin.query_one(sql, &[]).await.unwrap();
    assert_eq!((joined, joined), (row.get(0), row.get(1)));
    let sql = "SELECT scope_term('associated_user_groups', 'group-a') = ANY(terms) FROM case_row";
    assert!(admin.query_one(sql, &[]).await.unwrap().get::<_, bool>(0));
    // One user, one group, one agency; what else there is are blind terms of texts.
    assert!(joined < 40, "{joined} terms for one short name");
}
