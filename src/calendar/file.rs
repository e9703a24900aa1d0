//! One file of a plain collection. **Invariant:** pure; what the bytes are is nobody's business here.

use schemas::{
    Event, PrincipalId,
    file::{FileRemoved, FileStored},
    object::Place,
};

use crate::{Refusal, Require, tag};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum File {
    #[default]
    Absent,
    Stored(Box<FileStored>),
}

impl File {
    pub fn stored(&self) -> Option<&FileStored> {
        match self {
            Self::Absent => None,
            Self::Stored(stored) => Some(stored),
        }
    }
}

#[derive(Debug, Clone)]
pub enum Command {
    Store { home: PrincipalId, place: Place, media_type: String, data: Vec<u8>, require: Require },
    Remove { place: Place, require: Require },
}

/// What should happen? An empty answer means "already so".
pub fn decide(file: &File, command: &Command) -> Result<Vec<Event>, Refusal> {
    let known = file.stored();
    match command {
        Command::Store { home, place, media_type, data, require } => {
            require.check_tags(known.map(|known| known.etag.as_str()), None)?;
            if known.is_some_and(|known| known.data == *data && known.media_type == *media_type) {
                return Ok(vec![]);
            }
            let (place, media_type, data) = (place.clone(), media_type.clone(), data.clone());
            let etag = tag::of_bytes(&data);
            Ok(vec![Event::FileStored(FileStored { home: *home, place, media_type, data, etag })])
        }
        Command::Remove { place, require } => {
            let known = known.ok_or(Refusal::NotFound)?;
            require.check_tags(Some(&known.etag), None)?;
            Ok(vec![Event::FileRemoved(FileRemoved { place: place.clone() })])
        }
    }
}

/// What happened. Total. Events of other aggregates leave it as it is.
pub fn evolve(file: File, event: &Event) -> File {
    match event {
        Event::FileStored(stored) => File::Stored(Box::new(stored.clone())),
        Event::FileRemoved(_) => File::Absent,
        _ => file,
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
}
