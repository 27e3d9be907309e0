//! What a proposal does by itself once it has passed, in lines.

use std::time::Instant;

use folkmoot_governance::charter::{Change, Charter, Setting, difference};
use folkmoot_governance::id::MemberId;
use folkmoot_governance::statement::{Effect, EndStatus};

use super::charter::place;
use super::names::{self, Names};
use crate::actions::standing::Standing;
use crate::web::difference::{compare, deadline};
use crate::web::proposal::{ChangeLine, EffectLine};
use crate::words::Texts;
use crate::words::setting::told;

/// The longest value that is shown whole on one line with the one before it.
const LINE_CHARS: usize = 80;

/// Members whom effects name by their id alone.
pub fn members(effects: &[Effect]) -> Vec<&MemberId> {
    let named = effects.iter().filter_map(|effect| match effect {
        Effect::EndMember { member, .. } => Some(member),
        _ => None,
    });
    named.collect()
}

pub fn lines(
    texts: &Texts,
    effects: &[Effect],
    charter: &Charter,
    standing: &Standing,
    names: &Names,
) -> Vec<EffectLine> {
    let by = deadline();
    effects.iter().map(|effect| line(texts, effect, charter, standing, names, by)).collect()
}

fn line(
    texts: &Texts,
    effect: &Effect,
    charter: &Charter,
    standing: &Standing,
    names: &Names,
    by: Instant,
) -> EffectLine {
    let mut changed = Vec::new();
    let (kind, name, detail) = match effect {
        Effect::AdmitMember { sponsor, name, class, .. } => (
            "admit-member",
            name.clone(),
            format!("{}, {}", names::class(charter, class), names::party(standing, sponsor)),
        ),
        Effect::EndMember { member, status, .. } => ("end-member", names.member(member), ended(*status).to_owned()),
        Effect::AmendCharter { charter: new, .. } => {
            changed = changes(texts, charter, new, by);
            ("amend-charter", new.version.to_string(), String::new())
        }
        Effect::AdmitParty { party } => ("admit-party", party.name.clone(), party.node.authority().to_owned()),
        Effect::ChangeKey { node, key } => ("change-key", names::party(standing, node), key.to_string()),
        Effect::RemoveParty { node } => ("remove-party", names::party(standing, node), node.authority().to_owned()),
    };
    EffectLine { kind, name, detail, changes: changed }
}

fn ended(status: EndStatus) -> &'static str {
    match status {
        EndStatus::Withdrawn => "withdrawn",
        EndStatus::Suspended => "suspended",
        EndStatus::Lapsed => "lapsed",
    }
}

/// Every changed place. What is marked as provisional changes along with it and is not said again; an id is a name inside
/// of the charter only.
fn changes(texts: &Texts, old: &Charter, new: &Charter, by: Instant) -> Vec<ChangeLine> {
    let shown = |change: &Change| !change.path.starts_with("provisional") && !change.path.ends_with(".id");
    let value = |setting: Option<Setting>| setting.map(|setting| told(texts, &setting)).unwrap_or_default();
    let line = |change: Change| {
        let place = place(if change.old.is_some() { old } else { new }, &change.path);
        let (old, new) = (value(change.old), value(change.new));
        let long = old.chars().count().max(new.chars().count()) > LINE_CHARS;
        ChangeLine { passages: if long { compare(&old, &new, by) } else { Vec::new() }, place, old, new }
    };
    difference(old, new).into_iter().filter(shown).map(line).collect()
}
