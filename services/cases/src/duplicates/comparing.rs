//! A child held against candidates, field by field.

use std::collections::{BTreeSet, HashMap};

use cases_domain::duplicates::{fields_of, is_of_names};
use kit_cabinet::{Alike, Asking, Bearers, Office, Opened, Stored, open_all, place_paths, rows_of};
use kit_dossier::fields::is_filled;
use kit_matching::{Chance, Desk, Index, Language, Line, Profile, explain, of_record, sentence};
use kit_records::{Record, RecordType};
use kit_store::{StoreError, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

/// A case that was compared.
pub struct Compared {
    pub opened: Opened,
    pub case: Record,
    pub chance: Chance,
    pub lines: Vec<Line>,
}

/// What candidates are held against.
pub struct Ground {
    /// How common the names are, among how many cases.
    pub bearers: Bearers,
    pub places: HashMap<String, Vec<String>>,
}

/// Candidates of a search, opened. Those that were merged are in none.
pub async fn candidates(
    office: &Office,
    asked: &Alike<'_>,
) -> Result<Vec<(Opened, Record)>, StoreError> {
    let tx = office.store.read(asked.tenant).await?;
    let ids = office.alike(&tx, asked).await?;
    let rows = rows_of(&tx, kit_cabinet::tables::Tables::of(RecordType::Case), asked.tenant, ids);
    let rows = rows.await?;
    drop(tx);
    open(office, asked.tenant, rows).await
}

/// Rows with their documents.
pub async fn open(
    office: &Office,
    tenant: Uuid,
    rows: Vec<Stored>,
) -> Result<Vec<(Opened, Record)>, StoreError> {
    let tables = kit_cabinet::tables::Tables::of(RecordType::Case);
    let opened = open_all(office.store.keys(), tables, tenant, rows).await?;
    opened
        .into_iter()
        .map(|one| {
            let case = serde_json::from_slice(&one.json)?;
            Ok((one, case))
        })
        .collect()
}

/// Compares a child with candidates, the likeliest first.
pub async fn compare(
    office: &Office,
    tenant: Uuid,
    records: u64,
    child: &Record,
    found: Vec<(Opened, Record)>,
) -> Result<Vec<Compared>, StoreError> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let tx = office.store.read(tenant).await?;
    let ground = ground(office, &tx, tenant, records, child, &found).await?;
    drop(tx);
    Ok(ground.compare(child, found))
}

async fn ground(
    office: &Office,
    tx: &Tx,
    tenant: Uuid,
    records: u64,
    child: &Record,
    found: &[(Opened, Record)],
) -> Result<Ground, StoreError> {
    let all: Vec<&Record> = found.iter().map(|(_, case)| case).chain([child]).collect();
    let places = place_paths(tx, tenant, &all).await?;
    let profile = of_record::of_case(child, &|code: &str| path(&places, code));
    let Profile { name, father, mother, siblings, nicknames, .. } = &profile;
    let names = [name, father, mother].into_iter().chain(siblings).chain(nicknames);
    let names = names.map(String::as_str);
    let mut bearers = office.bearers(tx, tenant, RecordType::Case, names).await?;
    bearers.records = records;
    Ok(Ground { bearers, places })
}

fn path(places: &HashMap<String, Vec<String>>, code: &str) -> Vec<String> {
    places.get(code).cloned().unwrap_or_default()
}

impl Ground {
    fn compare(&self, child: &Record, found: Vec<(Opened, Record)>) -> Vec<Compared> {
        let profile =
            |case: &Record| of_record::of_case(case, &|code: &str| path(&self.places, code));
        let mut index = Index::default();
        let known = self.bearers.of.iter();
        index.weigh_as(self.bearers.records, known.map(|(word, count)| (word.as_str(), *count)));
        for (opened, case) in &found {
            index.put(opened.row.id, &profile(case));
        }
        let (asked, mut desk) = (profile(child), Desk::default());
        let records = usize::try_from(self.bearers.records).unwrap_or(usize::MAX).max(found.len());
        let mut compared: Vec<Compared> = found
            .into_iter()
            .filter_map(|(opened, case)| {
                let comparison = index.comparison(&asked, opened.row.id, &mut desk)?;
                let (chance, lines) = (comparison.chance(records), explain(&comparison));
                Some(Compared { opened, case, chance, lines })
            })
            .collect();
        compared.sort_by(|one, other| {
            let likelier = other.chance.child.total_cmp(&one.chance.child);
            likelier.then_with(|| one.opened.row.id.cmp(&other.opened.row.id))
        });
        compared
    }
}

impl Compared {
    /// One sentence for each field that the caller may read of the case, and that shows its names.
    pub fn reasons(&self, asking: &Asking, readable: &BTreeSet<String>) -> Vec<Value> {
        let language = Language::of(asking.locale.as_deref().unwrap_or("en"));
        let hidden = self.case.get("hidden_name") == Some(&Value::Bool(true));
        let told = |name: &&str| is_filled(&self.case, name);
        let lines = self.lines.iter().filter(|line| {
            let mut fields = fields_of(line.field).iter().copied();
            !(hidden && is_of_names(line.field))
                && fields.by_ref().filter(told).all(|name| readable.contains(name))
        });
        lines
            .map(
                |line| json!({"field": line.field, "text": sentence(line, language), "line": line}),
            )
            .collect()
    }
}
