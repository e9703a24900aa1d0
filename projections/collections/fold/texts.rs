//! What a text says, worked out once for all who get it: an invitation comes to hundreds in a row, in their inboxes and in
//! their calendars.
//!
//! **Invariant:** only remembers; what it answers depends on what it is asked and on nothing else.

use std::{cell::RefCell, collections::VecDeque, sync::Arc};

use ical::free_busy::IndexedPeriod;
use sha2::{Digest, Sha256};

use super::super::span::{self, Span};

/// Texts remembered, the oldest forgotten first: what goes to one inbox and to one calendar, and the same of another message.
const REMEMBERED: usize = 4;
/// Shorter ones are sooner read than compared and copied, and take less room beside their member than a row for all.
const LONG_BYTES: usize = 2_048;
/// Longer ones are read each time: what is remembered takes memory for good.
const MAX_REMEMBERED_BYTES: usize = 256 * 1_024;

#[derive(Debug, Default)]
pub(in crate::collections) struct Texts(RefCell<VecDeque<(String, Reader, Arc<Said>)>>);

/// Who reads, and so what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// A calendar, which shows what is near this moment (seconds, UTC) and is asked for busy times.
    Calendar { around: i64 },
    /// An inbox: messages wait there for a short while and take no time; it is enough to know roughly when they may be.
    Inbox,
}

/// What is known of a text.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// By which it is found where it is kept for many; `None`: it is too short for that.
    pub digest: Option<[u8; 32]>,
    /// What the index is told.
    pub spans: Vec<Span>,
    /// `None`: it is to be read for them.
    pub claims: Option<Vec<IndexedPeriod<'static>>>,
}

impl Texts {
    pub(super) fn read(&self, ics: &str, reader: Reader) -> Arc<Said> {
        if !(LONG_BYTES..=MAX_REMEMBERED_BYTES).contains(&ics.len()) {
            return Arc::new(said(ics, reader));
        }
        let mut known = self.0.borrow_mut();
        if let Some((.., said)) = known.iter().find(|(text, by, _)| *by == reader && text == ics) {
            return Arc::clone(said);
        }
        let said = Arc::new(said(ics, reader));
        known.truncate(REMEMBERED - 1);
        known.push_front((ics.to_owned(), reader, Arc::clone(&said)));
        said
    }
}

fn said(ics: &str, reader: Reader) -> Said {
    let digest = (ics.len() >= LONG_BYTES).then(|| Sha256::digest(ics).into());
    let (spans, claims) = match reader {
        Reader::Calendar { around } => span::pieces(ics, around),
        Reader::Inbox => (span::whole(ics), Some(vec![])),
    };
    Said { digest, spans, claims }
}
