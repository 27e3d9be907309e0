//! The charter in force, and how it came to be.

use folkmoot_governance::charter::{Charter, Class, DecisionType, Point, Right};

use super::consortium::charter_standing;
use super::{home, names};
use crate::actions::error::Result;
use crate::actions::journals;
use crate::actions::standing::Standing;
use crate::storage::{Conn, epochs};
use crate::web::charter::{
    ArticleView, Blank, CharterPage, CharterStanding, CharterVersion, CharterView, ClassView, LevelView, Place,
    Setting, TypeView,
};
use crate::web::layout::Section;
use crate::web::visit::{Answer, Visit};
use crate::words::Texts;
use crate::words::charter::sentences;
use crate::words::setting::told;

pub async fn show(visit: Visit) -> Answer {
    let standing = visit.standing()?;
    let mut conn = visit.conn().await?;
    let page = CharterPage {
        charter: view(visit.texts(), &standing.epoch().charter, charter_standing(standing)),
        history: history(&mut conn, &visit, standing).await?,
        can_propose: home::can_propose(&mut conn, &visit, standing).await?,
    };
    visit.show(Section::Charter, &page)
}

/// Every version, the newest first.
async fn history(conn: &mut Conn, visit: &Visit, standing: &Standing) -> Result<Vec<CharterVersion>> {
    let acceptances = journals::statements_of_kind(conn, "Charter").await?;
    let founded = acceptances.iter().map(|stored| stored.entry.statement.published).min().unwrap_or(visit.now);
    let first = &standing.epochs[0];
    let founding =
        CharterVersion { version: first.charter.version, digest: first.charter_digest, since: founded, decision: None };
    let mut versions = vec![founding];
    for row in epochs::all(conn).await? {
        let Some(epoch) = standing.epoch_number(row.number) else { continue };
        if versions.last().is_some_and(|last| last.digest == epoch.charter_digest) {
            continue;
        }
        versions.push(CharterVersion {
            version: epoch.charter.version,
            digest: epoch.charter_digest,
            since: row.since,
            decision: super::decisions::links(conn, visit, &[row.decided_by]).await?.pop(),
        });
    }
    versions.reverse();
    Ok(versions)
}

/// One version as people read it.
pub fn view(texts: &Texts, charter: &Charter, standing: CharterStanding) -> CharterView {
    // What stands in no table: head, classes and types are shown apart.
    let apart = |rule: &Point| !matches!(rule, Point::Head { .. } | Point::Class { .. } | Point::DecisionType(_));
    let rules: Vec<Point> = charter.rules().into_iter().filter(apart).collect();
    let article = |article: &folkmoot_governance::charter::Article| ArticleView {
        blank: charter
            .provisional
            .iter()
            .find(|blank| blank.path == format!("articles.{}", article.id))
            .map(|blank| blank.why.clone()),
        id: article.id.clone(),
        title: article.title.clone(),
        source: article.text.clone(),
    };
    let blank = |blank: folkmoot_governance::charter::Blank| Blank {
        article: article_of(charter, &blank.path),
        place: place(charter, &blank.path),
        settings: settings(texts, charter, &blank.path),
        why: blank.why,
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
        blanks: charter.blanks().into_iter().map(blank).collect(),
        rules: sentences(texts, &rules),
        terms: charter.terms.clone(),
        terms_digest: charter.terms_digest(),
    }
}

/// What can be put to the vote at a place or below it, one by one.
fn settings(texts: &Texts, charter: &Charter, path: &str) -> Vec<Setting> {
    let found = charter.settings(path).into_iter();
    found.map(|(path, current)| setting(charter, &path, told(texts, &current))).collect()
}

fn setting(charter: &Charter, path: &str, current: String) -> Setting {
    let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
    Setting { propose_url: format!("/proposals/new?amend={query}"), place: place(charter, path), current }
}

/// Title of the article that a place of the charter is, or that governs it.
fn article_of(charter: &Charter, path: &str) -> Option<String> {
    let own = path.strip_prefix("articles.");
    let article = own.and_then(|id| charter.articles.iter().find(|article| article.id == id));
    article.or_else(|| charter.article_for(path)).map(|article| article.title.clone())
}

/// A dotted path as a place with a name: the ids in it become the names of what they stand for.
pub fn place(charter: &Charter, path: &str) -> Place {
    let (list, below) = path.split_once('.').unwrap_or((path, ""));
    let items: Vec<(&str, &str)> = match list {
        "articles" => charter.articles.iter().map(|article| (article.id.as_str(), article.title.as_str())).collect(),
        "classes" => charter.classes.iter().map(|class| (class.id.as_str(), class.name.as_str())).collect(),
        "types" => charter.types.iter().map(|kind| (kind.id.as_str(), kind.name.as_str())).collect(),
        _ => Vec::new(),
    };
    let reached = items.into_iter().filter_map(|(id, name)| Some((below.strip_prefix(id)?, name)));
    let reached = reached.filter(|(rest, _)| rest.is_empty() || rest.starts_with('.'));
    // Of the articles "2" and "2.4" the longer id is meant.
    let (of, mut name) = match reached.min_by_key(|(rest, _)| rest.len()) {
        Some((rest, name)) => (name.to_owned(), format!("{list}{rest}")),
        None => (String::new(), path.to_owned()),
    };
    // A level has an id of its own: `classes.levels.standard.commitment`.
    if let Some((_, last)) = name.strip_prefix("classes.levels.").and_then(|level| level.rsplit_once('.')) {
        name = format!("classes.levels.{last}");
    }
    Place { name: name.replace(['.', '_'], "-"), of, path: path.to_owned() }
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

#[cfg(test)]
mod tests {
    use folkmoot_governance::charter::difference;

    use super::*;

    fn check(path: &str, name: &str, of: &str) {
        let charter = crate::charters::parse(crate::charters::OCM).expect("the preset");
        let place = place(&charter, path);
        assert_eq!((place.name.as_str(), place.of.as_str()), (name, of), "{path}");
    }

    #[test]
    fn ids_in_a_path_become_names() {
        check("tie", "tie", "");
        check("blocks.override_at_least", "blocks-override-at-least", "");
        check("types.urgent.threshold", "types-threshold", "urgent");
        check("classes.producer.levels.standard.commitment", "classes-levels-commitment", "producers");
        check("articles.2.4", "articles", "Force majeure");
        check("articles.2.4.text", "articles-text", "Force majeure");
        check("articles.nothing", "articles-nothing", "");
    }

    #[test]
    fn every_place_of_a_charter_has_words() {
        let charter = crate::charters::parse(crate::charters::OCM).expect("the preset");
        let mut bare = charter.clone();
        (bare.articles, bare.classes, bare.types, bare.provisional) = (vec![], vec![], vec![], vec![]);
        let told = difference(&bare, &charter).into_iter().map(|change| change.path);
        let below = ["name", "handle", "language", "demo", "visibility", "terms", "principles", "empty_class", "tie"];
        let single = ["blocks", "roll", "closing", "contribution", "licences"].map(|part| charter.settings(part));
        let paths = told.chain(below.map(str::to_owned)).chain(single.into_iter().flatten().map(|(path, _)| path));
        let texts = Texts::load("en");
        let mut known = 0;
        for path in paths.filter(|path| !path.starts_with("provisional") && !path.ends_with(".id")) {
            let place = place(&charter, &path);
            let list = ["articles", "classes", "types"].contains(&place.path.as_str());
            assert!(list || texts.has(&format!("place-{}", place.name)), "{path}");
            known += 1;
        }
        assert!(known > 60, "{known}");
    }
}
