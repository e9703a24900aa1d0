//! Personal data in a shared calendar: the data of an object that each person has for themselves
//! (caldav-sharing §5.5.4). It consists of alarms, TRANSP, and the properties in which Thunderbird
//! writes when alarms were dismissed or snoozed.
//!
//! **Invariant:** an override that differs from its series in personal data alone is left out of
//! the shared text, and derived again for each person with such data. Such an override stays in a
//! series from which module `pattern` cannot derive instances. The text that a sharee sees also
//! keeps the overrides in which the owner's TRANSP differs from that of the series.

mod apart;
mod entry;
#[cfg(test)]
mod laws;
mod normal;
mod pattern;
#[cfg(test)]
mod tests;
mod together;

pub use entry::Entry;

use crate::Document;
use apart::Parts;
use together::{Absent, join};

/// Maximum size, in bytes, of the overrides that are derived for one text.
pub const MAX_DERIVED_BYTES: usize = 1024 * 1024;

/// Returns an object as a sharee sees it: with the sharee's alarms in place of the owner's. The
/// owner's TRANSP stays unless the sharee has one of their own.
///
/// `own` is the sharee's personal data. Overrides are derived for it up to [`MAX_DERIVED_BYTES`].
/// An instance whose override would exceed that is shown like the rest of its series. Returns an
/// empty text if the object cannot be taken apart.
pub fn shown(object: &Document, own: &[Entry]) -> String {
    if own.is_empty() && apart::is_shared(object) {
        return object.as_str().to_owned();
    }
    let Some(seen) = apart::seen(object) else { return String::new() };
    join(&seen, own, Absent::Kept, MAX_DERIVED_BYTES).text
}

/// A text that a sharee stores in the owner's calendar, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The sharee's personal data in the text. It leaves out a TRANSP that repeats the owner's,
    /// unless the sharee already had one, and instances that repeat their series.
    pub own: Vec<Entry>,
    /// The text to store for the owner, with the owner's personal data. `None` if the shared data
    /// of the stored object does not change.
    pub changed: Option<String>,
}

/// Takes a text apart that a sharee stores in the owner's calendar.
///
/// `object` is the owner's object that the text replaces, `own` the sharee's personal data so far.
/// If `object` is `None`, the text is a new object, and its TRANSP counts for everybody.
///
/// Returns `None` if a text cannot be taken apart, or if the overrides that are derived for
/// [`Split::changed`] exceed [`MAX_DERIVED_BYTES`]. They hold the owner's personal data; for a new
/// object, its TRANSP.
pub fn split(object: Option<&Document>, own: &[Entry], sent: &Document) -> Option<Split> {
    let sent = Parts::of(sent)?;
    let Some(object) = object else {
        let (shared, kept) = sent.entries.iter().cloned().map(Entry::parted).unzip::<_, _, Vec<_>, Vec<_>>();
        let text = join(&sent.shared, &entry::reduced(shared), Absent::Kept, MAX_DERIVED_BYTES).whole()?;
        return Some(Split { own: entry::reduced(kept), changed: Some(text) });
    };
    let owners = Parts::of(object)?;
    let returned = sent.returned(&owners.entries);
    let all = sent.entries.into_iter().chain(returned);
    let kept = all.map(|entry| entry.differing(&owners.entries, own)).collect();
    let is_same = normal::of(&sent.shared) == normal::of(&owners.shared);
    let own = entry::reduced(kept);
    if is_same {
        return Some(Split { own, changed: None });
    }
    let text = join(&sent.shared, &entry::reduced(owners.entries), Absent::Removed, MAX_DERIVED_BYTES).whole()?;
    Some(Split { own, changed: Some(text) })
}
