//! Fills a data folder with a journal of the given number of events, like that of a company: people
//! store meetings, which the server sends, receives and revises.
//! `cargo run --release -p daybook-journal --example fill FOLDER EVENTS`; then
//! `daybook --data FOLDER projections rebuild`, `journal stats`, `verify`, `journal backup`.
//! `ops/trials/history` measures the history commands on this journal. For them, one person has a
//! calendar of 5,000 objects that were stored twenty times each, and one meeting has a long
//! history.

use std::path::PathBuf;

use journal::{Append, Journal, sqlite};
use schemas::{
    Client, CollectionEvent, CollectionId, Event, Expected, Metadata, NewEvent, ObjectEvent, ObjectId, PrincipalEvent,
    PrincipalId, Revision, Stream, Timestamp,
    collection::{CollectionCreated, CollectionKind, Settings},
    object::{
        Content, InboxItem, MessageIssued, MessageReceived, Method, ObjectPut, ObjectRevised, Outcome, Place,
        Recipient, RevisionReason, Role, Visibility,
    },
    principal::{PrincipalKind, PrincipalRegistered, Profile},
};
use uuid::Uuid;

const PEOPLE: u64 = 300;
/// 2026-01-05T00:00:00Z
const MONDAY: i64 = 1_767_571_200;
const GROUP: usize = 500;
/// The number of the person whose calendar is large: the last person.
const LARGE: u64 = PEOPLE - 1;
const LARGE_OBJECTS: u64 = 5_000;
const LARGE_VERSIONS: u64 = 20;
/// Number of versions of the meeting with the long history.
const LONG_VERSIONS: u64 = 240;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(events)) = (arguments.next(), arguments.next()) else {
        return Err("wanted: FOLDER EVENTS".into());
    };
    let (folder, events) = (PathBuf::from(folder), events.parse::<u64>()?);
    std::fs::create_dir_all(&folder)?;
    let journal = sqlite::open(&folder.join("journal.sqlite"))?;
    let mut number = journal.head().await?.0;
    if number == 0 {
        store(&journal, (0..PEOPLE).flat_map(person).collect()).await?;
        for version in 0..LARGE_VERSIONS {
            let appends = (0..LARGE_OBJECTS).map(|object| version_of(LARGE, &format!("large {object}"), version));
            store(&journal, appends.collect()).await?;
        }
        for version in 0..LONG_VERSIONS {
            store(&journal, vec![version_of(0, "quarterly planning", version)]).await?;
        }
    }
    while journal.head().await?.0 < events {
        let mut appends = Vec::with_capacity(GROUP + 4);
        while appends.len() < GROUP {
            appends.extend(meeting(number));
            number += 1;
        }
        store(&journal, appends).await?;
    }
    println!("{} events of {number} meetings", journal.head().await?);
    Ok(())
}

async fn store(journal: &sqlite::Sqlite, appends: Vec<Append>) -> Result<(), Box<dyn std::error::Error>> {
    for answer in journal.append_many(appends).await {
        answer?;
    }
    Ok(())
}

fn home(number: u64) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&schemas::ids::NAMESPACE, format!("person {number}").as_bytes()))
}

fn person(number: u64) -> Vec<Append> {
    let (id, name) = (home(number), format!("person{number}"));
    let profile = Profile { addresses: vec![format!("mailto:{name}@example.org")], ..Profile::default() };
    let registered = PrincipalRegistered { short_name: name, kind: PrincipalKind::Individual, profile };
    let collections =
        [("", CollectionKind::Home), ("inbox", CollectionKind::Inbox), ("calendar", CollectionKind::Calendar)];
    let collections = collections.map(|(name, kind)| {
        let (name, components, properties, settings) = (name.to_owned(), vec![], vec![], Settings::default());
        let stream = Stream::Collection(CollectionId::derive(id, &name, 0));
        let created = CollectionCreated { home: id, name, kind, components, properties, settings };
        append(stream, None, &[Event::Collection(CollectionEvent::Created(created))])
    });
    let registered = append(Stream::Principal(id), None, &[Event::Principal(PrincipalEvent::Registered(registered))]);
    std::iter::once(registered).chain(collections).collect()
}

/// Returns the append that stores one version of an object in its owner's calendar. The UID is made
/// from the title.
fn version_of(owner: u64, title: &str, version: u64) -> Append {
    let uid = title.replace(' ', "-");
    let place = Place { collection: CollectionId::derive(home(owner), "calendar", 0), name: format!("{uid}.ics") };
    let words = format!("{title} {version}");
    let content = Content {
        ics: ics(version, &uid, &words),
        etag: format!("{uid} {version}"),
        schedule_tag: None,
        role: Role::None,
    };
    let put = ObjectEvent::Put(ObjectPut {
        home: home(owner),
        place,
        component: "VEVENT".to_owned(),
        content,
        sent: None,
        edits: vec![],
        imported: None,
        copied: None,
        uid: uid.clone(),
    });
    append(Stream::Object(ObjectId::derive(home(owner), &uid)), version.checked_sub(1), &[Event::Object(put)])
}

/// Returns the appends of one invitation with its reply: six events in three appends.
fn meeting(number: u64) -> Vec<Append> {
    let (organizer, attendee) = (number % PEOPLE, (number * 7 + 1) % PEOPLE);
    let uid = Uuid::new_v5(&schemas::ids::NAMESPACE, &number.to_be_bytes()).to_string();
    let (mine, theirs) = (ObjectId::derive(home(organizer), &uid), ObjectId::derive(home(attendee), &uid));
    let message = Uuid::new_v5(&mine.0, b"message");
    let recipient =
        Recipient { address: format!("mailto:person{attendee}@example.org"), principal: Some(home(attendee)) };
    let issued = MessageIssued {
        message,
        method: Method::Request,
        uid: uid.clone(),
        sender: format!("mailto:person{organizer}@example.org"),
        sender_home: home(organizer),
        taken_over_from: None,
        recipients: vec![recipient],
        visibility: Visibility::Inbox,
        reason: "invited".to_owned(),
        instances: vec![],
        ics: ics(number, &uid, "REQUEST"),
    };
    let place = |of: u64, collection| Place {
        collection: CollectionId::derive(home(of), collection, 0),
        name: format!("{uid}.ics"),
    };
    let item = InboxItem {
        place: place(attendee, "inbox"),
        component: "VEVENT".to_owned(),
        ics: ics(number, &uid, "REQUEST"),
        etag: format!("{number}.item"),
    };
    let received = MessageReceived {
        message,
        also: vec![],
        home: home(attendee),
        method: Method::Request,
        uid: uid.clone(),
        sender: issued.sender.clone(),
        outcome: Outcome::Applied,
        item: Some(item),
        answers: None,
    };
    let put = |of, role| {
        let place = place(of, "calendar");
        let content = content(number, &uid, "1", role);
        Event::Object(ObjectEvent::Put(ObjectPut {
            home: home(of),
            place,
            uid: uid.clone(),
            component: "VEVENT".to_owned(),
            content,
            sent: None,
            edits: vec![],
            imported: None,
            copied: None,
        }))
    };
    let revised = |of, etag, reason| {
        let content = content(number, &uid, etag, Role::Organizer);
        Event::Object(ObjectEvent::Revised(ObjectRevised {
            home: Some(home(of)),
            uid: Some(uid.clone()),
            place: place(of, "calendar"),
            content,
            reason,
            message: None,
            automatic: None,
        }))
    };
    vec![
        append(
            Stream::Object(mine),
            None,
            &[put(organizer, Role::Organizer), Event::Object(ObjectEvent::MessageIssued(issued))],
        ),
        append(
            Stream::Object(theirs),
            None,
            &[Event::Object(ObjectEvent::MessageReceived(received)), put(attendee, Role::Attendee)],
        ),
        append(
            Stream::Object(mine),
            Some(1),
            &[revised(organizer, "2", RevisionReason::Status), revised(organizer, "3", RevisionReason::Reply)],
        ),
    ]
}

fn content(number: u64, uid: &str, etag: &str, role: Role) -> Content {
    // Different texts have different tags, as with the digests that the server computes.
    let tag = format!("{number}.{etag}");
    Content { ics: ics(number, uid, etag), etag: tag.clone(), schedule_tag: Some(tag), role }
}

/// Returns the text of an event of typical length.
fn ics(number: u64, uid: &str, words: &str) -> String {
    let (day, hour) = (1 + number / 24 % 28, number % 24);
    let month = 1 + number / 700 % 12;
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Fill//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260105T120000Z\r\n\
         DTSTART:2026{month:02}{day:02}T{hour:02}0000Z\r\nDURATION:PT1H\r\nSUMMARY:Meeting {words}\r\n\
         DESCRIPTION:{}\r\nORGANIZER:mailto:person{}@example.org\r\nATTENDEE:mailto:person{}@example.org\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n",
        "Words of a description. ".repeat(30),
        number % PEOPLE,
        (number * 7 + 1) % PEOPLE
    )
}

fn append(stream: Stream, last: Option<u64>, events: &[Event]) -> Append {
    let words = format!("{stream} {last:?}");
    let request = Uuid::new_v5(&schemas::ids::NAMESPACE, words.as_bytes());
    let client = Client { via: "PUT".to_owned(), ..Client::default() };
    let at = Timestamp::from_seconds(MONDAY);
    let id = |index: usize| Uuid::new_v5(&request, &index.to_be_bytes());
    Append {
        stream,
        expected: last.map_or(Expected::NoStream, |last| Expected::Exact(Revision(last))),
        metadata: Metadata { at, client, request, correlation: request, ..Metadata::default() },
        events: events.iter().enumerate().map(|(index, event)| NewEvent::new(id(index), event)).collect(),
    }
}
