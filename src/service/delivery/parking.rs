//! Tests that messages which this version of the program cannot read are parked, and that all
//! others are delivered, also after a restart.

use std::{path::Path, sync::Arc, time::Duration};

use ::delivery::Standing;
use journal::{Append, Journal, memory::Memory};
use projections::ReadModels;
use schemas::{
    Client, CollectionId, Expected, Fact, NewEvent, ObjectEvent, ObjectId, PrincipalId, Stream,
    object::{Content, MessageIssued, Method, ObjectPut, Place, Recipient, Role, Visibility},
    principal::{PrincipalKind, Profile},
};
use uuid::Uuid;

use crate::{Service, Settings, clock, principals::Registration};

const PATIENCE: Duration = Duration::from_secs(60);
const OTHERS: u128 = 1_000;

fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

fn invitation(uid: &str) -> String {
    let lines = "DTSTART:20270105T100000Z\nDTEND:20270105T110000Z\nORGANIZER:mailto:anna@example.org\n\
                 ATTENDEE:mailto:bert@example.org";
    specimens::message("REQUEST", &specimens::component("VEVENT", uid, lines))
}

fn issued(number: u128, uid: &str, ics: String) -> ObjectEvent {
    ObjectEvent::MessageIssued(MessageIssued {
        message: Uuid::from_u128(number),
        method: Method::Request,
        uid: uid.to_owned(),
        sender: "mailto:anna@example.org".to_owned(),
        sender_home: id("anna"),
        taken_over_from: None,
        recipients: vec![Recipient { address: "mailto:bert@example.org".to_owned(), principal: Some(id("bert")) }],
        visibility: Visibility::Inbox,
        reason: "invited".to_owned(),
        instances: vec![],
        ics,
    })
}

fn append(home: &str, uid: &str, event: &impl Fact) -> Append {
    Append {
        stream: Stream::Object(ObjectId::derive(id(home), uid)),
        expected: Expected::NoStream,
        metadata: clock::stamp(None, None, Client::default(), Uuid::nil()).metadata,
        events: vec![NewEvent::new(clock::new_id(), event)],
    }
}

/// Returns an event that stores an unparsable text as Bert's copy of the meeting.
fn unreadable_copy(uid: &str) -> ObjectEvent {
    let place = Place { collection: CollectionId::derive(id("bert"), "calendar", 0), name: format!("{uid}.ics") };
    let content = Content {
        ics: "BEGIN:VCALENDAR\r\n".to_owned(),
        etag: "1".to_owned(),
        schedule_tag: Some("1".to_owned()),
        role: Role::Attendee,
    };
    ObjectEvent::Put(ObjectPut {
        home: id("bert"),
        place,
        uid: uid.to_owned(),
        component: "VEVENT".to_owned(),
        content,
        sent: None,
        edits: vec![],
        imported: None,
        copied: None,
    })
}

async fn start(journal: &Arc<Memory>, folder: &Path) -> Arc<Service> {
    let (models, projector) = ReadModels::open(&folder.join("read-models")).expect("read models");
    let settings = Settings { outbox: Some(folder.join("outbox.json")), ..Settings::default() };
    let service = Service::start(journal.clone(), models, projector, settings).await.expect("a service");
    service.caught_up().await.expect("read models");
    service
}

async fn register(service: &Service) {
    let register = |name: &str| Registration {
        id: id(name),
        short_name: name.to_owned(),
        kind: PrincipalKind::Individual,
        profile: Profile { addresses: vec![format!("mailto:{name}@example.org")], ..Profile::default() },
        password: None,
        members: vec![],
    };
    let stamp = clock::stamp(None, None, Client::default(), Uuid::nil());
    service.register(&stamp, ["anna", "bert"].map(register).to_vec()).await.expect("registered");
}

/// Waits until all messages are delivered or parked. Returns the UID and the reason of each parked
/// message.
async fn parked(service: &Service) -> Vec<(String, String)> {
    let delivered = async {
        while !service.is_at_rest().await.expect("the journal is read") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, delivered).await.expect("everything else is delivered");
    let entries = service.outbox();
    assert!(entries.iter().all(|entry| entry.standing == Standing::Parked), "{entries:?}");
    let reason = |entry: &::delivery::Entry| entry.waiting[0].last_error.clone().unwrap_or_default();
    entries.iter().map(|entry| (entry.uid.clone(), reason(entry))).collect()
}

async fn received(journal: &Memory, uid: &str) -> bool {
    let stream = Stream::Object(ObjectId::derive(id("bert"), uid));
    let last = journal.read_last(stream).await.expect("memory answers");
    last.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_cannot_be_read_is_parked_and_a_thousand_others_arrive() {
    let (journal, folder) = (Arc::new(Memory::new()), tempfile::tempdir().expect("a folder"));
    let first = start(&journal, folder.path()).await;
    register(&first).await;
    first.close();
    first.end().await;
    drop(first);

    let mut appends = vec![
        append("anna", "bad-message", &issued(1, "bad-message", "no calendar".to_owned())),
        append("bert", "bad-copy", &unreadable_copy("bad-copy")),
        append("anna", "bad-copy", &issued(2, "bad-copy", invitation("bad-copy"))),
    ];
    let other = |number: u128| {
        let uid = format!("other-{number}");
        append("anna", &uid, &issued(number, &uid, invitation(&uid)))
    };
    appends.extend((10..10 + OTHERS).map(other));
    for appended in journal.append_many(appends).await {
        appended.expect("appended");
    }

    for _ in 0..2 {
        let service = start(&journal, folder.path()).await;
        let parked = parked(&service).await;
        let [(message, unreadable), (copy, broken)] = &parked[..] else { panic!("{parked:?}") };
        assert_eq!((message.as_str(), copy.as_str()), ("bad-message", "bad-copy"));
        assert_eq!(unreadable, "the text of the message cannot be parsed");
        assert!(broken.starts_with("this version of Daybook cannot parse the stored calendar data"), "{broken}");
        for number in 10..10 + OTHERS {
            assert!(received(&journal, &format!("other-{number}")).await, "{number}");
        }
        let figures = service.journal_figures();
        let value = |name| figures.iter().find(|figure| figure.name == name).map(|figure| figure.value);
        assert_eq!((value("outbox_parked"), value("outbox_pending")), (Some(2), Some(0)), "{figures:?}");
        service.close();
        service.end().await;
    }
    let listing = crate::list_outbox(&*journal, &folder.path().join("outbox.json")).await.expect("a listing");
    assert_eq!(listing.messages.iter().filter(|entry| entry.standing == Standing::Parked).count(), 2);
}
