//! A layer between the access journal and its files.

use std::sync::Arc;

use journal::Journal;

/// Makes the journal that is read and written from the engine of a segment: one that encrypts, for
/// example.
pub type Layer = Arc<dyn Fn(Arc<dyn Journal>) -> Arc<dyn Journal> + Send + Sync>;

/// Nothing stands between them.
pub fn plain() -> Layer {
    Arc::new(|engine| engine)
}
