//! Writing a proposal: a new draft, or a new version of one.

use std::collections::BTreeSet;

use folkmoot_governance::charter::{Charter, DecisionType, Setting};
use folkmoot_governance::id::{Digest, MemberId, Time};
use folkmoot_governance::statement::{Application, Body, Effect, EffectKind, Method, Question, Signer, Visibility};
use serde::Deserialize;

use super::charter::place;
use super::names::Names;
use super::{cards, effects};
use crate::actions::draft_proposal::{self, Draft, own_draft};
use crate::actions::error::{self, ActionError, Refusal};
use crate::actions::standing::Standing;
use crate::actions::{Person, decide, journals, view_decision, view_members};
use crate::http::address::{Asked, Named};
use crate::storage::Conn;
use crate::web::draft::{Amendment, DraftForm, DraftPage};
use crate::web::form::{Choice, Problems};
use crate::web::layout::{Done, Section};
use crate::web::proposal::Link;
use crate::web::render::share_name;
use crate::web::visit::{Answer, Failure, Posted, Visit, go, refusal};
use crate::words::setting::{read, told};
use crate::words::{Message, Texts};

/// Action fields that are called otherwise in the form.
const FIELDS: &[(&str, &str)] = &[("as", "proposer"), ("effects", "amend_value")];

/// The latest decisions that can be ticked as replaced; earlier ones are typed by their numbers, at most so many.
const DECISIONS_MOST: usize = 10;
const OTHERS_MOST: usize = 20;

#[derive(Deserialize)]
pub struct Wanted {
    /// The place of the charter that it shall change.
    #[serde(default)]
    amend: String,
    /// Digest of the application that it shall decide on.
    #[serde(default)]
    admit: String,
}

pub async fn new(visit: Visit, Asked(wanted): Asked<Wanted>) -> Answer {
    let charter = &visit.standing()?.epoch().charter;
    let mut form = DraftForm {
        method: "consent".into(),
        visibility: visibility_name(charter.visibility).into(),
        ..DraftForm::default()
    };
    if !wanted.amend.is_empty() {
        form.amend_value =
            setting(visit.texts(), charter, &wanted.amend).map(|setting| setting.current).unwrap_or_default();
    } else if !wanted.admit.is_empty() {
        let (effect, request) = admission(&visit, &wanted.admit).await?;
        form.effects = serde_json::to_string(&[effect]).map_err(ActionError::corrupt("effect"))?;
        form.text = request;
    }
    form.decision_type = usual_type(charter, &kinds(&wanted.amend, &carried(&form)));
    let page = page(&visit, None, &wanted.amend, form, Problems::default()).await?;
    visit.show(Section::Proposals, &page)
}

pub async fn create(Asked(wanted): Asked<Wanted>, Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let form = DraftForm::read(&fields);
    let standing = visit.standing()?;
    let mut missing = form.problems(&standing.epoch().charter);
    let others = others(&visit, &form, &mut missing).await?;
    if !missing.is_empty() {
        let page = page(&visit, None, &wanted.amend, form, missing).await?;
        return visit.mend(Section::Proposals, &page);
    }
    let drafted = match draft(visit.texts(), standing, &form, &wanted.amend, others) {
        Ok(draft) => draft_proposal::draft(&visit.app, person, draft, visit.now).await,
        Err(error) => Err(error),
    };
    match drafted {
        Ok(drafted) => go(&cards::url(&drafted.key), Some(Done::DraftSaved)),
        Err(error) => {
            let page = page(&visit, None, &wanted.amend, form, refusal(error, FIELDS)?).await?;
            visit.mend(Section::Proposals, &page)
        }
    }
}

pub async fn edit(visit: Visit, Named(key): Named<String>) -> Answer {
    let (link, question) = editable(&visit, &key).await?;
    let page = page(&visit, Some(link), "", filled(&question), Problems::default()).await?;
    visit.show(Section::Proposals, &page)
}

pub async fn revise(Named(key): Named<String>, Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let form = DraftForm::read(&fields);
    let standing = visit.standing()?;
    let mut missing = form.problems(&standing.epoch().charter);
    let others = others(&visit, &form, &mut missing).await?;
    let (link, _) = editable(&visit, &key).await?;
    if !missing.is_empty() {
        let page = page(&visit, Some(link), "", form, missing).await?;
        return visit.mend(Section::Proposals, &page);
    }
    let revised = match draft(visit.texts(), standing, &form, "", others) {
        Ok(draft) => draft_proposal::revise(&visit.app, person, &key, draft, visit.now).await,
        Err(error) => Err(error),
    };
    match revised {
        Ok(drafted) => go(&cards::url(&drafted.key), Some(Done::DraftSaved)),
        Err(error) => {
            let page = page(&visit, Some(link), "", form, refusal(error, FIELDS)?).await?;
            visit.mend(Section::Proposals, &page)
        }
    }
}

async fn editable(visit: &Visit, key: &str) -> Result<(Link, Question), Failure> {
    let person = visit.logged_in()?;
    let mut conn = visit.conn().await?;
    let row = own_draft(&mut conn, &visit.app, person, key, visit.now).await?;
    let question = row.question().map_err(ActionError::from)?;
    Ok((Link { name: row.title, url: cards::url(key) }, question))
}

/// The fields of a version that is there already.
fn filled(question: &Question) -> DraftForm {
    let method = match question.method {
        Method::Consent => "consent",
        Method::SingleChoice => "single-choice",
        Method::Approval => "approval",
    };
    let options = if question.method == Method::Consent { String::new() } else { question.options.join("\n") };
    let effects = if question.effects.is_empty() { None } else { serde_json::to_string(&question.effects).ok() };
    DraftForm {
        title: question.name.clone(),
        text: question.source.clone(),
        decision_type: question.decision_type.clone(),
        method: method.into(),
        options,
        reason: question.reason.clone(),
        proposer: question.proposer.to_string(),
        visibility: visibility_name(question.visibility).into(),
        principles: question.principles.iter().map(u8::to_string).collect(),
        supersedes: question.supersedes.iter().map(Digest::to_string).collect(),
        supersedes_others: String::new(),
        review: question.review.map(|time| time.to_string()[..10].to_owned()).unwrap_or_default(),
        effects: effects.unwrap_or_default(),
        amend_value: String::new(),
    }
}

fn visibility_name(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Consortium => "consortium",
    }
}

/// An application that this node brought in as what a decision does, and the words of who asks.
async fn admission(visit: &Visit, application: &str) -> Result<(Effect, String), Failure> {
    let unknown = || ActionError::NotFound("missing-application");
    let application: Digest = application.parse().map_err(|_| unknown())?;
    let mut conn = visit.conn().await?;
    let signed = journals::by_digest(&mut conn, application).await?;
    match (signed.statement.signer, signed.statement.body) {
        (Signer::Node(sponsor), Body::Application(asked)) if sponsor == visit.app.node => {
            let Application { member, name, class, level, request, .. } = asked;
            Ok((Effect::AdmitMember { sponsor, member, name, class, level }, request))
        }
        _ => Err(unknown().into()),
    }
}

/// Effects that a form carries along, out of sight.
fn carried(form: &DraftForm) -> Vec<Effect> {
    serde_json::from_str(&form.effects).unwrap_or_default()
}

/// What the decision is to do by itself, by kind.
fn kinds(amend: &str, carried: &[Effect]) -> Vec<EffectKind> {
    let amends = (!amend.is_empty()).then_some(EffectKind::AmendCharter);
    carried.iter().map(Effect::kind).chain(amends).collect()
}

/// A type whose decisions may do that, and that is not urgent.
fn usual_type(charter: &Charter, effects: &[EffectKind]) -> String {
    let fits = |kind: &&DecisionType| kind.challenge.is_none() && may(kind, effects);
    charter.types.iter().find(fits).map(|kind| kind.id.clone()).unwrap_or_default()
}

fn may(kind: &DecisionType, effects: &[EffectKind]) -> bool {
    effects.iter().all(|effect| kind.effects.contains(effect))
}

/// The one value at the place `path` of the charter.
fn held(charter: &Charter, path: &str) -> Option<Setting> {
    charter.settings(path).into_iter().find_map(|(found, setting)| (found == path).then_some(setting))
}

/// The place `path` of the charter, where it holds one value that can be typed.
fn setting(texts: &Texts, charter: &Charter, path: &str) -> Option<Amendment> {
    let current = told(texts, &held(charter, path)?);
    let within = |blank: &str| path.strip_prefix(blank).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let blank = charter.provisional.iter().find(|blank| within(&blank.path));
    let why = blank.map(|blank| blank.why.clone()).unwrap_or_default();
    let long = path == "terms" || path.starts_with("articles.") || current.chars().count() > 60;
    Some(Amendment { place: place(charter, path), current, long, why })
}

/// What was typed, as the action takes it. Only what has no meaning at all is refused here.
fn draft(
    texts: &Texts,
    standing: &Standing,
    form: &DraftForm,
    amend: &str,
    others: Vec<Digest>,
) -> error::Result<Draft> {
    let refuse = |field: &'static str, key: &'static str| ActionError::from(Refusal::new("form", key).about(field));
    let mut effects: Vec<Effect> = match form.effects.as_str() {
        "" => Vec::new(),
        json => serde_json::from_str(json).map_err(|_| refuse("effects", "refused-effects"))?,
    };
    if !amend.is_empty() {
        let epoch = standing.epoch();
        let typed = form.amend_value.as_str();
        let typed = held(&epoch.charter, amend).map_or(typed.to_owned(), |current| read(texts, &current, typed));
        let amended = epoch.charter.amended(amend, &typed);
        let amended = amended.map_err(|unfit| Refusal::of_rule("amendment", &unfit).about("effects"))?;
        effects.push(Effect::AmendCharter { base: epoch.charter_digest, charter: Box::new(amended) });
    }
    let method = match form.method.as_str() {
        "single-choice" => Method::SingleChoice,
        "approval" => Method::Approval,
        _ => Method::Consent,
    };
    let review: Option<Time> = match form.review.as_str() {
        "" => None,
        day => {
            let time = format!("{day}T00:00:00Z").parse();
            Some(time.map_err(|_| refuse("review", "refused-review-day"))?)
        }
    };
    let proposing_as = match form.proposer.as_str() {
        "" => None,
        member => Some(member.parse::<MemberId>().map_err(|_| refuse("as", "refused-proposer"))?),
    };
    Ok(Draft {
        title: form.title.clone(),
        text: form.text.clone(),
        decision_type: form.decision_type.clone(),
        method,
        options: form.option_lines().map(str::to_owned).collect(),
        reason: form.reason.clone(),
        visibility: Some(if form.visibility == "consortium" { Visibility::Consortium } else { Visibility::Public }),
        principles: form.principles.iter().filter_map(|number| number.parse().ok()).collect(),
        supersedes: chosen(form).chain(others).collect::<BTreeSet<_>>().into_iter().collect(),
        review,
        effects,
        proposing_as,
    })
}

/// The earlier decisions that were ticked.
fn chosen(form: &DraftForm) -> impl Iterator<Item = Digest> {
    form.supersedes.iter().filter_map(|digest| digest.parse().ok())
}

/// The earlier decisions that were typed by their numbers.
async fn others(visit: &Visit, form: &DraftForm, problems: &mut Problems) -> Result<Vec<Digest>, Failure> {
    let mut conn = visit.conn().await?;
    let mut found = Vec::new();
    let typed = || form.supersedes_others.split([',', ' ']).filter(|number| !number.is_empty());
    if typed().nth(OTHERS_MOST).is_some() {
        problems.add("supersedes_others", Message::new("problem-supersedes-many").naming("most", OTHERS_MOST));
        return Ok(found);
    }
    for number in typed() {
        match decide::named(&mut conn, number).await {
            Ok(row) => found.push(row.proposal),
            Err(ActionError::NotFound(_) | ActionError::Refused(_)) => {
                problems.add("supersedes_others", "problem-supersedes");
                return Ok(found);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// The latest decisions that it may replace, and earlier ones that were ticked before.
async fn replaceable(conn: &mut Conn, form: &DraftForm) -> error::Result<Vec<Choice>> {
    let mut lines = view_decision::latest_passed(conn, DECISIONS_MOST).await?;
    let earlier: Vec<Digest> =
        chosen(form).filter(|digest| lines.iter().all(|line| line.row.proposal != *digest)).collect();
    lines.extend(view_decision::of_openings(conn, Visibility::Consortium, &earlier).await?);
    let choice = |line: &view_decision::Line| {
        Choice::new(line.row.proposal.to_string(), format!("{}: {}", line.number, line.proposal.title), "")
    };
    Ok(lines.iter().map(choice).collect())
}

async fn page(
    visit: &Visit,
    editing: Option<Link>,
    amend: &str,
    mut form: DraftForm,
    problems: Problems,
) -> Result<DraftPage, Failure> {
    let person = visit.logged_in()?;
    // It lists decisions, and what somebody wrote who asks to join.
    visit.must_read(Visibility::Consortium)?;
    let standing = visit.standing()?;
    let charter = &standing.epoch().charter;
    let mut conn = visit.conn().await?;
    let proposers = acting(&mut conn, visit, person).await?;
    if form.proposer.is_empty() {
        form.proposer = proposers.first().map(|choice| choice.value.clone()).unwrap_or_default();
    }
    let amendment = setting(visit.texts(), charter, amend);
    let query: String = url::form_urlencoded::byte_serialize(amend.as_bytes()).collect();
    let action = match &editing {
        Some(link) => format!("{}/edit", link.url),
        None if amendment.is_some() => format!("/proposals/new?amend={query}"),
        None => "/proposals/new".to_owned(),
    };
    let carried = carried(&form);
    let names = Names::load(&mut conn, &effects::members(&carried)).await?;
    let effects_asked = kinds(amend, &carried);
    let types = charter.types.iter().filter(|kind| may(kind, &effects_asked));
    let decisions = replaceable(&mut conn, &form).await?;
    Ok(DraftPage {
        editing,
        action,
        types: types.map(|kind| type_choice(visit.texts(), kind)).collect(),
        proposers,
        principles: charter.principles.iter().zip(1..).map(|(name, n)| Choice::new(n.to_string(), name, "")).collect(),
        decisions,
        amendment,
        effects: effects::lines(visit.texts(), &carried, charter, standing, &names),
        form,
        problems,
    })
}

fn type_choice(texts: &Texts, kind: &DecisionType) -> Choice {
    let fraction = kind.threshold.fraction.to_string();
    let hint = Message::new("draft-type-hint")
        .lasting("duration", kind.minimum_seconds)
        .naming("strict", kind.threshold.strict)
        .with("share", share_name(&fraction))
        .with("fraction", fraction);
    Choice::new(&kind.id, &kind.name, texts.tell(&hint))
}

/// Members of this node in force that the person acts for.
pub async fn acting(conn: &mut Conn, visit: &Visit, person: &Person) -> error::Result<Vec<Choice>> {
    let mut choices = Vec::new();
    for row in view_members::acting(conn, &person.person).await? {
        if row.sponsor != visit.app.node || view_members::must_be_in_force(&row, visit.now).is_err() {
            continue;
        }
        let name = if row.name.is_empty() { row.member.to_string() } else { row.name };
        let key = if row.member == person.person { "acting-self" } else { "acting-mandate" };
        choices.push(Choice::new(row.member.as_str(), visit.texts().tell(&Message::new(key).with("name", name)), ""));
    }
    Ok(choices)
}
