//! A bar while the read models catch up; nothing where it is quick or nobody watches.

use std::time::Duration;

use ::projections::ReadModels;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use journal::Journal;
use tokio::task::JoinHandle;

/// Time between two looks.
const REDRAW: Duration = Duration::from_millis(100);

/// A bar on standard error, drawn by a task of its own.
#[derive(Debug)]
pub(crate) struct Shown(JoinHandle<()>);

impl Shown {
    /// From where the read models are to where the journal ends now.
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

/// A bar over positions or events.
pub(crate) fn bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}").expect("the template is right");
    ProgressBar::new(length).with_style(style).with_message("reading the journal")
}
