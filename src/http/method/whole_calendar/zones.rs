//! Combines the time zones of many objects in one VCALENDAR, which may define each TZID only once
//! (RFC 5545 §3.6.5).
//!
//! **Invariant:** every object keeps its own time zone. If two different definitions have the same
//! TZID, the second definition gets a new TZID. Definitions that are recognized as the same IANA
//! time zone are equal, whatever their texts.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use ical::{
    Component, Document, escape_text,
    zone::{Zone, Zones},
};

/// The time zones that the response has defined so far.
#[derive(Debug, Default)]
pub(super) struct WrittenZones {
    /// The different definitions, by their TZID in the stored objects.
    by_tzid: HashMap<String, Vec<Definition>>,
    /// The TZIDs that the response uses.
    names: HashSet<String>,
}

#[derive(Debug)]
struct Definition {
    meaning: Meaning,
    name: String,
}

/// The key by which two definitions of a time zone are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    Named(String),
    /// The digest of the VTIMEZONE text, for a time zone that is not in the IANA database.
    Text(u64),
}

impl WrittenZones {
    /// Registers the VTIMEZONE components of an object for the response.
    ///
    /// Returns the new TZIDs by old TZID, for time zones that must be renamed in the object. Also
    /// returns the TZIDs, after renaming, that the response has defined already.
    pub(super) fn take(&mut self, document: &Document) -> (BTreeMap<String, String>, BTreeSet<String>) {
        let (mut renamed, mut known, mut own) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let timezones = document.root().components_named("VTIMEZONE");
        let mut zones = None;
        for timezone in timezones {
            let Some(tzid) = timezone.property("TZID").map(|tzid| tzid.text().into_owned()) else { continue };
            let meaning = meaning(timezone, zones.get_or_insert_with(|| Zones::of(document)).find(&tzid).as_ref());
            let definitions = self.by_tzid.entry(tzid.clone()).or_default();
            let name = if let Some(same) = definitions.iter().find(|known| known.meaning == meaning) {
                if !own.contains(&same.name) {
                    known.insert(same.name.clone());
                }
                same.name.clone()
            } else {
                let name = unused(&self.names, &tzid);
                self.names.insert(name.clone());
                own.insert(name.clone());
                definitions.push(Definition { meaning, name: name.clone() });
                name
            };
            if name != tzid {
                renamed.insert(tzid, name);
            }
        }
        (renamed, known)
    }
}

fn meaning(timezone: Component<'_>, zone: Option<&Zone>) -> Meaning {
    match zone {
        Some(Zone::Iana(zone)) => Meaning::Named(zone.name().to_owned()),
        Some(Zone::Utc) => Meaning::Named("UTC".to_owned()),
        Some(Zone::Custom(_) | Zone::Floating) | None => {
            let mut digest = DefaultHasher::new();
            timezone.text().hash(&mut digest);
            Meaning::Text(digest.finish())
        }
    }
}

fn unused(names: &HashSet<String>, tzid: &str) -> String {
    let numbered = (2_u64..).map(|number| format!("{tzid} ({number})"));
    let mut candidates = std::iter::once(tzid.to_owned()).chain(numbered);
    candidates.find(|name| !names.contains(name)).unwrap_or_else(|| tzid.to_owned())
}

/// Returns the object with its TZIDs replaced as `renamed` says (old to new). `None` if the result
/// cannot be parsed.
pub(super) fn with_zones(document: &Document, renamed: &BTreeMap<String, String>) -> Option<Document> {
    let mut edit = document.edit();
    for property in document.components().flat_map(Component::properties) {
        if property.is("TZID")
            && let Some(name) = renamed.get(property.text().as_ref())
        {
            edit.set_value(property.id(), &escape_text(name));
        }
        let used = property.param("TZID");
        if let Some(name) = used.and_then(|tzid| renamed.get(tzid.trim_matches('"'))) {
            edit.set_param(property.id(), "TZID", name);
        }
    }
    Document::parse(edit.finish()).ok()
}
