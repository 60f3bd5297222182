//! Which statements of a migration do more than add.

use std::collections::BTreeSet;

/// Statements that were not found harmless.
pub type Faults = Vec<String>;

/// The tables of further record types are made by functions that were released before.
const TEMPLATES: [&str; 4] = ["record_tables", "flag_table", "conflict_table", "alert_table"];

/// Those that do more than add. What is not known to be harmless is not.
pub fn statements(sql: &str) -> Faults {
    let mut made = BTreeSet::new();
    let mut faults = Faults::new();
    for statement in bare(sql).split(';').map(flat).filter(|it| !it.is_empty()) {
        if !only_adds(&statement, &mut made) {
            faults.push(statement);
        }
    }
    faults
}

pub fn words(statement: &str) -> impl Iterator<Item = &str> {
    statement.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|it| !it.is_empty())
}

fn flat(statement: &str) -> String {
    statement.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn only_adds(statement: &str, made: &mut BTreeSet<String>) -> bool {
    let words: Vec<_> =
        words(statement).filter(|it| !["if", "not", "exists", "only"].contains(it)).collect();
    let on_new = |made: &BTreeSet<String>| {
        let on = words.iter().position(|it| *it == "on").and_then(|at| words.get(at + 1));
        on.is_some_and(|table| made.contains(*table))
    };
    match words[..] {
        ["create", "table", table, ..] => {
            made.insert(table.to_owned());
            true
        }
        ["create", "index" | "function" | "sequence" | "type", ..]
        | ["insert" | "update" | "grant", ..] => true,
        ["create", "policy", ..] => !words.contains(&"restrictive") || on_new(made),
        ["create", "unique", "index", ..] => on_new(made),
        ["alter", "table", table, ..] => made.contains(table) || adds_columns(statement),
        ["select", function, ..] => TEMPLATES.contains(&function),
        _ => false,
    }
}

/// Whether all that is done to the table is to add columns that nobody has to fill.
fn adds_columns(statement: &str) -> bool {
    let Some((_, actions)) = statement.split_once(" add column ") else { return false };
    let before = statement.len() - actions.len();
    let table = words(&statement[..before]).filter(|it| !["if", "exists", "only"].contains(it));
    // `alter table a add column`, and nothing between.
    if table.count() != 5 {
        return false;
    }
    let mut parts = parts(actions);
    let first = parts.remove(0);
    is_harmless_column(first)
        && parts
            .iter()
            .all(|part| part.trim().strip_prefix("add column ").is_some_and(is_harmless_column))
}

fn is_harmless_column(column: &str) -> bool {
    let column = column.trim().strip_prefix("if not exists ").unwrap_or(column);
    let has = |word: &str| words(column).any(|it| it == word);
    let demands =
        ["unique", "primary", "references", "check", "generated"].iter().any(|it| has(it));
    let must_be_filled = column.contains("not null") && !has("default");
    !demands && !must_be_filled
}

/// Cut at commas that are in no brackets.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let within = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    text.split(within).collect()
}

/// Without comments, and without what stands in quotes.
fn bare(sql: &str) -> String {
    let mut rest = sql;
    let mut kept = String::new();
    while let Some(c) = rest.chars().next() {
        let end = match c {
            '-' if rest.starts_with("--") => Some("\n".to_owned()),
            '/' if rest.starts_with("/*") => Some("*/".to_owned()),
            '\'' => Some("'".to_owned()),
            '$' => dollar_tag(rest),
            _ => None,
        };
        let Some(end) = end else {
            kept.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        let begin = if c == '$' {
            end.len()
        } else if c == '\'' {
            1
        } else {
            2
        };
        let after = rest[begin..].find(&end).map_or(rest.len(), |at| begin + at + end.len());
        kept.push(' ');
        rest = &rest[after..];
    }
    kept
}

/// `$$` or `$body$`, if the text begins with one.
fn dollar_tag(text: &str) -> Option<String> {
    let end = text[1..].find('$')? + 1;
    let name = &text[1..end];
    name.chars().all(|c| c.is_alphanumeric() || c == '_').then(|| text[..=end].to_owned())
}
