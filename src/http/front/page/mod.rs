//! The pages for people: `/` in a browser, and what lies below `/account/`.
//!
//! **Invariant:** no other request is answered here, so that calendar programs find what they found
//! before: a `GET` of `/` is a page only for a client that accepts HTML and sends no credentials.
//! Whatever changes something is a `POST` of a form that this server wrote, in the session of the
//! person, or of the login form.

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

/// A request for a page.
pub(super) struct Request<'a> {
    pub front: &'a Front,
    pub http: &'a HttpRequest,
    pub address: Option<IpAddr>,
    /// Id of the request.
    pub id: Uuid,
}

/// An answer, and who got it.
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
    /// Answers a request for a page; `None` if it is none.
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

    /// What leads to the provider, and back from it.
    async fn elsewhere(&self, target: &str) -> Option<Answered> {
        let openid = self.openid()?;
        Some(match target {
            path::PROVIDER => self.begin_at_provider(openid).await,
            path::FROM_PROVIDER => self.end_at_provider(openid).await,
            _ => self.logged_out(openid),
        })
    }

    /// `/`: the person's page in a session, else the one before login.
    async fn home(&self) -> Answered {
        if let Some(open) = self.session() {
            return self.page_of(open, None).await;
        }
        match self.named_by_proxy() {
            Some(secret) => self.page_with(&secret).await,
            None => Answered::to_nobody(self.welcome(StatusCode::OK, None, "")),
        }
    }

    /// Begins the session of somebody who has logged in at a proxy, and returns its secret.
    fn named_by_proxy(&self) -> Option<String> {
        let Said::Name(name) = self.said() else { return None };
        let Authenticated { person, is_new } = login::named(self.front, name, self.address).ok()?;
        if is_new {
            recording::logged_in_as(&self.front.state, name, || self.metadata(Some(&person)));
        }
        Some(self.begin(&person))
    }

    /// The page of a session that begins with this request.
    async fn page_with(&self, secret: &str) -> Answered {
        let Some(open) = self.front.sessions.find(secret) else {
            return Answered::to_nobody(self.welcome(StatusCode::OK, None, ""));
        };
        let mut answered = self.page_of(open, None).await;
        answer::begin_session(&mut answered.response, &self.site(), secret);
        answered
    }

    /// What a proxy says of the request.
    fn said(&self) -> Said<'_> {
        proxy_login::said(&self.front.state.settings, self.http)
    }

    /// The profile for Apple's programs: in a session with the login.
    fn profile(&self) -> Answered {
        let person = self.session().and_then(|open| self.person(&open.session));
        let login = person.as_ref().and_then(Person::entry).map(|entry| entry.short_name.clone());
        let profile = page::mobile_config(&self.site(), login.as_deref());
        Answered { response: answer::profile(profile), person }
    }

    /// Handles a form.
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
            let why = "This form is not of your session: go back, load the page again, and repeat what you did.";
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
                "The page was too old, or your browser keeps no cookies: try again.",
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
                    "Too many logins failed, or too many arrive at once: wait some minutes, then try again.",
                )
            }
        }
    }

    /// Begins a session. The session of a person whose password is kept elsewhere is short, because
    /// this server is not told when that account ends.
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

    /// Returns the session of the request, if it is still open: the account may log in, and has the
    /// password with which the session began.
    fn session(&self) -> Option<Open> {
        let open = self.front.sessions.find(&answer::session_cookie(self.http.headers(), &self.site())?)?;
        let service = &self.front.state.service;
        let directory = service.models().directory();
        if let Said::Name(name) = self.said()
            && service.active_account(name) != Some(open.session.person)
        {
            // Somebody else has logged in at the proxy since.
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

    /// The address of the server: that of the settings, else the one that the request names.
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

/// Whether a browser asks: it accepts HTML, and sends no credentials.
fn is_for_people(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let accepts_html = accepts.flat_map(|value| value.split(',')).any(|range| {
        let media = range.split(';').next().unwrap_or_default().trim();
        media.eq_ignore_ascii_case("text/html")
    });
    accepts_html && !headers.contains_key(AUTHORIZATION)
}
