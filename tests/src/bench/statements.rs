//! The service's own statements, with the values of a real call: Postgres is told to write them
//! to its log for a moment, and they become scripts for pgbench.

use crate::requests::Person;
use crate::site::Site;
use crate::wire::Wire;
use anyhow::{Result, bail};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

/// What Postgres logs meanwhile. The installation is the benchmark's own, and its names are
/// invented; nowhere else is this done.
const TELLING: [&str; 4] = [
    "log_min_duration_statement = 0",
    "log_parameter_max_length = -1",
    "log_error_verbosity = 'default'",
    "log_line_prefix = '%d|'",
];

/// Whose statements: a service, and the prefix of the tables that its reads begin with.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    pub service: &'static str,
    pub prefix: &'static str,
}

/// A script for each call, run as the service's role within the tenant.
pub async fn scripts(
    site: &Site,
    source: Source,
    name: &str,
    calls: &[(Person, String)],
) -> Result<Vec<PathBuf>> {
    let database = site.superuser(source.service).await?;
    for setting in TELLING {
        database.batch_execute(&format!("alter system set {setting}")).await?;
    }
    database.batch_execute("select pg_reload_conf()").await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut paths = Vec::new();
    for (number, (person, path)) in calls.iter().enumerate() {
        // What is counted beside a call now and then is no part of it: the first one sets it off.
        Wire::connect(site.port()).await?.ask(&person.get(path)).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = log(site)?.len();
        let status = Wire::connect(site.port()).await?.ask(&person.get(path)).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let statements = statements(&log(site)?[before..], source);
        if status != 200 || statements.is_empty() {
            bail!("{status} and {} statements for {path}", statements.len());
        }
        let script = site.installation.folder().join(format!("{name}-{number}.sql"));
        let tenant = site.tenant;
        let mut text = format!("begin;\nselect set_config('amparo.tenant', '{tenant}', true);\n");
        for statement in statements {
            let _ = writeln!(text, "{statement};");
        }
        text.push_str("commit;\n");
        std::fs::write(&script, text)?;
        paths.push(script);
    }
    for setting in TELLING {
        let name = setting.split(' ').next().unwrap_or_default();
        database.batch_execute(&format!("alter system reset {name}")).await?;
    }
    database.batch_execute("select pg_reload_conf()").await?;
    Ok(paths)
}

fn log(site: &Site) -> Result<String> {
    let path = site.installation.data().join("logs/postgres.log");
    Ok(String::from_utf8_lossy(&std::fs::read(path)?).into_owned())
}

/// The statements over records in a piece of the log, values in place.
fn statements(log: &str, source: Source) -> Vec<String> {
    let database = format!("amparo_{}|", source.service);
    let tables = ["row", "term", "mark"].map(|table| format!("{}_{table}", source.prefix));
    let mut found = Vec::new();
    let mut lines = log.lines().filter_map(|line| line.strip_prefix(&database)).peekable();
    while let Some(line) = lines.next() {
        let Some((_, statement)) = line.split_once(" execute ") else { continue };
        let Some((_, statement)) = statement.split_once(": ") else { continue };
        let is_read =
            statement.starts_with("SELECT") && tables.iter().any(|table| statement.contains(table));
        let values = lines.peek().and_then(|next| {
            let (_, values) = next.split_once("DETAIL:")?;
            values.trim_start().split_once("arameters: ").map(|(_, values)| values)
        });
        if is_read {
            found.push(filled(statement, &values_of(values.unwrap_or_default())));
        }
    }
    found
}

/// `$1 = 'a', $2 = NULL` as literals.
fn values_of(text: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(" = ") {
        let end = end_of_literal(after);
        values.push(after[..end].to_owned());
        rest = &after[end..];
    }
    values
}

fn end_of_literal(text: &str) -> usize {
    if !text.starts_with('\'') {
        return text.find(',').unwrap_or(text.len());
    }
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\'', Some(b'\'')) => at += 2,
            (b'\'', _) => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

fn filled(statement: &str, values: &[String]) -> String {
    let mut filled = statement.to_owned();
    for (number, value) in values.iter().enumerate().rev() {
        filled = filled.replace(&format!("${}", number + 1), &format!("{value}{}", cast(value)));
    }
    filled
}

/// What a literal seems to be: the log does not say.
fn cast(literal: &str) -> &'static str {
    let text = literal.trim_matches('\'');
    let is_number = |text: &str| text.parse::<i64>().is_ok();
    let is_id = |text: &str| text.parse::<uuid::Uuid>().is_ok();
    if literal == "NULL" {
        return "";
    }
    if let Some(inner) = text.strip_prefix('{') {
        let all = |is: &dyn Fn(&str) -> bool| inner.trim_end_matches('}').split(',').all(is);
        return match inner {
            // What it is an array of, its place says.
            "}" => "",
            _ if inner.starts_with('"') && inner.contains(':') => "::jsonb",
            _ if all(&is_number) => "::bigint[]",
            _ if all(&is_id) => "::uuid[]",
            _ => "::text[]",
        };
    }
    match text {
        "t" | "f" => "::boolean",
        text if is_number(text) => "::bigint",
        text if is_id(text) => "::uuid",
        text if text.starts_with("20") && text.contains(':') => "::timestamptz",
        _ => "::text",
    }
}
