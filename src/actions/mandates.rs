//! Mandates: who acts for an organisation. One vote whatever its staff; several people may hold one.

use folkmoot_governance::id::{MemberId, Time};
use folkmoot_governance::key::PublicKey;
use folkmoot_governance::statement::{Body, Mandate};

use super::error::{ActionError, Result};
use super::standing::{self, Standing};
use super::{Person, journals, view_members};
use crate::app::App;
use crate::storage::Conn;
use crate::storage::members::{self, MemberRow};

/// Gives a mandate.
pub async fn grant(
    app: &App,
    person: &Person,
    organisation: MemberId,
    holder: MemberId,
    name: String,
    key: Option<PublicKey>,
    now: Time,
) -> Result<()> {
    person.must_be_steward()?;
    if name.chars().count() > 200 {
        return Err(ActionError::refused("name", "refused-mandate-name"));
    }
    let app_in = app.clone();
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let row = own_organisation(conn, &app_in, &standing, &organisation).await?;
            view_members::must_be_in_force(&row, now)?;
            let body = Body::Mandate(Mandate { organisation, holder, name, key, since: now });
            journals::publish(conn, &app_in, &standing, body, now).await?;
            Ok::<_, ActionError>(())
        })
        .await
}

/// Ends a mandate. What was voted under it stays.
pub async fn revoke(app: &App, person: &Person, organisation: MemberId, holder: MemberId, now: Time) -> Result<()> {
    person.must_be_steward()?;
    let app_in = app.clone();
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            own_organisation(conn, &app_in, &standing, &organisation).await?;
            let held = members::mandates_of(conn, &organisation).await?;
            if !held.iter().any(|mandate| mandate.holder == holder && mandate.until.is_none()) {
                return Err(ActionError::NotFound("missing-mandate"));
            }
            let body = Body::MandateEnd { organisation, holder, effective: now };
            journals::publish(conn, &app_in, &standing, body, now).await?;
            Ok(())
        })
        .await
}

async fn own_organisation(conn: &mut Conn, app: &App, standing: &Standing, member: &MemberId) -> Result<MemberRow> {
    use folkmoot_governance::charter::ClassKind;
    let row = members::find(conn, member).await?.ok_or(ActionError::NotFound("missing-organisation"))?;
    if row.sponsor != app.node {
        return Err(ActionError::Forbidden("forbidden-mandate-elsewhere"));
    }
    let class = standing.epoch().charter.class(&row.class);
    if class.is_none_or(|class| class.kind != ClassKind::Organisation) {
        return Err(ActionError::refused("person", "refused-mandate-of-person"));
    }
    Ok(row)
}
