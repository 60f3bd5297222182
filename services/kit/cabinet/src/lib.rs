//! kit-cabinet: the tables, lists and calls of a record type, for any [`kit_dossier::Kind`].
//!
//! A service says which kinds it keeps ([`House::keep`]) and serves what only its own records
//! have. Nothing in here may know a single kind beyond what [`tables`], kit-records and kit-access
//! say of its type. README.md is the map.

mod alert_row;
mod alerts;
mod answer;
mod apart;
mod beside;
mod cabinet;
pub mod catalogs;
mod conflict_row;
mod conflicts;
mod counts;
mod create;
mod disable;
mod erasure_row;
pub mod erasures;
pub mod facts;
mod filter_sql;
mod find;
mod flag_row;
mod flags;
mod get;
mod history;
mod house;
mod import;
mod inbox;
mod list;
mod list_sql;
mod office;
mod open_conflicts;
pub mod people;
mod record_row;
mod records;
mod refacet;
pub mod refusals;
mod remote;
mod rows;
mod scopes;
mod settle_conflict;
mod shallow;
mod sql;
mod stored;
mod sync;
pub mod tables;
mod terms;
mod totals;
mod turns;
mod update;
pub mod upkeep;
mod visibility;
mod writes;

use kit_store::Migration;

pub use answer::{Answer, View};
pub use apart::MERGED_INTO;
pub use beside::Beside;
pub use cabinet::{Answering, Cabinet, Drawer, Drawers};
pub use create::{NewRecord, no_content};
pub use find::{Alike, Bearers, place_paths};
pub use get::reply_with;
pub use house::{House, Open, Parts};
pub use inbox::{ServiceName, person, take_places};
pub use list::rows_of;
pub use list_sql::scope_terms;
pub use office::{Asking, Office, pairs};
pub use remote::remote_catalogs;
pub use stored::{COLUMNS, Opened, Stored, open_all};
pub use update::ChangedRecord;
pub use writes::{Written, body};

/// The tables that a service shares among its record types. Cases made its own before there were
/// other services.
pub const FOUNDATION: Migration =
    Migration { name: "0001_foundation.sql", sql: include_str!("../migrations/foundation.sql") };

/// Makes `flag_table(prefix)`, which makes the table of the flags of a record type: call it in the
/// migration after this one.
pub const FLAG_TABLE: Migration =
    Migration { name: "0004_flag_table.sql", sql: include_str!("../migrations/flag_table.sql") };

/// Makes `alert_table(prefix)`, which makes the table of the records of a type that have alerts:
/// call it in the migration after this one.
pub const ALERT_TABLE: Migration =
    Migration { name: "0040_alert_table.sql", sql: include_str!("../migrations/alert_table.sql") };

/// Makes `conflict_table(prefix)`, which makes the table of the open conflicts of a record type:
/// call it in the migration after this one.
pub const CONFLICT_TABLE: Migration = Migration {
    name: "0030_conflict_table.sql",
    sql: include_str!("../migrations/conflict_table.sql"),
};

/// Makes `record_tables(prefix, display)`, which makes the tables of a record type: call it in the
/// migration after this one.
pub const RECORD_TABLES: Migration = Migration {
    name: "0002_record_tables.sql",
    sql: include_str!("../migrations/record_tables.sql"),
};
