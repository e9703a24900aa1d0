//! The control socket in the data folder, through which commands of operators reach a running
//! server.
//!
//! A client sends each request as one line of JSON, and reads the answer as one line of JSON.
//! **Invariant:** the server executes only requests of its own user and of root.

pub(crate) mod client;
pub(crate) mod server;

use std::{
    io,
    path::{Path, PathBuf},
};

use access_journal::Recorder;
use anyhow::{Result, ensure};
use schemas::Operator;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use service::Service;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::{
    calendar, directory,
    history::{looked, request as history},
    principal,
};

/// A request to the process that has the journal open.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Request {
    Accounts(principal::Request),
    /// A request of a sync with the LDAP directory. The history records the directory as the
    /// client.
    Directory(principal::Request),
    Calendars(calendar::Request),
    History(history::Request),
    /// A request to record in the access journal that the sender looks at the history. It contains
    /// the command line.
    Look(String),
}

/// The answer to a request. Each kind of command has its own type of answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reply {
    Accounts(principal::Reply),
    Calendars(calendar::Reply),
    History(history::Reply),
    Noted,
    /// The request cannot be read, cannot be executed, or the sender may not send it.
    Refused {
        why: String,
    },
}

/// Executes a request in the name of an operator.
async fn execute(service: &Service, recorder: Option<&Recorder>, request: Request, operator: &Operator) -> Reply {
    match request {
        Request::Look(question) => {
            let Some(recorder) = recorder else { return Reply::Noted };
            looked::note(recorder, question, operator);
            match recorder.flush().await {
                Some(_) => Reply::Noted,
                None => Reply::Refused {
                    why: "the server cannot write to the access journal at the moment; the log of the server says why"
                        .to_owned(),
                },
            }
        }
        Request::Accounts(request) => {
            Reply::Accounts(principal::execute(service, request, operator, principal::COMMAND_LINE).await)
        }
        Request::Directory(request) => {
            Reply::Accounts(principal::execute(service, request, operator, directory::VIA).await)
        }
        Request::Calendars(request) => Reply::Calendars(calendar::execute(service, request, operator).await),
        Request::History(request) => Reply::History(history::execute(service, request, operator).await),
    }
}

/// The maximum size of a request. An import of the largest object that one append can store fits,
/// even if it is not UTF-8, so that each byte is a number and a comma in JSON.
const MAX_CONTROL_REQUEST_BYTES: u64 = 67_108_864;
/// The maximum size of an answer.
const MAX_CONTROL_ANSWER_BYTES: u64 = 67_108_864;
/// The maximum length of the path of the socket. A longer path is replaced by a shorter one. Linux
/// allows some bytes more (`unix(7)`).
const SOCKET_PATH_BYTES: usize = 100;

/// Returns the path of the socket in the data folder.
pub(crate) fn file(data: &Path) -> PathBuf {
    data.join("control.socket")
}

/// Returns a path to the socket that is short enough for a socket address. A longer path is
/// replaced by one below `/proc/self/fd/`, which is valid while the caller keeps the returned
/// folder open; `None` if it was not replaced.
fn address(data: &Path) -> io::Result<(PathBuf, Option<std::fs::File>)> {
    use std::os::fd::AsRawFd as _;
    let path = file(data);
    if path.as_os_str().len() <= SOCKET_PATH_BYTES {
        return Ok((path, None));
    }
    let folder = std::fs::File::open(data)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
    Ok((file(&short), Some(folder)))
}

/// Reads one line of JSON; `None` at the end of the input. An error comes back if the line is
/// longer than `limit` bytes, has no line feed, or is not a `T` in JSON.
async fn read<T: DeserializeOwned>(input: &mut (impl AsyncBufRead + Unpin), limit: u64) -> io::Result<Option<T>> {
    let mut line = vec![];
    if input.take(limit).read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        let why = format!("the message on the control socket is incomplete or longer than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    serde_json::from_slice(&line).map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Writes one line of JSON.
async fn write(output: &mut (impl AsyncWrite + Unpin), message: &impl Serialize) -> io::Result<()> {
    send(output, &line(message)?).await
}

/// Returns a message as one line of JSON.
fn line(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

/// Returns an error if a request has more than `limit` bytes. The receiver would close the
/// connection before it has read the request, and the sender would not learn the reason.
fn is_within(limit: u64, request: &[u8]) -> Result<()> {
    ensure!(
        request.len() as u64 <= limit,
        "the command needs a request of {} bytes, and a running server takes at most {limit}; stop the server, run the \
         command again, and start the server",
        request.len()
    );
    Ok(())
}

async fn send(output: &mut (impl AsyncWrite + Unpin), line: &[u8]) -> io::Result<()> {
    output.write_all(line).await?;
    output.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_message_is_a_line_within_a_limit() {
        let mut written = vec![];
        write(&mut written, &["a\nb"]).await.unwrap();
        assert_eq!(written, b"[\"a\\nb\"]\n");
        let limit = written.len() as u64;
        assert_eq!(read::<Vec<String>>(&mut &written[..], limit).await.unwrap(), Some(vec!["a\nb".to_owned()]));
        assert_eq!(read::<Vec<String>>(&mut &b""[..], limit).await.unwrap(), None);
        for bad in [&written[..written.len() - 1], &b"[\n"[..]] {
            assert!(read::<Vec<String>>(&mut &*bad, limit).await.is_err());
        }
        assert!(read::<Vec<String>>(&mut &written[..], limit - 1).await.is_err());
    }

    #[test]
    fn a_request_that_is_too_long_is_not_sent_and_names_the_limit() {
        let request = line(&"abc").unwrap();
        is_within(6, &request).unwrap();
        let why = is_within(5, &request).unwrap_err().to_string();
        assert!(
            why.starts_with("the command needs a request of 6 bytes, and a running server takes at most 5;"),
            "{why}"
        );
    }
}
