//! Reports about the access journal: refused requests and logins, versions that were served, and
//! reads of the history. These functions are pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use schemas::{
    AccessEvent, Metadata, ObjectId, Position, Stream, Timestamp,
    access_journal::{LoginRefused, RecordsOmitted, RequestRefused},
};
use serde_json::{Value, json};

use crate::{Clock, Entry, Names, Timeline, agent, conditions, foreign, moment::rfc3339, sentence};

/// One event of the access journal.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessRecord {
    /// Metadata of the event: who made the request, when, and with which program.
    pub metadata: Metadata,
    /// The recorded event of the access journal.
    pub event: AccessEvent,
}

/// Returns true for a refused request or login, and for the event that counts events which were not
/// recorded one by one.
pub fn is_refusal(event: &AccessEvent) -> bool {
    match event {
        AccessEvent::RequestRefused(_) | AccessEvent::LoginRefused(_) | AccessEvent::Omitted(_) => true,
        AccessEvent::SegmentBegun(_)
        | AccessEvent::LoggedIn(_)
        | AccessEvent::VersionsServed(_)
        | AccessEvent::FreeBusyAsked(_)
        | AccessEvent::HistoryLookedAt(_)
        | AccessEvent::Anchored(_) => false,
    }
}

/// The resources of a report. Requests about these resources are included in it.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The iCalendar UID; empty if there is none.
    pub uid: String,
    /// The paths of all places at which a copy ever was, also in the homes of sharees, not
    /// percent-encoded, with present and former names of the collections and logins.
    pub paths: BTreeSet<String>,
    /// The ids of the copies.
    pub objects: Vec<ObjectId>,
}

impl About {
    /// Returns the UID, paths and copies that the events of a timeline are about.
    pub fn of(timeline: &Timeline) -> Self {
        let object = |entry: &Entry| match entry.stream {
            Stream::Object(object) => Some(object),
            _ => None,
        };
        let objects: BTreeSet<ObjectId> = timeline.entries.iter().filter_map(object).collect();
        Self { uid: timeline.uid.clone(), paths: timeline.paths.clone(), objects: objects.into_iter().collect() }
    }

    /// Returns true if the event is a refused request for one of the paths, or one whose recorded
    /// body has an unfolded line `UID:…` with this UID.
    pub fn is_refused(&self, event: &AccessEvent) -> bool {
        let AccessEvent::RequestRefused(refused) = event else { return false };
        let path = percent_encoding::percent_decode_str(&refused.path).decode_utf8_lossy();
        let body = refused.sent.as_ref().and_then(|sent| sent.text.as_deref()).unwrap_or_default();
        let is_uid = |line: &str| line.strip_prefix("UID:").is_some_and(|uid| uid.trim_end() == self.uid);
        self.paths.contains(&*path) || (!self.uid.is_empty() && body.lines().any(is_uid))
    }
}

/// Returns the time of each refusal (see [`is_refusal`]) among the records, and a line of text
/// about it.
pub fn refused_at(records: &[AccessRecord], names: &Names, clock: &Clock) -> Vec<(Timestamp, String)> {
    let line = |one: &AccessRecord| (one.metadata.at, refusals(std::slice::from_ref(one), names, clock));
    let lines = records.iter().map(line).filter(|(_, text)| !text.is_empty());
    lines.map(|(at, text)| (at, format!("refused: {}", text.trim_end()))).collect()
}

/// Returns the time at which each version was served to a client, and a line of text about it.
pub fn read_at(readings: &[Reading], clock: &Clock) -> Vec<(Timestamp, String)> {
    let line = |Reading { version, at, who, .. }: &Reading| {
        (*at, format!("read: {}  {who} was given version #{version}", clock.long(*at)))
    };
    readings.iter().map(line).collect()
}

/// Returns one line for each refusal (see [`is_refusal`]): time, person and program, request, and
/// the reason.
pub fn refusals(records: &[AccessRecord], names: &Names, clock: &Clock) -> String {
    let mut text = String::new();
    for AccessRecord { metadata, event } in records {
        let who = who(metadata, names);
        let at = clock.long(metadata.at);
        let told = match event {
            AccessEvent::RequestRefused(refused) => refused_request(metadata, refused),
            AccessEvent::LoginRefused(LoginRefused { login, why }) => {
                format!("login as {} refused: {}", foreign::quoted(login), foreign::visible(why))
            }
            AccessEvent::Omitted(RecordsOmitted { of, count, why }) => {
                format!(
                    "events that the server counted but did not record: {count} (type {}, reason {})",
                    foreign::visible(of),
                    foreign::visible(why)
                )
            }
            _ => continue,
        };
        let _ = writeln!(text, "{at}  {who}  {told}");
    }
    text
}

fn refused_request(metadata: &Metadata, refused: &RequestRefused) -> String {
    let RequestRefused { status, path, condition, why, sent } = refused;
    let mut told = format!("{status}  {} {}", foreign::visible(&metadata.client.via), foreign::visible(path));
    if let Some(condition) = condition {
        let _ = write!(told, "  {}", foreign::visible(condition));
    }
    if !why.is_empty() {
        let _ = write!(told, ": {}", foreign::visible(why));
    }
    for (name, value) in conditions::headers(&metadata.conditions) {
        let _ = write!(told, "; {name}: {}", foreign::visible(value));
    }
    if let Some(sent) = sent {
        let _ = write!(told, "; sent a body of {} bytes, SHA-256 {}", sent.bytes, foreign::visible(&sent.sha256));
    }
    told
}

/// Returns one line for each time that somebody read the history: time, person, and the command or
/// request.
pub fn looks(records: &[AccessRecord], names: &Names, clock: &Clock) -> String {
    let mut text = String::new();
    for AccessRecord { metadata, event } in records {
        if let AccessEvent::HistoryLookedAt(looked) = event {
            let (at, who) = (clock.long(metadata.at), who(metadata, names));
            let _ = writeln!(text, "{at}  {who}  {}", foreign::visible(&looked.question));
        }
    }
    text
}

/// Returns the person, program and address, such as `Alice Ames, Thunderbird 128.5.2, 192.0.2.4`;
/// the operator of a command; or `the server` if none of these is recorded.
fn who(metadata: &Metadata, names: &Names) -> String {
    if metadata.operator.is_some() {
        return sentence::operator(metadata);
    }
    let person = metadata.actor.map(|actor| names.today().person(actor));
    let address = Some(foreign::visible(&metadata.client.address).into_owned()).filter(|address| !address.is_empty());
    let parts: Vec<_> = [person, agent::program(&metadata.client.agent), address].into_iter().flatten().collect();
    if parts.is_empty() { "the server".to_owned() } else { parts.join(", ") }
}

/// Returns the refusals as a JSON array, with one object for each.
pub fn refusals_json(records: &[AccessRecord], names: &Names) -> Value {
    let told = |AccessRecord { metadata, event }: &AccessRecord| {
        let detail = match event {
            AccessEvent::RequestRefused(refused) => json!({ "refused": refused }),
            AccessEvent::LoginRefused(refused) => json!({ "login-refused": refused }),
            AccessEvent::Omitted(omitted) => json!({ "omitted": omitted }),
            _ => return None,
        };
        let mut value = json!({
            "at": rfc3339(metadata.at),
            "actor": metadata.actor,
            "name": metadata.actor.map(|actor| names.today().person(actor)),
            "method": metadata.client.via,
            "agent": metadata.client.agent,
            "address": metadata.client.address,
            "request": metadata.request,
            "conditions": metadata.conditions,
        });
        if let (Value::Object(all), Value::Object(detail)) = (&mut value, detail) {
            all.extend(detail);
        }
        Some(value)
    };
    Value::Array(records.iter().filter_map(told).collect())
}

/// The fact that a version of an object was served to a person's client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The id of the object.
    pub object: ObjectId,
    /// Position of the event in the main journal that stored the version.
    pub version: Position,
    /// When the version was served.
    pub at: Timestamp,
    /// The person, the client program and its address.
    pub who: String,
}

/// Returns which versions of the objects were served to whom, oldest first.
pub fn readings(records: &[AccessRecord], objects: &[ObjectId], names: &Names) -> Vec<Reading> {
    let mut readings = vec![];
    for AccessRecord { metadata, event } in records {
        let AccessEvent::VersionsServed(served) = event else { continue };
        for (object, version) in served.unpack().filter(|(object, _)| objects.contains(object)) {
            readings.push(Reading { object, version, at: metadata.at, who: who(metadata, names) });
        }
    }
    readings.sort_by_key(|reading| reading.at);
    readings
}

/// Returns a paragraph for each person with their program and its address, with the versions in the
/// order of `readings`. Without readings, a sentence says so.
pub fn readers(readings: &[Reading], clock: &Clock) -> String {
    let mut by_reader: BTreeMap<&str, Vec<&Reading>> = BTreeMap::new();
    for reading in readings {
        by_reader.entry(&reading.who).or_default().push(reading);
    }
    let mut text = String::new();
    for (who, readings) in by_reader {
        let _ = writeln!(text, "{who}");
        for Reading { version, at, .. } in readings {
            let _ = writeln!(text, "  was given version #{version} on {}", clock.long(*at));
        }
    }
    if text.is_empty() {
        text.push_str(
            "As far as reads are recorded, no program that fits the filters received a version of the meeting.\n",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use schemas::{Client, CollectionId, PrincipalId, access_journal::VersionsServed, metadata::Conditions};
    use uuid::Uuid;

    use super::*;

    const CAROL: PrincipalId = PrincipalId(Uuid::from_u128(3));

    fn names() -> Names {
        let mut names = Names::of(&projections::Directory::default());
        names.add(CAROL, "Carol Cook", &[]);
        names
    }

    fn by_carol(event: AccessEvent) -> AccessRecord {
        let client = Client { via: "PUT".to_owned(), agent: "curl/8.5.0".to_owned(), address: "192.0.2.3".to_owned() };
        let conditions = Conditions { if_match: Some("\"1\"".to_owned()), ..Conditions::default() };
        let at = Timestamp::from_seconds(1_795_867_200);
        AccessRecord { metadata: Metadata { actor: Some(CAROL), client, at, conditions, ..Metadata::default() }, event }
    }

    #[test]
    fn a_refusal_is_one_line_with_its_condition_and_foreign_text_stays_in_it() {
        let refused = RequestRefused {
            status: 412,
            path: "/calendars/carol/\n#7 forged".to_owned(),
            condition: None,
            why: "the condition of `If-Match` does not hold".to_owned(),
            sent: None,
        };
        let clock = Clock::named("UTC").expect("a zone");
        let text = refusals(&[by_carol(AccessEvent::RequestRefused(refused))], &names(), &clock);
        assert_eq!(
            text,
            "Sat 28 Nov 2026 12:00:00 UTC  Carol Cook, curl 8.5.0, 192.0.2.3  412  PUT /calendars/carol/\\n#7 forged: \
             the condition of `If-Match` does not hold; If-Match: \"1\"\n"
        );
    }

    #[test]
    fn readers_are_told_with_the_versions_they_were_given() {
        let object = ObjectId(Uuid::from_u128(9));
        let versions = VersionsServed::pack([(object, Position(143)), (ObjectId(Uuid::from_u128(8)), Position(150))]);
        let served = VersionsServed { home: CAROL, collection: CollectionId(Uuid::nil()), versions };
        let records = [by_carol(AccessEvent::VersionsServed(served))];
        let clock = Clock::named("UTC").expect("a zone");
        let text = readers(&readings(&records, &[object], &names()), &clock);
        assert_eq!(
            text,
            "Carol Cook, curl 8.5.0, 192.0.2.3\n  was given version #143 on Sat 28 Nov 2026 12:00:00 UTC\n"
        );
        assert!(readers(&readings(&records, &[], &names()), &clock).starts_with("As far as reads are recorded"));
    }
}
