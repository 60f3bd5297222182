//! Who may be whom: cases for a trace, traces for a case, with reasons.
//!
//! Who is found does not depend on who asks; what is shown of it does. A record that the caller
//! reaches is shown as they may read it; of any other no more than the reference shows to
//! whoever may look for matches.

use std::collections::HashMap;

use family_tracing_domain::{Found, Trace, comparison};
use kit_cabinet::{Asking, refusals};
use kit_matching::{Ask, Field, Language, Line, Tier, label, sentence};
use kit_proto::common::v1::{GetRequest, Reply};
use kit_records::Record;
use kit_serve::Refusal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Tracing;
use crate::cards::{Side, cards};
use crate::confirm::history;
use crate::matcher::{alone, finding};
use crate::pairs::tier_name;
use crate::pool::at_desk;
use crate::traces::{Seen, may_match, reply};

/// As many are answered.
const MOST: usize = 20;
/// Members of a case that are shown in a list of matches.
const CASE: [&str; 7] =
    ["id", "case_id_display", "name", "age", "sex", "owned_by", "owned_by_agency_id"];

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Who may be the child.
    Child,
    /// Also other children of the family.
    Family,
    /// Also what was rejected.
    Everything,
}

impl Asked {
    const fn takes(self, tier: Tier) -> bool {
        match tier {
            Tier::Unlikely => false,
            Tier::SameFamily => !matches!(self, Self::Child),
            Tier::Strong | Tier::Probable | Tier::Possible => true,
        }
    }
}

/// A trace and a case that may belong together.
#[derive(Debug)]
pub struct May {
    pub trace: Uuid,
    pub found: Found,
    /// What neither of the two records tells.
    unknown: Vec<Field>,
    standing: Option<&'static str>,
}

impl Tracing {
    /// `GET /traces/:id/potential_matches`
    pub async fn list_trace_potential_matches(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let (id, found) = self.of_trace(asking, &request.id, Asked::Child).await?;
        let matches = self.as_reference(asking, &found).await?;
        answer(&matches, id, "trace", None)
    }

    /// `GET /cases/:id/potential_matches`
    pub async fn list_case_potential_matches(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let (id, found) = self.of_case(asking, &request.id, Asked::Child).await?;
        let matches = self.as_reference(asking, &found).await?;
        answer(&matches, id, "case", None)
    }

    /// `GET /api/amparo/v1/traces/:id/matches`
    pub async fn list_trace_matches(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let (id, found) = self.of_trace(asking, &request.id, Asked::Family).await?;
        self.explained(asking, id, "trace", &found).await
    }

    /// `GET /api/amparo/v1/cases/:id/matches`
    pub async fn list_case_matches(
        &self,
        asking: &Asking,
        request: &GetRequest,
    ) -> Result<Reply, Refusal> {
        let (id, found) = self.of_case(asking, &request.id, Asked::Family).await?;
        self.explained(asking, id, "case", &found).await
    }

    async fn of_trace(
        &self,
        asking: &Asking,
        id: &str,
        asked: Asked,
    ) -> Result<(Uuid, Vec<May>), Refusal> {
        asking.must("read")?;
        must_match(asking)?;
        let reached = self.reached(asking, id).await?;
        self.found_for(asking, reached.id, asked).await
    }

    /// The cases that are found for a trace, whoever asks.
    pub async fn found_for(
        &self,
        asking: &Asking,
        trace: Uuid,
        asked: Asked,
    ) -> Result<(Uuid, Vec<May>), Refusal> {
        let pool = self.pools.of(asking.tenant).await.map_err(refusals::store)?;
        let card = cards(&self.office.store, asking.tenant, Side::Trace, &[trace]).await;
        let Some(card) = card.map_err(refusals::store)?.remove(&trace) else {
            return Ok((trace, Vec::new()));
        };
        let known = history(self, asking.tenant, trace).await?;
        let sides = pool.sides();
        let found = at_desk(|desk| {
            let found = sides.cases.matches(&card.profile, Ask::first(MOST), desk);
            let taken = found.into_iter().filter(|one| asked.takes(one.tier));
            taken
                .filter_map(|one| finding(&sides, &card.profile, &one, desk))
                .filter_map(|(found, unknown)| may(&known, trace, found, unknown, asked))
                .collect()
        });
        Ok((trace, found))
    }

    /// The traces that are found for a case that the caller reaches.
    async fn of_case(
        &self,
        asking: &Asking,
        id: &str,
        asked: Asked,
    ) -> Result<(Uuid, Vec<May>), Refusal> {
        must_match(asking)?;
        let (id, _) = self.case(asking, id).await?;
        let (store, tenant) = (&self.office.store, asking.tenant);
        let pool = self.pools.of(tenant).await.map_err(refusals::store)?;
        let card = cards(store, tenant, Side::Case, &[id]).await.map_err(refusals::store)?;
        let Some(card) = card.get(&id) else { return Ok((id, Vec::new())) };
        let hits: Vec<(Uuid, Tier, kit_matching::Match)> = {
            let sides = pool.sides();
            let found = at_desk(|desk| sides.traces.matches(&card.profile, Ask::first(MOST), desk));
            let each = found.into_iter().map(|one| (one.id, alone(&one), one));
            each.filter(|(_, tier, _)| asked.takes(*tier)).collect()
        };
        let ids: Vec<Uuid> = hits.iter().map(|(trace, ..)| *trace).collect();
        let traces = cards(store, tenant, Side::Trace, &ids).await.map_err(refusals::store)?;
        let mut histories = HashMap::new();
        for trace in &ids {
            histories.insert(*trace, history(self, tenant, *trace).await?);
        }
        let sides = pool.sides();
        let found = hits.into_iter().filter_map(|(trace, tier, mut one)| {
            let profile = &traces.get(&trace)?.profile;
            (one.id, one.tier) = (id, tier);
            one.child = 1.0 / (1.0 + (-one.child_odds).exp());
            let (found, unknown) = at_desk(|desk| finding(&sides, profile, &one, desk))?;
            may(histories.get(&trace)?, trace, found, unknown, asked)
        });
        Ok((id, found.collect()))
    }

    /// What both sides show of themselves to the caller.
    async fn shown(
        &self,
        asking: &Asking,
        found: &[May],
    ) -> Result<(HashMap<Uuid, Seen>, HashMap<Uuid, Seen>), Refusal> {
        let distinct = |ids: Vec<Uuid>| {
            let set: std::collections::BTreeSet<Uuid> = ids.into_iter().collect();
            set.into_iter().collect::<Vec<_>>()
        };
        let cases = distinct(found.iter().map(|one| one.found.case).collect());
        let traces = distinct(found.iter().map(|one| one.trace).collect());
        let cases = self.shown_cases(asking, &cases).await?;
        Ok((cases, self.shown_traces(asking, &traces).await?))
    }

    async fn as_reference(&self, asking: &Asking, found: &[May]) -> Result<Vec<Value>, Refusal> {
        let (cases, traces) = self.shown(asking, found).await?;
        let each = found.iter().filter_map(|one| {
            let (case, trace) = (cases.get(&one.found.case)?, traces.get(&one.trace)?);
            Some(side_by_side(one, case, trace))
        });
        Ok(each.collect())
    }

    async fn explained(
        &self,
        asking: &Asking,
        id: Uuid,
        kind: &str,
        found: &[May],
    ) -> Result<Reply, Refusal> {
        let language = language(asking);
        let (cases, traces) = self.shown(asking, found).await?;
        let (mut matches, mut family) = (Vec::new(), Vec::new());
        for one in found {
            let sides = (cases.get(&one.found.case), traces.get(&one.trace));
            let (Some(case), Some(trace)) = sides else { continue };
            let mut told = side_by_side(one, case, trace);
            told["tier"] = json!(tier_name(one.found.tier));
            told["standing"] = json!(one.standing);
            told["explanation"] =
                one.found.lines.iter().map(|line| explained(line, language)).collect();
            told["ask"] = one.unknown.iter().map(|field| asked_for(*field, language)).collect();
            let list = if one.found.tier == Tier::SameFamily { &mut family } else { &mut matches };
            list.push(told);
        }
        answer(&matches, id, kind, Some(family))
    }
}

/// A finding, unless it was rejected and nothing that matters changed since.
fn may(known: &Trace, trace: Uuid, found: Found, unknown: Vec<Field>, asked: Asked) -> Option<May> {
    if asked != Asked::Everything && known.rejects(found.case, found.basis) {
        return None;
    }
    let standing = known.pairs.get(&found.case).map(|pair| pair.standing.as_str());
    Some(May { trace, found, unknown, standing })
}

fn must_match(asking: &Asking) -> Result<(), Refusal> {
    if may_match(asking) { Ok(()) } else { Err(Refusal::forbidden()) }
}

/// The language that the caller reads.
pub fn language(asking: &Asking) -> Language {
    Language::of(asking.locale.as_deref().unwrap_or("en"))
}

/// A match as the reference shows it. The score is a chance, and `likely` has a fixed bound: a
/// long list makes no match less likely.
fn side_by_side(one: &May, case: &Seen, trace: &Seen) -> Value {
    let known = CASE.iter().filter_map(|name| case.record.get_key_value(*name));
    let summary: Record = known.map(|(name, value)| (name.clone(), value.clone())).collect();
    json!({
        "likelihood": if one.found.tier == Tier::Strong { "likely" } else { "possible" },
        "score": f64::from(one.found.chance) / 1000.0,
        "case": summary,
        "trace": trace.record,
        "comparison": comparison::compared(case.side(), trace.side()),
    })
}

fn explained(line: &Line, language: Language) -> Value {
    let speaks = match line.weight {
        weight if weight > 0.0 => "for",
        weight if weight < 0.0 => "against",
        _ => "neither",
    };
    json!({"field": line.field, "sentence": sentence(line, language), "speaks": speaks})
}

fn asked_for(field: Field, language: Language) -> Value {
    json!({"field": field, "label": label(field, language)})
}

fn answer(
    matches: &[Value],
    id: Uuid,
    kind: &str,
    family: Option<Vec<Value>>,
) -> Result<Reply, Refusal> {
    let mut data = json!({"potential_matches": matches, "record": {"id": id, "type": kind}});
    if let Some(family) = family {
        data["same_family"] = Value::Array(family);
    }
    reply(&data, &[id])
}
