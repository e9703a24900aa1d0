//! Performs the actions of calendar users and their clients.

use schemas::{CollectionId, FileId, Stream, metadata::Conditions, object::Place};
use service::{
    Attributes, Delete, Error, Overwrite, Put, PutFile, Require, ScheduleReply, Service, Stamp, Tags, Transfer,
};
use uuid::Uuid;

use super::{
    check::Acknowledged,
    history::Step,
    people::{DELEGATE, MEETINGS, id, object, team},
};

/// Performs one action. Returns the write that the server acknowledged; `None` if there is none.
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
            let transfer = Transfer { home, from, to_home, to, overwrite, require, reply: ScheduleReply::Send };
            let moved = service.relocate(stamp, transfer).await;
            acknowledged(moved, who, *meeting)
        }
        Step::Recreate { meeting, who } => {
            let copy = Copy::of(service, who, *meeting)?;
            remove(service, &stamped(stamp, "removed"), who, copy.place.clone(), true).await;
            let place = Place { name: format!("{}.ics", stamp.act.simple()), ..copy.place.clone() };
            // An attendee who declined would not store the copy again, so the answer becomes
            // ACCEPTED.
            let is_organizer = MEETINGS[*meeting] == *who;
            let ics = if is_organizer { copy.ics.clone() } else { copy.answered(who, "ACCEPTED") };
            put(service, &stamped(stamp, "again"), who, *meeting, place, ics, Require::default()).await
        }
        Step::Delegate { meeting, who } => {
            let copy = Copy::of(service, who, *meeting).filter(|_| MEETINGS[*meeting] != *who)?;
            let require = Require { if_schedule_tag_match: copy.schedule_tag.clone(), ..Require::default() };
            put(service, stamp, who, *meeting, copy.place.clone(), copy.delegated(who), require).await
        }
        Step::Regroup { members } => {
            // The result is ignored, because the journal may fail to answer.
            drop(service.register(stamp, vec![team(*members)]).await);
            None
        }
        Step::StoreFile { who, version } => {
            let (media_type, data) = ("text/plain".to_owned(), format!("version {version}").into_bytes());
            let require = Require::default();
            let put = PutFile {
                home: id(who),
                place: file(who),
                media_type,
                data,
                require,
                frees: 0,
                attributes: Attributes::default(),
            };
            let written = service.put_file(stamp, put).await.ok()?;
            Some(Acknowledged { stream: Stream::File(FileId::derive(&file(who))), etag: written.etag })
        }
        Step::RemoveFile { who } => {
            drop(service.delete_file(stamp, id(who), file(who), Require::default()).await);
            None
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

/// Returns the stamp for one part of an action that sends several requests.
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
    let written = service
        .put(
            &stamp,
            Put {
                home: id(who),
                place,
                ics,
                source: service::Source::Body,
                require,
                attributes: Attributes::default(),
            },
        )
        .await;
    acknowledged(written, who, meeting)
}

/// Returns the conditional headers, in the form in which the journal records them.
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
    Some(Acknowledged { stream: Stream::Object(object(who, meeting)), etag: written.etag })
}

async fn remove(service: &Service, stamp: &Stamp, who: &str, place: Place, reply: bool) -> Option<Acknowledged> {
    let reply = if reply { ScheduleReply::Send } else { ScheduleReply::Suppress };
    let delete = Delete { home: id(who), place, require: Require::default(), reply };
    let mut stamp = stamp.clone();
    "DELETE".clone_into(&mut stamp.metadata.client.via);
    // The result is ignored, because the resource may already be deleted, or the server may fail to
    // answer.
    drop(service.delete(&stamp, delete).await);
    None
}

/// Returns the place of the user's file, which is a direct member of the home.
fn file(who: &str) -> Place {
    Place { collection: CollectionId::home(id(who)), name: "notes.txt".to_owned() }
}

fn new_place(who: &str, meeting: usize) -> Place {
    Place { collection: CollectionId::derive(id(who), "calendar", 0), name: format!("{meeting}.ics") }
}

/// A copy as the owner's client has read it.
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

    fn delegated(&self, who: &str) -> String {
        let address = format!(":mailto:{who}@example.org");
        let line = |line: &str| match line.strip_suffix(&address) {
            Some(start) if start.starts_with("ATTENDEE") => format!(
                "ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:{DELEGATE}@example.org\"{address}\r\n\
                 ATTENDEE;DELEGATED-FROM=\"mailto:{who}@example.org\":mailto:{DELEGATE}@example.org\r\n"
            ),
            _ => format!("{line}\r\n"),
        };
        let is_delegates = |line: &&str| line.starts_with("ATTENDEE") && line.ends_with(":mailto:frank@example.org");
        self.ics.replace("\r\n ", "").lines().filter(|line| !is_delegates(line)).map(line).collect()
    }

    fn with_alarm(&self) -> String {
        let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Go\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n";
        let end = if self.ics.contains("END:VTODO") { "END:VTODO" } else { "END:VEVENT" };
        self.ics.replacen(end, &format!("{alarm}{end}"), 1)
    }
}
