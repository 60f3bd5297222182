//! What can go wrong, told apart by what the caller should do about it.

/// The store could not do it. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Others kept writing to the same stream. Worth trying again.
    #[error("others are writing to the same record")]
    Conflict,
    /// The command id was used before, by another actor or for something else.
    #[error("this command id was used for something else")]
    CommandReused,
    /// A row that must be unique is taken; the caller knows what its constraint means.
    #[error("already taken ({constraint})")]
    Taken { constraint: String },
    /// The record's key was destroyed: its history cannot be read any more.
    #[error("the record was erased")]
    Erased,
    /// Postgres or the keyring cannot be reached now. Worth trying again.
    #[error("a part of the system is unavailable")]
    Unavailable(#[source] anyhow::Error),
    /// A defect, or a damaged history.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

/// Why a command was not carried out: the domain's no, or the store's.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<R> {
    #[error("refused")]
    Refused(R),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StoreError {
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::Internal(anyhow::anyhow!(message.into()))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        match error.code() {
            Some(&SqlState::UNIQUE_VIOLATION) => {
                let constraint = error.as_db_error().and_then(|error| error.constraint());
                return Self::Taken { constraint: constraint.unwrap_or_default().to_owned() };
            }
            // What it refers to is gone by now; or others came first.
            Some(
                &(SqlState::FOREIGN_KEY_VIOLATION
                | SqlState::T_R_SERIALIZATION_FAILURE
                | SqlState::T_R_DEADLOCK_DETECTED
                | SqlState::LOCK_NOT_AVAILABLE),
            ) => return Self::Conflict,
            _ => {}
        }
        let unavailable = error.is_closed()
            || match error.code() {
                // Connection exceptions, insufficient resources, operator intervention.
                Some(code) => ["08", "53", "57"].contains(&&code.code()[..2]),
                // A value that does not fit its column never will; a connection may come again.
                None => !is_ours(&error),
            };
        if unavailable { Self::Unavailable(error.into()) } else { Self::Internal(error.into()) }
    }
}

/// Whether a value could not be written or read as the type that Postgres has for it.
fn is_ours(error: &tokio_postgres::Error) -> bool {
    let cause = std::error::Error::source(error);
    cause.is_some_and(|cause| {
        cause.is::<tokio_postgres::types::WrongType>()
            || cause.is::<tokio_postgres::types::WasNull>()
    })
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<anyhow::Error> for StoreError {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

/// A cause, fit for a log: without what it was about, since Postgres and the JSON reader quote
/// values in their texts.
pub fn cause(error: &anyhow::Error) -> String {
    if let Some(error) = error.downcast_ref::<tokio_postgres::Error>() {
        return match error.as_db_error() {
            Some(db) => format!(
                "Postgres {} {}",
                db.code().code(),
                db.constraint().or(db.table()).unwrap_or_default()
            ),
            None => error.to_string(),
        };
    }
    match error.downcast_ref::<serde_json::Error>() {
        Some(error) => {
            format!("JSON {:?} at {}:{}", error.classify(), error.line(), error.column())
        }
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_does_not_quote_what_was_read() {
        let error = serde_json::from_str::<u8>("\"Amina\"").unwrap_err();
        assert!(error.to_string().contains("Amina"));
        assert_eq!(cause(&error.into()), "JSON Data at 1:7");
    }
}
