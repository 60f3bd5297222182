//! Before a case is registered: who may be the same child. Found within the caller's reach, and
//! beyond it only by those whose role lets them search there, who see what such a search shows.

use std::collections::BTreeSet;

use cases_domain::duplicates::{is_shown, takes_part};
use kit_access::{Reach, Write};
use kit_cabinet::{Alike, Answer, Asking, View, body, refusals};
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_records::query::Projection;
use kit_records::{Record, RecordType};
use kit_serve::Refusal;
use serde_json::{Value, json};

use super::comparing::{Compared, candidates, compare};
use crate::cases::Cases;

/// As many cases are opened and compared for one question.
const OPENED: i64 = 50;
/// As many are shown.
const SHOWN: usize = 10;

/// How a caller sees cases.
pub struct Eyes<'a> {
    asking: &'a Asking,
    within: Answer<'a>,
    beyond: Option<Answer<'a>>,
    preview: BTreeSet<String>,
}

impl Cases {
    /// `POST /cases/similar`
    pub async fn find_similar_cases(
        &self,
        asking: &Asking,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        asking.must("read")?;
        asking.must("create")?;
        let sent = body(&request.data)?;
        let child = enterable(asking, sent);
        let eyes = Eyes::of(asking);
        let asked = Alike {
            tenant: asking.tenant,
            record_type: RecordType::Case,
            record: &child,
            reach: if eyes.beyond.is_some() { Reach::All } else { asking.reach() },
            except: None,
            most: OPENED,
        };
        let found = candidates(&self.office, &asked).await.map_err(refusals::store)?;
        let found = found.into_iter().filter(|(_, case)| takes_part(case)).collect();
        let tx = self.office.read(asking).await?;
        let records = self.office.population(&tx, asking.tenant, RecordType::Case).await;
        drop(tx);
        let records = records.map_err(refusals::store)?;
        let compared = compare(&self.office, asking.tenant, records, &child, found).await;
        let compared = compared.map_err(refusals::store)?;
        let alike = compared.iter().filter(|one| is_shown(one.chance.tier)).take(SHOWN);
        let (mut data, mut record_ids) = (Vec::new(), Vec::new());
        for one in alike {
            if let Some(shown) = eyes.shown(one)? {
                data.push(shown);
                record_ids.push(one.opened.row.id.to_string());
            }
        }
        let data = Value::Array(data).to_string().into_bytes().into();
        Ok(Reply { data, record_ids, ..Reply::default() })
    }
}

/// What the caller could enter, in the module named or in one of theirs: nobody finds out this way
/// what they may not read.
fn enterable(asking: &Asking, mut child: Record) -> Record {
    let named = child.get("module_id").and_then(Value::as_str).map(str::to_owned);
    let modules = named.map_or_else(|| asking.principal.modules.clone(), |module| vec![module]);
    let schemas: Vec<_> =
        modules.iter().map(|module| asking.schema(Some(module), Write::Create)).collect();
    child.retain(|name, _| schemas.iter().any(|schema| schema.contains(name)));
    child
}

impl<'a> Eyes<'a> {
    /// Those of a caller.
    pub fn of(asking: &'a Asking) -> Self {
        let wide = asking.may("search_owned_by_others");
        Self {
            asking,
            within: Answer::new(asking, None, View::Asked(&Projection::Short)),
            beyond: wide.then(|| Answer::new(asking, None, View::Preview)),
            preview: asking.permitted(None).preview(),
        }
    }

    /// Whether a case lies within the caller's reach.
    pub fn reach(&self, one: &Compared) -> bool {
        one.opened.row.is_within(&self.asking.reach())
    }

    /// A case as the caller sees it; nothing if they must not know of it.
    pub fn case(&self, one: &Compared) -> Result<Option<Value>, Refusal> {
        let answer = match &self.beyond {
            _ if self.reach(one) => &self.within,
            Some(beyond) => beyond,
            None => return Ok(None),
        };
        let json = answer.write(&one.opened, &[]).map_err(Refusal::internal)?;
        serde_json::from_slice(&json).map(Some).map_err(Refusal::internal)
    }

    /// A case with how well it matches, and why.
    pub fn shown(&self, one: &Compared) -> Result<Option<Value>, Refusal> {
        let Some(case) = self.case(one)? else { return Ok(None) };
        let readable = if self.reach(one) {
            self.asking.permitted(one.opened.row.module.as_deref()).readable()
        } else {
            self.preview.clone()
        };
        Ok(Some(json!({
            "case": case,
            "tier": one.chance.tier,
            "chance": (f64::from(one.chance.child) * 1000.0).round() / 1000.0,
            "reasons": one.reasons(self.asking, &readable),
        })))
    }
}
