//! The domain's and the store's no, as callers of the API know it.

use kit_dossier::{Refusal as DossierRefusal, RefusalCode};
use kit_records::{RecordType, Violation};
use kit_serve::{Code, ErrorItem, FieldProblem, Refusal};
use kit_store::{ExecuteError, StoreError, cause};
use uuid::Uuid;

/// The index that keeps a second record from a user who identifies themselves.
const IDENTIFIED: &str = "_identified";

/// What a type is called where one of its records is not found.
pub const fn model_name(record_type: RecordType) -> &'static str {
    match record_type {
        RecordType::Case => "Child",
        RecordType::Incident => "Incident",
        RecordType::TracingRequest => "TracingRequest",
        RecordType::Family => "Family",
        RecordType::RegistryRecord => "RegistryRecord",
    }
}

/// 404 for a record, in the finder's words.
pub fn no_such(record_type: RecordType, id: &str) -> Refusal {
    let model = model_name(record_type);
    // An id that is none may be anything a caller typed: it is not repeated.
    match id.parse::<Uuid>() {
        Ok(id) => Refusal::not_found(format!("Couldn't find {model} with 'id'={id}")),
        Err(_) => Refusal::not_found(format!("Couldn't find {model}")),
    }
}

/// 422 for a body that does not fit the forms.
pub fn invalid(violations: Vec<Violation>) -> Refusal {
    Refusal::invalid_record(violations.into_iter().map(problem).collect())
}

/// 422 for a query string that cannot be read.
pub fn unreadable(violations: Vec<Violation>) -> Refusal {
    let names: Vec<&str> =
        violations.iter().map(|one| one.pointer.trim_start_matches('/')).collect();
    let mut refusal = Refusal::missing_parameter(&names.join(", "));
    let fields: Vec<FieldProblem> = violations.into_iter().map(problem).collect();
    for error in &mut refusal.errors {
        error.fields.clone_from(&fields);
    }
    refusal
}

fn problem(violation: Violation) -> FieldProblem {
    FieldProblem {
        pointer: violation.pointer,
        code: violation.code.as_str().to_owned(),
        params: violation.params,
    }
}

/// The domain's no.
pub fn refused(record_type: RecordType, refusal: DossierRefusal, id: Uuid) -> Refusal {
    let message = refusal.to_string();
    match (refusal.code(), refusal) {
        (_, DossierRefusal::Invalid(violations)) => invalid(violations),
        (
            _,
            DossierRefusal::ConflictUnknown(_)
            | DossierRefusal::FlagUnknown(_)
            | DossierRefusal::AlertUnknown(_),
        ) => Refusal::not_found(message),
        (
            _,
            DossierRefusal::NotMergeable(_) | DossierRefusal::Merged(_) | DossierRefusal::NotMerged,
        ) => Refusal::new(Code::Aborted, ErrorItem::new(message)),
        (RefusalCode::NotFound, _) => no_such(record_type, &id.to_string()),
        (RefusalCode::AlreadyExists, _) => Refusal::taken(),
        (_, refusal) => match refusal.attribute() {
            Some(attribute) => Refusal::invalid_model([(attribute.to_owned(), vec![message])]),
            None => Refusal::invalid(message),
        },
    }
}

/// What the store says, to a caller.
pub fn store(error: StoreError) -> Refusal {
    match error {
        StoreError::Conflict | StoreError::CommandReused => {
            Refusal::new(Code::Aborted, ErrorItem::new(error.to_string()))
        }
        StoreError::Taken { .. } => Refusal::taken(),
        // Only who had reached the record comes so far: it went while they waited.
        StoreError::Erased => Refusal::erased("The record was erased"),
        StoreError::Unavailable(error) => {
            tracing::warn!(error = cause(&error), "a part of the system is unavailable");
            Refusal::unavailable()
        }
        StoreError::Internal(error) => Refusal::internal(cause(&error)),
    }
}

/// What went wrong in the store, fit for a log.
pub fn safe(error: &StoreError) -> String {
    match error {
        StoreError::Unavailable(error) | StoreError::Internal(error) => cause(error),
        other => other.to_string(),
    }
}

/// Either no.
pub fn executed(record_type: RecordType, error: ExecuteError<DossierRefusal>, id: Uuid) -> Refusal {
    match error {
        ExecuteError::Refused(refusal) => refused(record_type, refusal, id),
        ExecuteError::Store(StoreError::Taken { constraint })
            if constraint.ends_with(IDENTIFIED) =>
        {
            refused(record_type, DossierRefusal::IdentifiedByTaken, id)
        }
        ExecuteError::Store(error) => store(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_id_and_an_early_birth_read_as_the_contract_says() {
        let id = Uuid::nil();
        assert_eq!(
            refused(RecordType::Case, DossierRefusal::AlreadyRegistered, id),
            Refusal::taken()
        );
        let born = refused(RecordType::Case, DossierRefusal::BornInTheFuture, id);
        assert_eq!(born.errors[0].detail, Some("date_of_birth".into()));
        assert_eq!(born.code.http_status(), 422);
    }

    #[test]
    fn what_a_caller_typed_as_an_id_is_not_repeated() {
        assert_eq!(
            no_such(RecordType::Case, "<script>"),
            Refusal::not_found("Couldn't find Child")
        );
    }
}
