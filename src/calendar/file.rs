//! A file in a home or a plain collection. **Invariant:** pure; the bytes of a file are not
//! interpreted.

use schemas::{
    FileEvent, PrincipalId,
    access::AccessControlEntry,
    collection::{Property, PropertyName},
    file::{FileAclChanged, FilePropertiesChanged, FileRemoved, FileStored},
    object::Place,
};

use crate::{Refusal, Require, in_turn, properties, tag};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum File {
    #[default]
    Absent,
    Stored(Box<Stored>),
}

/// A file: its bytes, properties and access control list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub content: FileStored,
    pub entries: Vec<AccessControlEntry>,
    pub properties: Vec<Property>,
}

impl File {
    pub fn stored(&self) -> Option<&Stored> {
        match self {
            Self::Absent => None,
            Self::Stored(stored) => Some(stored),
        }
    }
}

#[derive(Debug, Clone)]
pub enum Command {
    Store {
        home: PrincipalId,
        place: Place,
        media_type: String,
        data: Vec<u8>,
        require: Require,
    },
    Remove {
        place: Place,
        require: Require,
    },
    /// Replaces all entries of the ACL (RFC 3744 §8.1).
    ChangeAcl {
        place: Place,
        entries: Vec<AccessControlEntry>,
    },
    ChangeProperties {
        place: Place,
        set: Vec<Property>,
        removed: Vec<PropertyName>,
    },
}

impl Command {
    /// Returns the place of the file that the command changes.
    pub fn place(&self) -> &Place {
        match self {
            Self::Store { place, .. }
            | Self::Remove { place, .. }
            | Self::ChangeAcl { place, .. }
            | Self::ChangeProperties { place, .. } => place,
        }
    }
}

/// Returns the events of several commands, each decided on the state after those before it (see
/// [`in_turn`]). Returns an error if one of them is refused.
pub fn decide_all(file: &File, commands: &[Command]) -> Result<Vec<FileEvent>, Refusal> {
    in_turn(file, commands, decide, evolve)
}

/// Returns the events that the command causes; empty if the file is already as commanded.
///
/// Returns an error if the command is refused.
pub fn decide(file: &File, command: &Command) -> Result<Vec<FileEvent>, Refusal> {
    let known = file.stored();
    match command {
        Command::Store { home, place, media_type, data, require } => {
            let known = known.map(|known| &known.content);
            require.check_tags(known.map(|known| known.etag.as_str()), None)?;
            if known.is_some_and(|known| known.data == *data && known.media_type == *media_type) {
                return Ok(vec![]);
            }
            let (place, media_type, data) = (place.clone(), media_type.clone(), data.clone());
            let etag = tag::of_bytes(&data);
            Ok(vec![FileEvent::Stored(FileStored { home: *home, place, media_type, data, etag })])
        }
        Command::Remove { place, require } => {
            let known = known.ok_or(Refusal::NotFound)?;
            require.check_tags(Some(&known.content.etag), None)?;
            Ok(vec![FileEvent::Removed(FileRemoved { place: place.clone() })])
        }
        Command::ChangeAcl { place, entries } => {
            let known = known.ok_or(Refusal::NotFound)?;
            let changed = || FileAclChanged { place: place.clone(), entries: entries.clone() };
            Ok(if known.entries == *entries { vec![] } else { vec![FileEvent::AclChanged(changed())] })
        }
        Command::ChangeProperties { place, set, removed } => {
            let known = known.ok_or(Refusal::NotFound)?;
            let (set, removed) = properties::news(&known.properties, set, removed)?;
            if set.is_empty() && removed.is_empty() {
                return Ok(vec![]);
            }
            Ok(vec![FileEvent::PropertiesChanged(FilePropertiesChanged { place: place.clone(), set, removed })])
        }
    }
}

/// Applies an event. Never fails.
pub fn evolve(file: File, event: &FileEvent) -> File {
    match (file, event) {
        (File::Absent, FileEvent::Stored(content)) => {
            File::Stored(Box::new(Stored { content: content.clone(), entries: vec![], properties: vec![] }))
        }
        // The bytes are replaced; properties and access control list stay.
        (File::Stored(mut stored), FileEvent::Stored(content)) => {
            stored.content.clone_from(content);
            File::Stored(stored)
        }
        (File::Stored(mut stored), FileEvent::AclChanged(changed)) => {
            stored.entries.clone_from(&changed.entries);
            File::Stored(stored)
        }
        (File::Stored(mut stored), FileEvent::PropertiesChanged(changed)) => {
            Property::change(&mut stored.properties, &changed.set, &changed.removed);
            File::Stored(stored)
        }
        (_, FileEvent::Removed(_)) | (File::Absent, FileEvent::AclChanged(_) | FileEvent::PropertiesChanged(_)) => {
            File::Absent
        }
    }
}

#[cfg(test)]
mod tests {
    use schemas::CollectionId;
    use uuid::Uuid;

    use super::*;
    use crate::Tags;

    fn store(data: &str, require: Require) -> Command {
        let place = Place { collection: CollectionId(Uuid::nil()), name: "a".into() };
        let (home, media_type) = (PrincipalId(Uuid::nil()), "text/plain".to_owned());
        Command::Store { home, place, media_type, data: data.as_bytes().to_vec(), require }
    }

    fn remove(require: Require) -> Command {
        Command::Remove { place: Place { collection: CollectionId(Uuid::nil()), name: "a".into() }, require }
    }

    #[test]
    fn a_file_is_stored_replaced_and_removed_under_the_conditions_of_its_requests() {
        let absent = || Require { if_none_match: Some(Tags::Any), ..Require::default() };
        let tagged = |tag: String| Require { if_match: Some(Tags::Listed(vec![tag])), ..Require::default() };
        let one = tag::of_bytes(b"one");
        let rows = [
            ("created", store("one", absent()), Ok(1)),
            ("created again", store("one", absent()), Err("If-None-Match")),
            ("the same again", store("one", Require::default()), Ok(0)),
            ("replaced by who knows it", store("two", tagged(one.clone())), Ok(1)),
            ("replaced by who does not", store("three", tagged(one.clone())), Err("If-Match")),
            ("removed by who does not", remove(tagged(one)), Err("If-Match")),
            ("removed", remove(Require::default()), Ok(1)),
            ("created anew", store("one", absent()), Ok(1)),
        ];
        let mut file = File::default();
        for (title, command, expected) in rows {
            let decided = decide(&file, &command);
            let told = decided.as_ref().map(Vec::len).map_err(Clone::clone);
            assert_eq!(told, expected.map_err(|header| Refusal::Precondition { header }), "{title}");
            file = decided.unwrap_or_default().iter().fold(file, evolve);
        }
        assert_eq!(decide(&File::Absent, &remove(Require::default())), Err(Refusal::NotFound));
    }

    #[test]
    fn what_belongs_to_a_file_stays_when_it_is_replaced_and_goes_with_it() {
        let place = || Place { collection: CollectionId(Uuid::nil()), name: "a".into() };
        let name = PropertyName { namespace: "DAV:".into(), local: "note".into() };
        let note = Property { name: name.clone(), xml: "<note xmlns='DAV:'/>".into() };
        let entry = AccessControlEntry {
            to: schemas::access::Grantee::All,
            inverted: false,
            effect: schemas::access::Effect::Grant,
            privileges: vec!["read".into()],
        };
        let acl = || Command::ChangeAcl { place: place(), entries: vec![entry.clone()] };
        let set = || Command::ChangeProperties { place: place(), set: vec![note.clone()], removed: vec![] };
        let forget = || Command::ChangeProperties { place: place(), set: vec![], removed: vec![name.clone()] };
        let rows = [
            ("no file, no list", acl(), None, (0, 0)),
            ("no file, no properties", set(), None, (0, 0)),
            ("stored", store("one", Require::default()), Some(1), (0, 0)),
            ("a list", acl(), Some(1), (1, 0)),
            ("the same list", acl(), Some(0), (1, 0)),
            ("a property", set(), Some(1), (1, 1)),
            ("the same property", set(), Some(0), (1, 1)),
            ("replaced", store("two", Require::default()), Some(1), (1, 1)),
            ("no property any more", forget(), Some(1), (1, 0)),
            ("nothing to forget", forget(), Some(0), (1, 0)),
            ("removed", remove(Require::default()), Some(1), (0, 0)),
            ("stored anew", store("one", Require::default()), Some(1), (0, 0)),
        ];
        let mut file = File::default();
        for (title, command, events, (entries, properties)) in rows {
            let decided = decide(&file, &command);
            assert_eq!(decided.as_ref().ok().map(Vec::len), events, "{title}");
            file = decided.unwrap_or_default().iter().fold(file, evolve);
            let held = file.stored().map_or((0, 0), |stored| (stored.entries.len(), stored.properties.len()));
            assert_eq!(held, (entries, properties), "{title}");
        }
    }
}
