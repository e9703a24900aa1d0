//! Appends to the segment of the current week.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::Arc,
};

use journal::{
    Append, AppendError, Failure, Journal,
    chain::Head,
    sqlite::{self, OpenError},
};
use schemas::{
    AccessEvent, AccessId, Expected, Metadata, NewEvent, Revision, Stream, Timestamp,
    access_journal::{SegmentBegun, SegmentEnd},
    ids::NAMESPACE,
};
use uuid::Uuid;

use crate::{
    Error, Layer,
    segment::{self, Segment},
};

/// Writer of the open segment.
pub(crate) struct Writer {
    folder: PathBuf,
    id: AccessId,
    segment: Segment,
    journal: Arc<dyn Journal>,
    layer: Layer,
    /// The revision that the next event gets; `None` after a failure of which it is unknown whether
    /// it stored something.
    next: Option<u64>,
}

impl Writer {
    /// Opens the newest segment if it is of the week of `now` or later; otherwise creates one.
    /// Damaged segments are set aside, because calendars must be served even if records of accesses
    /// are lost.
    pub(crate) async fn open(folder: &Path, id: AccessId, layer: Layer, now: Timestamp) -> Result<Self, Error> {
        let opened = loop {
            match Self::try_open(folder, id, Layer::clone(&layer), now).await {
                Err(Error::Open { file, cause }) if cause.is_damage() => set_aside(folder, file, cause)?,
                opened => break opened?,
            }
        };
        mend_witnesses(folder, &opened.segment)?;
        Ok(opened)
    }

    async fn try_open(folder: &Path, id: AccessId, layer: Layer, now: Timestamp) -> Result<Self, Error> {
        let newest = segment::all(folder)?.pop();
        let present = Segment::at(folder, now);
        match newest {
            // If the clock was set back, the newest segment is continued.
            Some(newest) if newest >= present => Self::at(folder, id, layer, newest).await,
            newest => Self::begin((folder, id, layer), present, newest, now).await,
        }
    }

    async fn at(folder: &Path, id: AccessId, layer: Layer, segment: Segment) -> Result<Self, Error> {
        let open = |cause| Error::Open { file: segment.path.clone(), cause };
        let journal = sqlite::open(&segment.path).map_err(open)?;
        let next = Some(head_of(&journal, &segment).await?.events);
        let journal = layer(Arc::new(journal));
        Ok(Self { folder: folder.to_owned(), id, segment, journal, layer, next })
    }

    async fn begin(
        (folder, id, layer): (&Path, AccessId, Layer),
        segment: Segment,
        before: Option<Segment>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let previous = match before {
            Some(before) => Some(end_of(&before).await?),
            None => None,
        };
        let begun = SegmentBegun { segment: segment.name(), previous };
        let mut writer = Self::at(folder, id, layer, segment).await?;
        if writer.next == Some(0) {
            let metadata = Metadata { at: now, ..Metadata::default() };
            writer.append(vec![(metadata, AccessEvent::SegmentBegun(begun))]).await?;
        }
        Ok(writer)
    }

    /// Continues with the segment of the week of `now`, if this week is later than that of the open
    /// segment.
    pub(crate) async fn turn(&mut self, now: Timestamp) -> Result<(), Error> {
        let present = Segment::at(&self.folder, now);
        if present > self.segment {
            *self = Self::open(&self.folder, self.id, Layer::clone(&self.layer), now).await?;
        }
        Ok(())
    }

    /// Appends events, each with its own metadata, in one durable group. Returns the number of
    /// events that could not be written. They do not affect the others, which are then appended in
    /// further groups.
    pub(crate) async fn append(&mut self, events: Vec<(Metadata, AccessEvent)>) -> Result<u64, Failure> {
        let (mut waiting, mut lost, mut is_corrected) = (VecDeque::from(events), 0, false);
        while !waiting.is_empty() {
            match self.append_first(&mut waiting).await? {
                None => {}
                // The stream is elsewhere than expected, for example because an earlier append was
                // stored although it failed, or the journal got another id.
                Some(AppendError::WrongExpectedRevision { actual }) if !is_corrected => {
                    self.next = Some(actual.map_or(0, |Revision(last)| last + 1));
                    is_corrected = true;
                    continue;
                }
                Some(error) => {
                    waiting.pop_front();
                    lost += 1;
                    tracing::error!(
                        %error,
                        "an event could not be written to the access journal; it is lost, and only counted"
                    );
                }
            }
            is_corrected = false;
        }
        Ok(lost)
    }

    /// Appends the events up to the first one that is refused. Those that were stored are removed
    /// from `waiting`. Returns the reason of the refusal; `None` if all were stored.
    async fn append_first(
        &mut self,
        waiting: &mut VecDeque<(Metadata, AccessEvent)>,
    ) -> Result<Option<AppendError>, Failure> {
        let next = match self.next.take() {
            Some(next) => next,
            None => self.journal.chain_head().await?.unwrap_or_default().events,
        };
        let stream = Stream::Access(self.id);
        let appends = (next..).zip(waiting.iter()).map(|(revision, (metadata, event))| {
            let expected = revision.checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last)));
            let events = vec![NewEvent::new(self.event_id(revision), event)];
            Append { stream, expected, metadata: metadata.clone(), events }
        });
        let appends = appends.collect();
        let (mut stored, mut refused) = (0, None);
        for answer in self.journal.append_many(appends).await {
            match answer {
                Ok(_) => stored += 1,
                Err(AppendError::Unavailable(failure)) => return Err(failure),
                // All later events expect the refused one, so they are refused with it.
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        waiting.drain(..stored);
        self.next = Some(next + stored as u64);
        Ok(refused)
    }

    /// Derives the id of an event from the segment and the event's number in it, so that a repeated
    /// append has the same ids.
    fn event_id(&self, revision: u64) -> Uuid {
        Uuid::new_v5(&NAMESPACE, format!("access/{}/{}/{revision}", self.id, self.segment.name()).as_bytes())
    }

    /// Returns the end of the segment: the number of its events and the last hash.
    pub(crate) async fn end(&self) -> Result<SegmentEnd, Failure> {
        let head = self.journal.chain_head().await?.unwrap_or_default();
        Ok(SegmentEnd::new(self.segment.name(), head.events, head.hash))
    }
}

/// Returns the end of a segment that is no longer written: the number of its events and the last
/// hash.
async fn end_of(segment: &Segment) -> Result<SegmentEnd, Error> {
    let open = |cause| Error::Open { file: segment.path.clone(), cause };
    let head = head_of(&sqlite::open_read_only(&segment.path).map_err(open)?, segment).await?;
    Ok(SegmentEnd::new(segment.name(), head.events, head.hash))
}

async fn head_of(journal: &dyn Journal, segment: &Segment) -> Result<Head, Error> {
    match journal.chain_head().await {
        Err(failure @ (Failure::Damaged { .. } | Failure::Unreadable { .. })) => {
            Err(Error::Open { file: segment.path.clone(), cause: failure.into() })
        }
        head => Ok(head?.unwrap_or_default()),
    }
}

/// Writes the damaged witnesses (the files with the recorded end) of the segments before `open`
/// again: nothing is written to these segments any more, and the segment after each of them records
/// its end, too.
fn mend_witnesses(folder: &Path, open: &Segment) -> Result<(), Error> {
    let earlier = segment::all(folder)?.into_iter().filter(|segment| segment < open);
    for Segment { path, .. } in earlier.filter(|segment| sqlite::has_damaged_witness(&segment.path)) {
        // Opening a journal for appending writes its witness.
        if let Err(cause) = sqlite::open(&path) {
            tracing::warn!(%cause, file = %path.display(), "the file that records the end of an earlier week of the \
                access journal is damaged, and could not be made again; check the disk. The next start tries again");
        }
    }
    Ok(())
}

/// Sets a damaged segment aside, and logs that.
fn set_aside(folder: &Path, file: PathBuf, cause: OpenError) -> Result<(), Error> {
    let moved = segment::set_aside(&file).map_err(|cause| Error::Folder { folder: folder.to_owned(), cause })?;
    // No file was moved, so another attempt would fail in the same way.
    let Some(aside) = moved else { return Err(Error::Open { file, cause }) };
    tracing::error!(
        %cause,
        file = %file.display(),
        aside = %aside.display(),
        "a file of the access journal is damaged: the server renamed it, with the files that belong to it, and began \
         a new one. Its records of refusals, logins and reads are missing in reports. Stop the server and \
         restore a copy of the folder `access`, or \
         keep the file for an investigation; `daybook verify` names it"
    );
    Ok(())
}
