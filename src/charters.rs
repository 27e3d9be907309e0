//! Charter files: TOML on disk, the core's `Charter` inside. Ships the preset of The Online Meeting Cooperative.

use folkmoot_governance::charter::{Charter, DemoTimes};

/// The preset with the numbers of the founding document; provisional ones are marked in it.
pub const OCM: &str = include_str!("charters/ocm.toml");

/// Reads a charter file. The error names the line and the key.
pub fn parse(text: &str) -> Result<Charter, toml::de::Error> {
    toml::from_str(text)
}

/// The preset with seconds instead of days, for `folkmoot demo` with this many nodes.
pub fn ocm_demo(nodes: usize) -> anyhow::Result<Charter> {
    // More nodes share the same two cores, so everything between them takes longer.
    let extra = nodes as i64 / 12;
    Ok(parse(OCM)?.for_demo(DemoTimes {
        vote_seconds: 6 + 3 * extra,
        settle_seconds: 3 + 2 * extra,
        delay_seconds: 1 + extra,
        opening_seconds: 4 + 2 * extra,
        abandon_seconds: 600,
    }))
}
