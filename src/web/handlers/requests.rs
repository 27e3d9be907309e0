//! Requests to join, for stewards: endorsing, refusing, objecting.

use axum::extract::Path;
use folkmoot_governance::charter::ClassKind;
use folkmoot_governance::id::Digest;

use super::names;
use crate::actions::error::ActionError;
use crate::actions::{join, view_applications};
use crate::storage::requests::{self, RequestRow};
use crate::web::form::Problems;
use crate::web::layout::{Done, Section};
use crate::web::stewards::{ApplicationLine, ObjectionLine, RequestLine, RequestState, RequestsPage};
use crate::web::visit::{Answer, Failure, Posted, Visit, go, refusal};

pub async fn show(visit: Visit) -> Answer {
    let page = load(&visit).await?;
    visit.show(Section::Stewards, &page)
}

async fn load(visit: &Visit) -> Result<RequestsPage, Failure> {
    visit.steward()?;
    let standing = visit.standing()?;
    let charter = &standing.epoch().charter;
    let mut conn = visit.conn().await?;
    let line = |row: RequestRow| RequestLine {
        class_name: names::class(charter, &row.class),
        level: names::level(charter, &row.class, &row.level),
        organisation: charter.class(&row.class).is_some_and(|class| class.kind == ClassKind::Organisation),
        state: match row.state.as_str() {
            "endorsed" => RequestState::Endorsed,
            "declined" => RequestState::Refused,
            "entered" => RequestState::Admitted,
            _ => RequestState::Waiting,
        },
        id: row.id,
        name: row.name,
        commitment: row.commitment,
        request: row.request,
        at: row.at,
        answer: row.reason.unwrap_or_default(),
    };
    let requests = requests::all(&mut conn).await?.into_iter().map(line).collect();
    let mut applications = Vec::new();
    for open in view_applications::open(&mut conn, standing, visit.now).await? {
        let objections = open.objections.into_iter();
        applications.push(ApplicationLine {
            digest: open.digest,
            name: open.application.name,
            sponsor: names::party(standing, &open.sponsor),
            class_name: names::class(charter, &open.application.class),
            request: open.application.request,
            commitment: open.application.commitment,
            until: open.until,
            objections: objections
                .map(|(node, reason)| ObjectionLine { by: names::party(standing, &node), reason })
                .collect(),
            can_object: true,
        });
    }
    Ok(RequestsPage { requests, applications, problems: Problems::default() })
}

async fn mend(visit: &Visit, error: ActionError) -> Answer {
    let problems = refusal(error, &[])?;
    let page = RequestsPage { problems, ..load(visit).await? };
    visit.mend(Section::Stewards, &page)
}

pub async fn endorse(Path(id): Path<String>, Posted { visit, .. }: Posted) -> Answer {
    match join::endorse(&visit.app, visit.logged_in()?, &id, visit.now).await {
        Ok(_) => go("/stewards/requests", Some(Done::RequestEndorsed)),
        Err(error) => mend(&visit, error).await,
    }
}

pub async fn refuse(Path(id): Path<String>, Posted { visit, fields }: Posted) -> Answer {
    match join::decline(&visit.app, visit.logged_in()?, &id, &fields.text("reason")).await {
        Ok(()) => go("/stewards/requests", Some(Done::RequestRefused)),
        Err(error) => mend(&visit, error).await,
    }
}

pub async fn object(Path(digest): Path<String>, Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let application: Digest = digest.parse().map_err(|_| ActionError::NotFound("This application"))?;
    match join::object(&visit.app, person, application, &fields.text("reason"), visit.now).await {
        Ok(()) => go("/stewards/requests", Some(Done::ObjectionMade)),
        Err(error) => mend(&visit, error).await,
    }
}
