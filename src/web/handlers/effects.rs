//! What a proposal does by itself once it has passed, in lines.

use folkmoot_governance::charter::{Charter, difference};
use folkmoot_governance::statement::{Effect, EndStatus};

use super::names::{self, Names};
use crate::actions::standing::Standing;
use crate::web::proposal::EffectLine;

/// Most changes of a charter that are named one by one.
const CHANGES_MOST: usize = 8;

pub fn lines(effects: &[Effect], charter: &Charter, standing: &Standing, names: &Names) -> Vec<EffectLine> {
    effects.iter().map(|effect| line(effect, charter, standing, names)).collect()
}

fn line(effect: &Effect, charter: &Charter, standing: &Standing, names: &Names) -> EffectLine {
    let (kind, name, detail) = match effect {
        Effect::AdmitMember { sponsor, name, class, .. } => (
            "admit-member",
            name.clone(),
            format!("{}, {}", names::class(charter, class), names::party(standing, sponsor)),
        ),
        Effect::EndMember { member, status, .. } => ("end-member", names.member(member), ended(*status).to_owned()),
        Effect::AmendCharter { charter: new, .. } => ("amend-charter", new.version.to_string(), changes(charter, new)),
        Effect::AdmitParty { party } => ("admit-party", party.name.clone(), party.node.authority().to_owned()),
        Effect::ChangeKey { node, key } => ("change-key", names::party(standing, node), key.to_string()),
        Effect::RemoveParty { node } => ("remove-party", names::party(standing, node), node.authority().to_owned()),
    };
    EffectLine { kind, name, detail }
}

fn ended(status: EndStatus) -> &'static str {
    match status {
        EndStatus::Withdrawn => "withdrawn",
        EndStatus::Suspended => "suspended",
        EndStatus::Lapsed => "lapsed",
    }
}

fn changes(old: &Charter, new: &Charter) -> String {
    let changes = difference(old, new);
    let told = changes.iter().filter(|change| !change.path.starts_with("provisional")).take(CHANGES_MOST);
    let told: Vec<String> = told
        .map(|change| {
            let value = |value: &Option<String>| value.clone().filter(|text| !text.is_empty()).unwrap_or("–".into());
            format!("{}: {} → {}", change.path, value(&change.old), value(&change.new))
        })
        .collect();
    told.join("; ")
}
