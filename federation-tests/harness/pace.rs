//! How fast a consortium goes: as fast as two cores carry it, with all that its nodes have to write.

use folkmoot_governance::charter::{Charter, DemoTimes};

use super::process::Database;

#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Shortest time between two checkpoints of a node.
    pub checkpoint_ms: u32,
    /// How often a node pulls.
    pub sync_ms: u32,
    /// How long a vote lasts in which everybody votes.
    pub voting_seconds: u64,
    /// The shortest vote that the charter allows.
    minimum_seconds: i64,
    /// From the announcement of a vote to its opening.
    opening_seconds: i64,
    /// W and Δ of the closing.
    settle_seconds: i64,
    delay_seconds: i64,
}

const FEW: Pace = Pace {
    checkpoint_ms: 200,
    sync_ms: 1500,
    voting_seconds: 8,
    minimum_seconds: 6,
    opening_seconds: 3,
    settle_seconds: 2,
    delay_seconds: 1,
};

const MANY: Pace = Pace {
    checkpoint_ms: 700,
    sync_ms: 4000,
    voting_seconds: 18,
    minimum_seconds: 12,
    opening_seconds: 7,
    settle_seconds: 5,
    delay_seconds: 2,
};

/// A server that all nodes share writes less in the same time than a file for each.
const MANY_ON_POSTGRES: Pace =
    Pace { checkpoint_ms: 1000, voting_seconds: 30, opening_seconds: 10, settle_seconds: 8, ..MANY };

impl Pace {
    pub fn of(nodes: usize, database: Database) -> Self {
        match (nodes, database) {
            (..=6, _) => FEW,
            (_, Database::Sqlite) => MANY,
            (_, Database::Postgres) => MANY_ON_POSTGRES,
        }
    }

    /// The preset with seconds instead of days.
    pub fn charter(&self) -> Charter {
        let preset = folkmoot::charters::parse(folkmoot::charters::OCM).expect("the preset is a charter");
        let mut charter = preset.for_demo(DemoTimes {
            vote_seconds: 3,
            settle_seconds: self.settle_seconds,
            delay_seconds: self.delay_seconds,
            opening_seconds: self.opening_seconds,
            abandon_seconds: 600,
        });
        for decision_type in &mut charter.types {
            decision_type.minimum_seconds = self.minimum_seconds;
        }
        charter
    }
}
