//! The list of read models. To add one, see `docs/adding.md`.

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;

use crate::{Directory, Hosts, collections::Collections, principals::Principals, projection::Fold, recent::Recent};

/// The data of the read models that are kept in memory for queries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caches {
    pub recent: Recent,
    pub directory: Arc<ArcSwap<Directory>>,
    pub hosts: Arc<OnceLock<Hosts>>,
}

/// The names of read models that only earlier programs had. Their files are removed at a start at
/// which all current read models have left the start of the journal.
pub(crate) const RETIRED: [&str; 1] = ["timeline"];

/// Returns all read models in the order in which they are written. Those that requests read come
/// first.
pub(crate) fn all(caches: &Caches) -> Vec<Box<dyn Fold>> {
    vec![
        // The shares are written before the collections, whose position requests wait for. A new
        // share is then found immediately.
        Box::new(crate::shares::Shares),
        Box::new(Collections::new(caches.recent.clone())),
        Box::new(Principals::new(Arc::clone(&caches.directory), Arc::clone(&caches.hosts))),
        Box::new(crate::room_utilisation::RoomUtilisation),
        Box::new(crate::search::Search),
        Box::new(crate::versions::Versions),
    ]
}
