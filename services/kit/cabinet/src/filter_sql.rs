//! A list's filters as SQL conditions: on `m.codes` (marks) where those tell, on `k` (the key of a
//! record, its `created_at` and `id`) for what lies sealed, on its row `r` for the rest.

use jiff::{Timestamp, ToSpan};
use kit_records::query::{Filter, Scalar, Test};
use kit_records::{CatalogIndex, Code, Violation, marks, search, split};
use kit_seal::IndexKey;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sql::{Held, Statement};
use crate::tables::Tables;
use crate::terms;

/// What it takes to turn a filter into SQL.
#[derive(Debug, Clone, Copy)]
pub struct Filters<'a> {
    pub tables: &'static Tables,
    pub index: &'a CatalogIndex,
    pub blind: &'a IndexKey,
}

/// Few records that a list had better begin with.
#[derive(Debug)]
pub enum Few {
    Ids(Vec<Uuid>),
    Terms(Vec<i64>),
}

impl Filters<'_> {
    /// Appends ` AND (...)` for each filter.
    pub fn and_all(&self, sql: &mut Statement, filters: &[Filter]) {
        for filter in filters {
            sql.push(" AND (");
            self.write(sql, filter);
            sql.push(")");
        }
    }

    /// Fields that are asked for and lie in the sealed document only: a list cannot be filtered
    /// by them.
    pub fn unknowable(&self, filters: &[Filter]) -> Vec<Violation> {
        filters.iter().flat_map(|filter| self.sealed_field(filter)).collect()
    }

    fn sealed_field(&self, filter: &Filter) -> Vec<Violation> {
        let of = |field: &str| {
            let sealed = matches!(Held::of(self.tables, field), Held::Facet(_))
                && split::held(self.index, self.tables.record_type, field) == split::Held::Document;
            let pointer = kit_records::pointer("", field);
            sealed.then(|| Violation::new(pointer, Code::InvalidParameter)).into_iter().collect()
        };
        match filter {
            Filter::Field { field, .. } | Filter::Place { field, .. } => of(field),
            Filter::Not(inner) => self.sealed_field(inner),
            Filter::Any(filters) => self.unknowable(filters),
            Filter::EverAssigned(_) => vec![],
        }
    }

    /// The few records that meet one of the filters, if one asks for few: for ids, or for the
    /// equality of a sealed text.
    pub fn few(&self, filters: &[Filter]) -> Option<Few> {
        filters.iter().find_map(|filter| {
            let Filter::Field { field, tests } = filter else { return None };
            let equals = tests.iter().all(|test| matches!(test, Test::Equals(_)));
            match Held::of(self.tables, field) {
                Held::Id if equals => Some(Few::Ids(ids(tests))),
                Held::Facet(_) if equals => {
                    let held = split::held(self.index, self.tables.record_type, field);
                    let blind = matches!(held, split::Held::Blind(_));
                    blind.then(|| Few::Terms(self.sealed_terms(field, tests)))
                }
                _ => None,
            }
        })
    }

    /// Whether any of the filters looks at marks.
    pub fn need_marks(&self, filters: &[Filter]) -> bool {
        filters.iter().any(|filter| match filter {
            Filter::Field { field, tests } => self.marks(field, tests).is_some(),
            Filter::Not(inner) => self.need_marks(std::slice::from_ref(&**inner)),
            Filter::Any(filters) => self.need_marks(filters),
            Filter::Place { .. } | Filter::EverAssigned(_) => false,
        })
    }

    /// Whether any of the filters looks at the row itself.
    pub fn need_row(&self, filters: &[Filter]) -> bool {
        filters.iter().any(|filter| match filter {
            Filter::Field { field, tests } => {
                self.marks(field, tests).is_none() && !self.is_blind(field)
            }
            Filter::Place { .. } => true,
            Filter::Not(inner) => self.need_row(std::slice::from_ref(&**inner)),
            Filter::Any(filters) => self.need_row(filters),
            Filter::EverAssigned(_) => false,
        })
    }

    fn is_blind(&self, field: &str) -> bool {
        let held = || split::held(self.index, self.tables.record_type, field);
        matches!(Held::of(self.tables, field), Held::Facet(_))
            && matches!(held(), split::Held::Blind(_))
    }

    /// The codes one of which a record has exactly if it meets a test, where that is known.
    fn marks(&self, field: &str, tests: &[Test]) -> Option<Vec<i64>> {
        let marked = match Held::of(self.tables, field) {
            Held::Facet(_) | Held::Bool(_) => true,
            // Their columns are for other questions: the marks are smaller.
            Held::Text(column) => matches!(column, "status" | "workflow"),
            Held::Id | Held::Texts(_) | Held::Time(_) => false,
        };
        let wanted =
            marked.then(|| marks::wanted(self.index, self.tables.record_type, field, tests));
        wanted.flatten().map(|marks| marks.iter().map(|mark| terms::mark(mark)).collect())
    }

    fn write(&self, sql: &mut Statement, filter: &Filter) {
        match filter {
            Filter::Field { field, tests } => self.field(sql, field, tests),
            Filter::Place { field, min_level, codes } => {
                within(sql, Held::of(self.tables, field), codes, min_level.map(i32::from));
            }
            // Nobody was ever assigned a record: assigns come with the transitions.
            Filter::EverAssigned(_) => {
                sql.push("false");
            }
            Filter::Not(inner) => {
                sql.push("NOT (");
                self.write(sql, inner);
                sql.push(")");
            }
            Filter::Any(filters) => {
                sql.push("false");
                for one in filters {
                    sql.push(" OR (");
                    self.write(sql, one);
                    sql.push(")");
                }
            }
        }
    }

    fn field(&self, sql: &mut Statement, field: &str, tests: &[Test]) {
        let held = Held::of(self.tables, field);
        if let Some(codes) = self.marks(field, tests) {
            sql.push("m.codes && ").bind(codes);
            return self.sealed_options(sql, field, tests);
        }
        if matches!(held, Held::Facet(_)) {
            match split::held(self.index, self.tables.record_type, field) {
                split::Held::Facet => {}
                split::Held::Blind(_) => return self.sealed(sql, field, tests),
                // Refused before; see `unknowable`.
                split::Held::Document => {
                    sql.push("false");
                    return;
                }
            }
        }
        if any_equal(sql, held, tests) {
            return;
        }
        sql.push("false");
        if let Held::Facet(field) = held {
            self.sealed_options(sql, field, tests);
        }
        for test in tests {
            sql.push(" OR ");
            match held {
                Held::Facet(field) => facet_test(sql, field, test),
                column => column_test(sql, column, test),
            }
        }
    }

    /// Words that were typed where an option, a place or a code belongs lie sealed.
    fn sealed_options(&self, sql: &mut Statement, field: &str, tests: &[Test]) {
        let sealed = |test: &&Test| match test {
            Test::Equals(Scalar::Bool(_)) | Test::Range { .. } => false,
            Test::Equals(scalar) => {
                split::may_be_sealed(self.index, self.tables.record_type, field, text(scalar))
            }
        };
        let tests: Vec<Test> = tests.iter().filter(sealed).cloned().collect();
        if !tests.is_empty() {
            sql.push(" OR ");
            self.sealed(sql, field, &tests);
        }
    }

    /// Equality with a text that only its blind terms tell.
    fn sealed(&self, sql: &mut Statement, field: &str, tests: &[Test]) {
        has_term(sql, self.tables, self.sealed_terms(field, tests));
    }

    fn sealed_terms(&self, field: &str, tests: &[Test]) -> Vec<i64> {
        let term = |test: &Test| match test {
            Test::Equals(scalar) => {
                Some(terms::blind(self.blind, &search::equality_key(field, text(scalar))))
            }
            Test::Range { .. } => None,
        };
        tests.iter().filter_map(term).collect()
    }
}

fn ids(tests: &[Test]) -> Vec<Uuid> {
    let id = |test: &Test| match test {
        Test::Equals(scalar) => text(scalar).parse().ok(),
        Test::Range { .. } => None,
    };
    tests.iter().filter_map(id).collect()
}

/// Several values of a column at once, so that an index can be asked for all of them. Says
/// whether it could be written so.
fn any_equal(sql: &mut Statement, held: Held<'_>, tests: &[Test]) -> bool {
    let wanted: Option<Vec<String>> = tests
        .iter()
        .map(|test| match test {
            Test::Equals(Scalar::Bool(false)) | Test::Range { .. } => None,
            Test::Equals(scalar) => Some(text(scalar).to_owned()),
        })
        .collect();
    match (held, wanted) {
        (Held::Id, Some(wanted)) => {
            let ids: Vec<Uuid> = wanted.iter().filter_map(|id| id.parse().ok()).collect();
            sql.push("r.id = ANY(").bind(ids).push(")");
            true
        }
        (Held::Text(column), Some(wanted)) => {
            sql.push(&format!("(r.{column} IS NOT NULL AND r.{column} = ANY("));
            sql.bind(wanted).push("))");
            true
        }
        _ => false,
    }
}

/// True where the record has one of the terms.
pub fn has_term(sql: &mut Statement, tables: &Tables, terms: Vec<i64>) {
    sql.push("EXISTS (SELECT 1 FROM ").push(tables.term).push(" t WHERE t.tenant = ").again();
    sql.push(" AND t.term = ANY(").bind(terms);
    sql.push(") AND t.created_at = k.created_at AND t.id = k.id)");
}

fn text(scalar: &Scalar) -> &str {
    match scalar {
        Scalar::Bool(true) => "true",
        Scalar::Bool(false) => "false",
        Scalar::Integer { text, .. }
        | Scalar::Date(text)
        | Scalar::Time(text)
        | Scalar::Text(text) => text,
    }
}

fn column_test(sql: &mut Statement, held: Held<'_>, test: &Test) {
    match (held, test) {
        (Held::Id, Test::Equals(scalar)) => {
            let ids: Vec<Uuid> = text(scalar).parse().into_iter().collect();
            sql.push("r.id = ANY(").bind(ids).push(")");
        }
        (Held::Text(column), Test::Equals(Scalar::Bool(false))) => {
            sql.push(&format!("r.{column} IS NULL"));
        }
        (Held::Text(column), Test::Equals(scalar)) => {
            sql.push(&format!("(r.{column} IS NOT NULL AND r.{column} = "));
            sql.bind(text(scalar).to_owned()).push(")");
        }
        (Held::Texts(column), Test::Equals(scalar)) => {
            sql.bind(text(scalar).to_owned()).push(&format!(" = ANY(r.{column})"));
        }
        (Held::Bool(column), Test::Equals(scalar)) => {
            let wanted: Vec<bool> = text(scalar).parse().into_iter().collect();
            sql.push(&format!("r.{column} = ANY(")).bind(wanted).push(")");
        }
        (Held::Time(column), Test::Equals(scalar)) => moments(sql, column, scalar, Some(scalar)),
        (Held::Time(column), Test::Range { from, to }) => moments(sql, column, from, to.as_ref()),
        (Held::Id | Held::Text(_) | Held::Texts(_) | Held::Bool(_), Test::Range { .. })
        | (Held::Facet(_), _) => {
            sql.push("false");
        }
    }
}

/// Between two moments; a day counts to its end.
fn moments(sql: &mut Statement, column: &str, from: &Scalar, to: Option<&Scalar>) {
    let Some(from) = moment(from) else {
        sql.push("false");
        return;
    };
    sql.push(&format!("(r.{column} >= ")).bind(from);
    match to.map(|to| (to, moment(to))) {
        None => {}
        Some((Scalar::Date(_), Some(day))) => {
            let end = day.checked_add(24.hours()).unwrap_or(day);
            sql.push(&format!(" AND r.{column} < ")).bind(end);
        }
        Some((_, Some(to))) => {
            // What is shown are milliseconds, what is stored are microseconds.
            let end = to.checked_add(1.millisecond()).unwrap_or(to);
            sql.push(&format!(" AND r.{column} < ")).bind(end);
        }
        Some((_, None)) => {
            sql.push(" AND false");
        }
    }
    sql.push(")");
}

fn moment(scalar: &Scalar) -> Option<Timestamp> {
    match scalar {
        Scalar::Date(day) => format!("{day}T00:00:00Z").parse().ok(),
        Scalar::Time(time) => time.parse().ok(),
        Scalar::Bool(_) | Scalar::Integer { .. } | Scalar::Text(_) => None,
    }
}

fn facet_test(sql: &mut Statement, field: &str, test: &Test) {
    match test {
        Test::Equals(Scalar::Bool(false)) => {
            sql.push("(NOT ");
            facet_exists(sql, field, "@ != null", json!({}));
            sql.push(" OR ");
            facet_exists(sql, field, "@ == false || @ == \"false\"", json!({}));
            sql.push(")");
        }
        Test::Equals(Scalar::Bool(true)) => {
            facet_exists(sql, field, "@ == true || @ == \"true\"", json!({}));
        }
        Test::Equals(Scalar::Integer { value, text: digits }) => {
            facet_exists(sql, field, "@ == $n || @ == $t", json!({ "n": value, "t": digits }));
        }
        Test::Equals(Scalar::Date(day)) => {
            facet_exists(sql, field, "@ starts with $v", json!({ "v": day }));
        }
        Test::Equals(wanted @ (Scalar::Time(_) | Scalar::Text(_))) => {
            facet_exists(sql, field, "@ == $v", json!({ "v": text(wanted) }));
        }
        Test::Range { from, to: None } => {
            facet_exists(sql, field, "@ >= $lo", json!({ "lo": bound(from) }));
        }
        Test::Range { from, to: Some(to) } => {
            // A day includes all its moments: `2026-01-31T...` sorts before `2026-01-31~`.
            let high = match to {
                Scalar::Date(day) => json!(format!("{day}~")),
                other => bound(other),
            };
            let vars = json!({ "lo": bound(from), "hi": high });
            facet_exists(sql, field, "@ >= $lo && @ <= $hi", vars);
        }
    }
}

fn bound(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Integer { value, .. } => json!(value),
        other => json!(text(other)),
    }
}

/// True where a facet, or one of its values, meets a jsonpath condition. The field's name goes
/// into the path, and the path is a parameter.
fn facet_exists(sql: &mut Statement, field: &str, condition: &str, vars: Value) {
    let path = format!("$.{} ? ({condition})", Value::from(field));
    sql.push("jsonb_path_exists(r.facets, ").bind(path);
    sql.push("::text::jsonpath, ").bind(vars).push(", true)");
}

/// True where the place is one of `codes` or below one of them, both at `level` or deeper.
fn within(sql: &mut Statement, held: Held<'_>, codes: &[String], level: Option<i32>) {
    sql.push("EXISTS (SELECT 1 FROM ");
    match held {
        Held::Text(column) => {
            sql.push(&format!("(SELECT r.{column}) p(code)"));
        }
        Held::Facet(field) => {
            sql.push("jsonb_path_query(r.facets, ").bind(format!("$.{}[*]", Value::from(field)));
            sql.push("::text::jsonpath) v(place), LATERAL (SELECT v.place #>> '{}') p(code)");
        }
        Held::Id | Held::Texts(_) | Held::Time(_) | Held::Bool(_) => {
            sql.push("(SELECT NULL::text) p(code)");
        }
    }
    sql.push(" JOIN directory_location l ON l.tenant = ").again().push(" AND l.code = p.code");
    sql.push(" WHERE EXISTS (SELECT 1 FROM unnest(l.hierarchy) WITH ORDINALITY step(code, depth) WHERE step.code = ANY(");
    sql.bind(codes.to_vec()).push(")");
    if let Some(level) = level {
        // Level 0 is the country: a place at level n has n + 1 steps.
        sql.push(" AND step.depth > ").bind(i64::from(level));
        sql.push(" AND cardinality(l.hierarchy) > ").bind(level);
    }
    sql.push("))");
}

#[cfg(test)]
mod tests {
    use kit_records::RecordType;

    use super::*;

    fn sql(filter: &Filter) -> String {
        let index = CatalogIndex::default();
        let blind = IndexKey(kit_seal::SecretKey::new([1; 32]));
        let mut sql = Statement::of(Uuid::nil());
        Filters { tables: Tables::of(RecordType::Case), index: &index, blind: &blind }
            .write(&mut sql, filter);
        sql.text
    }

    fn equals(field: &str, text: &str) -> Filter {
        Filter::Field { field: field.into(), tests: vec![Test::Equals(Scalar::Text(text.into()))] }
    }

    #[test]
    fn values_and_field_names_travel_as_parameters() {
        let text = sql(&equals("x') OR true --", "a'"));
        assert!(!text.contains("true --") && !text.contains("a'"), "{text}");
        let place =
            Filter::Place { field: "place'".into(), min_level: Some(2), codes: vec!["IQ'".into()] };
        assert!(!sql(&place).contains("IQ") && !sql(&place).contains("place'"));
    }

    #[test]
    fn an_empty_column_is_unequal_rather_than_unknown() {
        let text = sql(&Filter::Not(Box::new(equals("owned_by", "ann"))));
        assert_eq!(text, "NOT ((r.owned_by IS NOT NULL AND r.owned_by = ANY($2)))");
    }

    #[test]
    fn a_text_that_is_sealed_is_compared_by_its_terms() {
        assert!(
            sql(&equals("national_id_no", "A-1")).starts_with("EXISTS (SELECT 1 FROM case_term")
        );
    }

    #[test]
    fn words_where_a_code_belongs_are_compared_by_their_terms_too() {
        assert!(sql(&equals("sync_status", "two words")).contains("case_term"));
        assert!(!sql(&equals("sync_status", "synced")).contains("case_term"));
        assert!(sql(&equals("workflow", "two words")).contains("case_term"));
        assert!(!sql(&equals("workflow", "case_plan")).contains("case_term"));
    }

    #[test]
    fn a_day_is_compared_where_it_lies() {
        let day = Test::Equals(Scalar::Date("2026-01-31".into()));
        let filter = Filter::Field { field: "date_closure".into(), tests: vec![day] };
        assert!(sql(&filter).contains("jsonb_path_exists(r.facets, $2::text::jsonpath"));
    }

    #[test]
    fn a_coded_value_is_looked_for_among_the_marks() {
        assert_eq!(sql(&equals("status", "open")), "m.codes && $2");
        assert_eq!(sql(&Filter::Not(Box::new(equals("status", "open")))), "NOT (m.codes && $2)");
        assert!(sql(&equals("sync_status", "two words")).starts_with("m.codes && $2 OR EXISTS"));
    }
}
