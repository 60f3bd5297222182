//! Families, and what a family and the cases of its members share.
//!
//! A case's `family_details_section` and the family's `family_members` are two views of the same
//! people. While a case is linked to a family, what both show lives in the family; beside it the
//! case keeps what only holds from the child's side, and the family what only holds from its own.

mod link;
mod member;
mod merge;
mod sharing;

use jiff::civil::Date;
use kit_dossier::{Context, Kind};
use kit_records::{Record, RecordType};
use serde_json::json;

pub use link::{FAMILY, Link, LinkRefusal, MEMBER, Plan, cases_of, join, leave, member, stay};
pub use member::{case_of, member_of};
pub use merge::{Kinship, family_of, merged, parted};
pub use sharing::{DETAILS, MEMBERS, SHARED, divided, shown_details};

/// Families: households whose members may each have a case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FamilyKind;

impl Kind for FamilyKind {
    const RECORD_TYPE: RecordType = RecordType::Family;

    fn defaults(context: &Context, _: Option<&str>) -> Record {
        Record::from_iter([
            ("family_registration_date".to_owned(), json!(context.today)),
            (MEMBERS.to_owned(), json!([])),
        ])
    }

    fn closing(date: Date) -> Record {
        Record::from_iter([("date_closure".to_owned(), json!(date))])
    }
}

/// Registry records: farmers, foster parents, anyone whom an organisation keeps a register of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegistryKind;

impl Kind for RegistryKind {
    const RECORD_TYPE: RecordType = RecordType::RegistryRecord;

    fn defaults(context: &Context, _: Option<&str>) -> Record {
        Record::from_iter([("registration_date".to_owned(), json!(context.today))])
    }
}
