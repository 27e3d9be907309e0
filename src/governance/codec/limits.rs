//! How long the parts of a statement may be, and what its texts may hold: the same for signing and for reading.

use super::StatementError;
use crate::statement::{Body, Comment, Effect, Question};

/// Most bytes of a statement in canonical form.
pub const MAX_STATEMENT_BYTES: usize = 1 << 20;
/// Most bytes of a statement that carries cuts and closing messages (`CutProposal`, `Article`) or evidence (`Fault`).
/// A cut of 50 journals with the cosignatures of 50 parties has 0.4 MB, and a decision holds it twice.
pub const MAX_EVIDENCE_BYTES: usize = 4 << 20;
/// Most characters of a name, a title or an option.
pub const MAX_NAME_CHARS: usize = 200;
/// Most characters of an identifier of the charter: class, level, decision type, ground.
pub const MAX_WORD_CHARS: usize = 100;
/// Most characters of an address.
pub const MAX_ADDRESS_CHARS: usize = 500;
/// Most characters of a reason, a commitment, the text of a block.
pub const MAX_REASON_CHARS: usize = 2_000;
/// Most bytes of a text in Markdown: proposal, comment, notice, request.
pub const MAX_SOURCE_BYTES: usize = 64 << 10;
/// Most options of a proposal, and most choices of a ballot.
pub const MAX_OPTIONS: usize = 50;
/// Most effects, and most decisions superseded, of one proposal.
pub const MAX_EFFECTS: usize = 100;
/// Most journals in a cut: every party's, and those of retired keys.
pub const MAX_JOURNALS: usize = 1_000;
/// Most closing messages in a justification or a certificate.
pub const MAX_MESSAGES: usize = 2_000;
/// Most documents in a report of a fault.
pub const MAX_EVIDENCE: usize = 8;

type Check = Result<(), StatementError>;

/// Most canonical bytes of a statement with this body.
pub(super) fn bytes(body: &Body) -> usize {
    match body {
        Body::CutProposal(_) | Body::Article(_) | Body::Fault(_) => MAX_EVIDENCE_BYTES,
        _ => MAX_STATEMENT_BYTES,
    }
}

pub(super) fn check(body: &Body) -> Check {
    match body {
        Body::RollEntry(entry) => {
            line("the name", &entry.name, 0, MAX_NAME_CHARS)?;
            word("the class", &entry.class)?;
            line("the level", &entry.level, 0, MAX_WORD_CHARS)
        }
        Body::RollEnd(end) => reason(&end.reason, 0),
        Body::Application(application) => {
            line("the name", &application.name, 1, MAX_NAME_CHARS)?;
            word("the class", &application.class)?;
            word("the level", &application.level)?;
            source("the request", &application.request)?;
            prose("the commitment", &application.commitment, 1, MAX_REASON_CHARS)
        }
        Body::Objection { reason: text, .. } => reason(text, 1),
        Body::Mandate(mandate) => line("the name", &mandate.name, 0, MAX_NAME_CHARS),
        Body::Question(question) => check_question(question),
        Body::Ballot(ballot) => {
            let ascending = ballot.choices.is_sorted_by(|a, b| a < b);
            count("the choices", ballot.choices.len(), 1, MAX_OPTIONS)?;
            require(ascending, "the choices of a ballot ascend and do not repeat")?;
            ballot.block.as_ref().map_or(Ok(()), |block| {
                word("the ground of a block", &block.ground)?;
                prose("the text of a block", &block.text, 1, MAX_REASON_CHARS)
            })
        }
        Body::Extension { reason: text, .. } | Body::Withdrawal { reason: text, .. } => reason(text, 0),
        Body::Challenge { reason: text, .. } => reason(text, 1),
        Body::Note(comment) => check_comment(comment),
        Body::Notice { subject, source: text } => {
            line("the subject", subject, 1, MAX_NAME_CHARS)?;
            source("the notice", text)
        }
        Body::Article(decision) => {
            cut(&decision.certificate.cut)?;
            count("the final votes", decision.certificate.finals.len(), 1, MAX_MESSAGES)
        }
        Body::Fault(report) => {
            line("the culprit", &report.culprit, 1, MAX_ADDRESS_CHARS)?;
            count("the evidence", report.evidence.len(), 1, MAX_EVIDENCE)
        }
        Body::CutProposal(proposal) => {
            cut(&proposal.cut)?;
            count("the skips", proposal.justification.skips.len(), 0, MAX_MESSAGES)?;
            count("the votes", proposal.justification.votes.len(), 0, MAX_MESSAGES)
        }
        Body::Charter { .. }
        | Body::MandateEnd { .. }
        | Body::Receipt { .. }
        | Body::CutVote { .. }
        | Body::CutSkip { .. }
        | Body::CutFinal { .. } => Ok(()),
    }
}

fn check_question(question: &Question) -> Check {
    line("the address", &question.id, 1, MAX_ADDRESS_CHARS)?;
    require(question.version > 0, "versions of a proposal count from 1")?;
    line("the title", &question.name, 1, MAX_NAME_CHARS)?;
    source("the text", &question.source)?;
    word("the decision type", &question.decision_type)?;
    count("the options", question.options.len(), 1, MAX_OPTIONS)?;
    question.options.iter().try_for_each(|option| line("an option", option, 1, MAX_NAME_CHARS))?;
    reason(&question.reason, 0)?;
    let principles = &question.principles;
    require(
        principles.is_sorted_by(|a, b| a < b) && principles.iter().all(|p| (1..=99).contains(p)),
        "the principles cited are numbers from 1 to 99 that ascend and do not repeat",
    )?;
    count("the decisions superseded", question.supersedes.len(), 0, MAX_EFFECTS)?;
    count("the effects", question.effects.len(), 0, MAX_EFFECTS)?;
    question.effects.iter().try_for_each(check_effect)?;
    question.voting.as_ref().map_or(Ok(()), |voting| cut(&voting.cut))
}

fn check_effect(effect: &Effect) -> Check {
    match effect {
        Effect::AdmitMember { name, class, level, .. } => {
            line("the name", name, 1, MAX_NAME_CHARS)?;
            word("the class", class)?;
            line("the level", level, 0, MAX_WORD_CHARS)
        }
        Effect::AdmitParty { party } => line("the name", &party.name, 1, MAX_NAME_CHARS),
        Effect::EndMember { .. }
        | Effect::AmendCharter { .. }
        | Effect::ChangeKey { .. }
        | Effect::RemoveParty { .. } => Ok(()),
    }
}

fn check_comment(comment: &Comment) -> Check {
    line("the address", &comment.id, 1, MAX_ADDRESS_CHARS)?;
    line("the proposal", &comment.proposal, 1, MAX_ADDRESS_CHARS)?;
    line("what is answered", &comment.in_reply_to, 1, MAX_ADDRESS_CHARS)?;
    line("the author", &comment.author, 1, MAX_ADDRESS_CHARS)?;
    line("the author's name", &comment.author_name, 0, MAX_NAME_CHARS)?;
    source("the comment", &comment.source)
}

fn cut(notes: &[String]) -> Check {
    count("the cut", notes.len(), 0, MAX_JOURNALS)
}

fn reason(text: &str, least: usize) -> Check {
    prose("the reason", text, least, MAX_REASON_CHARS)
}

fn word(what: &'static str, text: &str) -> Check {
    line(what, text, 1, MAX_WORD_CHARS)
}

/// One line of text: no control characters at all.
fn line(what: &'static str, text: &str, least: usize, most: usize) -> Check {
    if text.chars().any(char::is_control) {
        return Err(StatementError::Character { what });
    }
    length(what, text.chars().count(), least, most, "characters")
}

/// Text of several lines: of the control characters only tab, line feed and carriage return.
fn prose(what: &'static str, text: &str, least: usize, most: usize) -> Check {
    plain(what, text)?;
    length(what, text.chars().count(), least, most, "characters")
}

/// Markdown.
fn source(what: &'static str, text: &str) -> Check {
    plain(what, text)?;
    length(what, text.len(), 1, MAX_SOURCE_BYTES, "bytes")
}

fn plain(what: &'static str, text: &str) -> Check {
    // U+0000 above all: PostgreSQL cannot keep it.
    let strange = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    if text.chars().any(strange) { Err(StatementError::Character { what }) } else { Ok(()) }
}

fn count(what: &'static str, found: usize, least: usize, most: usize) -> Check {
    length(what, found, least, most, "parts")
}

fn length(what: &'static str, found: usize, least: usize, most: usize, unit: &'static str) -> Check {
    if (least..=most).contains(&found) { Ok(()) } else { Err(StatementError::Length { what, least, most, unit }) }
}

fn require(holds: bool, rule: &'static str) -> Check {
    if holds { Ok(()) } else { Err(StatementError::Content(rule)) }
}
