//! No table of this service is open to another tenant.

use kit_test::{TestDb, assert_walls};

/// What differs from the rule, and why.
const EXCEPT: [(&str, &str); 1] =
    [("tenant_key.installation", "of tenants that have ended: that they have, and what was noted")];

#[tokio::test]
async fn every_table_is_walled_off() {
    let db = TestDb::new("keyring", keyring::MIGRATIONS).await;
    assert_walls(&db, &EXCEPT).await;
}
