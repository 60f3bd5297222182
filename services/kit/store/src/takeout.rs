//! What a tenant takes with it: its history in clear, and rows that are in no history, page by
//! page. Whoever asks seals it again before it lies anywhere.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use kit_seal::hex;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::event_row::{COLUMNS, EventRow};
use crate::{KeyState, Store, StoreError};

/// Events or rows that one page has at most.
const MOST: i64 = 500;
/// A page that is as long as this is full.
const FULL: usize = 1 << 20;

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakeoutPlace {
    /// After this event.
    Event { stream: String, version: i64 },
    /// After this row of the table of that number.
    Row { table: usize, row: String },
}

/// Some of it, one JSON object a line.
#[derive(Debug, Clone, Default)]
pub struct TakenPage {
    pub lines: Vec<u8>,
    pub count: u64,
    /// None when there is no more.
    pub next: Option<TakeoutPlace>,
}

impl Default for TakeoutPlace {
    fn default() -> Self {
        Self::Event { stream: String::new(), version: 0 }
    }
}

impl fmt::Display for TakeoutPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event { stream, version } => write!(f, "event {version} {stream}"),
            Self::Row { table, row } => write!(f, "row {table} {row}"),
        }
    }
}

impl FromStr for TakeoutPlace {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let mut parts = text.splitn(3, ' ');
        let (kind, number, rest) = (parts.next(), parts.next(), parts.next());
        let odd = || StoreError::internal("not a place in a takeout");
        let (number, rest) = (number.ok_or_else(odd)?, rest.ok_or_else(odd)?.to_owned());
        match kind {
            Some("event") => {
                let version = number.parse().map_err(|_| odd())?;
                Ok(Self::Event { stream: rest, version })
            }
            Some("row") => Ok(Self::Row { table: number.parse().map_err(|_| odd())?, row: rest }),
            _ => Err(odd()),
        }
    }
}

impl TakenPage {
    fn line(&mut self, line: &Value) {
        self.lines.extend_from_slice(line.to_string().as_bytes());
        self.lines.push(b'\n');
        self.count += 1;
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= FULL
    }
}

impl Store {
    /// What follows a place: events by stream, then the rows of `tables`. What is written meanwhile
    /// may or may not be in it: complete is what is taken of a tenant in which nobody works.
    pub async fn take_out(
        &self,
        tenant: Uuid,
        tables: &[&str],
        after: &TakeoutPlace,
    ) -> Result<TakenPage, StoreError> {
        let (table, row) = match after {
            TakeoutPlace::Event { stream, version } => {
                let page = self.some_events(tenant, stream, *version).await?;
                if page.next.is_some() {
                    return Ok(page);
                }
                let first = (!tables.is_empty()).then(|| first_row(0));
                return Ok(TakenPage { next: first, ..page });
            }
            TakeoutPlace::Row { table, row } => (*table, row),
        };
        let Some(name) = tables.get(table) else { return Ok(TakenPage::default()) };
        let page = self.some_rows(tenant, table, name, row).await?;
        if page.next.is_some() {
            return Ok(page);
        }
        Ok(TakenPage { next: (table + 1 < tables.len()).then(|| first_row(table + 1)), ..page })
    }

    async fn some_events(
        &self,
        tenant: Uuid,
        stream: &str,
        version: i64,
    ) -> Result<TakenPage, StoreError> {
        let sql = format!(
            "select {COLUMNS} from event where tenant = $1 and (stream, version) > ($2, $3) \
             order by stream, version limit $4"
        );
        let rows =
            self.read(tenant).await?.query(&sql, &[&tenant, &stream, &version, &MOST]).await?;
        let rows: Vec<EventRow> = rows.iter().map(EventRow::read).collect::<Result<_, _>>()?;
        let keys = rows.iter().filter_map(|row| row.key_id);
        let keys = self.keys().open_once(tenant, keys).await?;
        let (mut page, some) = (TakenPage::default(), rows.len());
        for (at, row) in (1..).zip(&rows) {
            page.line(&told(row, &keys)?);
            let more = at < some || some == usize::try_from(MOST).unwrap_or(usize::MAX);
            if more && (page.is_full() || at == some) {
                let (stream, version) = (row.stream.clone(), row.version);
                page.next = Some(TakeoutPlace::Event { stream, version });
                break;
            }
        }
        Ok(page)
    }

    async fn some_rows(
        &self,
        tenant: Uuid,
        table: usize,
        name: &str,
        after: &str,
    ) -> Result<TakenPage, StoreError> {
        let sql = format!(
            "select ctid::text, to_jsonb(it) - 'tenant' from \"{name}\" it \
             where tenant = $1 and ctid > $2::text::tid order by ctid limit $3"
        );
        let rows = self.read(tenant).await?.query(&sql, &[&tenant, &after, &MOST]).await?;
        let (mut page, some) = (TakenPage::default(), rows.len());
        for (at, row) in (1..).zip(&rows) {
            let data: Value = row.try_get(1)?;
            page.line(&json!({ "kind": "row", "table": name, "data": data }));
            let more = at < some || some == usize::try_from(MOST).unwrap_or(usize::MAX);
            if more && (page.is_full() || at == some) {
                page.next = Some(TakeoutPlace::Row { table, row: row.try_get(0)? });
                break;
            }
        }
        Ok(page)
    }
}

fn first_row(table: usize) -> TakeoutPlace {
    TakeoutPlace::Row { table, row: "(0,0)".to_owned() }
}

/// An event in clear; one whose key was destroyed without what it held.
fn told(row: &EventRow, keys: &HashMap<Uuid, KeyState>) -> Result<Value, StoreError> {
    let key = row.key_id.and_then(|id| keys.get(&id));
    let erased = matches!(key, Some(KeyState::Destroyed(_)));
    let data = if erased { Value::Null } else { row.data(key.and_then(KeyState::live))? };
    Ok(json!({
        "kind": "event",
        "stream": row.stream,
        "version": row.version,
        "id": row.id,
        "type": row.kind,
        "schema": row.schema,
        "at": row.recorded_at.to_string(),
        "by": row.actor,
        "command": row.command_id,
        "correlation": row.correlation,
        "causation": row.causation,
        "hash": hex(&row.hash),
        "erased": erased,
        "data": data,
    }))
}
