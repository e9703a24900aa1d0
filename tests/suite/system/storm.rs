//! A test that kills a server with `kill -9` at random times while many invitations are sent. After
//! the next start every acknowledged write exists, and each of its messages has arrived exactly
//! once.
//!
//! The test starts its own program a second time as the victim, which is a whole server over HTTP.
//! This command runs a hundred rounds:
//! `DAYBOOK_STORM_ROUNDS=100 cargo test --release -p daybook-tests storm -- --nocapture`.

#![expect(clippy::disallowed_methods, reason = "kills after real time, and is members by the environment how often")]

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use projections::{Failure, ReadModels};
use reqwest::Client;
use schemas::{
    Event, ObjectEvent, Position, PrincipalId, Recorded,
    object::{MessageIssued, Visibility},
};
use uuid::Uuid;

use super::{Server, server::open};
use crate::verified::verified;

/// The environment variable that makes this test program run as the victim, the server that is
/// killed. Its value is the folder of the server's files.
const VICTIM: &str = "DAYBOOK_STORM_VICTIM";
const ROUNDS: u32 = 4;
/// The factor for the number of rounds on a machine so busy that no write was acknowledged in the
/// normal rounds.
const SLOW: u32 = 5;
/// The time by which each round is longer than the one before it, until a write is acknowledged.
const SLOWER: Duration = Duration::from_secs(1);
const ORGANIZERS: [&str; 4] = ["alice", "bob", "carol", "dave"];
const GUESTS: usize = 6;
/// The minimum time between the first request of a round and the kill.
const SHORTEST: Duration = Duration::from_millis(250);
/// The limit, in milliseconds, of the varying time that is added to [`SHORTEST`].
const LONGER: u64 = 1_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// The acknowledged writes: the user and the UID of each.
type Acknowledged = Arc<Mutex<Vec<(String, String)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_invitation_arrives_exactly_once_after_kill_9() {
    let folder = tempfile::tempdir().expect("a folder");
    Server::start(folder.path()).await.with(&ORGANIZERS, &["lake"]).await.with_guests(GUESTS).await.stop().await;
    let rounds = std::env::var("DAYBOOK_STORM_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().expect("a number"));
    let acknowledged = Acknowledged::default();
    let mut count = 0;
    for round in 0..rounds.saturating_mul(SLOW) {
        if round >= rounds && count > 0 {
            break;
        }
        let longer = if count == 0 { SLOWER * round } else { Duration::ZERO };
        storm(folder.path(), round, longer, &acknowledged).await;
        let events = judge(folder.path(), &acknowledged).await;
        count = acknowledged.lock().unwrap().len();
        println!("round {round}: {count} acknowledged, {events} events: all there, all delivered once");
    }
    assert!(count > 0, "something was acknowledged");
}

/// Lets all organizers send invitations at the same time, until the server is killed.
async fn storm(folder: &Path, round: u32, longer: Duration, acknowledged: &Acknowledged) {
    let (mut victim, address) = victim(folder);
    let began = Instant::now();
    let senders = ORGANIZERS.map(|who| {
        let (address, acknowledged) = (address.clone(), Arc::clone(acknowledged));
        tokio::spawn(async move { invite(&address, who, round, &acknowledged).await })
    });
    // The waiting times vary irregularly, but are the same in every run.
    let wait = SHORTEST + longer + Duration::from_millis(u64::from(round).wrapping_mul(0x9e37_79b9) % LONGER);
    tokio::time::sleep(wait.saturating_sub(began.elapsed())).await;
    victim.kill().expect("killed");
    victim.wait().expect("dead");
    for sender in senders {
        sender.await.expect("ends when the server is gone");
    }
}

/// Starts the victim. Returns its process and the address at which it listens.
fn victim(folder: &Path) -> (Child, String) {
    let mut victim = Command::new(std::env::current_exe().expect("a path"))
        .args(["--exact", "system::storm::the_victim_serves_until_it_is_killed", "--nocapture"])
        .env(VICTIM, folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the victim starts");
    let lines = BufReader::new(victim.stdout.take().expect("piped")).lines();
    let mut addresses = lines.filter_map(|line| line.ok()?.strip_prefix("listens ").map(str::to_owned));
    let address = addresses.next().expect("the victim says where it listens");
    (victim, address)
}

/// The server that is killed. Without the variable [`VICTIM`] this test does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_victim_serves_until_it_is_killed() {
    let Some(folder) = std::env::var_os(VICTIM) else { return };
    let server = Server::start(Path::new(&folder)).await;
    println!("\nlistens {}", server.address());
    tokio::time::sleep(PATIENCE).await;
}

/// Creates meetings one after the other, and changes every second one.
async fn invite(address: &str, who: &str, round: u32, acknowledged: &Acknowledged) {
    let client = Client::new();
    for number in 0.. {
        let uid = format!("{who}-{round}-{number}");
        let path = format!("/calendars/{who}/calendar/{uid}.ics");
        for hour in [9, 14].into_iter().take(1 + number % 2) {
            let request = client.put(format!("http://{address}{path}")).basic_auth(who, Some(who));
            let request = request.header("content-type", "text/calendar").body(meeting(who, &uid, round, number, hour));
            let Ok(answer) = request.send().await else { return };
            if answer.status().is_success() {
                acknowledged.lock().unwrap().push((who.to_owned(), uid.clone()));
            }
        }
    }
}

fn meeting(who: &str, uid: &str, round: u32, number: usize, hour: u32) -> String {
    let guests: String = (0..GUESTS)
        .filter(|guest| !(number + guest).is_multiple_of(3))
        .map(|guest| format!("ATTENDEE:mailto:guest{guest:03}@example.org\r\n"))
        .collect();
    let day = 1 + round % 28;
    let lines = format!(
        "DTSTART:202702{day:02}T{hour:02}0000Z\nDURATION:PT30M\nORGANIZER:mailto:{who}@example.org\n\
         {guests}ATTENDEE:mailto:lake@example.org"
    );
    specimens::event(uid, &lines)
}

/// Starts a server with the files of the victim, waits until every message has arrived, and checks
/// the result.
async fn judge(folder: &Path, acknowledged: &Acknowledged) -> usize {
    let server = Server::start(folder).await;
    let settled = async {
        server.service.caught_up().await.expect("caught up");
        while !server.service.is_at_rest().await.expect("the journal is read") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, settled).await.expect("everything arrives");
    let live = members(server.service.models());
    let inboxes: usize = homes().map(|who| server.count(&who, "inbox")).sum();
    server.stop().await;

    let journal = open(folder).await;
    let history = verified(&journal).await;
    nothing_is_lost(&history, acknowledged);
    assert_eq!(delivered(&history), inboxes, "the inboxes hold what the journal says arrived in them");
    assert_eq!(live, rebuilt(&history), "the read models are what a rebuild makes of the journal");
    history.len()
}

fn nothing_is_lost(history: &[Recorded], acknowledged: &Acknowledged) {
    let mut stored: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ids = HashSet::new();
    for recorded in history {
        assert!(ids.insert(recorded.id), "the event at position {} is there twice", recorded.position);
        if let Event::Object(ObjectEvent::Put(put)) = &recorded.event
            && recorded.metadata.actor.is_some()
        {
            *stored.entry(&put.uid).or_default() += 1;
        }
    }
    let acknowledged = acknowledged.lock().unwrap();
    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, uid) in acknowledged.iter() {
        *expected.entry(uid).or_default() += 1;
    }
    for (uid, count) in expected {
        let found = stored.get(uid).copied().unwrap_or_default();
        assert!(found >= count, "{uid} was acknowledged {count} times and stored {found} times");
    }
}

/// Checks that every message arrived once and was reported once. Returns the number of inbox items
/// that must exist.
fn delivered(history: &[Recorded]) -> usize {
    let mut received: HashMap<(Uuid, PrincipalId), usize> = HashMap::new();
    let mut reported: HashMap<Uuid, usize> = HashMap::new();
    let mut items = 0;
    for recorded in history {
        match &recorded.event {
            Event::Object(ObjectEvent::MessageReceived(message)) => {
                for arrived in message.also.iter().chain([&message.message]) {
                    *received.entry((*arrived, message.home)).or_default() += 1;
                }
                items += usize::from(message.item.is_some());
            }
            Event::Object(ObjectEvent::DeliveryReported(report)) => *reported.entry(report.message).or_default() += 1,
            _ => {}
        }
    }
    for recorded in history {
        let Event::Object(ObjectEvent::MessageIssued(issued)) = &recorded.event else { continue };
        let MessageIssued { message, recipients, visibility, .. } = issued;
        for home in recipients.iter().filter_map(|recipient| recipient.principal) {
            assert_eq!(received.get(&(*message, home)), Some(&1), "{issued:?} at {home}");
        }
        let reports = reported.get(message).copied().unwrap_or_default();
        assert_eq!(reports, usize::from(*visibility == Visibility::Inbox), "{issued:?}");
    }
    items
}

fn rebuilt(history: &[Recorded]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (models, mut projector) = ReadModels::open(folder.path()).expect("opened");
    history.chunks(1_000).for_each(|batch| projector.apply(batch).expect("applied"));
    members(&models)
}

/// Returns the members and the changes of all users' collections in the read models, as texts to
/// compare.
fn members(models: &ReadModels) -> Vec<String> {
    let mut members = vec![];
    for who in homes() {
        let home = models.directory().by_name(&who).expect("somebody known").id;
        for collection in models.home(home).expect("collections") {
            let snapshot = models.snapshot().expect("a snapshot");
            let each = snapshot.members_with_bodies(collection.id, |member, body| {
                members.push(format!("{member:?} {body}"));
                Ok::<_, Failure>(())
            });
            each.expect("members");
            let changes = snapshot.changes(collection.id, Position::START, usize::from(u16::MAX)).expect("changes");
            members.push(format!("{collection:?} {changes:?}"));
        }
    }
    members
}

fn homes() -> impl Iterator<Item = String> {
    let named = ORGANIZERS.into_iter().chain(["lake"]).map(str::to_owned);
    named.chain((0..GUESTS).map(|guest| format!("guest{guest:03}")))
}
