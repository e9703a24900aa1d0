//! The actions of calendar users and their clients.

use schemas::{CollectionId, metadata::Conditions, object::Place};
use service::{Delete, Error, Overwrite, Put, Require, ScheduleReply, Service, Stamp, Tags, Transfer};
use uuid::Uuid;

use super::{
    check::Acknowledged,
    history::Step,
    people::{MEETINGS, id, object},
};

/// Performs one action. Returns the write that the server acknowledged.
pub async fn perform(service: &Service, act: &Step, stamp: &Stamp) -> Option<Acknowledged> {
    match act {
        Step::Store { meeting, plan } => {
            let who = MEETINGS[*meeting];
            let known = Copy::of(service, who, *meeting);
            let place = known.map_or_else(|| new_place(who, *meeting), |copy| copy.place);
            put(service, stamp, who, *meeting, place, plan.text(*meeting), Require::default()).await
        }
        Step::Remove { meeting } => {
            let who = MEETINGS[*meeting];
            remove(service, stamp, who, Copy::of(service, who, *meeting)?.place, true).await
        }
        Step::Answer { meeting, who, partstat } => {
            let copy = Copy::of(service, who, *meeting).filter(|_| MEETINGS[*meeting] != *who)?;
            let require = Require { if_schedule_tag_match: copy.schedule_tag.clone(), ..Require::default() };
            put(service, stamp, who, *meeting, copy.place.clone(), copy.answered(who, partstat), require).await
        }
        Step::Drop { meeting, who, reply } => {
            let copy = Copy::of(service, who, *meeting).filter(|_| MEETINGS[*meeting] != *who)?;
            remove(service, stamp, who, copy.place, *reply).await
        }
        Step::Alarm { meeting, who } => {
            let copy = Copy::of(service, who, *meeting)?;
            let require = Require { if_match: Some(Tags::Listed(vec![copy.etag.clone()])), ..Require::default() };
            put(service, stamp, who, *meeting, copy.place.clone(), copy.with_alarm(), require).await
        }
        Step::Move { meeting, who } => {
            let from = Copy::of(service, who, *meeting)?.place;
            let to = Place { name: format!("{}.ics", stamp.act.simple()), ..from.clone() };
            let (home, to_home, overwrite, require) = (id(who), id(who), Overwrite::Forbidden, Require::default());
            let moved = service.relocate(stamp, Transfer { home, from, to_home, to, overwrite, require }).await;
            acknowledged(moved, who, *meeting)
        }
        Step::Recreate { meeting, who } => {
            let copy = Copy::of(service, who, *meeting)?;
            remove(service, &stamped(stamp, "removed"), who, copy.place.clone(), true).await;
            let place = Place { name: format!("{}.ics", stamp.act.simple()), ..copy.place };
            put(service, &stamped(stamp, "again"), who, *meeting, place, copy.ics, Require::default()).await
        }
        Step::EmptyInbox { who } => {
            let inbox = CollectionId::derive(id(who), "inbox", 0);
            for member in service.models().members(inbox, None, usize::from(u8::MAX)).expect("members") {
                let stamp = stamped(stamp, &member.name);
                let place = Place { collection: inbox, name: member.name };
                remove(service, &stamp, who, place, true).await;
            }
            None
        }
        Step::Race(..) | Step::Crash { .. } | Step::Restart(_) => panic!("nobody does that: {act:?}"),
    }
}

/// The stamp of a part of an action.
fn stamped(stamp: &Stamp, part: &str) -> Stamp {
    Stamp { act: Uuid::new_v5(&stamp.act, part.as_bytes()), ..stamp.clone() }
}

async fn put(
    service: &Service,
    stamp: &Stamp,
    who: &str,
    meeting: usize,
    place: Place,
    ics: String,
    require: Require,
) -> Option<Acknowledged> {
    let mut stamp = stamp.clone();
    stamp.metadata.conditions = as_sent(&require);
    let written = service.put(&stamp, Put { home: id(who), place, ics, source: service::Source::Body, require }).await;
    acknowledged(written, who, meeting)
}

/// The headers of the conditions, as the journal records them.
fn as_sent(require: &Require) -> Conditions {
    let header = |tags: &Option<Tags>| match tags {
        None => None,
        Some(Tags::Any) => Some("*".to_owned()),
        Some(Tags::Listed(tags)) => Some(tags.iter().map(|tag| format!("\"{tag}\"")).collect::<Vec<_>>().join(", ")),
    };
    Conditions {
        if_match: header(&require.if_match),
        if_none_match: header(&require.if_none_match),
        if_schedule_tag_match: require.if_schedule_tag_match.as_ref().map(|tag| format!("\"{tag}\"")),
        ..Conditions::default()
    }
}

fn acknowledged(answer: Result<service::Written, Error>, who: &str, meeting: usize) -> Option<Acknowledged> {
    let written = answer.ok()?;
    Some(Acknowledged { object: object(who, meeting), etag: written.etag })
}

async fn remove(service: &Service, stamp: &Stamp, who: &str, place: Place, reply: bool) -> Option<Acknowledged> {
    let reply = if reply { ScheduleReply::Send } else { ScheduleReply::Suppress };
    let delete = Delete { home: id(who), place, require: Require::default(), reply };
    // The item may be gone already, or the server may not answer.
    drop(service.delete(stamp, delete).await);
    None
}

fn new_place(who: &str, meeting: usize) -> Place {
    Place { collection: CollectionId::derive(id(who), "calendar", 0), name: format!("{meeting}.ics") }
}

/// A resource as the owner's client knows it.
struct Copy {
    place: Place,
    etag: String,
    schedule_tag: Option<String>,
    ics: String,
}

impl Copy {
    fn of(service: &Service, who: &str, meeting: usize) -> Option<Self> {
        let (models, calendar) = (service.models(), CollectionId::derive(id(who), "calendar", 0));
        let places = models.object_places(object(who, meeting)).expect("places");
        let place = places.into_iter().find(|place| place.collection == calendar)?;
        let (member, ics) = models.member_with_body(calendar, &place.name).expect("a member")?;
        Some(Self { place, etag: member.etag, schedule_tag: member.schedule_tag, ics })
    }

    fn answered(&self, who: &str, partstat: &str) -> String {
        let address = format!(":mailto:{who}@example.org");
        let line = |line: &str| match line.strip_suffix(&address) {
            Some(start) if start.starts_with("ATTENDEE") => {
                let kept: Vec<_> = start.split(';').filter(|part| !part.starts_with("PARTSTAT=")).collect();
                format!("{};PARTSTAT={partstat}{address}\r\n", kept.join(";"))
            }
            _ => format!("{line}\r\n"),
        };
        self.ics.replace("\r\n ", "").lines().map(line).collect()
    }

    fn with_alarm(&self) -> String {
        let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Go\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";
        self.ics.replacen("END:VEVENT", alarm, 1)
    }
}
