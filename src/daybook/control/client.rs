//! The client side of commands. They are executed by a running server, over the control socket, or
//! by this process.

use std::{io, path::Path, sync::Arc};

use anyhow::{Context as _, Result, anyhow, bail};
use schemas::Operator;
use service::Service;
use tokio::{io::BufReader, net::UnixStream};

use super::{MAX_CONTROL_ANSWER_BYTES, MAX_CONTROL_REQUEST_BYTES, Reply, Request};
use crate::{
    calendar,
    config::Config,
    data::{self, Opened},
    history::request as history,
    machine,
    principal::{self, Done, Registered},
};

/// The error message for an answer of the server that does not fit the request.
pub(crate) const UNEXPECTED_ANSWER: &str =
    "the server sent an answer of an unexpected kind: restart the server, so that it has the version of this command";

/// A connection to the process that executes commands.
#[derive(Debug)]
pub(crate) enum Control {
    /// The server that runs on the data folder, over its control socket.
    Running(BufReader<UnixStream>),
    /// This process, which has opened the data folder because no server listens on the control
    /// socket.
    Stopped(Opened),
    /// This process, which is the server itself. Its regular syncs with the LDAP directory execute
    /// commands in the name of the given operator.
    Within(Arc<Service>, Operator),
}

impl Control {
    /// Connects to the server that listens on the folder's control socket, or opens the folder if
    /// there is none.
    pub(crate) async fn open(folder: &Path, config: &Config) -> Result<Self> {
        match Self::running(folder).await? {
            Some(running) => Ok(running),
            None => Ok(Self::Stopped(data::open(folder, config).await?)),
        }
    }

    /// Connects to the server that listens on the folder's control socket; `None` if there is none.
    /// An error comes back if the socket cannot be opened for another reason, such as missing
    /// permission.
    pub(crate) async fn running(folder: &Path) -> Result<Option<Self>> {
        match connect(folder).await {
            Ok(stream) => Ok(Some(Self::Running(BufReader::new(stream)))),
            Err(error) if is_nobody_there(&error) => Ok(None),
            Err(error) => Err(error).with_context(|| {
                let file = super::file(folder);
                format!(
                    "the control socket {} cannot be opened; only the user of the server and root may use it",
                    file.display()
                )
            }),
        }
    }

    /// Executes a command about accounts; an error if it is refused.
    pub(crate) async fn ask(&mut self, request: principal::Request) -> Result<Done> {
        self.ask_about_accounts(Request::Accounts(request)).await
    }

    /// Executes a command about accounts for a sync with the LDAP directory, which the history
    /// records as the client.
    pub(crate) async fn ask_for_directory(&mut self, request: principal::Request) -> Result<Done> {
        self.ask_about_accounts(Request::Directory(request)).await
    }

    /// Reads all registered principals, ordered by name, and passes them to `each` one by one.
    pub(crate) async fn registered(&mut self, mut each: impl FnMut(Registered)) -> Result<()> {
        let mut action = principal::Action::Registered { after: String::new() };
        loop {
            let page = self.ask(principal::Request { dry_run: true, action }).await?.registered;
            let Some(last) = page.last() else { return Ok(()) };
            action = principal::Action::Registered { after: last.name.clone() };
            page.into_iter().for_each(&mut each);
        }
    }

    async fn ask_about_accounts(&mut self, request: Request) -> Result<Done> {
        match self.send(request).await? {
            Reply::Accounts(principal::Reply::Done(done)) => Ok(done),
            Reply::Accounts(principal::Reply::Refused { why }) => bail!("{why}"),
            other => Err(not_done(other)),
        }
    }

    /// Executes a command about calendars; an error if it is refused.
    pub(crate) async fn ask_calendars(&mut self, request: calendar::Request) -> Result<calendar::Reply> {
        match self.send(Request::Calendars(request)).await? {
            Reply::Calendars(calendar::Reply::Refused { why }) => bail!("{why}"),
            Reply::Calendars(answer) => Ok(answer),
            other => Err(not_done(other)),
        }
    }

    /// Executes a command about the history; an error if it is refused.
    pub(crate) async fn ask_history(&mut self, request: history::Request) -> Result<history::Done> {
        match self.send(Request::History(request)).await? {
            Reply::History(history::Reply::Done(done)) => Ok(done),
            Reply::History(history::Reply::Refused { why }) => bail!("{why}"),
            other => Err(not_done(other)),
        }
    }

    /// Asks the running server to record in the access journal that the operator looks at the
    /// history. `question` is the command line.
    pub(crate) async fn look(&mut self, question: String) -> Result<()> {
        match self.send(Request::Look(question)).await? {
            Reply::Noted => Ok(()),
            other => Err(not_done(other)),
        }
    }

    async fn send(&mut self, request: Request) -> Result<Reply> {
        match self {
            Self::Running(stream) => {
                let request = super::line(&request)?;
                super::is_within(MAX_CONTROL_REQUEST_BYTES, &request)?;
                super::send(stream, &request).await.context(
                    "the server closed the connection before it had read the request; run the command again",
                )?;
                let answer = super::read::<Reply>(stream, MAX_CONTROL_ANSWER_BYTES).await;
                answer
                    .context(
                        "the answer of the server cannot be read, so the command may have been carried out: check \
                         before you run it again",
                    )?
                    .context(
                        "the server stopped before it answered, so the command may have been carried out: check \
                         before you run it again",
                    )
            }
            Self::Stopped(opened) => {
                Ok(Box::pin(super::execute(&opened.service, None, request, &machine::operator())).await)
            }
            Self::Within(service, operator) => Ok(Box::pin(super::execute(service, None, request, operator)).await),
        }
    }

    pub(crate) fn close(self) {
        if let Self::Stopped(opened) = self {
            opened.service.close();
        }
    }
}

/// Returns the error for a refusal, or for an answer that does not belong to the request.
fn not_done(answer: Reply) -> anyhow::Error {
    match answer {
        Reply::Refused { why } => anyhow!("{why}"),
        _ => anyhow!(UNEXPECTED_ANSWER),
    }
}

async fn connect(folder: &Path) -> io::Result<UnixStream> {
    let (address, _folder) = super::address(folder)?;
    UnixStream::connect(address).await
}

/// True if no server listens on the control socket: it does not exist, or an earlier server left
/// it.
fn is_nobody_there(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}
