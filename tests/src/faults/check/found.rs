//! Every write to a case is looked for in what people would see: cases and their histories.

use crate::caseworker::MARKED;
use crate::site::Site;
use crate::writes::{Told, What, Write};
use anyhow::{Context as _, Result};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tests::Client;

const PAGE: usize = 100;
const AT_ONCE: usize = 16;

/// What there is.
pub struct Found {
    /// Cases by id, as a superuser reads them.
    pub cases: BTreeMap<String, Value>,
    /// How often each mark was entered, by the histories of all cases.
    entered: BTreeMap<String, usize>,
    /// Marks that were kept beside the value of a field.
    beside: BTreeSet<String>,
}

impl Found {
    /// Reads everything.
    pub async fn gather(site: &Site) -> Result<Self> {
        let admin = site.script("admin");
        let mut this = Self {
            cases: read_cases(site).await?,
            entered: BTreeMap::new(),
            beside: BTreeSet::new(),
        };
        let histories: Vec<Vec<Value>> = futures_util::stream::iter(this.cases.keys())
            .map(|id| pages(&admin, format!("/api/v2/cases/{id}/record_history")))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        histories.iter().flatten().for_each(|entry| this.read(entry));
        Ok(this)
    }

    fn read(&mut self, entry: &Value) {
        for change in entry["record_changes"].as_array().into_iter().flatten() {
            for difference in change.as_object().into_iter().flat_map(|it| it.values()) {
                let mut marks = marks(&difference["to"]);
                for (mark, before) in self::marks(&difference["from"]) {
                    if let Some(count) = marks.get_mut(&mark) {
                        *count = count.saturating_sub(before);
                    }
                }
                for (mark, count) in marks {
                    *self.entered.entry(mark).or_default() += count;
                }
            }
        }
        for clash in entry["clashes"].as_array().into_iter().flatten() {
            for (mark, count) in marks(&clash["proposed"]) {
                *self.entered.entry(mark.clone()).or_default() += count;
                self.beside.insert(mark);
            }
        }
    }
}

/// Every case, as a superuser reads it.
pub async fn read_cases(site: &Site) -> Result<BTreeMap<String, Value>> {
    let admin = site.script("admin");
    let rows = pages(&admin, "/api/v2/cases".into()).await?;
    let ids: BTreeSet<_> =
        rows.iter().filter_map(|row| row["id"].as_str().map(String::from)).collect();
    futures_util::stream::iter(ids)
        .map(|id| async {
            let case = admin.get(&format!("/api/v2/cases/{id}")).await?.data()?;
            Ok::<_, anyhow::Error>((id, case))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// All pages of a list.
pub async fn pages(client: &Client, path: String) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for page in 1.. {
        let data = client.get(&format!("{path}?per={PAGE}&page={page}")).await?.data()?;
        let more = data.as_array().with_context(|| path.clone())?.clone();
        let is_last = more.len() < PAGE;
        rows.extend(more);
        if is_last {
            break;
        }
    }
    Ok(rows)
}

/// The marks in a value, each with how often it is there.
pub fn marks(value: &Value) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    match value {
        Value::String(text) if text.starts_with("mk-") => {
            all.insert(text.clone(), 1);
        }
        Value::Array(items) => items.iter().for_each(|item| add(&mut all, marks(item))),
        Value::Object(members) => members.values().for_each(|item| add(&mut all, marks(item))),
        _ => {}
    }
    all
}

fn add(all: &mut BTreeMap<String, usize>, more: BTreeMap<String, usize>) {
    for (mark, count) in more {
        *all.entry(mark).or_default() += count;
    }
}

/// Done: once. Refused: never. Unknown: once at most. And each field shows the last of them.
pub fn check(found: &Found, writes: &[Write]) -> Vec<String> {
    let in_cases = |write: &&Write| !matches!(write.what, What::New(_) | What::Edit(_));
    let writes: Vec<&Write> = writes.iter().filter(in_cases).collect();
    let mut problems: Vec<String> = writes.iter().filter_map(|it| count(found, it)).collect();
    problems.extend(strangers(found, &writes));
    for (id, case) in &found.cases {
        let of_case: Vec<_> =
            writes.iter().filter(|it| it.record.as_ref() == Some(id)).copied().collect();
        problems.extend(last_of_each_field(found, id, case, &of_case));
        problems.extend(last_status(id, case, &of_case));
    }
    problems
}

fn count(found: &Found, write: &Write) -> Option<String> {
    let times = found.entered.get(&write.mark).copied().unwrap_or_default();
    let fits = match write.told {
        Told::Done => times == 1,
        Told::Refused(_) => times == 0,
        Told::Nothing => times <= 1,
    };
    (!fits).then(|| format!("present {times} times: {write:?}"))
}

/// Marks that nobody wrote, such as those of writes that changed on the way.
fn strangers(found: &Found, writes: &[&Write]) -> Vec<String> {
    let known: BTreeSet<&str> = writes.iter().map(|write| write.mark.as_str()).collect();
    let odd = found.entered.keys().filter(|mark| !known.contains(mark.as_str()));
    odd.map(|mark| format!("{mark} was entered by nobody")).collect()
}

fn last_of_each_field(found: &Found, id: &str, case: &Value, writes: &[&Write]) -> Vec<String> {
    let mut by_field: BTreeMap<&str, Vec<&Write>> = BTreeMap::new();
    for write in writes.iter().filter(|write| !found.beside.contains(&write.mark)) {
        let field = match write.what {
            What::Change { field, .. } => field,
            What::Register | What::Status(_) => MARKED,
            _ => continue,
        };
        by_field.entry(field).or_default().push(write);
    }
    let mut problems = Vec::new();
    for (field, writes) in by_field {
        if writes.iter().any(|write| write.shared) {
            continue;
        }
        let last = writes.iter().rposition(|write| write.told == Told::Done);
        let mut allowed = writes
            .iter()
            .enumerate()
            .filter(|(at, write)| Some(*at) == last || write.told == Told::Nothing);
        let shown = &case[field];
        if last.is_some() && !allowed.any(|(_, write)| *shown == *write.mark) {
            problems.push(format!(
                "case {id}: {field} is {shown}, not {:?}",
                last.map(|at| &writes[at].mark)
            ));
        }
    }
    problems
}

fn last_status(id: &str, case: &Value, writes: &[&Write]) -> Option<String> {
    let turns = writes.iter().filter_map(|write| match write.what {
        What::Status(status) => Some((status, write.told)),
        _ => None,
    });
    let turns: Vec<_> = turns.filter(|(_, told)| !matches!(told, Told::Refused(_))).collect();
    let last = turns.iter().rfind(|(_, told)| *told == Told::Done).map_or("open", |it| it.0);
    let unknown = turns.iter().filter(|(_, told)| *told == Told::Nothing).map(|it| it.0);
    let fits = std::iter::once(last).chain(unknown).any(|status| case["status"] == status);
    (!fits).then(|| format!("case {id} is {}, not {last}", case["status"]))
}
