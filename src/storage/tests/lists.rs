//! Pages of lists: every row once whatever arrives meanwhile, what is not for strangers left out before pages are cut, and
//! the rows of an older version listed as new ones are.

use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::id::{ConsortiumId, Digest};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::proposal::CONSENT;
use folkmoot_governance::statement::{Body, FaultKind, FaultReport, Method, Question, Signer, Visibility};

use super::*;
use crate::storage::proposals::{self, Version};
use crate::storage::{Page, Wanted, decisions, entries, faults, journals, migrate, roll_entries};

/// A proposal as its node publishes it; every third one is for the consortium alone.
struct Made {
    question: Question,
    signed: SignedStatement,
    published: Time,
}

impl Made {
    fn new(number: u32) -> Self {
        let visibility = if number.is_multiple_of(3) { Visibility::Consortium } else { Visibility::Public };
        Self::with(number, visibility, Vec::new(), None)
    }

    fn with(number: u32, visibility: Visibility, supersedes: Vec<Digest>, review: Option<Time>) -> Self {
        // Several are published within one second.
        let published = NOW.plus(i64::from(number / 4));
        let question = Question {
            id: format!("https://a.example/proposals/{number}"),
            version: 1,
            name: format!("Proposal {number}"),
            source: "We rent a server.".into(),
            proposer: "ada".parse().expect("a member"),
            decision_type: "regular".into(),
            method: Method::Consent,
            options: CONSENT.map(str::to_owned).to_vec(),
            reason: String::new(),
            visibility,
            principles: Vec::new(),
            supersedes,
            review,
            effects: Vec::new(),
            voting: None,
        };
        let unsigned = Unsigned {
            signer: Signer::Node(node("a")),
            published,
            consortium: ConsortiumId(Digest::of(b"consortium")),
            epoch: 0,
            body: Body::Question(Box::new(question.clone())),
        };
        let signed = unsigned.sign(&SecretKey::from_seed([1; 32])).expect("a statement of ordinary size");
        Self { question, signed, published }
    }

    fn key(&self) -> String {
        Digest::of(self.question.id.as_bytes()).short(16)
    }

    async fn put(&self, conn: &mut Conn) -> Result<()> {
        let version = Version {
            id: &self.question.id,
            key: &self.key(),
            node: &node("a"),
            question: &self.question,
            statement: &self.signed.bytes,
            digest: self.signed.digest,
            epoch: 0,
            opens: None,
            closes: None,
            published: self.published,
        };
        proposals::put_version(conn, &version).await
    }
}

async fn put_all(db: &Database, numbers: std::ops::Range<u32>) {
    let put = async move |conn: &mut Conn| {
        for number in numbers {
            Made::new(number).put(conn).await?;
        }
        Ok::<_, Error>(())
    };
    db.write(put).await.expect("rows");
}

async fn page(db: &Database, reader: Visibility, place: &str, rows: usize) -> Page<proposals::ProposalRow> {
    let mut conn = db.read().await.expect("a connection");
    let wanted = Wanted::new(place.parse().expect("a place"), rows);
    proposals::newest(&mut conn, reader, &["draft"], &wanted, |_| true).await.expect("a page")
}

/// The titles of all pages from `place` on; `between` is called with the number of each page once it was read.
async fn turned(db: &Database, reader: Visibility, mut between: impl AsyncFnMut(usize)) -> Vec<Vec<String>> {
    let (mut place, mut pages) = (String::new(), Vec::new());
    loop {
        let page = page(db, reader, &place, 7).await;
        pages.push(page.rows.into_iter().map(|row| row.title).collect());
        between(pages.len()).await;
        match page.next {
            Some(next) => place = next,
            None => return pages,
        }
    }
}

#[tokio::test]
async fn every_row_is_on_one_page_whatever_arrives_meanwhile() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        put_all(&db, 0..40).await;
        let arriving = |page: usize| {
            let page = u32::try_from(page).expect("few pages");
            100 + 10 * page..103 + 10 * page
        };
        let pages = turned(&db, Visibility::Consortium, async |page| put_all(&db, arriving(page)).await).await;
        let all = pages.concat();
        let expected: Vec<String> = (0..40).map(|number| format!("Proposal {number}")).collect();
        let mut sorted = all.clone();
        sorted.sort_by_key(|title| expected.iter().position(|known| known == title));
        assert_eq!(sorted, expected, "{pages:?}");
        assert!(pages[..5].iter().all(|page| page.len() == 7), "{pages:?}");
    }
}

#[tokio::test]
async fn the_way_back_shows_the_same_rows() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        put_all(&db, 0..20).await;
        let first = page(&db, Visibility::Consortium, "", 8).await;
        let second = page(&db, Visibility::Consortium, first.next.as_deref().expect("more"), 8).await;
        let back = page(&db, Visibility::Consortium, second.previous.as_deref().expect("a way back"), 8).await;
        let titles =
            |page: &Page<proposals::ProposalRow>| page.rows.iter().map(|row| row.title.clone()).collect::<Vec<_>>();
        assert_eq!(titles(&back), titles(&first));
        assert_eq!((first.previous, back.previous), (None, None));
    }
}

#[tokio::test]
async fn strangers_have_full_pages_of_what_they_may_know_of() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        put_all(&db, 0..30).await;
        let pages = turned(&db, Visibility::Public, async |_| ()).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 6]);
        let mut conn = db.read().await.expect("a connection");
        assert_eq!(proposals::count_of(&mut conn, &node("a")).await.expect("a count"), 20);
    }
}

#[tokio::test]
async fn a_party_that_repeats_itself_hides_nobody_else() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let (consortium, subject) = (ConsortiumId(Digest::of(b"consortium")), Digest::of(b"application"));
        let journals = ["a", "b"].map(|name| (node(name), JournalId::new(consortium, &node(name), &[0; 32])));
        let said = db.write(async move |conn| {
            for ((node, journal), times) in journals.iter().zip([30, 2]) {
                journals::lock_or_create(conn, journal, node, false).await?;
                // The one that says it often has said nothing else; the other's word stands far behind.
                for _ in 0..if times == 30 { 0 } else { 40 } {
                    entries::append_hidden(conn, journal, subject, NOW).await?;
                }
                for _ in 0..times {
                    entries::append(conn, &objection(journal, subject)).await?;
                }
            }
            let rows = entries::of_kind_about(conn, "Objection", subject, 5).await?;
            Ok::<_, Error>(rows.into_iter().map(|row| row.position).collect::<Vec<_>>())
        });
        assert_eq!(said.await.expect("both are heard"), [0, 1, 2, 3, 4, 40, 41]);
    }
}

/// The proposal as the first version of the program kept it.
async fn put_as_before(conn: &mut Conn, made: &Made, state: &str, number: u32) -> Result<()> {
    let lite = matches!(conn, Conn::Sqlite(_));
    let binary = |bytes: &[u8]| {
        let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if lite { format!("X'{hexadecimal}'") } else { format!("'\\x{hexadecimal}'") }
    };
    let (statement, digest) = (binary(&made.signed.bytes), binary(&made.signed.digest.0));
    let (id, key, node, published) = (&made.question.id, made.key(), node("a"), made.published.0);
    conn.batch(&format!(
        "INSERT INTO proposals (id, key, node, proposer, version, title, state, digest, epoch, opens, closes, sitting, \
         number, statement, updated_at) VALUES ('{id}', '{key}', '{node}', 'ada', 1, '{name}', '{state}', {digest}, 0, \
         1, 2, 0, {number}, {statement}, {published})",
        name = made.question.name,
    ))
    .await?;
    conn.batch(&format!(
        "INSERT INTO decisions (proposal, sitting, number, outcome, certificate, value, closed_at, certified_at) \
         VALUES ({digest}, 0, {number}, {digest}, {digest}, {digest}, {number}, 1)"
    ))
    .await
}

/// A proposal that could never be opened, and has a character that PostgreSQL does not take for JSON.
async fn put_void_as_before(conn: &mut Conn) -> Result<()> {
    let statement = br#"{"object":{"supersedes":[],"visibility":"public","voting":{"cut":["\u0000"]}}}"#;
    let hexadecimal: String = statement.iter().map(|byte| format!("{byte:02x}")).collect();
    let lite = matches!(conn, Conn::Sqlite(_));
    let binary = if lite { format!("X'{hexadecimal}'") } else { format!("'\\x{hexadecimal}'") };
    conn.batch(&format!(
        "INSERT INTO proposals (id, key, node, proposer, version, title, state, digest, epoch, opens, closes, sitting, \
         number, statement, updated_at) VALUES ('void', 'void', '{}', 'ada', 1, 'Void', 'void', NULL, 0, 1, 2, 0, \
         NULL, {binary}, 1)",
        node("a"),
    ))
    .await
}

/// Ada joins and takes another key; somebody else joins, too.
async fn put_roll_entries_as_before(conn: &mut Conn) -> Result<()> {
    let lite = matches!(conn, Conn::Sqlite(_));
    for (position, member, change) in [(1, "ada", false), (2, "ada", true), (3, "bilal", false)] {
        let bytes = format!(r#"{{"object":{{"change":{change},"member":"{member}"}}}}"#);
        let bytes: String = bytes.bytes().map(|byte| format!("{byte:02x}")).collect();
        let digest = format!("{position:02x}").repeat(32);
        let binary = |hexadecimal: &str| if lite { format!("X'{hexadecimal}'") } else { format!("'\\x{hexadecimal}'") };
        conn.batch(&format!(
            "INSERT INTO entries VALUES ('journal', {position}, {digest}, {digest}, 'RollEntry', NULL, {bytes}, 'public', 1, 1)",
            digest = binary(&digest),
            bytes = binary(&bytes),
        ))
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn proposals_and_faults_of_an_older_version_are_listed_as_new_ones_are() {
    for fresh in each_kind() {
        migrate::run_first(&fresh.url).await.expect("the first tables");
        let old = Database::open_as_it_is(&fresh.url, 1).await.expect("a pool");
        let review = NOW.plus(86_400);
        let earlier = Made::with(1, Visibility::Public, Vec::new(), Some(review));
        let replaced = earlier.signed.digest;
        let later = Made::with(5, Visibility::Consortium, vec![replaced, Digest::of(b"unknown")], None);
        let open_one = Made::with(9, Visibility::Public, Vec::new(), Some(review));
        let evidence = vec![format!("about {replaced}")];
        let fault = FaultReport { fault: FaultKind::TwoBallots, culprit: "ada".into(), evidence };
        let report: String = serde_json::to_string(&fault).expect("JSON").bytes().map(|b| format!("{b:02x}")).collect();
        let put = async move |conn: &mut Conn| {
            put_as_before(conn, &earlier, "passed", 1).await?;
            put_as_before(conn, &later, "passed", 2).await?;
            put_as_before(conn, &open_one, "passed", 3).await?;
            put_void_as_before(conn).await?;
            let sql = match conn {
                Conn::Sqlite(_) => format!("INSERT INTO faults VALUES (X'01', 'TwoBallots', 'ada', X'{report}', 1)"),
                Conn::Postgres(_) => {
                    format!("INSERT INTO faults VALUES ('\\x01', 'TwoBallots', 'ada', '\\x{report}', 1)")
                }
            };
            conn.batch(&sql).await?;
            put_roll_entries_as_before(conn).await
        };
        old.write(put).await.expect("rows");
        let db = open(&fresh).await;
        let mut conn = db.read().await.expect("a connection");
        let titles = async |conn: &mut Conn, reader| {
            let page =
                proposals::newest(conn, reader, &["passed"], &Wanted::first(10), |_| true).await.expect("a page");
            page.rows.into_iter().map(|row| row.title).collect::<Vec<_>>()
        };
        assert_eq!(titles(&mut conn, Visibility::Public).await, ["Proposal 9", "Proposal 1"]);
        assert_eq!(titles(&mut conn, Visibility::Consortium).await.len(), 3);
        // What was replaced is not looked at again; strangers are not told of it where they may not know by what.
        let due = async |conn: &mut Conn, reader| {
            let due = proposals::to_review(conn, reader, NOW, review, 10).await.expect("a query");
            due.into_iter().map(|row| (row.title, row.review)).collect::<Vec<_>>()
        };
        let [one, nine] = ["Proposal 1", "Proposal 9"].map(|title| (title.to_owned(), Some(review)));
        assert_eq!(due(&mut conn, Visibility::Consortium).await, std::slice::from_ref(&nine));
        let mut shown = due(&mut conn, Visibility::Public).await;
        shown.sort();
        assert_eq!(shown, [one, nine]);
        let by = decisions::replacing(&mut conn, Visibility::Consortium, replaced).await.expect("a query");
        assert_eq!(by.map(|(row, _)| row.number), Some(Some(2)));
        assert!(decisions::replacing(&mut conn, Visibility::Public, replaced).await.expect("a query").is_none());
        assert_eq!(faults::count_of_vote(&mut conn, replaced).await.expect("a count"), 1);
        let ada = "ada".parse().expect("a member");
        let stated = (roll_entries::joining(&mut conn, &ada).await, roll_entries::latest(&mut conn, &ada).await);
        assert_eq!((stated.0.ok(), stated.1.ok()), (Some(Some(Digest([1; 32]))), Some(Some(Digest([2; 32])))));
        let register = decisions::register(&mut conn, Visibility::Public, &Wanted::first(10), |_| Ok(true)).await;
        let numbers: Vec<_> = register.expect("a page").rows.into_iter().map(|(row, _)| row.number).collect();
        assert_eq!(numbers, [Some(3), Some(1)]);
    }
}
