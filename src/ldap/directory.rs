//! The directory: checks passwords, and reads all people, rooms and groups.

use std::{future::Future, sync::Arc};

use tokio::runtime::Handle;
use tokio_rustls::rustls::ClientConfig;

use crate::{
    connection::Connection,
    failure::Failure,
    login,
    settings::Settings,
    snapshot::{self, Found, Snapshot},
};

/// A client of the directory. Each call opens a connection.
#[derive(Debug, Clone)]
pub struct Directory {
    pub(crate) settings: Arc<Settings>,
    pub(crate) tls: Arc<ClientConfig>,
    /// The runtime whose threads wait for the directory and decode its answers.
    runtime: Handle,
}

impl Directory {
    /// Creates the client and reads the file of certificate authorities. The caller must be within
    /// the Tokio runtime of the process.
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        let tls = peer::trusting(&settings.ca_file)?;
        Ok(Self { settings: Arc::new(settings), tls, runtime: Handle::current() })
    }

    /// Returns true if the password is right for the person whose name is `name`, compared without
    /// regard to case. Returns false if it is wrong or empty, if the account is locked or disabled,
    /// or if the search for people finds nobody or several with this name. Without a name or a
    /// password nothing is sent. In all other cases the directory gets the same kinds of requests.
    pub async fn check_password(&self, name: &str, password: &str) -> Result<bool, Failure> {
        let (directory, name, password) = (self.clone(), name.to_owned(), password.to_owned());
        self.apart(async move { login::check(&directory, &name, &password).await }).await
    }

    /// Reads all people, rooms and groups. Returns the URL of the server that answered, and the
    /// snapshot. People whose account has expired are left out. `now`: in seconds since the epoch.
    pub async fn read(&self, now: i64) -> Result<(String, Snapshot), Failure> {
        let directory = self.clone();
        let reading = async move {
            let Settings { people, rooms, groups, attributes, .. } = &*directory.settings;
            let mut connection = directory.connect().await?;
            let mut found = vec![];
            for search in [Some(people), rooms.as_ref(), groups.as_ref()] {
                found.push(match search {
                    Some(search) => connection.search_all(search, attributes).await?,
                    None => Found::default(),
                });
            }
            let snapshot = snapshot::of([&found[0], &found[1], &found[2]], attributes, now);
            Ok((connection.server.clone(), snapshot))
        };
        self.apart(reading).await
    }

    pub(crate) async fn connect(&self) -> Result<Connection, Failure> {
        Connection::open(&self.settings, &self.tls).await
    }

    /// Runs `question`, which sends requests to the directory, in a task of its own, so that a
    /// panic of the LDAP decoder fails only this call.
    async fn apart<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let answered = self.runtime.spawn(question).await;
        answered.unwrap_or_else(|error| Err(Failure::broken("the directory", &error)))
    }
}
