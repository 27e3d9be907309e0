//! How often one person may write into the journal, which never forgets: more than anybody needs, less than fills a disk.

use folkmoot_governance::id::{Digest, Time};

use super::Person;
use super::error::{ActionError, Result};
use crate::storage::{Conn, rates};
use crate::words::Message;

const HOUR: i64 = 3600;

/// Counts one more of `what` in this hour, and refuses it beyond `most`.
pub async fn keep(conn: &mut Conn, what: &str, person: &Person, most: u64, now: Time) -> Result<()> {
    let bucket = format!("{what} {}", Digest::of(person.login.as_bytes()).short(32));
    if rates::count(conn, &bucket, HOUR, now).await? > most {
        return Err(ActionError::refused("too-many", Message::new("refused-pace").with("most", most)));
    }
    Ok(())
}
