//! What is done with a proposal: opening its vote, extending, challenging, withdrawing.

use folkmoot_governance::id::{MemberId, Time};

use super::{cards, draft};
use crate::actions::draft_proposal::own_draft;
use crate::actions::error::{ActionError, Refusal};
use crate::actions::open_proposal::{self, Until};
use crate::actions::steer_proposal::{self, Steer};
use crate::actions::view_proposal;
use crate::http::address::Named;
use crate::storage::members;
use crate::web::deeds::{ClassSize, DeedForm, DeedKind, DeedPage, OpenForm, OpenPage, parse_utc};
use crate::web::form::Problems;
use crate::web::layout::{Done, Section};
use crate::web::visit::{Answer, Failure, Posted, Visit, go, refusal};

pub async fn opening(visit: Visit, Named(key): Named<String>) -> Answer {
    let page = open_page(&visit, &key, OpenForm::default(), Problems::default()).await?;
    visit.show(Section::Proposals, &page)
}

pub async fn open(Named(key): Named<String>, Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let form = OpenForm::read(&fields);
    let until = match form.when.as_str() {
        "later" => parse_utc(&form.closes).map(Until::Time),
        _ => Some(Until::Shortest),
    };
    let opened = match until {
        Some(until) => open_proposal::open(&visit.app, person, &key, None, until, visit.now).await,
        None => Err(no_time()),
    };
    match opened {
        Ok(_) => go(&cards::url(&key), Some(Done::VoteOpened)),
        Err(error) => {
            let page = open_page(&visit, &key, form, refusal(error, &[])?).await?;
            visit.mend(Section::Proposals, &page)
        }
    }
}

fn no_time() -> ActionError {
    Refusal::new("closes", "refused-closes-time").about("closes").into()
}

async fn open_page(visit: &Visit, key: &str, form: OpenForm, problems: Problems) -> Result<OpenPage, Failure> {
    let person = visit.logged_in()?;
    let standing = visit.standing()?;
    let charter = &standing.epoch().charter;
    let mut conn = visit.conn().await?;
    let row = own_draft(&mut conn, &visit.app, person, key, visit.now).await?;
    let question = row.question().map_err(ActionError::from)?;
    let kind = charter.decision_type(&question.decision_type).ok_or(ActionError::NotFound("missing-decision-type"))?;
    let opens = visit.now.plus(charter.closing.opening_seconds);
    let members = members::in_force(&mut conn, opens).await?;
    let size = |class: &folkmoot_governance::charter::Class| ClassSize {
        name: class.name.clone(),
        members: cards::small(members.get(&class.id).copied().unwrap_or_default()),
    };
    Ok(OpenPage {
        title: question.name.clone(),
        url: cards::url(key),
        action: format!("{}/open", cards::url(key)),
        type_name: kind.name.clone(),
        article: kind.article.clone(),
        version: row.version,
        minimum_seconds: kind.minimum_seconds,
        opens,
        earliest: opens.plus(kind.minimum_seconds),
        electorate: charter.classes.iter().map(size).collect(),
        form,
        problems,
    })
}

pub async fn extending(visit: Visit, Named(key): Named<String>) -> Answer {
    ask(&visit, &key, DeedKind::Extend).await
}

pub async fn challenging(visit: Visit, Named(key): Named<String>) -> Answer {
    ask(&visit, &key, DeedKind::Challenge).await
}

pub async fn withdrawing(visit: Visit, Named(key): Named<String>) -> Answer {
    ask(&visit, &key, DeedKind::Withdraw).await
}

pub async fn extend(Named(key): Named<String>, Posted { visit, fields }: Posted) -> Answer {
    let form = DeedForm::read(&fields);
    let steer = parse_utc(&form.closes).map(|closes| Steer::Extend { closes });
    steer_it(&visit, &key, DeedKind::Extend, form, steer.ok_or_else(no_time)).await
}

pub async fn challenge(Named(key): Named<String>, Posted { visit, fields }: Posted) -> Answer {
    let form = DeedForm::read(&fields);
    let wished = form.voter.parse::<MemberId>().ok();
    steer_it(&visit, &key, DeedKind::Challenge, form, Ok(Steer::Challenge { wished })).await
}

pub async fn withdraw(Named(key): Named<String>, Posted { visit, fields }: Posted) -> Answer {
    steer_it(&visit, &key, DeedKind::Withdraw, DeedForm::read(&fields), Ok(Steer::Withdraw)).await
}

async fn ask(visit: &Visit, key: &str, kind: DeedKind) -> Answer {
    let page = deed_page(visit, key, kind, DeedForm::default(), Problems::default()).await?;
    visit.show(Section::Proposals, &page)
}

async fn steer_it(
    visit: &Visit,
    key: &str,
    kind: DeedKind,
    form: DeedForm,
    steer: Result<Steer, ActionError>,
) -> Answer {
    let person = visit.logged_in()?;
    let steered = match steer {
        Ok(steer) => steer_proposal::steer(&visit.app, person, key, steer, &form.reason, visit.now).await,
        Err(error) => Err(error),
    };
    let done = match kind {
        DeedKind::Extend => Done::VoteExtended,
        DeedKind::Challenge => Done::CallChallenged,
        DeedKind::Withdraw => Done::ProposalWithdrawn,
    };
    match steered {
        Ok(()) => go(&cards::url(key), Some(done)),
        Err(error) => {
            let page = deed_page(visit, key, kind, form, refusal(error, &[("as", "voter")])?).await?;
            visit.mend(Section::Proposals, &page)
        }
    }
}

async fn deed_page(
    visit: &Visit,
    key: &str,
    kind: DeedKind,
    form: DeedForm,
    problems: Problems,
) -> Result<DeedPage, Failure> {
    let person = visit.logged_in()?;
    let mut conn = visit.conn().await?;
    let line = view_proposal::find(&mut conn, visit.standing()?, key, visit.now).await?;
    let closes: Time = line.row.closes.ok_or(ActionError::NotFound("missing-vote-of-proposal"))?;
    let voters = match kind {
        DeedKind::Challenge => draft::acting(&mut conn, visit, person).await?,
        DeedKind::Extend | DeedKind::Withdraw => Vec::new(),
    };
    let url = cards::url(key);
    let action = match kind {
        DeedKind::Extend => format!("{url}/extend"),
        DeedKind::Challenge => format!("{url}/challenge"),
        DeedKind::Withdraw => format!("{url}/withdraw"),
    };
    Ok(DeedPage { kind, title: line.row.title, url, action, closes, voters, form, problems })
}
