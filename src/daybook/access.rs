//! The access journal of the data folder: recording while the server runs, anchoring, reading, verifying.

use std::{path::Path, sync::Arc, time::Duration};

use access_journal::{Layer, Recorder, Verified};
use anyhow::Result;
use audit::asked::Asked;
use journal::Journal;
use schemas::{AccessEvent, AccessId, Event, Metadata, Revision, Stream, access_journal::SegmentEnd};
use service::{Service, clock};

use crate::{config::Config, secrets};

/// Time between two anchors in the main journal.
const ANCHOR_EVERY: Duration = Duration::from_secs(3_600);
/// Events of the anchors that are read at a time.
const PAGE_EVENTS: usize = 1_000;

/// Starts the access journal; `None` if the settings turn it off.
pub(crate) async fn start(folder: &Path, config: &Config, layer: Layer) -> Result<Option<Arc<Recorder>>> {
    if !config.access.record {
        return Ok(None);
    }
    let settings =
        access_journal::Settings { reads: config.access.reads, retention_days: config.access.retention_days };
    let folder = folder.join(access_journal::FOLDER);
    Ok(Some(Arc::new(Recorder::start(&folder, &settings, layer, clock::now, clock::new_id).await?)))
}

/// Anchors the access journal in the main journal from time to time.
pub(crate) fn anchor_regularly(service: &Arc<Service>, recorder: &Arc<Recorder>) {
    let (service, recorder) = (Arc::downgrade(service), Arc::downgrade(recorder));
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(ANCHOR_EVERY).await;
            let (Some(service), Some(recorder)) = (service.upgrade(), recorder.upgrade()) else { break };
            let end = recorder.flush().await;
            anchor(&service, recorder.id(), end).await;
        }
    });
}

/// Writes what waits, anchors it, and ends the recording.
pub(crate) async fn stop(service: &Service, recorder: &Recorder) {
    let end = recorder.close().await;
    anchor(service, recorder.id(), end).await;
}

async fn anchor(service: &Service, id: AccessId, end: Option<SegmentEnd>) {
    let Some(end) = end else { return tracing::warn!("the access journal was not anchored: it cannot be written") };
    if let Err(error) = service.anchor(id, end).await {
        tracing::warn!(%error, "the access journal was not anchored");
    }
}

/// Returns the events that `wanted` selects, oldest first.
pub(crate) async fn read(folder: &Path, wanted: impl Fn(&Metadata, &AccessEvent) -> bool) -> Result<Vec<Asked>> {
    let mut found = vec![];
    let layer = secrets::layer(secrets::to_read(folder)?);
    let folder = folder.join(access_journal::FOLDER);
    access_journal::read(&folder, &layer, |access| {
        if wanted(&access.metadata, &access.event) {
            found.push(Asked { metadata: access.metadata, event: access.event });
        }
    })
    .await?;
    Ok(found)
}

/// Verifies the access journal against its anchors in the main journal; `None` if there is no access journal.
pub(crate) async fn verify(folder: &Path, journal: &dyn Journal) -> Result<Option<Verified>> {
    let folder = folder.join(access_journal::FOLDER);
    let Some(id) = access_journal::id(&folder) else { return Ok(None) };
    let mut anchors = vec![];
    let mut from = Revision(0);
    loop {
        let page = journal.read_stream(Stream::Access(id), from, PAGE_EVENTS).await?;
        let Some(last) = page.last() else { break };
        from = Revision(last.revision.0 + 1);
        for recorded in page.into_iter().filter_map(|stored| stored.read().ok()) {
            if let Event::Access(AccessEvent::Anchored(anchor)) = recorded.event {
                anchors.push(anchor);
            }
        }
    }
    Ok(Some(access_journal::verify(&folder, &anchors).await?))
}
