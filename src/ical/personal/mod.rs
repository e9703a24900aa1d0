//! The data in a calendar object that each person who shares the calendar keeps apart
//! (caldav-sharing §5.5.4): alarms, TRANSP, and when Thunderbird shows an alarm again.
//!
//! **Invariant:** overrides that differ from their series in personal data alone belong to one
//! person. They are left out of the shared text, and derived again for whom they belong to.

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

/// Bytes of overrides that may be derived for one text.
pub const MAX_DERIVED_BYTES: usize = 1024 * 1024;

/// Returns an object as somebody sees it who shares the calendar of its owner: with their own
/// alarms in place of the owner's, and with the owner's TRANSP where they have none of their own.
///
/// `own`: their personal data. Beyond 1 MiB of derived overrides, the others are left out. Nothing
/// is returned of an object that cannot be taken apart.
pub fn shown(object: &Document, own: &[Entry]) -> String {
    if own.is_empty() && apart::is_shared(object) {
        return object.as_str().to_owned();
    }
    let Some(Parts { shared, .. }) = Parts::of(object) else { return String::new() };
    join(&shared, own, Absent::Kept, MAX_DERIVED_BYTES).text
}

/// A text that somebody stores in the calendar of another, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The personal data in it, as far as it differs from what the object shows them without.
    pub own: Vec<Entry>,
    /// The text for the owner, with the owner's personal data. `None` if nothing else than personal
    /// data differs.
    pub changed: Option<String>,
}

/// Takes a text apart that somebody stores in the calendar of another.
///
/// `object`: the owner's object that it replaces. `own`: the personal data of the person until now.
/// A new object keeps its TRANSP for all.
///
/// Returns `None` if the overrides that the owner's personal data needs would be larger than 1 MiB.
pub fn split(object: Option<&Document>, own: &[Entry], sent: &Document) -> Option<Split> {
    let sent = Parts::of(sent)?;
    let Some(object) = object else {
        let (shared, kept) = sent.entries.iter().cloned().map(Entry::parted).unzip::<_, _, Vec<_>, Vec<_>>();
        let text = join(&sent.shared, &entry::reduced(shared), Absent::Kept, MAX_DERIVED_BYTES).whole()?;
        return Some(Split { own: entry::reduced(kept), changed: Some(text) });
    };
    let owners = Parts::of(object)?;
    let kept = sent.entries.iter().cloned().map(|entry| entry.differing(&owners.entries, own)).collect();
    let is_same = normal::of(&sent.shared) == normal::of(&owners.shared);
    let own = entry::reduced(kept);
    if is_same {
        return Some(Split { own, changed: None });
    }
    let text = join(&sent.shared, &entry::reduced(owners.entries), Absent::Removed, MAX_DERIVED_BYTES).whole()?;
    Some(Split { own, changed: Some(text) })
}
