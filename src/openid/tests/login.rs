//! Tests of the authorization code flow (OpenID Connect Core 1.0 §3.1).

use openid::{Begun, Failure, Identity, Provider, Rejected, Returned, Settings, Unfit};
use openid_double::{Double, Query};
use serde_json::{Value, json};

use crate::{NOW, begun, client, settings};

/// Lets a person log in, and returns the resulting identity or error. `claims` are put into the ID
/// token, and `userinfo` into the answer of the userinfo endpoint.
async fn log_in(provider: &Provider, double: &Double, claims: Value, userinfo: Value) -> Result<Identity, Rejected> {
    let address = provider.login_address(begun(), NOW).await.expect("an address");
    provider.finish(returned(&double.log_in(&address, claims, userinfo)), begun(), NOW).await
}

fn returned(query: &Query) -> Returned {
    let issuer = Some(query.get("iss").to_owned()).filter(|issuer| !issuer.is_empty());
    Returned { code: query.get("code").to_owned(), issuer }
}

fn changed(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[tokio::test]
async fn a_person_logs_in_and_the_id_token_says_who_it_is() {
    let double = Double::start();
    let provider = client(&double);
    let address = provider.login_address(begun(), NOW).await.expect("an address");
    for part in ["scope=openid+profile+email", "state=state", "nonce=nonce", "code_challenge_method=S256"] {
        assert!(address.contains(part), "{address}");
    }
    let redirect = "redirect_uri=https%3A%2F%2Fcal.example.com%2Faccount%2Fopenid";
    assert!(address.contains(redirect) && !address.contains(&begun().verifier), "{address}");
    let claims = changed(double.claims("anna", NOW), "groups", json!([]));
    let identity = log_in(&provider, &double, claims, json!({})).await.expect("Anna");
    assert_eq!((identity.account.as_str(), identity.groups), ("anna", Some(vec![])));
    assert_eq!(double.asked("/userinfo"), 0, "everything was said");
    let expected = "/logout?client_id=daybook&post_logout_redirect_uri=https%3A%2F%2Fcal.example.com%2F";
    assert_eq!(provider.logout_address(), Some(format!("{}{expected}", double.issuer())));
}

#[tokio::test]
async fn an_id_token_that_is_not_of_this_login_is_refused() {
    let double = Double::start();
    let provider = client(&double);
    let anna = || changed(double.claims("anna", NOW), "groups", json!([]));
    let rows = [
        ("another nonce", "nonce", json!("another"), Err(Unfit::Nonce)),
        ("no nonce", "nonce", json!(7), Err(Unfit::Nonce)),
        ("another audience", "aud", json!("mail"), Err(Unfit::Audience)),
        ("others too", "aud", json!(["daybook", "mail"]), Err(Unfit::Audience)),
        ("another party", "azp", json!("mail"), Err(Unfit::Audience)),
        ("our party", "azp", json!("daybook"), Ok(())),
        ("another issuer", "iss", json!("https://login.example.org"), Err(Unfit::Issuer)),
        ("expired", "exp", json!(NOW - 60), Err(Unfit::Expired)),
        ("of later", "iat", json!(NOW + 61), Err(Unfit::Early)),
    ];
    for (title, name, value, expected) in rows {
        let found = log_in(&provider, &double, changed(anna(), name, value), json!({})).await.map(drop);
        assert_eq!(found, expected.map_err(Rejected::Token), "{title}");
    }
}

#[tokio::test]
async fn a_code_opens_one_login_of_one_browser() {
    let double = Double::start();
    let provider = client(&double);
    let address = provider.login_address(begun(), NOW).await.expect("an address");
    let log_in = || double.log_in(&address, double.claims("anna", NOW), json!({ "sub": "id of anna", "groups": [] }));
    let finish = |back: &Query, begun: Begun| provider.finish(returned(back), begun, NOW);
    let refused = Err(Rejected::Refused("invalid_grant".to_owned()));

    let back = log_in();
    let other = Begun { verifier: "w".repeat(43), ..begun() };
    assert_eq!(finish(&back, other).await.map(drop), refused, "a code that another browser got");
    let back = log_in();
    assert_eq!(finish(&back.with("iss", None), begun()).await.map(drop), Err(Rejected::Token(Unfit::Issuer)));
    let elsewhere = back.with("iss", Some("https://login.example.org"));
    assert_eq!(finish(&elsewhere, begun()).await.map(drop), Err(Rejected::Token(Unfit::Issuer)), "mixed up (RFC 9207)");
    assert_eq!(finish(&back, begun()).await.map(drop), Ok(()), "nothing of it was used up");
    assert_eq!(finish(&back, begun()).await.map(drop), refused, "used twice");
}

#[tokio::test]
async fn what_the_id_token_does_not_say_is_asked_for() {
    let double = Double::start();
    let provider = client(&double);
    let mut claims = double.claims("anna", NOW);
    claims.as_object_mut().expect("an object").remove("preferred_username");
    let said = json!({ "sub": "id of anna", "preferred_username": "anna", "groups": ["staff"] });
    let identity = log_in(&provider, &double, claims.clone(), said.clone()).await.expect("Anna");
    assert_eq!((identity.account.as_str(), identity.groups), ("anna", Some(vec!["staff".to_owned()])));
    let of_another = changed(said, "sub", json!("id of bert"));
    let found = log_in(&provider, &double, claims.clone(), of_another).await;
    assert!(matches!(found, Err(Rejected::Unavailable(Failure::Unusable { .. }))), "{found:?}");
    let nothing = log_in(&provider, &double, claims, json!({ "sub": "id of anna" })).await;
    assert_eq!(nothing, Err(Rejected::Token(Unfit::Account)));
}

#[tokio::test]
async fn a_wrong_secret_is_the_providers_refusal() {
    let double = Double::start();
    let settings = Settings { secret: Some(openid::Secret::first_line("wrong")), ..settings(&double) };
    let provider = Provider::new(settings).expect("a client");
    let found = log_in(&provider, &double, double.claims("anna", NOW), json!({})).await;
    assert_eq!(found, Err(Rejected::Refused("invalid_client".to_owned())));
}
