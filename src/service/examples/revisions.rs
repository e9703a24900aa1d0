//! Measures loading an object with a long history that is not cached:
//! `cargo run --release -p daybook-service --example revisions [changes]`.

#![expect(clippy::disallowed_methods, reason = "this program exists to measure time")]

use std::{error::Error, sync::Arc, time::Instant};

use journal::sqlite;
use projections::ReadModels;
use schemas::{
    Client, CollectionId, PrincipalId,
    object::Place,
    principal::{AutomaticAnswer, PrincipalKind, Profile},
};
use service::{Attributes, Put, Require, Service, Settings, Source, clock, principals::Registration};
use uuid::Uuid;

const HOME: PrincipalId = PrincipalId(Uuid::from_u128(0xa));

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let changes: u32 = std::env::args().nth(1).map_or(Ok(5_000), |changes| changes.parse())?;
    let folder = tempfile::tempdir()?;
    let service = start(folder.path()).await?;
    service.register(&stamp(), vec![anna()]).await?;
    let began = Instant::now();
    for number in 0..changes {
        service.put(&stamp(), put(number)).await?;
    }
    println!("{changes} changes of an object: {:?} each", began.elapsed() / changes);
    let began = Instant::now();
    service.put(&stamp(), put(changes)).await?;
    println!("one more, from memory: {:?}", began.elapsed());
    service.end().await;
    drop(service);
    let service = start(folder.path()).await?;
    let began = Instant::now();
    service.put(&stamp(), put(changes + 1)).await?;
    println!("one more, after a start, from the stream's beginning: {:?}", began.elapsed());
    Ok(())
}

async fn start(folder: &std::path::Path) -> Result<Arc<Service>, Box<dyn Error>> {
    let path = folder.join("journal.sqlite");
    let journal = loop {
        match sqlite::open(&path) {
            Err(sqlite::OpenError::InUse { .. }) => tokio::task::yield_now().await,
            opened => break opened?,
        }
    };
    let (models, projector) = ReadModels::open(&folder.join("read-models"))?;
    let service = Service::start(Arc::new(journal), models, projector, Settings::default()).await?;
    service.caught_up().await?;
    Ok(service)
}

fn anna() -> Registration {
    Registration {
        id: HOME,
        short_name: "anna".to_owned(),
        kind: PrincipalKind::Individual,
        profile: Profile {
            addresses: vec!["mailto:anna@example.org".to_owned()],
            automatic_answer: AutomaticAnswer::None,
            ..Profile::default()
        },
        password: None,
        members: vec![],
    }
}

fn stamp() -> service::Stamp {
    clock::stamp(Some(HOME), None, Client::default(), clock::new_id())
}

fn put(number: u32) -> Put {
    let ics = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Measure//EN\r\nBEGIN:VEVENT\r\nUID:often\r\nDTSTAMP:20260105T120000Z\r\n\
         DTSTART:20260105T120000Z\r\nDURATION:PT1H\r\nSUMMARY:{number}\r\nDESCRIPTION:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "Words of a description. ".repeat(60)
    );
    let place = Place { collection: CollectionId::derive(HOME, "calendar", 0), name: "often.ics".to_owned() };
    Put { home: HOME, place, ics, source: Source::Body, require: Require::default(), attributes: Attributes::default() }
}
