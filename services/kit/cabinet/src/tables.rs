//! The tables of one record type: their names, and SQL with them filled in.

use kit_records::RecordType;

/// Names of the tables that keep the records of one type. They are made by `record_tables` of
/// `migrations/record_tables.sql`; those of cases are older and look the same.
#[derive(Debug, PartialEq, Eq)]
pub struct Tables {
    pub record_type: RecordType,
    /// One row per record.
    pub row: &'static str,
    /// One row per term of a record.
    pub term: &'static str,
    /// One narrow row per record: its marks.
    pub mark: &'static str,
    /// One row per flag of a record.
    pub flag: &'static str,
    /// One row per record that somebody should look at.
    pub alert: &'static str,
    /// One row per open conflict of a record.
    pub conflict: &'static str,
    /// By which forms a tenant's rows were taken apart.
    pub forms: &'static str,
    /// The field, and the column, with the id that people read.
    pub display: &'static str,
}

macro_rules! tables {
    ($record_type:ident, $prefix:literal, $display:literal, $forms:literal) => {
        &Tables {
            record_type: RecordType::$record_type,
            row: concat!($prefix, "_row"),
            term: concat!($prefix, "_term"),
            mark: concat!($prefix, "_mark"),
            flag: concat!($prefix, "_flag"),
            alert: concat!($prefix, "_alert"),
            conflict: concat!($prefix, "_conflict"),
            forms: $forms,
            display: $display,
        }
    };
}

impl Tables {
    /// Of a record type.
    pub const fn of(record_type: RecordType) -> &'static Self {
        match record_type {
            RecordType::Case => tables!(Case, "case", "case_id_display", "row_forms"),
            RecordType::Incident => {
                tables!(Incident, "incident", "incident_code", "incident_forms")
            }
            RecordType::TracingRequest => {
                tables!(TracingRequest, "tracing", "tracing_request_id_display", "tracing_forms")
            }
            RecordType::Family => tables!(Family, "family", "family_id_display", "family_forms"),
            RecordType::RegistryRecord => {
                tables!(RegistryRecord, "registry", "registry_id_display", "registry_forms")
            }
        }
    }

    /// A template with `{row}`, `{term}`, `{mark}`, `{flag}`, `{alert}`, `{conflict}`, `{forms}` and
    /// `{display}` filled in.
    pub fn fill(&self, template: &str) -> String {
        template
            .replace("{row}", self.row)
            .replace("{term}", self.term)
            .replace("{mark}", self.mark)
            .replace("{flag}", self.flag)
            .replace("{alert}", self.alert)
            .replace("{conflict}", self.conflict)
            .replace("{forms}", self.forms)
            .replace("{display}", self.display)
    }
}

/// Something made once for each record type, such as its statements.
pub struct PerType<T>([T; 5]);

impl<T> PerType<T> {
    /// Makes all of them.
    pub fn new(make: impl Fn(&'static Tables) -> T) -> Self {
        Self(RecordType::ALL.map(|record_type| make(Tables::of(record_type))))
    }

    /// That of one type.
    pub fn of(&self, tables: &Tables) -> &T {
        let at = RecordType::ALL.iter().position(|one| *one == tables.record_type);
        &self.0[at.unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_types_share_a_table() {
        let names = RecordType::ALL.map(|one| {
            let tables = Tables::of(one);
            assert_eq!(tables.record_type, one);
            let Tables { row, term, mark, flag, alert, conflict, forms, display, .. } = tables;
            [*row, *term, *mark, *flag, *alert, *conflict, *forms, *display]
        });
        let all: std::collections::BTreeSet<&str> = names.as_flattened().iter().copied().collect();
        assert_eq!(all.len(), 40);
    }

    #[test]
    fn a_template_is_filled() {
        let tables = Tables::of(RecordType::Case);
        assert_eq!(tables.fill("{row} {term} {mark}"), "case_row case_term case_mark");
        let each = PerType::new(|tables| tables.row);
        assert_eq!(*each.of(Tables::of(RecordType::Family)), "family_row");
    }
}
