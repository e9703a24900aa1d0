//! A whole server in the process of the test, on a free port, with accounts, real HTTP and a
//! journal file.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use http::{Running, Settings};
use journal::sqlite::{self, OpenError, Sqlite};
use reqwest::{Client, Method, RequestBuilder, Response};
use schemas::{
    PrincipalId,
    principal::{AutomaticAnswer, PrincipalKind, Profile},
};
use service::{
    Service, clock,
    principals::{NewPassword, Registration},
};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Server {
    pub service: Arc<Service>,
    running: Running,
    client: Client,
}

impl Server {
    /// Starts a server with the files in `folder`. Missing files are created.
    pub async fn start(folder: &Path) -> Self {
        let journal = Arc::new(open(folder).await);
        let (models, projector) = projections::ReadModels::open(&folder.join("read-models")).expect("the models open");
        let settings = service::Settings {
            // A long wait, because these tests check the outcome even on a slow machine.
            delivery_wait: PATIENCE,
            read_models_wait: PATIENCE,
            outbox: Some(folder.join("outbox.json")),
            vault: Arc::new(vault::sqlite::open(&folder.join("vault.sqlite")).expect("the vault opens")),
            scheduling_policy: http::inbox_policy(models.clone()),
            availability: http::availability,
            ..service::Settings::default()
        };
        let service = Service::start(journal, models, projector, settings).await.expect("the service starts");
        service.caught_up().await.expect("the read models catch up");
        service.move_passwords().await.expect("the vault gets the passwords");
        let settings =
            Settings { listen: SocketAddr::from(([127, 0, 0, 1], 0)), workers: Some(1), ..Settings::default() };
        let running = http::serve(Arc::clone(&service), settings, None).expect("the server listens");
        Self { service, running, client: Client::new() }
    }

    /// Registers a user for each name in `people`, whose password is the name, and a room with
    /// automatic answers for each name in `rooms`.
    pub async fn with(self, people: &[&str], rooms: &[&str]) -> Self {
        let person = |name: &&str| registration(name, PrincipalKind::Individual, AutomaticAnswer::None);
        let room = |name: &&str| registration(name, PrincipalKind::Room, AutomaticAnswer::Automatic);
        self.register(people.iter().map(person).chain(rooms.iter().map(room)).collect()).await
    }

    /// Registers `count` users who cannot log in, with the addresses `guest000@example.org` and so
    /// on.
    pub async fn with_guests(self, count: usize) -> Self {
        let guest = |number| {
            let name = format!("guest{number:03}");
            let guest = registration(&name, PrincipalKind::Individual, AutomaticAnswer::None);
            Registration { password: None, ..guest }
        };
        self.register((0..count).map(guest).collect()).await
    }

    async fn register(self, registrations: Vec<Registration>) -> Self {
        let stamp = clock::stamp(None, None, schemas::Client::default(), clock::new_id());
        self.service.register(&stamp, registrations).await.expect("everybody is registered");
        self
    }

    pub fn address(&self) -> SocketAddr {
        self.running.address()
    }

    pub fn request(&self, who: &str, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.client.request(method, format!("http://{}{path}", self.running.address())).basic_auth(who, Some(who))
    }

    pub async fn put(&self, who: &str, path: &str, ics: &str) -> Response {
        let request = self.request(who, "PUT", path).header("content-type", "text/calendar").body(ics.to_owned());
        request.send().await.expect("an answer")
    }

    pub async fn get(&self, who: &str, path: &str) -> Response {
        self.request(who, "GET", path).send().await.expect("an answer")
    }

    /// Returns the paths of a collection's members.
    pub async fn members(&self, who: &str, collection: &str) -> Vec<String> {
        let request = self.request(who, "PROPFIND", collection).header("depth", "1");
        let body = r#"<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>"#;
        let answer = request.body(body).send().await.expect("an answer");
        assert_eq!(answer.status(), 207);
        let text = answer.text().await.expect("text");
        let hrefs = text.split("href>").skip(1).step_by(2).map(|rest| rest.split('<').next().unwrap_or_default());
        hrefs.filter(|href| *href != collection).map(str::to_owned).collect()
    }

    /// Returns the path and the unfolded text of the only member of a collection.
    pub async fn only(&self, who: &str, collection: &str) -> (String, String) {
        let members = self.members(who, collection).await;
        let [path] = &members[..] else { panic!("{who} has one object in {collection}, not {members:?}") };
        let text = self.get(who, path).await.text().await.expect("text");
        (path.clone(), text.replace("\r\n ", ""))
    }

    /// Returns the number of members of a user's collection in the read models.
    pub fn count(&self, who: &str, collection: &str) -> usize {
        let models = self.service.models();
        let directory = models.directory();
        let home = directory.by_name(who).expect("somebody known").id;
        let collection = models.collection(home, collection).expect("an answer").expect("a collection");
        models.members(collection.id, None, usize::from(u16::MAX)).expect("members").len()
    }

    pub async fn stop(self) {
        self.running.stop().await.expect("the server stops");
        self.service.close();
    }
}

/// Opens the journal in `folder`. Waits until this process has closed its earlier connection to it.
pub async fn open(folder: &Path) -> Sqlite {
    let path = folder.join("journal.sqlite");
    let free = async {
        loop {
            match sqlite::open(&path) {
                Err(OpenError::InUse { .. }) => tokio::task::yield_now().await,
                opened => return opened.expect("the journal opens"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, free).await.expect("the journal is closed some time")
}

fn registration(name: &str, kind: PrincipalKind, automatic_answer: AutomaticAnswer) -> Registration {
    Registration {
        id: PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_DNS, name.as_bytes())),
        short_name: name.to_owned(),
        kind,
        profile: Profile {
            display_name: name.to_owned(),
            addresses: vec![format!("mailto:{name}@example.org")],
            automatic_answer,
            ..Profile::default()
        },
        password: Some(NewPassword::Plain(name.to_owned())),
        members: vec![],
    }
}
