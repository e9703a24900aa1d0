//! Registering principals, and who they are at the door.

use std::collections::{BTreeSet, HashMap};

use calendar::{
    Refusal,
    collection::Collection,
    principal::{Command, Principal, decide},
};
use futures::future::try_join_all;
use ical::Address;
use projections::{Directory, Entry};
use schemas::{
    CollectionEvent, CollectionId, Position, PrincipalEvent, PrincipalId,
    collection::{CollectionCreated, CollectionKind, Settings},
    principal::{PrincipalKind, Profile},
};

use crate::{
    Service,
    clock::Stamp,
    error::Error,
    freshness::Subject,
    store::{Loaded, Write, decision},
};

/// A principal as the outside names it.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Given once, never reused; a known id brings that principal's profile up to date.
    pub id: PrincipalId,
    pub short_name: String,
    pub kind: PrincipalKind,
    pub profile: Profile,
    pub password: Option<String>,
    pub members: Vec<PrincipalId>,
}

/// What everyone's home holds from the start (RFC 6638 §2: inbox and outbox for every calendar user).
const FIRST_COLLECTIONS: [(&str, CollectionKind, &[&str]); 5] = [
    ("", CollectionKind::Home, &[]),
    ("inbox", CollectionKind::Inbox, &[]),
    ("outbox", CollectionKind::Outbox, &[]),
    ("calendar", CollectionKind::Calendar, &[]),
    ("tasks", CollectionKind::Calendar, &["VTODO"]),
];

impl Service {
    /// Registers principals, or brings them up to date: one durable group for all of them.
    pub async fn register(&self, stamp: &Stamp, registrations: Vec<Registration>) -> Result<(), Error> {
        let _alone = self.registrations.lock().await;
        self.fresh(Subject::Directory).await?;
        unclaimed(&self.models.directory(), &registrations)?;
        // All at once: what takes long is their passwords, and as many are hashed at a time as there are processors.
        let made = registrations.iter().map(|registration| self.registration(stamp, registration));
        let writes = try_join_all(made).await?.into_iter().flatten().collect();
        let mut last = Position::START;
        for appended in self.store.append_many(writes).await {
            last = last.max(appended?.position);
        }
        self.applied(last).await?;
        if registrations.iter().any(|registration| registration.kind == PrincipalKind::Group) {
            self.regroup(stamp).await?;
        }
        Ok(())
    }

    /// The writes that bring one principal and the home to what `registration` says.
    async fn registration(&self, stamp: &Stamp, registration: &Registration) -> Result<Vec<Write>, Error> {
        let id = registration.id;
        let stamp = Stamp { act: uuid::Uuid::new_v5(&stamp.act, id.0.as_bytes()), ..stamp.clone() };
        let loaded = self.store.load::<Principal>(id).await?;
        let is_new = loaded.revision.is_none();
        let events = self.principal_events(&loaded, registration).await?;
        let mut writes = Vec::new();
        if !events.is_empty() {
            writes.push(decision(Subject::Directory, id, loaded, &stamp, events).write());
        }
        if is_new && registration.kind != PrincipalKind::Group {
            writes.extend(first_collections(id, &stamp));
        }
        Ok(writes)
    }

    async fn principal_events(
        &self,
        loaded: &Loaded<Principal>,
        registration: &Registration,
    ) -> Result<Vec<PrincipalEvent>, Error> {
        let mut commands = vec![Command::Register {
            short_name: registration.short_name.clone(),
            kind: registration.kind,
            profile: registration.profile.clone(),
        }];
        if let Some(password) = &registration.password {
            commands.push(Command::SetPassword { phc: self.credentials.hash(password.clone()).await? });
        }
        if registration.kind == PrincipalKind::Group {
            commands.push(Command::SetMembers { members: registration.members.clone() });
        }
        let mut principal = (*loaded.state).clone();
        let mut events = Vec::new();
        for command in &commands {
            for event in decide(&principal, command)? {
                principal = calendar::principal::evolve(principal, &event);
                events.push(event);
            }
        }
        Ok(events)
    }

    /// The principal with this login and password.
    pub async fn authenticate(&self, name: &str, password: &str) -> Result<Option<PrincipalId>, Error> {
        let known = self.models.directory().by_name(name).and_then(|entry| Some((entry.id, entry.phc.clone()?)));
        self.credentials.verify(known, password).await
    }
}

/// Names and addresses belong to one principal each.
fn unclaimed(directory: &Directory, registrations: &[Registration]) -> Result<(), Refusal> {
    // Who is registered anew says anew what is his.
    let registered: BTreeSet<_> = registrations.iter().map(|registration| registration.id).collect();
    let stays = |entry: &&Entry| !registered.contains(&entry.id);
    let mut names: HashMap<&str, &Registration> = HashMap::new();
    let mut addresses: HashMap<Address, &Registration> = HashMap::new();
    for registration in registrations {
        let claimant = registration.short_name.as_str();
        let taken = |what, value: &str, holder: &str| {
            let (value, holder, claimant) = (value.to_owned(), holder.to_owned(), claimant.to_owned());
            Err(Refusal::PrincipalExists { what, value, holder, claimant })
        };
        let known = directory.by_name(claimant).filter(stays).map(|entry| entry.short_name.as_str());
        let earlier = names.insert(claimant, registration).map(|other| other.short_name.as_str());
        if let Some(holder) = known.or(earlier) {
            return taken("the name", claimant, holder);
        }
        for written in &registration.profile.addresses {
            let Some(address) = Address::parse(written) else { continue };
            let known = directory.by_address(&address).filter(stays).map(|entry| entry.short_name.as_str());
            let earlier = addresses.insert(address, registration).filter(|other| other.id != registration.id);
            if let Some(holder) = known.or(earlier.map(|other| other.short_name.as_str())) {
                return taken("the address", written, holder);
            }
        }
    }
    Ok(())
}

fn first_collections(home: PrincipalId, stamp: &Stamp) -> impl Iterator<Item = Write> {
    FIRST_COLLECTIONS.into_iter().map(move |(name, kind, components)| {
        let id = CollectionId::derive(home, name, 0);
        let created = CollectionEvent::Created(CollectionCreated {
            home,
            name: name.to_owned(),
            kind,
            components: components.iter().map(ToString::to_string).collect(),
            properties: vec![],
            settings: Settings::default(),
        });
        let stamp = Stamp { act: uuid::Uuid::new_v5(&stamp.act, name.as_bytes()), ..stamp.clone() };
        let loaded = Loaded::<Collection>::nothing();
        decision(Subject::Collections(home), id, loaded, &stamp, vec![created]).write()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(number: u128, name: &str, address: &str) -> Registration {
        Registration {
            id: PrincipalId(uuid::Uuid::from_u128(number)),
            short_name: name.to_owned(),
            kind: PrincipalKind::Individual,
            profile: Profile { addresses: vec![address.to_owned()], ..Profile::default() },
            password: None,
            members: vec![],
        }
    }

    #[test]
    fn two_of_one_batch_cannot_have_one_address_or_name_either() {
        let nobody = Directory::default();
        let refused = |registrations: &[Registration]| {
            unclaimed(&nobody, registrations).expect_err("one of them is too much").to_string()
        };
        let anna = || person(1, "anna", "mailto:team@example.com");
        let told = refused(&[anna(), person(2, "bob", "MAILTO:Team@example.com")]);
        assert_eq!(told, "the address `MAILTO:Team@example.com` belongs to `anna`, and `bob` claims it too");
        let told = refused(&[anna(), person(2, "anna", "mailto:bob@example.com")]);
        assert_eq!(told, "the name `anna` belongs to `anna`, and `anna` claims it too");
        assert_eq!(unclaimed(&nobody, &[anna(), person(2, "bob", "mailto:bob@example.com")]), Ok(()));
    }
}
