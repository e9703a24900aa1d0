//! Tests of a connection before its first request: TLS, and the PROXY header.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
    },
};

use super::listening::{connect, exchange, head, listen};
use crate::{Limits, Running, Settings, Tls};

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate")
}

fn store(files: &Tls, certificate: &CertifiedKey<KeyPair>) {
    fs::write(&files.certificate, certificate.cert.pem()).expect("a file");
    fs::write(&files.key, certificate.signing_key.serialize_pem()).expect("a file");
}

fn files(folder: &Path) -> Tls {
    Tls { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") }
}

/// Opens a TLS connection as a client that trusts only this certificate.
async fn trusting(trusted: &CertificateDer<'static>, running: &Running) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions").with_root_certificates(roots);
    let connector = TlsConnector::from(Arc::new(builder.with_no_client_auth()));
    connector.connect(ServerName::try_from("localhost").expect("a name"), connect(running).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_loaded_and_an_unusable_one_is_ignored() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = files(folder.path());
    let (first, second) = (certificate(), certificate());
    store(&files, &first);
    let (_server, running) = listen(Settings { tls: Some(files.clone()), ..Settings::default() }).await;
    assert_eq!(running.scheme(), "https");
    let request = head("GET /calendars/anna/", "anna", "anna", "Connection: close\r\n");
    let stream = trusting(first.cert.der(), &running).await.expect("the first certificate");
    let answer = exchange(stream, &request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");

    fs::write(&files.certificate, second.cert.pem()).expect("a file");
    let error = running.reload_certificate().expect_err("the key belongs to the other one");
    assert_eq!(
        error.to_string(),
        "the files of tls.certificate and tls.key do not belong together, or one of them cannot be used"
    );
    trusting(first.cert.der(), &running).await.expect("the first certificate, still");

    store(&files, &second);
    running.reload_certificate().expect("both belong together");
    trusting(second.cert.der(), &running).await.expect("the second certificate");
    trusting(first.cert.der(), &running).await.expect_err("the first one is no longer used");
    let plain = exchange(connect(&running).await, &request).await;
    assert!(!plain.contains("200 OK"), "nothing is answered without TLS: {plain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_certificate_is_named_in_the_error() {
    let server = super::server::Server::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let files = files(folder.path());
    let start = || {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        crate::serve(server.service(), Settings { listen, tls: Some(files.clone()), ..Settings::default() }, None)
    };
    let expected = format!(
        "the certificate or key in {} cannot be read; it must be a PEM file that the server may read",
        files.certificate.display()
    );
    assert_eq!(start().expect_err("no file").to_string(), expected);
    fs::write(&files.certificate, "").expect("a file");
    let expected = format!(
        "{} contains no certificate; put the server's certificate chain there, in PEM",
        files.certificate.display()
    );
    assert_eq!(start().expect_err("an empty file").to_string(), expected);
}

/// Returns the status line of the response to a request with this password.
async fn asked_from(running: &Running, proxy_header: &[u8], headers: &str, password: &str) -> String {
    let mut stream = connect(running).await;
    stream.write_all(proxy_header).await.expect("sent");
    let request = head("GET /calendars/anna/", "anna", password, &format!("{headers}Connection: close\r\n"));
    let answer = exchange(stream, &request).await;
    answer.lines().next().unwrap_or_default().to_owned()
}

fn settings(proxies: &str, proxy_protocol: bool) -> Settings {
    let limits = Limits { max_failed_logins: 1, ..Limits::default() };
    Settings { proxies: proxies.parse().expect("peers"), proxy_protocol, limits, ..Settings::default() }
}

const TOO_MANY: &str = "HTTP/1.1 429 Too Many Requests";
const UNKNOWN: &str = "HTTP/1.1 401 Unauthorized";
const FINE: &str = "HTTP/1.1 200 OK";

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_protocol_header_names_the_client() {
    let (_server, running) = listen(settings("127.0.0.0/8", true)).await;
    let text: &[u8] = b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n";
    let binary =
        [ppp::v2::PROTOCOL_PREFIX, &[0x21, 0x11, 0, 12, 192, 0, 2, 7, 192, 0, 2, 1, 0x12, 0x67, 1, 0xbb]].concat();
    let health = [ppp::v2::PROTOCOL_PREFIX, &[0x20, 0, 0, 0]].concat();
    assert_eq!(asked_from(&running, text, "", "guess").await, UNKNOWN);
    assert_eq!(asked_from(&running, &binary, "", "anna").await, TOO_MANY, "the same address");
    assert_eq!(asked_from(&running, b"PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "", "anna").await, FINE, "another address");
    assert_eq!(asked_from(&running, b"PROXY UNKNOWN\r\n", "", "anna").await, FINE, "the proxy itself");
    assert_eq!(asked_from(&running, &health, "", "anna").await, FINE, "the proxy itself, in the binary form");
    for (title, header) in
        [("none", &b""[..]), ("half a one", b"PROXY TCP4 192.0.2.7\r\n"), ("an endless one", &[b'P'; 200])]
    {
        assert_eq!(asked_from(&running, header, "", "anna").await, "", "a header must come: {title}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarded_headers_count_only_from_a_configured_proxy() {
    let forwarded = "X-Forwarded-For: 192.0.2.7\r\n";
    let (_server, running) = listen(settings("127.0.0.1", false)).await;
    assert_eq!(asked_from(&running, b"", forwarded, "guess").await, UNKNOWN);
    assert_eq!(asked_from(&running, b"", forwarded, "anna").await, TOO_MANY);
    assert_eq!(asked_from(&running, b"", "", "anna").await, FINE, "the proxy itself has guessed nothing");

    let (_server, running) = listen(settings("198.51.100.1", true)).await;
    assert_eq!(asked_from(&running, b"", forwarded, "guess").await, UNKNOWN);
    assert_eq!(asked_from(&running, b"", "", "anna").await, TOO_MANY, "whatever the header said");
    let header = b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n";
    assert_eq!(asked_from(&running, header, "", "anna").await, "HTTP/1.1 400 Bad Request");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_arrive_slowly_take_the_places_of_their_sender_only() {
    let (_server, running) = listen(Settings::default()).await;
    // A body of 4,000,000 bytes takes nearly 4 of the 64 MiB for the bodies of one person.
    let long = head("PROPFIND /calendars/anna/", "anna", "anna", "Connection: close\r\nContent-Length: 4000000\r\n");
    let send = || Box::pin(async { exchange(connect(&running).await, &long).await });
    let (answer, _, slow) = futures::future::select_all((0..17).map(|_| send())).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.to_lowercase().contains("retry-after"), "{answer}");
    let body = "Connection: close\r\nDepth: 0\r\nContent-Length: 20000\r\n";
    let request = head("PROPFIND /calendars/bert/", "bert", "bert", body) + &" ".repeat(20_000);
    let answer = exchange(connect(&running).await, &request).await;
    assert!(answer.starts_with("HTTP/1.1 207 "), "{answer}");
    drop(slow);
}
