//! Combination of shared and personal data.

use super::entry::{self, Entry, TRANSP};
use super::pattern::Pattern;
use crate::series::{RecurrenceKey, Series};
use crate::zone::Zones;
use crate::{Component, Document, Edit, Writer};

/// A text to which personal data was added.
pub(super) struct Together {
    pub(super) text: String,
    /// True if personal data of some instances was left out, because the derived overrides would
    /// have been too large.
    is_cut: bool,
}

impl Together {
    /// Returns the text; `None` if anything was left out.
    pub(super) fn whole(self) -> Option<String> {
        Some(self.text).filter(|_| !self.is_cut)
    }
}

/// The treatment of a component's TRANSP if the personal data has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// The TRANSP in the text stays, because it holds for this person too.
    Kept,
    /// The TRANSP in the text is removed, because it is another person's.
    Removed,
}

/// Adds personal data to a shared text. If an instance has personal data but no override, an
/// override is derived from its [`Pattern`]. Personal data of an instance that cannot be derived is
/// ignored.
///
/// `room` is the number of bytes that the derived overrides may have.
pub(super) fn join(shared: &Document, entries: &[Entry], absent: Absent, mut room: usize) -> Together {
    let zones = Zones::of(shared);
    let (mut edit, mut is_cut) = (shared.edit(), false);
    for series in Series::of(shared, &zones) {
        if let Some(master) = series.master {
            add(&mut edit, master, entry::for_instance(entries, None), absent);
        }
        for one in &series.overrides {
            let instance = one.key.date_time().to_string();
            add(&mut edit, one.component, entry::for_instance(entries, Some(&instance)), absent);
        }
        let Some(pattern) = Pattern::of(&series, &zones) else { continue };
        for entry in entries {
            let Some(key) = entry.instance.as_deref().and_then(|instance| pattern.instance(instance)) else { continue };
            let bytes = pattern.master.text().len() + entry.bytes();
            is_cut |= bytes > room;
            if bytes <= room
                && let Some(text) = derived(&pattern, key, entry, absent)
            {
                room -= bytes;
                edit.append_component(shared.root().id(), &text);
            }
        }
    }
    Together { text: edit.finish(), is_cut }
}

fn add(edit: &mut Edit<'_>, component: Component<'_>, entry: Option<&Entry>, absent: Absent) {
    match (entry.and_then(Entry::transparency), component.property(TRANSP)) {
        (Some(own), Some(known)) => edit.replace(known.id(), own),
        (Some(own), None) => edit.append_property(component.id(), own),
        (None, Some(known)) if absent == Absent::Removed => edit.remove(known.id()),
        (None, _) => {}
    }
    let Some(entry) = entry else { return };
    entry.lines().for_each(|line| edit.append_property(component.id(), line));
    entry.alarms.iter().for_each(|alarm| edit.append_component(component.id(), alarm));
}

fn derived(pattern: &Pattern<'_, '_>, key: RecurrenceKey, entry: &Entry, absent: Absent) -> Option<String> {
    let mut writer = Writer::new();
    writer.begin(pattern.master.name());
    let own = entry.transparency();
    pattern.write_properties(key, own.is_none() && absent == Absent::Kept, &mut writer)?;
    for line in own.into_iter().chain(entry.lines()) {
        writer.property(line);
    }
    for inner in pattern.master.components() {
        writer.raw(inner.text());
    }
    for alarm in &entry.alarms {
        writer.raw(alarm);
    }
    Some(writer.finish())
}
