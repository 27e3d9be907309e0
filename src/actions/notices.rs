//! Notices to all parties in writing, such as force majeure (charter art. 2.4).

use folkmoot_governance::id::Time;
use folkmoot_governance::statement::Body;

use super::error::{ActionError, Refusal, Result};
use super::{Person, journals, standing};
use crate::app::App;

/// Publishes a notice; delivery to each node is seen in the node's status.
pub async fn publish(app: &App, person: &Person, subject: &str, text: &str, now: Time) -> Result<()> {
    person.must_be_steward()?;
    let fits = |value: &str, most| !value.trim().is_empty() && value.chars().count() <= most;
    if !fits(subject, 200) || !fits(text, 5000) {
        return Err(ActionError::Refused(Refusal::new("notice", "refused-notice").about("text")));
    }
    let (app_in, subject, source) = (app.clone(), subject.to_owned(), text.replace("\r\n", "\n"));
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            standing.ratified()?;
            journals::publish(conn, &app_in, &standing, Body::Notice { subject, source }, now).await?;
            Ok::<_, ActionError>(())
        })
        .await
}
