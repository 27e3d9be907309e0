//! Drafting: a proposal and its versions, published in the node's journal so that every node can discuss them.

use folkmoot_governance::id::{Digest, MemberId, Time};
use folkmoot_governance::proposal::{self, CONSENT};
use folkmoot_governance::statement::{Body, Effect, Method, Question, Visibility};

use super::error::{ActionError, Refusal, Result};
use super::standing::{self, Standing};
use super::{Person, journals, pace, view_members};
use crate::app::App;
use crate::storage::members::MemberRow;
use crate::storage::{Conn, proposals};
use crate::words::Message;

/// Most drafts and versions of one person within an hour.
const AN_HOUR_MOST: u64 = 60;

/// A proposal as somebody writes it.
#[derive(Debug, Clone)]
pub struct Draft {
    pub title: String,
    pub text: String,
    pub decision_type: String,
    pub method: Method,
    /// For choices; a consent vote has its own.
    pub options: Vec<String>,
    pub reason: String,
    pub visibility: Option<Visibility>,
    pub principles: Vec<u8>,
    pub supersedes: Vec<Digest>,
    pub review: Option<Time>,
    pub effects: Vec<Effect>,
    /// The member that proposes; absent means the person itself, or the only organisation it acts for.
    pub proposing_as: Option<MemberId>,
}

/// Where a draft is found from now on.
#[derive(Debug, Clone)]
pub struct Drafted {
    pub key: String,
    pub id: String,
    pub version: u32,
}

/// Publishes version 1.
pub async fn draft(app: &App, person: &Person, draft: Draft, now: Time) -> Result<Drafted> {
    let (app_in, person) = (app.clone(), person.clone());
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let proposer = acting_as(conn, &app_in, &person, draft.proposing_as.as_ref(), now).await?;
            pace::keep(conn, "draft", &person, AN_HOUR_MOST, now).await?;
            let id = format!("{}/proposals/{:016x}", app_in.node.base(), rand::random::<u64>());
            publish(conn, &app_in, &standing, question(&standing, draft, id, 1, proposer), now).await
        })
        .await
}

/// Publishes the next version of a draft. An opened vote is frozen.
pub async fn revise(app: &App, person: &Person, key: &str, draft: Draft, now: Time) -> Result<Drafted> {
    let (app_in, person, key) = (app.clone(), person.clone(), key.to_owned());
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let row = own_draft(conn, &app_in, &person, &key, now).await?;
            pace::keep(conn, "draft", &person, AN_HOUR_MOST, now).await?;
            let proposer = row.proposer.clone();
            let before = row.question()?.visibility;
            let next = question(&standing, draft, row.id, row.version + 1, proposer);
            if before == Visibility::Consortium && next.visibility == Visibility::Public {
                let refusal = Refusal::new("visibility", "refused-wider-visibility").about("visibility");
                return Err(ActionError::Refused(refusal));
            }
            publish(conn, &app_in, &standing, next, now).await
        })
        .await
}

/// A draft of this node that the person may change: its proposer, a mandate holder of the proposer, or a steward.
pub async fn own_draft(
    conn: &mut Conn,
    app: &App,
    person: &Person,
    key: &str,
    now: Time,
) -> Result<proposals::ProposalRow> {
    let row = proposals::by_key(conn, key).await?.ok_or(ActionError::NotFound("missing-proposal"))?;
    if row.node != app.node {
        let message = Message::new("refused-proposal-elsewhere").naming("node", row.node);
        return Err(ActionError::refused("other-node", message));
    }
    // Elsewhere its opening may have been seen certified in time, and the vote runs: another opening under the same id
    // would be the vote here, and that one there.
    if row.state == "void" {
        return Err(ActionError::refused("void", "refused-void"));
    }
    if row.state != "draft" {
        return Err(ActionError::refused("frozen", "refused-frozen"));
    }
    if !person.steward {
        acting_as(conn, app, person, Some(&row.proposer), now).await?;
    }
    Ok(row)
}

/// The member that a person acts as: itself, or an organisation whose mandate it holds; in force, and of this node's roll.
pub async fn acting_as(
    conn: &mut Conn,
    app: &App,
    person: &Person,
    wished: Option<&MemberId>,
    now: Time,
) -> Result<MemberId> {
    let possible = view_members::acting(conn, &person.person).await?;
    let mut refused = None;
    for row in possible.into_iter().filter(|row| wished.is_none_or(|wished| row.member == *wished)) {
        match may_act(app, &row, now) {
            Ok(()) => return Ok(row.member),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    Err(refused.unwrap_or_else(|| match wished {
        Some(member) => {
            let message = Message::new("refused-no-mandate").naming("member", member);
            ActionError::Refused(Refusal::new("no-mandate", message).about("as"))
        }
        None => ActionError::refused("not-a-member", "refused-not-a-member"),
    }))
}

/// Statements of other nodes' members count in the journals of those nodes.
fn may_act(app: &App, row: &MemberRow, now: Time) -> Result<()> {
    if row.sponsor != app.node {
        let message = Message::new("refused-act-elsewhere").naming("member", &row.member).naming("node", &row.sponsor);
        return Err(ActionError::Refused(Refusal::new("other-node", message).about("as")));
    }
    view_members::must_be_in_force(row, now)
}

fn question(standing: &Standing, draft: Draft, id: String, version: u32, proposer: MemberId) -> Question {
    let options = match draft.method {
        Method::Consent => CONSENT.map(str::to_owned).to_vec(),
        Method::SingleChoice | Method::Approval => draft.options,
    };
    Question {
        id,
        version,
        name: draft.title.trim().to_owned(),
        source: draft.text.replace("\r\n", "\n"),
        proposer,
        decision_type: draft.decision_type,
        method: draft.method,
        options,
        reason: draft.reason,
        visibility: draft.visibility.unwrap_or(standing.epoch().charter.visibility),
        principles: draft.principles,
        supersedes: draft.supersedes,
        review: draft.review,
        effects: draft.effects,
        voting: None,
    }
}

async fn publish(conn: &mut Conn, app: &App, standing: &Standing, question: Question, now: Time) -> Result<Drafted> {
    let epoch = standing.ratified()?;
    if let Some(refused) = proposal::check_draft(&question, epoch).into_iter().next() {
        return Err(refusal(&refused));
    }
    let (id, version) = (question.id.clone(), question.version);
    journals::publish(conn, app, standing, Body::Question(Box::new(question)), now).await?;
    Ok(Drafted { key: super::project::proposal_key(&id), id, version })
}

/// A refusal of the core about a proposal, with the field it is about.
pub fn refusal(refused: &proposal::Refusal) -> ActionError {
    let mut refusal = Refusal::of_rule("proposal", refused);
    refusal.field = refused.field();
    ActionError::Refused(refusal)
}
