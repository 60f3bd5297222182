//! What was found in the background, as callers see it: why two cases match is told anew, from what
//! they say now and in the caller's language.

use std::collections::HashMap;

use cases_domain::duplicates::{Pair, is_shown, takes_part};
use kit_cabinet::{Asking, Opened, pairs as parameters, refusals, rows_of};
use kit_proto::common::v1::{GetRequest, ListRequest, Reply};
use kit_records::{Record, RecordType, query};
use kit_serve::Refusal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::comparing::{Compared, compare, open};
use super::pairs;
use super::similar::Eyes;
use crate::cases::Cases;

/// As many duplicates of one case are shown.
const OF_ONE: i64 = 20;
/// As many pairs are shown at once.
const AT_ONCE: u64 = 20;

impl Cases {
    /// `GET /cases/:id/duplicates`
    pub async fn list_duplicates_of_case(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let row = self.office.reachable(asking, &request.id).await?;
        let id = row.id;
        let case = self.office.opened(asking, row).await?;
        let case: Record = serde_json::from_slice(&case.json).map_err(Refusal::internal)?;
        let tx = self.office.read(asking).await?;
        let twins = pairs::of_case(&tx, asking.tenant, id, OF_ONE).await;
        drop(tx);
        let twins = self.opened_cases(asking, twins.map_err(refusals::store)?).await?;
        let twins = twins.into_values().filter(|(_, twin)| takes_part(twin)).collect();
        let compared = self.compared(asking, &case, twins).await?;
        let eyes = Eyes::of(asking);
        let mut data = Vec::new();
        for one in compared.iter().filter(|one| is_shown(one.chance.tier)) {
            data.extend(eyes.shown(one)?);
        }
        let data = Value::Array(data).to_string().into_bytes().into();
        Ok(Reply { data, record_ids: vec![id.to_string()], ..Reply::default() })
    }

    /// `GET /duplicates`: pairs within the caller's reach. Of a pair that reaches beyond it, only
    /// who may search there hears.
    pub async fn list_duplicates(
        &self,
        asking: &Asking,
        request: &ListRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        let asked = query::parse(&parameters(&request.parameters), &|_| false);
        let asked = asked.map_err(refusals::unreadable)?;
        let per = asked.per.min(AT_ONCE);
        let limit = i64::try_from(per).unwrap_or(i64::MAX);
        let offset = i64::try_from((asked.page - 1).saturating_mul(per)).unwrap_or(i64::MAX);
        let scope = kit_cabinet::scope_terms(&asking.reach());
        let both = !asking.may("search_owned_by_others");
        let tx = self.office.read(asking).await?;
        // One more tells whether there are others.
        let window = (limit + 1, offset);
        let found = pairs::likeliest(&tx, asking.tenant, scope.as_deref(), both, window).await;
        drop(tx);
        let mut found = found.map_err(refusals::store)?;
        let more = found.len() as u64 > per;
        found.truncate(usize::try_from(per).unwrap_or(usize::MAX));
        let ids = found.iter().flat_map(|pair| [pair.one, pair.other]).collect();
        let mut cases = self.opened_cases(asking, ids).await?;
        let (mut data, mut record_ids) = (Vec::new(), Vec::new());
        for pair in found {
            if let Some(shown) = self.shown_pair(asking, pair, &mut cases).await? {
                data.push(shown);
                record_ids.extend([pair.one.to_string(), pair.other.to_string()]);
            }
        }
        let metadata = json!({ "per": per, "page": asked.page, "more": more });
        Ok(Reply {
            data: Value::Array(data).to_string().into_bytes().into(),
            metadata: metadata.to_string().into_bytes().into(),
            record_ids,
            ..Reply::default()
        })
    }

    async fn shown_pair(
        &self,
        asking: &Asking,
        pair: Pair,
        cases: &mut HashMap<Uuid, (Opened, Record)>,
    ) -> Result<Option<Value>, Refusal> {
        let Some(one) = cases.get(&pair.one).map(|(_, case)| case.clone()) else {
            return Ok(None);
        };
        // A case may stand in several pairs.
        let again = self.opened_cases(asking, vec![pair.other]).await?.remove(&pair.other);
        let Some(other) = again else { return Ok(None) };
        if !takes_part(&one) || !takes_part(&other.1) {
            return Ok(None);
        }
        let compared = self.compared(asking, &one, vec![other]).await?;
        let Some(other) = compared.first().filter(|one| is_shown(one.chance.tier)) else {
            return Ok(None);
        };
        let eyes = Eyes::of(asking);
        let Some(mut shown) = eyes.shown(other)? else { return Ok(None) };
        let first = self.opened_cases(asking, vec![pair.one]).await?.remove(&pair.one);
        let Some((opened, case)) = first else { return Ok(None) };
        let first = Compared { opened, case, chance: other.chance, lines: other.lines.clone() };
        let Some(with) = eyes.shown(&first)? else { return Ok(None) };
        // A line is told only where both cases may be read.
        let told: Vec<Value> = with["reasons"].as_array().cloned().unwrap_or_default();
        if let Some(reasons) = shown["reasons"].as_array_mut() {
            reasons.retain(|one| told.iter().any(|it| it["field"] == one["field"]));
        }
        let case = std::mem::take(&mut shown["case"]);
        shown["cases"] = json!([with["case"], case]);
        if let Some(shown) = shown.as_object_mut() {
            shown.shift_remove("case");
        }
        Ok(Some(shown))
    }

    async fn opened_cases(
        &self,
        asking: &Asking,
        ids: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, (Opened, Record)>, Refusal> {
        let tx = self.office.read(asking).await?;
        let tables = asking.about(RecordType::Case).tables();
        let rows = rows_of(&tx, tables, asking.tenant, ids).await.map_err(refusals::store)?;
        drop(tx);
        let opened = open(&self.office, asking.tenant, rows).await.map_err(refusals::store)?;
        Ok(opened.into_iter().map(|one| (one.0.row.id, one)).collect())
    }

    async fn compared(
        &self,
        asking: &Asking,
        case: &Record,
        with: Vec<(Opened, Record)>,
    ) -> Result<Vec<Compared>, Refusal> {
        let tx = self.office.read(asking).await?;
        let records = self.office.population(&tx, asking.tenant, RecordType::Case).await;
        drop(tx);
        let records = records.map_err(refusals::store)?;
        compare(&self.office, asking.tenant, records, case, with).await.map_err(refusals::store)
    }
}
