//! Is the history what was once written? Walks the hash chains.

use kit_seal::GENESIS;
use uuid::Uuid;

use crate::event_row::{COLUMNS, EventRow, to_u64};
use crate::load::hash_of;
use crate::{Store, StoreError, Tx};

const PAGE: i64 = 2_000;

/// The first event of a stream that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub stream: String,
    pub version: u64,
    pub problem: &'static str,
}

impl Store {
    /// Checks all of a tenant's streams; names the first bad event of each damaged one.
    /// Needs no key: it covers the sealed bytes.
    pub async fn verify(&self, tenant: Uuid) -> Result<Vec<Finding>, StoreError> {
        let tx = self.read(tenant).await?;
        let mut walk = Walk::default();
        loop {
            let rows = page(&tx, tenant, &walk).await?;
            for row in &rows {
                walk.step(row);
            }
            if rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                break;
            }
        }
        let mut findings = walk.findings;
        findings.extend(cut_off(&tx, tenant).await?);
        Ok(findings)
    }
}

#[derive(Default)]
struct Walk {
    stream: String,
    version: i64,
    hash: [u8; 32],
    damaged: bool,
    findings: Vec<Finding>,
}

impl Walk {
    fn step(&mut self, row: &EventRow) {
        if row.stream != self.stream {
            self.stream.clone_from(&row.stream);
            (self.version, self.hash, self.damaged) = (0, GENESIS, false);
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
        self.hash = hash;
    }

    fn finding(&mut self, version: i64, problem: &'static str) {
        self.damaged = true;
        let stream = self.stream.clone();
        self.findings.push(Finding { stream, version: to_u64(version), problem });
    }
}

async fn page(tx: &Tx, tenant: Uuid, walk: &Walk) -> Result<Vec<EventRow>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from event where tenant = $1 and (stream, version) > ($2, $3) \
         order by stream, version limit $4"
    );
    let rows = tx.query(&sql, &[&tenant, &walk.stream, &walk.version, &PAGE]).await?;
    rows.iter().map(EventRow::read).collect()
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
