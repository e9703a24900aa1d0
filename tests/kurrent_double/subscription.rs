//! Live subscriptions: the stored events after a position, then new ones, until the client or a
//! fault ends the subscription.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use tokio::sync::watch;
use tonic::Status;

use crate::{
    cluster::Cluster,
    faults::Ending,
    log::Record,
    read::{answer, content},
    streams::{Events, missing, name},
    wire::streams as proto,
};
use proto::{
    read_req::{
        Options,
        options::{
            FilterOption, StreamOption, all_options::AllOption, filter_options::Filter, stream_options::RevisionOption,
        },
    },
    read_resp::{CaughtUp, Checkpoint, Content, SubscriptionConfirmation},
};

/// Number of records that are read at a time.
const PAGE_RECORDS: usize = 100;

/// The state of one subscription.
struct Subscriber {
    cluster: Arc<Cluster>,
    end: watch::Receiver<u64>,
    endings: watch::Receiver<(u64, Ending)>,
    wanted: Wanted,
    /// The position of the next record to read.
    next: u64,
    is_live: bool,
}

enum Wanted {
    /// Events whose stream name, or type, begins with one of the prefixes. Without prefixes: all
    /// events.
    All { of_stream: bool, prefixes: Vec<String> },
    /// Events of one stream after a revision.
    Stream { name: String, after: Option<u64> },
}

/// Returns the events of a subscription, which does not end by itself.
pub(crate) fn events(cluster: Arc<Cluster>, options: &Options) -> Result<Events, Status> {
    let log = &cluster.log;
    let behind_last = || log.backwards(u64::MAX, 1).first().map_or(0, |record| record.position + 1);
    let (wanted, next) = match options.stream_option.as_ref().ok_or_else(|| missing("what to subscribe to"))? {
        StreamOption::All(all) => {
            let next = match &all.all_option {
                Some(AllOption::Position(position)) => position.commit_position.saturating_add(1),
                Some(AllOption::End(())) => behind_last(),
                Some(AllOption::Start(())) | None => 0,
            };
            (filter(options.filter_option.as_ref()), next)
        }
        StreamOption::Stream(stream) => {
            let name = name(stream.stream_identifier.clone())?;
            let (after, next) = match &stream.revision_option {
                Some(RevisionOption::Revision(revision)) => (Some(*revision), 0),
                Some(RevisionOption::End(())) => (None, behind_last()),
                Some(RevisionOption::Start(())) | None => (None, 0),
            };
            (Wanted::Stream { name, after }, next)
        }
    };
    let (end, endings) = (cluster.log.end(), cluster.faults.endings());
    let subscriber = Subscriber { cluster, end, endings, wanted, next, is_live: false };
    let is_mute = subscriber.cluster.faults.mute.strikes();
    let confirmation = SubscriptionConfirmation { subscription_id: format!("after {next}") };
    let pages = stream::unfold(subscriber, |mut subscriber| async move {
        let page = subscriber.page().await?;
        Some((stream::iter(page), subscriber))
    });
    let confirmed = stream::iter([answer(Content::Confirmation(confirmation))]);
    Ok(if is_mute { confirmed.chain(stream::pending()).boxed() } else { confirmed.chain(pages.flatten()).boxed() })
}

fn filter(option: Option<&FilterOption>) -> Wanted {
    let filter = match option {
        Some(FilterOption::Filter(filter)) => filter.filter.clone(),
        Some(FilterOption::NoFilter(())) | None => None,
    };
    match filter {
        Some(Filter::StreamIdentifier(by)) => Wanted::All { of_stream: true, prefixes: by.prefix },
        Some(Filter::EventType(by)) => Wanted::All { of_stream: false, prefixes: by.prefix },
        None => Wanted::All { of_stream: true, prefixes: vec![] },
    }
}

impl Subscriber {
    /// Returns the next messages; `None` after a fault has ended the subscription normally.
    async fn page(&mut self) -> Option<Vec<Result<proto::ReadResp, Status>>> {
        loop {
            if self.endings.has_changed().unwrap_or(true) {
                return match self.endings.borrow_and_update().1.clone() {
                    Ending::Closed => None,
                    Ending::Failed(status) => Some(vec![Err(status)]),
                };
            }
            self.end.borrow_and_update();
            let records = self.cluster.log.forwards(self.next, PAGE_RECORDS);
            if let Some(last) = records.last() {
                self.next = last.position + 1;
                return Some(self.responses(records));
            }
            if !self.is_live {
                self.is_live = true;
                return Some(vec![answer(Content::CaughtUp(CaughtUp {}))]);
            }
            tokio::select! {
                changed = self.end.changed() => changed.ok()?,
                changed = self.endings.changed() => {
                    changed.ok()?;
                    self.endings.mark_changed();
                }
            }
        }
    }

    fn responses(&self, records: Vec<Record>) -> Vec<Result<proto::ReadResp, Status>> {
        let seen = records.last().map_or(0, |record| record.position);
        let wanted = records.into_iter().filter(|record| self.wants(record));
        let mut messages: Vec<_> = wanted.map(|record| answer(content(record))).collect();
        if messages.is_empty() {
            let checkpoint = Checkpoint { commit_position: seen, prepare_position: seen };
            messages.push(answer(Content::Checkpoint(checkpoint)));
        }
        messages
    }

    fn wants(&self, record: &Record) -> bool {
        match &self.wanted {
            Wanted::Stream { name, after } => {
                record.stream == *name && after.is_none_or(|after| record.revision > after)
            }
            Wanted::All { of_stream, prefixes } => {
                let kind = record.properties.get("type").map_or("", String::as_str);
                let name = if *of_stream { record.stream.as_str() } else { kind };
                prefixes.is_empty() || prefixes.iter().any(|prefix| name.starts_with(prefix))
            }
        }
    }
}
