//! Tests of the provider's metadata and keys: accepted and refused ones.

use std::{path::PathBuf, time::Duration};

use openid::{Provider, Settings};
use openid_double::Double;

use crate::{NOW, client, settings};

const DOCUMENT: &str = "/.well-known/openid-configuration";

/// A function that returns the status and the body of the provider's answer.
type Responder = Box<dyn Fn(&Double) -> (u16, String)>;

/// Returns a discovery document in which the member `name` has the value `value`.
fn document(double: &Double, name: &str, value: &str) -> String {
    let at = |path: &str| format!("{}{path}", double.issuer());
    let members = [
        ("issuer", double.issuer().to_owned()),
        ("authorization_endpoint", at("/authorize")),
        ("token_endpoint", at("/token")),
        ("jwks_uri", at("/keys")),
    ];
    let member = |(known, own): &(&str, String)| {
        let value = if *known == name { value } else { own };
        format!("\"{known}\": \"{value}\"")
    };
    format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
}

#[tokio::test]
async fn a_document_that_cannot_be_used_is_named_with_its_reason() {
    let with = |name: &'static str, value: &'static str| move |double: &Double| (200, document(double, name, value));
    let rows: [(&str, &str, Responder, &str); 10] = [
        ("right", DOCUMENT, Box::new(with("", "")), ""),
        (
            "another issuer",
            DOCUMENT,
            Box::new(with("issuer", "https://other.example")),
            "issuer `https://other.example`",
        ),
        ("without TLS", DOCUMENT, Box::new(with("token_endpoint", "http://other.example/")), "must begin with https"),
        ("no URL", DOCUMENT, Box::new(with("jwks_uri", "keys")), "must be a URL"),
        ("no document", DOCUMENT, Box::new(|_| (200, "<html>".to_owned())), "is not JSON"),
        ("empty", DOCUMENT, Box::new(|_| (200, "{}".to_owned())), "missing field `issuer`"),
        ("a redirection", DOCUMENT, Box::new(|_| (302, String::new())), "the status 302"),
        ("too long", DOCUMENT, Box::new(|_| (200, " ".repeat(256 * 1024 + 1))), "more than 262144 bytes"),
        ("too deep", DOCUMENT, Box::new(|_| (200, "[".repeat(100_000))), "is not JSON"),
        ("no keys", "/keys", Box::new(|_| (200, "{\"keys\": []}".to_owned())), "no key for a signature algorithm"),
    ];
    for (title, path, answer, expected) in rows {
        let double = Double::start();
        let (status, body) = answer(&double);
        double.answer(path, status, body);
        let found = client(&double).read(NOW).await.err().map(|failure| failure.to_string()).unwrap_or_default();
        assert_eq!(found.is_empty(), expected.is_empty(), "{title}: {found}");
        assert!(found.contains(expected), "{title}: {found}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_given_up() {
    // The listener never accepts a connection, so that requests wait until their timeout.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let issuer = format!("http://{}", silent.local_addr().expect("an address"));
    let double = Double::start();
    let timeout = Duration::from_millis(200);
    let provider = Provider::new(Settings { issuer, timeout, ..settings(&double) }).expect("a client");
    let why = provider.read(NOW).await.expect_err("no answer").to_string();
    assert!(why.contains("no complete answer within openid.timeout_seconds"), "{why}");
}

#[tokio::test]
async fn settings_that_name_nothing_are_refused_at_once() {
    let double = Double::start();
    let missing = Settings { ca_file: PathBuf::from("/nowhere/ca.pem"), ..settings(&double) };
    assert!(Provider::new(missing).expect_err("no file").to_string().contains("/nowhere/ca.pem cannot be read"));
    let plain = Settings { issuer: "http://login.example.com".to_owned(), ..settings(&double) };
    let refused = Provider::new(plain).expect_err("a request without TLS").to_string();
    assert_eq!(
        refused,
        "openid.issuer `http://login.example.com` must begin with https://, unless its host is this machine"
    );
}
