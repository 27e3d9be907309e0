//! What the tests share: the charter that co-ops start with, a consortium under it, and its people.

use crate::charter::Charter;

/// The preset.
pub(crate) fn ocm() -> Charter {
    toml::from_str(include_str!("../charters/ocm.toml")).expect("the preset is a charter")
}

#[test]
fn preset_has_no_problems() {
    assert_eq!(ocm().check(), []);
    assert_eq!(ocm().for_demo(Default::default()).check(), []);
}
