//! The consortium of twelve co-ops as test data: what every page shows when it is really used.

mod membership;
mod writing;

pub use membership::*;
pub use writing::*;

use std::sync::LazyLock;

use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::{Method, Visibility};

use crate::web::agreement::{Agreement, FaultLine, NodeStand};
use crate::web::ballot::{BallotForm, BallotPanel, BallotWay, CastVote, ReceiptPage, Voter};
use crate::web::charts::{ClassBar, Stand, Timeline};
use crate::web::count::{Block, ClassCount, Count, OptionCount, Reading, ReadingKind, Verdict};
use crate::web::decision::{DecisionPage, NamedDigest};
use crate::web::decisions::DecisionCard;
use crate::web::difference;
use crate::web::form::Problems;
use crate::web::home::{HomePage, Need};
use crate::web::layout::{Frame, Person, Section};
use crate::web::proposal::{Call, Comment, Deed, EffectLine, Link, ProposalPage, RulesLine, Thread, Version};
use crate::web::proposals::{ProposalCard, State};
use crate::web::render::{Page, Pages};
use crate::web::turns::Turns;
use crate::words::Words;

pub const PARTIES: [&str; 12] = [
    "CollectiveTools",
    "femProcomuns",
    "Webarchitects",
    "Free Knowledge Institute",
    "Animorph Cooperative",
    "Hypha",
    "Koumbit",
    "Remix the Commons",
    "Digital Life Collective",
    "MayFirst",
    "OpenCoop",
    "Autonomous",
];

const PROPOSAL: &str = "/proposals/9f31c07be2a4d815";

/// Built once for all tests of a run.
static PAGES: LazyLock<Pages> = LazyLock::new(|| Pages::new(&Words::default()));

pub fn render<P: Page>(frame: &Frame, page: &P) -> String {
    PAGES.render(frame, page).unwrap_or_else(|error| panic!("{}: {error:#}", P::TEMPLATE))
}

pub fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

pub fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// Somebody who is not logged in.
pub fn visitor() -> Frame {
    Frame {
        language: "en",
        node: "femProcomuns".into(),
        base: "https://moot.femprocomuns.example".into(),
        consortium: Some("The Online Meeting Cooperative".into()),
        demo: false,
        section: Section::Home,
        person: None,
        csrf: "dG9rZW4".into(),
        now: time("2026-11-23T20:15:00Z"),
        done: None,
    }
}

pub fn member() -> Frame {
    Frame { person: Some(Person { name: "Mònica Garriga".into(), steward: false }), ..visitor() }
}

pub fn steward() -> Frame {
    Frame { person: Some(Person { name: "Wouter Tebbens".into(), steward: true }), ..visitor() }
}

pub fn open_cards() -> Vec<ProposalCard> {
    let card = ProposalCard {
        title: "Rent a second server in Barcelona for the next year".into(),
        url: PROPOSAL.into(),
        type_name: "Regular decision".into(),
        state: State::Open,
        proposer: "femProcomuns".into(),
        opens: Some(time("2026-11-19T17:00:00Z")),
        closes: Some(time("2026-11-26T17:00:00Z")),
        cast: 26,
        eligible: 40,
        comments: 6,
        voted: false,
    };
    let urgent = ProposalCard {
        title: "Move the meeting rooms away from the failing disk tonight".into(),
        url: "/proposals/33e0a1b2c3d4e5f6".into(),
        type_name: "Urgent decision".into(),
        state: State::ClosingSoon,
        proposer: "Webarchitects".into(),
        opens: Some(time("2026-11-21T07:00:00Z")),
        closes: Some(time("2026-11-24T07:00:00Z")),
        cast: 19,
        eligible: 40,
        comments: 11,
        voted: true,
    };
    let draft = ProposalCard {
        title: "A common fair-use policy for large meetings".into(),
        url: "/proposals/77aa01b2c3d4e5f6".into(),
        type_name: "Regular decision".into(),
        state: State::Draft,
        proposer: "Hypha".into(),
        opens: None,
        closes: None,
        cast: 0,
        eligible: 0,
        comments: 3,
        voted: false,
    };
    vec![card, urgent, draft]
}

pub fn decision_cards() -> Vec<DecisionCard> {
    let second = DecisionCard {
        number: 2,
        title: "Agree on 500 € or 20 hours for the first year".into(),
        url: "/decisions/2".into(),
        type_name: "Regular decision".into(),
        article: "3".into(),
        state: State::Passed,
        decided: time("2026-11-12T18:00:00Z"),
        sentence: "68.6 % of the weighted vote agrees and nobody blocks: it passes.".into(),
        agreeing: 12,
        nodes: 12,
        supersedes: vec![],
        superseded_by: None,
        review: Some(time("2027-11-12T00:00:00Z")),
    };
    let first = DecisionCard {
        number: 1,
        title: "Open the rooms to every visitor without an account".into(),
        url: "/decisions/1".into(),
        type_name: "Urgent decision".into(),
        article: "3".into(),
        state: State::NotPassed,
        decided: time("2026-10-30T12:00:00Z"),
        sentence: "41.3 % of the weighted vote agrees, more than half is needed: it does not pass.".into(),
        agreeing: 11,
        nodes: 12,
        supersedes: vec![],
        superseded_by: None,
        review: None,
    };
    vec![second, first]
}

pub fn home() -> HomePage {
    let mut open = open_cards();
    open.truncate(2);
    let voters = vec!["yourself".to_owned(), "femProcomuns".to_owned()];
    HomePage {
        more: false,
        needs: vec![
            Need::Vote {
                title: open[0].title.clone(),
                url: PROPOSAL.into(),
                closes: time("2026-11-26T17:00:00Z"),
                voters,
            },
            Need::Draft { title: "Minutes of the November meeting".into(), url: "/proposals/00".into() },
        ],
        open,
        decided: decision_cards(),
        can_propose: true,
        founding: None,
    }
}

fn class(class: &str, name: &str, strength: (i64, i64), counts: [u32; 5], share: (i64, i64)) -> ClassCount {
    let [eligible, agree, disagree, abstain, block] = counts;
    let strength = Fraction::new(strength.0, strength.1);
    ClassCount {
        class: class.into(),
        name: name.into(),
        used: strength.clone(),
        strength,
        eligible,
        cast: agree + disagree + abstain + block,
        agree,
        disagree,
        abstain,
        block,
        sides: agree + disagree + block,
        share: Some(Fraction::new(share.0, share.1)),
    }
}

/// The worked example of the governance model: 247/360.
pub fn worked_example() -> Vec<ClassCount> {
    vec![
        class("producer", "Producers", (2, 5), [12, 7, 2, 1, 0], (7, 9)),
        class("consumer", "Consumer organisations", (7, 20), [8, 3, 3, 0, 0], (1, 2)),
        class("individual", "Consumer individuals", (1, 4), [20, 4, 1, 0, 0], (4, 5)),
    ]
}

pub fn count(provisional: bool) -> Count {
    let classes = worked_example();
    let threshold = Fraction::new(1, 2);
    let bar = ClassBar::of(&classes, &threshold);
    let reading = |kind, result, ours| Reading { kind, result: Some(result), passes: true, ours };
    Count {
        provisional,
        method: Method::Consent,
        eligible: 40,
        cast: 21,
        result: Some(Fraction::new(247, 360)),
        threshold,
        strict: true,
        verdict: Verdict::Passes,
        classes,
        options: vec![],
        leading: vec![],
        blocks: vec![],
        readings: vec![
            reading(ReadingKind::Redistribute, Fraction::new(247, 360), true),
            reading(ReadingKind::Lapse, Fraction::new(247, 360), false),
            reading(ReadingKind::HeadCount, Fraction::new(7, 10), false),
        ],
        sum: "2/5 · 7/9 + 7/20 · 1/2 + 1/4 · 4/5 = 247/360".into(),
        bar,
    }
}

/// A choice between three places, decided.
pub fn choice_count() -> Count {
    let mut count = count(false);
    for class in &mut count.classes {
        (class.agree, class.disagree, class.abstain, class.block, class.sides) = (0, 0, 0, 0, 0);
        class.share = None;
    }
    let option = |name: &str, votes: [u32; 3], result, wins| OptionCount {
        name: name.into(),
        votes: votes.to_vec(),
        result,
        wins,
    };
    count.options = vec![
        option("In Barcelona", [2, 1, 1], Fraction::new(1, 4), false),
        option("In Bristol", [7, 4, 3], Fraction::new(5, 8), true),
        option("Online", [1, 1, 1], Fraction::new(1, 8), false),
    ];
    let (leading, sum) = (vec!["In Bristol".to_owned()], String::new());
    let result = Some(Fraction::new(5, 8));
    Count { method: Method::SingleChoice, leading, sum, result, ..count }
}

/// All twelve nodes agree, but for those named by their position.
pub fn stands(others: &[(usize, Stand)]) -> Vec<NodeStand> {
    let stand = |position| others.iter().find(|(p, _)| *p == position).map_or(Stand::Agrees, |(_, stand)| *stand);
    let node = |(position, name): (usize, &&str)| NodeStand {
        name: (*name).to_owned(),
        address: format!("https://moot.{}.example", name.to_lowercase().replace(' ', "-")),
        stand: stand(position),
        at: (stand(position) != Stand::Silent).then(|| time("2026-11-12T18:20:07Z").plus(position as i64)),
    };
    PARTIES.iter().enumerate().map(node).collect()
}

pub fn fault() -> FaultLine {
    FaultLine {
        kind: "two-votes".into(),
        culprit: "Hypha".into(),
        subject: "Agree on 500 € or 20 hours for the first year".into(),
        reported_by: "Koumbit".into(),
        at: time("2026-11-12T18:16:00Z"),
        evidence: vec!["{\"object\":{\"type\":\"CutVote\",\"round\":0}}".into(); 2],
    }
}

const TEXT_1: &str = "Our only server is full on Tuesday evenings: rooms with more than thirty people lose sound.\n\n\
    ## What we would do\n\nWe rent one more server at Nexica in Barcelona, for 200 € a month, from 1 January 2027 for one year. \
    Webarchitects and femProcomuns look after it together, about six hours a month.\n\n## What it costs\n\n2 400 € in the year, \
    paid from the server fund.\n\n## What we would not do\n\nWe do not move existing rooms. Each co-op decides that for its own.";

const TEXT_2: &str = "Our only server is full on Tuesday evenings: rooms with more than thirty people lose sound.\n\n\
    ## What we would do\n\nWe rent one more server at Nexica in Barcelona, for 180 € a month, from 1 January 2027 for one year. \
    Webarchitects, femProcomuns and Koumbit look after it together, about six hours a month.\n\n## What it costs\n\n2 160 € in the \
    year, paid from the server fund.\n\n| month | server | care work |\n|---|---|---|\n| each | 180 € | 6 h |\n| year | 2 160 € | \
    72 h |\n\n## What we would not do\n\nWe do not move existing rooms. Each co-op decides that for its own.";

fn comment(id: &str, author: &str, from: &str, at: &str, depth: u8, source: &str) -> Comment {
    let answers = (depth > 0).then(|| "Stacco Troncoso".to_owned());
    Comment {
        id: id.into(),
        address: format!("https://moot.femprocomuns.example/comments/{id}"),
        author: author.into(),
        from: from.into(),
        at: time(at),
        source: source.into(),
        depth,
        answers,
    }
}

pub fn thread() -> Thread {
    let comments = vec![
        comment(
            "c1",
            "Stacco Troncoso",
            "Digital Life Collective",
            "2026-11-19T19:02:00Z",
            0,
            "Is there a reason to stay in Barcelona? Half of our members connect from across the Atlantic.",
        ),
        comment(
            "c2",
            "Wouter Tebbens",
            "Free Knowledge Institute",
            "2026-11-19T20:40:00Z",
            1,
            "Mostly care: the people who *open the rack at night* live there. A second place could be the next step.",
        ),
        comment(
            "c3",
            "@lou@social.coop",
            "social.coop",
            "2026-11-21T09:12:00Z",
            0,
            "As somebody who only visits: thank you for writing down what you will **not** do.",
        ),
    ];
    Thread {
        count: 23,
        turns: Turns { next: Some(format!("{PROPOSAL}?page=older#thread")), newest_first: true, ..Turns::default() },
        comments,
        can_write: true,
        action: format!("{PROPOSAL}/comments"),
        text: String::new(),
        problems: Problems::default(),
    }
}

pub fn ballot_form() -> BallotForm {
    let voter = |member: &str, name: &str, class_name: &str, mandate, cast| Voter {
        member: member.into(),
        name: name.into(),
        class_name: class_name.into(),
        mandate,
        cast,
    };
    let cast = CastVote {
        words: "Agree".into(),
        at: time("2026-11-20T08:31:00Z"),
        receipt_url: "/ballots/1b4f0e9851971998".into(),
    };
    BallotForm {
        action: format!("{PROPOSAL}/ballot"),
        method: Method::Consent,
        voters: vec![
            voter("monica", "Mònica Garriga", "Consumer individuals", false, None),
            voter("femprocomuns", "femProcomuns", "Producers", true, Some(cast)),
        ],
        voter: "monica".into(),
        options: ["agree", "abstain", "disagree", "block"].map(str::to_owned).to_vec(),
        chosen: vec![],
        grounds: vec![
            "It goes against our principles".into(),
            "It harms members or the commons".into(),
            "It cannot be carried out".into(),
        ],
        ground: String::new(),
        block_text: String::new(),
        problems: Problems::default(),
    }
}

pub fn receipt() -> ReceiptPage {
    ReceiptPage {
        title: "Rent a second server in Barcelona for the next year".into(),
        proposal_url: PROPOSAL.into(),
        voter: "femProcomuns".into(),
        mandate: true,
        words: "Agree".into(),
        at: time("2026-11-23T20:15:00Z"),
        fresh: true,
        replaced: 1,
        closes: time("2026-11-26T17:00:00Z"),
        way: BallotWay::Stored,
        ballot: digest("ballot"),
        journal: "moot.femprocomuns.example/journals/0123456789abcdef/fedcba9876543210".into(),
        position: 214,
        receipt_url: "/ballots/1b4f0e9851971998/receipt".into(),
    }
}

pub fn rules() -> RulesLine {
    RulesLine {
        threshold: "1/2".into(),
        strict: true,
        override_at_least: "3/4".into(),
        empty_class: "redistribute",
        minimum_seconds: 604_800,
        article: "3".into(),
    }
}

pub fn timeline(now: Time) -> Timeline {
    let moments = [
        ("drafted", time("2026-11-16T09:00:00Z")),
        ("opened", time("2026-11-19T17:00:00Z")),
        ("closes", time("2026-11-26T17:00:00Z")),
        ("result", time("2026-11-26T17:20:00Z")),
    ];
    Timeline::of(&moments, now)
}

pub fn open_proposal() -> ProposalPage {
    let version = |number, at, changes| Version { number, at: time(at), changes };
    ProposalPage {
        title: "Rent a second server in Barcelona for the next year".into(),
        url: PROPOSAL.into(),
        state: State::Open,
        type_name: "Regular decision".into(),
        method: Method::Consent,
        visibility: Visibility::Public,
        proposer: "femProcomuns".into(),
        node: "femProcomuns".into(),
        opens: Some(time("2026-11-19T17:00:00Z")),
        closes: Some(time("2026-11-26T17:00:00Z")),
        reason: String::new(),
        source: TEXT_2.into(),
        options: vec![],
        version: 2,
        versions: vec![
            version(2, "2026-11-18T11:20:00Z", difference::compare(TEXT_1, TEXT_2, difference::deadline())),
            version(1, "2026-11-16T09:00:00Z", vec![]),
        ],
        principles: vec!["Cooperation among Cooperatives".into(), "Concern for Community".into()],
        supersedes: vec![],
        review: Some(time("2027-11-01T00:00:00Z")),
        effects: vec![],
        rules: rules(),
        ballot: BallotPanel::Form(ballot_form()),
        count: Some(count(true)),
        live: true,
        timeline: timeline(time("2026-11-23T20:15:00Z")),
        awaited: String::new(),
        counting: None,
        decision: None,
        thread: thread(),
        calls: vec![Call {
            kind: "extend",
            by: "femProcomuns".into(),
            reason: "Two co-ops meet only on Wednesday.".into(),
            at: time("2026-11-21T09:00:00Z"),
            until: Some(time("2026-11-26T17:00:00Z")),
        }],
        deeds: vec![Deed::Extend, Deed::Withdraw],
        digest: Some(digest("opening")),
        electorate: 40,
        cast: 21,
    }
}

pub fn decision() -> DecisionPage {
    let named = |name| NamedDigest { name, digest: digest(name) };
    DecisionPage {
        number: 2,
        title: "Agree on 500 € or 20 hours for the first year".into(),
        url: "/decisions/2".into(),
        state: State::Passed,
        type_name: "Regular decision".into(),
        proposer: "Webarchitects".into(),
        decided: time("2026-11-12T18:00:00Z"),
        proposal_url: PROPOSAL.into(),
        source: TEXT_1.into(),
        count: count(false),
        why: vec![
            "More than half of the weighted vote has to agree (article 3): 247/360 does.".into(),
            "A standing block would stop it below three quarters (article 3): nobody blocks.".into(),
            "No class has a quorum (article 3).".into(),
        ],
        effects: vec![EffectLine {
            kind: "admit-member",
            name: "Guifi.net Foundation".into(),
            detail: "Consumer organisations".into(),
            changes: vec![],
        }],
        supersedes: vec![],
        superseded_by: Some(Link { name: "4".into(), url: "/decisions/4".into() }),
        review: Some(time("2027-11-12T00:00:00Z")),
        timeline: timeline(time("2026-11-27T00:00:00Z")),
        agreement: Agreement::of(stands(&[]), 9),
        faults: vec![],
        fault_count: 0,
        digests: vec![named("proposal"), named("cut"), named("outcome"), named("value"), named("certificate")],
        bundle_url: "/decisions/2.bundle".into(),
        csv_url: "/decisions/2/ballots.csv".into(),
        json_url: "/decisions/2/ballots.json".into(),
        bundle_name: "decision-2.bundle".into(),
    }
}

/// A choice between places, decided.
pub fn choice_decision() -> DecisionPage {
    let why = vec!["The leading option has 62.5 % of the weighted vote. (Article 3.1.)".into()];
    DecisionPage { title: "Where do we meet in spring?".into(), count: choice_count(), why, ..decision() }
}

/// One node is silent, one has voted twice, and a block stands.
pub fn troubled_decision() -> DecisionPage {
    let mut page = decision();
    page.agreement = Agreement::of(stands(&[(2, Stand::Silent), (5, Stand::Fault)]), 9);
    (page.faults, page.fault_count) = (vec![fault()], 1);
    page.state = State::NotPassed;
    page.count.verdict = Verdict::Blocked;
    page.count.blocks = vec![Block {
        by: "Koumbit".into(),
        ground: "It harms members or the commons".into(),
        text: "Half of our members earn in another currency. Name both sums, and we lift the block.".into(),
    }];
    page
}
