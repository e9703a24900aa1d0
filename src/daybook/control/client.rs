//! The command line's end: the socket of a running server, or the data folder itself.

use std::{io, path::Path, sync::Arc};

use anyhow::{Context as _, Result, anyhow, bail};
use schemas::Operator;
use service::Service;
use tokio::{io::BufReader, net::UnixStream};

use super::{MAX_CONTROL_ANSWER_BYTES, Reply, Request};
use crate::{
    calendar,
    config::Config,
    data::{self, Opened},
    history::request as history,
    machine,
    principal::{self, Done},
};

/// The process that executes the commands.
#[derive(Debug)]
pub(crate) enum Control {
    /// The server that runs on the data folder.
    Running(BufReader<UnixStream>),
    /// This process, which opened the folder.
    Stopped(Opened),
    /// The server itself, in the name of one of its parts.
    Within(Arc<Service>, Operator),
}

impl Control {
    /// Connects to the server that runs on the folder; opens the folder if none does.
    pub(crate) async fn open(folder: &Path, config: &Config) -> Result<Self> {
        match Self::running(folder).await? {
            Some(running) => Ok(running),
            None => Ok(Self::Stopped(data::open(folder, config).await?)),
        }
    }

    /// Connects to the server that runs on the folder; `None` if none does.
    pub(crate) async fn running(folder: &Path) -> Result<Option<Self>> {
        match connect(folder).await {
            Ok(stream) => Ok(Some(Self::Running(BufReader::new(stream)))),
            Err(error) if is_nobody_there(&error) => Ok(None),
            Err(error) => Err(error).with_context(|| {
                let file = super::file(folder);
                format!("{} cannot be reached: run the command as the user of the server", file.display())
            }),
        }
    }

    /// Executes one command about accounts.
    pub(crate) async fn ask(&mut self, request: principal::Request) -> Result<Done> {
        self.ask_about_accounts(Request::Accounts(request)).await
    }

    /// Executes commands about accounts in the name of the directory.
    pub(crate) async fn ask_for_directory(&mut self, request: principal::Request) -> Result<Done> {
        self.ask_about_accounts(Request::Directory(request)).await
    }

    async fn ask_about_accounts(&mut self, request: Request) -> Result<Done> {
        match self.send(request).await? {
            Reply::Accounts(principal::Reply::Done(done)) => Ok(done),
            Reply::Accounts(principal::Reply::Refused { why }) => bail!("{why}"),
            other => Err(not_done(other)),
        }
    }

    /// Executes one command about calendars.
    pub(crate) async fn ask_calendars(&mut self, request: calendar::Request) -> Result<calendar::Reply> {
        match self.send(Request::Calendars(request)).await? {
            Reply::Calendars(calendar::Reply::Refused { why }) => bail!("{why}"),
            Reply::Calendars(answer) => Ok(answer),
            other => Err(not_done(other)),
        }
    }

    /// Executes one command about the history.
    pub(crate) async fn ask_history(&mut self, request: history::Request) -> Result<history::Done> {
        match self.send(Request::History(request)).await? {
            Reply::History(history::Reply::Done(done)) => Ok(done),
            Reply::History(history::Reply::Refused { why }) => bail!("{why}"),
            other => Err(not_done(other)),
        }
    }

    /// Has a running server note that somebody looks at the history.
    pub(crate) async fn look(&mut self, question: String) -> Result<()> {
        match self.send(Request::Look(question)).await? {
            Reply::Noted => Ok(()),
            other => Err(not_done(other)),
        }
    }

    async fn send(&mut self, request: Request) -> Result<Reply> {
        match self {
            Self::Running(stream) => {
                super::write(stream, &request).await.context("the server ended the connection")?;
                let answer = super::read::<Reply>(stream, MAX_CONTROL_ANSWER_BYTES).await;
                answer.context("the answer of the server cannot be read")?.context("the server stopped meanwhile")
            }
            Self::Stopped(opened) => Ok(super::execute(&opened.service, None, request, &machine::operator()).await),
            Self::Within(service, operator) => Ok(super::execute(service, None, request, operator).await),
        }
    }

    pub(crate) fn close(self) {
        if let Self::Stopped(opened) = self {
            opened.service.close();
        }
    }
}

/// Returns the error for an answer that does not fit the request.
fn not_done(answer: Reply) -> anyhow::Error {
    match answer {
        Reply::Refused { why } => anyhow!("{why}"),
        other => anyhow!("the server gave an unexpected answer, perhaps because the versions differ: {other:?}"),
    }
}

async fn connect(folder: &Path) -> io::Result<UnixStream> {
    let (address, _folder) = super::address(folder)?;
    UnixStream::connect(address).await
}

/// No socket, or one that a server left behind.
fn is_nobody_there(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}
