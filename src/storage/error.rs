//! What can go wrong with a database, told apart by what somebody can do about it.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// A fault of the database. Nothing of the action that met it remains.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database cannot be reached: {0}")]
    Gone(String),
    #[error("there is no room left for the database: {0}")]
    Full(String),
    #[error("the database was written by a newer version of folkmoot ({0}); run that version or a later one")]
    Newer(String),
    #[error("this is already in the database: {0}")]
    Conflict(String),
    #[error("the database refused: {0}")]
    Other(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// For failures to get a connection at all.
    pub(super) fn away<E: std::fmt::Display>(error: E) -> Self {
        Self::Gone(error.to_string())
    }

    /// From the words of a commit that failed for a whole group.
    pub(super) fn of_commit(detail: String) -> Self {
        if is_full(&detail) { Self::Full(detail) } else { Self::Other(detail) }
    }

    /// For what was stored and cannot be read back into its type.
    pub(super) fn unreadable<E: std::fmt::Display>(error: E) -> Self {
        Self::Other(format!("a stored value cannot be read: {error}"))
    }
}

fn is_full(detail: &str) -> bool {
    ["database or disk is full", "No space left", "disk I/O error", "disk full"]
        .iter()
        .any(|sign| detail.contains(sign))
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        let detail = error.to_string();
        match &error {
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Conflict(detail),
            Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _) => {
                Self::Gone(detail)
            }
            _ if is_full(&detail) => Self::Full(detail),
            _ => Self::Other(detail),
        }
    }
}
