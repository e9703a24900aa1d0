//! Tests of the web pages for people: the responses that browsers get, and the changes that forms
//! make.

use actix_web::{http::StatusCode, test::TestRequest};
use schemas::{
    Event, PrincipalEvent, StreamKind,
    principal::{PrincipalKind, Profile},
};
use service::principals::Command;

use super::server::{Response, Server};
use crate::settings::Settings;

const BROWSER: (&str, &str) = ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A browser, which keeps cookies and the token of the last page.
pub(super) struct Browser<'a> {
    server: &'a Server,
    pub(super) cookies: Vec<(String, String)>,
    token: String,
}

impl<'a> Browser<'a> {
    pub(super) fn new(server: &'a Server) -> Self {
        Self { server, cookies: vec![], token: String::new() }
    }

    pub(super) async fn logged_in(server: &'a Server, name: &str) -> Self {
        let mut browser = Self::new(server);
        browser.get("/").await;
        let answer = browser.post("/account/login", &[("name", name), ("password", name)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let page = browser.get("/").await;
        assert!(page.body.contains("Logged in as"), "{}", page.body);
        browser
    }

    pub(super) async fn get(&mut self, path: &str) -> Response {
        let cookie = self.cookie();
        let answer = self.server.send("", "GET", path, &[BROWSER, ("Cookie", &cookie)], "").await;
        self.keep(answer)
    }

    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let token = self.token.clone();
        self.post_with(path, &[&[("token", token.as_str())], fields].concat(), &[]).await
    }

    async fn post_with(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Response {
        let encoded =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let cookie = self.cookie();
        let headers = [&[FORM, BROWSER, ("Cookie", cookie.as_str())], headers].concat();
        let answer = self.server.send("", "POST", path, &headers, &body.join("&")).await;
        self.keep(answer)
    }

    fn cookie(&self) -> String {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep(&mut self, answer: Response) -> Response {
        for cookie in answer.headers.get_all("set-cookie") {
            let (pair, rest) = cookie.to_str().expect("text").split_once(';').expect("attributes");
            assert!(rest.contains("HttpOnly") && rest.contains("SameSite=") && rest.contains("Path=/"), "{rest}");
            let (name, value) = pair.split_once('=').expect("a pair");
            self.cookies.retain(|(known, _)| known != name);
            if !rest.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        if let Some((_, rest)) = answer.body.split_once("name=\"token\" value=\"") {
            self.token = rest.split('"').next().unwrap_or_default().to_owned();
        }
        answer
    }
}

/// Returns the id of the first calendar that the account page offers to share.
fn calendar(page: &Response) -> String {
    page.body.split_once("<option value=\"").expect("a calendar").1.split('"').next().expect("its id").to_owned()
}

pub(super) fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().expect("text"))
}

#[actix_web::test]
async fn programs_find_at_the_root_what_they_found_before() {
    let server = Server::start().await;
    let browser = server.send("", "GET", "/", &[BROWSER], "").await;
    assert_eq!((browser.status.as_u16(), header(&browser, "content-type")), (200, "text/html; charset=utf-8"));
    for (who, verb, accept, status) in [
        ("", "GET", "*/*", 401),
        ("", "PROPFIND", "text/html", 401),
        ("", "POST", "text/html", 401),
        ("anna", "GET", "text/html", 200),
        ("anna", "PROPFIND", "text/html", 207),
        ("anna", "OPTIONS", "text/html", 200),
    ] {
        let answer = server.send(who, verb, "/", &[("Accept", accept), ("Depth", "0")], "").await;
        assert_eq!(answer.status.as_u16(), status, "{who} {verb} {accept}");
        assert!(!header(&answer, "content-type").contains("html"), "{who} {verb} {accept}");
    }
}

#[actix_web::test]
async fn a_page_forbids_scripts_frames_and_caches() {
    let server = Server::start().await;
    let mut browser = Browser::logged_in(&server, "anna").await;
    for page in [browser.get("/").await, Browser::new(&server).get("/").await, browser.get("/account/none").await] {
        let policy = header(&page, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; form-action 'self'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header(&page, "cache-control"), "no-store");
        assert_eq!(header(&page, "x-content-type-options"), "nosniff");
        assert_eq!(header(&page, "referrer-policy"), "same-origin");
        assert!(!page.body.contains("<script") && !page.body.contains(" style="), "{}", page.body);
    }
    let style = browser.get("/account/style.css").await;
    assert_eq!((style.status.as_u16(), header(&style, "content-type")), (200, "text/css; charset=utf-8"));
}

#[actix_web::test]
async fn a_login_that_is_wrong_is_refused_like_one_of_a_program() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    browser.get("/").await;
    for (name, password) in [("anna", "wrong"), ("nobody", "anna"), ("anna", "")] {
        let answer = browser.post("/account/login", &[("name", name), ("password", password)]).await;
        assert_eq!(answer.status.as_u16(), 403, "{name}");
        assert!(answer.body.contains("Name or password is wrong") && answer.body.contains("role=\"alert\""), "{name}");
        assert!(!header(&answer, "set-cookie").contains("session"), "{name}");
    }
    // After ten different wrong passwords, no more passwords are checked, not even the right one.
    for number in 0..10 {
        browser.post("/account/login", &[("name", "bert"), ("password", &format!("guess {number}"))]).await;
    }
    let answer = browser.post("/account/login", &[("name", "bert"), ("password", "bert")]).await;
    assert_eq!(answer.status.as_u16(), 429, "{}", answer.body);
    assert_eq!(
        server.send("bert", "PROPFIND", "/", &[("Depth", "0")], "").await.status.as_u16(),
        429,
        "they count together"
    );
}

#[actix_web::test]
async fn forms_of_others_change_nothing() {
    let server = Server::start().await;
    let mut anna = Browser::logged_in(&server, "anna").await;
    let bert = Browser::logged_in(&server, "bert").await;
    let make = [("name", "Telephone")];
    let own = anna.token.clone();
    let with = |token: &str| vec![("token".to_owned(), token.to_owned()), ("name".to_owned(), "Telephone".to_owned())];
    for (title, token, headers, status) in [
        ("no token", String::new(), vec![], 403),
        ("another session's", bert.token.clone(), vec![], 403),
        ("another site", own.clone(), vec![("Sec-Fetch-Site", "cross-site")], 403),
        ("another origin", own.clone(), vec![("Origin", "https://elsewhere.example"), ("Host", "localhost")], 403),
        ("JSON", own.clone(), vec![("Content-Type", "text/plain")], 415),
    ] {
        let fields = with(&token);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let cookie = anna.cookie();
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let form = if headers.iter().any(|(name, _)| *name == "Content-Type") { vec![] } else { vec![FORM] };
        let headers = [form, vec![("Cookie", cookie.as_str())], headers].concat();
        let answer = server.send("", "POST", "/account/devices/make", &headers, &body.join("&")).await;
        assert_eq!(answer.status.as_u16(), status, "{title}: {}", answer.body);
    }
    let long = "x".repeat(20_000);
    assert_eq!(anna.post("/account/devices/make", &[("name", &long)]).await.status.as_u16(), 413);
    let page = anna.get("/").await;
    assert!(page.body.contains("You have no app passwords."), "{}", page.body);
    anna.post("/account/devices/make", &make).await;
    assert!(anna.get("/").await.body.contains("Telephone"), "its own form does");
    // A login form is valid only for the browser that received it.
    let mut other = Browser::new(&server);
    other.get("/").await;
    let token = other.token.clone();
    let mut victim = Browser::new(&server);
    let answer =
        victim.post_with("/account/login", &[("token", &token), ("name", "anna"), ("password", "anna")], &[]).await;
    assert_eq!(answer.status.as_u16(), 403);
    assert!(answer.body.contains("the page was out of date"), "{}", answer.body);
}

#[actix_web::test]
async fn an_app_password_is_shown_once_opens_calendars_and_no_page_and_is_revoked() {
    let server = Server::start().await;
    let mut browser = Browser::logged_in(&server, "anna").await;
    let made = browser.post("/account/devices/make", &[("name", "Telephone")]).await;
    let secret = made
        .body
        .split_once("<p class=\"secret\"><code>")
        .expect("a secret")
        .1
        .split('<')
        .next()
        .expect("it")
        .to_owned();
    let login = |secret: String| {
        let request = TestRequest::with_uri("/").method(actix_web::http::Method::OPTIONS);
        let server = &server;
        async move { server.ask_with("anna", &secret, request).await.status.as_u16() }
    };
    assert_eq!(login(secret.clone()).await, 200);
    let page = browser.get("/").await;
    assert!(!page.body.contains(&secret) && page.body.contains("Telephone"), "{}", page.body);
    let mut other = Browser::new(&server);
    other.get("/").await;
    let refused = other.post("/account/login", &[("name", "anna"), ("password", &secret)]).await;
    assert!(
        refused.status.as_u16() == 403 && refused.body.contains("App password") | refused.body.contains("app password")
    );

    assert_eq!(browser.post("/account/devices/revoke", &[("name", "Telephone")]).await.status.as_u16(), 303);
    assert!(browser.get("/").await.body.contains("is revoked"));
    assert_eq!(login(secret).await, 401);
    browser.post("/account/devices/revoke", &[("name", "Telephone")]).await;
    assert!(browser.get("/").await.body.contains("there is no app password"));
}

#[actix_web::test]
async fn a_new_password_ends_other_sessions_and_is_the_one_in_force() {
    let server = Server::start().await;
    let (mut here, mut there) = (Browser::logged_in(&server, "anna").await, Browser::logged_in(&server, "anna").await);
    for (current, new, again, told) in [
        ("wrong", "a new password", "a new password", "The current password is wrong"),
        ("anna", "short", "short", "at least 8 characters"),
        ("anna", "a new password", "another password", "differ"),
    ] {
        let fields = [("password", current), ("new-password", new), ("repeated", again)];
        here.post("/account/password", &fields).await;
        let page = here.get("/").await;
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    let fields = [("password", "anna"), ("new-password", "a new password"), ("repeated", "a new password")];
    here.post("/account/password", &fields).await;
    assert!(here.get("/").await.body.contains("The password is changed"));
    assert!(!there.get("/").await.body.contains("Logged in as"), "the other session is over");
    assert_eq!(server.send("anna", "OPTIONS", "/", &[], "").await.status.as_u16(), 401);
    let events = server.events().await;
    let last = events
        .iter()
        .rev()
        .find(|event| matches!(event.event, Event::Principal(PrincipalEvent::PasswordSet(_))))
        .expect("recorded");
    assert_eq!((last.metadata.client.via.as_str(), last.metadata.actor.is_some()), ("page", true));
}

#[actix_web::test]
async fn a_share_is_given_and_withdrawn_on_the_page() {
    let server = Server::start().await;
    let mut anna = Browser::logged_in(&server, "anna").await;
    let calendar = calendar(&anna.get("/").await);
    let share = [("calendar", calendar.as_str()), ("person", "bert@example.com"), ("level", "write"), ("sends", "yes")];
    anna.post("/account/shares/give", &share).await;
    let page = anna.get("/").await;
    assert!(page.body.contains("Shared with Bert"), "{}", page.body);
    let path = "/calendars/anna/calendar/";
    assert_eq!(server.send("bert", "PROPFIND", path, &[("Depth", "0")], "").await.status.as_u16(), 207);
    let berts = Browser::logged_in(&server, "bert").await.get("/").await;
    assert!(
        berts.body.contains("send invitations and answers in their name") && berts.body.contains(path),
        "{}",
        berts.body
    );

    // Only the sharee can add the shared calendar to their own calendars, and remove it from them.
    let offer =
        berts.body.split_once("name=\"share\" value=\"").expect("an offer").1.split('"').next().expect("its id");
    let (home, props) = ("/calendars/bert/anna-calendar/", [("Depth", "0")]);
    let seen = async |server: &Server| server.send("bert", "PROPFIND", home, &props, "").await.status.as_u16();
    for (who, path, told, expected) in [
        ("admin", "/account/shares/accept", "the invitation no longer exists", 404),
        ("bert", "/account/shares/accept", "added to your calendars. Your programs", 207),
        ("admin", "/account/shares/decline", "the invitation no longer exists", 207),
        ("bert", "/account/shares/decline", "not in your calendars now", 404),
    ] {
        let mut browser = Browser::logged_in(&server, who).await;
        browser.post(path, &[("share", offer)]).await;
        let page = browser.get("/").await;
        assert!(page.body.contains(told), "{who} {path}: {}", page.body);
        assert_eq!(seen(&server).await, expected, "{who} {path}");
    }

    for (person, calendar, level, told) in [
        ("nobody", calendar.as_str(), "read", "No account or group of this server has the name"),
        ("anna", calendar.as_str(), "read", "the other person is the owner, who has every right already"),
        ("bert", "not-an-id", "read", "the form names no calendar"),
        ("bert", "00000000-0000-0000-0000-000000000000", "read", "the resource does not exist"),
        ("bert", calendar.as_str(), "own", "Choose what the other person may do"),
    ] {
        anna.post("/account/shares/give", &[("calendar", calendar), ("person", person), ("level", level)]).await;
        let page = anna.get("/").await;
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    anna.post("/account/shares/withdraw", &[("calendar", &calendar), ("person", "bert")]).await;
    assert!(anna.get("/").await.body.contains("is withdrawn"));
    assert_eq!(server.send("bert", "PROPFIND", path, &[("Depth", "0")], "").await.status.as_u16(), 403);
}

#[actix_web::test]
async fn a_share_that_is_stored_in_part_is_not_called_unchanged() {
    let server = Server::without_room_for(StreamKind::Share).await;
    let mut anna = Browser::logged_in(&server, "anna").await;
    let calendar = calendar(&anna.get("/").await);
    anna.post("/account/shares/give", &[("calendar", &calendar), ("person", "bert"), ("level", "read")]).await;
    let page = anna.get("/").await;
    assert!(page.body.contains("may have stored a part of it"), "{}", page.body);
    let path = "/calendars/anna/calendar/";
    assert_eq!(server.send("bert", "PROPFIND", path, &[("Depth", "0")], "").await.status.as_u16(), 207);
}

#[actix_web::test]
async fn an_account_without_a_display_name_is_called_by_its_login() {
    let server = Server::start().await;
    let profile = Profile { addresses: vec!["mailto:bert@example.com".to_owned()], ..Profile::default() };
    let (short_name, kind) = ("bert".to_owned(), PrincipalKind::Individual);
    server.change("bert", Command::Register { short_name, kind, profile }).await;
    let mut anna = Browser::logged_in(&server, "anna").await;
    let calendar = calendar(&anna.get("/").await);
    anna.post("/account/shares/give", &[("calendar", &calendar), ("person", "bert"), ("level", "read")]).await;
    let page = anna.get("/").await;
    assert!(page.body.contains("Shared with bert."), "{}", page.body);
    let path = "/principals/bert/calendar-proxy-read/";
    let group = server.send("bert", "PROPFIND", path, &[("Depth", "0")], "").await;
    assert!(group.body.contains("Delegates of bert who read"), "{}", group.body);
    anna.post("/account/shares/withdraw", &[("calendar", &calendar), ("person", "bert")]).await;
    let page = anna.get("/").await;
    assert!(page.body.contains("The share with bert is withdrawn."), "{}", page.body);
}

#[actix_web::test]
async fn logging_out_and_disabling_an_account_end_the_session() {
    let server = Server::start().await;
    let mut browser = Browser::logged_in(&server, "anna").await;
    let cookie = browser.cookie();
    assert_eq!(browser.post("/account/logout", &[]).await.status.as_u16(), 303);
    let replayed = server.send("", "GET", "/", &[BROWSER, ("Cookie", &cookie)], "").await;
    assert!(!replayed.body.contains("Logged in as"), "the cookie opens nothing any more");

    let mut browser = Browser::logged_in(&server, "anna").await;
    server.change("anna", Command::Disable).await;
    assert!(!browser.get("/").await.body.contains("Logged in as"));
    let answer = browser.post("/account/devices/make", &[("name", "Telephone")]).await;
    assert_eq!(answer.status.as_u16(), 403, "{}", answer.body);
}

#[actix_web::test]
async fn a_profile_has_the_login_in_a_session_only() {
    let server = Server::start().await;
    let profile = Browser::new(&server).get("/account/daybook.mobileconfig").await;
    assert_eq!(header(&profile, "content-type"), "application/x-apple-aspen-config");
    assert!(profile.body.contains("com.apple.caldav.account") && !profile.body.contains("CalDAVUsername"));
    let profile = Browser::logged_in(&server, "anna").await.get("/account/daybook.mobileconfig").await;
    assert!(profile.body.contains("<key>CalDAVUsername</key><string>anna</string>"), "{}", profile.body);
}

#[actix_web::test]
async fn whoever_logged_in_at_a_proxy_is_logged_in_here() {
    let settings = Settings {
        proxies: "192.0.2.1".parse().expect("peers"),
        login_header: "X-Remote-User".parse().expect("a header"),
        ..Settings::default()
    };
    let server = Server::start().await.configured(settings);
    let ask = |name: &'static str, from: &'static str, cookie: String| {
        let request = TestRequest::with_uri("/").peer_addr(from.parse().expect("an address")).insert_header(BROWSER);
        server.ask(request.insert_header(("X-Remote-User", name)).insert_header(("Cookie", cookie)))
    };
    let proxy = "192.0.2.1:4711";
    let anna = ask("anna", proxy, String::new()).await;
    assert!(anna.body.contains("Logged in as <strong>anna</strong>"), "{}", anna.body);
    let cookie = header(&anna, "set-cookie").split(';').next().expect("a pair").to_owned();
    let again = ask("anna", proxy, cookie.clone()).await;
    assert!(
        again.body.contains("<strong>anna</strong>") && header(&again, "set-cookie").is_empty(),
        "the same session"
    );
    let bert = ask("bert", proxy, cookie.clone()).await;
    assert!(bert.body.contains("<strong>bert</strong>"), "somebody else is at the same browser: {}", bert.body);
    let nobody = ask("nobody", proxy, String::new()).await;
    assert!(nobody.body.contains("Log in") && !nobody.body.contains("Logged in"), "{}", nobody.body);
    assert_eq!(ask("anna", "198.51.100.7:4711", cookie).await.status.as_u16(), 401, "not from the proxy");
}
