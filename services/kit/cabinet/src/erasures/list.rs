//! `GET /erasures` and `GET /erasures/:id`.

use kit_access::{Reach, Term};
use kit_dossier::erasure::Erasure;
use kit_proto::common::v1::{GetRequest, ListRequest, Reply};
use kit_records::{RecordType, query};
use kit_serve::Refusal;
use kit_store::StoreError;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Erasures;
use super::answer;
use super::request::reply;
use crate::office::{Asking, pairs};
use crate::refusals;

/// Within the caller's reach, or asked for by them; newest first.
const FIND: &str = "SELECT id, count(*) OVER () FROM erasure_row WHERE tenant = $1 \
     AND (requested_by = $2 OR record_type = ANY($3) OR (record_type = ANY($4) \
     AND (user_names && $5 OR groups && $6 OR agencies && $7))) \
     ORDER BY requested_at DESC, id DESC LIMIT $8 OFFSET $9";

impl Erasures {
    /// The erasures that the caller may know of.
    pub async fn list_erasures(
        &self,
        asking: &Asking,
        request: &ListRequest,
    ) -> Result<Reply, Refusal> {
        asking.must_know_erasures()?;
        let paging = query::parse(&pairs(&request.parameters), &|_| false);
        let paging = paging.map_err(refusals::unreadable)?;
        let skip = (paging.page - 1).saturating_mul(paging.per);
        let window = (bounded(paging.per), bounded(skip));
        let (page, total) = self.some_erasures(asking, window).await.map_err(refusals::store)?;
        let now = self.office.clock.now();
        let rows: Vec<Value> =
            page.iter().map(|erasure| Value::Object(answer::shown(erasure, now))).collect();
        let metadata = json!({ "total": total, "per": paging.per, "page": paging.page });
        Ok(Reply {
            data: Value::Array(rows).to_string().into_bytes().into(),
            metadata: metadata.to_string().into_bytes().into(),
            record_ids: page.iter().map(|erasure| erasure.id.to_string()).collect(),
            ..Reply::default()
        })
    }

    async fn some_erasures(
        &self,
        asking: &Asking,
        (limit, skip): (i64, i64),
    ) -> Result<(Vec<Erasure>, i64), StoreError> {
        let reaches = self.reaches(asking);
        let types = |all: bool| -> Vec<&str> {
            let of = reaches.iter().filter(|(_, reach)| (*reach == Reach::All) == all);
            of.map(|(record_type, _)| record_type.as_str()).collect()
        };
        let scoped = reaches.iter().map(|(_, reach)| reach).find(|reach| **reach != Reach::All);
        let of = |field| scoped.map(|reach| members(reach, field)).unwrap_or_default();
        let tx = self.office.store.read(asking.tenant).await?;
        let rows = tx
            .query(
                FIND,
                &[
                    &asking.tenant,
                    &asking.principal.user_name,
                    &types(true),
                    &types(false),
                    &of("associated_user_names"),
                    &of("associated_user_groups"),
                    &of("associated_user_agencies"),
                    &limit,
                    &skip,
                ],
            )
            .await?;
        drop(tx);
        let total = rows.first().map_or(Ok(0), |row| row.try_get(1))?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        let mut found = self.office.store.load_many::<Erasure>(asking.tenant, &ids).await?;
        let page = ids.iter().filter_map(|id| found.remove(&id.to_string()));
        Ok((page.map(|loaded| (*loaded.state).clone()).collect(), total))
    }

    /// What the caller reaches of each type that is kept here and that they may read.
    fn reaches(&self, asking: &Asking) -> Vec<(RecordType, Reach)> {
        let types = self.drawers.0.iter().map(|drawer| drawer.record_type());
        let about = types.map(|record_type| asking.about(record_type));
        about.filter(|one| one.may("read")).map(|one| (one.record_type, one.reach())).collect()
    }

    /// One erasure, with its text while the record is there and its certificate afterwards.
    pub async fn get_erasure(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        asking.must_know_erasures()?;
        let loaded = self.erasure(asking, &request.id).await?;
        let mut shown = answer::shown(&loaded.state, self.office.clock.now());
        let text = self.text_of(asking, &loaded.state).await?;
        shown.insert("text".into(), json!(text));
        shown.insert("certificate".into(), json!(loaded.state.certificate));
        Ok(reply(shown, &loaded.state, loaded.version))
    }
}

fn bounded(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn members(reach: &Reach, field: &str) -> Vec<String> {
    let one = |term: &Term| (term.field == field).then(|| term.value.clone());
    match reach {
        Reach::All => Vec::new(),
        Reach::Any(terms) => terms.iter().filter_map(one).collect(),
    }
}
