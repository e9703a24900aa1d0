//! The only writer: every event goes through every projection, in order.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use schemas::{Position, Recorded};

use crate::{
    carrier::Carrier,
    failure::Failure,
    principals::{self, Directory},
    progress::Progress,
    projection::Projection,
    readers::Readers,
    recent::Recent,
    scope::Scope,
    writer::Writer,
};

/// Feeds the read models. Owned by the pump.
pub struct Feed {
    writers: Vec<Writer>,
    carrier: Carrier,
    progress: Progress,
    recent: Recent,
    directory: Arc<ArcSwap<Directory>>,
    folder: PathBuf,
}

impl Feed {
    pub(crate) fn open(
        folder: &Path,
        projections: impl IntoIterator<Item = (Box<dyn Projection>, Readers)>,
        progress: Progress,
        recent: Recent,
        directory: Arc<ArcSwap<Directory>>,
    ) -> Result<Self, Failure> {
        let writers = projections.into_iter().map(|(projection, readers)| Writer::open(folder, projection, readers));
        let writers = writers.collect::<Result<Vec<_>, _>>()?;
        let carrier = carrier(&writers)?;
        let feed = Self { writers, carrier, progress, recent, directory, folder: folder.to_owned() };
        feed.progress.reached(feed.checkpoint());
        feed.refresh_directory()?;
        Ok(feed)
    }

    /// Where to go on: what the slowest projection has applied.
    pub fn checkpoint(&self) -> Position {
        self.writers.iter().map(Writer::checkpoint).min().unwrap_or_default()
    }

    /// What the fastest projection has applied: a journal that ends before is not the one they were built from.
    pub fn newest(&self) -> Position {
        self.writers.iter().map(Writer::checkpoint).max().unwrap_or_default()
    }

    /// Applies events in the journal's order. What a projection has applied before, it skips.
    pub fn apply(&mut self, batch: &[Recorded]) -> Result<(), Failure> {
        self.recent.note(batch);
        for writer in &mut self.writers {
            writer.apply(&self.folder, &self.carrier, batch)?;
        }
        if batch.iter().any(|recorded| Scope::of(&recorded.event) == Scope::Principals) {
            self.refresh_directory()?;
        }
        self.progress.reached(self.checkpoint());
        Ok(())
    }

    /// Forgets everything: the journal is not the one these read models were built from.
    pub fn reset(&mut self) -> Result<(), Failure> {
        // The files must not be open elsewhere while others take their places.
        self.carrier = carrier(&self.writers)?;
        for writer in &mut self.writers {
            writer.reset(&self.folder)?;
        }
        // In this order: whoever asks the new files has not seen the old position.
        self.progress.reached(Position::START);
        self.recent.forget();
        self.refresh_directory()
    }

    fn refresh_directory(&self) -> Result<(), Failure> {
        let principals = self.writers.iter().find(|writer| writer.name() == principals::NAME);
        let principals = principals.expect("the principals are one of the projections");
        self.directory.store(Arc::new(Directory::load(principals.connection())?));
        Ok(())
    }
}

fn carrier(writers: &[Writer]) -> std::io::Result<Carrier> {
    Carrier::start(writers.iter().map(|writer| writer.readers().clone()).collect())
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Feed({})", self.checkpoint())
    }
}
