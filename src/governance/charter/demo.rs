//! A charter for trying things out: the same rules with seconds where days are meant.

use super::Charter;

/// The durations of a demo, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoTimes {
    /// How long the shortest vote lasts; the other types keep their proportion to it.
    pub vote_seconds: i64,
    /// How long cosignatures on ballots count after closing (W).
    pub settle_seconds: i64,
    /// Longest delay of a message (Δ).
    pub delay_seconds: i64,
    /// How long before a vote opens its opening is published.
    pub opening_seconds: i64,
    pub abandon_seconds: i64,
}

impl Default for DemoTimes {
    fn default() -> Self {
        Self { vote_seconds: 30, settle_seconds: 3, delay_seconds: 2, opening_seconds: 5, abandon_seconds: 600 }
    }
}

impl Charter {
    /// This charter as a demo: marked as one, no waiting for the roll or for objections, votes in seconds.
    #[must_use]
    pub fn for_demo(&self, times: DemoTimes) -> Self {
        let mut demo = self.clone();
        demo.demo = true;
        let shortest = self.types.iter().map(|decision_type| decision_type.minimum_seconds).min().unwrap_or(1).max(1);
        for decision_type in &mut demo.types {
            let scaled =
                i128::from(decision_type.minimum_seconds) * i128::from(times.vote_seconds) / i128::from(shortest);
            decision_type.minimum_seconds = i64::try_from(scaled).unwrap_or(i64::MAX);
        }
        demo.roll.minimum_age_seconds = 0;
        demo.roll.objection_seconds = 0;
        demo.closing.settle_seconds = times.settle_seconds;
        demo.closing.delay_seconds = times.delay_seconds;
        demo.closing.opening_seconds = times.opening_seconds;
        demo.closing.abandon_seconds = times.abandon_seconds;
        demo
    }
}
