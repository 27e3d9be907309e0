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
    // More nodes share the same two cores, and each speaks to all others: what is between them grows with the square.
    let extra = (nodes as i64 / 12).pow(2);
    Ok(parse(OCM)?.for_demo(DemoTimes {
        vote_seconds: 6 + 3 * extra,
        settle_seconds: 3 + 2 * extra,
        delay_seconds: 1 + extra,
        opening_seconds: 4 + 2 * extra,
        abandon_seconds: 600,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(find: &str, put: &str, mention: &str) {
        assert!(OCM.contains(find), "{find}");
        let error = parse(&OCM.replacen(find, put, 1)).expect_err(put).to_string();
        assert!(error.contains(mention) && error.contains("line"), "{error}");
    }

    #[test]
    fn what_a_charter_file_says_and_nobody_knows_is_named_with_its_line() {
        refused("[closing]", "[closing]\nsettle = 5", "settle");
        refused("[roll]", "[roll]\nobjection_days = 7", "objection_days");
        refused("[[classes]]", "[[classes]]\ncolour = 'red'", "colour");
        refused("[[types]]", "[[typos]]", "typos");
    }

    #[test]
    fn numbers_of_a_charter_file_are_exact() {
        // A strength is a fraction in quotes; 0.4 is not two fifths.
        let strength = OCM.lines().find(|line| line.starts_with("strength")).expect("a strength");
        refused(strength, "strength = 0.4", "strength");
        refused(strength, "strength = \"0.4\"", "fraction");
        refused(strength, "strength = \"2/0\"", "fraction");
        let settle = OCM.lines().find(|line| line.starts_with("settle_seconds")).expect("a duration");
        refused(settle, "settle_seconds = 1.5", "settle_seconds");
        refused(settle, "settle_seconds = \"ten minutes\"", "settle_seconds");
        refused(settle, "settle_seconds = 99999999999999999999", "99999999999999999999");
    }

    #[test]
    fn a_file_that_is_no_charter_is_refused() {
        for text in ["", "charter", "[charter", "name = 7", "\u{0}"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
