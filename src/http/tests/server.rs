//! A complete server in process: a journal in memory, and read models in a temporary folder.

use std::{path::Path, sync::Arc};

use access_journal::Recorder;
use actix_web::{
    App,
    body::{BodySize, MessageBody, to_bytes},
    dev::{Service as _, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{AUTHORIZATION, HeaderMap},
    },
    test::{TestRequest, init_service},
    web::Data,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use journal::{Journal, memory::Memory};
use projections::ReadModels;
use schemas::{
    Client, Position, PrincipalId, Recorded, StreamKind,
    principal::{PrincipalKind, Profile},
};
use service::{
    Restored, Service, clock,
    principals::{Command, Extent, NewPassword, Registration},
};
use uuid::Uuid;

use super::full::Full;
use crate::{
    front::{Front, routes},
    settings::Settings,
};

/// The people of the server: name, kind, and true for an administrator. The password is the same as
/// the name.
pub(super) const PEOPLE: [(&str, PrincipalKind, bool); 5] = [
    ("anna", PrincipalKind::Individual, false),
    ("bert", PrincipalKind::Individual, false),
    ("admin", PrincipalKind::Individual, true),
    ("room", PrincipalKind::Room, false),
    ("team", PrincipalKind::Group, false),
];

/// The people in the examples of RFC 4791 and RFC 6638, with an administrator, a room and a group.
const PEOPLE_OF_RFCS: [(&str, PrincipalKind, bool); 8] = [
    ("bernard", PrincipalKind::Individual, false),
    ("cyrus", PrincipalKind::Individual, false),
    ("lisa", PrincipalKind::Individual, false),
    ("wilfredo", PrincipalKind::Individual, false),
    ("mike", PrincipalKind::Individual, false),
    ("admin", PrincipalKind::Individual, true),
    ("room", PrincipalKind::Room, false),
    ("team", PrincipalKind::Group, false),
];

pub(super) struct Server {
    front: Data<Front>,
    journal: Arc<dyn Journal>,
    _folder: tempfile::TempDir,
}

/// The response to a request, with its body as text and as bytes.
pub(super) struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    pub bytes: Vec<u8>,
    /// True if the response was sent with its length, and not in chunks.
    pub is_whole: bool,
}

impl Server {
    pub(super) async fn start() -> Self {
        Self::with_limits(service::Limits::default()).await
    }

    pub(super) async fn with_limits(limits: service::Limits) -> Self {
        Self::with_people(limits, PEOPLE.iter().map(registration).collect()).await
    }

    /// Starts a server with the people in the RFCs' examples.
    pub(super) async fn of_rfcs() -> Self {
        let people = PEOPLE_OF_RFCS.iter().map(|person| {
            let mut registration = registration(person);
            let elsewhere = format!("mailto:{}@example.net", person.0);
            registration.profile.addresses.push(elsewhere);
            registration.members =
                if registration.members.is_empty() { vec![] } else { ["lisa", "mike"].map(member).to_vec() };
            registration
        });
        Self::with_people(service::Limits::default(), people.collect()).await
    }

    /// Starts a server whose journal has been restored from copies.
    pub(super) async fn restored(restores: Vec<Restored>) -> Self {
        let journal = Memory::default().restored(restores);
        Self::on(journal, service::Limits::default(), PEOPLE.iter().map(registration).collect()).await
    }

    /// Starts a server on a journal that has no room for events of one kind of streams.
    pub(super) async fn without_room_for(kind: StreamKind) -> Self {
        let journal = Full { kind, journal: Memory::default() };
        Self::on(journal, service::Limits::default(), PEOPLE.iter().map(registration).collect()).await
    }

    async fn with_people(limits: service::Limits, people: Vec<Registration>) -> Self {
        Self::on(Memory::default(), limits, people).await
    }

    async fn on(journal: impl Journal + 'static, limits: service::Limits, people: Vec<Registration>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (models, projector) = ReadModels::open(folder.path()).expect("read models");
        let journal: Arc<dyn Journal> = Arc::new(journal);
        let settings = service::Settings {
            limits,
            scheduling_policy: crate::inbox_policy(models.clone()),
            availability: crate::availability,
            announcer: crate::announcer(),
            ..service::Settings::default()
        };
        let service = Service::start(Arc::clone(&journal), models, projector, settings).await.expect("a service");
        let stamp = clock::stamp(None, None, Client::default(), Uuid::nil());
        service.register(&stamp, people).await.expect("people");
        let front = Front::new(service, Settings::default(), None);
        Self { front: Data::new(front), journal, _folder: folder }
    }

    /// Returns all events of the journal.
    pub(super) async fn events(&self) -> Vec<Recorded> {
        let stored = self.journal.read_all(Position::START, usize::MAX).await.expect("events");
        stored.into_iter().map(|stored| stored.read().expect("an event of today")).collect()
    }

    /// Returns the same server, which now records requests in an access journal in `folder`.
    pub(super) async fn recording(self, folder: &Path) -> (Self, Arc<Recorder>) {
        let settings = access_journal::Settings::default();
        let recorder = Recorder::start(folder, &settings, access_journal::plain(), clock::now, clock::new_id)
            .await
            .expect("a recorder");
        let recorder = Arc::new(recorder);
        let front = Front::new(self.service(), Settings::default(), Some(Arc::clone(&recorder)));
        (Self { front: Data::new(front), ..self }, recorder)
    }

    /// Returns the same server with other settings.
    pub(super) fn configured(self, settings: Settings) -> Self {
        let access = self.front.state.access.clone();
        Self { front: Data::new(Front::new(self.service(), settings, access)), ..self }
    }

    pub(super) fn service(&self) -> Arc<Service> {
        Arc::clone(&self.front.state.service)
    }

    /// Executes a command on an account, as an operator would.
    pub(super) async fn change(&self, name: &str, command: Command) {
        let id = self.service().models().directory().by_name(name).expect("somebody known").id;
        let stamp = clock::stamp(None, None, Client::default(), clock::new_id());
        self.service().change_principal(&stamp, id, &command, Extent::Apply).await.expect("changed");
    }

    /// Sends a request as the user `who`, whose password is the name. If `who` is empty, sends no
    /// credentials.
    pub(super) async fn send(
        &self,
        who: &str,
        verb: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        let mut request = TestRequest::with_uri(path).method(method(verb)).set_payload(body.to_owned());
        for header in headers {
            request = request.append_header(*header);
        }
        if who.is_empty() { self.ask(request).await } else { self.ask_with(who, who, request).await }
    }

    /// Sends a prepared request with these credentials.
    pub(super) async fn ask_with(&self, name: &str, password: &str, request: TestRequest) -> Response {
        self.ask(request.append_header((AUTHORIZATION, credentials(name, password)))).await
    }

    /// Sends a prepared request without adding credentials.
    pub(super) async fn ask(&self, request: TestRequest) -> Response {
        let app = init_service(App::new().configure(routes(self.front.clone()))).await;
        let response = app.call(request.to_request()).await.expect("an answer");
        read(response).await
    }
}

async fn read(response: ServiceResponse<impl MessageBody>) -> Response {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body();
    let is_whole = !matches!(body.size(), BodySize::Stream);
    let body = to_bytes(body).await.unwrap_or_default();
    Response { status, headers, body: String::from_utf8_lossy(&body).into_owned(), bytes: body.into(), is_whole }
}

impl Response {
    /// Returns the status and the body.
    pub(super) fn parts(self) -> (u16, String) {
        (self.status.as_u16(), self.body)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a header of text"))
    }
}

/// Returns the value of the `Authorization` header for Basic authentication.
pub(super) fn credentials(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

pub(super) fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).expect("a method")
}

fn member(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

pub(super) fn registration((name, kind, administrator): &(&str, PrincipalKind, bool)) -> Registration {
    let is_group = *kind == PrincipalKind::Group;
    Registration {
        id: member(name),
        short_name: (*name).to_owned(),
        kind: *kind,
        profile: Profile {
            display_name: format!("{}{}", name[..1].to_uppercase(), &name[1..]),
            addresses: vec![format!("mailto:{name}@example.com")],
            administrator: *administrator,
            ..Profile::default()
        },
        password: (!is_group).then(|| NewPassword::Plain((*name).to_owned())),
        members: if is_group { ["anna", "bert"].map(member).to_vec() } else { vec![] },
    }
}
