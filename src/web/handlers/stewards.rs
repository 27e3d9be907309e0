//! Where everything that stewards do begins, and notices to all parties.

use super::{cards, consortium, invitation};
use crate::actions::error::ActionError;
use crate::actions::{notices, view_applications, view_node};
use crate::storage::{consortium as stored, members, requests};
use crate::web::form::Problems;
use crate::web::layout::{Done, Section};
use crate::web::stewards::{InvitationLine, NodeStatus, NoticeForm, NoticePage, StewardsPage};
use crate::web::visit::{Answer, Failure, Posted, Visit, go, refusal};

pub async fn show(visit: Visit) -> Answer {
    visit.steward()?;
    let mut conn = visit.conn().await?;
    let waiting = requests::count_waiting(&mut conn).await?;
    let in_force = members::in_force_of(&mut conn, &visit.app.node, visit.now).await?;
    let node = view_node::load(&mut conn, &visit.app).await?;
    let (mut objections_open, mut peers, mut invitations) = (0, Vec::new(), Vec::new());
    match visit.known_standing.as_deref() {
        Some(standing) => {
            objections_open = view_applications::count(&mut conn, standing, visit.now).await?;
            peers = consortium::parties(&mut conn, &visit, standing).await?;
        }
        None => {
            invitations = stored::invitations(&mut conn).await?;
        }
    }
    let line = |row: stored::ConsortiumRow| {
        let (from, url) = (invitation::from(&row)?, invitation::url(row.id));
        Ok(InvitationLine { name: row.name, from, url })
    };
    let invitations = invitations.into_iter().map(line).collect::<Result<_, ActionError>>()?;
    let journal = node.journal.as_ref();
    let page = StewardsPage {
        requests: cards::small(waiting),
        objections_open: cards::small(objections_open),
        members: cards::small(in_force),
        invitations,
        node: NodeStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            address: visit.app.node.base().to_owned(),
            handle: consortium::handle(&visit),
            journal: journal.map_or_else(|| "–".to_owned(), |journal| journal.id.to_string()),
            size: journal.map_or(0, |journal| journal.size),
            certified: journal.map_or(0, |journal| journal.certified_size),
            peers,
        },
    };
    visit.show(Section::Stewards, &page)
}

pub async fn notice(visit: Visit) -> Answer {
    let page = notice_page(&visit, NoticeForm::default(), Problems::default())?;
    visit.show(Section::Stewards, &page)
}

fn notice_page(visit: &Visit, form: NoticeForm, problems: Problems) -> Result<NoticePage, Failure> {
    visit.steward()?;
    let parties = visit.standing()?.peers(&visit.app.node).len();
    Ok(NoticePage { form, parties, problems })
}

pub async fn send_notice(Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let form = NoticeForm::read(&fields);
    match notices::publish(&visit.app, person, &form.subject, &form.text, visit.now).await {
        Ok(()) => go("/consortium", Some(Done::NoticeSent)),
        Err(error) => {
            let page = notice_page(&visit, form, refusal(error, &[])?)?;
            visit.mend(Section::Stewards, &page)
        }
    }
}
