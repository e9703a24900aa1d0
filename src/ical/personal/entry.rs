//! The personal data that one person has for one component of an object.

use crate::{Component, Property};

/// The component name of alarms, which each person has for themselves.
pub(super) const ALARM: &str = "VALARM";
pub(super) const TRANSP: &str = "TRANSP";
const OPAQUE: &str = "OPAQUE";
/// The property in which Thunderbird writes the time at which an alarm was last dismissed.
const LAST_ACK: &str = "X-MOZ-LASTACK";
/// The property in which Thunderbird writes the time at which it shows an alarm again. In the
/// property for an instance, the instance's original start follows this name.
const SNOOZE: &str = "X-MOZ-SNOOZE-TIME";

/// The personal data that one person has for an object, for its series or for one instance: alarms,
/// TRANSP, and the properties in which Thunderbird writes when alarms were dismissed or snoozed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The original start of the instance: a date, a floating time, or a time in UTC (RFC 5545
    /// §3.8.4.4). `None` for the object or series itself; that entry also holds for every instance
    /// without an entry of its own.
    pub instance: Option<String>,
    /// TRANSP and the properties that Thunderbird writes, as unfolded content lines.
    pub properties: Vec<String>,
    /// The texts of the alarms, each from `BEGIN:VALARM` to `END:VALARM`.
    pub alarms: Vec<String>,
}

/// True for properties in which Thunderbird writes the state of a person's alarms.
pub(super) fn is_alarms(property: Property<'_>) -> bool {
    let starts_with_snooze = property.name().get(..SNOOZE.len()).is_some_and(|name| name.eq_ignore_ascii_case(SNOOZE));
    property.is(LAST_ACK) || starts_with_snooze
}

impl Entry {
    pub(super) fn of(component: Component<'_>, instance: Option<String>) -> Self {
        let properties = component.properties().filter(|property| property.is(TRANSP) || is_alarms(*property));
        Self {
            instance,
            properties: properties.map(|property| property.content_line().to_owned()).collect(),
            alarms: component.components_named(ALARM).map(|alarm| alarm.text().to_owned()).collect(),
        }
    }

    /// Returns the size of the entry in bytes, which counts towards the limit of personal data.
    pub fn bytes(&self) -> usize {
        let texts = self.properties.iter().chain(&self.alarms);
        self.instance.as_deref().map_or(0, str::len) + texts.map(String::len).sum::<usize>()
    }

    /// Splits the personal data of a new object into a shared and a personal entry. TRANSP of a new
    /// object counts for everybody, so it goes into the shared one.
    pub(super) fn parted(self) -> (Self, Self) {
        let (shared, own) = self.properties.into_iter().partition(|line| is_transparency(line));
        let shared = Self { instance: self.instance.clone(), properties: shared, alarms: vec![] };
        (shared, Self { instance: self.instance, properties: own, alarms: self.alarms })
    }

    /// Removes TRANSP unless the person has chosen it: its value differs from the owner's, or the
    /// person already had one for this component. A missing TRANSP counts as OPAQUE, which is
    /// written if it is chosen.
    pub(super) fn differing(mut self, owners: &[Self], known: &[Self]) -> Self {
        let instance = self.instance.clone();
        let value = transparency_of(Some(&self)).to_ascii_uppercase();
        self.properties.retain(|line| !is_transparency(line));
        let chosen = known.iter().find(|entry| entry.instance == instance).and_then(Self::transparency);
        if chosen.is_some() || !value.eq_ignore_ascii_case(transparency_of(for_instance(owners, instance.as_deref()))) {
            self.properties.push(format!("{TRANSP}:{value}"));
        }
        self
    }

    /// Returns the content line of TRANSP; `None` if the entry has none.
    pub(super) fn transparency(&self) -> Option<&str> {
        self.properties.iter().find(|line| is_transparency(line)).map(String::as_str)
    }

    /// Returns the content lines of the personal properties except TRANSP.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().map(String::as_str).filter(|line| !is_transparency(line))
    }

    fn has_same_data(&self, other: &Self) -> bool {
        (&self.properties, &self.alarms) == (&other.properties, &other.alarms)
    }

    fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.alarms.is_empty()
    }
}

fn is_transparency(line: &str) -> bool {
    let name = line.split([':', ';']).next().unwrap_or_default();
    name.eq_ignore_ascii_case(TRANSP)
}

/// Returns the value of an entry's TRANSP. The default is OPAQUE (RFC 5545 §3.8.2.7).
fn transparency_of(entry: Option<&Entry>) -> &str {
    let line = entry.and_then(Entry::transparency);
    line.and_then(|line| line.rsplit_once(':')).map_or(OPAQUE, |(_, value)| value.trim())
}

/// True if two components have the same TRANSP. A missing one counts as OPAQUE.
pub(super) fn have_same_transparency(one: Component<'_>, other: Component<'_>) -> bool {
    are_equally_transparent(Some(&Entry::of(one, None)), Some(&Entry::of(other, None)))
}

pub(super) fn are_equally_transparent(one: Option<&Entry>, other: Option<&Entry>) -> bool {
    transparency_of(one).eq_ignore_ascii_case(transparency_of(other))
}

/// Returns the entry of an instance; if it has none, the entry of the series. Returns `None` if
/// neither exists.
pub(super) fn for_instance<'e>(entries: &'e [Entry], instance: Option<&str>) -> Option<&'e Entry> {
    let of = |instance: Option<&str>| entries.iter().find(|entry| entry.instance.as_deref() == instance);
    of(instance).or_else(|| of(None))
}

/// Sorts the entries by instance, and drops those that have no effect: a repeated one, an
/// instance's entry with the data of the series' entry, and an empty entry of the series.
pub(super) fn reduced(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|one, other| one.instance.cmp(&other.instance));
    entries.dedup_by(|one, other| one.instance == other.instance);
    let of_series = entries.iter().find(|entry| entry.instance.is_none()).cloned().unwrap_or_default();
    entries.retain(|entry| match entry.instance {
        None => !entry.is_empty(),
        Some(_) => !entry.has_same_data(&of_series),
    });
    entries
}
