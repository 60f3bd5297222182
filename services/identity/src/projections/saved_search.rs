//! Owns `saved_search`.

use identity_domain::SavedSearch;
use kit_store::{Change, Projection, StoreError, Tx};
use uuid::Uuid;

/// Each user's saved searches, sealed.
pub(super) struct SavedSearches;

/// What a sealed document is bound to.
pub(crate) fn context<'a>(tenant: &'a Uuid, number: &'a [u8; 8]) -> [&'a [u8]; 3] {
    [b"saved_search", tenant.as_bytes(), number]
}

impl Projection<SavedSearch> for SavedSearches {
    const NAME: &'static str = "saved_search";

    async fn project(&self, tx: &Tx, changes: &[Change<SavedSearch>]) -> Result<(), StoreError> {
        for change in changes.iter().filter(|change| !change.recorded.is_empty()) {
            let (tenant, search) = (change.tenant, &*change.after);
            if search.deleted {
                let sql = "delete from saved_search where tenant = $1 and user_number = $2 \
                     and number = $3";
                tx.execute(sql, &[&tenant, &search.user, &search.number]).await?;
                continue;
            }
            let Some(key) = &change.key else { continue };
            let number = search.number.to_be_bytes();
            let json = serde_json::to_vec(search)?;
            let document = key.seal(&context(&tenant, &number), &json);
            tx.execute(
                "insert into saved_search (tenant, user_number, number, key_id, document) \
                 values ($1, $2, $3, $4, $5) on conflict (tenant, user_number, number) \
                 do update set document = excluded.document",
                &[&tenant, &search.user, &search.number, &key.id, &document],
            )
            .await?;
        }
        Ok(())
    }
}
