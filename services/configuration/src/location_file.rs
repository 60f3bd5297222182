//! The file of all places that clients download: made when asked for after a change.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use kit_proto::configuration::v1::LocationFile;
use kit_serve::Refusal;
use kit_store::{StoreError, Tx};
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::queries::places;
use crate::refusals::store_refusal;

impl App {
    /// The file as of now; without content when the caller has it.
    pub async fn location_file(
        &self,
        tenant: Uuid,
        known_etag: &str,
    ) -> Result<LocationFile, Refusal> {
        let file = self.file(tenant).await.map_err(store_refusal)?;
        if file.etag == known_etag {
            return Ok(LocationFile { etag: file.etag, gzip: Bytes::new() });
        }
        Ok(file)
    }

    async fn file(&self, tenant: Uuid) -> Result<LocationFile, StoreError> {
        let tx = self.store.read(tenant).await?;
        let count = "select places from configuration_version where tenant = $1";
        let changes = tx.query_opt(count, &[&tenant]).await?.map_or(0, |row| row.get::<_, i64>(0));
        let sql = "select etag, gzip from location_file where tenant = $1 and places = $2";
        if let Some(row) = tx.query_opt(sql, &[&tenant, &changes]).await? {
            let gzip: Vec<u8> = row.get(1);
            return Ok(LocationFile { etag: row.get(0), gzip: gzip.into() });
        }
        drop(tx);
        let languages = self.workspaces.current(tenant).await?.languages();
        let tx = self.store.begin(tenant).await?;
        let changes = tx.query_opt(count, &[&tenant]).await?.map_or(0, |row| row.get::<_, i64>(0));
        let content = content(&tx, tenant, &languages).await?;
        let (_, random) = self.ids.v4().as_u64_pair();
        let etag = format!("\"{changes}-{random:x}\"");
        let sql = "insert into location_file (tenant, places, etag, gzip) values ($1, $2, $3, $4) \
             on conflict (tenant) do update set places = excluded.places, etag = excluded.etag, \
             gzip = excluded.gzip where location_file.places <= excluded.places";
        tx.execute(sql, &[&tenant, &changes, &etag, &content]).await?;
        tx.commit().await?;
        Ok(LocationFile { etag, gzip: content.into() })
    }
}

/// Every place in the short form, gzipped.
async fn content(tx: &Tx, tenant: Uuid, languages: &[String]) -> Result<Vec<u8>, StoreError> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let failed = |error: std::io::Error| StoreError::Internal(error.into());
    gzip.write_all(b"{\"data\":[").map_err(failed)?;
    for (position, row) in places::all(tx, tenant).await?.iter().enumerate() {
        let separator: &[u8] = if position == 0 { b"" } else { b"," };
        gzip.write_all(separator).map_err(failed)?;
        let whole = row.document(languages, false);
        let short = json!({
            "id": whole["id"], "code": whole["code"], "type": whole["type"],
            "admin_level": whole["admin_level"], "name": whole["name"], "disabled": whole["disabled"],
        });
        serde_json::to_writer(&mut gzip, &short)?;
    }
    gzip.write_all(b"]}").map_err(failed)?;
    gzip.finish().map_err(failed)
}
