//! Puts shared and personal data together.

use super::entry::{self, Entry};
use super::pattern::Pattern;
use crate::series::{RecurrenceKey, Series};
use crate::zone::Zones;
use crate::{ComponentId, Document, Edit, Writer};

/// A text with personal data.
pub(super) struct Together {
    pub(super) text: String,
    /// True if instances were left out, because their overrides would have been too large.
    is_cut: bool,
}

impl Together {
    /// Returns the text if nothing was left out.
    pub(super) fn whole(self) -> Option<String> {
        Some(self.text).filter(|_| !self.is_cut)
    }
}

/// Adds personal data to a text without. An instance that has personal data but no override gets one, derived from its
/// series; an instance that no longer exists gets none.
///
/// `room`: bytes that derived overrides may have.
pub(super) fn join(shared: &Document, entries: &[Entry], mut room: usize) -> Together {
    let zones = Zones::of(shared);
    let (mut edit, mut is_cut) = (shared.edit(), false);
    for series in Series::of(shared, &zones) {
        if let Some(master) = series.master {
            add(&mut edit, master.id(), entry::for_instance(entries, None));
        }
        for one in &series.overrides {
            let instance = one.key.date_time().to_string();
            add(&mut edit, one.component.id(), entry::for_instance(entries, Some(&instance)));
        }
        let Some(pattern) = Pattern::of(&series, &zones) else { continue };
        for entry in entries {
            let Some(key) = entry.instance.as_deref().and_then(|instance| pattern.instance(instance)) else { continue };
            let bytes = pattern.master.text().len() + entry.bytes();
            is_cut |= bytes > room;
            if bytes <= room
                && let Some(text) = derived(&pattern, key, entry)
            {
                room -= bytes;
                edit.append_component(shared.root().id(), &text);
            }
        }
    }
    Together { text: edit.finish(), is_cut }
}

fn add(edit: &mut Edit<'_>, component: ComponentId, entry: Option<&Entry>) {
    let Some(entry) = entry else { return };
    entry.properties.iter().for_each(|line| edit.append_property(component, line));
    entry.alarms.iter().for_each(|alarm| edit.append_component(component, alarm));
}

fn derived(pattern: &Pattern<'_, '_>, key: RecurrenceKey, entry: &Entry) -> Option<String> {
    let mut writer = Writer::new();
    writer.begin(pattern.master.name());
    pattern.write_properties(key, &mut writer)?;
    for line in &entry.properties {
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
