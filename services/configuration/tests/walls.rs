//! No table of this service is open to another tenant.

use kit_test::{TestDb, assert_walls};

/// What differs from the rule, and why.
const EXCEPT: [(&str, &str); 1] = [(
    "snapshot_pending.follow_up",
    "ids and a number of what identity has to follow, in all tenants",
)];

#[tokio::test]
async fn every_table_is_walled_off() {
    let db = TestDb::new("configuration", configuration::MIGRATIONS).await;
    assert_walls(&db, &EXCEPT).await;
}
