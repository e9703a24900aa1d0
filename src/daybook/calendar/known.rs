//! Calendars as operators name them, and making one.

use ::projections::{Collection, ReadModels, SEPARATOR};
use anyhow::{Context as _, Result, bail, ensure};
use audit::foreign;
use schemas::{
    CollectionId, PrincipalId,
    collection::{COLOR, CollectionCreated, CollectionKind, DISPLAY_NAME, Property, Settings, is_in_xml},
};
use service::{
    Service, Stamp,
    history::{Step, View},
};

/// A calendar to make.
#[derive(Debug, Clone)]
pub(crate) struct NewCalendar {
    /// The last part of its path.
    pub name: String,
    /// The name that people see.
    pub display_name: String,
    /// Mostly `#rrggbb`.
    pub color: Option<String>,
    /// Components it accepts; empty: all.
    pub components: Vec<String>,
}

/// Returns the identity of the person, room or resource with this login.
pub(crate) fn person(models: &ReadModels, login: &str) -> Result<PrincipalId> {
    let directory = models.directory();
    let entry = directory.by_name(login).with_context(|| format!("no account is called `{login}`"))?;
    Ok(entry.id)
}

/// Returns the calendar with this path below the home, or else the only one that people see under
/// this name, or else the only one whose path ends with it; `None` if there is none.
///
/// Returns an error if there are several of them.
pub(crate) fn find(models: &ReadModels, home: PrincipalId, wanted: &str) -> Result<Option<Collection>> {
    if let Some(found) = find_named(models, home, wanted)? {
        return Ok(Some(found));
    }
    only(all(models, home)?, wanted, |calendar| calendar.name.rsplit(SEPARATOR).next() == Some(wanted))
}

/// Returns the calendar with this whole path below the home, or else the only one that people see
/// under this name. The last part of a path is not enough: a calendar that is made if it is missing
/// must not be mistaken for one in a folder.
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
        bail!("several calendars are called `{}`: name one of {}", foreign::visible(wanted), paths.join(", "));
    }
    Ok(named.pop())
}

/// Returns the calendars of a home in the order of their names.
pub(crate) fn all(models: &ReadModels, home: PrincipalId) -> Result<Vec<Collection>> {
    Ok(models.home(home)?.into_iter().filter(|found| found.kind == CollectionKind::Calendar).collect())
}

/// Returns the names of the calendars, for a message.
pub(crate) fn names(models: &ReadModels, home: PrincipalId) -> Result<String> {
    let names: Vec<_> = all(models, home)?.iter().map(|calendar| foreign::identifier(&calendar.name)).collect();
    Ok(names.join(", "))
}

/// Returns the name that people see.
pub(crate) fn display_name(calendar: &Collection) -> String {
    Property::text(&calendar.properties, DISPLAY_NAME).unwrap_or_else(|| calendar.name.clone())
}

/// Returns a text as one segment of a path: without slashes and control characters; `None` if
/// nothing is left of it.
pub(crate) fn segment(text: &str) -> Option<String> {
    let cleaned: String = text.trim().chars().map(|one| if one == '/' || is_odd(one) { '-' } else { one }).collect();
    (!cleaned.trim_matches('.').is_empty()).then_some(cleaned)
}

/// Returns a name that people see, of a file of somebody else's, without control characters.
pub(crate) fn repaired(name: &str) -> String {
    name.chars().filter(|one| !is_odd(*one)).collect()
}

/// Refuses a name that people would not see, or that no answer can have.
pub(crate) fn may_be_shown(name: &str) -> Result<()> {
    ensure!(!name.trim().is_empty(), "the name that people see is empty");
    ensure!(!name.contains(is_odd), "`{}` contains a control character", foreign::visible(name));
    Ok(())
}

/// Control characters, and those that XML cannot have.
fn is_odd(one: char) -> bool {
    one.is_control() || !is_in_xml(one)
}

/// Makes a calendar.
pub(crate) async fn make(
    service: &Service,
    stamp: &Stamp,
    home: PrincipalId,
    new: NewCalendar,
) -> Result<CollectionId, service::Error> {
    let NewCalendar { name, display_name, color, components } = new;
    let mut properties = vec![];
    if display_name != name {
        properties.push(Property::of_text(DISPLAY_NAME, &display_name));
    }
    properties.extend(color.map(|color| Property::of_text(COLOR, &color)));
    let (kind, settings) = (CollectionKind::Calendar, Settings::default());
    service.create_collection(stamp, CollectionCreated { home, name, kind, components, properties, settings }).await
}

/// Returns in words in whose homes a step of a restore does not put a calendar back; empty:
/// nobody's.
pub(crate) fn not_offered_again(
    service: &Service,
    then: &View,
    step: (PrincipalId, &Step),
) -> Result<String, service::Error> {
    let directory = service.models().directory();
    let login = |id| directory.by_id(id).map(|entry| entry.short_name.clone());
    let logins: Vec<_> = service.not_offered_again(then, step)?.into_iter().filter_map(login).collect();
    if logins.is_empty() {
        return Ok(String::new());
    }
    let logins = logins.join(", ");
    Ok(format!("{logins} may use it again, and have it in their homes once it is shared with them again"))
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
