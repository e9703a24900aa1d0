//! The messages of a group of streams, each read once for all its recipients.

use std::{collections::HashMap, sync::Arc};

use calendar::object::ParsedMessage;
use projections::Directory;
use uuid::Uuid;

use super::wave::Work;
use crate::address_book::Book;

#[derive(Debug)]
pub(super) struct Readings<'a>(HashMap<Uuid, ParsedMessage<'a>>);

impl<'a> Readings<'a> {
    pub(super) fn of(group: impl IntoIterator<Item = &'a Work>, directory: &Arc<Directory>) -> Self {
        let book = Book(Arc::clone(directory));
        let mut readings = HashMap::new();
        for incoming in group.into_iter().flat_map(|work| &work.incoming) {
            readings.entry(incoming.message()).or_insert_with(|| ParsedMessage::of(incoming, &book));
        }
        Self(readings)
    }

    /// What one of the group has to take in, in the order it was said.
    pub(super) fn of_work(&self, work: &Work) -> Vec<&ParsedMessage<'a>> {
        work.incoming.iter().map(|incoming| &self.0[&incoming.message()]).collect()
    }
}
