//! The names of principals and addresses, as they were at the time of an event.

use std::collections::{BTreeMap, BTreeSet};

use ical::Address;
use projections::{Directory, folded};
use schemas::{
    Event, Position, PrincipalEvent, PrincipalId, Recorded, Stream,
    principal::{PrincipalKind, Profile},
};

use crate::foreign;

/// The names of principals, by the position from which each name applies.
#[derive(Debug, Default, Clone)]
pub struct Names {
    people: BTreeMap<PrincipalId, BTreeMap<Position, String>>,
    /// The principals by their present canonical addresses. If several principals have an address,
    /// the one that was added last counts.
    addresses: BTreeMap<String, PrincipalId>,
    /// The holders of canonical addresses over time, as far as events are known, each by the
    /// position from which it applies; `None` where a holder gave the address up.
    held: BTreeMap<String, BTreeMap<Position, Option<PrincipalId>>>,
    logins: BTreeMap<PrincipalId, String>,
    /// The principals by former logins. If several principals had a login, the one that was added
    /// last counts.
    former_logins: BTreeMap<String, PrincipalId>,
    groups: BTreeSet<PrincipalId>,
}

impl Names {
    /// Returns today's names, as if they had never changed, and the former logins.
    pub fn of(directory: &Directory) -> Self {
        let mut names = Self::default();
        for entry in directory.all() {
            names.add(entry.id, &entry.display_name, &entry.addresses);
            names.groups.extend((entry.kind == PrincipalKind::Group).then_some(entry.id));
            names.logins.insert(entry.id, entry.short_name.clone());
            names.former_logins.extend(entry.former_names.iter().map(|name| (name.clone(), entry.id)));
        }
        names
    }

    /// Adds a principal whose name never changed.
    pub fn add(&mut self, id: PrincipalId, name: &str, addresses: &[String]) {
        self.people.entry(id).or_default().insert(Position::START, name.to_owned());
        self.addresses.extend(addresses.iter().map(|address| (canonical(address), id)));
    }

    /// Replaces the names of a principal by those in its events, which are given in order. Each
    /// name and address then applies from the position of its event.
    pub fn learn(&mut self, events: &[Recorded]) {
        let mut own: BTreeMap<PrincipalId, BTreeSet<String>> = BTreeMap::new();
        for Recorded { stream, event, position, .. } in events {
            let (Stream::Principal(id), Event::Principal(event)) = (stream, event) else { continue };
            match event {
                PrincipalEvent::Registered(registered) => {
                    self.people.insert(*id, BTreeMap::new());
                    self.groups.extend((registered.kind == PrincipalKind::Group).then_some(*id));
                    self.logins.insert(*id, registered.short_name.clone());
                    self.rename(*id, *position, &registered.profile, own.entry(*id).or_default());
                }
                PrincipalEvent::ProfileChanged(profile) => {
                    self.rename(*id, *position, profile, own.entry(*id).or_default());
                }
                PrincipalEvent::Renamed(renamed) => {
                    let former = self.logins.insert(*id, renamed.short_name.clone());
                    self.former_logins.extend(former.map(|name| (name, *id)));
                }
                PrincipalEvent::PasswordSet(_)
                | PrincipalEvent::AppPasswordAdded(_)
                | PrincipalEvent::AppPasswordRevoked(_)
                | PrincipalEvent::MembersSet(_)
                | PrincipalEvent::PropertiesChanged(_)
                | PrincipalEvent::QuotaSet(_)
                | PrincipalEvent::Disabled(_)
                | PrincipalEvent::Enabled(_)
                | PrincipalEvent::Retired(_) => {}
            }
        }
    }

    /// Applies a profile. `own` has the principal's addresses before, and is updated.
    fn rename(&mut self, id: PrincipalId, position: Position, profile: &Profile, own: &mut BTreeSet<String>) {
        self.people.entry(id).or_default().insert(position, profile.display_name.clone());
        let now: BTreeSet<String> = profile.addresses.iter().map(|address| canonical(address)).collect();
        let gone = own.difference(&now).map(|address| (address, None));
        for (address, holder) in gone.chain(now.difference(own).map(|address| (address, Some(id)))) {
            self.held.entry(address.clone()).or_default().insert(position, holder);
        }
        *own = now;
    }

    /// Returns true for a group, which has members but no home.
    pub(crate) fn is_group(&self, id: PrincipalId) -> bool {
        self.groups.contains(&id)
    }

    /// Returns the names as they were at a position.
    pub fn at(&self, position: Position) -> NamesAt<'_> {
        NamesAt { names: self, position }
    }

    /// Returns the names as they are today.
    pub fn today(&self) -> NamesAt<'_> {
        self.at(Position(u64::MAX))
    }

    /// Returns the principal who has a calendar user address today, or else the last one who had
    /// it; `None` if none of the known addresses equals it.
    pub fn principal(&self, address: &str) -> Option<PrincipalId> {
        let address = canonical(address);
        let former = || self.held.get(&address)?.values().rev().find_map(|holder| *holder);
        self.addresses.get(&address).copied().or_else(former)
    }

    /// Returns the login name of a principal; `None` if the principal is unknown.
    pub fn login(&self, id: PrincipalId) -> Option<&str> {
        self.logins.get(&id).map(String::as_str)
    }

    /// Returns the present and the former login names of a principal, without repetitions.
    pub(crate) fn logins(&self, id: PrincipalId) -> Vec<String> {
        let former = self.former_logins.iter().filter(|(_, holder)| **holder == id).map(|(login, _)| login.as_str());
        let all: BTreeSet<&str> = self.login(id).into_iter().chain(former).collect();
        all.into_iter().map(str::to_owned).collect()
    }

    /// Returns the principals that `text` means: the one with this address; else the one with this
    /// login; else the one with this former login; else all whose present or former name, or a word
    /// of it, is `text`. Case and Unicode normal form are ignored.
    pub fn find(&self, text: &str) -> Vec<PrincipalId> {
        let wanted = folded(text);
        let is_meant = |id: &PrincipalId| {
            let by_name = self.people.get(id).is_some_and(|names| {
                let is_name = |name: &String| {
                    let name = folded(name);
                    name == wanted || name.split_whitespace().any(|word| word == wanted)
                };
                names.values().any(is_name)
            });
            by_name || self.login(*id).is_some_and(|login| folded(login) == wanted)
        };
        let exact: Vec<PrincipalId> =
            self.logins.iter().filter(|(_, login)| folded(login) == wanted).map(|(id, _)| *id).collect();
        let by_address = self.principal(text).or_else(|| self.principal(&format!("mailto:{text}")));
        if let Some(id) = by_address {
            return vec![id];
        }
        if !exact.is_empty() {
            return exact;
        }
        if let Some((_, id)) = self.former_logins.iter().find(|(login, _)| folded(login) == wanted) {
            return vec![*id];
        }
        self.people.keys().filter(|id| is_meant(id)).copied().collect()
    }
}

/// The names as they were at one position.
#[derive(Debug, Clone, Copy)]
pub struct NamesAt<'a> {
    names: &'a Names,
    position: Position,
}

impl NamesAt<'_> {
    /// Returns the name that a person had at the position of these names, and today's name if it
    /// differs. For an unknown principal, returns the id.
    pub fn person(&self, id: PrincipalId) -> String {
        let known = self.names.people.get(&id);
        let today = known.and_then(|names| names.values().next_back());
        let then = known.and_then(|names| names.range(..=self.position).next_back().map(|(_, name)| name)).or(today);
        match (then, today) {
            (Some(then), Some(today)) if then != today => {
                format!("{} (today {})", foreign::visible(then), foreign::visible(today))
            }
            (Some(then), _) => foreign::visible(then).into_owned(),
            (None, _) => format!("principal {id}"),
        }
    }

    /// Returns the name of the principal who had a calendar user address at the position of these
    /// names; if that is unknown, of the one who has it today, or had it last. If it is not among
    /// the known addresses, returns the address. A text without a scheme is quoted, because it
    /// could be mistaken for a principal's name.
    pub fn address(&self, address: &str) -> String {
        let held = self.names.held.get(&canonical(address));
        let then = held.and_then(|holders| *holders.range(..=self.position).next_back()?.1);
        match then.or_else(|| self.names.principal(address)) {
            Some(id) => self.person(id),
            None if is_full(address) => foreign::identifier(address),
            None => foreign::quoted(address),
        }
    }
}

/// Returns true for an address of a usual form: a mailbox, URN, telephone number, URL or path.
fn is_full(address: &str) -> bool {
    let scheme = address.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    address.starts_with('/') || matches!(scheme.as_deref(), Some("mailto" | "urn" | "tel" | "http" | "https"))
}

pub(crate) fn canonical(address: &str) -> String {
    Address::parse(address).map_or_else(|| address.to_owned(), |address| address.canonical().to_owned())
}

/// Returns true if the actor is known not to be the owner of the home; false if the actor or the
/// owner is unknown.
pub(crate) fn is_foreign(metadata: &schemas::Metadata, home: Option<PrincipalId>) -> bool {
    home.is_some() && metadata.actor.is_some() && metadata.actor != home
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_person_is_found_by_a_former_login_unless_another_has_it_now() {
        let person = |number, name: &str| (PrincipalId(Uuid::from_u128(number)), name.to_owned());
        let mut names = Names::default();
        for (id, login) in [person(1, "new"), person(2, "taken")] {
            names.add(id, "Anna", &[]);
            names.logins.insert(id, login);
        }
        names.former_logins.extend(["old", "taken"].map(|name| (name.to_owned(), person(1, "").0)));
        assert_eq!((names.find("OLD"), names.find("taken")), (vec![person(1, "").0], vec![person(2, "").0]));
    }

    #[test]
    fn a_text_that_is_no_address_is_told_apart_from_a_name() {
        let mut names = Names::default();
        names.add(PrincipalId(Uuid::nil()), "Bob", &["mailto:bob@example.com".to_owned()]);
        let rows = [
            ("mailto:BOB@example.com", "Bob"),
            ("Bob", "“Bob”"),
            ("Bob:accepted", "“Bob:accepted”"),
            ("mailto:carol@example.com", "mailto:carol@example.com"),
            ("URN:uuid:1", "URN:uuid:1"),
            ("/principals/carol", "/principals/carol"),
        ];
        for (address, expected) in rows {
            assert_eq!(names.today().address(address), expected);
        }
    }

    #[test]
    fn an_address_is_that_of_its_present_owner_and_before_of_the_one_at_that_time() {
        let [anna, bert] = [1, 2].map(|number| PrincipalId(Uuid::from_u128(number)));
        let profile = |name: &str, addresses: &[&str]| Profile {
            display_name: name.to_owned(),
            addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
            ..Profile::default()
        };
        let recorded = |position, id, event| Recorded {
            position: Position(position),
            stream: Stream::Principal(id),
            revision: schemas::Revision(position),
            id: Uuid::nil(),
            event: Event::Principal(event),
            metadata: schemas::Metadata::default(),
            hash: schemas::Hash::default(),
        };
        let registered = |position, id, profile| {
            let (short_name, kind) = (String::new(), PrincipalKind::Individual);
            let registered = schemas::principal::PrincipalRegistered { short_name, kind, profile };
            recorded(position, id, PrincipalEvent::Registered(registered))
        };
        let mut names = Names::default();
        names.add(anna, "Anna", &["mailto:a@x".to_owned()]);
        names.add(bert, "Bert", &["mailto:b@x".to_owned(), "mailto:desk@x".to_owned()]);
        let of_bert = registered(2, bert, profile("Bert", &["mailto:b@x"]));
        let given =
            recorded(6, bert, PrincipalEvent::ProfileChanged(profile("Bert", &["mailto:b@x", "mailto:DESK@x"])));
        let of_anna = registered(1, anna, profile("Anna", &["mailto:a@x", "mailto:desk@x", "mailto:gone@x"]));
        let taken = recorded(5, anna, PrincipalEvent::ProfileChanged(profile("Anna", &["mailto:a@x"])));
        names.learn(&[of_bert, given]);
        names.learn(&[of_anna, taken]);
        let rows = [("mailto:desk@x", Some(bert)), ("mailto:gone@x", Some(anna)), ("mailto:other@x", None)];
        for (address, expected) in rows {
            assert_eq!(names.principal(address), expected, "{address}");
        }
        assert_eq!(names.find("desk@x"), [bert]);
        let then = [4, 5, 6, u64::MAX].map(|position| names.at(Position(position)).address("mailto:desk@x"));
        assert_eq!(then, ["Anna", "Bert", "Bert", "Bert"]);
    }
}
