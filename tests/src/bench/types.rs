//! The same calls for records of other types: patched, listed and searched.

use crate::load::{Load, Requests, best};
use crate::reads::Asked;
use crate::requests::{Person, encoded, next};
use crate::site::Site;
use crate::statements::Source;
use crate::table::{Table, Target};
use crate::writes::Most;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_postgres::Client;
use uuid::Uuid;

/// So many of each type for ten cases, and not more than that.
const SHARE: u64 = 10;
const ENOUGH: u64 = 10_000;
const CLIENTS: [usize; 2] = [16, 32];
/// Records of one type that a worker has at least.
const EACH: u64 = 40;

/// A record type, and how it is measured.
struct Type {
    /// As paths have it.
    path: &'static str,
    source: Source,
    /// The field that its records are found by.
    name: &'static str,
    /// Two filters of a list.
    filters: [&'static str; 3],
    /// The n-th record of a worker.
    record: fn(u64) -> Value,
    /// The n-th change.
    change: fn(u64) -> Value,
}

const TYPES: [Type; 2] = [INCIDENTS, TRACING_REQUESTS];

const INCIDENTS: Type = Type {
    path: "incidents",
    source: Source { service: "incidents", prefix: "incident" },
    name: "super_incident_name",
    filters: [
        "sex=female&status=open",
        "sex=male&status=open",
        "sex=female&module_id=primeromodule-cp",
    ],
    record: |number| {
        json!({
            "module_id": "primeromodule-cp",
            "incident_date": "2026-01-02",
            "status": "open",
            "super_incident_name": name(number),
            "sex": (if number % 2 == 0 { "female" } else { "male" }),
            "age": number % 18,
            "incident_description": format!("Reported at the gate of camp {number}, by a neighbour."),
        })
    },
    change: |number| {
        json!({
            "age": number % 18,
            "incident_description": format!("Told again on day {number}, with more detail."),
        })
    },
};

const TRACING_REQUESTS: Type = Type {
    path: "tracing_requests",
    source: Source { service: "tracing", prefix: "tracing" },
    name: "relation_name",
    filters: [
        "status=open&relation_sex=female",
        "status=open&relation_sex=male",
        "status=open&module_id=primeromodule-cp",
    ],
    record: |number| {
        json!({
            "module_id": "primeromodule-cp",
            "inquiry_date": "2026-01-02",
            "status": "open",
            "relation_name": name(number),
            "relation_sex": if number.is_multiple_of(2) { "female" } else { "male" },
            "relation_age": 20 + number % 50,
            "tracing_request_subform_section": [{
                "unique_id": format!("0198c0de-0000-4000-8000-{:012}", next()),
                "name": name(number + 7),
                "age": number % 18,
                "sex": if number.is_multiple_of(3) { "female" } else { "male" },
                "relation": "father",
            }],
        })
    },
    change: |number| {
        json!({
            "relation_age": 20 + number % 50,
            "relation_nickname": format!("Uncle {number}"),
        })
    },
};

/// A worker's records of a type.
struct Drawer {
    person: Person,
    ids: Vec<Uuid>,
}

/// Names that many share in part.
fn name(number: u64) -> String {
    const FIRST: [&str; 12] = [
        "Amina", "Yusuf", "Rosa", "Tomas", "Layla", "Samir", "Grace", "Daniel", "Noor", "Ibrahim",
        "Elena", "Mateo",
    ];
    const LAST: [&str; 11] = [
        "Haddad", "Okello", "Vargas", "Deng", "Karimi", "Mendoza", "Abdi", "Nasser", "Quispe",
        "Traore", "Silva",
    ];
    let at = usize::try_from(number).unwrap_or_default();
    format!("{} {}", FIRST[at % FIRST.len()], LAST[at / 5 % LAST.len()])
}

/// All types but cases. `most` is what was reached with those.
pub async fn measure(site: &Site, table: &mut Table, most: Option<Most>) {
    for one in &TYPES {
        let outcome = one.measure(site, table, most).await;
        table.failed(one.path, outcome);
    }
}

impl Type {
    async fn measure(&self, site: &Site, table: &mut Table, most: Option<Most>) -> Result<()> {
        let drawers = self.fill(site).await?;
        self.patch(site, table, &drawers, most).await?;
        let calls = |path: &dyn Fn(usize) -> String| -> Vec<(Person, String)> {
            let of = |(at, one): (usize, &Drawer)| (one.person.clone(), path(at));
            (0..3).flat_map(|_| drawers.iter()).enumerate().map(of).collect()
        };
        let path = self.path;
        let lists = calls(&|at| {
            let filters = self.filters[at / drawers.len() % self.filters.len()];
            format!("/api/v2/{path}?per=20&{filters}")
        });
        let what = format!("{path}: list of 20, two filters");
        let name_of = format!("{path}-list");
        let list = Asked { what: &what, source: self.source, name: &name_of };
        list.measure(site, table, lists, &CLIENTS).await;
        let searches = calls(&|at| {
            let name = encoded(&name(u64::try_from(at).unwrap_or_default()));
            format!("/api/v2/{path}?per=20&phonetic=true&query={name}")
        });
        let what = format!("{path}: search by name");
        let name_of = format!("{path}-search");
        let search = Asked { what: &what, source: self.source, name: &name_of };
        search.measure(site, table, searches, &CLIENTS).await;
        Ok(())
    }

    /// Records that workers enter by themselves; gives those that each has then.
    async fn fill(&self, site: &Site) -> Result<Vec<Drawer>> {
        let database = site.superuser(self.source.service).await?;
        let workers = site.all.len() as u64;
        ensure!(workers > 0, "nobody has signed in");
        let each = ((site.cases() / SHARE).min(ENOUGH) / workers).max(EACH);
        println!("{}: {each} of each of {workers} workers", self.path);
        let (people, record) = (site.all.clone(), self.record);
        let path = format!("/api/v2/{}", self.path);
        let entered: Requests = Arc::new(move |client, number| {
            let person = &people[client % people.len()].person;
            person.post(&path, &json!({ "data": record(number) }).to_string())
        });
        let load =
            Load { port: site.port(), clients: site.all.len(), time: site.load_time, rate: None };
        let outcome = load.times(each, &entered).await?;
        println!("  entered {:.0} a second", outcome.per_second());
        let sql = format!("vacuum (analyze) {0}_row, {0}_term, {0}_mark", self.source.prefix);
        database.batch_execute(&sql).await?;
        let mut drawers = Vec::new();
        for worker in &site.all {
            let ids = self.of(site, &database, &worker.person).await?;
            ensure!(!ids.is_empty(), "{} has none", worker.person.user_name);
            drawers.push(Drawer { person: worker.person.clone(), ids });
        }
        ensure!(self.is_named(site, &drawers[0]).await?, "{} hold no {}", self.path, self.name);
        Ok(drawers)
    }

    async fn of(&self, site: &Site, database: &Client, person: &Person) -> Result<Vec<Uuid>> {
        let sql = format!(
            "select id from {}_row where tenant = $1 and owned_by = $2 order by id",
            self.source.prefix
        );
        let rows = database.query(&sql, &[&site.tenant, &person.user_name]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Whether the field that is searched was stored: a role or a form may leave it out.
    async fn is_named(&self, site: &Site, drawer: &Drawer) -> Result<bool> {
        let mut wire = crate::wire::Wire::connect(site.port()).await?;
        let path = format!("/api/v2/{}/{}", self.path, drawer.ids[0]);
        wire.ask(&drawer.person.get(&path)).await?;
        Ok(String::from_utf8_lossy(wire.answer()).contains(&format!("\"{}\":", self.name)))
    }

    async fn patch(
        &self,
        site: &Site,
        table: &mut Table,
        drawers: &[Drawer],
        most: Option<Most>,
    ) -> Result<()> {
        let calls: Vec<(Person, Vec<Uuid>)> =
            drawers.iter().map(|one| (one.person.clone(), one.ids.clone())).collect();
        let (path, change) = (self.path, self.change);
        let changes: Requests = Arc::new(move |client, number| {
            let (person, ids) = &calls[client % calls.len()];
            let at = usize::try_from(number).unwrap_or_default() + client / calls.len();
            let body = json!({ "data": change(next()) }).to_string();
            person.patch(&format!("/api/v2/{path}/{}", ids[at % ids.len()]), &body)
        });
        let load = Load { port: site.port(), clients: 0, time: site.load_time, rate: None };
        let (_, outcome) = best(load, &CLIENTS, &changes).await?;
        let title = format!("{path}: patched per second");
        match most {
            Some(Most { peer, .. }) => {
                table.compare(&title, outcome.per_second(), peer, "", Target::Least(0.5));
            }
            None => table.add(&title, outcome.per_second(), "", Target::None),
        }
        Ok(())
    }
}
