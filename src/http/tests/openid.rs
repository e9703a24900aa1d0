//! Tests of logins at an OpenID Connect provider, and of bearer tokens of programs.

use std::{path::PathBuf, time::Duration};

use actix_web::http::StatusCode;
use openid_double::{CLIENT, Double, Key, Query, SECRET};
use schemas::{AccessEvent, Event, Fact as _, metadata::Authentication};
use serde_json::{Value, json};
use service::{clock, principals::Command};

use super::{
    asked::recorded,
    page::{Browser, header},
    server::{Response, Server},
};
use crate::{
    Limits,
    settings::{OpenId, Roles, Settings},
};

const AUDIENCE: &str = "https://cal.example.com/";
const PATH: &str = "/calendars/anna/";

fn settings(double: &Double) -> Settings {
    let provider = openid::Provider::new(openid::Settings {
        issuer: double.issuer().to_owned(),
        client_id: CLIENT.to_owned(),
        secret: Some(openid::Secret::first_line(SECRET)),
        redirect_url: format!("{AUDIENCE}account/openid"),
        home_url: AUDIENCE.to_owned(),
        scopes: "profile".to_owned(),
        account_claim: "preferred_username".to_owned(),
        groups_claim: "groups".to_owned(),
        audience: Some(AUDIENCE.to_owned()),
        ca_file: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../openid/tests/authority.pem")),
        skew: Duration::from_secs(60),
        timeout: Duration::from_secs(5),
    });
    let roles = Roles { administrators: "admins".to_owned(), auditors: "audit".to_owned() };
    let openid = OpenId { provider: provider.expect("a client"), name: "Example".to_owned(), roles };
    Settings { openid: Some(openid), public_url: Some(AUDIENCE.to_owned()), ..Settings::default() }
}

async fn server(double: &Double) -> Server {
    Server::start().await.configured(settings(double))
}

fn claims(double: &Double, person: &str, groups: &[&str]) -> Value {
    let mut claims = double.claims(person, clock::now().seconds());
    claims["groups"] = json!(groups);
    claims
}

/// Returns a bearer token of a person.
fn token(double: &Double, person: &str, groups: &[&str]) -> String {
    let mut claims = claims(double, person, groups);
    claims["aud"] = json!(AUDIENCE);
    double.key().sign(&json!({ "typ": "at+jwt" }), &claims)
}

/// Sends the browser to the provider and logs in there. Returns the query with which the provider
/// sends the browser back.
async fn at_provider(browser: &mut Browser<'_>, double: &Double, claims: Value) -> Query {
    let away = browser.get("/account/openid/begin").await;
    assert_eq!(away.status, StatusCode::SEE_OTHER, "{}", away.body);
    let userinfo = json!({ "sub": claims["sub"] });
    double.log_in(header(&away, "location"), claims, userinfo)
}

async fn back(browser: &mut Browser<'_>, query: &Query) -> Response {
    browser.get(&format!("/account/openid?{}", query.text())).await
}

async fn log_in(browser: &mut Browser<'_>, double: &Double, claims: Value) -> Response {
    let query = at_provider(browser, double, claims).await;
    back(browser, &query).await
}

async fn ask(server: &Server, token: &str) -> Response {
    let credentials = format!("Bearer {token}");
    server.send("", "GET", PATH, &[("Authorization", &credentials)], "").await
}

fn challenges(answer: &Response) -> Vec<&str> {
    answer.headers.get_all("www-authenticate").map(|value| value.to_str().expect("text")).collect()
}

#[actix_web::test]
async fn a_person_logs_in_at_the_provider_and_out_again() {
    let double = Double::start();
    let server = server(&double).await;
    let mut browser = Browser::new(&server);
    let welcome = browser.get("/").await;
    assert!(welcome.body.contains("href=\"/account/openid/begin\">Log in with Example"), "{}", welcome.body);
    let answer = log_in(&mut browser, &double, claims(&double, "anna", &[])).await;
    assert_eq!((answer.status, header(&answer, "location")), (StatusCode::SEE_OTHER, "/"));
    assert!(browser.cookies.iter().all(|(name, _)| name != "__Host-daybook-openid"), "a login ends once");
    let page = browser.get("/").await;
    assert!(page.body.contains("Logged in as <strong>anna</strong>"), "{}", page.body);

    browser.post("/account/devices/make", &[("name", "Telephone")]).await;
    let made = server.events().await.pop().expect("an event");
    assert_eq!(
        (made.metadata.auth, made.event.kind()),
        (Some(Authentication::OpenId), "principal-app-password-added.v1")
    );

    let out = browser.post("/account/logout", &[]).await;
    assert_eq!(header(&out, "location"), "/account/logged-out");
    let told = browser.get("/account/logged-out").await;
    assert!(told.body.contains(&format!("href=\"{}/logout?client_id=daybook", double.issuer())), "{}", told.body);
    assert!(!browser.get("/").await.body.contains("Logged in as"));
}

#[actix_web::test]
async fn only_the_browser_that_began_a_login_ends_it() {
    let double = Double::start();
    let server = server(&double).await;
    let mut browser = Browser::new(&server);
    let query = at_provider(&mut browser, &double, claims(&double, "anna", &[])).await;
    let (mut other, mut third) = (Browser::new(&server), Browser::new(&server));
    at_provider(&mut third, &double, claims(&double, "bert", &[])).await;
    let rows = [
        ("a browser that did not", back(&mut other, &query).await, "not begun in this browser"),
        ("one that began another", back(&mut third, &query).await, "not begun in this browser"),
    ];
    for (title, answer, expected) in rows {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{title}");
        assert!(answer.body.contains(expected), "{title}: {}", answer.body);
    }
    let cookies = browser.cookies.clone();
    for (title, query, expected) in [
        ("another state", query.with("state", Some("another")), "not begun in this browser"),
        ("no state", query.with("state", None), "not begun in this browser"),
        ("no code", query.with("code", None), "contains no login code"),
        ("another issuer", query.with("iss", Some("https://login.example.org")), "does not name the expected issuer"),
        ("a refusal", query.with("error", Some("access_denied")), "did not log you in (access_denied)"),
    ] {
        browser.cookies.clone_from(&cookies);
        let answer = back(&mut browser, &query).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{title}");
        assert!(answer.body.contains(expected), "{title}: {}", answer.body);
    }
    let query = at_provider(&mut browser, &double, claims(&double, "anna", &[])).await;
    let cookies = browser.cookies.clone();
    assert_eq!(back(&mut browser, &query).await.status, StatusCode::SEE_OTHER, "the right one");
    for expected in ["the provider refused the login (invalid_grant)", "the same login code was refused before"] {
        browser.cookies.clone_from(&cookies);
        let again = back(&mut browser, &query).await;
        assert!(again.body.contains(&format!("cannot be accepted: {expected}. ")), "the code was used: {}", again.body);
    }
}

#[actix_web::test]
async fn somebody_without_an_account_is_told_what_to_do() {
    let double = Double::start();
    let server = server(&double).await;
    server.change("bert", Command::Disable).await;
    for person in ["dora <b>", "bert"] {
        let answer = log_in(&mut Browser::new(&server), &double, claims(&double, person, &[])).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let named = format!("Example knows you as “{}”", person.replace('<', "&lt;").replace('>', "&gt;"));
        assert!(answer.body.contains(&named), "{}", answer.body);
        assert!(
            answer.body.contains("Ask the people who run this server") && answer.body.contains("Log out of Example")
        );
    }
    let metrics = server.send("", "GET", "/metrics", &[], "").await.body;
    assert!(
        metrics.contains("daybook_failed_logins_total 2\n")
            && metrics.contains("daybook_openid_failed_reads_total 0\n")
    );
}

#[actix_web::test]
async fn a_disabled_person_has_neither_session_nor_token_from_the_next_request_on() {
    let double = Double::start();
    let server = server(&double).await;
    let mut browser = Browser::new(&server);
    log_in(&mut browser, &double, claims(&double, "anna", &[])).await;
    let token = token(&double, "anna", &[]);
    assert_eq!(ask(&server, &token).await.status, StatusCode::OK);
    server.change("anna", Command::Disable).await;
    assert!(!browser.get("/").await.body.contains("Logged in as"));
    assert_eq!(ask(&server, &token).await.status, StatusCode::UNAUTHORIZED);
    server.change("anna", Command::Enable).await;
    assert!(!browser.get("/").await.body.contains("Logged in as"), "the session is over");
    assert_eq!(ask(&server, &token).await.status, StatusCode::OK, "a token is the provider's");
}

#[actix_web::test]
async fn groups_of_the_provider_give_rights_and_take_them() {
    let double = Double::start();
    let server = server(&double).await;
    let rights = || {
        let directory = server.service().models().directory();
        let anna = directory.by_name("anna").expect("Anna");
        (anna.administrator, anna.auditor)
    };
    let count = async || server.events().await.len();
    let groups: [(&[&str], _); 4] = [
        (&["staff", "admins"], (true, false)),
        (&["admins", "audit"], (true, false)),
        (&["audit"], (false, true)),
        (&[], (false, false)),
    ];
    for (groups, expected) in groups {
        log_in(&mut Browser::new(&server), &double, claims(&double, "anna", groups)).await;
        assert_eq!(rights(), expected, "{groups:?}");
    }
    let changed = server.events().await.pop().expect("an event");
    assert_eq!((changed.metadata.client.via.as_str(), changed.metadata.actor), ("openid", None));
    assert!(matches!(changed.event, Event::Principal(_)));

    assert_eq!(ask(&server, &token(&double, "anna", &["audit"])).await.status, StatusCode::OK);
    assert_eq!(rights(), (false, true), "a token says it too");
    let mut silent = claims(&double, "anna", &[]);
    silent.as_object_mut().expect("claims").remove("groups");
    silent["aud"] = json!(AUDIENCE);
    let before = count().await;
    ask(&server, &double.key().sign(&json!({}), &silent)).await;
    assert_eq!((rights(), count().await), ((false, true), before), "one without groups says nothing");
    silent["aud"] = json!(CLIENT);
    log_in(&mut Browser::new(&server), &double, silent).await;
    assert_eq!(rights(), (false, false), "a login without groups is one without rights");
}

#[actix_web::test]
async fn a_bearer_token_opens_calendars_and_the_history_says_so() {
    let double = Double::start();
    let server = server(&double).await;
    let nothing = server.send("", "GET", PATH, &[], "").await;
    let basic = "Basic realm=\"Daybook\", charset=\"UTF-8\"";
    assert_eq!(challenges(&nothing), [basic, "Bearer realm=\"Daybook\""]);
    let credentials = format!("bearer {}", token(&double, "anna", &[]));
    let made = server.send("", "MKCALENDAR", "/calendars/anna/new/", &[("Authorization", &credentials)], "").await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let made = server.events().await.pop().expect("an event");
    assert_eq!(made.metadata.auth, Some(Authentication::Token));
    assert_eq!(server.send("anna", "GET", PATH, &[], "").await.status, StatusCode::OK, "passwords go on");

    let wrong = ask(&server, &Key::new(0).sign(&json!({}), &claims(&double, "anna", &[]))).await;
    let error = "error=\"invalid_token\", error_description=\"the token has a wrong signature\"";
    assert_eq!(challenges(&wrong), [basic, &format!("Bearer realm=\"Daybook\", {error}")]);
    let empty = ask(&server, "").await;
    assert!(challenges(&empty)[1].contains("invalid_token"), "{:?}", challenges(&empty));
}

#[actix_web::test]
async fn wrong_tokens_count_like_wrong_passwords_and_expired_ones_do_not() {
    let double = Double::start();
    let server = server(&double).await;
    let signed = |key: &Key, number: usize, expires: i64| {
        let mut claims = claims(&double, "anna", &[]);
        claims["aud"] = json!(AUDIENCE);
        claims["jti"] = json!(number);
        claims["exp"] = json!(clock::now().seconds() + expires);
        key.sign(&json!({}), &claims)
    };
    let most = Limits::default().max_failed_logins;
    for number in 0..=most {
        let answer = ask(&server, &signed(&double.key(), number, -61)).await;
        assert!(challenges(&answer)[1].contains("the token has expired"), "{:?}", challenges(&answer));
    }
    let right = token(&double, "anna", &[]);
    assert_eq!(ask(&server, &right).await.status, StatusCode::OK);
    let forger = Key::new(0);
    for number in 0..most {
        assert_eq!(ask(&server, &signed(&forger, number, 300)).await.status, StatusCode::UNAUTHORIZED);
    }
    let repeated = ask(&server, &signed(&forger, 0, 300)).await;
    assert!(matches!(repeated.status.as_u16(), 401 | 429));
    assert_eq!(ask(&server, &signed(&forger, most, 300)).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask(&server, &signed(&double.key(), most, 300)).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask(&server, &right).await.status, StatusCode::OK, "one that was right before is right");
    let password = server.ask_with("anna", "guess", actix_web::test::TestRequest::get().uri(PATH)).await;
    assert_eq!(password.status, StatusCode::TOO_MANY_REQUESTS, "passwords and tokens count together");
}

#[actix_web::test]
async fn a_provider_that_is_away_is_no_wrong_token() {
    let double = Double::start();
    let server = server(&double).await;
    double.answer("/keys", 503, "");
    let token = token(&double, "anna", &[]);
    let answer = ask(&server, &token).await;
    assert_eq!((answer.status.as_u16(), header(&answer, "retry-after")), (503, "2"));
    let begin = Browser::new(&server).get("/account/openid/begin").await;
    assert_eq!(begin.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(begin.body.contains("The login at Example does not work now"), "{}", begin.body);
    let metrics = server.send("", "GET", "/metrics", &[], "").await.body;
    assert!(
        metrics.contains("daybook_failed_logins_total 0\n")
            && metrics.contains("daybook_openid_failed_reads_total 1\n")
    );
}

#[actix_web::test]
async fn logins_elsewhere_stand_in_the_access_journal_with_their_kind() {
    let folder = tempfile::tempdir().expect("a folder");
    let double = Double::start();
    let (server, recorder) = Server::start().await.recording(folder.path()).await;
    let server = server.configured(settings(&double));
    log_in(&mut Browser::new(&server), &double, claims(&double, "anna", &[])).await;
    let right = token(&double, "anna", &[]);
    ask(&server, &right).await;
    ask(&server, &right).await;
    let forged = Key::new(0).sign(&json!({}), &claims(&double, "anna", &[]));
    ask(&server, &forged).await;
    let recorded = recorded(&recorder, folder.path()).await;
    let logins = recorded.iter().filter_map(|recorded| match &recorded.event {
        AccessEvent::LoggedIn(login) => Some((login.login.as_str(), recorded.metadata.auth.clone())),
        AccessEvent::LoginRefused(refused) => Some((refused.why.as_str(), None)),
        _ => None,
    });
    let expected = [
        ("anna", Some(Authentication::OpenId)),
        ("anna", Some(Authentication::Token)),
        ("the token has a wrong signature", None),
    ];
    assert_eq!(logins.collect::<Vec<_>>(), expected);
    let text = format!("{recorded:?}");
    assert!(!text.contains(&right) && !text.contains(&forged));
}
