//! Sample data of the pages on which people write, and of the charter.

use folkmoot_governance::fraction::Fraction;

use super::{digest, time};
use crate::web::charter::{
    ArticleView, Blank, CharterStanding, CharterVersion, CharterView, ClassView, LevelView, Place, Setting, TypeView,
};
use crate::web::deeds::{ClassSize, DeedForm, DeedKind, DeedPage, OpenForm, OpenPage};
use crate::web::draft::{Amendment, DraftForm, DraftPage};
use crate::web::form::{Choice, Problems};
use crate::web::proposal::Link;

const TITLE: &str = "A common fair-use policy for large meetings";

pub fn draft() -> DraftPage {
    DraftPage {
        editing: None,
        action: "/proposals/new".into(),
        form: DraftForm {
            title: TITLE.into(),
            text: "Meetings of more than eighty people are announced a week before.".into(),
            decision_type: "regular".into(),
            method: "consent".into(),
            proposer: "femprocomuns".into(),
            visibility: "public".into(),
            ..DraftForm::default()
        },
        types: vec![
            Choice::new("urgent", "Urgent decision", "At least 3 days; more than half has to agree."),
            Choice::new("regular", "Regular decision", "At least 7 days; more than half has to agree."),
            Choice::new("constitutional", "Constitutional decision", "At least 7 days; two thirds have to agree."),
        ],
        proposers: vec![
            Choice::new("monica", "Mònica Garriga, as yourself", ""),
            Choice::new("femprocomuns", "femProcomuns, by mandate", ""),
        ],
        principles: principles().iter().zip(1..).map(|(name, n)| Choice::new(format!("{n}"), name, "")).collect(),
        decisions: vec![Choice::new("2", "Decision 2: Agree on 500 € or 20 hours for the first year", "")],
        amendment: None,
        effects: vec![],
        problems: Problems::default(),
    }
}

pub fn amendment() -> DraftPage {
    let amendment = Amendment {
        place: place("types-threshold", "constitutional", "types.constitutional.threshold"),
        current: "at least 2/3".into(),
        long: false,
        why: "It names no majority for changing the agreement itself.".into(),
    };
    DraftPage { amendment: Some(amendment), ..draft() }
}

pub fn place(name: &str, of: &str, path: &str) -> Place {
    Place { name: name.into(), of: of.into(), path: path.into() }
}

fn setting(place: Place, current: &str) -> Setting {
    let propose_url = format!("/proposals/new?amend={}", place.path);
    Setting { place, current: current.into(), propose_url }
}

pub fn open() -> OpenPage {
    let class = |name: &str, members| ClassSize { name: name.into(), members };
    OpenPage {
        title: TITLE.into(),
        url: "/proposals/77aa01b2c3d4e5f6".into(),
        action: "/proposals/77aa01b2c3d4e5f6/open".into(),
        type_name: "Regular decision".into(),
        article: "3".into(),
        version: 2,
        minimum_seconds: 604_800,
        opens: time("2026-11-23T20:30:00Z"),
        earliest: time("2026-11-30T20:30:00Z"),
        electorate: vec![class("Producers", 12), class("Consumer organisations", 8), class("Consumer individuals", 20)],
        form: OpenForm::default(),
        problems: Problems::default(),
    }
}

pub fn deed(kind: DeedKind) -> DeedPage {
    DeedPage {
        kind,
        title: TITLE.into(),
        url: "/proposals/77aa01b2c3d4e5f6".into(),
        action: "/proposals/77aa01b2c3d4e5f6/deed".into(),
        closes: time("2026-11-26T17:00:00Z"),
        voters: vec![Choice::new("koumbit", "Koumbit, by mandate", "")],
        form: DeedForm::default(),
        problems: Problems::default(),
    }
}

fn principles() -> [String; 7] {
    [
        "Voluntary and Open Membership",
        "Democratic Member Control",
        "Member Economic Participation",
        "Autonomy and Independence",
        "Education, Training, and Information",
        "Cooperation among Cooperatives",
        "Concern for Community",
    ]
    .map(str::to_owned)
}

fn article(id: &str, title: &str, source: &str, blank: Option<&str>) -> ArticleView {
    ArticleView { id: id.into(), title: title.into(), source: source.into(), blank: blank.map(str::to_owned) }
}

fn class(name: &str, strength: (i64, i64), rights: &[&'static str], levels: &[(&str, &str)]) -> ClassView {
    let level =
        |(name, commitment): &(&str, &str)| LevelView { name: (*name).into(), commitment: (*commitment).into() };
    ClassView {
        name: name.into(),
        strength: Fraction::new(strength.0, strength.1),
        quorum: None,
        rights: rights.to_vec(),
        levels: levels.iter().map(level).collect(),
    }
}

fn types() -> Vec<TypeView> {
    let kind = |name: &str, days: i64, threshold, strict| TypeView {
        name: name.into(),
        minimum_seconds: days * 86_400,
        threshold,
        strict,
        article: "3".into(),
        callers: vec![],
        challenge: None,
    };
    let urgent = TypeView {
        callers: vec!["Producers".into()],
        challenge: Some("Regular decision".into()),
        ..kind("Urgent decision", 3, Fraction::new(1, 2), true)
    };
    vec![
        urgent,
        kind("Regular decision", 7, Fraction::new(1, 2), true),
        kind("Constitutional decision", 7, Fraction::new(2, 3), false),
    ]
}

pub fn charter() -> CharterView {
    CharterView {
        name: "The Online Meeting Cooperative".into(),
        version: 1,
        standing: CharterStanding::Ratified,
        digest: digest("charter"),
        articles: vec![
            article(
                "2.1",
                "Accession",
                "A new party asks in writing, agrees to the terms and commits to a contribution.",
                None,
            ),
            article("2.3", "Rights and obligations per membership class", "", Some("")),
            article(
                "3",
                "Decision making procedures",
                "The collective seeks to balance agile decisions, based on rough consensus, with a long-term movement: \
                 *we go slow, as we want to reach far*.",
                None,
            ),
            article("6", "Conflict resolution", "", Some("Only the title stands in the founding document.")),
        ],
        principles: principles().to_vec(),
        classes: vec![
            class(
                "Producers",
                (2, 5),
                &["propose", "vote", "sponsor", "custody", "ledger"],
                &[("Producer", "At least 40 hours a year.")],
            ),
            class(
                "Consumer organisations",
                (7, 20),
                &["propose", "vote", "ledger"],
                &[("Member", "20 to 40 hours or 500 to 1000 €.")],
            ),
            class(
                "Consumer individuals",
                (1, 4),
                &["propose", "vote"],
                &[("Friend", "What each can, from 20 € a year.")],
            ),
        ],
        types: types(),
        blanks: vec![
            Blank {
                article: Some("Constitutional decisions".into()),
                place: place("types", "constitutional", "types.constitutional"),
                why: "The founding document names no majority for changing the agreement itself.".into(),
                settings: vec![
                    setting(
                        place("types-threshold", "constitutional", "types.constitutional.threshold"),
                        "at least 2/3",
                    ),
                    setting(
                        place("types-minimum-seconds", "constitutional", "types.constitutional.minimum_seconds"),
                        "7 days",
                    ),
                ],
            },
            Blank {
                article: Some("Conflict resolution".into()),
                place: place("articles", "Conflict resolution", "articles.6"),
                why: "Only the title stands in the founding document.".into(),
                settings: vec![setting(place("articles", "Conflict resolution", "articles.6"), "")],
            },
        ],
        rules: vec![
            "A block stops a proposal unless at least three quarters of the weighted vote agree.".into(),
            "A tie does not pass.".into(),
        ],
        terms:
            "1. You share the costs as your level says.\n2. You keep what you learn about other members to yourself."
                .into(),
        terms_digest: digest("terms"),
    }
}

pub fn charter_history() -> Vec<CharterVersion> {
    let decision = Link { name: "7".into(), url: "/decisions/7".into() };
    vec![
        CharterVersion {
            version: 2,
            digest: digest("2"),
            since: time("2026-11-20T18:00:00Z"),
            decision: Some(decision),
        },
        CharterVersion { version: 1, digest: digest("1"), since: time("2026-05-15T10:00:00Z"), decision: None },
    ]
}
