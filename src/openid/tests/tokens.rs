//! Tests of bearer tokens (RFC 6750, RFC 9068).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openid::{Failure, Provider, Rejected, Unfit};
use openid_double::{CLIENT, Double, Key};
use ring::hmac;
use serde_json::{Value, json};

use crate::{AUDIENCE, NOW, SKEW, client, settings};

/// Returns the claims of a valid access token of Anna.
fn claims(double: &Double) -> Value {
    let mut claims = double.claims("anna", NOW);
    claims["aud"] = json!([AUDIENCE, "https://mail.example.com/"]);
    claims["groups"] = json!(["staff"]);
    claims
}

fn with(double: &Double, name: &str, value: &Value) -> Value {
    changed(claims(double), name, value)
}

fn changed(mut claims: Value, name: &str, value: &Value) -> Value {
    match value {
        Value::Null => drop(claims.as_object_mut().expect("an object").remove(name)),
        value => claims[name] = value.clone(),
    }
    claims
}

async fn account(provider: &Provider, token: &str) -> Result<String, Rejected> {
    account_at(NOW, provider, token).await
}

async fn account_at(now: i64, provider: &Provider, token: &str) -> Result<String, Rejected> {
    provider.bearer(token.to_owned(), now).await.map(|identity| identity.account.clone())
}

#[tokio::test]
async fn a_token_names_a_person_and_groups_and_is_remembered() {
    let double = Double::start();
    let provider = client(&double);
    let token = double.key().sign(&json!({ "typ": "at+jwt" }), &claims(&double));
    assert!(provider.remembered(&token, NOW).is_none());
    let identity = provider.bearer(token.clone(), NOW).await.expect("a person");
    assert_eq!((identity.account.as_str(), identity.groups.as_deref()), ("anna", Some(&["staff".to_owned()][..])));
    assert_eq!(provider.remembered(&token, NOW).as_ref(), Some(&identity));
    assert!(provider.remembered(&format!("{token}x"), NOW).is_none());
    assert!(provider.remembered(&token, NOW + 300 + SKEW).is_none(), "it has expired since");
    assert_eq!((double.asked("/keys"), double.asked("/userinfo")), (1, 0));
}

#[tokio::test]
async fn each_claim_is_checked() {
    let double = Double::start();
    let provider = client(&double);
    let rows = [
        ("another issuer", "iss", json!("https://login.example.org"), Err(Unfit::Issuer)),
        ("issuers", "iss", json!([double.issuer()]), Err(Unfit::Issuer)),
        ("no issuer", "iss", Value::Null, Err(Unfit::Malformed)),
        ("one audience", "aud", json!(AUDIENCE), Ok("anna")),
        ("another audience", "aud", json!("https://mail.example.com/"), Err(Unfit::Audience)),
        ("an ID token", "aud", json!(CLIENT), Err(Unfit::Audience)),
        ("no audience", "aud", Value::Null, Err(Unfit::Malformed)),
        ("no subject", "sub", Value::Null, Err(Unfit::Malformed)),
        ("the last second", "exp", json!(NOW - SKEW + 1), Ok("anna")),
        ("expired", "exp", json!(NOW - SKEW), Err(Unfit::Expired)),
        ("no end", "exp", Value::Null, Err(Unfit::Malformed)),
        ("an end that is no number", "exp", json!((NOW + 300).to_string()), Err(Unfit::Malformed)),
        ("the first second", "nbf", json!(NOW + SKEW), Ok("anna")),
        ("too early", "nbf", json!(NOW + SKEW + 1), Err(Unfit::Early)),
        ("a begin that is no number", "nbf", json!("now"), Err(Unfit::Malformed)),
        ("made later", "iat", json!(NOW + SKEW + 1), Err(Unfit::Early)),
        ("nobody", "preferred_username", Value::Null, Err(Unfit::Account)),
        ("an empty name", "preferred_username", json!(""), Err(Unfit::Account)),
        ("a name that is no text", "preferred_username", json!(["anna"]), Err(Unfit::Account)),
        ("bound to a key", "cnf", json!({ "jkt": "0" }), Err(Unfit::Bound)),
    ];
    for (title, name, value, expected) in rows {
        let token = double.key().sign(&json!({}), &with(&double, name, &value));
        let found = account(&provider, &token).await;
        assert_eq!(found, expected.map(str::to_owned).map_err(Rejected::Token), "{title}");
    }
}

#[tokio::test]
async fn without_an_audience_in_the_settings_no_bearer_token_is_accepted() {
    let double = Double::start();
    let settings = openid::Settings { audience: None, ..settings(&double) };
    let provider = Provider::new(settings).expect("a client");
    let token = double.key().sign(&json!({}), &claims(&double));
    let refused = account(&provider, &token).await.expect_err("no audience");
    assert_eq!(refused, Rejected::Token(Unfit::NoAudience));
    assert_eq!(refused.to_string(), "this server accepts no bearer tokens (openid.audience is empty)");
    assert_eq!(double.asked("/keys"), 0, "the provider was not asked");
}

#[tokio::test]
async fn only_signatures_by_keys_of_the_provider_are_accepted() {
    let double = Double::start();
    let provider = client(&double);
    let (key, claims) = (double.key(), claims(&double));
    let right = key.sign(&json!({}), &claims);
    let (message, signature) = right.rsplit_once('.').expect("parts");
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |alg: &str| format!("{}.{}.", part(json!({ "alg": alg })), part(claims.clone()));
    // An attack: a signature with HMAC that uses the public key as the shared secret (RFC 8725
    // §2.1).
    let shared = {
        let message = format!("{}.{}", part(json!({ "alg": "HS256", "kid": "key 0" })), part(claims.clone()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"public"), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let head = |header: Value| key.sign(&header, &claims);
    let rows = [
        ("without a name of the key", head(json!({ "kid": null })), Ok("anna")),
        ("none", unsigned("none"), Err(Unfit::Malformed)),
        ("None", unsigned("None"), Err(Unfit::Malformed)),
        ("a shared secret", shared, Err(Unfit::Algorithm)),
        ("another algorithm", head(json!({ "alg": "RS256" })), Err(Unfit::Key)),
        ("the key of somebody else", Key::new(0).sign(&json!({}), &claims), Err(Unfit::Signature)),
        ("an unknown key", Key::new(7).sign(&json!({}), &claims), Err(Unfit::Key)),
        ("no signature", format!("{message}."), Err(Unfit::Signature)),
        ("a cut signature", format!("{message}.{}", &signature[..40]), Err(Unfit::Signature)),
        ("two parts", message.to_owned(), Err(Unfit::Malformed)),
        ("an extension that must be understood", head(json!({ "crit": ["b64"], "b64": false })), Err(Unfit::Malformed)),
        ("a key within the token", head(json!({ "kid": "own", "jwk": { "kty": "oct", "k": "AA" } })), Err(Unfit::Key)),
        ("a token of another type", head(json!({ "typ": "logout+jwt" })), Err(Unfit::Type)),
        ("a type in capitals", head(json!({ "typ": "JWT" })), Ok("anna")),
        ("nothing", String::new(), Err(Unfit::Malformed)),
        ("a text", "opaque".to_owned(), Err(Unfit::Malformed)),
        ("too long", format!("{}.{right}", "a".repeat(16_384)), Err(Unfit::TooLong)),
    ];
    for (title, token, expected) in rows {
        let found = account(&provider, &token).await;
        assert_eq!(found, expected.map(str::to_owned).map_err(Rejected::Token), "{title}");
    }
    assert_eq!(double.asked("/keys"), 1, "unknown keys let nobody ask the provider all the time");
}

#[tokio::test]
async fn a_mail_address_counts_if_the_provider_has_verified_it() {
    let double = Double::start();
    let settings = openid::Settings { account_claim: "email".to_owned(), ..settings(&double) };
    let provider = Provider::new(settings).expect("a client");
    for (verified, expected) in [
        (json!(true), Ok("anna@example.com")),
        (json!("true"), Ok("anna@example.com")),
        (json!(false), Err(Unfit::Unverified)),
        (Value::Null, Err(Unfit::Unverified)),
    ] {
        let mut claims = with(&double, "email", &json!("anna@example.com"));
        claims["email_verified"] = verified.clone();
        let found = account(&provider, &double.key().sign(&json!({}), &claims)).await;
        assert_eq!(found, expected.map(str::to_owned).map_err(Rejected::Token), "{verified}");
    }
}

#[tokio::test]
async fn a_new_key_is_found_and_the_old_one_opens_nothing() {
    let double = Double::start();
    let provider = client(&double);
    let (old, claims) = (double.key(), claims(&double));
    assert!(account(&provider, &old.sign(&json!({}), &claims)).await.is_ok());
    double.rotate();
    let new = double.key().sign(&json!({}), &claims);
    let unknown = Err(Rejected::Token(Unfit::Key));
    assert_eq!(account_at(NOW + 9, &provider, &new).await, unknown, "it was read a moment ago");
    assert_eq!(account_at(NOW + 10, &provider, &new).await, Ok("anna".to_owned()));
    let other = old.sign(&json!({}), &with(&double, "jti", &json!("another")));
    assert_eq!(account_at(NOW + 20, &provider, &other).await, unknown);
}

#[tokio::test]
async fn what_is_known_is_used_while_the_provider_is_away_but_not_for_ever() {
    let double = Double::start();
    let provider = client(&double);
    let long = with(&double, "exp", &json!(NOW + 1_000_000));
    let token = |number: i64| double.key().sign(&json!({}), &changed(long.clone(), "jti", &json!(number)));
    assert!(account(&provider, &token(1)).await.is_ok());
    double.answer("/keys", 503, "");
    let day = 24 * 3_600;
    for (later, asked) in [(3_599, 1), (3_600, 2), (3_609, 2), (day - 1, 3)] {
        assert!(account_at(NOW + later, &provider, &token(later)).await.is_ok(), "after {later} seconds");
        assert_eq!(double.asked("/keys"), asked, "after {later} seconds");
    }
    let away = Failure::Refused { url: format!("{}/keys", double.issuer()), status: 503 };
    for later in [day, day + 8, day + 9] {
        let found = account_at(NOW + later, &provider, &token(later)).await;
        assert_eq!(found, Err(Rejected::Unavailable(away.clone())), "after {later} seconds");
    }
    assert_eq!((double.asked("/keys"), provider.failures()), (4, 3), "it is not asked at each request");
    double.recover("/keys");
    assert!(account_at(NOW + day + 19, &provider, &token(0)).await.is_ok());
}
