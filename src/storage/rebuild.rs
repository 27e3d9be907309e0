//! Emptying and comparing the tables that are made from the journals.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::{decisions, proposals};
use super::{Conn, Result};

/// Tables that hold nothing but what the journals say, with the columns that a rebuild must bring back.
const TABLES: [(&str, &str); 12] = [
    ("epochs", "number, document, decided_by"),
    (
        "proposals",
        "id, key, node, proposer, version, title, state, digest, epoch, opens, closes, sitting, number, statement, \
         visibility, review",
    ),
    ("replacements", "proposal, replaced"),
    ("proposal_versions", "proposal, version, digest, statement, published"),
    ("ballots", "digest, proposal, seat, sequence, choices, journal, position, published, key"),
    ("comments", "id, proposal, in_reply_to, author, author_name, source, published"),
    ("members", "member, name, class, level, sponsor, key, custody, status, since, until, history"),
    ("roll_entries", "member, journal, position, statement, change"),
    ("mandates", "organisation, holder, name, key, since, until"),
    ("decisions", "proposal, sitting, number, outcome, value, closed_at, certified_at"),
    ("agreements", "proposal, sitting, node, value, at"),
    ("notices", "digest, node, subject, source, published"),
];

/// Proofs are kept whatever happens: some rest on messages and receipts that stand in no journal. Those that do must be
/// here already.
const KEPT: [(&str, &str); 1] = [("faults", "digest, kind, culprit, report")];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// Every row of those tables as text, sorted: two dumps are equal exactly if the tables are.
pub async fn dump(conn: &mut Conn) -> Result<Vec<(&'static str, Vec<String>)>> {
    let mut all = Vec::new();
    for (table, columns) in TABLES.into_iter().chain(KEPT) {
        let sqlite = matches!(conn, Conn::Sqlite(_));
        let texts: Vec<String> = columns
            .split(", ")
            .map(|column| match sqlite {
                true => format!("quote({column})"),
                false => format!("quote_nullable({column}::text)"),
            })
            .collect();
        let sql = format!("SELECT {} AS line FROM {table} ORDER BY 1", texts.join(" || '|' || "));
        let lines = query!(conn, c => diesel::sql_query(sql).load::<Line>(c))?;
        all.push((table, lines.into_iter().map(|line| line.line).collect()));
    }
    Ok(all)
}

/// Empties those tables, and what waits for their rows.
pub async fn clear(conn: &mut Conn) -> Result<()> {
    for (table, _) in TABLES {
        conn.batch(&format!("DELETE FROM {table}")).await?;
    }
    conn.batch("DELETE FROM fault_votes").await?;
    conn.batch("DELETE FROM pending").await?;
    conn.batch("DELETE FROM ignored").await
}

/// Proofs of which this node holds one and could hold another: they depend on what arrived first, so no journal tells
/// which it was.
pub struct Proofs {
    /// Opening, and the checkpoint that shows it announced in time.
    openings: Vec<(Vec<u8>, String)>,
    certificates: Vec<Certificate>,
}

/// Proposal, sitting, value, and the certificate that this node saw first.
type Certificate = (Vec<u8>, i64, Vec<u8>, Vec<u8>);

/// The proofs that this node holds.
pub async fn proofs(conn: &mut Conn) -> Result<Proofs> {
    let openings = proposals::table
        .filter(proposals::digest.is_not_null())
        .filter(proposals::certified_note.is_not_null())
        .select((proposals::digest.assume_not_null(), proposals::certified_note.assume_not_null()));
    let certificates =
        decisions::table.select((decisions::proposal, decisions::sitting, decisions::value, decisions::certificate));
    Ok(Proofs {
        openings: query!(conn, c => openings.load(c))?,
        certificates: query!(conn, c => certificates.load(c))?,
    })
}

/// Puts them back where what they prove is there again.
pub async fn put_proofs(conn: &mut Conn, proofs: &Proofs) -> Result<()> {
    for (opening, note) in &proofs.openings {
        let target = proposals::table.filter(proposals::digest.eq(opening));
        query!(conn, c => diesel::update(target).set(proposals::certified_note.eq(Some(note))).execute(c))?;
    }
    for (proposal, sitting, value, certificate) in &proofs.certificates {
        let target = decisions::table
            .filter(decisions::proposal.eq(proposal))
            .filter(decisions::sitting.eq(sitting))
            .filter(decisions::value.eq(value));
        query!(conn, c => diesel::update(target).set(decisions::certificate.eq(certificate)).execute(c))?;
    }
    Ok(())
}
