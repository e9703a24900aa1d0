//! The command line's end: the socket of a running server, or the data folder itself.

use std::{io, path::Path, sync::Arc};

use anyhow::{Context as _, Result, anyhow, bail};
use schemas::Operator;
use service::Service;
use tokio::{io::BufReader, net::UnixStream};

use super::{Answer, Asked, MAX_CONTROL_ANSWER_BYTES};
use crate::{
    calendar,
    config::Config,
    data::{self, Opened},
    history::asked as history,
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
    pub(crate) async fn ask(&mut self, asked: principal::Asked) -> Result<Done> {
        self.ask_about_accounts(Asked::Accounts(asked)).await
    }

    /// Executes commands about accounts in the name of the directory.
    pub(crate) async fn ask_for_directory(&mut self, asked: principal::Asked) -> Result<Done> {
        self.ask_about_accounts(Asked::Directory(asked)).await
    }

    async fn ask_about_accounts(&mut self, asked: Asked) -> Result<Done> {
        match self.send(asked).await? {
            Answer::Accounts(principal::Answer::Done(done)) => Ok(done),
            Answer::Accounts(principal::Answer::Refused { why }) => bail!("{why}"),
            other => Err(not_done(other)),
        }
    }

    /// Executes one command about calendars.
    pub(crate) async fn ask_calendars(&mut self, asked: calendar::Asked) -> Result<calendar::Answer> {
        match self.send(Asked::Calendars(asked)).await? {
            Answer::Calendars(calendar::Answer::Refused { why }) => bail!("{why}"),
            Answer::Calendars(answer) => Ok(answer),
            other => Err(not_done(other)),
        }
    }

    /// Executes one command about the history.
    pub(crate) async fn ask_history(&mut self, asked: history::Asked) -> Result<history::Done> {
        match self.send(Asked::History(asked)).await? {
            Answer::History(history::Answer::Done(done)) => Ok(done),
            Answer::History(history::Answer::Refused { why }) => bail!("{why}"),
            other => Err(not_done(other)),
        }
    }

    /// Has a running server note that somebody looks at the history.
    pub(crate) async fn look(&mut self, question: String) -> Result<()> {
        match self.send(Asked::Look(question)).await? {
            Answer::Noted => Ok(()),
            other => Err(not_done(other)),
        }
    }

    async fn send(&mut self, asked: Asked) -> Result<Answer> {
        match self {
            Self::Running(stream) => {
                super::write(stream, &asked).await.context("the server ended the connection")?;
                let answer = super::read::<Answer>(stream, MAX_CONTROL_ANSWER_BYTES).await;
                answer.context("the answer of the server cannot be read")?.context("the server stopped meanwhile")
            }
            Self::Stopped(opened) => Ok(super::execute(&opened.service, None, asked, &machine::operator()).await),
            Self::Within(service, operator) => Ok(super::execute(service, None, asked, operator).await),
        }
    }

    pub(crate) fn close(self) {
        if let Self::Stopped(opened) = self {
            opened.service.close();
        }
    }
}

/// Returns the error for an answer that does not fit the request.
fn not_done(answer: Answer) -> anyhow::Error {
    match answer {
        Answer::Refused { why } => anyhow!("{why}"),
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
