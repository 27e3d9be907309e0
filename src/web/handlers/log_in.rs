//! Logging in and out.

use axum::http::{HeaderValue, header};
use serde::Deserialize;

use crate::actions::accounts;
use crate::actions::error::ActionError;
use crate::http::address::Asked;
use crate::http::caller::Caller;
use crate::web::form::Problems;
use crate::web::layout::{Done, Section};
use crate::web::log_in::{LogInForm, LogInPage, local_path};
use crate::web::session;
use crate::web::visit::{Answer, Posted, Visit, go, refusal, secure};

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    next: String,
}

pub async fn show(visit: Visit, Asked(wanted): Asked<Wanted>) -> Answer {
    let next = local_path(&wanted.next).to_owned();
    if visit.person().is_some() {
        return go(&next, None);
    }
    let form = LogInForm { next, ..LogInForm::default() };
    visit.show(Section::None, &LogInPage { form, problems: Problems::default() })
}

pub async fn log_in(Caller(from): Caller, Posted { visit, fields }: Posted) -> Answer {
    let form = LogInForm::read(&fields);
    match accounts::open_session(&visit.app, &form.login, &form.password, &from, visit.now).await {
        Ok(opened) => {
            let mut answer = go(&form.next, Some(Done::LoggedIn))?;
            let cookie = session::session_cookie(&opened.secret, accounts::SESSION_SECONDS, secure(&visit.app));
            let cookie = HeaderValue::from_str(&cookie).map_err(ActionError::corrupt("cookie"))?;
            answer.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(answer)
        }
        Err(error) => {
            let problems = match error {
                ActionError::Refused(refused) if refused.code == "sign-in" => Problems::one("login", "problem-log-in"),
                ActionError::Refused(refused) if refused.code == "too-many" => {
                    Problems::one("login", "problem-log-in-wait")
                }
                other => refusal(other, &[])?,
            };
            visit.mend(Section::None, &LogInPage { form, problems })
        }
    }
}

pub async fn log_out(Posted { visit, .. }: Posted) -> Answer {
    if let Some(session) = &visit.session {
        accounts::end_session(&visit.app, &session.secret).await?;
    }
    let mut answer = go("/", Some(Done::LoggedOut))?;
    let cookie = session::ended_session_cookie(secure(&visit.app));
    let cookie = HeaderValue::from_str(&cookie).map_err(ActionError::corrupt("cookie"))?;
    answer.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(answer)
}
