//! The sessions of people who are logged in to the web pages.
//!
//! **Invariant:** only the browser has the secret of a session; the server stores its hash. A
//! session ends at the latest after some time without requests, after a maximum time in any case,
//! and when the process ends.

use std::{collections::HashMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use page::Notice;
use parking_lot::Mutex;
use schemas::{PasswordId, PrincipalId, metadata::Authentication};
use service::clock;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

/// Maximum number of open sessions. If there are more, the session that was unused for the longest
/// time ends.
const MAX_SESSIONS: usize = 10_000;
/// Maximum number of open sessions of one person.
const MAX_SESSIONS_OF_PERSON: usize = 20;
/// Time in seconds without requests after which a session ends.
const MAX_SESSION_IDLE_SECONDS: u64 = 3_600;
/// Maximum duration of a session in seconds.
const MAX_SESSION_SECONDS: u64 = 43_200;
/// Maximum duration in seconds of a session whose person did not log in with a password that this
/// server stores.
const MAX_SHORT_SESSION_SECONDS: u64 = 900;
/// Length of a secret in characters: 256 random bits in base64.
const SECRET_LENGTH: usize = 43;

/// The hash of a session's secret.
pub(super) type Key = [u8; 32];

/// The person who starts a session, and the way in which the person was authenticated.
#[derive(Debug, Clone)]
pub(super) struct Begun {
    pub person: PrincipalId,
    pub password: Option<PasswordId>,
    pub auth: Authentication,
    pub lasts: Lasts,
}

/// The maximum duration of a session: [`MAX_SESSION_SECONDS`] or [`MAX_SHORT_SESSION_SECONDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasts {
    Long,
    Short,
}

/// The data of a session.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub person: PrincipalId,
    /// The identity of the account's password; `None` if it has none. The session ends when the
    /// password changes, unless the person changes it in this session (see [`Sessions::go_on`]).
    pub password: Option<PasswordId>,
    /// The way in which the person was authenticated.
    pub auth: Authentication,
    /// The token in each form of this session. Pages of other sites do not know it.
    pub token: String,
    ends: Instant,
    used: Instant,
    /// The result of the last form, which the next page shows; `None` before the first form, and
    /// once the result was shown.
    notice: Option<Notice>,
}

impl Session {
    /// Returns true if the token of a form belongs to this session.
    pub(super) fn is_own_form(&self, token: &str) -> bool {
        hash(&[token.as_bytes()]) == hash(&[self.token.as_bytes()])
    }

    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.used) > Duration::from_secs(MAX_SESSION_IDLE_SECONDS) || now > self.ends
    }
}

/// An open session, with the hash of its secret.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub key: Key,
    pub session: Session,
}

/// The open sessions of all people.
pub(in crate::front) struct Sessions {
    open: Mutex<HashMap<Key, Session>>,
    /// Secret of this process. It binds a login form, and a login at the OpenID Connect provider,
    /// to one browser.
    secret: [u8; 32],
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions { .. }")
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self { open: Mutex::default(), secret: clock::secret() }
    }
}

impl Sessions {
    /// Starts a session, and returns its secret.
    pub(super) fn begin(&self, begun: Begun) -> String {
        self.begin_at(Instant::now(), begun)
    }

    fn begin_at(&self, now: Instant, begun: Begun) -> String {
        let Begun { person, password, auth, lasts } = begun;
        let secret = random();
        let most = match lasts {
            Lasts::Long => MAX_SESSION_SECONDS,
            Lasts::Short => MAX_SHORT_SESSION_SECONDS,
        };
        let ends = now + Duration::from_secs(most);
        let session = Session { person, password, auth, token: random(), ends, used: now, notice: None };
        let mut open = self.open.lock();
        open.retain(|_, session| !session.is_over(now));
        let of_person = open.iter().filter(|(_, session)| session.person == person).count();
        if of_person >= MAX_SESSIONS_OF_PERSON {
            end_oldest(&mut open, |session| session.person == person);
        }
        if open.len() >= MAX_SESSIONS {
            end_oldest(&mut open, |_| true);
        }
        open.insert(hash(&[secret.as_bytes()]), session);
        secret
    }

    /// Returns the session with this secret, and updates the time of its last use. `None` if there
    /// is no such session or it has ended.
    pub(super) fn find(&self, secret: &str) -> Option<Open> {
        self.find_at(Instant::now(), secret)
    }

    fn find_at(&self, now: Instant, secret: &str) -> Option<Open> {
        if secret.len() != SECRET_LENGTH {
            return None;
        }
        let key = hash(&[secret.as_bytes()]);
        let mut open = self.open.lock();
        let session = open.get_mut(&key)?;
        if session.is_over(now) {
            open.remove(&key);
            return None;
        }
        session.used = now;
        Some(Open { key, session: session.clone() })
    }

    pub(super) fn end(&self, key: &Key) {
        self.open.lock().remove(key);
    }

    /// Keeps a session open after its person has changed the password in it.
    pub(super) fn go_on(&self, key: &Key, password: Option<PasswordId>) {
        if let Some(session) = self.open.lock().get_mut(key) {
            session.password = password;
        }
    }

    /// Stores the result of a form, for the next page.
    pub(super) fn set_notice(&self, key: &Key, notice: Notice) {
        if let Some(session) = self.open.lock().get_mut(key) {
            session.notice = Some(notice);
        }
    }

    /// Returns the result of the last form, and removes it. `None` if there is none.
    pub(super) fn take_notice(&self, key: &Key) -> Option<Notice> {
        self.open.lock().get_mut(key)?.notice.take()
    }

    /// Returns a secret for a browser that is not logged in, and the token for its login form. The
    /// browser stores the secret in a cookie. If the browser has a well-formed secret already
    /// (`known`), the same secret is returned.
    pub(super) fn login_form(&self, known: Option<String>) -> (String, String) {
        let secret = known.filter(|known| known.len() == SECRET_LENGTH).unwrap_or_else(random);
        let token = self.token_of(&secret);
        (secret, token)
    }

    /// Returns true if the login form with this token was sent to the browser with this secret.
    pub(super) fn is_login_form(&self, secret: Option<String>, token: &str) -> bool {
        let expected = secret.filter(|secret| secret.len() == SECRET_LENGTH).map(|secret| self.token_of(&secret));
        expected.is_some_and(|expected| hash(&[expected.as_bytes()]) == hash(&[token.as_bytes()]))
    }

    fn token_of(&self, secret: &str) -> String {
        self.derived("login", secret)
    }

    /// Returns a text that is derived from `text` for one purpose. Nobody can compute it without
    /// the secret of this process.
    pub(super) fn derived(&self, purpose: &str, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hash(&[&self.secret, purpose.as_bytes(), text.as_bytes()]))
    }
}

/// Returns the cookie for a new login at the provider: the time of its start, and a new secret.
pub(super) fn new_login(now: i64) -> String {
    format!("{now}.{}", random())
}

fn end_oldest(open: &mut HashMap<Key, Session>, of: impl Fn(&Session) -> bool) {
    let oldest = open.iter().filter(|(_, session)| of(session)).min_by_key(|(_, session)| session.used);
    if let Some(key) = oldest.map(|(key, _)| *key) {
        open.remove(&key);
    }
}

fn random() -> String {
    URL_SAFE_NO_PAD.encode(clock::secret())
}

fn hash(parts: &[&[u8]]) -> Key {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANNA: PrincipalId = PrincipalId(Uuid::from_u128(1));
    const BERT: PrincipalId = PrincipalId(Uuid::from_u128(2));

    fn begins(person: PrincipalId, lasts: Lasts) -> Begun {
        Begun { person, password: None, auth: Authentication::Password, lasts }
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_session_ends_when_it_is_not_used_and_after_its_longest_time() {
        let (sessions, begun) = (Sessions::default(), Instant::now());
        let open = |lasts| sessions.begin_at(begun, begins(ANNA, lasts));
        let (idle, busy, short) = (open(Lasts::Long), open(Lasts::Long), open(Lasts::Short));
        let step = MAX_SHORT_SESSION_SECONDS;
        for passed in (step..=MAX_SESSION_SECONDS).step_by(900) {
            assert!(sessions.find_at(begun + seconds(passed), &busy).is_some(), "after {passed} seconds");
        }
        assert!(sessions.find_at(begun + seconds(MAX_SESSION_SECONDS + 1), &busy).is_none());
        assert!(sessions.find_at(begun + seconds(MAX_SESSION_IDLE_SECONDS + 1), &idle).is_none());
        assert!(sessions.find_at(begun + seconds(MAX_SHORT_SESSION_SECONDS + 1), &short).is_none());
    }

    #[test]
    fn a_person_who_opens_many_sessions_loses_the_oldest_of_their_own() {
        let (sessions, begun) = (Sessions::default(), Instant::now());
        let open = |person, later| sessions.begin_at(begun + seconds(later), begins(person, Lasts::Long));
        let berts = open(BERT, 0);
        let annas: Vec<_> = (0..=MAX_SESSIONS_OF_PERSON as u64).map(|later| open(ANNA, later)).collect();
        let found: Vec<_> = annas.iter().map(|secret| sessions.find(secret).is_some()).collect();
        assert!(!found[0] && found[1..].iter().all(|found| *found), "{found:?}");
        assert!(sessions.find(&berts).is_some());
    }

    #[test]
    fn only_the_secret_opens_a_session_and_only_its_token_is_in_its_forms() {
        let sessions = Sessions::default();
        let (one, other) = (sessions.begin(begins(ANNA, Lasts::Long)), sessions.begin(begins(ANNA, Lasts::Long)));
        let (one, other) = (sessions.find(&one).expect("open"), sessions.find(&other).expect("open"));
        assert!(one.session.is_own_form(&one.session.token) && !one.session.is_own_form(&other.session.token));
        for wrong in ["", "x", &"A".repeat(SECRET_LENGTH)] {
            assert!(sessions.find(wrong).is_none());
        }
        sessions.set_notice(&one.key, Notice::Done("done".to_owned()));
        assert_eq!(sessions.take_notice(&one.key), Some(Notice::Done("done".to_owned())));
        assert_eq!(sessions.take_notice(&one.key), None, "it is shown once");
    }

    #[test]
    fn a_login_form_belongs_to_one_browser_and_one_server() {
        let (sessions, others) = (Sessions::default(), Sessions::default());
        let (secret, token) = sessions.login_form(None);
        assert_eq!(
            sessions.login_form(Some(secret.clone())),
            (secret.clone(), token.clone()),
            "a second page is the same"
        );
        assert!(sessions.is_login_form(Some(secret.clone()), &token));
        assert!(!sessions.is_login_form(None, &token) && !sessions.is_login_form(Some(secret.clone()), ""));
        assert!(!sessions.is_login_form(Some(random()), &token) && !others.is_login_form(Some(secret), &token));
    }
}
