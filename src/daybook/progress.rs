//! A progress bar for the time in which the read models apply new events. It is hidden if that is
//! quick, or standard error is not a terminal.

use std::time::Duration;

use ::projections::ReadModels;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use journal::Journal;
use tokio::task::JoinHandle;

/// The time before the bar appears, and between two updates of it.
const REDRAW: Duration = Duration::from_millis(100);

/// A bar on standard error, which a separate task draws.
#[derive(Debug)]
pub(crate) struct Shown(JoinHandle<()>);

impl Shown {
    /// Starts a bar from the position of the read models to the end of the journal.
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

/// Returns a bar for `length` positions or events.
pub(crate) fn bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}").expect("the template is valid");
    ProgressBar::new(length).with_style(style).with_message("reading the journal")
}
