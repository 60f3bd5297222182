//! No table of this service is open to another tenant.

use kit_test::{TestDb, assert_walls};

#[tokio::test]
async fn every_table_is_walled_off() {
    let db = TestDb::new("reporting", reporting::MIGRATIONS).await;
    assert_walls(&db, &[("board_rebuild", "how far consumers had come, of no tenant")]).await;
}
