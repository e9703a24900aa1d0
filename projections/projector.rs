//! The projector: the only writer of the read models. It hands every event, in order, to each of
//! them.
//!
//! **Invariant:** each read model has a checkpoint of its own. One that cannot follow is released
//! and follows by itself, so that it holds up none of the others.

#[cfg(test)]
mod tests;

use std::{
    fmt,
    path::{Path, PathBuf},
    thread,
};

use futures::future;
use schemas::{Position, Recorded};

use crate::{
    failure::Failure,
    file::{self, Checkpoint},
    projection::Fold,
    registry,
    status::Trouble,
    writer::{Shared, Writer},
};

/// Events of a batch from which on a second thread writes the read models that may lag: a rebuild
/// takes the time of the others, where there are two processors.
const PARALLEL_EVENTS: usize = 256;

/// Writes the read models, except those that were released.
#[derive(Default)]
pub struct Projector {
    writers: Vec<Writer>,
}

/// A read model that follows the journal by itself until it has caught up.
pub struct Follower(Writer);

impl Projector {
    /// Opens the files of one read model. `fold` makes a fold for each of them.
    pub(crate) fn add(
        &mut self,
        folder: &Path,
        fold: &dyn Fn() -> Box<dyn Fold>,
        shared: &Shared,
    ) -> Result<(), Failure> {
        let current = fold();
        let (name, version) = (current.name(), current.version());
        let path = file::path(folder, name, version);
        let older = older(folder, &*current)?;
        if let Some((older, older_path)) = older {
            tracing::info!(model = name, older, version, "the older version is served until the new one is built");
            self.writers.push(Writer::serving(older_path, older, current, shared)?);
            self.writers.push(Writer::building(path, fold(), shared)?);
        } else {
            let writer = Writer::serving(path, version, current, shared)?;
            // The first start leaves the files of other versions where they are: until this version
            // is built, an older program finds them complete.
            if writer.position() > Position::START {
                writer.remove_other_versions()?;
            }
            self.writers.push(writer);
        }
        Ok(())
    }

    /// Removes the files of read models that this program no longer has, unless this is its first
    /// start: until all others are built, an earlier program finds its files complete.
    pub(crate) fn remove_retired(&self, folder: &Path) -> Result<(), Failure> {
        if self.writers.iter().any(|writer| writer.position() == Position::START) {
            return Ok(());
        }
        let files = registry::RETIRED.iter().map(|name| file::versions(folder, name));
        for (_, path) in files.collect::<Result<Vec<_>, _>>()?.concat() {
            file::remove(&path)?;
        }
        Ok(())
    }

    /// Takes out the read models that may lag, to be written by a projector of their own.
    #[must_use]
    pub fn split_lagging(&mut self) -> Self {
        Self { writers: self.writers.extract_if(.., |writer| writer.may_lag()).collect() }
    }

    /// The position of the slowest read model: the next events to be applied are those after it.
    pub fn checkpoint(&self) -> Position {
        self.writers.iter().map(Writer::position).min().unwrap_or_default()
    }

    /// The checkpoint of each read model, by name.
    pub fn checkpoints(&self) -> Vec<(&'static str, Checkpoint)> {
        self.writers.iter().map(|writer| (writer.name(), writer.checkpoint())).collect()
    }

    /// Refuses questions to the read models that have not reached `position`, until they have.
    pub fn serve_from(&mut self, position: Position) {
        self.writers.iter_mut().for_each(|writer| writer.serve_from(position));
    }

    /// Applies events in the journal's order, to each read model those after its checkpoint.
    ///
    /// All of them are tried; the first failure is returned. A damaged read model is rebuilt: it
    /// then is at [`Position::START`], and so is [`Self::checkpoint`].
    pub fn apply(&mut self, batch: &[Recorded]) -> Result<(), Failure> {
        let (lagging, prompt): (Vec<_>, Vec<_>) = self.writers.iter_mut().partition(|writer| writer.may_lag());
        let applied = if batch.len() < PARALLEL_EVENTS {
            [apply_to_each(prompt, batch), apply_to_each(lagging, batch)]
        } else {
            thread::scope(|scope| {
                let lagging = scope.spawn(|| apply_to_each(lagging, batch));
                [apply_to_each(prompt, batch), lagging.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))]
            })
        };
        self.promote()?;
        applied.into_iter().collect()
    }

    /// Like [`Self::apply`]; a read model that fails is released, with the reason.
    pub fn apply_or_release(&mut self, batch: &[Recorded]) -> Vec<(Follower, Option<Failure>)> {
        let Some(target) = batch.last().map(|last| last.position) else { return vec![] };
        let mut released = vec![];
        for mut writer in std::mem::take(&mut self.writers) {
            match apply_or_rebuild(&mut writer, batch, target) {
                Ok(()) if writer.position() >= target => self.writers.push(writer),
                Ok(()) => released.push((Follower(writer), None)),
                Err(failure) => released.push((Follower(writer), Some(failure))),
            }
        }
        if let Err(failure) = self.promote() {
            tracing::error!(%failure, "an older version of a read model cannot be removed");
        }
        released
    }

    /// Releases the read models that have not reached `position`.
    pub fn release_behind(&mut self, position: Position) -> Vec<Follower> {
        self.writers.extract_if(.., |writer| writer.position() < position).map(Follower).collect()
    }

    /// Takes back a read model that has caught up. If it has not quite, [`Self::checkpoint`] shows
    /// from where events are needed.
    pub fn take_back(&mut self, follower: Follower) {
        follower.0.trouble(None);
        self.writers.push(follower.0);
        self.writers.sort_by_key(Writer::order);
    }

    /// Waits until a reader finds a read model damaged.
    pub async fn damaged(&self) {
        if self.writers.is_empty() {
            return future::pending().await;
        }
        future::select_all(self.writers.iter().map(|writer| Box::pin(writer.status().alarmed()))).await;
    }

    /// Rebuilds and releases the read models that readers found damaged. They answer again at
    /// `until`.
    pub fn release_damaged(&mut self, until: Position) -> Vec<(Follower, Option<Failure>)> {
        let damaged = self.writers.extract_if(.., |writer| writer.status().is_damaged() && !writer.is_building());
        let rebuilt = |mut writer: Writer| {
            let failure = writer.rebuild(until).err();
            (Follower(writer), failure)
        };
        damaged.map(rebuilt).collect()
    }

    /// Reports to operators that all read models have stopped, and why.
    pub fn stop(&self, why: &str) {
        self.writers.iter().for_each(|writer| writer.trouble(Some(Trouble::Stopped(why.to_owned()))));
    }

    /// Begins again with one read model. It answers when it has reached `until`.
    pub fn rebuild(&mut self, name: &str, until: Position) -> Result<(), Failure> {
        self.writers.iter_mut().filter(|writer| writer.name() == name).try_for_each(|writer| writer.rebuild(until))
    }

    /// Begins again with all of them.
    pub fn reset(&mut self) -> Result<(), Failure> {
        self.writers.iter_mut().try_for_each(|writer| writer.rebuild(Position::START))
    }

    /// Serves each new version that has reached what its older one shows, and removes the older
    /// one.
    fn promote(&mut self) -> Result<(), Failure> {
        let is_ready = |writer: &Writer| writer.is_building() && writer.position() >= writer.status().position();
        while let Some(index) = self.writers.iter().position(is_ready) {
            let name = self.writers[index].name();
            self.writers[index].serve()?;
            let version = self.writers[index].version();
            tracing::info!(model = name, version, "the new version of this read model is built and served");
            self.writers.retain(|writer| writer.name() != name || writer.version() == version);
            let built = self.writers.iter().find(|writer| writer.name() == name);
            built.map_or(Ok(()), Writer::remove_other_versions)?;
        }
        Ok(())
    }
}

/// The newest older version that the fold serves, and its file.
fn older(folder: &Path, fold: &dyn Fold) -> Result<Option<(u32, PathBuf)>, Failure> {
    let versions = file::versions(folder, fold.name())?;
    Ok(versions.into_iter().rev().find(|(version, _)| fold.serves(*version)))
}

/// Applies a batch to all of these read models, and returns the first failure.
fn apply_to_each(writers: Vec<&mut Writer>, batch: &[Recorded]) -> Result<(), Failure> {
    let target = batch.last().map_or(Position::START, |last| last.position);
    let applied = writers.into_iter().map(|writer| apply_or_rebuild(writer, batch, target));
    applied.fold(Ok(()), Result::and)
}

/// Applies a batch; a read model whose file is damaged begins again, in a new one.
fn apply_or_rebuild(writer: &mut Writer, batch: &[Recorded], until: Position) -> Result<(), Failure> {
    // A reader may find damage at any time, also while no projector is there to be woken.
    if writer.status().is_damaged() && !writer.is_building() {
        return writer.rebuild(until);
    }
    match writer.apply(batch) {
        Err(failure) if failure.is_damage() => {
            tracing::error!(model = writer.name(), %failure, "this read model is damaged; it is rebuilt from the journal");
            writer.rebuild(until)
        }
        applied => applied,
    }
}

impl Follower {
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    pub fn checkpoint(&self) -> Position {
        self.0.position()
    }

    /// Applies events in the journal's order; a damaged read model begins again, at
    /// [`Position::START`].
    pub fn apply(&mut self, batch: &[Recorded], until: Position) -> Result<(), Failure> {
        apply_or_rebuild(&mut self.0, batch, until)
    }

    /// Reports to operators what holds it up; `None` if nothing does.
    pub fn trouble(&self, trouble: Option<Trouble>) {
        self.0.trouble(trouble);
    }
}

impl fmt::Debug for Projector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Projector({})", self.checkpoint())
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Follower({} at {})", self.name(), self.checkpoint())
    }
}
