//! The service `Streams` of one node: appends, deletions, and the dispatch of reads.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::Stream;
use tonic::{Code, Request, Response, Status, Streaming, async_trait};
use uuid::Uuid;

use crate::{
    cluster::{Calls, Cluster, exception},
    log::{Expected, Proposed, Unwritten, Written},
    read, subscription,
    wire::{self, streams as proto},
};

type GrpcResult<T> = Result<Response<T>, Status>;
pub(crate) type Events = Pin<Box<dyn Stream<Item = Result<proto::ReadResp, Status>> + Send>>;

#[derive(Debug, Clone)]
pub(crate) struct Streams {
    pub cluster: Arc<Cluster>,
    pub node: usize,
}

/// Converts the expected revision, for which each of three requests has a message type of its own.
macro_rules! expected {
    ($request:ident, $options:expr) => {{
        use proto::$request::options::ExpectedStreamRevision as Theirs;
        match $options.expected_stream_revision {
            Some(Theirs::Revision(revision)) => Expected::Revision(revision),
            Some(Theirs::NoStream(())) => Expected::NoStream,
            Some(Theirs::StreamExists(())) => Expected::StreamExists,
            Some(Theirs::Any(())) | None => Expected::Any,
        }
    }};
}

/// Makes the position of a deletion, for which each of two responses has a message type of its own.
macro_rules! removed {
    ($answer:ident, $position:expr) => {{
        use proto::$answer::{Position, PositionOption};
        PositionOption::Position(Position { commit_position: $position, prepare_position: $position })
    }};
}

#[async_trait]
impl proto::streams_server::Streams for Streams {
    type ReadStream = Events;
    type BatchAppendStream = Pin<Box<dyn Stream<Item = Result<proto::BatchAppendResp, Status>> + Send>>;

    async fn read(&self, request: Request<proto::ReadReq>) -> GrpcResult<Events> {
        self.cluster.admit(self.node, request.metadata()).await?;
        let options = request.into_inner().options.ok_or_else(|| missing("options"))?;
        let events = if matches!(options.count_option, Some(proto::read_req::options::CountOption::Subscription(_))) {
            Calls::count(&self.cluster.calls.subscriptions);
            subscription::events(Arc::clone(&self.cluster), &options)?
        } else {
            Calls::count(&self.cluster.calls.reads);
            read::events(&self.cluster.log, &options)?
        };
        Ok(Response::new(events))
    }

    async fn append(&self, request: Request<Streaming<proto::AppendReq>>) -> GrpcResult<proto::AppendResp> {
        self.cluster.admit(self.node, request.metadata()).await?;
        Calls::count(&self.cluster.calls.appends);
        let (stream, expected, events) = self.receive(request.into_inner()).await?;
        let takes = Duration::from_millis(self.cluster.faults.append_milliseconds.load(Ordering::Relaxed));
        tokio::time::sleep(takes).await;
        let result = match self.cluster.log.append(&stream, expected, events) {
            Ok(written) => proto::append_resp::Result::Success(self.success(written)),
            Err(Unwritten::WrongRevision { current }) => {
                proto::append_resp::Result::WrongExpectedVersion(wrong_revision(current, expected))
            }
            Err(Unwritten::Deleted) => return Err(deleted(&stream)),
        };
        if self.cluster.faults.lose_acknowledgement.strikes() {
            return Err(Status::unavailable("the connection was lost on the way back"));
        }
        Ok(Response::new(proto::AppendResp { result: Some(result) }))
    }

    async fn delete(&self, request: Request<proto::DeleteReq>) -> GrpcResult<proto::DeleteResp> {
        self.cluster.admit(self.node, request.metadata()).await?;
        let options = request.into_inner().options.ok_or_else(|| missing("options"))?;
        let expected = expected!(delete_req, options);
        let position = self.remove(options.stream_identifier, expected, false)?;
        Ok(Response::new(proto::DeleteResp { position_option: Some(removed!(delete_resp, position)) }))
    }

    async fn tombstone(&self, request: Request<proto::TombstoneReq>) -> GrpcResult<proto::TombstoneResp> {
        self.cluster.admit(self.node, request.metadata()).await?;
        let options = request.into_inner().options.ok_or_else(|| missing("options"))?;
        let expected = expected!(tombstone_req, options);
        let position = self.remove(options.stream_identifier, expected, true)?;
        Ok(Response::new(proto::TombstoneResp { position_option: Some(removed!(tombstone_resp, position)) }))
    }

    /// Counts the calls of batch appends, so that a test can check that there were none. The server
    /// does not announce this feature.
    async fn batch_append(&self, _: Request<Streaming<proto::BatchAppendReq>>) -> GrpcResult<Self::BatchAppendStream> {
        Calls::count(&self.cluster.calls.batch_appends);
        Err(Status::unimplemented("this double knows plain appends only"))
    }
}

impl Streams {
    async fn receive(
        &self,
        mut messages: Streaming<proto::AppendReq>,
    ) -> Result<(String, Expected, Vec<Proposed>), Status> {
        use proto::append_req::Content;
        let Some(Content::Options(options)) = messages.message().await?.and_then(|first| first.content) else {
            return Err(missing("options"));
        };
        let expected = expected!(append_req, options);
        let allowed = self.cluster.faults.max_append_bytes.load(Ordering::Relaxed);
        let (mut events, mut bytes) = (vec![], 0);
        while let Some(message) = messages.message().await? {
            let Some(Content::ProposedMessage(message)) = message.content else { return Err(missing("an event")) };
            bytes += message.data.len() + message.custom_metadata.len();
            if bytes > allowed {
                let message = format!("Maximum Append Size of {allowed} Exceeded.");
                return Err(exception(Code::InvalidArgument, message, "maximum-append-size-exceeded"));
            }
            events.push(Proposed {
                id: identity(message.id)?,
                properties: message.metadata,
                metadata: message.custom_metadata,
                data: message.data,
            });
        }
        Ok((name(options.stream_identifier)?, expected, events))
    }

    fn success(&self, written: Written) -> proto::append_resp::Success {
        use proto::append_resp::{
            Position,
            success::{CurrentRevisionOption, PositionOption},
        };
        let position = if self.cluster.faults.no_position.strikes() {
            PositionOption::NoPosition(())
        } else {
            let Written { position, .. } = written;
            PositionOption::Position(Position { commit_position: position, prepare_position: position })
        };
        proto::append_resp::Success {
            current_revision_option: Some(CurrentRevisionOption::CurrentRevision(written.revision)),
            position_option: Some(position),
        }
    }

    fn remove(
        &self,
        stream: Option<wire::StreamIdentifier>,
        expected: Expected,
        tombstone: bool,
    ) -> Result<u64, Status> {
        let stream = name(stream)?;
        self.cluster.log.delete(&stream, expected, tombstone).map_err(|unwritten| match unwritten {
            Unwritten::Deleted => deleted(&stream),
            // A server returns this conflict as a status without trailers.
            Unwritten::WrongRevision { .. } => {
                exception(Code::FailedPrecondition, "Wrong expected version", "wrong-expected-version")
            }
        })
    }
}

fn wrong_revision(current: Option<u64>, expected: Expected) -> proto::append_resp::WrongExpectedVersion {
    use proto::append_resp::wrong_expected_version::{CurrentRevisionOption, ExpectedRevisionOption};
    let current = current.map_or(CurrentRevisionOption::CurrentNoStream(()), CurrentRevisionOption::CurrentRevision);
    let expected = match expected {
        Expected::Any => ExpectedRevisionOption::ExpectedAny(()),
        Expected::NoStream => ExpectedRevisionOption::ExpectedNoStream(()),
        Expected::StreamExists => ExpectedRevisionOption::ExpectedStreamExists(()),
        Expected::Revision(revision) => ExpectedRevisionOption::ExpectedRevision(revision),
    };
    proto::append_resp::WrongExpectedVersion {
        current_revision_option: Some(current),
        expected_revision_option: Some(expected),
        ..Default::default()
    }
}

pub(crate) fn name(stream: Option<wire::StreamIdentifier>) -> Result<String, Status> {
    let name = stream.ok_or_else(|| missing("a stream"))?.stream_name;
    String::from_utf8(name.to_vec()).map_err(|_| Status::invalid_argument("the stream's name is not UTF-8"))
}

fn identity(id: Option<wire::Uuid>) -> Result<Uuid, Status> {
    match id.and_then(|id| id.value) {
        Some(wire::uuid::Value::Structured(halves)) => Ok(Uuid::from_u64_pair(
            halves.most_significant_bits.cast_unsigned(),
            halves.least_significant_bits.cast_unsigned(),
        )),
        Some(wire::uuid::Value::String(text)) => text.parse().map_err(|_| missing("an event's id")),
        None => Err(missing("an event's id")),
    }
}

pub(crate) fn missing(what: &str) -> Status {
    Status::invalid_argument(format!("the call lacks {what}"))
}

pub(crate) fn deleted(stream: &str) -> Status {
    exception(Code::FailedPrecondition, format!("Event stream '{stream}' is deleted."), "stream-deleted")
}
