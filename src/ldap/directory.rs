//! The directory, as the program uses it.

use std::{future::Future, sync::Arc};

use tokio::runtime::Handle;
use tokio_rustls::rustls::ClientConfig;

use crate::{connection::Connection, failure::Failure, login, settings::Settings, tls};

/// Most people that [`Directory::look`] counts.
const MAX_COUNTED: i32 = 1_000;

/// A directory that can be asked. Each question opens a connection.
#[derive(Debug, Clone)]
pub struct Directory {
    pub(crate) settings: Arc<Settings>,
    pub(crate) tls: Arc<ClientConfig>,
    /// Whose threads wait for the directory and decode its answers.
    runtime: Handle,
}

/// What a look into the directory found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The URL of the server that answered.
    pub server: String,
    /// People who may log in, up to a limit.
    pub people: usize,
    /// There are more people than were counted.
    pub more: bool,
}

impl Directory {
    /// Reads the file of authorities. To be called in the runtime of the process.
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        let tls = tls::trusting(&settings.ca_file)?;
        Ok(Self { settings: Arc::new(settings), tls, runtime: Handle::current() })
    }

    /// Checks the password of the person whose name is exactly `name`. Returns false if it is wrong, or if the directory has
    /// nobody of this name who may log in; both ask the directory the same.
    pub async fn check_password(&self, name: &str, password: &str) -> Result<bool, Failure> {
        let (directory, name, password) = (self.clone(), name.to_owned(), password.to_owned());
        self.apart(async move { login::check(&directory, &name, &password).await }).await
    }

    /// Connects, binds, and counts the people.
    pub async fn look(&self) -> Result<Found, Failure> {
        let directory = self.clone();
        let looking = async move {
            let Settings { people_base, people_filter, .. } = &*directory.settings;
            let mut connection = directory.connect().await?;
            let people = connection.search(people_base, people_filter, &["1.1"], MAX_COUNTED).await?.len();
            let most = usize::try_from(MAX_COUNTED).unwrap_or_default();
            Ok(Found { server: connection.server.clone(), people: people.min(most), more: people > most })
        };
        self.apart(looking).await
    }

    pub(crate) async fn connect(&self) -> Result<Connection, Failure> {
        Connection::open(&self.settings, &self.tls).await
    }

    /// Asks in a task of its own: an answer on which the decoder panics ends this question alone.
    async fn apart<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let answered = self.runtime.spawn(question).await;
        answered.unwrap_or_else(|error| Err(Failure::broken("the directory", &error)))
    }
}
