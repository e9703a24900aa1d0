//! Writes response content: multistatus bodies, streamed bodies, and validators.

mod children;
mod collection_view;
mod listing;
pub(crate) mod stream;
mod validators;

pub(crate) use children::children;
pub(crate) use collection_view::{CollectionView, depth_of_objects};
pub(crate) use listing::{Listing, MultistatusWriter};
pub(crate) use validators::{SCHEDULE_TAG, Validators};
