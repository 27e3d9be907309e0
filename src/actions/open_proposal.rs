//! Opening a vote: text, rules and electorate are frozen into one statement, which must be certified before it opens.

use folkmoot_governance::id::{Digest, MemberId, Time};
use folkmoot_governance::proposal::{self, OpeningContext};
use folkmoot_governance::statement::{Body, Question, Voting};

use super::draft_proposal::{own_draft, refusal};
use super::error::{ActionError, Result};
use super::{Person, electorate, journals, standing};
use crate::app::App;
use crate::words::Message;

/// How long a vote shall last.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// As short as the charter allows.
    Shortest,
    Seconds(i64),
    Time(Time),
}

/// An announced vote: it opens by itself once q nodes have certified its opening.
#[derive(Debug, Clone)]
pub struct Announced {
    pub digest: Digest,
    pub opens: Time,
    pub closes: Time,
}

/// Freezes the latest version of a draft and announces its vote.
pub async fn open(
    app: &App,
    person: &Person,
    key: &str,
    wished: Option<&MemberId>,
    until: Until,
    now: Time,
) -> Result<Announced> {
    let (app_in, person, key, wished) = (app.clone(), person.clone(), key.to_owned(), wished.cloned());
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let epoch = standing.ratified()?;
            let row = own_draft(conn, &app_in, &person, &key, now).await?;
            if wished.is_some_and(|wished| wished != row.proposer) {
                let message = Message::new("refused-other-proposer").naming("proposer", row.proposer);
                return Err(ActionError::refused("proposer", message));
            }
            let mut question: Question = row.question()?;
            let opens = now.plus(epoch.charter.closing.opening_seconds);
            let latest = opens.plus(-epoch.charter.roll.minimum_age_seconds).min(now);
            let cut = electorate::certified_by(conn, epoch, latest).await?;
            let (notes, sizes): (Vec<_>, Vec<_>) = cut.into_iter().unzip();
            let roll = electorate::freeze(conn, &standing, epoch, &sizes, opens).await?;
            let rules = epoch.charter.rules_for(&question.decision_type);
            let shortest = epoch.charter.decision_type(&question.decision_type).map_or(0, |kind| kind.minimum_seconds);
            let closes = match until {
                Until::Shortest => opens.plus(shortest),
                Until::Seconds(seconds) => opens.plus(seconds),
                Until::Time(time) => time,
            };
            question.voting = Some(Voting {
                opens,
                closes,
                rules: rules.ok_or(ActionError::NotFound("missing-decision-type"))?,
                cut: notes,
                electorate: roll.digest(),
            });
            let signed = journals::sign(&app_in, &standing, Body::Question(Box::new(question)), now)?;
            let context = OpeningContext { epoch, unratified: 0, roll: &roll, cut: &sizes, certified_at: None };
            proposal::check_announcement(&signed.statement, signed.digest, &context).map_err(|r| refusal(&r))?;
            let digest = signed.digest;
            journals::append(conn, &app_in, &standing, signed, now).await?;
            Ok(Announced { digest, opens, closes })
        })
        .await
}
