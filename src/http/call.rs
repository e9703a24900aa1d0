//! One authenticated request on its way through the server.

use std::net::IpAddr;

use actix_web::{
    HttpRequest,
    http::header::{HeaderMap, USER_AGENT},
    web::{Data, Payload},
};
use dav::Detail;
use projections::ReadModels;
use schemas::{Client, PrincipalId};
use service::{Service, Stamp, clock};
use uuid::Uuid;

use crate::{
    access,
    auth::Person,
    body::{self, Limit},
    header::Prefer,
    no::No,
    path::Path,
    property::Context,
    server::State,
};

/// The most of a `User-Agent` that is kept with an event.
const MAX_AGENT_BYTES: usize = 200;

#[derive(Debug)]
pub(crate) struct Call {
    pub http: HttpRequest,
    pub state: Data<State>,
    pub id: Uuid,
    pub person: Person,
    pub path: Path,
}

impl Call {
    pub(crate) fn service(&self) -> &Service {
        &self.state.service
    }

    pub(crate) fn models(&self) -> &ReadModels {
        self.state.service.models()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.http.headers()
    }

    pub(crate) fn prefer(&self) -> Prefer {
        Prefer::of(self.headers())
    }

    /// A header's value; one that is not text counts as absent.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The stamp of a write in the home of `owner`.
    pub(crate) fn stamp(&self, owner: PrincipalId) -> Stamp {
        let actor = self.person.id;
        let client = Client {
            via: self.http.method().as_str().to_owned(),
            agent: agent(self.headers()),
            address: address(&self.http, &self.state).map(|address| address.to_string()).unwrap_or_default(),
        };
        let stamp = clock::stamp(Some(actor), (owner != actor).then_some(owner), client, self.id);
        Stamp { sending: access::sending(self, owner), ..stamp }
    }

    pub(crate) fn detail(&self) -> Detail {
        if self.prefer().is_minimal() { Detail::Minimal } else { Detail::Full }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context { person: &self.person, service: self.service() }
    }

    pub(crate) fn xml_limits(&self) -> dav::xml::Limits {
        dav::xml::Limits { bytes: self.state.settings.limits.max_request_body_bytes, ..dav::xml::Limits::default() }
    }

    /// The body of a request that speaks XML.
    pub(crate) async fn xml(&self, payload: &mut Payload) -> Result<Vec<u8>, No> {
        let bytes = self.state.settings.limits.max_request_body_bytes;
        body::read(&self.http, payload, Limit { name: "max-request-body", bytes }).await
    }
}

/// Where the request came from, by the word of whoever is believed.
pub(crate) fn address(http: &HttpRequest, state: &State) -> Option<IpAddr> {
    http.peer_addr().map(|peer| state.settings.proxies.behind(peer, http.headers()))
}

/// The client's name, cut at its limit.
pub(crate) fn agent(headers: &HeaderMap) -> String {
    let agent = headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes())).unwrap_or_default();
    let whole = agent.char_indices().map(|(at, character)| at + character.len_utf8());
    let end = whole.take_while(|end| *end <= MAX_AGENT_BYTES).last().unwrap_or_default();
    agent[..end].to_owned()
}
