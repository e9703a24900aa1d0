//! The time zones of many objects in one VCALENDAR, which has one VTIMEZONE for a TZID (RFC 5545
//! §3.6.5).
//!
//! **Invariant:** no object gets the zone of another one: of two definitions with one TZID that
//! differ, the second gets another TZID. Two texts that mean the same zone of the IANA database do
//! not differ.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use ical::{
    Component, Document, escape_text,
    zone::{Zone, Zones},
};

/// The zones that an answer has defined so far.
#[derive(Debug, Default)]
pub(super) struct WrittenZones {
    /// By the TZID in the objects.
    by_tzid: HashMap<String, Vec<Definition>>,
    /// The TZIDs of the answer.
    names: HashSet<String>,
}

#[derive(Debug)]
struct Definition {
    meaning: Meaning,
    name: String,
}

/// What makes two definitions the same.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    Named(String),
    /// The digest of the VTIMEZONE.
    Text(u64),
}

impl WrittenZones {
    /// Takes the VTIMEZONEs of an object.
    ///
    /// Returns the TZIDs that the object needs in place of its own, and those that the answer has
    /// defined already.
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

/// Returns the object with other TZIDs.
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
