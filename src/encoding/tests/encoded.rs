//! Tests on every engine: events are stored compressed and unreadable, and are read unchanged until
//! their key is destroyed.

use std::sync::Arc;

use encoding::{Encoded, Keys, MIN_COMPRESSED_BYTES, SEALED, SEALED_COMPRESSED, key_of};
use journal::{
    Append, AppendError, Failure, Journal, Verdict, limits::MAX_APPEND_BYTES, memory::Memory, sqlite, verify,
};
use kurrent_double::{Double, Setting};
use schemas::{
    Client, CollectionEvent, CollectionId, Encoding, Event, Expected, Metadata, NewEvent, Operator, Position,
    PrincipalEvent, PrincipalId, Revision, ServerEvent, ServerId, Stream,
    collection::{CollectionAclChanged, CollectionCreated, CollectionKind, Settings},
    metadata::Conditions,
    principal::{PrincipalKind, PrincipalRegistered, Profile},
    server::ServerStopped,
};
use uuid::Uuid;
use vault::Vault;

const ANNA: PrincipalId = PrincipalId(Uuid::from_u128(0xa));
const BERT: PrincipalId = PrincipalId(Uuid::from_u128(0xb));

/// Words that the stored bytes must not contain.
const WORDS: [&str; 7] = ["anna", "bert", "example.org", "Secret/1", "192.0.2.7", "operator-login", "/calendars/"];

struct Place {
    /// The engine, which shows events as they are stored.
    engine: Arc<dyn Journal>,
    vault: Arc<vault::Memory>,
    /// The layer over the engine, which shows events decrypted and decompressed.
    journal: Encoded,
}

impl Place {
    fn on(engine: Arc<dyn Journal>) -> Self {
        let vault = Arc::new(vault::Memory::new());
        let journal = Encoded::new(Arc::clone(&engine), Some(Arc::new(Keys::new(vault.clone(), true))), true);
        Self { engine, vault, journal }
    }

    /// Returns the journal as another process sees it, whose settings switch encryption off.
    fn again(&self) -> Encoded {
        Encoded::new(Arc::clone(&self.engine), Some(Arc::new(Keys::new(self.vault.clone(), false))), false)
    }
}

/// An engine, together with the values that must live as long as it does.
type Engine = (Arc<dyn Journal>, Box<dyn std::any::Any>);

async fn engines() -> Vec<Engine> {
    let folder = tempfile::tempdir().expect("a folder");
    let in_file = sqlite::open(&folder.path().join("journal.sqlite")).expect("a journal");
    let double = Double::with(1, Setting::default());
    let remote = kurrentdb::open(&double.url()).await.expect("a connection");
    vec![
        (Arc::new(Memory::new()), Box::new(())),
        (Arc::new(in_file), Box::new(folder)),
        (Arc::new(remote), Box::new(double)),
    ]
}

fn metadata(actor: PrincipalId, number: u128) -> Metadata {
    let client = Client { via: "PUT".to_owned(), agent: "Secret/1".to_owned(), address: "192.0.2.7".to_owned() };
    let if_header = Some("</calendars/anna/calendar/lunch.ics> ([\"etag\"])".to_owned());
    Metadata {
        actor: Some(actor),
        client,
        act: Some(Uuid::from_u128(number)),
        request: Uuid::from_u128(number),
        conditions: Conditions { if_header, ..Conditions::default() },
        ..Metadata::default()
    }
}

fn registered(id: PrincipalId, name: &str, number: u128) -> Append {
    let profile = Profile { addresses: vec![format!("mailto:{name}@example.org")], ..Profile::default() };
    let event = PrincipalRegistered { short_name: name.to_owned(), kind: PrincipalKind::Individual, profile };
    let events = vec![NewEvent::new(Uuid::from_u128(number), &Event::from(PrincipalEvent::Registered(event)))];
    Append { stream: Stream::Principal(id), expected: Expected::NoStream, metadata: metadata(id, number), events }
}

fn calendar(home: PrincipalId) -> CollectionId {
    CollectionId::derive(home, "calendar", 0)
}

/// Returns two appends: Anna's calendar is created, and Bert changes its ACL by an event that does
/// not name Anna.
fn calendar_events() -> [Append; 2] {
    let created = CollectionEvent::Created(CollectionCreated {
        home: ANNA,
        name: "of anna".to_owned(),
        kind: CollectionKind::Calendar,
        components: vec![],
        properties: vec![],
        settings: Settings::default(),
    });
    let changed = CollectionEvent::AclChanged(CollectionAclChanged { entries: vec![] });
    let stream = Stream::Collection(calendar(ANNA));
    let append = |expected, actor, number, event| Append {
        stream,
        expected,
        metadata: metadata(actor, number),
        events: vec![NewEvent::new(Uuid::from_u128(number), &Event::from(event))],
    };
    [append(Expected::NoStream, ANNA, 3, created), append(Expected::Exact(Revision(0)), BERT, 4, changed)]
}

fn stopped() -> Append {
    let operator = Operator { uid: None, login: "operator-login".to_owned(), host: String::new() };
    let event = Event::from(ServerEvent::Stopped(ServerStopped { undelivered: 0 }));
    Append {
        stream: Stream::Server(ServerId(Uuid::from_u128(5))),
        expected: Expected::NoStream,
        metadata: Metadata { operator: Some(operator), ..Metadata::default() },
        events: vec![NewEvent::new(Uuid::from_u128(5), &event)],
    }
}

fn story() -> Vec<Append> {
    let [created, changed] = calendar_events();
    vec![registered(ANNA, "anna", 1), registered(BERT, "bert", 2), created, changed, stopped()]
}

async fn append_all(place: &Place) {
    for append in story() {
        let first = place.journal.append(append.clone()).await.expect("appended");
        assert_eq!(place.journal.append(append).await.expect("appended"), first, "a repetition is recognised");
    }
}

async fn is_whole(place: &Place) -> bool {
    let verdict = verify(&*place.engine, |_| ()).await.expect("a verdict");
    matches!(verdict, Verdict::Ok { .. })
}

async fn events(journal: &dyn Journal) -> Vec<(Event, Metadata)> {
    let stored = journal.read_all(Position::START, 100).await.expect("read");
    stored.into_iter().map(|stored| stored.read().expect("an event")).map(|read| (read.event, read.metadata)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stored_bytes_say_nothing_and_what_is_read_is_what_was_appended() {
    for (engine, _alive) in engines().await {
        let place = Place::on(engine);
        append_all(&place).await;
        for entry in place.engine.entries(Position::START, 100).await.expect("read") {
            let stored = entry.clone().stored().expect("an event");
            assert_eq!(stored.encoding, Encoding::named(SEALED));
            let bytes = [&entry.data[..], &entry.metadata[..], &entry.added.personal[..]].concat();
            let told = String::from_utf8_lossy(&bytes).to_lowercase();
            for word in WORDS {
                assert!(!told.contains(&word.to_lowercase()), "{word}: {told}");
            }
        }
        let journals: [&dyn Journal; 2] = [&place.journal, &place.again()];
        for journal in journals {
            let read = events(journal).await;
            for ((event, metadata), append) in read.into_iter().zip(story()) {
                let appended = Event::read(&append.events[0].kind, &append.events[0].data).expect("an event");
                assert_eq!(event, appended);
                assert_eq!(Metadata { stored_at: None, ..metadata }, append.metadata);
            }
        }
        assert!(is_whole(&place).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_her_key_nothing_of_a_subject_is_read_and_everything_of_others_is() {
    for (engine, _alive) in engines().await {
        let place = Place::on(engine);
        append_all(&place).await;
        assert_eq!(place.vault.destroy_keys(ANNA, schemas::Timestamp::default()).expect("destroyed"), 1);
        assert!(is_whole(&place).await, "the chain covers what is stored");
        let journal = place.again();
        let read = events(&journal).await;
        let is_erased: Vec<_> = read.iter().map(|(event, _)| matches!(event, Event::Erased(_))).collect();
        assert_eq!(is_erased, [true, false, true, true, false], "hers, also what Bert did in her home");
        let agents: Vec<_> = read.iter().map(|(_, metadata)| metadata.client.agent.as_str()).collect();
        assert_eq!(agents, ["", "Secret/1", "", "Secret/1", ""], "where Bert was is Bert's");
        let entries = place.engine.entries(Position::START, 1).await.expect("read");
        let stored = entries[0].clone().stored().expect("an event");
        let opened = journal.opened(stored).expect("opened").read().expect("an event");
        assert!(matches!(opened.event, Event::Erased(_)));
        let mut subscription = journal.subscribe(Position::START);
        let batch = subscription.next().await.expect("read").expect("events");
        assert!(matches!(batch[0].clone().read().expect("an event").event, Event::Erased(_)));
    }
}

#[tokio::test]
async fn without_the_vault_nothing_is_read_and_the_failure_says_what_to_do() {
    let place = Place::on(Arc::new(Memory::new()));
    append_all(&place).await;
    let empty = Keys::new(Arc::new(vault::Memory::new()), false);
    let journal = Encoded::new(Arc::clone(&place.engine), Some(Arc::new(empty)), true);
    let Err(Failure::Damaged { why, .. }) = journal.read_all(Position::START, 100).await else {
        panic!("it must not look as if it were erased")
    };
    assert!(why.contains("restore the latest copy of the vault"), "{why}");
}

#[tokio::test]
async fn an_altered_key_is_told_of_the_vault_and_not_of_the_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vault.sqlite");
    let vault = || Arc::new(vault::sqlite::open(&file).expect("a vault"));
    let engine: Arc<dyn Journal> = Arc::new(Memory::new());
    let journal = |seals| Encoded::new(Arc::clone(&engine), Some(Arc::new(Keys::new(vault(), seals))), false);
    journal(true).append(registered(ANNA, "anna", 1)).await.expect("appended");
    let stored = engine.read_all(Position::START, 1).await.expect("read");
    let key = key_of(&stored[0].encoding, &stored[0].data).expect("a key");
    assert_eq!(vault().key(key).expect("read").map(|key| key.subject), Some(ANNA));

    let altered = rusqlite::Connection::open(&file).expect("a file");
    altered.execute("UPDATE key SET secret = zeroblob(32)", ()).expect("altered");
    let Err(failure) = journal(false).read_all(Position::START, 1).await else { panic!("it was read") };
    assert!(matches!(failure, Failure::Key(_)) && !failure.may_pass(), "{failure}");
    let told = failure.to_string();
    assert!(told.contains("vault.sqlite: the key ") && told.contains(&ANNA.to_string()), "{told}");
}

#[tokio::test]
async fn a_sealed_part_in_another_event_is_noticed() {
    let place = Place::on(Arc::new(Memory::new()));
    append_all(&place).await;
    let stored = place.engine.read_all(Position::START, 100).await.expect("read");
    let moved = schemas::Stored { data: stored[0].data.clone(), ..stored[2].clone() };
    assert!(matches!(place.journal.opened(moved), Err(Failure::Damaged { .. })));
}

/// Returns the registration of Anna with a name so long that the payload has `bytes` bytes.
fn registered_with(bytes: usize) -> Append {
    let short = registered(ANNA, "anna", 1);
    let missing = bytes - short.events[0].data.len();
    let append = registered(ANNA, &format!("anna{}", "a".repeat(missing / 2)), 1);
    let rest = bytes - append.events[0].data.len();
    let mut append = append;
    // JSON may end with white space.
    append.events[0].data = [&append.events[0].data[..], " ".repeat(rest).as_bytes()].concat().into();
    append
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_payload_is_compressed_and_read_as_it_was_with_encryption_and_without() {
    for (encrypts, bytes, stored_as) in [
        (false, MIN_COMPRESSED_BYTES - 1, Encoding::JSON.name()),
        (false, MIN_COMPRESSED_BYTES, Encoding::ZSTD.name()),
        (true, MIN_COMPRESSED_BYTES - 1, SEALED),
        (true, MIN_COMPRESSED_BYTES, SEALED_COMPRESSED),
    ] {
        for (engine, _alive) in engines().await {
            let place = Place::on(engine);
            let keys = encrypts.then(|| Arc::new(Keys::new(place.vault.clone(), true)));
            let journal = Encoded::new(Arc::clone(&place.engine), keys, true);
            let append = registered_with(bytes);
            journal.append(append.clone()).await.expect("appended");
            let stored = place.engine.read_all(Position::START, 1).await.expect("read").remove(0);
            assert_eq!(stored.encoding.name(), stored_as);
            assert_eq!(stored.data.len() < bytes / 4, bytes == MIN_COMPRESSED_BYTES, "{}", stored.data.len());
            let read = place.again().read_all(Position::START, 1).await.expect("read").remove(0);
            assert_eq!((&read.data, &read.encoding), (&append.events[0].data, &Encoding::JSON));
            assert!(is_whole(&place).await);
        }
    }
}

#[tokio::test]
async fn the_owner_of_a_stream_is_known_where_its_first_event_was_compressed_before_encryption_was_on() {
    let place = Place::on(Arc::new(Memory::new()));
    let [mut created, changed] = calendar_events();
    created.events[0].data = [&created.events[0].data[..], " ".repeat(MIN_COMPRESSED_BYTES).as_bytes()].concat().into();
    let clear = Encoded::new(Arc::clone(&place.engine), None, true);
    clear.append(created).await.expect("appended");
    place.journal.append(changed).await.expect("appended");
    assert_eq!(place.vault.destroy_keys(ANNA, schemas::Timestamp::default()).expect("destroyed"), 1);
}

#[tokio::test]
async fn what_cannot_be_expanded_is_damage_and_what_expands_to_more_than_an_append_may_have_too() {
    let place = Place::on(Arc::new(Memory::new()));
    place.again().append(registered(ANNA, "anna", 1)).await.expect("appended");
    let stored = place.engine.read_all(Position::START, 1).await.expect("read").remove(0);
    let bomb = zstd::bulk::compress(&vec![b' '; MAX_APPEND_BYTES + 1], 1).expect("compressed");
    for bytes in [b"no frame of Zstandard".to_vec(), bomb] {
        let altered = schemas::Stored { data: bytes.into(), encoding: Encoding::ZSTD, ..stored.clone() };
        let Err(Failure::Damaged { why, .. }) = place.journal.opened(altered) else { panic!("it was read") };
        assert!(why.contains("cannot be decompressed"), "{why}");
    }
}

#[tokio::test]
async fn an_append_that_is_too_large_is_refused_although_it_would_fit_when_it_is_compressed() {
    let place = Place::on(Arc::new(Memory::new()));
    let journal = Encoded::new(Arc::clone(&place.engine), None, true);
    let refused = journal.append(registered_with(MAX_APPEND_BYTES + 1)).await;
    assert!(matches!(refused, Err(AppendError::TooLarge { .. })), "{refused:?}");
    journal.append(registered_with(MAX_APPEND_BYTES)).await.expect("appended");
    assert_eq!(events(&journal).await.len(), 1, "what was stored is read");
}

#[tokio::test]
async fn without_encryption_the_layer_stores_what_it_gets() {
    let place = Place::on(Arc::new(Memory::new()));
    place.again().append(registered(ANNA, "anna", 1)).await.expect("appended");
    let stored = place.engine.read_all(Position::START, 1).await.expect("read").remove(0);
    assert_eq!((stored.encoding, stored.metadata.client.agent.as_str()), (Encoding::JSON, "Secret/1"));
    assert_eq!(place.vault.count_keys().expect("counted"), (0, 0));
}
