//! The projector, the only writer of the read models. It hands every event, in order, to each of
//! them.
//!
//! **Invariant:** each read model has its own checkpoint. A read model that fails or falls behind
//! can be released: it then follows the journal separately and does not delay the others.

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

/// Minimum number of events in a batch for which a second thread writes the read models that may
/// lag, so that a rebuild uses two processors.
const PARALLEL_EVENTS: usize = 256;

/// Writes the read models, except those that were released.
#[derive(Default)]
pub struct Projector {
    writers: Vec<Writer>,
}

/// A read model that was released from the projector, and follows the journal separately until it
/// has caught up.
pub struct Follower(Writer);

impl Projector {
    /// Opens the files of one read model, and adds a writer for each. `fold` creates the fold for
    /// each file.
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
            tracing::info!(
                model = name,
                older,
                version,
                "the older version of this read model is served until the new one is built"
            );
            self.writers.push(Writer::serving(older_path, older, current, shared)?);
            self.writers.push(Writer::building(path, fold(), shared)?);
            // An earlier program can have built the new version before it ended.
            self.promote_or_log();
        } else {
            let writer = Writer::serving(path, version, current, shared)?;
            // At the first start with a new version, the files of other versions are kept: until
            // the new version is built, an older program can still use them.
            if writer.position() > Position::START {
                writer.remove_other_versions()?;
            }
            self.writers.push(writer);
        }
        Ok(())
    }

    /// Removes the files of read models that no longer exist in this program. While a read model is
    /// at the start of the journal, such as at the first start of a new version, the files are
    /// kept, because an earlier program can still use them.
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

    /// Removes the read models that may lag from this projector, and returns a projector for them.
    #[must_use]
    pub fn split_lagging(&mut self) -> Self {
        Self { writers: self.writers.extract_if(.., |writer| writer.may_lag()).collect() }
    }

    /// Returns the position of the slowest read model. The next events to apply are those after
    /// that position.
    pub fn checkpoint(&self) -> Position {
        self.writers.iter().map(Writer::position).min().unwrap_or_default()
    }

    /// Returns the checkpoint of each read model, with its name. A read model whose new version is
    /// being built occurs twice.
    pub fn checkpoints(&self) -> Vec<(&'static str, Checkpoint)> {
        self.writers.iter().map(|writer| (writer.name(), writer.checkpoint())).collect()
    }

    /// Makes the read models whose served files have not reached `position` refuse queries until
    /// they have.
    pub fn serve_from(&mut self, position: Position) {
        self.writers.iter_mut().for_each(|writer| writer.serve_from(position));
    }

    /// Applies events in the journal's order. Each read model only applies those after its
    /// checkpoint.
    ///
    /// If a read model fails, the others are still written, and a failure is returned. A damaged
    /// read model is restarted with an empty file: its position, and [`Self::checkpoint`], is then
    /// [`Position::START`].
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
        // A failed read model counts more than a new version that is not served yet.
        let promoted = self.promote();
        applied.into_iter().collect::<Result<(), _>>().and(promoted)
    }

    /// Applies events like [`Self::apply`]. A read model that fails is released and returned with
    /// its failure; one that was restarted with an empty file is returned without a failure.
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
        self.promote_or_log();
        released
    }

    /// Releases and returns the read models that have not reached `position`.
    pub fn release_behind(&mut self, position: Position) -> Vec<Follower> {
        self.writers.extract_if(.., |writer| writer.position() < position).map(Follower).collect()
    }

    /// Takes back a read model, and clears its reported problem. If it is still slightly behind,
    /// [`Self::checkpoint`] shows from where it needs events. A superseded one is dropped.
    pub fn take_back(&mut self, follower: Follower) {
        if follower.is_superseded() {
            return;
        }
        follower.0.trouble(None);
        self.writers.push(follower.0);
        self.writers.sort_by_key(Writer::order);
    }

    /// Waits until a reader finds that a read model is damaged.
    pub async fn damaged(&self) {
        if self.writers.is_empty() {
            return future::pending().await;
        }
        future::select_all(self.writers.iter().map(|writer| Box::pin(writer.status().alarmed()))).await;
    }

    /// Restarts with empty files the read models that readers found damaged, and releases them. If
    /// a restart failed, its failure is returned too. They refuse queries until they reach `until`.
    pub fn release_damaged(&mut self, until: Position) -> Vec<(Follower, Option<Failure>)> {
        let damaged = self.writers.extract_if(.., |writer| writer.status().is_damaged() && !writer.is_building());
        let rebuilt = |mut writer: Writer| {
            let failure = writer.rebuild(until).err();
            (Follower(writer), failure)
        };
        damaged.map(rebuilt).collect()
    }

    /// Reports to operators that all read models of this projector have stopped, with the reason.
    pub fn stop(&self, why: &str) {
        self.writers.iter().for_each(|writer| writer.trouble(Some(Trouble::Stopped(why.to_owned()))));
    }

    /// Restarts one read model with an empty file. It refuses queries until it reaches `until`.
    pub fn rebuild(&mut self, name: &str, until: Position) -> Result<(), Failure> {
        self.writers.iter_mut().filter(|writer| writer.name() == name).try_for_each(|writer| writer.rebuild(until))
    }

    /// Restarts all read models with empty files.
    pub fn reset(&mut self) -> Result<(), Failure> {
        self.writers.iter_mut().try_for_each(|writer| writer.rebuild(Position::START))
    }

    /// Like [`Self::promote`], but logs a failure, because the other read models go on.
    fn promote_or_log(&mut self) {
        if let Err(failure) = self.promote() {
            tracing::error!(%failure, "a read model could not be switched completely from its older version to the \
                new one: mend what `failure` says, then restart the server");
        }
    }

    /// Starts to serve each new version that has caught up with the older version of its read
    /// model, and removes the older version.
    fn promote(&mut self) -> Result<(), Failure> {
        let is_ready = |writer: &Writer| {
            writer.is_building() && writer.position() > Position::START && writer.position() >= writer.status().due()
        };
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

/// Returns the newest older version whose tables the fold can serve, and its file; `None` if there
/// is none.
fn older(folder: &Path, fold: &dyn Fold) -> Result<Option<(u32, PathBuf)>, Failure> {
    let versions = file::versions(folder, fold.name())?;
    Ok(versions.into_iter().rev().find(|(version, _)| fold.serves(*version)))
}

/// Applies a batch to all given read models, and returns the first failure.
fn apply_to_each(writers: Vec<&mut Writer>, batch: &[Recorded]) -> Result<(), Failure> {
    let target = batch.last().map_or(Position::START, |last| last.position);
    let applied = writers.into_iter().map(|writer| apply_or_rebuild(writer, batch, target));
    applied.fold(Ok(()), Result::and)
}

/// Applies a batch. A read model whose file is damaged is restarted with an empty file, and refuses
/// queries until it reaches `until`.
fn apply_or_rebuild(writer: &mut Writer, batch: &[Recorded], until: Position) -> Result<(), Failure> {
    // A reader can find damage at any time, also while no projector task is waiting for it.
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

    /// Returns true if a newer version of the read model is served. This one then applies nothing
    /// any more, and is to be dropped.
    pub fn is_superseded(&self) -> bool {
        self.0.is_superseded()
    }

    /// Applies events in the journal's order. A damaged read model restarts at [`Position::START`]
    /// and refuses queries until it reaches `until`.
    pub fn apply(&mut self, batch: &[Recorded], until: Position) -> Result<(), Failure> {
        apply_or_rebuild(&mut self.0, batch, until)
    }

    /// Reports to operators the problem that keeps the read model from continuing; `None` if there
    /// is none.
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
