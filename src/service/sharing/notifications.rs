//! Notifications about shared calendars: XML documents in a collection of the recipient's home (the
//! draft caldav-sharing §4). They are files, which clients read and delete like any other file.

use calendar::{Refusal, Require, collection::Command};
use schemas::{
    CollectionId, PrincipalId,
    collection::{CollectionCreated, CollectionKind, Settings},
    object::Place,
};

use crate::{Attributes, PutFile, Service, clock::Stamp, error::Error};

/// Maximum number of notifications of one person. A further one replaces the oldest.
const MAX_NOTIFICATIONS: usize = 200;
/// Media type of the XML documents.
const MEDIA_TYPE: &str = "application/xml; charset=utf-8";
/// Number of names that are tried for the collection of notifications. The person may already have
/// another collection with the first name.
const NAMES_TRIED: usize = 20;

impl Service {
    /// Stores a notification for a person. It replaces a notification with the same name. The first
    /// one creates the collection.
    pub async fn notify(&self, stamp: &Stamp, to: PrincipalId, name: String, document: String) -> Result<(), Error> {
        let stamp = message(stamp, to);
        let collection = self.notification_collection(&stamp, to).await?;
        self.make_room(&stamp, to, collection, &name).await?;
        let put = PutFile {
            home: to,
            place: Place { collection, name: name.clone() },
            media_type: MEDIA_TYPE.to_owned(),
            data: document.into_bytes(),
            require: Require::default(),
            frees: 0,
            attributes: Attributes::default(),
        };
        self.put_file(&stamp.next(&name), put).await.map(drop)
    }

    /// Removes an outdated notification. Does nothing if it does not exist.
    pub async fn forget_notification(&self, stamp: &Stamp, of: PrincipalId, name: String) -> Result<(), Error> {
        let place = Place { collection: CollectionId::notifications(of), name };
        if self.models.member(place.collection, &place.name)?.is_none() {
            return Ok(());
        }
        let stamp = message(stamp, of).next(&place.name);
        match self.delete_file(&stamp, of, place, Require::default()).await {
            // The recipient has deleted it meanwhile.
            Err(Error::Refused(Refusal::NotFound)) => Ok(()),
            done => done,
        }
    }

    async fn notification_collection(&self, stamp: &Stamp, home: PrincipalId) -> Result<CollectionId, Error> {
        let _home = self.lock_home(home).await?;
        let id = CollectionId::notifications(home);
        if self.models.outline_by_id(id)?.is_some() {
            return Ok(id);
        }
        let numbered = (2..=NAMES_TRIED).map(|number| format!("notifications-{number}"));
        let mut names = std::iter::once("notifications".to_owned()).chain(numbered);
        let name = names.find(|name| self.is_free(home, name).is_ok()).ok_or(Refusal::Exists)?;
        let created = CollectionCreated {
            home,
            name,
            kind: CollectionKind::Plain,
            components: vec![],
            properties: vec![],
            settings: Settings::default(),
        };
        self.execute_collection(&stamp.next("notifications"), home, id, &Command::Create(created)).await?;
        Ok(id)
    }

    /// Removes the oldest notification if a person has the maximum number, unless the notification
    /// `name` is one of them and will be replaced.
    async fn make_room(
        &self,
        stamp: &Stamp,
        of: PrincipalId,
        collection: CollectionId,
        name: &str,
    ) -> Result<(), Error> {
        let held = self.models.members(collection, None, MAX_NOTIFICATIONS)?;
        if held.len() < MAX_NOTIFICATIONS || held.iter().any(|member| member.name == name) {
            return Ok(());
        }
        match held.into_iter().min_by_key(|member| member.modified) {
            Some(oldest) => self.forget_notification(stamp, of, oldest.name).await,
            None => Ok(()),
        }
    }
}

/// Returns the stamp for storing a notification. It names no right, because the server stores the
/// notification. The actor's right applies to the act that caused it.
fn message(stamp: &Stamp, to: PrincipalId) -> Stamp {
    let mut stamp = stamp.in_home(to);
    stamp.metadata.right = None;
    stamp
}
