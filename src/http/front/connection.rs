//! Turns an accepted socket into a stream for HTTP: reads the PROXY header, then negotiates TLS.
//!
//! **Invariant:** a connection is closed if the PROXY header and TLS take too long, if the head of
//! a request does, and, on Linux, if the client stops reading the response.

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

use super::{certificate::Certificate, head_limit::HeadLimit};
use crate::settings::{Peers, Settings};

/// Maximum length in bytes of a PROXY header of version 1.
const MAX_TEXT_HEADER_BYTES: usize = 107;
/// Length in bytes of the fixed part of a PROXY header of version 2. Its last two bytes hold the
/// length of the rest.
const BINARY_START_BYTES: usize = 16;
/// Maximum length in bytes of a PROXY header of version 2 that is accepted. Proxies append
/// extensions to the addresses in it.
const MAX_BINARY_HEADER_BYTES: usize = 4096;
const TEXT_END: &[u8] = b"\r\n";

pub(crate) type Stream = HeadLimit<Either<TcpStream, TlsStream<TcpStream>>>;

/// Prepares accepted sockets for HTTP.
pub(crate) struct Acceptor {
    proxies: Option<Peers>,
    tls: Option<TlsAcceptor>,
    opening: Duration,
    answer_pause: Duration,
}

impl Acceptor {
    pub(crate) fn of(settings: &Settings, certificate: Option<&Arc<Certificate>>) -> io::Result<Self> {
        let configuration = certificate.map(Certificate::configuration).transpose()?;
        Ok(Self {
            proxies: settings.proxy_protocol.then(|| settings.proxies.clone()),
            tls: configuration.map(|configuration| TlsAcceptor::from(Arc::new(configuration))),
            opening: settings.limits.request_head,
            answer_pause: settings.limits.answer_pause,
        })
    }

    /// Returns the stream for HTTP, and the client's address: the one in the PROXY header,
    /// otherwise the peer's. `Err` if the PROXY header or TLS fails or takes too long.
    pub(crate) async fn accept(
        &self,
        mut tcp: TcpStream,
    ) -> Result<(Stream, Protocol, Option<SocketAddr>), DispatchError> {
        let peer = tcp.peer_addr()?;
        // Each write is a whole response or a chunk of one, so delaying small packets gains
        // nothing.
        tcp.set_nodelay(true)?;
        set_user_timeout(&tcp, self.answer_pause)?;
        let opened = timeout(self.opening, async {
            let is_proxy = self.proxies.as_ref().is_some_and(|proxies| proxies.contains(peer.ip()));
            let named = if is_proxy { read_proxy_header(&mut tcp).await? } else { None };
            let stream = match &self.tls {
                Some(tls) => Either::Right(tls.accept(tcp).await?),
                None => Either::Left(tcp),
            };
            let stream = HeadLimit::new(stream, self.opening);
            Ok((stream, Protocol::Http1, Some(named.unwrap_or(peer))))
        });
        let opened: io::Result<_> = opened.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        opened.map_err(|error| {
            tracing::debug!(%peer, %error, "closed a connection before its first request: the PROXY header or TLS failed");
            DispatchError::Io(error)
        })
    }
}

/// Sets `TCP_USER_TIMEOUT`, so that the kernel closes connections whose client stops reading.
#[cfg(target_os = "linux")]
fn set_user_timeout(tcp: &TcpStream, after: Duration) -> io::Result<()> {
    socket2::SockRef::from(tcp).set_tcp_user_timeout(Some(after))
}

#[cfg(not(target_os = "linux"))]
fn set_user_timeout(_: &TcpStream, _: Duration) -> io::Result<()> {
    Ok(())
}

/// Reads the PROXY header, and not a byte beyond it. Returns the client's address in the header;
/// `None` if the header names none, as when the proxy opened the connection for itself. `Err` if
/// the header is missing, malformed or too long.
async fn read_proxy_header(tcp: &mut TcpStream) -> io::Result<Option<SocketAddr>> {
    let mut header = vec![0; ppp::v2::PROTOCOL_PREFIX.len()];
    tcp.read_exact(&mut header).await?;
    if header == ppp::v2::PROTOCOL_PREFIX {
        return read_binary_header(tcp, header).await;
    }
    while !header.ends_with(TEXT_END) {
        if header.len() >= MAX_TEXT_HEADER_BYTES || !header.starts_with(ppp::v1::PROTOCOL_PREFIX.as_bytes()) {
            return Err(invalid_header());
        }
        header.push(tcp.read_u8().await?);
    }
    let header = ppp::v1::Header::try_from(header.as_slice()).map_err(|_| invalid_header())?;
    Ok(match header.addresses {
        ppp::v1::Addresses::Unknown => None,
        ppp::v1::Addresses::Tcp4(of) => Some((of.source_address, of.source_port).into()),
        ppp::v1::Addresses::Tcp6(of) => Some((of.source_address, of.source_port).into()),
    })
}

async fn read_binary_header(tcp: &mut TcpStream, mut header: Vec<u8>) -> io::Result<Option<SocketAddr>> {
    let length = header.len();
    header.resize(BINARY_START_BYTES, 0);
    tcp.read_exact(&mut header[length..]).await?;
    let rest = usize::from(u16::from_be_bytes([header[length + 2], header[length + 3]]));
    if header.len() + rest > MAX_BINARY_HEADER_BYTES {
        return Err(invalid_header());
    }
    let length = header.len();
    header.resize(length + rest, 0);
    tcp.read_exact(&mut header[length..]).await?;
    let header = ppp::v2::Header::try_from(header.as_slice()).map_err(|_| invalid_header())?;
    // With the command LOCAL, such as for a health check, the proxy itself is the client. The
    // addresses in the header are ignored.
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

fn invalid_header() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the proxy sent no valid PROXY header; configure the proxy to send one, or set proxy_protocol = false",
    )
}
