//! Sample data of the pages about members, joining, nodes and what stewards do.

use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::statement::Custody;

use super::{PARTIES, digest, fault, time};
use crate::web::account::{AccountPage, Identity, TokenLine};
use crate::web::charter::CharterStanding;
use crate::web::consortium::{ConsortiumPage, Health, NoticeLine, PartyRow};
use crate::web::form::{Choice, Problems};
use crate::web::join::{JoinClass, JoinForm, JoinLevel, JoinPage, JoinSentPage};
use crate::web::members::{
    ClassRoll, HistoryKind, HistoryLine, MandateLine, MemberPage, MemberRow, MembersPage, Standing,
};
use crate::web::proposal::Link;
use crate::web::stewards::{
    ApplicationLine, EndForm, InvitationLine, InvitationPage, MandateForm, MandatesPage, NodeStatus, NoticeForm,
    NoticePage, ObjectionLine, Organisation, RequestFilter, RequestLine, RequestState, RequestsPage, RollPage,
    StewardsPage,
};
use crate::web::turns::Turns;

fn row(name: &str, sponsor: &str, mandates: &[&str]) -> MemberRow {
    let member = name.to_lowercase().replace(' ', "-");
    MemberRow {
        url: format!("/members/{member}"),
        member,
        name: name.into(),
        sponsor: sponsor.into(),
        status: Standing::InForce,
        since: time("2026-05-15T10:00:00Z"),
        level: "member".into(),
        mandates: mandates.iter().map(|name| (*name).to_owned()).collect(),
    }
}

pub fn members() -> MembersPage {
    let class = |id: &str, name: &str, strength, organisations, members: Vec<MemberRow>| ClassRoll {
        id: id.into(),
        name: name.into(),
        strength,
        organisations,
        count: u64::try_from(members.len()).expect("few"),
        members,
        turns: Turns::default(),
    };
    let producers: Vec<MemberRow> =
        PARTIES.iter().map(|name| row(name, name, &["Wouter Tebbens", "Mònica Garriga"])).collect();
    let mut consumers =
        vec![row("Guifi.net Foundation", "femProcomuns", &[]), row("La Borda", "femProcomuns", &["Cris"])];
    consumers[1].status = Standing::Suspended;
    let mut individuals: Vec<MemberRow> =
        ["Mònica Garriga", "Stacco Troncoso"].map(|name| row(name, "Free Knowledge Institute", &[])).to_vec();
    individuals[1].status = Standing::Coming;
    MembersPage {
        total: 40,
        classes: vec![
            class("producer", "Producers", Fraction::new(2, 5), true, producers),
            class("consumer", "Consumer organisations", Fraction::new(7, 20), true, consumers),
            class("individual", "Consumer individuals", Fraction::new(1, 4), false, individuals),
        ],
    }
}

fn mandates() -> Vec<MandateLine> {
    let mandate = |name: &str, until: Option<&str>| MandateLine {
        holder: name.to_lowercase(),
        name: name.into(),
        since: time("2026-05-15T10:00:00Z"),
        until: until.map(time),
    };
    vec![mandate("Mònica Garriga", None), mandate("David Gómez", Some("2026-10-01T00:00:00Z"))]
}

pub fn member_page() -> MemberPage {
    let line = |kind, at: &str, detail: &str| HistoryLine { kind, at: time(at), detail: detail.into(), link: None };
    let mut admitted = line(HistoryKind::Admitted, "2026-06-02T18:00:00Z", "");
    admitted.link = Some(Link { name: "3".into(), url: "/decisions/3".into() });
    MemberPage {
        member: "la-borda".into(),
        name: "La Borda".into(),
        class_name: "Consumer organisations".into(),
        organisation: true,
        sponsor: "femProcomuns".into(),
        level: "Member".into(),
        custody: Custody::Node,
        status: Standing::InForce,
        since: time("2026-06-03T00:00:00Z"),
        history: vec![
            line(HistoryKind::Requested, "2026-05-20T10:00:00Z", "We meet with thirty households every month."),
            admitted,
        ],
        mandates: mandates(),
        entry: digest("entry"),
    }
}

pub fn join() -> JoinPage {
    let level = |id: &str, name: &str, commitment: &str| JoinLevel {
        id: id.into(),
        name: name.into(),
        commitment: commitment.into(),
    };
    let class = |id: &str, name: &str, organisation, levels| JoinClass {
        id: id.into(),
        name: name.into(),
        organisation,
        levels,
    };
    JoinPage {
        classes: vec![
            class(
                "individual",
                "Individual",
                false,
                vec![level("friend", "Friend", "From 20 € a year, or four hours.")],
            ),
            class(
                "consumer",
                "Organisation",
                true,
                vec![level("member", "Member", "20 to 40 hours or 500 to 1000 € in the first year.")],
            ),
        ],
        terms:
            "1. You share the costs as your level says.\n2. You keep what you learn about other members to yourself."
                .into(),
        terms_digest: digest("terms"),
        objection_seconds: 604_800,
        article: "2.1".into(),
        form: JoinForm { name: "Ada Colom".into(), ..JoinForm::default() },
        problems: Problems::default(),
    }
}

pub fn join_sent() -> JoinSentPage {
    JoinSentPage { name: "Ada Colom".into(), organisation: false, objection_seconds: 604_800 }
}

pub fn parties() -> Vec<PartyRow> {
    let party = |(position, name): (usize, &&str)| {
        let health = match position {
            5 => Health::Fault,
            6 => Health::Behind,
            8 => Health::Silent,
            _ => Health::UpToDate,
        };
        PartyRow {
            name: (*name).to_owned(),
            address: format!("https://moot.{}.example", name.to_lowercase().replace(' ', "-")),
            own: position == 1,
            accepted: position < 9,
            health,
            stored: if health == Health::Behind { 188 } else { 200 },
            announced: 200,
            heard: (position != 1).then(|| time("2026-11-23T20:14:00Z")),
            waiting: if health == Health::Silent { 41 } else { 0 },
            trouble: if health == Health::Silent {
                "It does not answer (connection refused).".into()
            } else {
                String::new()
            },
        }
    };
    PARTIES.iter().enumerate().map(party).collect()
}

pub fn consortium() -> ConsortiumPage {
    ConsortiumPage {
        name: "The Online Meeting Cooperative".into(),
        id: "ni:///sha-256;4w4lWPFRjV-zyPFZs1NsbYEvRwTT6G2HzdZTEtZsfAk".into(),
        handle: "@ocm@moot.femprocomuns.example".into(),
        standing: CharterStanding::Ratified,
        epoch: 1,
        needed: 9,
        faulty: 3,
        parties: parties(),
        faults: vec![fault()],
        fault_turns: Turns::default(),
        notice_turns: Turns {
            next: Some("/consortium?list=notices&page=older#notices".into()),
            newest_first: true,
            ..Turns::default()
        },
        notices: vec![NoticeLine {
            from: "Koumbit".into(),
            subject: "Ice storm in Montréal".into(),
            source: "Our office has no power. **Hypha**, could you watch the backups until Friday?".into(),
            at: time("2026-11-20T13:00:00Z"),
        }],
    }
}

pub fn account() -> AccountPage {
    let identity = |member: &str, name: &str, class_name: &str, mandate| Identity {
        member: member.into(),
        name: name.into(),
        url: format!("/members/{member}"),
        class_name: class_name.into(),
        mandate,
        since: time("2026-05-15T10:00:00Z"),
        custody: Custody::Node,
        key: "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2".into(),
    };
    AccountPage {
        login: "monica".into(),
        identities: vec![
            identity("monica", "Mònica Garriga", "Consumer individuals", false),
            identity("femprocomuns", "femProcomuns", "Producers", true),
        ],
        tokens: vec![TokenLine {
            id: "1".into(),
            name: "Calendar on my phone".into(),
            made: time("2026-06-01T09:00:00Z"),
            used: Some(time("2026-11-23T06:00:00Z")),
        }],
        new_token: None,
        problems: Problems::default(),
    }
}

pub fn node_status() -> NodeStatus {
    NodeStatus {
        version: "0.1.0".into(),
        address: "https://moot.femprocomuns.example".into(),
        handle: "@node@moot.femprocomuns.example".into(),
        journal: "moot.femprocomuns.example/journals/0123456789abcdef/fedcba9876543210".into(),
        size: 215,
        certified: 214,
        peers: parties(),
    }
}

pub fn stewards() -> StewardsPage {
    let invitation =
        InvitationLine { name: "Meet.coop".into(), from: "Hypha".into(), url: "/stewards/invitations/1".into() };
    StewardsPage { requests: 2, objections_open: 1, members: 7, invitations: vec![invitation], node: node_status() }
}

pub fn requests() -> RequestsPage {
    RequestsPage {
        filter: RequestFilter::Waiting,
        turns: Turns::default(),
        application_turns: Turns::default(),
        requests: vec![RequestLine {
            id: "3f".into(),
            name: "Ada Colom".into(),
            class_name: "Consumer individuals".into(),
            level: "Friend".into(),
            commitment: "250 €, and four hours of translation".into(),
            request: "I meet my neighbours in your rooms every Tuesday and would like to give something back.".into(),
            at: time("2026-11-22T09:00:00Z"),
            organisation: false,
            state: RequestState::Waiting,
            propose_url: None,
            answer: String::new(),
        }],
        applications: vec![ApplicationLine {
            digest: digest("application"),
            name: "Jo Freeman".into(),
            sponsor: "Webarchitects".into(),
            class_name: "Consumer individuals".into(),
            request: "I write about structurelessness and want to see the contrary.".into(),
            commitment: "20 €".into(),
            until: time("2026-11-27T09:00:00Z"),
            objections: vec![ObjectionLine { by: "Hypha".into(), reason: "We would like to talk first.".into() }],
            can_object: true,
        }],
        problems: Problems::default(),
    }
}

pub fn roll() -> RollPage {
    let classes = members().classes;
    let members = classes.into_iter().skip(1).flat_map(|class| class.members).collect();
    RollPage { members, turns: Turns::default(), form: EndForm::default(), problems: Problems::default() }
}

pub fn mandates_page() -> MandatesPage {
    let organisation =
        Organisation { member: "femprocomuns".into(), name: "femProcomuns".into(), mandates: mandates() };
    let other = Organisation { member: "la-borda".into(), name: "La Borda".into(), mandates: vec![] };
    MandatesPage {
        organisations: vec![organisation, other],
        turns: Turns::default(),
        people: vec![Choice::new("monica", "Mònica Garriga", ""), Choice::new("wouter", "Wouter Tebbens", "")],
        form: MandateForm::default(),
        problems: Problems::default(),
    }
}

pub fn invitation() -> InvitationPage {
    InvitationPage {
        from: "Webarchitects".into(),
        id: "ni:///sha-256;4w4lWPFRjV-zyPFZs1NsbYEvRwTT6G2HzdZTEtZsfAk".into(),
        charter: super::charter(),
        parties: parties(),
        action: "/stewards/invitations/1".into(),
        accepted: false,
        problems: Problems::default(),
    }
}

pub fn notice() -> NoticePage {
    NoticePage { form: NoticeForm::default(), parties: 11, problems: Problems::default() }
}
