//! The access journal in the data folder: records events in it, anchors it, reads it and verifies
//! it. An anchor is an event of the main journal that holds the last hash of the access journal.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use access_journal::{Layer, Recorder, Verified};
use anyhow::Result;
use audit::access_report::AccessRecord;
use journal::Journal;
use schemas::{
    AccessEvent, AccessId, Event, Metadata, Position, Revision, Stream, StreamKind,
    access_journal::{AccessAnchored, SegmentEnd},
};
use service::{Service, clock};

use crate::{config::Config, data, secrets};

/// The time between two anchors.
const ANCHOR_EVERY: Duration = Duration::from_secs(3_600);
/// The number of anchor events that are read at once.
const PAGE_EVENTS: usize = 1_000;

/// Opens the access journal for recording; `None` if the settings turn recording off.
pub(crate) async fn start(folder: &Path, config: &Config, layer: Layer) -> Result<Option<Arc<Recorder>>> {
    if !config.access.record {
        return Ok(None);
    }
    let settings =
        access_journal::Settings { reads: config.access.reads, retention_days: config.access.retention_days };
    let folder = folder.join(access_journal::FOLDER);
    Ok(Some(Arc::new(Recorder::start(&folder, &settings, layer, clock::now, clock::new_id).await?)))
}

/// Starts a task that anchors the access journal in the main journal every [`ANCHOR_EVERY`], until
/// the server stops.
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

/// Writes the waiting access events, stops the recorder, and anchors the access journal a last
/// time.
pub(crate) async fn stop(service: &Service, recorder: &Recorder) {
    let end = recorder.close().await;
    anchor(service, recorder.id(), end).await;
}

async fn anchor(service: &Service, id: AccessId, end: Option<SegmentEnd>) {
    let Some(end) = end else {
        return tracing::warn!(
            "the end of the access journal was not recorded in the main journal, because the access journal cannot \
             be written; earlier log messages about the access journal say why"
        );
    };
    if let Err(error) = service.anchor(id, end).await {
        tracing::warn!(%error, "the end of the access journal could not be recorded in the main journal; the next \
            anchor records it");
    }
}

/// Returns the events of the access journal for which `wanted` returns true, oldest first, without
/// those that cannot be read.
pub(crate) async fn read(folder: &Path, wanted: impl Fn(&Metadata, &AccessEvent) -> bool) -> Result<Vec<AccessRecord>> {
    let mut found = vec![];
    let layer = secrets::layer(secrets::to_read(folder)?);
    let folder = folder.join(access_journal::FOLDER);
    access_journal::read(&folder, &layer, |access| {
        if wanted(&access.metadata, &access.event) {
            found.push(AccessRecord { metadata: access.metadata, event: access.event });
        }
    })
    .await?;
    Ok(found)
}

/// Returns the ids of the access journals that have anchors in the main journal. `streams` are the
/// names of the main journal's streams.
pub(crate) fn named<'n>(streams: impl Iterator<Item = &'n str>) -> BTreeSet<AccessId> {
    let id = |name: &str| name.strip_prefix(StreamKind::Access.prefix())?.parse().ok().map(AccessId);
    streams.filter_map(id).collect()
}

/// Verifies the folder's access journal against its anchors in the main journal. Each other journal
/// in `named`, the access journals that have anchors, is reported as missing, unless the main
/// journal was restored after its last anchor, or all events that its anchors cover are older than
/// the retention. `None` if the folder has no access journal and none is reported; if it has no
/// read models either, none is.
pub(crate) async fn verify(
    folder: &Path,
    config: &Config,
    journal: &dyn Journal,
    named: &BTreeSet<AccessId>,
) -> Result<Option<Verified>> {
    let present = access_journal::id(&folder.join(access_journal::FOLDER));
    let mut verified = match present {
        Some(id) => {
            let (_, anchors) = anchors(journal, id).await?;
            Some(access_journal::verify(&folder.join(access_journal::FOLDER), &anchors).await?)
        }
        // A folder with neither read models nor an access journal is taken for a copy of the main
        // journal.
        None if !data::read_models_folder(folder, config).is_dir() => return Ok(None),
        None => None,
    };
    let restored = journal.restores().await?.last().map(|last| last.position).unwrap_or_default();
    let settings =
        access_journal::Settings { reads: config.access.reads, retention_days: config.access.retention_days };
    for id in named.iter().filter(|id| Some(**id) != present) {
        let (last, anchors) = anchors(journal, *id).await?;
        let gone = access_journal::gone(*id, &anchors, &settings, clock::now());
        if let Some(gone) = gone.filter(|_| last > restored) {
            verified.get_or_insert_default().findings.push(gone);
        }
    }
    Ok(verified)
}

/// Returns the readable anchors of an access journal, and the position of its last anchor, readable
/// or not; [`Position::START`] if it has none.
async fn anchors(journal: &dyn Journal, id: AccessId) -> Result<(Position, Vec<AccessAnchored>)> {
    let (mut last, mut anchors, mut from) = (Position::START, vec![], Revision(0));
    loop {
        let page = journal.read_stream(Stream::Access(id), from, PAGE_EVENTS).await?;
        let Some(end) = page.last() else { break };
        (last, from) = (end.position, Revision(end.revision.0 + 1));
        for recorded in page.into_iter().filter_map(|stored| stored.read().ok()) {
            if let Event::Access(AccessEvent::Anchored(anchor)) = recorded.event {
                anchors.push(anchor);
            }
        }
    }
    Ok((last, anchors))
}
