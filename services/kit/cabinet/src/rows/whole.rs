//! A row with what follows from people and texts, as its columns.

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Colleagues, Row, Scope};
use crate::apart::{Ground, blind_terms};

/// Everything that a row holds.
pub(super) struct Whole<'a> {
    pub row: &'a Row,
    pub scope: Scope,
    pub terms: Vec<i64>,
    owner_groups: &'a [String],
    owner_agency: Option<&'a str>,
    owner_office: Option<&'a str>,
    owner_location: Option<&'a str>,
}

impl<'a> Whole<'a> {
    pub fn new(row: &'a Row, people: &'a Colleagues, ground: &Ground) -> Self {
        let scope = Scope::of(&row.people, people);
        let terms = if row.apart.is_hidden() {
            Vec::new()
        } else {
            let blind = blind_terms(&ground.blind, &row.apart.sources);
            scope.terms(&row.people, row.identified_by.as_deref(), blind)
        };
        let owner = row.owner.as_ref().and_then(|name| people.get(name));
        Self {
            row,
            scope,
            terms,
            owner_groups: owner.map_or(&[], |one| &one.groups),
            owner_agency: owner.and_then(|one| one.agency.as_deref()),
            owner_office: owner.and_then(|one| one.office.as_deref()),
            owner_location: owner.and_then(|one| one.location.as_deref()),
        }
    }

    /// In the order of `write_row.sql` and of the copy.
    pub fn columns<'b>(&'b self, tenant: &'b Uuid, forms: &'b i64) -> [&'b (dyn ToSql + Sync); 25] {
        let row = self.row;
        [
            tenant,
            &row.id,
            &row.version,
            &row.created_at,
            &row.last_updated_at,
            &row.record_state,
            &row.status,
            &row.workflow,
            &row.module,
            &row.short_id,
            &row.display_id,
            &row.owner,
            &row.identified_by,
            &row.people,
            &self.scope.groups,
            &self.scope.agencies,
            &self.owner_groups,
            &self.owner_agency,
            &self.owner_office,
            &self.owner_location,
            &row.apart.facets,
            &self.terms,
            &row.document,
            &row.key,
            forms,
        ]
    }
}
