//! Finds the calendar that an operator names, and creates calendars.

use ::projections::{Collection, ReadModels, SEPARATOR};
use anyhow::{Context as _, Result, bail, ensure};
use audit::foreign;
use ical::zone;
use schemas::{
    CollectionId, PrincipalId,
    collection::{COLOR, CollectionCreated, CollectionKind, DISPLAY_NAME, Property, Settings, TIME_ZONE, is_in_xml},
};
use service::{
    Service, Stamp,
    history::{Step, View},
};

/// The description of a calendar that is to be created.
#[derive(Debug, Clone)]
pub(crate) struct NewCalendar {
    /// The path of the calendar below the home.
    pub name: String,
    /// The display name.
    pub display_name: String,
    /// The colour, usually as `#rrggbb`.
    pub color: Option<String>,
    /// The TZID of the time zone in which floating times are meant. An unknown TZID is ignored.
    pub time_zone: Option<String>,
    /// The components that the calendar accepts; empty if it accepts all.
    pub components: Vec<String>,
}

/// Returns the id of the person, room, resource or group with this current or former name; an error
/// if there is none.
pub(crate) fn person(models: &ReadModels, login: &str) -> Result<PrincipalId> {
    let directory = models.directory();
    let entry = directory.by_name(login).with_context(|| {
        format!("no account is called `{login}`; `daybook principal list --all` lists all accounts")
    })?;
    Ok(entry.id)
}

/// Finds the calendar that an operator calls `wanted`. A calendar with this path below the home
/// comes first, then a calendar with this display name, and then a calendar whose path ends with
/// this segment. `None` if there is none.
///
/// Returns an error if several calendars have this display name, or this last segment.
pub(crate) fn find(models: &ReadModels, home: PrincipalId, wanted: &str) -> Result<Option<Collection>> {
    if let Some(found) = find_named(models, home, wanted)? {
        return Ok(Some(found));
    }
    only(all(models, home)?, wanted, |calendar| calendar.name.rsplit(SEPARATOR).next() == Some(wanted))
}

/// Finds the calendar whose complete path below the home, or else whose display name, is `wanted`.
/// The last segment of a path does not count, because a command that creates missing calendars must
/// create `work` even if there is `folder/work`. `None` if there is none; an error if several
/// calendars have this display name.
pub(crate) fn find_named(models: &ReadModels, home: PrincipalId, wanted: &str) -> Result<Option<Collection>> {
    let all = all(models, home)?;
    match all.iter().find(|calendar| calendar.name == wanted) {
        Some(found) => Ok(Some(found.clone())),
        None => only(all, wanted, |calendar| display_name(calendar) == wanted),
    }
}

fn only(all: Vec<Collection>, wanted: &str, is_it: impl Fn(&Collection) -> bool) -> Result<Option<Collection>> {
    let mut named: Vec<Collection> = all.into_iter().filter(is_it).collect();
    if named.len() > 1 {
        let paths: Vec<_> = named.iter().map(|calendar| foreign::identifier(&calendar.name)).collect();
        bail!(
            "several calendars are called `{}`; name one of them by its path: {}",
            foreign::visible(wanted),
            paths.join(", ")
        );
    }
    Ok(named.pop())
}

/// Returns the calendars of a home, ordered by path.
pub(crate) fn all(models: &ReadModels, home: PrincipalId) -> Result<Vec<Collection>> {
    Ok(models.home(home)?.into_iter().filter(|found| found.kind == CollectionKind::Calendar).collect())
}

/// Returns the error message for a calendar `wanted` that a user does not have, with the paths of
/// the calendars that they have.
pub(crate) fn none(models: &ReadModels, (home, user): (PrincipalId, &str), wanted: &str) -> String {
    let wanted = foreign::visible(wanted);
    let others = all(models, home).unwrap_or_default();
    let names: Vec<_> = others.iter().map(|calendar| foreign::identifier(&calendar.name)).collect();
    if names.is_empty() {
        return format!("{user} has no calendar `{wanted}`, and no other calendar");
    }
    format!("{user} has no calendar `{wanted}`; there are: {}", names.join(", "))
}

/// Returns the display name of a calendar, or its path if it has none.
pub(crate) fn display_name(calendar: &Collection) -> String {
    Property::text(&calendar.properties, DISPLAY_NAME).unwrap_or_else(|| calendar.name.clone())
}

/// Returns the text without surrounding blanks as one segment of a path. `-` replaces slashes,
/// control characters and characters that XML does not allow. `None` if the text is empty or has
/// only dots.
pub(crate) fn segment(text: &str) -> Option<String> {
    let cleaned: String = text.trim().chars().map(|one| if one == '/' || is_odd(one) { '-' } else { one }).collect();
    (!cleaned.trim_matches('.').is_empty()).then_some(cleaned)
}

/// Returns a display name from an imported file without its control characters and the characters
/// that XML does not allow.
pub(crate) fn repaired(name: &str) -> String {
    name.chars().filter(|one| !is_odd(*one)).collect()
}

/// Checks a name or a colour. An error comes back if it is blank, or contains control characters or
/// characters that XML does not allow.
pub(crate) fn may_be_shown(name: &str) -> Result<()> {
    ensure!(!name.trim().is_empty(), "a name or colour is blank; write at least one visible character");
    ensure!(
        !name.contains(is_odd),
        "`{}` contains a control character, or one that XML does not allow; leave it out",
        foreign::visible(name)
    );
    Ok(())
}

/// True for control characters and for characters that XML does not allow.
fn is_odd(one: char) -> bool {
    one.is_control() || !is_in_xml(one)
}

/// Creates a calendar and returns its id.
pub(crate) async fn make(
    service: &Service,
    stamp: &Stamp,
    home: PrincipalId,
    new: NewCalendar,
) -> Result<CollectionId, service::Error> {
    let NewCalendar { name, display_name, color, time_zone, components } = new;
    let mut properties = vec![];
    if display_name != name {
        properties.push(Property::of_text(DISPLAY_NAME, &display_name));
    }
    properties.extend(color.map(|color| Property::of_text(COLOR, &color)));
    let time_zone = time_zone.and_then(|tzid| zone::timezone_object(&tzid));
    properties.extend(time_zone.as_deref().map(|text| Property::of_text(TIME_ZONE, text)));
    let (kind, settings) = (CollectionKind::Calendar, Settings { time_zone, ..Settings::default() });
    service.create_collection(stamp, CollectionCreated { home, name, kind, components, properties, settings }).await
}

/// Returns a note on what a step of a restore does not bring back; empty if there is nothing.
pub(crate) fn not_restored(
    service: &Service,
    then: &View,
    step: (PrincipalId, &Step),
) -> Result<String, service::Error> {
    if service.stays_cancelled(then, step)? {
        return Ok("the organizer cancelled this meeting after that time, so it stays cancelled".to_owned());
    }
    not_offered_again(service, then, step)
}

/// Returns a note that names the sharees who must be invited again before they have a restored
/// calendar in their homes; empty if there are none.
fn not_offered_again(service: &Service, then: &View, step: (PrincipalId, &Step)) -> Result<String, service::Error> {
    let directory = service.models().directory();
    let login = |id| directory.by_id(id).map(|entry| entry.short_name.clone());
    let logins: Vec<_> = service.not_offered_again(then, step)?.into_iter().filter_map(login).collect();
    if logins.is_empty() {
        return Ok(String::new());
    }
    let logins = logins.join(", ");
    Ok(format!("{logins} may use the calendar again, but must be invited again before it is in their homes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_one_segment_of_a_path() {
        for (text, expected) in [
            ("Work", Some("Work")),
            (" a/b\n", Some("a-b")),
            ("a\u{fffe}b", Some("a-b")),
            ("Ä 1", Some("Ä 1")),
            ("..", None),
            ("", None),
        ] {
            assert_eq!(segment(text).as_deref(), expected, "{text}");
        }
    }
}
