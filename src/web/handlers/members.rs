//! The roll, and one member.

use folkmoot_governance::charter::{Charter, ClassKind};
use folkmoot_governance::id::{MemberId, Time};
use folkmoot_governance::statement::{Basis, Body};

use super::names::{self, Names};
use crate::actions::error::{ActionError, Result};
use crate::actions::standing::Standing as Consortium;
use crate::actions::{journals, view_members};
use crate::http::address::{Asked, Named};
use crate::storage::members::{MandateRow, MemberRow as Row, Part};
use crate::storage::{Conn, members as stored, roll_entries};
use crate::web::layout::Section;
use crate::web::members::{
    ClassRoll, HistoryKind, HistoryLine, MandateLine, MemberPage, MemberRow, MembersPage, Standing,
};
use crate::web::turns::{Turned, Turns};
use crate::web::visit::{Answer, Visit};

pub async fn list(visit: Visit, Asked(turned): Asked<Turned>) -> Answer {
    let standing = visit.standing()?;
    let charter = &standing.epoch().charter;
    visit.must_read(charter.visibility)?;
    let mut conn = visit.conn().await?;
    let counts = stored::in_force(&mut conn, visit.now).await?;
    let mut classes = Vec::new();
    for class in &charter.classes {
        let organisations = class.kind == ClassKind::Organisation;
        let wanted = turned.wanted(&class.id)?;
        let page = stored::by_name(&mut conn, Part::Class(&class.id), &wanted).await?;
        let mut members = Vec::new();
        for row in &page.rows {
            members.push(member_row(&mut conn, &visit, standing, row).await?);
        }
        classes.push(ClassRoll {
            id: class.id.clone(),
            name: class.name.clone(),
            strength: class.strength.clone(),
            organisations,
            members,
            count: counts.get(&class.id).copied().unwrap_or_default(),
            turns: Turns::in_order(&page, &format!("/members?list={}#{}", class.id, class.id)),
        });
    }
    visit.show(Section::Members, &MembersPage { classes, total: counts.values().sum() })
}

/// A member in a list.
pub async fn member_row(conn: &mut Conn, visit: &Visit, standing: &Consortium, row: &Row) -> Result<MemberRow> {
    let charter = &standing.epoch().charter;
    let mut mandates = Vec::new();
    if charter.class(&row.class).is_some_and(|class| class.kind == ClassKind::Organisation) {
        let held = stored::mandates_of(conn, &row.member).await?;
        let names = holders(conn, &held).await?;
        mandates.extend(held.iter().filter(|mandate| mandate.until.is_none()).map(|mandate| holder(mandate, &names)));
    }
    Ok(MemberRow {
        member: row.member.to_string(),
        name: row.name.clone(),
        url: format!("/members/{}", row.member),
        sponsor: names::party(standing, &row.sponsor),
        status: status(row, visit.now),
        since: row.since,
        level: names::level(charter, &row.class, &row.level),
        mandates,
    })
}

/// The names of those who hold mandates.
pub async fn holders(conn: &mut Conn, mandates: &[MandateRow]) -> Result<Names> {
    Names::load(conn, &mandates.iter().map(|mandate| &mandate.holder).collect::<Vec<_>>()).await
}

fn holder(mandate: &MandateRow, names: &Names) -> String {
    if mandate.name.is_empty() { names.member(&mandate.holder) } else { mandate.name.clone() }
}

fn status(row: &Row, now: Time) -> Standing {
    match view_members::status(row, now) {
        _ if row.since > now => Standing::Coming,
        "suspended" => Standing::Suspended,
        "withdrawn" => Standing::Withdrawn,
        "lapsed" => Standing::Lapsed,
        _ => Standing::InForce,
    }
}

pub async fn show(visit: Visit, Named(id): Named<String>) -> Answer {
    let standing = visit.standing()?;
    let charter = &standing.epoch().charter;
    let member: MemberId = id.parse().map_err(|_| ActionError::NotFound("missing-member"))?;
    // Everybody reads of oneself, former members too.
    if visit.person().is_none_or(|person| person.person != member) {
        visit.must_read(charter.visibility)?;
    }
    let mut conn = visit.conn().await?;
    let view = view_members::load(&mut conn, &member).await?;
    let names = holders(&mut conn, &view.mandates).await?;
    let entry = roll_entries::latest(&mut conn, &member).await?;
    let entry = entry.ok_or(ActionError::NotFound("missing-roll-entry"))?;
    let row = &view.row;
    let page = MemberPage {
        member: row.member.to_string(),
        name: row.name.clone(),
        class_name: names::class(charter, &row.class),
        organisation: charter.class(&row.class).is_some_and(|class| class.kind == ClassKind::Organisation),
        sponsor: names::party(standing, &row.sponsor),
        level: names::level(charter, &row.class, &row.level),
        custody: row.custody,
        status: status(row, visit.now),
        since: row.since,
        history: history(&mut conn, &visit, row, charter).await?,
        mandates: view.mandates.iter().map(|mandate| mandate_line(mandate, &names)).collect(),
        entry,
    };
    visit.show(Section::Members, &page)
}

pub fn mandate_line(mandate: &MandateRow, names: &Names) -> MandateLine {
    MandateLine {
        holder: mandate.holder.to_string(),
        name: holder(mandate, names),
        since: mandate.since,
        until: mandate.until,
    }
}

/// By what right a member joined.
async fn basis(conn: &mut Conn, member: &MemberId) -> Result<Option<Basis>> {
    let Some(entry) = roll_entries::joining(conn, member).await? else { return Ok(None) };
    match journals::by_digest(conn, entry).await?.statement.body {
        Body::RollEntry(entry) => Ok(Some(entry.basis)),
        _ => Ok(None),
    }
}

async fn history(conn: &mut Conn, visit: &Visit, row: &Row, charter: &Charter) -> Result<Vec<HistoryLine>> {
    let mut lines = Vec::new();
    let mut admitted = (HistoryKind::Admitted, None);
    match basis(conn, &row.member).await? {
        Some(Basis::Founding) => admitted.0 = HistoryKind::Founded,
        Some(Basis::Decision(decision)) => {
            admitted.1 = super::decisions::links(conn, visit, &[decision]).await?.pop();
        }
        Some(Basis::Application(application)) => {
            if let Ok(signed) = journals::by_digest(conn, application).await
                && let Body::Application(asked) = signed.statement.body
            {
                let (at, detail) = (signed.statement.published, asked.request);
                lines.push(HistoryLine { kind: HistoryKind::Requested, at, detail, link: None });
            }
        }
        None => {}
    }
    let mut ended = false;
    for (position, (at, told)) in row.history.iter().enumerate() {
        let (kind, detail) = match told.split_once(": ") {
            Some(("suspended", reason)) => (HistoryKind::Suspended, reason.to_owned()),
            Some(("withdrawn", reason)) => (HistoryKind::Withdrawn, reason.to_owned()),
            Some(("lapsed", reason)) => (HistoryKind::Lapsed, reason.to_owned()),
            _ if position == 0 => (admitted.0, String::new()),
            _ if ended => (HistoryKind::Reinstated, String::new()),
            _ => (HistoryKind::Changed, names::level(charter, &row.class, &row.level)),
        };
        ended = matches!(kind, HistoryKind::Suspended | HistoryKind::Withdrawn | HistoryKind::Lapsed);
        let link = if position == 0 { admitted.1.take() } else { None };
        lines.push(HistoryLine { kind, at: *at, detail, link });
    }
    Ok(lines)
}
