//! The import of places from an HXL table.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use configuration_domain::{HxlSheet, ImportPlan, Place, RowFailure};
use kit_proto::common::v1::{Reply, WriteRequest};
use kit_serve::{Call, FieldProblem, Refusal};
use kit_store::{Meta, StoreError};
use serde_json::{Map, Value, json};

use crate::app::{App, Write, listed, may_manage, wrong_type};
use crate::queries::places;
use crate::refusals::{execute_refusal, store_refusal};

/// Larger tables are refused.
const LARGEST: usize = 10 << 20;
/// Streams per transaction: enough to be fast, few enough to hold no lock for long.
const CHUNK: usize = 5_000;
/// Failures that are told one by one.
const TOLD: usize = 1_000;

impl App {
    /// Adds and renames places row by row; broken rows are left out and named.
    pub async fn import_locations(
        &self,
        call: &Call,
        request: &WriteRequest,
    ) -> Result<Reply, Refusal> {
        may_manage(call)?;
        let Write { meta, data } = self.write(call, request)?;
        let table = table(&data)?;
        let settings = self.current(meta.tenant).await?;
        let types = settings.configuration.settings.place_types();
        let known = self.known_places(&meta).await.map_err(store_refusal)?;
        let plan = tokio::task::spawn_blocking(move || plan(&table, known, types)).await;
        let plan = plan.map_err(Refusal::internal)??;
        let (total, failures) = (plan.total, plan.failures.clone());
        let first = self.first_number(&meta, plan.new_places()).await?;
        self.carry_out_import(&meta, plan.commands(first)).await?;
        let name = data.get("file_name").and_then(Value::as_str).unwrap_or_default();
        Ok(report(name, total, &failures))
    }

    async fn known_places(&self, meta: &Meta) -> Result<Vec<Place>, StoreError> {
        let tx = self.store.read(meta.tenant).await?;
        let rows = places::all(&tx, meta.tenant).await?;
        Ok(rows.into_iter().map(|one| one.place).collect())
    }

    async fn first_number(&self, meta: &Meta, count: usize) -> Result<i64, Refusal> {
        let numbers = self.numbers(meta.tenant, "location", count).await?;
        Ok(numbers.first().copied().unwrap_or_default())
    }

    async fn carry_out_import(
        &self,
        meta: &Meta,
        commands: Vec<(bool, configuration_domain::ImportPlace)>,
    ) -> Result<(), Refusal> {
        for chunk in commands.chunks(CHUNK) {
            let meta = Meta { command_id: self.ids.v7(), ..meta.clone() };
            let done = self.store.transact(&meta, "ImportPlaces", |unit| {
                let chunk = chunk.to_vec();
                let meta = meta.clone();
                Box::pin(async move {
                    let known = chunk.iter().filter(|(new, _)| !new).map(|(_, one)| one.id);
                    unit.preload::<Place>(known.collect::<Vec<_>>()).await?;
                    for (new, command) in chunk {
                        let id = command.id;
                        if new {
                            unit.create(&meta, id, command).await?;
                        } else {
                            unit.execute(id, command).await?;
                        }
                    }
                    Ok(())
                })
            });
            done.await.map_err(|error| execute_refusal(error, "Location"))?;
        }
        Ok(())
    }
}

/// The table in the body.
fn table(data: &Map<String, Value>) -> Result<Vec<u8>, Refusal> {
    let Some(sent) = data.get("data_base64").and_then(Value::as_str).filter(|one| !one.is_empty())
    else {
        return Err(Refusal::missing_parameter("data_base64"));
    };
    let table = STANDARD.decode(sent.trim());
    let table = table.map_err(|_not_base64| wrong_type("/data_base64", "base64"))?;
    if table.len() > LARGEST {
        let problem = FieldProblem::new("/data_base64", "too_long").with("max", LARGEST);
        return Err(Refusal::invalid_record(vec![problem]));
    }
    Ok(table)
}

/// Reads the table; a row that is no UTF-8 or no CSV is a failure of that row.
fn plan(table: &[u8], known: Vec<Place>, types: Vec<String>) -> Result<ImportPlan, Refusal> {
    let table = table.strip_prefix(b"\xef\xbb\xbf").unwrap_or(table);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table);
    let mut plan = ImportPlan::new(known, types);
    let mut sheet: Option<HxlSheet> = None;
    for (position, record) in reader.byte_records().enumerate() {
        let number = position + 1;
        let row = record.ok().and_then(|record| csv::StringRecord::from_byte_record(record).ok());
        let row: Option<Vec<String>> = row.map(|row| row.iter().map(str::to_owned).collect());
        match (&sheet, row) {
            (None, Some(row)) if HxlSheet::is_tag_row(&row) => sheet = HxlSheet::read(&row),
            (None, _) => {}
            (Some(_), None) => {
                let failure = RowFailure { row: number, column: String::new(), code: "invalid" };
                plan.take(number, Err(failure));
            }
            (Some(sheet), Some(row)) => plan.take(number, sheet.path(number, &row)),
        }
    }
    if sheet.is_none() {
        let problem = FieldProblem::new("/data_base64", "no_hxl_tags");
        return Err(Refusal::invalid_record(vec![problem]));
    }
    Ok(plan)
}

/// The answer: counts, and what was left out. 422 when anything was.
fn report(file_name: &str, total: usize, failures: &[RowFailure]) -> Reply {
    let failed = failures.len();
    let status = match failed {
        0 => "success",
        some if some < total => "some_failure",
        _ => "failure",
    };
    let told = failures.iter().take(TOLD);
    let told = told.map(|one| json!({"row": one.row, "column": one.column, "code": one.code}));
    let message = |one: &RowFailure| json!({"message": format!("Row {}: {} {}", one.row, one.column, one.code)});
    let errors: Vec<Value> = failures.iter().take(TOLD).map(message).collect();
    let data = json!({
        "status": status,
        "total": total,
        "file_name": file_name,
        "success_total": total - failed,
        "failure_total": failed,
        "failures": told.collect::<Vec<_>>(),
    });
    let http_status = if failed == 0 { 200 } else { 422 };
    listed(&data, &json!({ "http_status": http_status, "errors": errors }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_without_tags_is_refused() {
        assert!(plan(b"a,b\n1,2\n", vec![], vec![]).is_err());
    }

    #[test]
    fn rows_that_are_no_text_are_counted() {
        let table = b"\xef\xbb\xbfName,Code\n#country+name,#country+code\nSpain,ES\n\xff\xfe,FR\n\"open,ES\n";
        let plan = plan(table, vec![], vec![]).unwrap();
        assert_eq!((plan.total, plan.new_places()), (3, 1));
        assert_eq!(plan.failures.len(), 2);
    }
}
