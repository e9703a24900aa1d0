//! A layer between the access journal and its files.

use std::sync::Arc;

use journal::Journal;

/// Function that wraps the engine of a segment. The result is the journal that is read and written,
/// for example one that encrypts.
pub type Layer = Arc<dyn Fn(Arc<dyn Journal>) -> Arc<dyn Journal> + Send + Sync>;

/// Returns a layer that uses the engine unchanged.
pub fn plain() -> Layer {
    Arc::new(|engine| engine)
}
