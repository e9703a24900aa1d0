//! Checks that every attendee's copy agrees with the organizer's object in everything that the
//! attendee may see.

use std::collections::BTreeMap;

use projections::ReadModels;

use crate::simulation::{
    history::{History, Step},
    people::{EVERYBODY, MEETINGS, id, object},
};

/// The values of a component that must be equal in all copies.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    start: String,
    summary: String,
    cancelled: bool,
    /// The PARTSTAT of each attendee, by address.
    people: BTreeMap<String, String>,
}

/// The components of a copy by RECURRENCE-ID, which is empty for the recurring component.
type Meeting = BTreeMap<String, Said>;

pub(super) fn check(models: &ReadModels, history: &History) -> Result<(), String> {
    for (meeting, organizer) in MEETINGS.into_iter().enumerate() {
        let theirs = copy(models, organizer, meeting)?;
        for who in EVERYBODY.into_iter().filter(|who| *who != organizer) {
            let mine = copy(models, who, meeting)?;
            let may_lack = removes_silently(&history.steps, who, meeting);
            agree(theirs.as_ref(), mine.as_ref(), who, may_lack).map_err(|why| {
                format!("{who} and {organizer} do not agree on meeting {meeting}: {why}\n{mine:#?}\n{theirs:#?}")
            })?;
        }
    }
    Ok(())
}

fn agree(theirs: Option<&Meeting>, mine: Option<&Meeting>, who: &str, may_lack: bool) -> Result<(), String> {
    let address = format!("mailto:{who}@example.org");
    let Some(theirs) = theirs else {
        let is_over = mine.is_none_or(|mine| mine.values().all(|said| said.cancelled));
        return if is_over { Ok(()) } else { Err("it was removed".to_owned()) };
    };
    let stands = theirs.get("").and_then(|said| said.people.get(&address));
    match (mine, stands.map(String::as_str)) {
        (None, None | Some("DECLINED")) => Ok(()),
        (None, Some(_)) if may_lack => Ok(()),
        (None, Some(_)) => Err("the invitation is missing".to_owned()),
        (Some(mine), stands) => mine.iter().try_for_each(|(id, said)| {
            let organizers = theirs.get(id);
            let is_invited = organizers.map_or(stands.is_some(), |said| said.people.contains_key(&address));
            match (organizers, is_invited) {
                (_, false) if said.cancelled => Ok(()),
                (_, false) => Err(format!("`{id}`: not invited any more")),
                (Some(organizers), true) if organizers != said => Err(format!("`{id}`: they differ")),
                (Some(_) | None, true) => Ok(()),
            }
        }),
    }
}

/// True if the attendee deleted the copy without a reply. Such an attendee has not declined, and a
/// small change of the meeting does not create the copy again.
fn removes_silently(steps: &[Step], who: &str, meeting: usize) -> bool {
    any(
        steps,
        &|step| matches!(step, Step::Drop { meeting: dropped, who: whose, reply } if *dropped == meeting && *whose == who && !reply),
    )
}

/// True if `is_such` is true for a step, or for a part of a race or of a crash.
fn any(steps: &[Step], is_such: &dyn Fn(&Step) -> bool) -> bool {
    steps.iter().any(|step| match step {
        Step::Crash { during, .. } => any(std::slice::from_ref(during), is_such),
        Step::Race(one, other) => any(std::slice::from_ref(one), is_such) || any(std::slice::from_ref(other), is_such),
        step => is_such(step),
    })
}

fn copy(models: &ReadModels, who: &str, meeting: usize) -> Result<Option<Meeting>, String> {
    let inbox = schemas::CollectionId::derive(id(who), "inbox", 0);
    let places = models.object_places(object(who, meeting)).map_err(|failure| failure.to_string())?;
    let mut copies = places.into_iter().filter(|place| place.collection != inbox);
    let Some(place) = copies.next() else { return Ok(None) };
    if copies.next().is_some() {
        return Err(format!("{who} has meeting {meeting} twice"));
    }
    let body = models.member_with_body(place.collection, &place.name).map_err(|failure| failure.to_string())?;
    Ok(body.map(|(_, ics)| read(&ics)))
}

fn read(ics: &str) -> Meeting {
    let text = ics.replace("\r\n ", "");
    let kind = if text.contains("BEGIN:VTODO") { "BEGIN:VTODO" } else { "BEGIN:VEVENT" };
    text.split(kind).skip(1).map(component).collect()
}

fn component(text: &str) -> (String, Said) {
    let text = text.split("BEGIN:VALARM").next().unwrap_or_default();
    let property = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
        value.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let said = Said {
        start: property("DTSTART"),
        summary: property("SUMMARY"),
        cancelled: property("STATUS") == "CANCELLED",
        people: text.lines().filter(|line| line.starts_with("ATTENDEE")).map(person).collect(),
    };
    (property("RECURRENCE-ID"), said)
}

fn person(line: &str) -> (String, String) {
    let (parameters, address) = line.split_once(":mailto:").unwrap_or((line, ""));
    let partstat = parameters.split(';').find_map(|parameter| parameter.strip_prefix("PARTSTAT="));
    (format!("mailto:{address}"), partstat.unwrap_or("NEEDS-ACTION").to_owned())
}
