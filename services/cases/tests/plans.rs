//! The hot reads among 40,000 cases of two tenants: as the runtime role under row-level security
//! they go by index. Postgres' own counters tell, so that it is the service's real statements
//! that are judged.

use std::time::Duration;

use kit_access::{Principal, Scope};
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::rig::{Rig, TENANT, root, worker_a};

/// 20,000 cases of 50 workers in 10 groups, with 12 blind terms each. Their key is destroyed:
/// they count, and are left out when documents are opened.
const FILL: &str = "
    INSERT INTO case_row (tenant, id, version, created_at, last_updated_at, record_state, status,
        workflow, module_id, short_id, case_id_display, owned_by, associated_user_names,
        associated_user_groups, owned_by_groups, facets, terms, document, key_id)
    SELECT $1, gen_random_uuid(), 1, '2025-01-01Z'::timestamptz + n * interval '1 minute', now(),
        true, 'open', 'new', 'm', 'abcdefg', 'abcdefg', 'worker' || n % 50, ARRAY['worker' || n % 50],
        ARRAY['group' || n % 10], ARRAY['group' || n % 10],
        jsonb_build_object('age', n % 18, 'sex', CASE n % 2 WHEN 0 THEN 'male' ELSE 'female' END),
        ARRAY(SELECT DISTINCT t FROM unnest(
            ARRAY[scope_term('associated_user_names', 'worker' || n % 50),
                  scope_term('associated_user_groups', 'group' || n % 10)]
            || ARRAY(SELECT hashint8extended(n % (97 * k), k) FROM generate_series(1, 12) k)) t),
        sha512(n::text::bytea), $2
    FROM generate_series(1, 20000) n";
const FILL_TERMS: &str = "INSERT INTO case_term (tenant, term, created_at, id)
    SELECT tenant, unnest(terms), created_at, id FROM case_row ON CONFLICT DO NOTHING";
const SCANS: &str = "SELECT relname::text, seq_scan, idx_scan FROM pg_stat_user_tables
    WHERE relname IN ('case_row', 'case_term') ORDER BY relname";

async fn fill(rig: &Rig) -> Client {
    let keys = rig.db.keys().cache();
    let key = keys.fresh(TENANT).await.unwrap().id;
    keys.destroy(TENANT, key).await.unwrap();
    let admin = rig.db.admin().await;
    admin.execute(FILL, &[&TENANT, &key]).await.unwrap();
    admin.execute(FILL, &[&kit_test::fresh_id(), &Uuid::nil()]).await.unwrap();
    admin.batch_execute(FILL_TERMS).await.unwrap();
    vacuum(&admin).await;
    admin
}

async fn vacuum(admin: &Client) {
    for table in ["case_row", "case_term"] {
        admin.batch_execute(&format!("VACUUM ANALYZE {table}")).await.unwrap();
    }
}

/// Sequential and index scans of both tables, by whoever is gone by now: connections report
/// what they did when they end.
async fn scans(rig: &Rig) -> (i64, i64) {
    let admin = rig.db.admin().await;
    let others = "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND backend_type = 'client backend' \
         AND pid <> pg_backend_pid()";
    for _ in 0..300 {
        if admin.query_one(others, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let rows = admin.query(SCANS, &[]).await.unwrap();
    let sum = |column: usize| rows.iter().map(|row| row.get::<_, i64>(column)).sum();
    (sum(1), sum(2))
}

fn worker(scope: Scope, groups: &[&str]) -> Principal {
    Principal {
        user_name: "worker7".into(),
        groups: groups.iter().map(|one| (*one).to_owned()).collect(),
        scope,
        ..worker_a()
    }
}

#[tokio::test]
async fn hot_reads_go_by_index() {
    let rig = Rig::start().await;
    let admin = fill(&rig).await;
    let own = worker(Scope::Own, &["group7"]);
    let id = rig.case(&own, json!({"name": "Real One", "national_id_no": "ID-77"})).await;
    vacuum(&admin).await;
    drop(admin);
    // What the filling did is reported within a second of this, and forgotten.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    rig.db.admin().await.batch_execute("SELECT pg_stat_reset()").await.unwrap();
    assert_eq!(rig.list(&own, "").await.unwrap().total(), 401);
    assert_eq!(rig.list(&own, "status=open&record_state=true").await.unwrap().total(), 401);
    assert_eq!(rig.list(&own, "page=3").await.unwrap().total(), 401);
    assert_eq!(rig.list(&own, "national_id_no=ID-77").await.unwrap().ids(), [&id]);
    assert_eq!(rig.list(&root(), &format!("id={id}")).await.unwrap().ids(), [&id]);
    assert_eq!(rig.list(&root(), "national_id_no=ID-77").await.unwrap().ids(), [&id]);
    let team = worker(Scope::Group, &["group3"]);
    assert_eq!(rig.list(&team, "").await.unwrap().total(), 2_000);
    let teams = worker(Scope::Group, &["group3", "group4"]);
    assert_eq!(rig.list(&teams, "").await.unwrap().total(), 4_000);
    assert_eq!(rig.list(&own, "query=Real&phonetic=true").await.unwrap().ids(), [&id]);
    assert_eq!(rig.list(&root(), "query=ID-77").await.unwrap().ids(), [&id]);
    assert_eq!(rig.get(&own, &id).await.unwrap().data["name"], "Real One");
    rig.patch(&own, &id, json!({"age": 4})).await.unwrap();
    assert_eq!(rig.tasks(&own, "").await.unwrap().total(), 0);
    rig.stop();
    let (sequential, by_index) = scans(&rig).await;
    assert!(by_index > 20, "{by_index} index scans were counted");
    assert_eq!(sequential, 0, "no table was read from end to end");
}
