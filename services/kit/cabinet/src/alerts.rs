//! Alerts of records: those of one, one taken away by hand, and how many records have any.

use jiff::tz::TimeZone;
use kit_access::Reach;
use kit_dossier::alerts::Alert;
use kit_dossier::{DismissAlert, Dossier, Kind, Stamp};
use kit_proto::common::v1::{DeleteRequest, GetRequest, Reply};
use kit_serve::Refusal;
use kit_store::StoreError;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cabinet::Cabinet;
use crate::create::no_content;
use crate::office::{Asking, Office};
use crate::refusals;
use crate::sql::{Statement, told};
use crate::terms;

/// The permission action.
const REMOVE: &str = "remove_alert";

impl Office {
    /// How many open, enabled records of a type within the caller's reach have alerts; none of a
    /// type that they may not read.
    pub async fn count_alerts(&self, asking: &Asking) -> Result<Reply, Refusal> {
        let records = if asking.may("read") {
            self.alerted(asking).await.map_err(refusals::store)?
        } else {
            0
        };
        Ok(Reply { data: json!(records).to_string().into_bytes().into(), ..Reply::default() })
    }

    async fn alerted(&self, asking: &Asking) -> Result<i64, StoreError> {
        let mut sql = Statement::of(asking.tenant);
        sql.push(&asking.tables().fill("SELECT count(*) FROM {alert} a WHERE a.tenant = "));
        sql.again();
        if let Reach::Any(reached) = asking.reach() {
            let terms: Vec<i64> = reached.iter().map(terms::scope_term).collect();
            let within = asking.tables().fill(
                " AND EXISTS (SELECT 1 FROM {term} t WHERE t.tenant = a.tenant \
                 AND t.created_at = a.created_at AND t.id = a.record AND t.term = ANY(",
            );
            sql.push(&within).bind(terms).push("))");
        }
        told(&sql.text);
        let tx = self.store.read(asking.tenant).await?;
        Ok(tx.query_one(&sql.text, &sql.params()).await?.try_get(0)?)
    }
}

impl<K: Kind> Cabinet<K> {
    /// `GET /<type>/:id/alerts`: as they came.
    pub async fn list_record_alerts(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let row = self.office.reachable(asking, &request.id).await?;
        let loaded = self.office.store.load::<Dossier<K>>(asking.tenant, row.id).await;
        let state = loaded.map_err(refusals::store)?.state;
        let alerts: Value = state.alerts.iter().map(shown).collect();
        Ok(Reply {
            data: alerts.to_string().into_bytes().into(),
            record_ids: vec![row.id.to_string()],
            ..Reply::default()
        })
    }

    /// `DELETE /<type>/:id/alerts/:unique_id`
    pub async fn remove_alert(
        &self,
        asking: &Asking,
        request: &DeleteRequest,
    ) -> Result<Reply, Refusal> {
        let row = self.office.existing(asking, &request.id).await?;
        asking.must(REMOVE)?;
        asking.must("read")?;
        if !row.is_within(&asking.reach()) {
            return Err(Refusal::forbidden());
        }
        // What is no id is the alert of no record.
        let id = request.part_id.parse().unwrap_or(Uuid::nil());
        let meta = self.office.meta(asking, &request.command_id);
        let stamp = Stamp { by: meta.actor.clone(), at: meta.now };
        let command = DismissAlert { kind: K::default(), stamp, id };
        let outcome = self.office.execute(&meta, row.id, command).await;
        let outcome = outcome.map_err(|error| refusals::executed(K::RECORD_TYPE, error, row.id))?;
        Ok(no_content(row.id, outcome.version))
    }
}

fn shown(alert: &Alert) -> Value {
    json!({
        "alert_for": alert.alert_for.as_str(),
        "type": alert.form,
        "date": alert.raised.at.to_zoned(TimeZone::UTC).date(),
        "form_unique_id": alert.form,
        "unique_id": alert.id,
    })
}
