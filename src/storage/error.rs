//! What can go wrong with a database, told apart by what somebody can do about it.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// A fault of the database. Nothing of the action that met it remains.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    #[error("the database cannot be reached: {0}")]
    Gone(String),
    /// Others hold what is needed; trying again helps.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The one case in which the action may have happened.
    #[error("the database went away during a commit, which may have happened or not: {0}")]
    Unsure(String),
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

    /// For what was stored and cannot be read back into its type.
    pub(super) fn unreadable<E: std::fmt::Display>(error: E) -> Self {
        Self::Other(format!("a stored value cannot be read: {error}"))
    }
}

/// Both databases tell these apart in words only, as far as diesel passes them on.
fn says(detail: &str, signs: &[&str]) -> bool {
    signs.iter().any(|sign| detail.contains(sign))
}

const FULL: [&str; 5] =
    ["database or disk is full", "No space left", "disk I/O error", "disk full", "could not extend file"];
const BUSY: [&str; 7] = [
    "database is locked",
    "database table is locked",
    "due to lock timeout",
    "due to statement timeout",
    "deadlock detected",
    "could not serialize access",
    "too many clients",
];
const GONE: [&str; 4] = ["terminating connection", "is shutting down", "is starting up", "connection closed"];

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        let detail = error.to_string();
        match &error {
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Conflict(detail),
            Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _) => {
                Self::Gone(detail)
            }
            _ if says(&detail, &FULL) => Self::Full(detail),
            _ if says(&detail, &BUSY) => Self::Busy(detail),
            _ if says(&detail, &GONE) => Self::Gone(detail),
            _ => Self::Other(detail),
        }
    }
}
