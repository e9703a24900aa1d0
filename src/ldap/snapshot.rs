//! The people, rooms and groups of the directory, as this server imports them: a pure function of
//! the directory's entries.
//!
//! **Invariant:** the same entries give the same snapshot in any order. An entry that cannot be
//! used is left out with a reason, and all others are still read.

mod address;
mod dn;
mod expiry;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::{entry::Entry, settings::Attributes};

/// A person, a room or a group of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name, spelt as in the directory.
    pub name: String,
    /// The unique id of the entry, which stays the same when the entry is renamed or moved; `None`
    /// if the directory has none in a known form.
    pub identity: Option<Uuid>,
    /// The name that people see; empty if the directory has none.
    pub display_name: String,
    /// The given name; may be empty.
    pub first_name: String,
    /// The family name; may be empty.
    pub last_name: String,
    /// The calendar user addresses as `mailto:` URIs, the preferred one first.
    pub addresses: Vec<String>,
}

/// A group with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The entry of the group, without its members.
    pub listed: Listed,
    /// The names of the members, sorted. Each of them is a person, a room or a group of the
    /// snapshot.
    pub members: Vec<String>,
}

/// The contents of the directory at one time. Each list is sorted by name, and no name occurs
/// twice, not even in different case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The people who may log in.
    pub people: Vec<Listed>,
    /// The rooms.
    pub rooms: Vec<Listed>,
    /// The groups.
    pub groups: Vec<Group>,
    /// One text for each entry that cannot be used, with the reason. People whose accounts have
    /// expired are not among these entries.
    pub left_out: Vec<String>,
}

/// The entries of one kind, with the attribute that names them.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub entries: Vec<Entry>,
    pub id_attribute: String,
}

/// Returns the snapshot of the people, rooms and groups that the searches found. `now`: in seconds
/// since the epoch.
pub(crate) fn of([people, rooms, groups]: [&Found; 3], attributes: &Attributes, now: i64) -> Snapshot {
    let mut reading = Reading { attributes, by_dn: BTreeMap::new(), taken: BTreeSet::new(), left_out: vec![] };
    let is_expired =
        |entry: &Entry| attributes.expires.as_ref().is_some_and(|expires| expiry::is_over(entry, expires, now));
    let people = reading.all(people.entries.iter().filter(|entry| !is_expired(entry)), &people.id_attribute);
    let rooms = reading.all(rooms.entries.iter(), &rooms.id_attribute);
    let groups_found = reading.all(groups.entries.iter(), &groups.id_attribute);
    let by_primary_group = by_primary_group(&people, attributes);
    let (people, rooms) = (listed(people), listed(rooms));
    let groups = groups_found.into_iter().map(|(listed, entry)| {
        let members = reading.members(entry, &listed.name, &by_primary_group);
        Group { listed, members }
    });
    let groups = groups.collect();
    let mut left_out = reading.left_out;
    left_out.sort();
    Snapshot { people, rooms, groups, left_out }
}

fn listed(found: Vec<(Listed, &Entry)>) -> Vec<Listed> {
    found.into_iter().map(|(listed, _)| listed).collect()
}

/// Returns the names of people by the number of their primary group; empty if the settings name no
/// attributes for primary groups.
fn by_primary_group(people: &[(Listed, &Entry)], attributes: &Attributes) -> BTreeMap<String, Vec<String>> {
    let mut by_number = BTreeMap::<_, Vec<_>>::new();
    let Some(primary_group) = &attributes.primary_group else { return by_number };
    for (person, entry) in people {
        for number in texts(entry, &primary_group.of_person) {
            by_number.entry(number.to_owned()).or_default().push(person.name.clone());
        }
    }
    by_number
}

struct Reading<'a> {
    attributes: &'a Attributes,
    /// The names of entries by their distinguished names in the canonical form of `dn::normal`.
    by_dn: BTreeMap<String, String>,
    /// The names that are already taken, in lower case.
    taken: BTreeSet<String>,
    left_out: Vec<String>,
}

impl Reading<'_> {
    /// Reads entries in the order of their names. An entry without a name, with a taken name, or
    /// that was read before, is left out.
    fn all<'e>(&mut self, entries: impl Iterator<Item = &'e Entry>, id_attribute: &str) -> Vec<(Listed, &'e Entry)> {
        let mut named: Vec<_> = entries.map(|entry| (name(entry, id_attribute), entry)).collect();
        named.sort_by(|(one, first), (other, second)| one.cmp(other).then_with(|| first.dn.cmp(&second.dn)));
        let mut all = vec![];
        for (name, entry) in named {
            let Some(name) = name else {
                self.left_out
                    .push(format!("the entry {} is left out, because it has no attribute {id_attribute}", entry.dn));
                continue;
            };
            let dn = dn::normal(&entry.dn);
            if let Some(known) = self.by_dn.get(&dn) {
                self.left_out
                    .push(format!("the entry {} is left out, because it was already read as `{known}`", entry.dn));
                continue;
            }
            if !self.taken.insert(name.to_lowercase()) {
                self.left_out.push(format!(
                    "the entry {} is left out, because another entry already has its name `{name}`",
                    entry.dn
                ));
                continue;
            }
            self.by_dn.insert(dn, name.clone());
            all.push((self.listed(name, entry), entry));
        }
        all
    }

    fn listed(&self, name: String, entry: &Entry) -> Listed {
        let text = |attribute: &str| texts(entry, attribute).next().map(shown).unwrap_or_default();
        let display_name = Some(text("displayName")).filter(|text| !text.is_empty()).unwrap_or_else(|| text("cn"));
        Listed {
            identity: identity(entry, &self.attributes.identity),
            display_name,
            first_name: text("givenName"),
            last_name: text("sn"),
            addresses: address::all(
                texts(entry, &self.attributes.mail),
                self.attributes.aliases.iter().flat_map(|attribute| texts(entry, attribute)),
            ),
            name,
        }
    }

    /// Returns the names of the group's members that are in the snapshot. The entry of a group
    /// contains their distinguished names, or in `posixGroup` their names. People whose primary
    /// group it is are members too. `own` is the name of the group, which is left out.
    fn members(&self, group: &Entry, own: &str, by_primary_group: &BTreeMap<String, Vec<String>>) -> Vec<String> {
        let values = self.attributes.members.iter().flat_map(|attribute| texts(group, attribute));
        let by_name = |value: &str| self.by_dn.values().find(|name| name.as_str() == value);
        let member = |value: &str| {
            if value.contains('=') { self.by_dn.get(&dn::normal(value)) } else { by_name(value) }
        };
        let numbers = self.attributes.primary_group.iter().flat_map(|primary| texts(group, &primary.of_group));
        let primary = numbers.filter_map(|number| by_primary_group.get(number)).flatten();
        let members: BTreeSet<_> =
            values.filter_map(member).chain(primary).filter(|name| name.as_str() != own).cloned().collect();
        members.into_iter().collect()
    }
}

/// Returns the name of an entry; `None` if it has none. If it has several, the one in its
/// distinguished name is preferred, and then the first in the alphabet.
fn name(entry: &Entry, id_attribute: &str) -> Option<String> {
    let in_dn = |name: &&str| dn::begins_with(&entry.dn, id_attribute, name);
    let names = || texts(entry, id_attribute).filter(|name| !name.trim().is_empty());
    names().find(in_dn).or_else(|| names().min()).map(str::to_owned)
}

/// Returns the values of an attribute that are valid UTF-8.
fn texts<'e>(entry: &'e Entry, attribute: &str) -> impl Iterator<Item = &'e str> {
    entry.values(attribute).iter().filter_map(|value| std::str::from_utf8(value).ok())
}

/// Returns a name in a form for people: on one line, without the characters that XML does not
/// allow.
fn shown(text: &str) -> String {
    let is_odd = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    let text: String = text.chars().map(|c| if is_odd(c) { ' ' } else { c }).collect();
    text.trim().to_owned()
}

/// Returns the unique id of an entry, which is `entryUUID` (RFC 4530, text) or `objectGUID` (16
/// bytes, the first three parts little-endian). `None` if the attribute is missing or has another
/// form.
fn identity(entry: &Entry, attribute: &str) -> Option<Uuid> {
    let value = entry.values(attribute).first()?;
    let as_text = std::str::from_utf8(value).ok().and_then(|text| Uuid::parse_str(text).ok());
    as_text.or_else(|| Some(Uuid::from_bytes_le(value.as_slice().try_into().ok()?)))
}

#[cfg(test)]
mod tests;
