//! The people of the demonstration: the twelve parties of the founding document, eight consumer organisations and
//! twenty individuals, and how each of them votes in the worked example.

/// The parties as the founding document names them.
const PARTIES: [&str; 12] = [
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

const CONSUMERS: [&str; 8] = [
    "Harbour Food Co-op",
    "Els Tallers Housing",
    "Northern Weavers",
    "Radio Comú",
    "Riverside Clinic",
    "Les Jardins Partagés",
    "Open Archive Trust",
    "Cargo Bike Collective",
];

const INDIVIDUALS: [&str; 20] = [
    "Ada",
    "Bilal",
    "Carme",
    "Dieudonné",
    "Esther",
    "Farida",
    "Goran",
    "Hana",
    "Inés",
    "Jordi",
    "Kofi",
    "Leïla",
    "Maya",
    "Noah",
    "Oriol",
    "Pilar",
    "Quim",
    "Rosa",
    "Sami",
    "Tove",
];

/// What somebody does with the ballot; `None` stays silent.
pub type Choice = Option<&'static str>;

const AGREE: Choice = Some("agree");
const DISAGREE: Choice = Some("disagree");
const ABSTAIN: Choice = Some("abstain");

/// Producers: 7 agree, 2 disagree, 1 abstains, 2 stay silent.
const PRODUCER_VOTES: [Choice; 12] =
    [AGREE, AGREE, DISAGREE, AGREE, ABSTAIN, AGREE, AGREE, None, DISAGREE, AGREE, AGREE, None];
/// Consumer organisations: 3 and 3, 2 stay silent.
const CONSUMER_VOTES: [Choice; 8] = [AGREE, DISAGREE, AGREE, DISAGREE, None, AGREE, DISAGREE, None];
/// Individuals: 4 agree, 1 disagrees, 15 stay silent.
const INDIVIDUAL_VOTES: [Choice; 5] = [AGREE, AGREE, DISAGREE, AGREE, AGREE];

/// A member of the demonstration.
pub struct Member {
    /// Member id and login.
    pub id: String,
    pub name: String,
    pub class: &'static str,
    /// Which node is home to it.
    pub node: usize,
    pub vote: Choice,
}

/// A party's name and handle; past the twelve of the document they are numbered.
pub fn party(position: usize) -> (String, String) {
    let name = PARTIES.get(position).map_or_else(|| format!("Co-op {}", position + 1), |name| (*name).to_owned());
    let handle = slug(&name).replace('-', "_");
    (name, handle)
}

/// Everybody on the rolls of a consortium of `nodes` nodes: a producer at each, the others spread over them.
pub fn members(nodes: usize) -> Vec<Member> {
    let producers = (0..nodes).map(|node| {
        let (name, _) = party(node);
        (name, "producer", node, PRODUCER_VOTES[node % 12])
    });
    let consumers = CONSUMERS
        .iter()
        .enumerate()
        .map(|(i, name)| ((*name).to_owned(), "consumer-organisation", i % nodes, CONSUMER_VOTES[i]));
    let individuals = INDIVIDUALS.iter().enumerate().map(|(i, name)| {
        ((*name).to_owned(), "consumer-individual", i % nodes, INDIVIDUAL_VOTES.get(i).copied().flatten())
    });
    producers
        .chain(consumers)
        .chain(individuals)
        .map(|(name, class, node, vote)| Member { id: slug(&name), name, class, node, vote })
        .collect()
}

/// `Les Jardins Partagés` → `les-jardins-partages`.
fn slug(name: &str) -> String {
    let plain = |c: char| match c {
        'à' | 'á' | 'â' => 'a',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'í' | 'ï' => 'i',
        'ó' | 'ò' => 'o',
        'ú' | 'ü' => 'u',
        c if c.is_ascii_alphanumeric() => c,
        _ => '-',
    };
    name.to_lowercase().chars().map(plain).collect::<String>().trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_nodes_give_the_worked_example() {
        let members = members(12);
        let count = |class: &str, vote: Choice| members.iter().filter(|m| m.class == class && m.vote == vote).count();
        assert_eq!(members.len(), 40);
        assert_eq!(["agree", "disagree", "abstain"].map(|v| count("producer", Some(v))), [7, 2, 1]);
        assert_eq!(["agree", "disagree"].map(|v| count("consumer-organisation", Some(v))), [3, 3]);
        assert_eq!(["agree", "disagree"].map(|v| count("consumer-individual", Some(v))), [4, 1]);
        assert_eq!(count("consumer-individual", None), 15);
    }

    #[test]
    fn every_member_has_an_id_of_its_own() {
        for nodes in [1, 4, 12, 50] {
            let mut ids: Vec<_> = members(nodes).into_iter().map(|m| m.id).collect();
            ids.sort();
            let total = ids.len();
            ids.dedup();
            assert_eq!(ids.len(), total);
        }
    }
}
