//! One visit of a browser: who comes, what surrounds the page they get, and the proof that a form is ours.
//! Around every page lies [`attend`]; failures become pages there.

use std::any::Any;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use folkmoot_governance::id::Time;
use folkmoot_governance::statement::Visibility;

use super::failure::FailurePage;
use super::form::{Fields, Problems};
use super::headers;
use super::layout::{self, Done, Frame, Section};
use super::render::{Page, Pages};
use super::session::{self, Cookies};
use crate::actions::accounts::{self, Session};
use crate::actions::error::{ActionError, Refusal};
use crate::actions::standing::{self, Standing};
use crate::actions::visible::Reader;
use crate::actions::{Person, error};
use crate::app::App;
use crate::http::error::Problem;
use crate::storage::{self, Conn};
use crate::words::{self, Texts};

/// Longest address that somebody is brought back to after logging in.
const NEXT_LIMIT: usize = 500;

/// What a handler answers.
pub type Answer = Result<Response, Failure>;

/// Who comes and with what; handlers take it as an argument.
#[derive(Clone)]
pub struct Visit {
    pub app: App,
    pub now: Time,
    pub session: Option<Session>,
    reader: Reader,
    /// Absent until the node belongs to a consortium.
    pub known_standing: Option<Arc<Standing>>,
    pages: Arc<Pages>,
    /// What forms send back.
    csrf: String,
    /// The browser has to be given the token first.
    new_token: bool,
    language: &'static str,
    done: Option<Done>,
    /// Path and query; the first page for a form that was sent.
    here: String,
}

/// A form that was sent from a page of ours.
pub struct Posted {
    pub visit: Visit,
    pub fields: Fields,
}

/// What could not be shown or done; [`attend`] makes a page of it.
pub struct Failure(pub Problem);

impl<E: Into<ActionError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Problem::from(error.into()))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl Visit {
    /// What the request says by itself; who comes is for [`Self::learn`].
    fn begin(app: App, pages: Arc<Pages>, request: &Request) -> (Self, Cookies) {
        let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let cookies = Cookies::parse(header(header::COOKIE).unwrap_or_default(), secure(&app));
        let now = app.now();
        let uri = request.uri();
        let here = uri.path_and_query().map_or("/", |path| path.as_str());
        let comes_back = request.method() == Method::GET && here.len() <= NEXT_LIMIT;
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let visit = Self {
            now,
            session: None,
            reader: Reader::visitor(),
            known_standing: None,
            pages,
            csrf: cookies.form.clone().unwrap_or_else(session::token),
            new_token: cookies.form.is_none(),
            language: words::choose(header(header::ACCEPT_LANGUAGE)),
            done: query.into_iter().find(|(name, _)| name == "done").and_then(|(_, value)| Done::parse(&value)),
            here: if comes_back { here.to_owned() } else { "/".to_owned() },
            app,
        };
        (visit, cookies)
    }

    /// Looks up who comes and where the node stands.
    async fn learn(&mut self, cookies: Cookies) -> error::Result<()> {
        if let Some(secret) = cookies.session
            && let Some(session) = accounts::session(&self.app, &secret, self.now).await?
        {
            self.csrf.clone_from(&session.csrf);
            self.new_token = false;
            self.session = Some(session);
        }
        let mut conn = self.app.db.read().await?;
        if let Some(session) = &self.session {
            self.reader = Reader::signed_in(&mut conn, session.person.clone(), self.now).await?;
        }
        self.known_standing = standing::find(&mut conn).await?.map(Arc::new);
        Ok(())
    }

    /// Words in the language of the visitor.
    pub fn texts(&self) -> &Texts {
        self.app.words.of(self.language)
    }

    pub async fn conn(&self) -> Result<Conn, storage::Error> {
        self.app.db.read().await
    }

    /// The consortium; refuses where there is none yet.
    pub fn standing(&self) -> Result<&Standing, Failure> {
        let (title, detail) = ("title-no-consortium", "failed-no-consortium");
        let missing = || Failure(Problem::new(StatusCode::NOT_FOUND, "no-consortium", title, detail));
        self.known_standing.as_deref().ok_or_else(missing)
    }

    /// Whoever is logged in.
    pub fn person(&self) -> Option<&Person> {
        self.reader.person.as_ref()
    }

    /// Whoever is logged in; asks others to log in.
    pub fn logged_in(&self) -> Result<&Person, Failure> {
        Ok(self.person().ok_or(ActionError::SignInNeeded)?)
    }

    /// The steward who is logged in.
    pub fn steward(&self) -> Result<&Person, Failure> {
        let person = self.logged_in()?;
        person.must_be_steward()?;
        Ok(person)
    }

    pub fn may_read(&self, visibility: Visibility) -> bool {
        self.reader.may_read(visibility)
    }

    /// For whom lists are made.
    pub fn reads(&self) -> Visibility {
        self.reader.reads()
    }

    pub fn must_read(&self, visibility: Visibility) -> Result<(), Failure> {
        Ok(self.reader.must_read(visibility)?)
    }

    /// The page with everything around it.
    pub fn show<P: Page>(&self, section: Section, page: &P) -> Answer {
        self.answer(StatusCode::OK, section, page)
    }

    /// A form again, with what has to be mended and what was typed.
    pub fn mend<P: Page>(&self, section: Section, page: &P) -> Answer {
        self.answer(StatusCode::UNPROCESSABLE_ENTITY, section, page)
    }

    fn answer<P: Page>(&self, status: StatusCode, section: Section, page: &P) -> Answer {
        let html = self.pages.render(&self.frame(section), page);
        let html = html.map_err(|error| ActionError::corrupt(P::TEMPLATE)(format!("{error:#}")))?;
        Ok((status, Html(html)).into_response())
    }

    fn frame(&self, section: Section) -> Frame {
        let charter = self.known_standing.as_deref().map(|standing| &standing.epoch().charter);
        Frame {
            language: self.language,
            node: self.app.config.node.name.clone(),
            base: self.app.node.base().to_owned(),
            consortium: charter.map(|charter| charter.name.clone()),
            demo: charter.is_some_and(|charter| charter.demo),
            section,
            person: self.person().map(|person| layout::Person { name: named(person), steward: person.steward }),
            csrf: self.csrf.clone(),
            now: self.now,
            done: self.done,
        }
    }

    fn failure(&self, problem: Problem) -> Response {
        let page = FailurePage {
            log_in: (problem.status == StatusCode::UNAUTHORIZED).then(|| self.here.clone()),
            fault: problem.status.is_server_error(),
            title: problem.title.into(),
            detail: problem.detail,
        };
        match self.answer(problem.status, Section::None, &page) {
            Ok(response) => response,
            Err(failure) => (failure.0.status, self.texts().tell(&failure.0.detail)).into_response(),
        }
    }

    /// Headers of every page, and the token of forms for a browser that has none.
    fn dress(&self, response: &mut Response) {
        let all = response.headers_mut();
        security_headers(all, &self.app);
        all.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(headers::PAGE_CACHE));
        if self.new_token
            && let Ok(cookie) = HeaderValue::from_str(&session::form_cookie(&self.csrf, secure(&self.app)))
        {
            all.append(header::SET_COOKIE, cookie);
        }
    }
}

/// What somebody is called.
fn named(person: &Person) -> String {
    if person.name.is_empty() { person.login.clone() } else { person.name.clone() }
}

/// Whether the node is reached over https.
pub fn secure(app: &App) -> bool {
    app.config.node.address.starts_with("https://")
}

/// What may be loaded and framed, for pages and files alike.
pub fn security_headers(all: &mut axum::http::HeaderMap, app: &App) {
    let strict = secure(app).then_some(headers::STRICT_TRANSPORT);
    for (name, value) in headers::SECURITY.into_iter().chain(strict) {
        all.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

/// Around every page: reads who comes, and makes pages of failures.
pub async fn attend(State((app, pages)): State<(App, Arc<Pages>)>, mut request: Request, next: Next) -> Response {
    let (mut visit, cookies) = Visit::begin(app, pages, &request);
    let mut response = match visit.learn(cookies).await {
        Err(fault) => Failure::from(fault).into_response(),
        Ok(()) => {
            request.extensions_mut().insert(visit.clone());
            next.run(request).await
        }
    };
    if let Some(problem) = response.extensions_mut().remove() {
        response = visit.failure(problem);
    }
    visit.dress(&mut response);
    response
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().expect("`attend` lies around every page"))
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let visit = request.extensions().get::<Visit>().cloned().expect("`attend` lies around every page");
        let too_long = |_| Failure(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "long", "title-long", "failed-long"));
        let body = Bytes::from_request(request, state).await.map_err(too_long)?;
        let fields = Fields::parse(&body);
        if !session::same_token(&visit.csrf, fields.raw("csrf")) {
            return Err(ActionError::Forbidden("forbidden-stale-form").into());
        }
        Ok(Self { visit, fields })
    }
}

/// On to `path`, which says on top what was done.
pub fn go(path: &str, done: Option<Done>) -> Answer {
    let (page, fragment) = path.split_once('#').map_or((path, ""), |(page, fragment)| (page, fragment));
    let mut address = page.to_owned();
    if let Some(done) = done {
        address.push(if page.contains('?') { '&' } else { '?' });
        address.push_str("done=");
        address.push_str(done.name());
    }
    if !fragment.is_empty() {
        address.push('#');
        address.push_str(fragment);
    }
    Ok(Redirect::to(&address).into_response())
}

/// A refusal as the problem of a form; any other error stays a failure. `fields` names fields that are called otherwise
/// in the form: (in the action, in the form).
pub fn refusal(error: ActionError, fields: &[(&str, &str)]) -> Result<Problems, Failure> {
    match error {
        ActionError::Refused(Refusal { message, field, .. }) => {
            let field = field.unwrap_or_default();
            let form = fields.iter().find(|(action, _)| *action == field).map_or(field, |(_, form)| form);
            Ok(Problems::one(form, message))
        }
        other => Err(other.into()),
    }
}

/// A handler that panicked: the reason goes to the log, the visitor reads that nothing was done.
pub fn panicked(reason: Box<dyn Any + Send + 'static>) -> Response {
    let words = reason.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| reason.downcast_ref::<&str>().copied()).unwrap_or("without words");
    Failure::from(ActionError::Corrupt { what: "page", detail: format!("the handler panicked: {words}") })
        .into_response()
}

/// For every address that there is none of.
pub async fn not_found() -> Failure {
    ActionError::NotFound("missing-page").into()
}
