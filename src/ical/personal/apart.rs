//! Separation of a calendar object into shared and personal data.

use super::entry::{self, Entry};
use super::{normal, pattern::Pattern};
use crate::series::Series;
use crate::zone::Zones;
use crate::{Component, Document};

/// A calendar object taken apart: its text without alarms and Thunderbird's states of alarms, and
/// the personal data of each of its components.
pub(super) struct Parts {
    /// The text for all people. It still has TRANSP, but not the overrides that [`compact`]
    /// removes.
    pub(super) shared: Document,
    /// One entry for each component that [`keyed`] visits in the object, including the overrides
    /// that `shared` leaves out.
    pub(super) entries: Vec<Entry>,
}

impl Parts {
    /// Takes an object apart. Returns `None` if the text without personal data cannot be parsed.
    pub(super) fn of(object: &Document) -> Option<Self> {
        let entries = keyed(object, Entry::of);
        let shared = compact(stripped(object)?, |_, _| true)?;
        Some(Self { shared, entries })
    }

    /// Returns entries for the instances that a sharee has returned to their series: the owner's
    /// TRANSP makes an override of them, and the sharee's text, taken apart here, leaves it out.
    /// Each entry has the data of the sharee's series.
    pub(super) fn returned(&self, owners: &[Entry]) -> Vec<Entry> {
        let Some(own) = self.entries.iter().find(|entry| entry.instance.is_none()) else { return vec![] };
        let of_series = entry::for_instance(owners, None);
        let zones = Zones::of(&self.shared);
        let all = Series::of(&self.shared, &zones);
        let patterns: Vec<_> = all.iter().filter_map(|series| Pattern::of(series, &zones)).collect();
        let is_left_out = |instance: &str| {
            let is_sent = self.entries.iter().any(|entry| entry.instance.as_deref() == Some(instance));
            !is_sent && patterns.iter().any(|pattern| pattern.instance(instance).is_some())
        };
        let makes_override = |entry: &&Entry| !entry::are_equally_transparent(Some(entry), of_series);
        let instances = owners.iter().filter(makes_override).filter_map(|entry| entry.instance.as_deref());
        let left_out = instances.filter(|instance| is_left_out(instance));
        left_out.map(|instance| Entry { instance: Some(instance.to_owned()), ..own.clone() }).collect()
    }
}

/// Returns an object as a sharee without personal data sees it: without alarms, states of alarms,
/// and the overrides that then equal their instance. An override with another TRANSP than its
/// series stays. Returns `None` if the result cannot be parsed.
pub(super) fn seen(object: &Document) -> Option<Document> {
    compact(stripped(object)?, entry::have_same_transparency)
}

/// True if an object has no alarms, no states of alarms and no overrides. Its text is then the
/// shared text.
pub(super) fn is_shared(object: &Document) -> bool {
    let mut components = object.root().components().filter(|component| !component.is("VTIMEZONE"));
    components.all(|component| {
        component.property("RECURRENCE-ID").is_none()
            && component.components_named(entry::ALARM).next().is_none()
            && !component.properties().any(entry::is_alarms)
    })
}

/// Calls `each` with the master and the overrides of each [`Series`], and with the canonical
/// RECURRENCE-ID, which is `None` for a master. Returns the results.
pub(super) fn keyed<T>(document: &Document, each: impl Fn(Component<'_>, Option<String>) -> T) -> Vec<T> {
    let zones = Zones::of(document);
    let mut all = vec![];
    for series in Series::of(document, &zones) {
        all.extend(series.master.map(|master| each(master, None)));
        let overrides = series.overrides.iter();
        all.extend(overrides.map(|one| each(one.component, Some(one.key.date_time().to_string()))));
    }
    all
}

fn stripped(object: &Document) -> Option<Document> {
    let mut edit = object.edit();
    for component in object.root().components().filter(|component| !component.is("VTIMEZONE")) {
        for property in component.properties().filter(|property| entry::is_alarms(*property)) {
            edit.remove(property.id());
        }
        for alarm in component.components_named(entry::ALARM) {
            edit.remove_component(alarm.id());
        }
    }
    Document::parse(edit.finish()).ok()
}

/// Removes the overrides of a [`Pattern`] that equal the instance without them in time and in
/// [`normal::content`], and for which `repeats` is true. `repeats` is given the master and the
/// override. Returns `None` if the result cannot be parsed.
fn compact(stripped: Document, repeats: impl Fn(Component<'_>, Component<'_>) -> bool) -> Option<Document> {
    let zones = Zones::of(&stripped);
    let mut edit = stripped.edit();
    for series in Series::of(&stripped, &zones) {
        let Some(pattern) = Pattern::of(&series, &zones) else { continue };
        let of_series = normal::content(pattern.master);
        for one in &series.overrides {
            let is_at_its_time = pattern.is_at_its_time(one.key, one.component);
            let is_same = normal::content(one.component) == of_series && repeats(pattern.master, one.component);
            if is_at_its_time && is_same {
                edit.remove_component(one.component.id());
            }
        }
    }
    let text = (!edit.is_empty()).then(|| edit.finish());
    match text {
        Some(text) => Document::parse(text).ok(),
        None => Some(stripped),
    }
}
