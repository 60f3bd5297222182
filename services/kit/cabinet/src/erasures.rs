//! Erasing records for good: who may ask and agree, what is destroyed, what is told afterwards.
//! The rules of a request are in `kit_dossier::erasure`.

mod answer;
mod approve;
mod carry_out;
mod certificate;
mod erased;
mod list;
mod merged;
mod recover;
mod request;
mod restored;
mod upkeep;

use kit_access::{Reach, Term, recently_proven};
use kit_dossier::erasure::{Erasure, ErasureRefusal, Known};
use kit_serve::{Code, ErrorItem, FieldProblem, Refusal};
use kit_store::{ExecuteError, Loaded, StoreError};
use uuid::Uuid;

pub use kit_shell::certificate::{CertificateFlaw, certificate_in, check_certificate, unhex};
pub use kit_store::{Destroyed, Listed, Shredder};
pub use restored::Restored;
pub use upkeep::look_after;

use crate::cabinet::Drawers;
use crate::office::{Asking, Office};
use crate::refusals;

/// The permission resource.
const RESOURCE: &str = "erasure";
const REQUEST: &str = "request";
const APPROVE: &str = "approve";

/// The index that keeps a record from being erased twice.
const ONE_PER_RECORD: &str = "erasure_row_record";

impl Asking {
    /// Refused unless the role grants `action`, and the person proved lately who they are.
    fn must_prove(&self, action: &str, now: jiff::Timestamp) -> Result<(), Refusal> {
        if !self.principal.may(RESOURCE, action) {
            return Err(Refusal::forbidden());
        }
        if recently_proven(&self.principal, now.as_second()) {
            return Ok(());
        }
        Err(Refusal::not_proven())
    }

    /// Refused unless the role has to do with erasures at all.
    fn must_know_erasures(&self) -> Result<(), Refusal> {
        let may = |action| self.principal.may(RESOURCE, action);
        if may(REQUEST) || may(APPROVE) { Ok(()) } else { Err(Refusal::forbidden()) }
    }
}

/// Erasures of the records of one service.
#[derive(Clone)]
pub struct Erasures {
    pub office: Office,
    pub drawers: Drawers,
}

impl Erasures {
    /// The caller, as asking about the record of an erasure.
    fn about(&self, asking: &Asking, erasure: &Erasure) -> Asking {
        let kept = self.drawers.named(&erasure.record_type);
        asking.about(kept.map_or(asking.record_type, |drawer| drawer.record_type()))
    }

    /// Whether the caller reached the record of an erasure, or asked for it.
    fn knows(&self, asking: &Asking, erasure: &Erasure) -> bool {
        let about = self.about(asking, erasure);
        erasure.requested.by == asking.principal.user_name
            || about.may("read") && covers(&about.reach(), &erasure.known)
    }

    /// The erasure with this id, if the caller may know of it; 404 otherwise.
    async fn erasure(&self, asking: &Asking, id: &str) -> Result<Loaded<Erasure>, Refusal> {
        let parsed: Uuid = id.parse().map_err(|_| no_such_erasure(id))?;
        let loaded = self.office.store.load::<Erasure>(asking.tenant, parsed).await;
        let loaded = loaded.map_err(refusals::store)?;
        if !loaded.exists() || !self.knows(asking, &loaded.state) {
            return Err(no_such_erasure(id));
        }
        Ok(loaded)
    }
}

/// Whether a reach covers a record that those people, groups and agencies reached.
fn covers(reach: &Reach, known: &Known) -> bool {
    let holds = |term: &Term| {
        let members = match term.field {
            "associated_user_names" => &known.user_names,
            "associated_user_groups" => &known.groups,
            "associated_user_agencies" => &known.agencies,
            // Whose own record it was is not kept.
            _ => return false,
        };
        members.contains(&term.value)
    };
    match reach {
        Reach::All => true,
        Reach::Any(terms) => terms.iter().any(holds),
    }
}

fn no_such_erasure(id: &str) -> Refusal {
    // An id that is none may be anything a caller typed: it is not repeated.
    match id.parse::<Uuid>() {
        Ok(id) => Refusal::not_found(format!("Couldn't find Erasure with 'id'={id}")),
        Err(_) => Refusal::not_found("Couldn't find Erasure"),
    }
}

/// The domain's or the store's no.
fn executed(error: ExecuteError<ErasureRefusal>, id: Uuid) -> Refusal {
    let refusal = match error {
        ExecuteError::Store(StoreError::Taken { constraint }) if constraint == ONE_PER_RECORD => {
            return already_requested();
        }
        ExecuteError::Store(error) => return refusals::store(error),
        ExecuteError::Refused(refusal) => refusal,
    };
    let message = refusal.to_string();
    let not_now = |pointer, code| {
        let field = FieldProblem::new(pointer, code);
        let error = ErrorItem::new(message).with_detail(pointer).with_fields(vec![field]);
        Refusal::new(Code::FailedPrecondition, error)
    };
    match refusal {
        ErasureRefusal::Unknown => no_such_erasure(&id.to_string()),
        ErasureRefusal::Taken => Refusal::taken(),
        ErasureRefusal::SamePerson => not_now("/approved_by", "same_person"),
        ErasureRefusal::NotOpen(_) => not_now("/status", "not_open"),
        ErasureRefusal::Expired => not_now("/expires_at", "expired_request"),
    }
}

fn already_requested() -> Refusal {
    let field = FieldProblem::new("/record_id", "already_requested");
    let error = ErrorItem::new("the erasure of this record was asked for already");
    Refusal::new(Code::Aborted, error.with_detail("/record_id").with_fields(vec![field]))
}
