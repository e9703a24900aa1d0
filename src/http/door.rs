//! From an accepted socket to a stream that speaks HTTP: the header of a proxy, then TLS.
//!
//! **Invariant:** a connection that does not come to its first request in time is closed, and so is one whose client
//! takes nothing of its answer.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use actix_http::{Protocol, error::DispatchError};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::either::Either;

use crate::{certificate::Certificate, peers::Peers, settings::Settings};

/// The longest PROXY header of version 1.
const MAX_TEXT_HEADER_BYTES: usize = 107;
/// The fixed part of a PROXY header of version 2; its end says how much follows.
const BINARY_START_BYTES: usize = 16;
/// The longest PROXY header of version 2 that is read, with whatever a proxy appends to the addresses.
const MAX_BINARY_HEADER_BYTES: usize = 4096;
const TEXT_END: &[u8] = b"\r\n";

pub(crate) type Stream = Either<TcpStream, TlsStream<TcpStream>>;

/// What every connection passes.
pub(crate) struct Door {
    proxies: Option<Peers>,
    tls: Option<TlsAcceptor>,
    opening: Duration,
    answer_pause: Duration,
}

impl Door {
    pub(crate) fn of(settings: &Settings, certificate: Option<&Arc<Certificate>>) -> io::Result<Self> {
        let configuration = certificate.map(Certificate::configuration).transpose()?;
        Ok(Self {
            proxies: settings.proxy_protocol.then(|| settings.proxies.clone()),
            tls: configuration.map(|configuration| TlsAcceptor::from(Arc::new(configuration))),
            opening: settings.limits.request_head,
            answer_pause: settings.limits.answer_pause,
        })
    }

    /// The stream, and who is at its other end.
    pub(crate) async fn admit(
        &self,
        mut tcp: TcpStream,
    ) -> Result<(Stream, Protocol, Option<SocketAddr>), DispatchError> {
        let peer = tcp.peer_addr()?;
        // Answers are written whole; nothing is gained by waiting for more.
        tcp.set_nodelay(true)?;
        unread_closes(&tcp, self.answer_pause)?;
        let opened = timeout(self.opening, async {
            let is_proxy = self.proxies.as_ref().is_some_and(|proxies| proxies.contains(peer.ip()));
            let named = if is_proxy { proxied(&mut tcp).await? } else { None };
            let stream = match &self.tls {
                Some(tls) => Either::Right(tls.accept(tcp).await?),
                None => Either::Left(tcp),
            };
            Ok((stream, Protocol::Http1, Some(named.unwrap_or(peer))))
        });
        let opened: io::Result<_> = opened.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        opened.map_err(|error| {
            tracing::debug!(%peer, %error, "a connection was not opened");
            DispatchError::Io(error)
        })
    }
}

/// Lets the kernel close a connection whose client acknowledges nothing, or has no room for more, for so long.
#[cfg(target_os = "linux")]
fn unread_closes(tcp: &TcpStream, after: Duration) -> io::Result<()> {
    socket2::SockRef::from(tcp).set_tcp_user_timeout(Some(after))
}

#[cfg(not(target_os = "linux"))]
fn unread_closes(_: &TcpStream, _: Duration) -> io::Result<()> {
    Ok(())
}

/// Reads the PROXY header, and nothing beyond it; `None`: the proxy speaks for itself.
async fn proxied(tcp: &mut TcpStream) -> io::Result<Option<SocketAddr>> {
    let mut header = vec![0; ppp::v2::PROTOCOL_PREFIX.len()];
    tcp.read_exact(&mut header).await?;
    if header == ppp::v2::PROTOCOL_PREFIX {
        return binary(tcp, header).await;
    }
    while !header.ends_with(TEXT_END) {
        if header.len() >= MAX_TEXT_HEADER_BYTES || !header.starts_with(ppp::v1::PROTOCOL_PREFIX.as_bytes()) {
            return Err(no_header());
        }
        header.push(tcp.read_u8().await?);
    }
    let header = ppp::v1::Header::try_from(header.as_slice()).map_err(|_| no_header())?;
    Ok(match header.addresses {
        ppp::v1::Addresses::Unknown => None,
        ppp::v1::Addresses::Tcp4(of) => Some((of.source_address, of.source_port).into()),
        ppp::v1::Addresses::Tcp6(of) => Some((of.source_address, of.source_port).into()),
    })
}

async fn binary(tcp: &mut TcpStream, mut header: Vec<u8>) -> io::Result<Option<SocketAddr>> {
    let begun = header.len();
    header.resize(BINARY_START_BYTES, 0);
    tcp.read_exact(&mut header[begun..]).await?;
    let rest = usize::from(u16::from_be_bytes([header[begun + 2], header[begun + 3]]));
    if header.len() + rest > MAX_BINARY_HEADER_BYTES {
        return Err(no_header());
    }
    let begun = header.len();
    header.resize(begun + rest, 0);
    tcp.read_exact(&mut header[begun..]).await?;
    let header = ppp::v2::Header::try_from(header.as_slice()).map_err(|_| no_header())?;
    // A proxy that asks after our health speaks for itself, whatever else it says.
    if header.command == ppp::v2::Command::Local {
        return Ok(None);
    }
    let (address, port): (IpAddr, u16) = match header.addresses {
        ppp::v2::Addresses::IPv4(of) => (of.source_address.into(), of.source_port),
        ppp::v2::Addresses::IPv6(of) => (of.source_address.into(), of.source_port),
        ppp::v2::Addresses::Unspecified | ppp::v2::Addresses::Unix(_) => return Ok(None),
    };
    Ok(Some((address, port).into()))
}

fn no_header() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a connection of a proxy begins with a PROXY header")
}
