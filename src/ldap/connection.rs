//! A connection to a server of the directory, with its searches and binds.

use std::{io, os::unix::net, sync::Arc, time::Duration};

use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, ResultEntry, Scope, SearchOptions, SearchResult,
    StdStream,
    controls::{Control, ControlType, PagedResults},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};

use crate::{
    entry::Entry,
    failure::{Failure, reason},
    guard::{self, Received},
    server::Server,
    settings::{Attributes, Search, Settings},
    snapshot::Found,
};

/// The encoded request for `StartTLS`, with the message id 1 (RFC 4511 §4.14.1).
const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// The encoded message id 1, with which the answer to [`START_TLS`] begins after its tag and
/// length.
const FIRST_MESSAGE: &[u8] = b"\x02\x01\x01";
/// The tag of an extended response (RFC 4511 §4.12), which follows [`FIRST_MESSAGE`].
const EXTENDED_RESPONSE: u8 = 0x78;
/// The encoded result code `success`, with which the content of a response that grants the request
/// begins (RFC 4511 §4.1.9).
const SUCCEEDED: &[u8] = b"\x0a\x01\x00";

/// The number of entries that one page of a search result is asked to have.
const PAGE_ENTRIES: i32 = 500;
/// The maximum number of pages of one search, and of further parts of the attributes of one entry.
const MAX_PAGES: usize = 1_000;
/// The maximum number of entries of one kind: people, rooms or groups.
const MAX_ENTRIES: usize = 200_000;

/// The result code of an operation that succeeded (RFC 4511, appendix A).
pub(crate) const SUCCESS: u32 = 0;

/// An open connection to a server of the directory. Dropping the value closes the connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The URL of the server.
    pub server: String,
    ldap: Ldap,
    limit: Duration,
    received: Arc<Received>,
    _tasks: JoinSet<()>,
}

impl Connection {
    /// Connects to the first server that can be reached, and binds as the account of the settings
    /// if they name one. An error comes back if no server can be reached, or if the bind fails.
    pub(crate) async fn open(settings: &Settings, tls: &Arc<ClientConfig>) -> Result<Self, Failure> {
        let mut reasons = vec![];
        for server in &settings.servers {
            match timeout(settings.timeout, Self::connect(server, settings, tls)).await {
                Ok(Ok(connection)) => return connection.bound(settings).await,
                Ok(Err(error)) => reasons.push(format!("{server}: {}", reason(&error))),
                Err(_) => reasons.push(format!("{server}: no answer within {} s", settings.timeout.as_secs())),
            }
        }
        Err(Failure::Unreachable(reasons.join("; ")))
    }

    async fn connect(server: &Server, settings: &Settings, tls: &Arc<ClientConfig>) -> io::Result<Self> {
        let mut stream = TcpStream::connect((server.host.as_str(), server.port)).await?;
        stream.set_nodelay(true)?;
        if server.is_tls || settings.starttls {
            if !server.is_tls {
                start_tls(&mut stream).await?;
            }
            let name = ServerName::try_from(server.host.clone()).map_err(io::Error::other)?;
            let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?;
            Self::guarded(server, settings.timeout, stream).await
        } else {
            Self::guarded(server, settings.timeout, stream).await
        }
    }

    /// Creates the connection with the guard between the server and the decoder of the LDAP
    /// library: the decoder reads from a local socket, into which the guard writes checked
    /// messages.
    async fn guarded<S>(server: &Server, limit: Duration, stream: S) -> io::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (decoder, ours) = net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let (mut requests, answers) = UnixStream::from_std(ours)?.into_split();
        let (from, mut to) = tokio::io::split(stream);
        let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(decoder));
        let (driver, ldap) = LdapConnAsync::with_settings(settings, "ldapi:///").await.map_err(io::Error::other)?;
        let received = Arc::<Received>::default();
        let counted = Arc::clone(&received);
        let name = server.to_string();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let _ = driver.drive().await;
        });
        tasks.spawn(async move {
            let _ = tokio::io::copy(&mut requests, &mut to).await;
            let _ = to.shutdown().await;
        });
        tasks.spawn(async move {
            if let Err(error) = guard::pass_on(from, answers, &counted).await {
                tracing::warn!(server = name, why = reason(&error), "the connection to the directory has ended");
            }
        });
        Ok(Self { server: server.to_string(), ldap, limit, received, _tasks: tasks })
    }

    async fn bound(mut self, settings: &Settings) -> Result<Self, Failure> {
        let Some(account) = &settings.account else { return Ok(self) };
        let answer = self.bind(&account.dn, account.password.reveal()).await?;
        if answer.rc != SUCCESS {
            return Err(Failure::refused(&self.server, "the login of directory.bind_dn", answer.rc, &answer.text));
        }
        Ok(self)
    }

    /// Binds as `dn` and returns the server's result, which may be a refusal. The caller makes sure
    /// that the password is not empty. An error comes back only if no result arrives: the
    /// connection broke, or the time ran out.
    pub(crate) async fn bind(&mut self, dn: &str, password: &str) -> Result<LdapResult, Failure> {
        self.received.begin();
        let answer = timeout(self.limit, self.ldap.simple_bind(dn, password)).await;
        self.answer(answer)
    }

    /// Returns the entries at and below `base` that match `filter`. Asks the server for at most
    /// `most + 1` entries, so that the caller can see if there are more than `most`.
    pub(crate) async fn search(
        &mut self,
        base: &str,
        filter: &str,
        attributes: &[&str],
        most: i32,
    ) -> Result<Vec<Entry>, Failure> {
        const SIZE_LIMIT_EXCEEDED: u32 = 4;
        self.received.begin();
        let options = SearchOptions::new().sizelimit(most + 1).timelimit(seconds(self.limit));
        let searching = self.ldap.with_search_options(options).search(base, Scope::Subtree, filter, attributes);
        let answer = timeout(self.limit, searching).await;
        let SearchResult(entries, result) = self.answer(answer)?;
        if result.rc != SUCCESS && result.rc != SIZE_LIMIT_EXCEEDED {
            return Err(Failure::refused(&self.server, "a search", result.rc, &result.text));
        }
        self.read(entries)
    }

    /// Returns all entries that `search` finds, read page by page (RFC 2696). If the server sent
    /// only some of an attribute's values, requests and adds the others.
    pub(crate) async fn search_all(&mut self, search: &Search, attributes: &Attributes) -> Result<Found, Failure> {
        let names = attributes.names(&search.id_attribute);
        let (mut entries, mut cookie) = (vec![], vec![]);
        for _ in 0..MAX_PAGES {
            let (page, next) = self.page(search, &names, cookie).await?;
            entries.extend(page);
            if entries.len() > MAX_ENTRIES {
                return Err(self.too_much(MAX_ENTRIES, "entries of one kind"));
            }
            if next.is_empty() {
                for entry in &mut entries {
                    self.complete(entry).await?;
                }
                return Ok(Found { entries, id_attribute: search.id_attribute.clone() });
            }
            cookie = next;
        }
        Err(self.too_much(MAX_PAGES, "pages of entries"))
    }

    /// Returns the page that `cookie` asks for (the first one if it is empty), and the cookie of
    /// the page after it, which is empty after the last page.
    async fn page(
        &mut self,
        search: &Search,
        attributes: &[&str],
        cookie: Vec<u8>,
    ) -> Result<(Vec<Entry>, Vec<u8>), Failure> {
        self.received.begin();
        let paged = PagedResults { size: PAGE_ENTRIES, cookie };
        let ldap = self.ldap.with_controls(paged);
        let searching = ldap.search(&search.base, Scope::Subtree, &search.filter, attributes);
        let answer = timeout(self.limit, searching).await;
        let SearchResult(entries, result) = self.answer(answer)?;
        if result.rc != SUCCESS {
            return Err(Failure::refused(&self.server, "a search", result.rc, &result.text));
        }
        let next = result.ctrls.iter().find_map(|Control(kind, raw)| {
            matches!(kind, Some(ControlType::PagedResults)).then(|| raw.parse::<PagedResults>().cookie)
        });
        Ok((self.read(entries)?, next.unwrap_or_default()))
    }

    /// Completes the attributes of `entry` of which the server sent only some values: requests the
    /// others and adds them. Active Directory sends at most 1,500 values of an attribute at a time.
    async fn complete(&mut self, entry: &mut Entry) -> Result<(), Failure> {
        for _ in 0..MAX_PAGES {
            let Some((attribute, next)) = entry.cut() else { return Ok(()) };
            self.received.begin();
            let rest = format!("{attribute};range={next}-*");
            let searching = self.ldap.search(&entry.dn, Scope::Base, "(objectClass=*)", [rest.as_str()]);
            let answer = timeout(self.limit, searching).await;
            let SearchResult(parts, result) = self.answer(answer)?;
            if result.rc != SUCCESS {
                return Err(Failure::refused(
                    &self.server,
                    "a search for the rest of an attribute",
                    result.rc,
                    &result.text,
                ));
            }
            let part = self.read(parts)?.pop().unwrap_or_default();
            if !entry.join(&attribute, part) {
                let why = io::Error::other(format!(
                    "the server did not send the rest of the attribute {attribute} of {}",
                    entry.dn
                ));
                return Err(Failure::broken(&self.server, &why));
            }
        }
        Err(self.too_much(MAX_PAGES, "parts of an attribute"))
    }

    /// Decodes the entries of a search result. An entry that cannot be decoded makes the whole
    /// result an error, because otherwise it would look as if the entry had been deleted.
    fn read(&self, entries: Vec<ResultEntry>) -> Result<Vec<Entry>, Failure> {
        let read = entries.into_iter().map(Entry::read).collect::<Option<_>>();
        let odd = || Failure::broken(&self.server, &io::Error::other("the server sent an entry that cannot be read"));
        read.ok_or_else(odd)
    }

    fn too_much(&self, limit: usize, what: &'static str) -> Failure {
        Failure::TooMuch { server: self.server.clone(), limit, what }
    }

    fn answer<T>(&self, answer: Result<Result<T, LdapError>, tokio::time::error::Elapsed>) -> Result<T, Failure> {
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Failure::broken(&self.server, &error)),
            Err(_) => Err(Failure::Slow { server: self.server.clone(), seconds: self.limit.as_secs() }),
        }
    }
}

/// Sends the `StartTLS` request and waits until the server agrees (RFC 4511 §4.14). An error comes
/// back if the server refuses or the connection ends.
async fn start_tls(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(START_TLS).await?;
    let answer = guard::read(stream).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    if is_consent(&answer) {
        return Ok(());
    }
    Err(io::Error::other("the server refuses StartTLS; give it a certificate, or use ldaps://"))
}

/// True if `answer` is a successful answer to [`START_TLS`].
fn is_consent(answer: &[u8]) -> bool {
    let response = content(answer).and_then(|message| message.strip_prefix(FIRST_MESSAGE));
    let result = response.filter(|response| response.first() == Some(&EXTENDED_RESPONSE)).and_then(content);
    result.is_some_and(|result| result.starts_with(SUCCEEDED))
}

/// Returns the bytes of a BER element after its tag and length; `None` if the length cannot be
/// read.
fn content(element: &[u8]) -> Option<&[u8]> {
    let (_, head, _) = guard::header(element)?;
    element.get(head..)
}

fn seconds(limit: Duration) -> i32 {
    i32::try_from(limit.as_secs()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_to_tls_is_success_and_nothing_else() {
        let rows: [(&str, &[u8], bool); 6] = [
            ("OpenLDAP", b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", true),
            (
                "long lengths",
                b"\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00",
                true,
            ),
            ("a protocol error", b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00", false),
            ("another message", b"\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\x00\x04\x00\x04\x00", false),
            ("another response", b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00", false),
            ("cut", b"\x30\x04\x02\x01\x01\x78", false),
        ];
        for (title, answer, expected) in rows {
            assert_eq!(is_consent(answer), expected, "{title}");
        }
    }
}
