//! Me: for whom I act, keys, tokens and password.

use folkmoot_governance::id::{Digest, MemberId};
use folkmoot_governance::key::PublicKey;

use super::names;
use crate::actions::error::ActionError;
use crate::actions::{accounts as action, amend_roll, view_members};
use crate::http::address::Named;
use crate::http::caller::Caller;
use crate::storage::accounts;
use crate::web::account::{AccountPage, Identity, TokenLine};
use crate::web::form::Problems;
use crate::web::layout::{Done, Section};
use crate::web::visit::{Answer, Failure, Posted, Visit, go, refusal};

pub async fn show(visit: Visit) -> Answer {
    let page = load(&visit).await?;
    visit.show(Section::Account, &page)
}

async fn load(visit: &Visit) -> Result<AccountPage, Failure> {
    let person = visit.logged_in()?;
    let mut conn = visit.conn().await?;
    let mut identities = Vec::new();
    if let Some(standing) = visit.known_standing.as_deref() {
        for member in view_members::acts_for(&mut conn, &person.person).await? {
            let view = view_members::load(&mut conn, &member).await?;
            let mandate = member != person.person;
            let held = view.mandates.iter().find(|held| held.holder == person.person && held.until.is_none());
            identities.push(Identity {
                url: format!("/members/{member}"),
                name: if view.row.name.is_empty() { member.to_string() } else { view.row.name.clone() },
                class_name: names::class(&standing.epoch().charter, &view.row.class),
                since: held.filter(|_| mandate).map_or(view.row.since, |held| held.since),
                custody: view.row.custody,
                key: view.row.key.to_string(),
                member: member.to_string(),
                mandate,
            });
        }
    }
    let tokens = accounts::tokens_of(&mut conn, &person.login).await?;
    let line = |(id, name, made): (Digest, String, _)| TokenLine { id: id.to_string(), name, made, used: None };
    Ok(AccountPage {
        login: person.login.clone(),
        identities,
        tokens: tokens.into_iter().map(line).collect(),
        new_token: None,
        problems: Problems::default(),
    })
}

async fn mend(visit: &Visit, problems: Problems) -> Answer {
    let page = AccountPage { problems, ..load(visit).await? };
    visit.mend(Section::Account, &page)
}

/// A key that the member keeps from now on.
pub async fn set_key(Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let typed = (fields.line("member").parse::<MemberId>(), fields.line("key").parse::<PublicKey>());
    let (Ok(member), Ok(key)) = typed else {
        return mend(&visit, Problems::one("key", "refused-key")).await;
    };
    match amend_roll::set_key(&visit.app, person, member, key, visit.now).await {
        Ok(()) => go("/account#keys", Some(Done::KeyChanged)),
        Err(error) => mend(&visit, refusal(error, &[])?).await,
    }
}

/// A token is shown this once, so that there is no redirect.
pub async fn make_token(Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let name = fields.line("token_name");
    match action::new_token(&visit.app, person, &name, visit.now).await {
        Ok(token) => {
            let page = AccountPage { new_token: Some(token), ..load(&visit).await? };
            visit.show(Section::Account, &page)
        }
        Err(error) => mend(&visit, refusal(error, &[("name", "token_name")])?).await,
    }
}

pub async fn end_token(Named(id): Named<String>, Posted { visit, .. }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let token: Digest = id.parse().map_err(|_| ActionError::NotFound("missing-token"))?;
    action::end_token(&visit.app, person, token).await?;
    go("/account", Some(Done::TokenEnded))
}

/// Ends every session, this one too: the person logs in again.
pub async fn set_password(Caller(from): Caller, Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let (old, new) = (fields.raw("current"), fields.raw("password"));
    match action::set_password(&visit.app, person, old, new, &from, visit.now).await {
        Ok(()) => go("/log-in?next=%2Faccount", Some(Done::PasswordChanged)),
        Err(ActionError::Refused(refused)) if refused.code == "sign-in" => {
            mend(&visit, Problems::one("current", "problem-current")).await
        }
        Err(error) => mend(&visit, refusal(error, &[("login", "current")])?).await,
    }
}
