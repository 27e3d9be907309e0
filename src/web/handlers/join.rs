//! Asking to join.

use folkmoot_governance::charter::{Charter, ClassKind};

use crate::actions::join::{self, Asking, Request};
use crate::http::caller::Caller;
use crate::web::form::Problems;
use crate::web::join::{JoinClass, JoinForm, JoinLevel, JoinPage, JoinSentPage};
use crate::web::layout::Section;
use crate::web::visit::{Answer, Posted, Visit, refusal};

pub async fn show(visit: Visit) -> Answer {
    let page = page(&visit.standing()?.epoch().charter, JoinForm::default(), Problems::default());
    visit.show(Section::Members, &page)
}

fn page(charter: &Charter, form: JoinForm, problems: Problems) -> JoinPage {
    let classes = charter.classes.iter().map(|class| JoinClass {
        id: class.id.clone(),
        name: class.name.clone(),
        organisation: class.kind == ClassKind::Organisation,
        levels: class
            .levels
            .iter()
            .map(|level| JoinLevel {
                id: level.id.clone(),
                name: level.name.clone(),
                commitment: level.commitment.clone(),
            })
            .collect(),
    });
    JoinPage {
        classes: classes.collect(),
        terms: charter.terms.clone(),
        terms_digest: charter.terms_digest(),
        objection_seconds: charter.roll.objection_seconds,
        article: charter.article_for("roll.objection_seconds").map(|article| article.id.clone()).unwrap_or_default(),
        form,
        problems,
    }
}

pub async fn ask(Caller(address): Caller, Posted { visit, fields }: Posted) -> Answer {
    let charter = &visit.standing()?.epoch().charter;
    let form = JoinForm::read(&fields);
    let missing = form.problems(charter.terms_digest());
    let (class, level) = form.class_and_level().unwrap_or_default();
    if !missing.is_empty() {
        return visit.mend(Section::Members, &page(charter, form, missing));
    }
    let organisation = charter.class(class).is_some_and(|class| class.kind == ClassKind::Organisation);
    // What the level asks is the commitment of whoever adds no words of their own.
    let usual = charter.class(class).and_then(|class| class.levels.iter().find(|known| known.id == level));
    let commitment = match form.commitment.trim() {
        "" => usual.map(|level| level.commitment.clone()).unwrap_or_default(),
        _ => form.commitment.clone(),
    };
    let request = Request {
        name: form.name.clone(),
        class: class.to_owned(),
        level: level.to_owned(),
        terms: form.terms.parse().ok(),
        request: form.request.clone(),
        commitment,
        member: None,
        login: Some((form.login.clone(), form.password.clone())),
    };
    let steward = visit.person().is_some_and(|person| person.steward);
    let asking = if steward { Asking::Steward } else { Asking::From(address) };
    match join::ask(&visit.app, request, asking, visit.now).await {
        Ok(_) => {
            let objection_seconds = charter.roll.objection_seconds;
            visit.show(Section::Members, &JoinSentPage { name: form.name, organisation, objection_seconds })
        }
        Err(error) => {
            let problems = refusal(error, &[("class", "place"), ("level", "place")])?;
            visit.mend(Section::Members, &page(charter, form, problems))
        }
    }
}
