//! An OpenID Connect provider in memory for tests, which listens on a free port. It publishes its
//! keys, lets a test log in as any person, and exchanges codes for tokens as RFC 6749 and RFC 7636
//! require. [`Double::answer`] makes it misbehave.

mod key;
mod query;
mod server;

use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub use key::Key;
pub use query::Query;

/// The client id of the server under test.
pub const CLIENT: &str = "daybook";
/// The client secret of the server under test, with characters that must be encoded.
pub const SECRET: &str = "s e:cret";

/// A running provider. Clones are the same provider.
#[derive(Debug, Clone)]
pub struct Double {
    issuer: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    keys: Vec<Key>,
    /// The granted logins, by authorization code.
    codes: HashMap<String, Granted>,
    /// The answers of the userinfo endpoint, by access token.
    people: HashMap<String, Value>,
    /// The answers that replace the normal ones, by path: status and body.
    answers: HashMap<String, (u16, String)>,
    /// The method and the path of each request.
    requests: Vec<String>,
}

#[derive(Debug, Clone)]
struct Granted {
    asked: Query,
    id_token: Value,
    userinfo: Value,
}

impl Double {
    /// Starts a provider with one key.
    ///
    /// # Panics
    /// If no port is free.
    pub fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let double = Self { issuer, state: Arc::default() };
        double.rotate();
        let serving = double.clone();
        thread::spawn(move || server::serve(&listener, &serving));
        double
    }

    /// Returns the issuer identifier of the provider, which is its base URL.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Replaces the key of the provider by a new one.
    pub fn rotate(&self) {
        let mut state = self.state.lock();
        let number = state.requests.len() + state.keys.first().map_or(0, |key| key.number + 1);
        state.keys = vec![Key::new(number)];
    }

    /// Returns the key with which the provider signs.
    ///
    /// # Panics
    /// Never, because the provider always has a key.
    pub fn key(&self) -> Key {
        self.state.lock().keys.first().expect("a key").clone()
    }

    /// Makes the provider answer every later request for `path` with this status and body.
    pub fn answer(&self, path: &str, status: u16, body: impl Into<String>) {
        self.state.lock().answers.insert(path.to_owned(), (status, body.into()));
    }

    /// Ends the effect of [`Double::answer`] for `path`.
    pub fn recover(&self, path: &str) {
        self.state.lock().answers.remove(path);
    }

    /// Returns the number of requests for `path` since the start.
    pub fn asked(&self, path: &str) -> usize {
        self.state.lock().requests.iter().filter(|request| request.ends_with(path)).count()
    }

    /// Returns the claims of an ID token for a person who logs in at the time `now`, in seconds
    /// since the epoch.
    pub fn claims(&self, person: &str, now: i64) -> Value {
        json!({ "iss": self.issuer, "sub": format!("id of {person}"), "aud": CLIENT, "exp": now + 300, "iat": now,
            "preferred_username": person })
    }

    /// Lets a person log in at `address`, the URL to which the server under test sent the browser.
    /// `id_token` has the claims without the nonce, and `userinfo` is the answer of the userinfo
    /// endpoint. Returns the query with which the provider sends the browser back.
    ///
    /// # Panics
    /// If `address` is not the login page of this provider, or lacks a parameter.
    pub fn log_in(&self, address: &str, id_token: Value, userinfo: Value) -> Query {
        let query = address.strip_prefix(&format!("{}/authorize?", self.issuer)).expect("an address of this provider");
        let asked = Query::read(query);
        assert_eq!((asked.get("response_type"), asked.get("client_id")), ("code", CLIENT));
        assert_eq!(asked.get("code_challenge_method"), "S256");
        let mut state = self.state.lock();
        let code = format!("code {}", state.codes.len());
        let back = [("code", code.as_str()), ("state", asked.get("state")), ("iss", &self.issuer)];
        let back = Query::of(&back);
        state.codes.insert(code, Granted { asked, id_token, userinfo });
        back
    }

    fn document(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/keys"),
            "userinfo_endpoint": at("/userinfo"),
            "end_session_endpoint": at("/logout"),
            "authorization_response_iss_parameter_supported": true,
        })
    }

    /// Exchanges a code for tokens. `credentials` is the value of the header `Authorization`.
    fn token(&self, form: &Query, credentials: Option<&str>) -> (u16, Value) {
        let refused = |word: &str| (400, json!({ "error": word }));
        // RFC 6749 §2.3.1: the client id and the secret are both form-encoded.
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:s+e%3Acret"));
        if credentials != Some(&format!("Basic {basic}")) {
            return refused("invalid_client");
        }
        let mut state = self.state.lock();
        let Some(granted) = state.codes.remove(form.get("code")) else { return refused("invalid_grant") };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form.get("code_verifier")));
        let is_same = granted.asked.get("redirect_uri") == form.get("redirect_uri");
        if challenge != granted.asked.get("code_challenge") || !is_same {
            return refused("invalid_grant");
        }
        let mut claims = granted.id_token;
        if claims.get("nonce").is_none() {
            claims["nonce"] = Value::from(granted.asked.get("nonce"));
        }
        let access = format!("access {}", state.people.len());
        state.people.insert(access.clone(), granted.userinfo);
        let id_token = state.keys.first().expect("a key").sign(&json!({}), &claims);
        (200, json!({ "token_type": "Bearer", "access_token": access, "id_token": id_token }))
    }
}
