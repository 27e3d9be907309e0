//! A browser for the pages: it keeps cookies, sends forms with their token, and follows nothing by itself.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::app::{Answer, PASSWORD, TestApp};

pub struct Browser<'a> {
    test: &'a TestApp,
    cookies: BTreeMap<String, String>,
    /// Carried by every form, as the last page had it.
    token: String,
    /// The address that a proxy in front of the node would name.
    address: Option<String>,
}

impl<'a> Browser<'a> {
    pub fn new(test: &'a TestApp) -> Self {
        Self { test, cookies: BTreeMap::new(), token: String::new(), address: None }
    }

    /// The same as if it came from `address`, through a proxy of ours.
    pub fn at(test: &'a TestApp, address: &str) -> Self {
        Self { address: Some(address.to_owned()), ..Self::new(test) }
    }

    pub async fn logged_in(test: &'a TestApp, login: &str) -> Self {
        let mut browser = Self::new(test);
        browser.read("/log-in").await;
        let answer = browser.send("/log-in", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        browser.read("/account").await;
        browser
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.ask(Request::get(path), Body::empty()).await;
        let token = answer.text().split_once("name=\"csrf\" value=\"").map(|(_, rest)| rest.to_owned());
        if let Some(token) = token.as_deref().and_then(|rest| rest.split('"').next()) {
            self.token = token.to_owned();
        }
        answer
    }

    /// A page that is there.
    pub async fn read(&mut self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer.text()
    }

    /// Sends a form of the page that was read last.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form.append_pair("csrf", &self.token).extend_pairs(fields).finish();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, Body::from(body)).await
    }

    /// Sends a form that is taken; the answer is where the browser is sent on to, without the query.
    pub async fn done(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.send(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.text());
        let location = answer.headers[header::LOCATION].to_str().expect("an address");
        location.split(['?', '#']).next().unwrap_or(location).to_owned()
    }

    /// Sends a form that has to be mended; the answer is the page that says so.
    pub async fn mended(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.send(path, fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {}", answer.text());
        assert!(answer.text().contains("class=\"problems\""), "{}", answer.text());
        answer.text()
    }

    async fn ask(&mut self, mut request: axum::http::request::Builder, body: Body) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request.header(header::COOKIE, cookies.join("; "));
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        let answer = self.test.raw(request.body(body).expect("a request")).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().expect("a cookie").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a name and a value");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}
