//! Tests that the old or the new password is right wherever the process ends while a password is
//! changed, and that the journal holds no hash.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use journal::{Append, memory::Memory};
use projections::ReadModels;
use schemas::{
    Client, Event, Expected, Metadata, NewEvent, Position, PrincipalEvent, Timestamp,
    principal::{PrincipalKind, PrincipalRegistered, Profile},
};
use tempfile::TempDir;
use uuid::Uuid;
use vault::{Altered, Failure, Key, Secret};

use super::*;
use crate::{
    Settings, clock,
    principals::{NewPassword, Registration},
};

const ANNA: PrincipalId = PrincipalId(Uuid::from_u128(0xa));

/// Places at which the process can end.
const NOWHERE: u8 = 0;
const BEFORE_KEEPING: u8 = 1;
const AFTER_KEEPING: u8 = 2;
const BEFORE_REMOVING: u8 = 3;
/// Place at which the vault reports that each row was altered.
const READING: u8 = 4;

/// A vault that fails at a chosen place, as if the process ended there.
#[derive(Debug, Default)]
struct Dying {
    vault: vault::Memory,
    at: AtomicU8,
}

impl Dying {
    fn at(&self, place: u8) -> Result<(), Failure> {
        let is_here = self.at.load(Ordering::Relaxed) == place;
        if is_here { Err(rusqlite::Error::InvalidQuery.into()) } else { Ok(()) }
    }
}

impl Vault for Dying {
    fn keep(&self, passwords: &[Password]) -> Result<(), Failure> {
        self.at(BEFORE_KEEPING)?;
        self.vault.keep(passwords)?;
        self.at(AFTER_KEEPING)
    }

    fn password(&self, id: PasswordId) -> Result<Option<Password>, Failure> {
        if self.at.load(Ordering::Relaxed) == READING {
            let row = Altered { secret: Secret::Password, id: id.0, principal: ANNA };
            return Err(Failure::Altered { file: "vault.sqlite".into(), row });
        }
        self.vault.password(id)
    }

    fn passwords_of(&self, principal: PrincipalId) -> Result<Vec<Password>, Failure> {
        self.vault.passwords_of(principal)
    }

    fn remove(&self, ids: &[PasswordId]) -> Result<(), Failure> {
        self.at(BEFORE_REMOVING)?;
        self.vault.remove(ids)
    }

    fn used(&self, id: PasswordId, at: Timestamp) -> Result<(), Failure> {
        self.vault.used(id, at)
    }

    fn revoke(&self, id: PasswordId, at: Timestamp) -> Result<(), Failure> {
        self.vault.revoke(id, at)
    }

    fn key_in_force(&self, subject: PrincipalId, new: Key) -> Result<Key, Failure> {
        self.vault.key_in_force(subject, new)
    }

    fn key(&self, id: Uuid) -> Result<Option<Key>, Failure> {
        self.vault.key(id)
    }

    fn destroy_keys(&self, subject: PrincipalId, at: Timestamp) -> Result<usize, Failure> {
        self.vault.destroy_keys(subject, at)
    }

    fn count_keys(&self) -> Result<(usize, usize), Failure> {
        self.vault.count_keys()
    }

    fn altered(&self) -> Result<Vec<Altered>, Failure> {
        self.vault.altered()
    }
}

/// Counts the lines about copied hashes in the log of this thread.
#[derive(Debug, Default, Clone)]
struct Lines(Arc<AtomicUsize>);

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("service::passwords")
    }

    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// A journal and a vault that several services use, one after the other.
struct Place {
    journal: Arc<Memory>,
    vault: Arc<Dying>,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { journal: Arc::new(Memory::new()), vault: Arc::default(), folder }
    }

    async fn start(&self) -> Arc<Service> {
        let service = self.start_without_moving().await;
        service.move_passwords().await.expect("moved");
        service
    }

    async fn start_without_moving(&self) -> Arc<Service> {
        let folder = self.folder.path().join(clock::new_id().to_string());
        let (models, projector) = ReadModels::open(&folder).expect("read models");
        let settings = Settings { vault: self.vault.clone(), ..Settings::default() };
        let service = Service::start(self.journal.clone(), models, projector, settings).await.expect("a service");
        service.caught_up().await.expect("read models");
        service
    }

    /// Registers Anna with a password in a process that ends at the place `at`.
    async fn set(&self, password: &str, at: u8) -> Result<(), Error> {
        let service = self.start().await;
        self.vault.at.store(at, Ordering::Relaxed);
        let stamp = clock::stamp(None, None, Client::default(), Uuid::nil());
        let registered = service.register(&stamp, vec![anna(password)]).await;
        self.vault.at.store(NOWHERE, Ordering::Relaxed);
        service.end().await;
        registered
    }

    /// Returns the passwords with which Anna can log in to a new process.
    async fn right<'a>(&self, passwords: &[&'a str]) -> Vec<&'a str> {
        let service = self.start().await;
        let mut right = vec![];
        for password in passwords {
            if service.authenticate(&service.login("anna", password)).await.expect("checked") == Some(ANNA) {
                right.push(*password);
            }
        }
        service.end().await;
        right
    }

    fn kept(&self) -> usize {
        self.vault.passwords_of(ANNA).expect("read").len()
    }

    async fn journal_holds(&self, text: &str) -> bool {
        let stored = self.journal.read_all(Position::START, usize::MAX).await.expect("read");
        stored.iter().any(|stored| String::from_utf8_lossy(&stored.data).contains(text))
    }
}

fn anna(password: &str) -> Registration {
    Registration {
        id: ANNA,
        short_name: "anna".to_owned(),
        kind: PrincipalKind::Individual,
        profile: Profile::default(),
        password: Some(NewPassword::Plain(password.to_owned())),
        members: vec![],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hash_is_in_the_vault_alone_and_the_one_before_goes() {
    let place = Place::new();
    place.set("old", NOWHERE).await.expect("set");
    place.set("new", NOWHERE).await.expect("set");
    assert_eq!(place.right(&["old", "new"]).await, ["new"]);
    assert_eq!(place.kept(), 1);
    assert!(!place.journal_holds("argon2").await);
    place.set("new", BEFORE_KEEPING).await.expect("it is in force already, so nothing is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_ends_before_the_change_is_stored_leaves_the_old_password_in_force() {
    let place = Place::new();
    place.set("old", NOWHERE).await.expect("set");
    for (at, kept) in [(BEFORE_KEEPING, 1), (AFTER_KEEPING, 2)] {
        place.set("new", at).await.expect_err("nobody was told that it is set");
        assert_eq!(place.right(&["old", "new"]).await, ["old"]);
        assert_eq!(place.kept(), kept);
    }
    place.set("newest", NOWHERE).await.expect("set");
    assert_eq!(place.right(&["old", "new", "newest"]).await, ["newest"]);
    assert_eq!(place.kept(), 1, "what no event names is removed by the next change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_ends_after_the_change_is_stored_leaves_the_new_password_in_force() {
    let place = Place::new();
    place.set("old", NOWHERE).await.expect("set");
    place.set("new", BEFORE_REMOVING).await.expect("it is set");
    assert_eq!(place.right(&["old", "new"]).await, ["new"]);
    assert_eq!(place.kept(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hashes_of_old_events_move_to_the_vault_unless_it_has_a_newer_one() {
    let place = Place::new();
    let service = place.start().await;
    let [first, second] = ["first", "second"].map(str::to_owned);
    let hashes = [service.credentials.hash(first).await, service.credentials.hash(second).await];
    service.end().await;
    let registered = PrincipalRegistered {
        short_name: "anna".to_owned(),
        kind: PrincipalKind::Individual,
        profile: Profile::default(),
    };
    let mut events = vec![NewEvent::new(Uuid::from_u128(1), &Event::from(PrincipalEvent::Registered(registered)))];
    for (hash, id) in hashes.into_iter().zip(2..) {
        let data = serde_json::json!({ "phc": hash.expect("hashed") }).to_string();
        events.push(NewEvent::json(Uuid::from_u128(id), FirstPasswordSet::KIND, data));
    }
    let stream = Stream::Principal(ANNA);
    let append = Append { stream, expected: Expected::NoStream, metadata: Metadata::default(), events };
    place.journal.append(append).await.expect("appended");

    let service = place.start_without_moving().await;
    let moving = async |at| {
        place.vault.at.store(at, Ordering::Relaxed);
        let lines = Lines::default();
        let _guard = tracing::subscriber::set_default(lines.clone());
        let moved = service.move_passwords().await;
        (moved.is_ok(), lines.0.load(Ordering::Relaxed))
    };
    assert_eq!(moving(BEFORE_KEEPING).await, (false, 0), "what is not done is not logged");
    assert_eq!(moving(NOWHERE).await, (true, 1));
    assert_eq!(moving(NOWHERE).await, (true, 0), "nothing is left");
    service.end().await;
    assert_eq!(place.right(&["first", "second"]).await, ["second"]);
    assert_eq!(place.kept(), 1, "only the one in force moves");
    place.set("third", NOWHERE).await.expect("set");
    assert_eq!(place.right(&["first", "second", "third"]).await, ["third"]);
    assert_eq!(place.kept(), 1, "an old one does not come back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_hash_nobody_logs_in_until_a_password_is_set() {
    let place = Place::new();
    place.set("old", NOWHERE).await.expect("set");
    let ids: Vec<_> = place.vault.passwords_of(ANNA).expect("read").into_iter().map(|password| password.id).collect();
    place.vault.remove(&ids).expect("removed");
    assert!(place.right(&["old"]).await.is_empty());
    place.set("old", NOWHERE).await.expect("set");
    assert_eq!(place.right(&["old"]).await, ["old"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_whose_hash_was_altered_is_neither_right_nor_wrong_until_another_is_set() {
    let place = Place::new();
    place.set("old", NOWHERE).await.expect("set");
    place.vault.at.store(READING, Ordering::Relaxed);
    let service = place.start().await;
    let told = service.authenticate(&service.login("anna", "old")).await;
    assert!(matches!(&told, Err(Error::Behind(why)) if why.contains("the vault")), "{told:?}");
    let nobody = service.authenticate(&service.login("nobody", "old")).await;
    assert!(matches!(nobody, Ok(None)), "{nobody:?}");
    service.end().await;
    place.set("new", READING).await.expect("set");
    assert_eq!(place.right(&["old", "new"]).await, ["new"]);
    assert_eq!(place.kept(), 1, "the altered one is removed");
}
