//! Me: for whom I act, where my keys are, which programs I let in, my password.

use folkmoot_governance::id::Time;
use folkmoot_governance::statement::Custody;
use serde::Serialize;

use super::form::Problems;
use super::render::Page;

#[derive(Debug, Serialize)]
pub struct AccountPage {
    pub login: String,
    pub identities: Vec<Identity>,
    pub tokens: Vec<TokenLine>,
    /// A token that was just made; shown this once.
    pub new_token: Option<String>,
    pub problems: Problems,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "account.html";
}

/// A member for whom the person acts.
#[derive(Debug, Serialize)]
pub struct Identity {
    pub member: String,
    pub name: String,
    pub url: String,
    pub class_name: String,
    pub mandate: bool,
    pub since: Time,
    pub custody: Custody,
    /// `did:key:z6Mk…`
    pub key: String,
}

#[derive(Debug, Serialize)]
pub struct TokenLine {
    pub id: String,
    pub name: String,
    pub made: Time,
    pub used: Option<Time>,
}

#[cfg(test)]
mod tests {
    use crate::web::sample;

    #[test]
    fn a_new_token_is_shown_once_and_the_old_ones_only_by_name() {
        let mut page = sample::account();
        page.new_token = Some("fm_secret".into());
        let html = sample::render(&sample::member(), &page);
        assert!(html.contains("fm_secret") && html.contains("Calendar on my phone"), "{html}");
    }
}
