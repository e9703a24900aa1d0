//! Reads stored events, forwards and backwards.

use futures::{StreamExt as _, stream};
use tonic::Status;

use crate::{
    log::{Log, Record},
    streams::{Events, deleted, missing, name},
    wire::{self, streams as proto},
};
use proto::{
    read_req::{
        Options,
        options::{CountOption, ReadDirection, StreamOption, all_options::AllOption, stream_options::RevisionOption},
    },
    read_resp::{Content, ReadEvent, read_event},
};

/// Returns the responses to a finite read.
pub(crate) fn events(log: &Log, options: &Options) -> Result<Events, Status> {
    let Some(CountOption::Count(count)) = options.count_option else { return Err(missing("a count")) };
    if count == 0 {
        return Err(Status::invalid_argument("a count of 0"));
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let backwards = options.read_direction == ReadDirection::Backwards as i32;
    let contents = match options.stream_option.as_ref().ok_or_else(|| missing("what to read"))? {
        StreamOption::Stream(stream) => {
            let stream_name = name(stream.stream_identifier.clone())?;
            match log.stream(&stream_name).map_err(|_| deleted(&stream_name))? {
                None => vec![Content::StreamNotFound(proto::read_resp::StreamNotFound {
                    stream_identifier: stream.stream_identifier.clone(),
                })],
                Some(records) => of_stream(records, stream.revision_option.as_ref(), backwards, count),
            }
        }
        StreamOption::All(all) => {
            let records = match (&all.all_option, backwards) {
                (Some(AllOption::Position(position)), false) => log.forwards(position.commit_position, count),
                (Some(AllOption::Position(position)), true) => log.backwards(position.commit_position, count),
                (Some(AllOption::End(())), true) => log.backwards(u64::MAX, count),
                (Some(AllOption::End(())), false) | (Some(AllOption::Start(())), true) => vec![],
                (Some(AllOption::Start(())) | None, _) => log.forwards(0, count),
            };
            records.into_iter().map(content).collect()
        }
    };
    Ok(stream::iter(contents).map(answer).boxed())
}

fn of_stream(records: Vec<Record>, from: Option<&RevisionOption>, backwards: bool, count: usize) -> Vec<Content> {
    let last = records.len().saturating_sub(1) as u64;
    let from = match from {
        Some(RevisionOption::Revision(revision)) => *revision,
        Some(RevisionOption::End(())) => last,
        Some(RevisionOption::Start(())) | None => 0,
    };
    let mut contents: Vec<_> = if backwards {
        let is_in_range = |record: &Record| record.revision <= from && from - record.revision < count as u64;
        records.into_iter().rev().filter(is_in_range).map(content).collect()
    } else {
        records.into_iter().filter(|record| record.revision >= from).take(count).map(content).collect()
    };
    contents.push(Content::LastStreamPosition(last));
    contents
}

#[expect(clippy::unnecessary_wraps, reason = "what a stream of answers is made of")]
pub(crate) fn answer(content: Content) -> Result<proto::ReadResp, Status> {
    Ok(proto::ReadResp { content: Some(content) })
}

/// Returns a record in the form that clients receive.
pub(crate) fn content(record: Record) -> Content {
    let Record { position, stream, revision, id, properties, metadata, data } = record;
    let recorded = read_event::RecordedEvent {
        id: Some(wire::Uuid { value: Some(wire::uuid::Value::String(id.to_string())) }),
        stream_identifier: Some(wire::StreamIdentifier { stream_name: stream.into_bytes().into() }),
        stream_revision: revision,
        prepare_position: position,
        commit_position: position,
        metadata: properties,
        custom_metadata: metadata,
        data,
    };
    let position = Some(read_event::Position::CommitPosition(position));
    Content::Event(ReadEvent { event: Some(recorded), link: None, position })
}
