//! Registering principals, and who they are at the door.

use calendar::{
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

mod claims;

use crate::{
    Service,
    clock::Stamp,
    credentials::Login,
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
        claims::check(&self.models.directory(), &registrations)?;
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
        let basis = self.store.basis();
        let events = self.principal_events(&loaded, registration).await?;
        let mut writes = Vec::new();
        if !events.is_empty() {
            writes.push(decision(Subject::Directory, id, loaded, &stamp, events).resting_on(basis).write());
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
        if let Some(password) = &registration.password
            && !self.has_password(&loaded.state, password).await?
        {
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

    async fn has_password(&self, principal: &Principal, password: &str) -> Result<bool, Error> {
        let Principal::Registered(known) = principal else { return Ok(false) };
        let Some(phc) = known.phc.clone() else { return Ok(false) };
        self.credentials.check(phc, password.to_owned()).await
    }

    /// Looks up the account of a login: the principal's name, or one of its mail addresses in upper or lower case.
    pub fn login(&self, login: &str, password: &str) -> Login {
        let directory = self.models.directory();
        let entry = account(&directory, login);
        let name = entry.map_or_else(|| login.to_lowercase(), |entry| entry.short_name.clone());
        Login::new(name, entry.and_then(|entry| Some((entry.id, entry.phc.clone()?))), password)
    }

    /// Returns the principal if these credentials were right before; `None` if they have to be checked.
    pub fn remembered(&self, login: &Login) -> Option<PrincipalId> {
        self.credentials.remembered(login)
    }

    /// Checks the password. `None`: it is wrong, or the account is unknown. `Err`: too many logins at once.
    pub async fn authenticate(&self, login: &Login) -> Result<Option<PrincipalId>, Error> {
        self.credentials.verify(login).await
    }
}

/// The account that a login names.
fn account<'a>(directory: &'a Directory, login: &str) -> Option<&'a Entry> {
    let by_mail = || directory.by_address(&Address::parse(login).filter(|address| address.mailbox().is_some())?);
    directory.by_name(login).or_else(by_mail)
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
