//! The content that an event stored, as GET returned it to the collection's owner.

use schemas::{Event, FileEvent, ObjectEvent};

/// The content of a resource that an event stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored<'a> {
    /// The ETag, without quotes.
    pub etag: &'a str,
    /// The Schedule-Tag, without quotes; `None` if there is none.
    pub schedule_tag: Option<&'a str>,
    /// The body of the resource.
    pub body: Body<'a>,
}

/// The body of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body<'a> {
    /// The text of a calendar object or a scheduling message.
    Text(&'a str),
    /// The bytes of a file.
    Bytes(&'a [u8]),
}

impl Body<'_> {
    /// Returns the bytes of the body.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl<'a> Stored<'a> {
    /// Returns the content that an event stored; `None` if it stored none.
    pub fn by(event: &'a Event) -> Option<Self> {
        let of = |content: &'a schemas::object::Content| Self {
            etag: &content.etag,
            schedule_tag: content.schedule_tag.as_deref(),
            body: Body::Text(&content.ics),
        };
        match event {
            Event::Object(ObjectEvent::Put(put)) => Some(of(&put.content)),
            Event::Object(ObjectEvent::Revised(revised)) => Some(of(&revised.content)),
            Event::Object(ObjectEvent::MessageReceived(received)) => {
                let item = received.item.as_ref()?;
                Some(Self { etag: &item.etag, schedule_tag: None, body: Body::Text(&item.ics) })
            }
            Event::File(FileEvent::Stored(stored)) => {
                Some(Self { etag: &stored.etag, schedule_tag: None, body: Body::Bytes(&stored.data) })
            }
            Event::Object(_)
            | Event::File(_)
            | Event::Share(_)
            | Event::Collection(_)
            | Event::Principal(_)
            | Event::Access(_)
            | Event::Server(_)
            | Event::Erased(_) => None,
        }
    }
}
