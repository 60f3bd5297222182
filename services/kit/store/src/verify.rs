//! Is the history what was once written? Walks the hash chains, checks the proofs of each event
//! and what was attested of each stream.

use std::collections::{BTreeMap, HashMap};

use kit_seal::{GENESIS, IndexKey};
use uuid::Uuid;

use crate::append::CHAIN;
use crate::attest::{Attestation, Statement, digest, short};
use crate::event_row::{COLUMNS, EventRow, to_i64, to_u64};
use crate::load::hash_of;
use crate::{Store, StoreError, Tx};

const PAGE: i64 = 2_000;

/// The first event of a stream that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Or `attestation`: then the version is the number of a statement.
    pub stream: String,
    pub version: u64,
    pub problem: &'static str,
}

impl Store {
    /// Checks all of a tenant's streams; names the first bad event of each damaged one.
    pub async fn verify(&self, tenant: Uuid) -> Result<Vec<Finding>, StoreError> {
        self.verify_against("", tenant, &[]).await
    }

    /// As [`Store::verify`], also against what was kept of the service's statements outside the
    /// database.
    pub async fn verify_against(
        &self,
        service: &str,
        tenant: Uuid,
        outside: &[Attestation],
    ) -> Result<Vec<Finding>, StoreError> {
        let public = self.keys().signing_key().await?;
        let inside = self.attestations(tenant, 0, i64::MAX).await?;
        let service = match service {
            "" => inside.first().and_then(service_of).unwrap_or_default(),
            name => name.to_owned(),
        };
        let attested = Attested::read(&public, &service, &inside, outside);
        let chain = self.keys().index(tenant, CHAIN).await?;
        let tx = self.read(tenant).await?;
        let mut walk = Walk::new(&chain, attested.unproven_until());
        loop {
            let rows = page(&tx, tenant, &walk).await?;
            for (row, mac, transaction) in &rows {
                walk.step(row, mac.as_deref(), *transaction);
            }
            if rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                break;
            }
        }
        let mut findings = walk.findings;
        findings.extend(cut_off(&tx, tenant).await?);
        findings.extend(differing(&tx, tenant, &attested).await?);
        findings.extend(never_attested(&tx, tenant, &attested).await?);
        let mut first = attested.findings;
        first.extend(one_per_stream(findings));
        Ok(first)
    }
}

fn service_of(attestation: &Attestation) -> Option<String> {
    let statement: Statement = serde_json::from_slice(&attestation.body).ok()?;
    Some(statement.service)
}

/// The first bad event of each stream, whatever told of it.
fn one_per_stream(findings: Vec<Finding>) -> Vec<Finding> {
    let mut first: BTreeMap<String, Finding> = BTreeMap::new();
    for finding in findings {
        match first.get_mut(&finding.stream) {
            Some(known) if known.version <= finding.version => {}
            Some(known) => *known = finding,
            None => drop(first.insert(finding.stream.clone(), finding)),
        }
    }
    first.into_values().collect()
}

struct Walk<'a> {
    chain: &'a IndexKey,
    /// Events of earlier transactions may lack a proof.
    unproven_until: u64,
    stream: String,
    version: i64,
    hash: [u8; 32],
    transaction: u64,
    damaged: bool,
    findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn new(chain: &'a IndexKey, unproven_until: u64) -> Self {
        Self {
            chain,
            unproven_until,
            stream: String::new(),
            version: 0,
            hash: GENESIS,
            transaction: 0,
            damaged: false,
            findings: Vec::new(),
        }
    }

    fn step(&mut self, row: &EventRow, mac: Option<&[u8]>, transaction: u64) {
        if row.stream != self.stream {
            self.stream.clone_from(&row.stream);
            (self.version, self.hash, self.damaged) = (0, GENESIS, false);
            self.transaction = 0;
        }
        let expected = self.version + 1;
        self.version = row.version;
        if self.damaged {
            return;
        }
        if row.version != expected {
            return self.finding(expected, "missing");
        }
        let hash = row.link().hash(&self.hash);
        if hash_of(row).ok() != Some(hash) {
            return self.finding(row.version, "altered, or not in its place");
        }
        match mac {
            Some(mac) if mac == self.chain.prove(&hash) => {}
            None if transaction < self.unproven_until => {}
            _ => return self.finding(row.version, "not recorded by this installation"),
        }
        if transaction < self.transaction {
            return self.finding(row.version, "moved within the log");
        }
        (self.hash, self.transaction) = (hash, transaction);
    }

    fn finding(&mut self, version: i64, problem: &'static str) {
        self.damaged = true;
        let stream = self.stream.clone();
        self.findings.push(Finding { stream, version: to_u64(version), problem });
    }
}

type Walked = (EventRow, Option<Vec<u8>>, u64);

async fn page(tx: &Tx, tenant: Uuid, walk: &Walk<'_>) -> Result<Vec<Walked>, StoreError> {
    let sql = format!(
        "select {COLUMNS}, mac, transaction::text from event \
         where tenant = $1 and (stream, version) > ($2, $3) order by stream, version limit $4"
    );
    let rows = tx.query(&sql, &[&tenant, &walk.stream, &walk.version, &PAGE]).await?;
    rows.iter()
        .map(|row| {
            let transaction: &str = row.try_get(16)?;
            let transaction = transaction.parse().map_err(anyhow::Error::from)?;
            Ok((EventRow::read(row)?, row.try_get(15)?, transaction))
        })
        .collect()
}

/// What was signed about a tenant, wherever it lies.
#[derive(Default)]
struct Attested {
    statements: BTreeMap<i64, Statement>,
    findings: Vec<Finding>,
}

impl Attested {
    fn read(
        public: &[u8; 32],
        service: &str,
        inside: &[Attestation],
        outside: &[Attestation],
    ) -> Self {
        let mut attested = Self::default();
        let mut bodies: BTreeMap<i64, &[u8]> = BTreeMap::new();
        for one in inside {
            match one.statement(public, service) {
                Some(statement) => {
                    attested.statements.insert(one.number, statement);
                    bodies.insert(one.number, &one.body);
                }
                None => attested.finding(one.number, "not signed by this installation's keyring"),
            }
        }
        for one in outside {
            // Anyone who reaches NATS may have put there what the keyring never signed.
            let Some(statement) = one.statement(public, service) else { continue };
            match bodies.get(&one.number) {
                Some(body) if *body == one.body => {}
                Some(_) => attested.finding(one.number, "another than the copy that was kept"),
                None => {
                    attested.finding(one.number, "missing, though a copy was kept");
                    attested.statements.insert(one.number, statement);
                    bodies.insert(one.number, &one.body);
                }
            }
        }
        attested.check_chain(&bodies);
        attested
    }

    fn check_chain(&mut self, bodies: &BTreeMap<i64, &[u8]>) {
        let mut previous = String::new();
        let mut findings = Vec::new();
        for (expected, (number, statement)) in (1..).zip(&self.statements) {
            if *number != expected {
                findings.push((expected, "missing"));
                break;
            }
            if statement.previous != previous {
                findings.push((*number, "does not follow the one before"));
                break;
            }
            previous = bodies.get(number).map(|body| digest(body)).unwrap_or_default();
        }
        for (number, problem) in findings {
            self.finding(number, problem);
        }
    }

    fn finding(&mut self, number: i64, problem: &'static str) {
        let finding =
            Finding { stream: "attestation".to_owned(), version: to_u64(number), problem };
        if !self.findings.iter().any(|known| known.version == finding.version) {
            self.findings.push(finding);
        }
    }

    /// Before the first statement there may be events from the time before there were proofs.
    fn unproven_until(&self) -> u64 {
        self.statements.get(&1).map_or(0, |statement| statement.upto)
    }

    fn upto(&self) -> u64 {
        self.statements.values().map(|statement| statement.upto).max().unwrap_or_default()
    }

    fn heads(&self) -> Vec<&(String, u64, String)> {
        self.statements.values().flat_map(|statement| &statement.heads).collect()
    }
}

/// Events that were attested and are gone, or are others now.
async fn differing(tx: &Tx, tenant: Uuid, attested: &Attested) -> Result<Vec<Finding>, StoreError> {
    let sql = "select name, number, hash, coalesce((select max(version) from event \
             where tenant = $1 and stream = name and version < number), 0) \
         from unnest($2::text[], $3::int8[]) as head (name, number) \
         left join event on tenant = $1 and stream = name and version = number";
    let mut findings = Vec::new();
    for heads in attested.heads().chunks(5_000) {
        let streams: Vec<&str> = heads.iter().map(|head| head.0.as_str()).collect();
        let versions: Vec<i64> = heads.iter().map(|head| to_i64(head.1)).collect();
        let wanted: HashMap<(&str, i64), &str> =
            heads.iter().map(|head| ((head.0.as_str(), to_i64(head.1)), head.2.as_str())).collect();
        for row in tx.query(sql, &[&tenant, &streams, &versions]).await? {
            let (stream, version): (&str, i64) = (row.try_get(0)?, row.try_get(1)?);
            let (version, problem) = match row.try_get::<_, Option<&[u8]>>(2)? {
                Some(hash) if wanted.get(&(stream, version)) == Some(&short(hash).as_str()) => {
                    continue;
                }
                Some(_) => (version, "another than was attested"),
                None => (row.try_get::<_, i64>(3)? + 1, "missing, though it was attested"),
            };
            findings.push(Finding { stream: stream.to_owned(), version: to_u64(version), problem });
        }
    }
    Ok(findings)
}

/// Events whose transaction is of a time that was attested without them.
async fn never_attested(
    tx: &Tx,
    tenant: Uuid,
    attested: &Attested,
) -> Result<Vec<Finding>, StoreError> {
    let mut known: HashMap<&str, u64> = HashMap::new();
    for (stream, version, _) in attested.heads() {
        let last = known.entry(stream).or_default();
        *last = (*last).max(*version);
    }
    let sql = "select stream, max(version) from event where tenant = $1 \
         and transaction < $2::text::xid8 group by stream";
    let rows = tx.query(sql, &[&tenant, &attested.upto().to_string()]).await?;
    let mut findings = Vec::new();
    for row in rows {
        let (stream, version): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        let last = known.get(stream.as_str()).copied().unwrap_or_default();
        if to_u64(version) > last {
            let problem = "was not there when the log was attested";
            findings.push(Finding { stream, version: last + 1, problem });
        }
    }
    Ok(findings)
}

/// Streams whose last events are gone: a chain alone does not show that, but the commands
/// that wrote them do.
async fn cut_off(tx: &Tx, tenant: Uuid) -> Result<Vec<Finding>, StoreError> {
    let sql = "with written as ( \
             select span->>0 as stream, max((span->>2)::bigint) as version \
             from command, jsonb_array_elements(streams) as span where tenant = $1 group by 1 \
         ), stored as ( \
             select stream, max(version) as version from event where tenant = $1 group by 1 \
         ) \
         select written.stream, coalesce(stored.version, 0) + 1 from written \
         left join stored on stored.stream = written.stream \
         where written.version > coalesce(stored.version, 0) order by 1";
    let rows = tx.query(sql, &[&tenant]).await?;
    rows.iter()
        .map(|row| {
            let version: i64 = row.try_get(1)?;
            let stream = row.try_get(0)?;
            Ok(Finding { stream, version: to_u64(version), problem: "missing at the end" })
        })
        .collect()
}
