//! The co-op's part of the roll, and the mandates of its organisations, for stewards.

use std::collections::BTreeMap;

use folkmoot_governance::charter::ClassKind;
use folkmoot_governance::id::{MemberId, Time};
use folkmoot_governance::statement::EndStatus;

use super::members;
use crate::actions::error::{ActionError, Refusal};
use crate::actions::{amend_roll, mandates as action};
use crate::http::address::{Asked, Named};
use crate::storage::Wanted;
use crate::storage::members::{self as stored, MemberRow, Part};
use crate::web::form::{Choice, Problems};
use crate::web::layout::{Done, Section};
use crate::web::stewards::{EndForm, MandateForm, MandatesPage, Organisation, RollPage};
use crate::web::turns::{Turned, Turns};
use crate::web::visit::{Answer, Failure, Posted, Visit, go, refusal};

/// The most people of each kind who are suggested; others are typed.
const SUGGESTED_MOST: usize = 100;

pub async fn show(visit: Visit, Asked(turned): Asked<Turned>) -> Answer {
    let page = roll_page(&visit, &turned, EndForm::default(), Problems::default()).await?;
    visit.show(Section::Stewards, &page)
}

async fn roll_page(visit: &Visit, turned: &Turned, form: EndForm, problems: Problems) -> Result<RollPage, Failure> {
    visit.steward()?;
    let standing = visit.standing()?;
    let mut conn = visit.conn().await?;
    let page = stored::by_name(&mut conn, Part::Sponsor(&visit.app.node), &turned.wanted("")?).await?;
    let mut rows = Vec::new();
    for row in &page.rows {
        rows.push(members::member_row(&mut conn, visit, standing, row).await?);
    }
    Ok(RollPage { members: rows, turns: Turns::in_order(&page, "/stewards/roll"), form, problems })
}

pub async fn end(Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let form = EndForm::read(&fields);
    match end_request(&form) {
        Ok((member, status, effective)) => {
            let (app, now) = (&visit.app, visit.now);
            match amend_roll::end(app, person, member, status, effective, &form.reason, now).await {
                Ok(()) => go("/stewards/roll", Some(Done::MemberEnded)),
                Err(error) => mend_roll(&visit, form, error).await,
            }
        }
        Err(error) => mend_roll(&visit, form, error).await,
    }
}

async fn mend_roll(visit: &Visit, form: EndForm, error: ActionError) -> Answer {
    let page = roll_page(visit, &Turned::default(), form, refusal(error, &[])?).await?;
    visit.mend(Section::Stewards, &page)
}

type End = (MemberId, EndStatus, Option<Time>);

/// What was typed, as the action takes it. A day begins at midnight, UTC.
fn end_request(form: &EndForm) -> Result<End, ActionError> {
    let refuse = |field: &'static str, key: &'static str| ActionError::from(Refusal::new("form", key).about(field));
    let member = form.member.parse::<MemberId>().map_err(|_| refuse("member", "refused-member"))?;
    let status = match form.status.as_str() {
        "suspended" => EndStatus::Suspended,
        "withdrawn" => EndStatus::Withdrawn,
        "lapsed" => EndStatus::Lapsed,
        _ => return Err(refuse("status", "refused-end-status")),
    };
    let effective = match form.effective.as_str() {
        "" => None,
        day => {
            let time = format!("{day}T00:00:00Z").parse::<Time>();
            Some(time.map_err(|_| refuse("effective", "refused-end-day"))?)
        }
    };
    Ok((member, status, effective))
}

pub async fn reinstate(Named(member): Named<String>, Posted { visit, .. }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let member: MemberId = member.parse().map_err(|_| ActionError::NotFound("missing-member"))?;
    match amend_roll::reinstate(&visit.app, person, member, visit.now).await {
        Ok(()) => go("/stewards/roll", Some(Done::MemberReinstated)),
        Err(error) => mend_roll(&visit, EndForm::default(), error).await,
    }
}

pub async fn mandates(visit: Visit, Asked(turned): Asked<Turned>) -> Answer {
    let page = mandates_page(&visit, &turned, MandateForm::default(), Problems::default()).await?;
    visit.show(Section::Stewards, &page)
}

async fn mandates_page(
    visit: &Visit,
    turned: &Turned,
    form: MandateForm,
    problems: Problems,
) -> Result<MandatesPage, Failure> {
    visit.steward()?;
    let charter = &visit.standing()?.epoch().charter;
    let mut conn = visit.conn().await?;
    let of_kind = |kind: ClassKind| charter.classes.iter().filter(move |class| class.kind == kind);
    let groups: Vec<&str> = of_kind(ClassKind::Organisation).map(|class| class.id.as_str()).collect();
    let part = Part::SponsorIn(&visit.app.node, &groups);
    let page = stored::by_name(&mut conn, part, &turned.wanted("")?).await?;
    let mut organisations = Vec::new();
    for row in &page.rows {
        let held = stored::mandates_of(&mut conn, &row.member).await?;
        let names = members::holders(&mut conn, &held).await?;
        let mandates = held.iter().map(|mandate| members::mandate_line(mandate, &names)).collect();
        organisations.push(Organisation { member: row.member.to_string(), name: named(row), mandates });
    }
    let mut people = BTreeMap::new();
    let persons: Vec<&str> = of_kind(ClassKind::Person).map(|class| class.id.as_str()).collect();
    let part = Part::SponsorIn(&visit.app.node, &persons);
    for row in stored::by_name(&mut conn, part, &Wanted::first(SUGGESTED_MOST)).await?.rows {
        people.insert(row.member.to_string(), named(&row));
    }
    // People with an account here may act for an organisation without being members themselves.
    for account in crate::storage::accounts::after(&mut conn, "", SUGGESTED_MOST).await? {
        let name = if account.name.is_empty() { account.login } else { account.name };
        people.entry(account.person.to_string()).or_insert(name);
    }
    let people = people.into_iter().map(|(member, name)| Choice::new(member, name, "")).collect();
    let turns = Turns::in_order(&page, "/stewards/mandates");
    Ok(MandatesPage { organisations, turns, people, form, problems })
}

fn named(row: &MemberRow) -> String {
    if row.name.is_empty() { row.member.to_string() } else { row.name.clone() }
}

pub async fn give_mandate(Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let form = MandateForm::read(&fields);
    let typed = (form.organisation.parse::<MemberId>(), form.holder.parse::<MemberId>());
    let given = match typed {
        (Ok(organisation), Ok(holder)) => {
            action::grant(&visit.app, person, organisation, holder, form.name.clone(), None, visit.now).await
        }
        (Err(_), _) => Err(Refusal::new("form", "refused-mandate-organisation").about("organisation").into()),
        (_, Err(_)) => Err(Refusal::new("form", "refused-mandate-holder").about("holder").into()),
    };
    match given {
        Ok(()) => go("/stewards/mandates", Some(Done::MandateGiven)),
        Err(error) => mend_mandates(&visit, form, error).await,
    }
}

async fn mend_mandates(visit: &Visit, form: MandateForm, error: ActionError) -> Answer {
    let page = mandates_page(visit, &Turned::default(), form, refusal(error, &[])?).await?;
    visit.mend(Section::Stewards, &page)
}

pub async fn end_mandate(
    Named((organisation, holder)): Named<(String, String)>,
    Posted { visit, .. }: Posted,
) -> Answer {
    let person = visit.logged_in()?;
    let unknown = || ActionError::NotFound("missing-mandate");
    let organisation: MemberId = organisation.parse().map_err(|_| unknown())?;
    let holder: MemberId = holder.parse().map_err(|_| unknown())?;
    match action::revoke(&visit.app, person, organisation, holder, visit.now).await {
        Ok(()) => go("/stewards/mandates", Some(Done::MandateEnded)),
        Err(error) => mend_mandates(&visit, MandateForm::default(), error).await,
    }
}
