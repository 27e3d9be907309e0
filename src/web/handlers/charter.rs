//! The charter in force, and how it came to be.

use folkmoot_governance::charter::{Charter, Class, DecisionType, Right};
use folkmoot_governance::id::Time;

use super::consortium::charter_standing;
use super::{home, names};
use crate::actions::error::Result;
use crate::actions::journals;
use crate::actions::standing::Standing;
use crate::storage::{Conn, epochs};
use crate::web::charter::{
    ArticleView, Blank, CharterPage, CharterStanding, CharterVersion, CharterView, ClassView, LevelView, Setting,
    TypeView,
};
use crate::web::layout::Section;
use crate::web::proposal::Link;
use crate::web::visit::{Answer, Visit};

pub async fn show(visit: Visit) -> Answer {
    let standing = visit.standing()?;
    let mut conn = visit.conn().await?;
    let page = CharterPage {
        charter: view(&standing.epoch().charter, charter_standing(standing)),
        history: history(&mut conn, standing, visit.now).await?,
        can_propose: home::can_propose(&mut conn, &visit, standing).await?,
    };
    visit.show(Section::Charter, &page)
}

/// Every version, the newest first.
async fn history(conn: &mut Conn, standing: &Standing, now: Time) -> Result<Vec<CharterVersion>> {
    let acceptances = journals::statements_of_kind(conn, "Charter").await?;
    let founded = acceptances.iter().map(|stored| stored.entry.statement.published).min().unwrap_or(now);
    let first = &standing.epochs[0];
    let founding =
        CharterVersion { version: first.charter.version, digest: first.charter_digest, since: founded, decision: None };
    let mut versions = vec![founding];
    for row in epochs::all(conn).await? {
        let Some(epoch) = standing.epoch_number(row.number) else { continue };
        if versions.last().is_some_and(|last| last.digest == epoch.charter_digest) {
            continue;
        }
        let link = super::decisions::links(conn, &[row.decided_by]).await?.pop();
        versions.push(CharterVersion {
            version: epoch.charter.version,
            digest: epoch.charter_digest,
            since: row.since,
            decision: link.map(|link| Link { name: format!("decision {}", link.name), url: link.url }),
        });
    }
    versions.reverse();
    Ok(versions)
}

/// One version as people read it.
pub fn view(charter: &Charter, standing: CharterStanding) -> CharterView {
    let blanks = charter.blanks();
    // What the explanation says beyond what stands in the tables: its head, classes, types and blanks are shown apart.
    let told = charter.explain();
    let shown = 1 + charter.classes.len() + charter.types.len();
    let rules = told.get(shown..told.len().saturating_sub(blanks.len())).unwrap_or_default().to_vec();
    let article = |article: &folkmoot_governance::charter::Article| ArticleView {
        blank: charter
            .provisional
            .iter()
            .find(|blank| blank.path == format!("articles.{}", article.id))
            .map(|blank| without_reference(&blank.why).to_owned()),
        id: article.id.clone(),
        title: article.title.clone(),
        source: article.text.clone(),
    };
    let blank = |blank: folkmoot_governance::charter::Blank| Blank {
        name: place_name(charter, &blank.path),
        settings: charter.settings(&blank.path).into_iter().map(setting).collect(),
        why: without_reference(&blank.why).to_owned(),
    };
    CharterView {
        name: charter.name.clone(),
        version: charter.version,
        standing,
        digest: charter.digest(),
        articles: charter.articles.iter().map(article).collect(),
        principles: charter.principles.clone(),
        classes: charter.classes.iter().map(class_view).collect(),
        types: charter.types.iter().map(|kind| type_view(kind, charter)).collect(),
        blanks: blanks.into_iter().map(blank).collect(),
        rules,
        terms: charter.terms.clone(),
        terms_digest: charter.terms_digest(),
    }
}

fn setting((path, current): (String, String)) -> Setting {
    let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
    Setting { propose_url: format!("/proposals/new?amend={query}"), path, current }
}

/// What a place of the charter is called: its article, where one governs it.
pub fn place_name(charter: &Charter, path: &str) -> String {
    let own = path.strip_prefix("articles.");
    let article = own.and_then(|id| charter.articles.iter().find(|article| article.id == id));
    article.or_else(|| charter.article_for(path)).map_or_else(|| path.to_owned(), |article| article.title.clone())
}

/// A reason without the number of the requirement that charter files begin it with (`R31: …`).
pub fn without_reference(why: &str) -> &str {
    let is_reference = |start: &str| {
        start.strip_prefix('R').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    match why.split_once(": ") {
        Some((start, rest)) if is_reference(start) => rest,
        _ => why,
    }
}

fn class_view(class: &Class) -> ClassView {
    let right = |right: &Right| match right {
        Right::Propose => "propose",
        Right::Vote => "vote",
        Right::Sponsor => "sponsor",
        Right::Custody => "custody",
        Right::Ledger => "ledger",
    };
    ClassView {
        name: class.name.clone(),
        strength: class.strength.clone(),
        quorum: (!class.quorum.is_zero()).then(|| class.quorum.clone()),
        rights: class.rights.iter().map(right).collect(),
        levels: class
            .levels
            .iter()
            .map(|level| LevelView { name: level.name.clone(), commitment: level.commitment.clone() })
            .collect(),
    }
}

fn type_view(kind: &DecisionType, charter: &Charter) -> TypeView {
    TypeView {
        name: kind.name.clone(),
        minimum_seconds: kind.minimum_seconds,
        threshold: kind.threshold.fraction.clone(),
        strict: kind.threshold.strict,
        article: kind.article.clone(),
        callers: kind.callers.iter().map(|class| names::class(charter, class)).collect(),
        challenge: kind.challenge.as_ref().map(|target| names::decision_type(charter, target)),
    }
}
