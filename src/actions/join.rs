//! Joining: somebody asks in writing, the stewards endorse, producers may object, and the roll entry is published.

use std::sync::atomic::Ordering;

use folkmoot_governance::charter::ClassKind;
use folkmoot_governance::id::{Digest, MemberId, Time};
use folkmoot_governance::statement::{Application, Basis, Body, Custody, FoundingMember, RollEntry};

use super::error::{ActionError, Refusal, Result};
use super::standing::{self, Standing};
use super::{Person, accounts, journals};
use crate::app::App;
use crate::storage::{Conn, entries, members, rates, requests};

const DAY: i64 = 86_400;

/// What somebody who wants to join fills in. All three of request, terms and commitment are needed (charter art. 2.1).
#[derive(Debug, Clone)]
pub struct Request {
    pub name: String,
    pub class: String,
    pub level: String,
    /// Digest of the terms that were shown and agreed to.
    pub terms: Option<Digest>,
    pub request: String,
    pub commitment: String,
    /// The wished member id; made from the name when absent.
    pub member: Option<MemberId>,
    /// Login and password for the account that comes with the membership.
    pub login: Option<(String, String)>,
}

/// The roll entry of an organisation that the genesis document names.
pub fn founding_entry(app: &App, standing: &Standing, member: &FoundingMember, now: Time) -> Body {
    let level = standing.epoch().charter.class(&member.class).and_then(|class| class.levels.first());
    Body::RollEntry(RollEntry {
        change: false,
        member: member.member.clone(),
        name: member.name.clone(),
        class: member.class.clone(),
        level: level.map(|level| level.id.clone()).unwrap_or_default(),
        key: app.keys.member(standing.id, &member.member).public(),
        custody: Custody::Node,
        since: now,
        basis: Basis::Founding,
    })
}

/// Most requests that wait for the stewards at one time.
const WAITING_MOST: u64 = 1000;

/// Who brings a request: for somebody who is not a steward, requests are limited by where they come from.
#[derive(Debug, Clone)]
pub enum Asking {
    /// A client address as limits count it.
    From(String),
    /// A steward of this node, who may enter what was handed in on paper.
    Steward,
}

/// Keeps a request for the stewards, or refuses it with the reason. The id is how the applicant asks about it.
pub async fn ask(app: &App, request: Request, asking: Asking, now: Time) -> Result<String> {
    if let Some((login, _)) = &request.login {
        accounts::check_login(login)?;
    }
    // Before the password is hashed: that is what costs.
    must_not_flood(app, asking, now).await?;
    let password = match &request.login {
        Some((login, password)) => Some((login.clone(), accounts::hash_password(app, password).await?)),
        None => None,
    };
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let charter = &standing.epoch().charter;
            check(&request, &standing)?;
            if request.terms != Some(charter.terms_digest()) {
                return Err(refuse("terms", "terms", "refused-terms"));
            }
            let member = match &request.member {
                Some(member) => member.clone(),
                None => member_id(&request.name),
            };
            check_free(conn, &member, password.as_ref().map(|(login, _)| login.as_str())).await?;
            if requests::is_under_way(conn, &member).await? {
                return Err(refuse("taken", "name", "refused-member-id-asked"));
            }
            if requests::count_under_way(conn).await? >= WAITING_MOST {
                return Err(ActionError::refused("too-many", "refused-requests-waiting"));
            }
            let id = format!("{:016x}", rand::random::<u64>());
            let row = requests::RequestRow {
                id: id.clone(),
                state: "waiting".into(),
                member,
                name: request.name,
                class: request.class,
                level: request.level,
                terms: charter.terms_digest(),
                request: request.request,
                commitment: request.commitment,
                account: password,
                application: None,
                reason: None,
                at: now,
            };
            requests::insert(conn, &row).await?;
            Ok(id)
        })
        .await
}

/// Whether nobody has the member id or the login. A member id is taken, too, by whoever acts under it without being a
/// member: the account that comes with the membership would hold that person's mandates.
async fn check_free(conn: &mut Conn, member: &MemberId, login: Option<&str>) -> Result<()> {
    if members::find(conn, member).await?.is_some() {
        return Err(refuse("taken", "name", "refused-member-id-taken"));
    }
    if accounts::is_known(conn, member).await? || !members::represented_by(conn, member).await?.is_empty() {
        return Err(refuse("taken", "name", "refused-member-id-held"));
    }
    if let Some(login) = login
        && crate::storage::accounts::find(conn, login).await?.is_some()
    {
        return Err(refuse("taken", "login", "refused-login-taken-choose"));
    }
    Ok(())
}

/// Counts one more request from this address today. The address itself is not stored.
async fn must_not_flood(app: &App, asking: Asking, now: Time) -> Result<()> {
    let Asking::From(address) = asking else { return Ok(()) };
    let bucket = format!("join {}", Digest::of(address.as_bytes()).short(32));
    let asked = app.db.write(async move |conn| rates::count(conn, &bucket, DAY, now).await).await?;
    if asked > u64::from(app.config.limits.join_requests) {
        return Err(ActionError::refused("too-many", "refused-requests-flood"));
    }
    Ok(())
}

fn check(request: &Request, standing: &Standing) -> Result<()> {
    let charter = &standing.epoch().charter;
    if !is_text(&request.name, 200) || request.name.chars().any(char::is_control) {
        return Err(refuse("name", "name", "refused-request-name"));
    }
    if !is_text(&request.request, 4000) {
        return Err(refuse("request", "request", "refused-request-text"));
    }
    if !is_text(&request.commitment, 1000) {
        return Err(refuse("commitment", "commitment", "refused-request-commitment"));
    }
    let class = charter.class(&request.class);
    let class = class.ok_or_else(|| refuse("class", "class", "refused-request-class"))?;
    if !class.levels.is_empty() && !class.levels.iter().any(|level| level.id == request.level) {
        return Err(refuse("level", "level", "refused-request-level"));
    }
    Ok(())
}

/// Says something, is no longer than `most` characters, and can be published and stored.
fn is_text(text: &str, most: usize) -> bool {
    let strange = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(strange)
}

fn refuse(code: &'static str, field: &'static str, message: &'static str) -> ActionError {
    ActionError::Refused(Refusal::new(code, message).about(field))
}

fn member_id(name: &str) -> MemberId {
    let plain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).take(24).collect();
    let id = format!("{plain}-{:08x}", rand::random::<u32>());
    id.trim_start_matches('-').parse().expect("only letters, digits and a hyphen")
}

/// A steward stands for the request: the application is published and the objection window starts.
/// Persons are entered when it has passed; organisations by a decision.
pub async fn endorse(app: &App, person: &Person, id: &str, now: Time) -> Result<Digest> {
    person.must_be_steward()?;
    let (app_in, id) = (app.clone(), id.to_owned());
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            standing.ratified()?;
            let row = requests::find(conn, &id).await?.ok_or(ActionError::NotFound("missing-request"))?;
            if row.state != "waiting" {
                return Err(settled());
            }
            // Since it was asked, somebody else may have got the place.
            check_free(conn, &row.member, row.account.as_ref().map(|(login, _)| login.as_str())).await?;
            let body = Body::Application(Application {
                member: row.member.clone(),
                name: row.name.clone(),
                class: row.class.clone(),
                level: row.level.clone(),
                terms: row.terms,
                request: row.request.clone(),
                commitment: row.commitment.clone(),
            });
            let appended = journals::publish(conn, &app_in, &standing, body, now).await?;
            if !requests::endorsed(conn, &id, appended.statement.digest).await? {
                return Err(settled());
            }
            if let Some((login, hash)) = &row.account {
                crate::storage::accounts::insert(conn, login, hash, &row.member, &row.name, false, now).await?;
            }
            enter_due(conn, &app_in, &standing, now).await?;
            Ok(appended.statement.digest)
        })
        .await
}

fn settled() -> ActionError {
    ActionError::refused("settled", "refused-request-settled")
}

/// A steward declines; the reason is shown to the applicant.
pub async fn decline(app: &App, person: &Person, id: &str, reason: &str) -> Result<()> {
    person.must_be_steward()?;
    if !is_text(reason, 1000) {
        return Err(refuse("reason", "reason", "refused-request-reason"));
    }
    let (id, reason) = (id.to_owned(), reason.to_owned());
    app.db
        .write(async move |conn| {
            // No colleague endorses it in the same moment.
            standing::lock(conn).await?;
            requests::find(conn, &id).await?.ok_or(ActionError::NotFound("missing-request"))?;
            if requests::declined(conn, &id, &reason).await? { Ok(()) } else { Err(settled()) }
        })
        .await
}

/// A producer objects: the application must then be put to the vote.
pub async fn object(app: &App, person: &Person, application: Digest, reason: &str, now: Time) -> Result<()> {
    person.must_be_steward()?;
    if !is_text(reason, 2000) {
        return Err(refuse("reason", "reason", "refused-objection-reason"));
    }
    let (app_in, reason) = (app.clone(), reason.to_owned());
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            standing.ratified()?;
            let known = entries::by_digest(conn, application).await?.is_some_and(|row| row.kind == "Application");
            if !known {
                return Err(ActionError::NotFound("missing-application"));
            }
            journals::publish(conn, &app_in, &standing, Body::Objection { application, reason }, now).await?;
            Ok(())
        })
        .await
}

/// Publishes the roll entries of endorsed persons whose objection window has passed in silence. Called by the loop.
pub async fn enter_due(conn: &mut Conn, app: &App, standing: &Standing, now: Time) -> Result<()> {
    let charter = &standing.epoch().charter;
    for row in requests::endorsed_waiting(conn).await? {
        let Some(application) = row.application else { continue };
        let is_person = charter.class(&row.class).is_some_and(|class| class.kind == ClassKind::Person);
        let published = entries::by_digest(conn, application).await?.map(|entry| entry.published);
        let passed = published.is_some_and(|at| now >= at.plus(charter.roll.objection_seconds));
        let objected = entries::has_about(conn, "Objection", application).await?;
        if !is_person || !passed || objected {
            continue;
        }
        if !requests::entered(conn, &row.id).await? {
            continue;
        }
        let body = Body::RollEntry(RollEntry {
            change: false,
            key: app.keys.member(standing.id, &row.member).public(),
            member: row.member,
            name: row.name,
            class: row.class,
            level: row.level,
            custody: Custody::Node,
            since: now,
            basis: Basis::Application(application),
        });
        journals::publish(conn, app, standing, body, now).await?;
    }
    Ok(())
}

/// Publishes the roll entries of organisations that a certified decision admitted to this node's roll.
pub async fn enter_decided(conn: &mut Conn, app: &App, standing: &Standing, now: Time) -> Result<()> {
    use folkmoot_governance::statement::Effect;
    for (decision, certified) in super::electorate::certified_decisions(conn).await? {
        for effect in certified.effects {
            let Effect::AdmitMember { sponsor, member, name, class, level } = effect else { continue };
            if sponsor != app.node || members::find(conn, &member).await?.is_some() {
                continue;
            }
            let body = Body::RollEntry(RollEntry {
                change: false,
                key: app.keys.member(standing.id, &member).public(),
                member,
                name,
                class,
                level,
                custody: Custody::Node,
                since: now,
                basis: Basis::Decision(decision),
            });
            journals::publish(conn, app, standing, body, now).await?;
        }
    }
    Ok(())
}

/// Members that certified decisions admitted to this node's roll and that are not entered yet.
pub async fn admitted_here(conn: &mut Conn, app: &App) -> Result<Vec<MemberId>> {
    use folkmoot_governance::statement::Effect;
    let mut admitted = Vec::new();
    let count = crate::storage::decisions::count(conn).await?;
    if app.caches.decisions_seen.load(Ordering::Relaxed) == count {
        return Ok(admitted);
    }
    for certified in super::electorate::certified_decisions(conn).await?.into_values() {
        for effect in certified.effects {
            let Effect::AdmitMember { sponsor, member, .. } = effect else { continue };
            if sponsor == app.node && members::find(conn, &member).await?.is_none() {
                admitted.push(member);
            }
        }
    }
    if admitted.is_empty() {
        app.caches.decisions_seen.store(count, Ordering::Relaxed);
    }
    Ok(admitted)
}
