//! Checks the access journal: each segment's chain, the links between segments, and the anchors in
//! the main journal.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use journal::{Journal, Verdict, sqlite};
use schemas::{
    AccessEvent, AccessId, Event, Position, Timestamp,
    access_journal::{AccessAnchored, SegmentEnd},
};

use crate::{
    Error, Settings,
    segment::{self, Segment},
};

/// Maximum number of entries that are read at a time.
const PAGE_ENTRIES: usize = 1_000;

/// The result of a verification of the access journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// Number of segments whose chain and file are intact.
    pub segments: usize,
    /// Number of events in these segments.
    pub events: u64,
    /// Number of anchors that refer to one of these intact segments.
    pub anchors: usize,
    /// Faults that the verification found.
    pub findings: Vec<Finding>,
}

/// A fault of the access journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The hash chain of a segment is broken, or its file is damaged; the verdict says where.
    Broken {
        /// Name of the segment with the fault.
        segment: String,
        /// The verdict of [`journal::verify`].
        verdict: String,
    },
    /// The server found a segment damaged, set it aside and began a new one.
    SetAside {
        /// The present path of the damaged file.
        file: PathBuf,
    },
    /// The file of a segment cannot be opened or read.
    Unreadable {
        /// The file of the segment that cannot be read.
        file: PathBuf,
        /// The error message.
        why: String,
    },
    /// The main journal has anchors of an access journal that does not exist here.
    Gone {
        /// Id of the missing access journal.
        id: AccessId,
        /// The last anchor of the missing access journal.
        last: AccessAnchored,
        /// Number of events that the missing access journal should have, according to the anchors
        /// of segments whose retention is not over.
        events: u64,
    },
    /// The first event of a segment does not name the end of the segment before it: events or
    /// segments between the two are missing or differ.
    NotLinked {
        /// Name of the segment that does not follow the one before it.
        segment: String,
    },
    /// An anchor in the main journal does not match the segment: events are missing or differ, or
    /// the whole segment is missing.
    NotAnchored {
        /// The anchor that does not match.
        anchor: AccessAnchored,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken { segment, verdict } => write!(f, "access journal, file {segment}: {verdict}"),
            Self::SetAside { file } => write!(
                f,
                "access journal, file {}: the server found this file damaged and renamed it; its records are missing \
                 from the access journal",
                file.display()
            ),
            Self::Unreadable { file, why } => {
                write!(f, "access journal, file {}: the file cannot be read: {why}", file.display())
            }
            Self::Gone { id, last, events } => write!(
                f,
                "access journal {id}: its files are missing; according to the main journal it had {events} events, \
                 the last in the file {}",
                last.segment
            ),
            Self::NotLinked { segment } => {
                write!(
                    f,
                    "access journal, file {segment}: the file does not continue the one of the earlier week; events \
                     between the two are missing or differ"
                )
            }
            Self::NotAnchored { anchor: SegmentEnd { segment, events, hash } } => write!(
                f,
                "access journal, file {segment}: according to the main journal it had {events} events and \
                 the hash {hash}, which does not fit the file, or the file is missing"
            ),
        }
    }
}

/// Verifies the access journal in `folder` against the anchors of the main journal. Anchors of
/// segments before the oldest one are ignored, because segments are removed after their retention.
/// A segment that cannot be read is a finding; only an unreadable folder is an error.
pub async fn verify(folder: &Path, anchors: &[AccessAnchored]) -> Result<Verified, Error> {
    let aside = segment::all_set_aside(folder)?.into_iter().map(|segment| Finding::SetAside { file: segment.path });
    let mut verified = Verified { findings: aside.collect(), ..Verified::default() };
    let mut before: Option<SegmentEnd> = None;
    let segments = segment::all(folder)?;
    let oldest = segments.first().map(Segment::name);
    for segment in &segments {
        before = match one(segment, before, anchors, &mut verified).await {
            Ok(end) => end,
            Err(error) => {
                let file = segment.path.clone();
                verified.findings.push(Finding::Unreadable { file, why: error.to_string() });
                None
            }
        };
    }
    let is_known = |anchor: &&AccessAnchored| segments.iter().any(|segment| segment.name() == anchor.segment);
    let is_missing = |anchor: &&AccessAnchored| oldest.as_ref().is_none_or(|oldest| anchor.segment > *oldest);
    let missing = anchors.iter().filter(|anchor| !is_known(anchor)).filter(is_missing);
    verified.findings.extend(missing.map(|anchor| Finding::NotAnchored { anchor: anchor.clone() }));
    Ok(verified)
}

/// Verifies one segment. `before` is the end of the segment before it; `None` if that is unknown.
/// Returns its own end; `None` if its chain is broken or its file is damaged.
async fn one(
    segment: &Segment,
    before: Option<SegmentEnd>,
    anchors: &[AccessAnchored],
    verified: &mut Verified,
) -> Result<Option<SegmentEnd>, Error> {
    let open = |cause| Error::Open { file: segment.path.clone(), cause };
    let journal = sqlite::open_read_only(&segment.path).map_err(open)?;
    let verdict = journal::verify(&journal, |_| ()).await?;
    let name = segment.name();
    let Verdict::Ok { head, .. } = verdict else {
        verified.findings.push(Finding::Broken { segment: name, verdict: verdict.to_string() });
        return Ok(None);
    };
    let is_linked = before.is_none() || linked_to(&journal).await? == before;
    if !is_linked {
        verified.findings.push(Finding::NotLinked { segment: name.clone() });
    }
    verified.segments += 1;
    verified.events += head.events;
    let about: Vec<_> = anchors.iter().filter(|anchor| anchor.segment == name).collect();
    verified.anchors += about.len();
    verified.findings.extend(unanchored(&journal, about).await?);
    Ok(Some(SegmentEnd::new(name, head.events, head.hash)))
}

/// Returns the finding for an access journal that does not exist here. It counts the events of all
/// segments whose retention is not over. `None` if no anchor refers to such a segment.
pub fn gone(id: AccessId, anchors: &[AccessAnchored], settings: &Settings, now: Timestamp) -> Option<Finding> {
    let mut ends: BTreeMap<&str, &AccessAnchored> = BTreeMap::new();
    for anchor in anchors.iter().filter(|anchor| !segment::is_expired(&anchor.segment, settings, now)) {
        let end = ends.entry(&anchor.segment).or_insert(anchor);
        *end = if anchor.events > end.events { anchor } else { end };
    }
    let events = ends.values().map(|end| end.events).sum();
    let last = (*ends.values().next_back()?).clone();
    Some(Finding::Gone { id, last, events })
}

/// Returns the end of the previous segment that the first event of a segment names; `None` if it
/// names none or cannot be read.
async fn linked_to(journal: &dyn Journal) -> Result<Option<SegmentEnd>, Error> {
    let first = journal.read_all(Position::START, 1).await?.pop();
    let event = first.and_then(|stored| stored.read().ok()).map(|recorded| recorded.event);
    Ok(match event {
        Some(Event::Access(AccessEvent::SegmentBegun(begun))) => begun.previous,
        _ => None,
    })
}

/// Returns a finding for each anchor that does not match the events of a segment.
async fn unanchored(journal: &dyn Journal, anchors: Vec<&AccessAnchored>) -> Result<Vec<Finding>, Error> {
    let mut open = anchors;
    let (mut after, mut count) = (Position::START, 0);
    while !open.is_empty() {
        let page = journal.entries(after, PAGE_ENTRIES).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for entry in &page {
            count += 1;
            let hash: String = entry.hash.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
            open.retain(|anchor| anchor.events != count || anchor.hash != hash);
        }
    }
    Ok(open.into_iter().map(|anchor| Finding::NotAnchored { anchor: anchor.clone() }).collect())
}
