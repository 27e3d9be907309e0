//! Who is on the rolls: the worked example's forty members, or few where the rules are not the point.

/// What somebody does with the ballot; `None` stays silent.
pub type Choice = Option<&'static str>;

pub const AGREE: Choice = Some("agree");
pub const DISAGREE: Choice = Some("disagree");
pub const ABSTAIN: Choice = Some("abstain");

pub const PRODUCER: &str = "producer";
pub const CONSUMER: &str = "consumer-organisation";
pub const INDIVIDUAL: &str = "consumer-individual";

#[derive(Debug, Clone)]
pub struct Member {
    /// Member id and login.
    pub id: String,
    pub class: &'static str,
    /// Position of the home node.
    pub node: usize,
    pub choice: Choice,
}

/// Twelve producers, eight consumer organisations, twenty individuals: 247/360 of the weighted vote agree.
pub fn worked_example(nodes: usize) -> Vec<Member> {
    let producers = [AGREE, AGREE, DISAGREE, AGREE, ABSTAIN, AGREE, AGREE, None, DISAGREE, AGREE, AGREE, None];
    let consumers = [AGREE, DISAGREE, AGREE, DISAGREE, None, AGREE, DISAGREE, None];
    let mut individuals = [None; 20];
    individuals[..5].copy_from_slice(&[AGREE, AGREE, DISAGREE, AGREE, AGREE]);
    let mut members = class(PRODUCER, "producer", nodes, &producers);
    members.extend(class(CONSUMER, "consumer", nodes, &consumers));
    members.extend(class(INDIVIDUAL, "person", nodes, &individuals));
    members
}

/// A producer at each node, one consumer organisation and two individuals; all but the last individual agree.
pub fn few(nodes: usize) -> Vec<Member> {
    let mut members = class(PRODUCER, "producer", nodes, &vec![AGREE; nodes]);
    members.extend(class(CONSUMER, "consumer", nodes, &[AGREE]));
    members.extend(class(INDIVIDUAL, "person", nodes, &[AGREE, DISAGREE]));
    members
}

fn class(class: &'static str, prefix: &str, nodes: usize, choices: &[Choice]) -> Vec<Member> {
    let member = |(i, choice): (usize, &Choice)| Member {
        id: format!("{prefix}-{}", i + 1),
        class,
        node: i % nodes,
        choice: *choice,
    };
    choices.iter().enumerate().map(member).collect()
}
