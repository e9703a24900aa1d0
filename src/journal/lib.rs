//! The journal: appends and reads events. One port, the [`Journal`] trait, hides the engine.
//!
//! ```
//! use journal::{Append, Journal as _, memory::Memory};
//! use schemas::{Event, Expected, Metadata, NewEvent, PrincipalEvent, PrincipalId, Revision, Stream, event::Nothing};
//! use uuid::Uuid;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let journal = Memory::new();
//! let stream = Stream::Principal(PrincipalId(Uuid::from_u128(1)));
//! let event = Event::from(PrincipalEvent::Disabled(Nothing {}));
//! let events = vec![NewEvent::new(Uuid::from_u128(2), &event)];
//! let append = Append { stream, expected: Expected::NoStream, metadata: Metadata::default(), events };
//! let appended = journal.append(append.clone()).await?;
//! assert_eq!(appended.revision, Revision(0));
//!
//! // A repeated append with the same ids stores nothing and is answered as the first.
//! assert_eq!(journal.append(append).await?, appended);
//! let stored = journal.read_stream(stream, Revision(0), 10).await?;
//! assert_eq!(stored[0].clone().read()?.event, event);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Invariant:** no caller depends on the engine that stores the events. An acknowledged event is
//! durable (in [`memory`], until the process ends), is never rewritten, and is part of a hash
//! chain. The port deliberately has no deletion, no expected revision "any", and no knowledge of
//! what events mean.

#![warn(missing_docs)]

mod address;
mod around;
pub mod chain;
mod clock;
pub mod engine;
pub mod limits;
pub mod memory;
mod moment;
mod placement;
mod port;
pub mod sqlite;
mod subscription;
mod tail;
mod verify;

pub use address::redacted;
pub use around::Around;
pub use clock::Clock;
pub use moment::position_at;
pub use port::{Append, AppendError, Appended, Failure, Figure, Journal, Restored};
pub use subscription::{Open, Subscription};
pub use verify::{Alteration, Verdict, verify, verify_each};
