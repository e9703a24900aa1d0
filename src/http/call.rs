//! One authenticated request.

use std::{net::IpAddr, sync::Arc};

use actix_web::{HttpMessage as _, HttpRequest, http::header::HeaderMap, web::Payload};
use dav::Detail;
use projections::ReadModels;
use schemas::{Client, PrincipalId, Right};
use service::{Error, Service, Stamp, clock};
use uuid::Uuid;

use crate::{
    body::{self, Limit, SentBody},
    header::{Destination, Prefer, as_sent, destination, user_agent},
    person::Person,
    reader::Reader,
    refusal::Refusal,
    resource::{Access, Lookup, Path, Resource, ResourceView},
    state::State,
};

/// Largest body, in bytes, that is read without permits from `State::bodies`. A chunked body counts
/// as if it had the maximum size. Small bodies need little memory, even on many connections.
const SMALL_BODY: usize = 8 * 1024;
/// Largest command that runs on the thread of its connection, in bytes of the texts that it stores
/// and replaces.
const MAX_SHORT_COMMAND: usize = 8 << 10;

#[derive(Debug)]
pub(crate) struct Call {
    pub http: HttpRequest,
    pub state: Arc<State>,
    /// Id of the request, in the log and in the events that the request causes.
    pub id: Uuid,
    pub person: Person,
    pub path: Path,
    /// The position or time in a path below `/asof/`, decoded; `None` for a request about the
    /// present.
    pub when: Option<String>,
    /// The client's address; `None` if the transport has none.
    pub address: Option<IpAddr>,
}

impl Call {
    pub(crate) fn service(&self) -> &Service {
        &self.state.service
    }

    pub(crate) fn models(&self) -> &ReadModels {
        self.state.service.models()
    }

    pub(crate) fn lookup(&self) -> Lookup<'_> {
        Lookup { person: &self.person, directory: &self.person.directory, models: self.models() }
    }

    pub(crate) fn access(&self) -> Access<'_> {
        Access { person: &self.person, lookup: self.lookup() }
    }

    /// Returns a view of a resource. `Err` (404) if the directory, as it was when the request
    /// arrived, does not contain the resource's owner.
    pub(crate) fn view<'a>(&'a self, resource: &'a Resource) -> Result<ResourceView<'a>, Refusal> {
        self.lookup().view(resource)
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.http.headers()
    }

    pub(crate) fn prefer(&self) -> Prefer {
        Prefer::of(self.headers())
    }

    /// Returns a header's value; `None` if it is absent or not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the stamp (time, ids, client, right) of a write in the home of `owner`.
    pub(crate) fn stamp(&self, owner: PrincipalId) -> Stamp {
        let actor = self.person.id;
        let client = Client {
            via: self.http.method().as_str().to_owned(),
            agent: user_agent(self.headers()),
            address: self.address.map(|address| address.to_string()).unwrap_or_default(),
        };
        let mut stamp = clock::stamp(Some(actor), (owner != actor).then_some(owner), client, self.id);
        stamp.metadata.right = Some(self.right(owner));
        stamp.metadata.auth = Some(self.person.auth.clone());
        stamp.metadata.conditions = as_sent(self.headers());
        Stamp { sending: self.access().sending(owner), ..stamp }
    }

    /// Returns the right by which the caller acts in the home of `owner`: the right at the
    /// request's path if that path is in this home or in a shared calendar of `owner`, otherwise
    /// the right at the `Destination`. For COPY it is always the right at the `Destination`,
    /// because the source is only read.
    fn right(&self, owner: PrincipalId) -> Right {
        let home = |path: &Path| path.owner().and_then(|name| self.person.directory.by_name(name)).map(|own| own.id);
        let method = self.http.method().as_str();
        let is_there = home(&self.path) == Some(owner) || self.access().is_shared_by(owner, &self.path);
        if is_there && method != "COPY" {
            return self.access().right(owner, Some(&self.path), method);
        }
        let destination = match destination(self.headers()) {
            Ok(Destination::Here(path)) => Path::of(path),
            Ok(Destination::AnotherServer) | Err(_) => None,
        };
        // COPY and MOVE store the object at the destination, so the right there is that for a PUT.
        self.access().right(owner, destination.as_ref(), "PUT")
    }

    /// Returns the parts of the request that another thread needs to evaluate it.
    pub(crate) fn reader(&self) -> Reader {
        let (service, person) = (Arc::clone(&self.state.service), self.person.clone());
        Reader { service, person, path: self.path.clone(), when: self.when.clone(), detail: self.detail() }
    }

    pub(crate) fn detail(&self) -> Detail {
        if self.prefer().is_minimal() { Detail::Minimal } else { Detail::Full }
    }

    pub(crate) fn xml_limits(&self) -> dav::xml::Limits {
        dav::xml::Limits { bytes: self.state.settings.limits.max_request_body_bytes, ..dav::xml::Limits::default() }
    }

    /// Reads an XML body.
    pub(crate) async fn xml(&self, payload: &mut Payload) -> Result<Vec<u8>, body::Error> {
        let bytes = self.state.settings.limits.max_request_body_bytes;
        self.body(payload, Limit { name: "max-request-body", bytes }).await
    }

    /// Reads the body of a request that stores a calendar object or a file.
    pub(crate) async fn content(&self, payload: &mut Payload) -> Result<Vec<u8>, body::Error> {
        let bytes = self.service().limits().max_resource_size_bytes;
        self.body(payload, Limit { name: "max-resource-size", bytes }).await
    }

    /// Executes a command to its end, even if the client disconnects. A command of more than
    /// [`MAX_SHORT_COMMAND`] bytes runs on a blocking thread, so that it does not hold up other
    /// connections; a shorter one runs on the connection's thread.
    ///
    /// `bytes` is the size of the text that the command stores plus the text that it replaces;
    /// `None`: unknown, so the command runs on a blocking thread. `Err` (503) if too many commands
    /// run on blocking threads, and the `Err` of the command.
    pub(crate) async fn command<T, W>(
        &self,
        bytes: Option<usize>,
        command: impl FnOnce(Arc<Service>) -> W + Send + 'static,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Error>> + 'static,
    {
        if bytes.is_some_and(|bytes| bytes <= MAX_SHORT_COMMAND) {
            // The future is put in a box, because the runtime moves it several times before its
            // first poll.
            let done = actix_web::rt::spawn(Box::pin(command(Arc::clone(&self.state.service))));
            return done.await.map_err(Error::failed)?;
        }
        let place = self.state.commands.take(self.person.id).await?;
        self.work_apart(place, command).await
    }

    /// Runs `work` on a blocking thread, which serves no connection, and holds the permit `place`
    /// until the work is done. The work runs to its end, even if the client disconnects.
    pub(crate) async fn work_apart<T, W>(
        &self,
        place: impl Send + 'static,
        work: impl FnOnce(Arc<Service>) -> W + Send + 'static,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Error>>,
    {
        let (service, apart) = (Arc::clone(&self.state.service), self.state.apart.clone());
        let done = self.state.apart.spawn_blocking(move || {
            let _place = place;
            apart.block_on(work(service))
        });
        done.await.map_err(Error::failed)?
    }

    async fn body(&self, payload: &mut Payload, limit: Limit) -> Result<Vec<u8>, body::Error> {
        let expected = body::expected(&self.http, limit);
        if expected > SMALL_BODY {
            let place = self.state.bodies.take_many(self.person.id, expected.div_ceil(1024)).await;
            // The permits for the memory of the body are held until the request has been answered.
            self.http.extensions_mut().insert(place.map_err(body::Error::Crowded)?);
        }
        let body = body::read(&self.http, payload, limit, self.state.body_timing()).await?;
        if self.state.access.is_some() {
            self.http.extensions_mut().insert(SentBody(body.clone()));
        }
        Ok(body)
    }
}
