//! No table of this service is open to another tenant.

use kit_test::{TestDb, assert_walls};

/// What differs from the rule, and why.
const EXCEPT: [(&str, &str); 4] = [
    (
        "tenant.installation",
        "host names lead to tenants before one is known: ids, names and hosts only",
    ),
    ("tenant_host.installation", "as that of tenant"),
    ("tenant_name", "one tenant has a name"),
    ("tenant_host_pkey", "one host leads to one tenant"),
];

#[tokio::test]
async fn every_table_is_walled_off() {
    let db = TestDb::new("identity", identity::MIGRATIONS).await;
    assert_walls(&db, &EXCEPT).await;
}
