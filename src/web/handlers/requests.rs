//! Requests to join, for stewards: endorsing, refusing, objecting.

use folkmoot_governance::charter::{Charter, ClassKind};
use folkmoot_governance::id::Digest;
use serde::Deserialize;

use super::names::{self, Names};
use crate::actions::error::ActionError;
use crate::actions::{join, view_applications};
use crate::http::address::{Asked, Named};
use crate::storage::requests::{self, RequestRow};
use crate::storage::{Conn, entries};
use crate::web::form::Problems;
use crate::web::layout::{Done, Section};
use crate::web::stewards::{ApplicationLine, ObjectionLine, RequestFilter, RequestLine, RequestState, RequestsPage};
use crate::web::turns::{Turned, Turns};
use crate::web::visit::{Answer, Failure, Posted, Visit, go, refusal};

#[derive(Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    show: RequestFilter,
}

pub async fn show(visit: Visit, Asked(wanted): Asked<Wanted>, Asked(turned): Asked<Turned>) -> Answer {
    let page = load(&visit, wanted.show, &turned).await?;
    visit.show(Section::Stewards, &page)
}

async fn load(visit: &Visit, filter: RequestFilter, turned: &Turned) -> Result<RequestsPage, Failure> {
    visit.steward()?;
    let standing = visit.standing()?;
    let charter = &standing.epoch().charter;
    let mut conn = visit.conn().await?;
    let under_way = filter == RequestFilter::Waiting;
    let listed = requests::page(&mut conn, under_way, &turned.wanted("requests")?).await?;
    let turns = Turns::newest_first(&listed, &format!("/stewards/requests?show={}&list=requests", filter.name()));
    let on_roll = Names::load(&mut conn, &listed.rows.iter().map(|row| &row.member).collect::<Vec<_>>()).await?;
    let line = |row: RequestRow, propose_url: Option<String>| RequestLine {
        propose_url,
        class_name: names::class(charter, &row.class),
        level: names::level(charter, &row.class, &row.level),
        organisation: charter.class(&row.class).is_some_and(|class| class.kind == ClassKind::Organisation),
        state: match row.state.as_str() {
            "entered" => RequestState::Admitted,
            // An organisation is entered by a decision rather than from here.
            "endorsed" if on_roll.0.contains_key(&row.member) => RequestState::Admitted,
            "endorsed" => RequestState::Endorsed,
            "declined" => RequestState::Refused,
            _ => RequestState::Waiting,
        },
        id: row.id,
        name: row.name,
        commitment: row.commitment,
        request: row.request,
        at: row.at,
        answer: row.reason.unwrap_or_default(),
    };
    let mut requests = Vec::new();
    for row in listed.rows {
        let propose_url = propose_url(&mut conn, charter, &row).await?.filter(|_| !on_roll.0.contains_key(&row.member));
        requests.push(line(row, propose_url));
    }
    let mut applications = Vec::new();
    let wanted = turned.wanted("applications")?;
    let listed = view_applications::open(&mut conn, standing, &wanted, visit.now).await?;
    let application_turns = Turns::in_order(&listed, "/stewards/requests?list=applications#applications-title");
    for open in listed.rows {
        applications.push(ApplicationLine {
            can_object: open.sponsor != visit.app.node
                && !open.objections.iter().any(|(node, _)| *node == visit.app.node),
            digest: open.digest,
            name: open.application.name,
            sponsor: names::party(standing, &open.sponsor),
            class_name: names::class(charter, &open.application.class),
            request: open.application.request,
            commitment: open.application.commitment,
            until: open.until,
            objections: open
                .objections
                .into_iter()
                .map(|(node, reason)| ObjectionLine { by: names::party(standing, &node), reason })
                .collect(),
        });
    }
    Ok(RequestsPage { filter, requests, turns, applications, application_turns, problems: Problems::default() })
}

/// Where the proposal is drafted that an endorsed request needs; none where nobody has to decide.
async fn propose_url(conn: &mut Conn, charter: &Charter, row: &RequestRow) -> Result<Option<String>, ActionError> {
    let Some(application) = row.application.filter(|_| row.state == "endorsed") else { return Ok(None) };
    let organisation = charter.class(&row.class).is_some_and(|class| class.kind == ClassKind::Organisation);
    let decided = organisation || entries::has_about(conn, "Objection", application).await?;
    Ok(decided.then(|| format!("/proposals/new?admit={application}")))
}

async fn mend(visit: &Visit, error: ActionError) -> Answer {
    let problems = refusal(error, &[])?;
    let page = RequestsPage { problems, ..load(visit, RequestFilter::default(), &Turned::default()).await? };
    visit.mend(Section::Stewards, &page)
}

pub async fn endorse(Named(id): Named<String>, Posted { visit, .. }: Posted) -> Answer {
    match join::endorse(&visit.app, visit.logged_in()?, &id, visit.now).await {
        Ok(_) => go("/stewards/requests", Some(Done::RequestEndorsed)),
        Err(error) => mend(&visit, error).await,
    }
}

pub async fn refuse(Named(id): Named<String>, Posted { visit, fields }: Posted) -> Answer {
    match join::decline(&visit.app, visit.logged_in()?, &id, &fields.text("reason")).await {
        Ok(()) => go("/stewards/requests", Some(Done::RequestRefused)),
        Err(error) => mend(&visit, error).await,
    }
}

pub async fn object(Named(digest): Named<String>, Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let application: Digest = digest.parse().map_err(|_| ActionError::NotFound("missing-application"))?;
    match join::object(&visit.app, person, application, &fields.text("reason"), visit.now).await {
        Ok(()) => go("/stewards/requests", Some(Done::ObjectionMade)),
        Err(error) => mend(&visit, error).await,
    }
}
