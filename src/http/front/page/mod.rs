//! The web pages for people: `/` in a browser, and all paths below `/account/`.
//!
//! **Invariant:** no other requests are answered here, so that the pages do not affect calendar
//! clients. `GET /` returns a page only if the client accepts HTML and sends no credentials. Every
//! change that a person makes needs a `POST` of a form that this server wrote, within the person's
//! session; only the login form needs no session.

mod account;
mod answer;
mod change;
mod form;
mod provider;
mod sessions;

use std::net::IpAddr;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{ACCEPT, AUTHORIZATION, HOST, HeaderMap},
    },
    web::Payload,
};
use page::{Notice, Site, path};
use schemas::{Metadata, metadata::Authentication};
use uuid::Uuid;

use self::{
    form::Form,
    sessions::{Begun, Lasts, Open, Session},
};
use super::{
    Front,
    login::{self, Authenticated},
    proxy_login::{self, Said},
    recording,
};
use crate::{audience, base_path, person::Person, refusal::Refusal};

pub(super) use sessions::Sessions;

/// A request that may be for a web page.
pub(super) struct Request<'a> {
    pub front: &'a Front,
    pub http: &'a HttpRequest,
    pub address: Option<IpAddr>,
    /// Id of the request.
    pub id: Uuid,
}

/// A response, and the person who got it, if known.
pub(super) struct Answered {
    pub response: HttpResponse,
    pub person: Option<Person>,
}

impl Answered {
    fn to_nobody(response: HttpResponse) -> Self {
        Self { response, person: None }
    }
}

impl Request<'_> {
    /// Answers a request for a web page; `None` if the request is for something else, or if its
    /// login header is invalid.
    pub(super) async fn answer(&self, payload: &mut Payload) -> Option<Answered> {
        let (method, target) = (self.http.method(), base_path::below(self.http.uri().path()));
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        if let Said::Forged(_) = self.said() {
            return None;
        }
        match target {
            path::HOME if is_read && is_for_people(self.http.headers()) => Some(self.home().await),
            path::STYLE if is_read => Some(Answered::to_nobody(answer::style())),
            path::PROFILE if is_read => Some(self.profile()),
            _ if *method == Method::GET && self.openid().is_some() && is_elsewhere(target) => {
                self.elsewhere(target).await
            }
            _ if !target.starts_with(path::TREE) => None,
            _ if *method == Method::POST => Some(self.posted(target, payload).await),
            _ if is_read => Some(Answered::to_nobody(self.failure(StatusCode::NOT_FOUND, "There is no such page."))),
            _ => None,
        }
    }

    /// Answers the paths of a login at the OpenID Connect provider. `None` if the server uses no
    /// provider.
    async fn elsewhere(&self, target: &str) -> Option<Answered> {
        let openid = self.openid()?;
        Some(match target {
            path::PROVIDER => self.begin_at_provider(openid).await,
            path::FROM_PROVIDER => self.end_at_provider(openid).await,
            _ => self.logged_out(openid),
        })
    }

    /// Answers `/`: with the account page if the request has a session, or if a trusted proxy names
    /// a person, whose session then starts; otherwise with the login page.
    async fn home(&self) -> Answered {
        if let Some(open) = self.session() {
            return self.page_of(open, None).await;
        }
        match self.named_by_proxy() {
            Some(secret) => self.page_with(&secret).await,
            None => Answered::to_nobody(self.welcome(StatusCode::OK, None, "")),
        }
    }

    /// Starts a session for a person who has logged in at a trusted proxy, and returns its secret.
    /// `None` if the proxy names no person with an active account.
    fn named_by_proxy(&self) -> Option<String> {
        let Said::Name(name) = self.said() else { return None };
        let Authenticated { person, is_new } = login::named(self.front, name, self.address).ok()?;
        if is_new {
            recording::logged_in_as(&self.front.state, name, || self.metadata(Some(&person)));
        }
        Some(self.begin(&person))
    }

    /// Returns the account page of a session that starts with this request, and sets its cookie.
    async fn page_with(&self, secret: &str) -> Answered {
        let Some(open) = self.front.sessions.find(secret) else {
            return Answered::to_nobody(self.welcome(StatusCode::OK, None, ""));
        };
        let mut answered = self.page_of(open, None).await;
        answer::begin_session(&mut answered.response, &self.site(), secret);
        answered
    }

    /// Returns what the login header of this request says about who has logged in at the proxy.
    fn said(&self) -> Said<'_> {
        proxy_login::said(&self.front.state.settings, self.http)
    }

    /// Returns the configuration profile for Apple's programs. In a session it contains the
    /// person's login name.
    fn profile(&self) -> Answered {
        let person = self.session().and_then(|open| self.person(&open.session));
        let login = person.as_ref().and_then(Person::entry).map(|entry| entry.short_name.clone());
        let profile = page::mobile_config(&self.site(), login.as_deref());
        Answered { response: answer::profile(profile), person }
    }

    /// Carries out the form of a POST request.
    async fn posted(&self, target: &str, payload: &mut Payload) -> Answered {
        let form = match Form::read(self, payload).await {
            Ok(form) => form,
            Err((status, why)) => return Answered::to_nobody(self.failure(status, why)),
        };
        if target == path::LOGIN {
            return self.log_in(&form).await;
        }
        let Some(open) = self.session() else {
            let notice = Notice::Refused("You are logged out. Log in again, and repeat what you did.".to_owned());
            return Answered::to_nobody(self.welcome(StatusCode::FORBIDDEN, Some(&notice), ""));
        };
        if !open.session.is_own_form(form.token()) {
            let why = "Nothing was changed, because this form belongs to an earlier login. Go back, load the page \
                again, and repeat what you did.";
            return Answered::to_nobody(self.failure(StatusCode::FORBIDDEN, why));
        }
        if target == path::LOGOUT {
            self.front.sessions.end(&open.key);
            let person = self.person(&open.session);
            let is_elsewhere = open.session.auth == Authentication::OpenId && self.openid().is_some();
            let to = if is_elsewhere { path::LOGGED_OUT } else { path::HOME };
            return Answered { response: answer::logged_out(&self.site(), to), person };
        }
        self.changed(target, &form, open).await
    }

    async fn log_in(&self, form: &Form) -> Answered {
        let refused = |status, why: &str| {
            let notice = Notice::Refused(why.to_owned());
            Answered::to_nobody(self.welcome(status, Some(&notice), form.name()))
        };
        if !self.front.sessions.is_login_form(answer::form_cookie(self.http.headers()), form.token()) {
            return refused(
                StatusCode::FORBIDDEN,
                "You are not logged in: the page was out of date, or your browser refuses cookies. Try again.",
            );
        }
        let checked = login::with_password(self.front, form.name(), form.password(), self.address).await;
        match checked {
            Ok(Some(Authenticated { person, .. })) if person.auth == Authentication::AppPassword => refused(
                StatusCode::FORBIDDEN,
                "An app password opens calendars in programs only. Log in with the password of your account.",
            ),
            Ok(Some(Authenticated { person, .. })) => {
                recording::logged_in_as(&self.front.state, form.name(), || self.metadata(Some(&person)));
                if let Some(earlier) = self.session() {
                    self.front.sessions.end(&earlier.key);
                }
                let secret = self.begin(&person);
                Answered { response: answer::logged_in(&self.site(), &secret), person: Some(person) }
            }
            Ok(None) => {
                self.not_logged_in(form.name(), "wrong name or password");
                refused(StatusCode::FORBIDDEN, "Name or password is wrong.")
            }
            Err(refusal) => {
                let (_, why) = refusal.reason();
                self.not_logged_in(form.name(), &why);
                let status = match refusal {
                    Refusal::TooManyLogins => StatusCode::TOO_MANY_REQUESTS,
                    _ => StatusCode::SERVICE_UNAVAILABLE,
                };
                refused(
                    status,
                    "You are not logged in, because too many logins failed, or passwords cannot be checked now. Wait \
                     some minutes, then try again.",
                )
            }
        }
    }

    /// Starts a session, and returns its secret. The session is long only if the person gave a
    /// password that this server stores. Other login services do not tell this server when an
    /// account ends, so those sessions are short.
    fn begin(&self, person: &Person) -> String {
        let entry = person.entry();
        let is_kept = entry.is_some_and(|entry| self.front.state.service.keeps_password(entry));
        let is_here = is_kept && person.auth == Authentication::Password;
        let lasts = if is_here { Lasts::Long } else { Lasts::Short };
        let (password, auth) = (entry.and_then(|entry| entry.password), person.auth.clone());
        self.front.sessions.begin(Begun { person: person.id, password, auth, lasts })
    }

    fn not_logged_in(&self, login: &str, why: &str) {
        recording::login_refused(&self.front.state, self.metadata(None), login, why);
    }

    fn metadata(&self, person: Option<&Person>) -> Metadata {
        audience::of_request(self.http, person, self.address, self.id)
    }

    /// Returns the session of the request. `None` if there is none, or a trusted proxy names
    /// another person. `None` also if the session has ended: its time is over, the account is no
    /// longer active, or its password has changed.
    fn session(&self) -> Option<Open> {
        let open = self.front.sessions.find(&answer::session_cookie(self.http.headers(), &self.site())?)?;
        let service = &self.front.state.service;
        let directory = service.models().directory();
        if let Said::Name(name) = self.said()
            && service.active_account(name) != Some(open.session.person)
        {
            // Another person has logged in at the proxy since the session started.
            return None;
        }
        let is_open = directory
            .by_id(open.session.person)
            .is_some_and(|entry| entry.is_active() && entry.password == open.session.password);
        if !is_open {
            self.front.sessions.end(&open.key);
        }
        is_open.then_some(open)
    }

    fn person(&self, session: &Session) -> Option<Person> {
        let directory = self.front.state.service.models().directory();
        directory.by_id(session.person)?;
        Some(Person::authenticated(session.person, directory, session.auth.clone()))
    }

    fn welcome(&self, status: StatusCode, notice: Option<&Notice>, name: &str) -> HttpResponse {
        let site = self.site();
        let provider = self.openid().map(|openid| openid.name.as_str());
        let (secret, token) = self.front.sessions.login_form(answer::form_cookie(self.http.headers()));
        answer::welcome(status, page::welcome(&site, &token, notice, name, provider), &site, &secret)
    }

    fn failure(&self, status: StatusCode, why: &str) -> HttpResponse {
        answer::page(status, page::failure(&self.site(), why))
    }

    /// Returns the name and URL of this server. The URL is `public_url`, or is made from the host
    /// that the request names.
    fn site(&self) -> Site {
        let settings = &self.front.state.settings;
        let url = settings.public_url.clone().unwrap_or_else(|| {
            let scheme = if settings.tls.is_some() { "https" } else { "http" };
            let host = self.http.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
            format!("{scheme}://{host}/")
        });
        Site { url, realm: settings.realm.clone() }
    }
}

fn is_elsewhere(target: &str) -> bool {
    matches!(target, path::PROVIDER | path::FROM_PROVIDER | path::LOGGED_OUT)
}

/// Returns true if the client is a browser: it accepts HTML and sends no credentials.
fn is_for_people(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let accepts_html = accepts.flat_map(|value| value.split(',')).any(|range| {
        let media = range.split(';').next().unwrap_or_default().trim();
        media.eq_ignore_ascii_case("text/html")
    });
    accepts_html && !headers.contains_key(AUTHORIZATION)
}
