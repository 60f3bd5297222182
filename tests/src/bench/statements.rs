//! The service's own statements, with the values of a real call: Postgres is told to write them
//! to its log for a moment, and they become scripts for pgbench. Others are at work meanwhile, with
//! the same statements: a call is made twice, and what was done both times is the call's.

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
    "log_line_prefix = '%d|%v|'",
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
        let (first, again) =
            (told(site, source, person, path).await?, told(site, source, person, path).await?);
        let statements = first.of_both(&again);
        if statements.is_empty() {
            bail!("no statement is told both times for {path}");
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

/// What was done while a call was made, by the call or by others.
async fn told(site: &Site, source: Source, person: &Person, path: &str) -> Result<Told> {
    let before = log(site)?.len();
    let status = Wire::connect(site.port()).await?.ask(&person.get(path)).await?;
    if status != 200 {
        bail!("{status} for {path}");
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(Told::read(&log(site)?[before..], source))
}

/// The statements over records in a piece of the log, values in place, by transaction.
#[derive(Debug, Default, PartialEq)]
struct Told(Vec<Vec<String>>);

impl Told {
    fn read(log: &str, source: Source) -> Self {
        let database = format!("amparo_{}|", source.service);
        let tables = ["row", "term", "mark"].map(|table| format!("{}_{table}", source.prefix));
        let mut found: Vec<(&str, Vec<String>)> = Vec::new();
        let lines = log.lines().filter_map(|line| line.strip_prefix(&database));
        let mut lines = lines.filter_map(|line| line.split_once('|')).peekable();
        while let Some((transaction, line)) = lines.next() {
            let Some((_, statement)) = line.split_once(" execute ") else { continue };
            let Some((_, statement)) = statement.split_once(": ") else { continue };
            let is_read = statement.starts_with("SELECT")
                && tables.iter().any(|table| statement.contains(table));
            if !is_read {
                continue;
            }
            let values = lines.next_if(|(_, next)| next.contains("DETAIL:"));
            let values = values.and_then(|(_, line)| line.split_once("arameters: "));
            let statement = filled(statement, &values_of(values.map_or("", |(_, values)| values)));
            match found.iter_mut().find(|(one, _)| *one == transaction) {
                Some((_, statements)) => statements.push(statement),
                None => found.push((transaction, vec![statement])),
            }
        }
        Self(found.into_iter().map(|(_, statements)| statements).collect())
    }

    /// The statements of those transactions that were done the other time, too: whoever goes on
    /// from record to record beside a call does not do the same twice.
    fn of_both(self, other: &Self) -> Vec<String> {
        self.0.into_iter().filter(|one| other.0.contains(one)).flatten().collect()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: Source = Source { service: "cases", prefix: "case" };

    fn line(transaction: &str, id: u8) -> String {
        let call = format!("SELECT id FROM case_row WHERE id = $1 AND n = {id}");
        let head = format!("amparo_cases|{transaction}|LOG:  duration: 0.1 ms");
        let detail = format!("amparo_cases|{transaction}|DETAIL:  Parameters: $1 = '{id}'");
        format!(
            "{head}  execute s1: {call}\n{detail}\namparo_cases|{transaction}|LOG:  duration: 1\n"
        )
    }

    #[test]
    fn what_others_do_meanwhile_is_not_the_calls() {
        // The log of a call that reads 1 and 2 in one transaction, beside others in theirs.
        let first = line("3/7", 1) + &line("4/9", 8) + &line("3/7", 2);
        let again = line("5/1", 7) + &line("3/8", 1) + &line("3/8", 2);
        let first = Told::read(&first, CASES);
        assert_eq!(first.0.len(), 2);
        let own = first.of_both(&Told::read(&again, CASES));
        let call = |id| format!("SELECT id FROM case_row WHERE id = '{id}'::bigint AND n = {id}");
        assert_eq!(own, [call(1), call(2)]);
    }
}
