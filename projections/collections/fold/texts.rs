//! A cache of the values to index for a text. An invitation with the same text is stored for
//! hundreds of attendees one after the other, in their inboxes and calendars.
//!
//! **Invariant:** results are the same with and without the cache.

use std::{cell::RefCell, collections::VecDeque, sync::Arc};

use ical::free_busy::IndexedPeriod;
use sha2::{Digest, Sha256};

use super::super::span::{self, Span};

/// Number of cached texts: enough for the inbox item and the calendar object of two messages. The
/// oldest is dropped first.
const CACHED_TEXTS: usize = 4;
/// Minimum length in bytes of a text that is cached, and stored only once for all equal bodies. For
/// a shorter text, the search for an equal one is not worth its cost.
const LONG_BYTES: usize = 2_048;
/// Maximum length in bytes of a cached text. It bounds the memory of the cache.
const MAX_CACHED_BYTES: usize = 256 * 1_024;

#[derive(Debug, Default)]
pub(in crate::collections) struct Texts(RefCell<VecDeque<(String, Reader, Arc<Indexed>)>>);

/// The kind of collection in which a text is stored. It decides what is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// A calendar. The intervals of the text are most precise around the time `around` (seconds
    /// since the epoch), and its busy periods are indexed too.
    Calendar { around: i64 },
    /// An inbox. Its items do not make their owner busy, and one interval from the first to the
    /// last instance is enough.
    Inbox,
}

/// The values to index for a text.
#[derive(Debug, Default)]
pub(super) struct Indexed {
    /// SHA-256 of the text, by which equal bodies find and share it; `None` for a file, and for a
    /// text that is too short to be shared.
    pub digest: Option<[u8; 32]>,
    /// The intervals for the time index.
    pub spans: Vec<Span>,
    /// The busy periods; `None` if they must be computed from the text for each query.
    pub busy: Option<Vec<IndexedPeriod<'static>>>,
}

impl Texts {
    pub(super) fn read(&self, ics: &str, reader: Reader) -> Arc<Indexed> {
        if !(LONG_BYTES..=MAX_CACHED_BYTES).contains(&ics.len()) {
            return Arc::new(indexed(ics, reader));
        }
        let mut cached = self.0.borrow_mut();
        if let Some((.., indexed)) = cached.iter().find(|(text, by, _)| *by == reader && text == ics) {
            return Arc::clone(indexed);
        }
        let indexed = Arc::new(indexed(ics, reader));
        cached.truncate(CACHED_TEXTS - 1);
        cached.push_front((ics.to_owned(), reader, Arc::clone(&indexed)));
        indexed
    }
}

fn indexed(ics: &str, reader: Reader) -> Indexed {
    let digest = (ics.len() >= LONG_BYTES).then(|| Sha256::digest(ics).into());
    let (spans, busy) = match reader {
        Reader::Calendar { around } => span::pieces(ics, around),
        Reader::Inbox => (span::whole(ics), Some(vec![])),
    };
    Indexed { digest, spans, busy }
}
