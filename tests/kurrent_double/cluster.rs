//! The nodes of a cluster, and the requests that each of them accepts.

use std::{
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tonic::{
    Code, Status,
    metadata::{MetadataMap, MetadataValue},
};

use crate::{faults::Faults, log::Log};

/// A node of the cluster, alive or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub address: SocketAddr,
    pub is_alive: bool,
}

/// Numbers of the calls that clients have made.
#[derive(Debug, Default)]
pub struct Calls {
    pub appends: AtomicU64,
    pub batch_appends: AtomicU64,
    pub reads: AtomicU64,
    pub subscriptions: AtomicU64,
    pub gossip: AtomicU64,
}

/// State that all nodes share.
#[derive(Debug, Default)]
pub(crate) struct Cluster {
    pub log: Log,
    pub faults: Faults,
    pub calls: Calls,
    /// The required credentials, `name:password`; `None` if none are required.
    login: Option<String>,
    members: Mutex<Members>,
}

#[derive(Debug, Default)]
pub(crate) struct Members {
    pub all: Vec<Member>,
    pub leader: usize,
}

impl Cluster {
    pub(crate) fn new(login: Option<String>) -> Self {
        Self { login, ..Self::default() }
    }

    pub(crate) fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks that a node may answer this call: its login, and whether it needs the leader. Applies
    /// the faults `silent` and `unavailable`.
    pub(crate) async fn admit(&self, node: usize, metadata: &MetadataMap) -> Result<(), Status> {
        if self.faults.silent.strikes() {
            std::future::pending::<()>().await;
        }
        if self.faults.unavailable.strikes() {
            return Err(Status::unavailable("the server is not ready"));
        }
        self.authenticate(metadata)?;
        let requires_leader = metadata.get("requires-leader").is_some_and(|value| value == "true");
        let members = self.members();
        if requires_leader && members.leader != node {
            return Err(not_leader(members.all[members.leader].address));
        }
        Ok(())
    }

    fn authenticate(&self, metadata: &MetadataMap) -> Result<(), Status> {
        let Some(login) = &self.login else { return Ok(()) };
        let expected = format!("Basic {}", STANDARD.encode(login));
        match metadata.get("authorization") {
            Some(given) if given == expected.as_str() => Ok(()),
            _ => Err(exception(Code::Unauthenticated, "Access Denied", "access-denied")),
        }
    }
}

impl Calls {
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Returns an error status, with the name of the exception in its trailers.
pub(crate) fn exception(code: Code, message: impl Into<String>, name: &'static str) -> Status {
    let mut metadata = MetadataMap::new();
    metadata.insert("exception", MetadataValue::from_static(name));
    Status::with_metadata(code, message, metadata)
}

fn not_leader(leader: SocketAddr) -> Status {
    let mut status = exception(Code::NotFound, "Leader info available", "not-leader");
    let host = leader.ip().to_string().parse().expect("an address is text");
    status.metadata_mut().insert("leader-endpoint-host", host);
    status.metadata_mut().insert("leader-endpoint-port", MetadataValue::from(leader.port()));
    status
}
