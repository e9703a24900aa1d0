//! Stores and removes the files of homes and plain collections. Files cause no scheduling messages
//! and no busy times.

use calendar::{
    Refusal, Require,
    file::{Command, File, decide_all},
};
use schemas::{FileId, PrincipalId, object::Place};

use crate::{
    Service, Written, attributes::Attributes, clock::Stamp, collections::inside, error::Error, freshness::Subject,
    store::Executed,
};

#[derive(Debug, Clone)]
pub struct PutFile {
    pub home: PrincipalId,
    pub place: Place,
    pub media_type: String,
    pub data: Vec<u8>,
    pub require: Require,
    /// Number of bytes that the same request removes from this home.
    pub frees: usize,
    pub attributes: Attributes,
}

impl Service {
    /// Stores a file in a home or a plain collection (`PUT`, RFC 4918 §9.7.1).
    pub async fn put_file(&self, stamp: &Stamp, put: PutFile) -> Result<Written, Error> {
        let PutFile { home, place, media_type, data, require, frees, attributes } = put;
        let _home = self.lock_home(home).await?;
        self.name_allowed(&place.name)?;
        let above = self.collection_of(home, place.collection)?;
        if !above.kind.holds_anything() {
            return Err(Refusal::OtherKind { collection: above.name, wanted: "plain collection" }.into());
        }
        // A collection and a member of the same parent cannot share a name.
        let name = inside(&above.name, &place.name);
        if self.models.outline(home, &name)?.is_some() || self.models.shared_calendar(home, &name)?.is_some() {
            return Err(Refusal::Exists.into());
        }
        let limit_bytes = self.settings.limits.max_resource_size_bytes;
        if data.len() > limit_bytes {
            return Err(Refusal::TooLarge { limit_bytes }.into());
        }
        self.has_room(home, &place, data.len(), frees)?;
        self.has_room_for_properties(home, &attributes.set)?;
        let id = FileId::derive(&place);
        let attributes = attributes.of_file(&place);
        let store = Command::Store { home, place, media_type, data, require };
        let commands: Vec<_> = std::iter::once(store).chain(attributes).collect();
        let executed = self.execute_file(stamp, home, id, &commands).await?;
        let stored = executed.after.stored().ok_or(Refusal::NotFound)?;
        let created = executed.before.stored().is_none();
        Ok(Written { created, etag: stored.content.etag.clone(), schedule_tag: None, as_sent: true })
    }

    pub async fn delete_file(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        place: Place,
        require: Require,
    ) -> Result<(), Error> {
        let _home = self.lock_home(home).await?;
        let id = FileId::derive(&place);
        self.execute_file(stamp, home, id, &[Command::Remove { place, require }]).await.map(drop)
    }

    pub(crate) async fn change_file(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        require: &Require,
        command: Command,
    ) -> Result<(), Error> {
        let decide = |file: &File| {
            require.check_tags(file.stored().map(|known| known.content.etag.as_str()), None)?;
            Ok(decide_all(file, std::slice::from_ref(&command))?)
        };
        let id = FileId::derive(command.place());
        let executed = self.store.execute::<File>(Subject::Home(home), id, stamp, decide).await?;
        self.applied(executed.position).await
    }

    async fn execute_file(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        id: FileId,
        commands: &[Command],
    ) -> Result<Executed<File>, Error> {
        let executed =
            self.store.execute::<File>(Subject::Home(home), id, stamp, |file| Ok(decide_all(file, commands)?)).await?;
        self.applied(executed.position).await?;
        Ok(executed)
    }
}
