//! Records in the access journal which versions of objects are given to whose clients.
//!
//! **Invariant:** no request waits for the access journal, and no request fails because of it.

use std::{net::IpAddr, sync::Arc};

use access_journal::{Recorder, Served};
use actix_web::{HttpRequest, http::Method};
use projections::Member;
use schemas::{Client, CollectionId, Metadata, PrincipalId};
use service::clock;
use uuid::Uuid;

use crate::{
    call::Call,
    header::{as_sent, user_agent},
    person::Person,
};

/// The caller and the client program that will receive the response, for the access journal.
#[derive(Debug, Clone)]
pub(crate) struct Audience {
    recorder: Arc<Recorder>,
    person: PrincipalId,
    agent: String,
    address: Option<IpAddr>,
    method: String,
    request: Uuid,
}

impl Audience {
    /// Returns the caller and the client program of a request. `None` if the server records no
    /// reads, for requests below `/asof/`, and for HEAD, whose response has no content (RFC 9110
    /// §9.3.2).
    pub(crate) fn of(call: &Call) -> Option<Self> {
        if call.http.method() == Method::HEAD {
            return None;
        }
        let recorder = call.state.access.as_ref().filter(|recorder| recorder.records_reads())?;
        Some(Self {
            recorder: Arc::clone(recorder),
            person: call.person.id,
            agent: user_agent(call.headers()),
            address: call.address,
            method: call.http.method().as_str().to_owned(),
            request: call.id,
        })
    }

    /// Records that the response gives the current version of an object to the caller's client.
    /// Records nothing if the recorder knows that the client was given this version before.
    pub(crate) fn gets(&self, home: PrincipalId, collection: CollectionId, member: &Member) {
        let Member { object, etag, changed, .. } = member;
        let served = Served { home, collection, object: *object, etag, position: *changed };
        self.recorder.served(self.person, &self.agent, served, || {
            let client = client(&self.method, self.agent.clone(), self.address);
            metadata(Some(self.person), client, self.request)
        });
    }
}

/// Returns the metadata of an access journal record about a request.
pub(crate) fn of_request(
    http: &HttpRequest,
    person: Option<&Person>,
    address: Option<IpAddr>,
    request: Uuid,
) -> Metadata {
    let client = client(http.method().as_str(), user_agent(http.headers()), address);
    let auth = person.map(|person| person.auth.clone());
    let conditions = as_sent(http.headers());
    Metadata { auth, conditions, ..metadata(person.map(|person| person.id), client, request) }
}

fn client(method: &str, agent: String, address: Option<IpAddr>) -> Client {
    let address = address.map(|address| address.to_string()).unwrap_or_default();
    Client { via: method.to_owned(), agent, address }
}

fn metadata(actor: Option<PrincipalId>, client: Client, request: Uuid) -> Metadata {
    Metadata { at: clock::now(), actor, client, request, correlation: request, ..Metadata::default() }
}
