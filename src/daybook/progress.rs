//! Progress bars on standard error. They are hidden if it is not a terminal.

use std::time::Duration;

use ::projections::ReadModels;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use journal::Journal;
use tokio::task::JoinHandle;

/// The time before the bar of [`Shown`] appears, and between two updates of it.
const REDRAW: Duration = Duration::from_millis(100);

/// A bar that a separate task draws.
#[derive(Debug)]
pub(crate) struct Shown(JoinHandle<()>);

impl Shown {
    /// Starts a bar that shows the position of the read models until they reach the present head.
    pub(crate) async fn until(journal: &dyn Journal, models: &ReadModels) -> Result<Self> {
        let head = journal.head().await?;
        let models = models.clone();
        Ok(Self(tokio::spawn(async move {
            tokio::time::sleep(REDRAW).await;
            let bar = bar(head.0);
            while models.position() < head {
                bar.set_position(models.position().0);
                tokio::time::sleep(REDRAW).await;
            }
            bar.finish_and_clear();
        })))
    }

    pub(crate) fn end(self) {
        self.0.abort();
    }
}

/// Returns a bar of this length, in the unit of the caller.
pub(crate) fn bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}").expect("the template is valid");
    ProgressBar::new(length).with_style(style).with_message("reading the journal")
}
