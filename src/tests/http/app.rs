//! One node on a database of its own, a clock that tests turn, and a client for it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use folkmoot::actions::{Person, accounts, closing, join, project, standing, witness};
use folkmoot::app::App;
use folkmoot::config::Config;
use folkmoot::storage::Database;
use folkmoot::transport::addresses::Addresses;
use folkmoot::transport::client::{Client, install_tls_provider};
use folkmoot::transport::keys::NodeKeys;
use folkmoot_governance::id::Time;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::database;
use super::scratch::Scratch;

pub const START: Time = Time(1_795_456_800);
pub const PASSWORD: &str = "correct horse battery";

pub struct TestApp {
    pub app: App,
    pub steward: String,
    router: Router,
    clock: Arc<AtomicI64>,
    _folder: TempDir,
    _scratch: Option<Scratch>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Making an RSA key takes long; every test's node has the same.
pub fn keys() -> NodeKeys {
    static KEYS: OnceLock<NodeKeys> = OnceLock::new();
    KEYS.get_or_init(|| NodeKeys::generate(&mut rand::rngs::OsRng).expect("keys")).clone()
}

impl TestApp {
    /// A node without a consortium, with one steward.
    pub async fn new() -> Self {
        Self::with_limits("").await
    }

    /// As [`Self::new`], with further lines of the configuration's limits.
    pub async fn with_limits(limits: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = format!(
            "[node]\nname = 'CollectiveTools'\nhandle = 'collectivetools'\naddress = 'https://tools.example'\n\
             data = '{}'\n[limits]\nbody_bytes = 131072\nsign_in_attempts = 5\njoin_requests = 10\n{limits}\n",
            folder.path().display()
        );
        let config = Config::parse(&text, std::iter::empty()).expect("a configuration");
        // A single connection: whoever asks for a second one while it holds the first waits in vain.
        let (url, scratch) = database::fresh(folder.path());
        let db = Database::open_with(&url, 1).await.expect("a fresh database opens");
        install_tls_provider();
        let keys = keys();
        let client = Client::new(&config.node_id(), &keys.http, Addresses::public()).expect("a client");
        let clock = Arc::new(AtomicI64::new(START.0));
        let hand = clock.clone();
        let app = App::with_clock(config, db, keys, client, Arc::new(move || Time(hand.load(Ordering::SeqCst))));
        accounts::create(&app, "steward", PASSWORD, None, "Steward", true, START).await.expect("an account");
        let router = folkmoot::http::router(app.clone());
        let mut test = Self { app, steward: String::new(), router, clock, _folder: folder, _scratch: scratch };
        test.steward = test.token_of("steward").await;
        test
    }

    pub fn now(&self) -> Time {
        self.app.now()
    }

    /// Lets time pass, and nothing be done.
    pub fn turn_clock(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Lets time pass and then does what the background loops would.
    pub async fn pass(&self, seconds: i64) {
        self.turn_clock(seconds);
        self.work().await;
    }

    pub async fn pass_until(&self, time: Time) {
        self.pass((time.0 - self.now().0).max(0)).await;
    }

    /// One turn of every background loop.
    pub async fn work(&self) {
        let (app, now) = (self.app.clone(), self.now());
        self.app
            .db
            .write(async move |conn| {
                let standing = standing::load(conn).await?;
                join::enter_due(conn, &app, &standing, now).await?;
                witness::checkpoint_own(conn, &app, &standing, now).await?;
                project::settle_openings(conn, now).await
            })
            .await
            .expect("the loops work");
        closing::tick_all(&self.app, now).await.expect("closing works");
    }

    pub async fn sign_in(&self, login: &str) -> String {
        let body = serde_json::json!({"login": login, "password": PASSWORD});
        let answer = self.post("", "/api/v1/sign-in", &body).await.expect(StatusCode::OK);
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// A token without the cost of checking a password.
    pub async fn token_of(&self, login: &str) -> String {
        let row = {
            let mut conn = self.app.db.read().await.expect("a connection");
            folkmoot::storage::accounts::find(&mut conn, login).await.expect("a query").expect("an account")
        };
        let person = Person { login: row.login, person: row.person, name: row.name, steward: row.steward };
        accounts::new_token(&self.app, &person, "test", self.now()).await.expect("a token")
    }

    /// As a visitor where `token` is empty.
    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.send("GET", token, path, None).await
    }

    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send("POST", token, path, Some(body.to_string().into_bytes())).await
    }

    pub async fn put(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send("PUT", token, path, Some(body.to_string().into_bytes())).await
    }

    /// A body is sent as JSON.
    pub async fn send(&self, method: &str, token: &str, path: &str, body: Option<Vec<u8>>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, Body::from);
        self.raw(request.body(body).expect("a request")).await
    }

    pub async fn raw(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 24).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The JSON of an answer with this status.
    #[track_caller]
    pub fn expect(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// A problem with this status and code; the answer is its detail.
    #[track_caller]
    pub fn refused(self, status: StatusCode, code: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status.as_u16());
        problem["detail"].as_str().expect("a detail").to_owned()
    }
}
