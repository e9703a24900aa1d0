//! Tests of a hostile server: its answer makes one request fail. The process and the next request
//! go on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{io::Write as _, time::Duration};

use ldap::{Account, Directory, Kind, Search, Secret, Settings};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// A bind response with message id 1 and the result success (RFC 4511 §4.2.2).
const BOUND: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";
/// The end of a search without results, as message 2.
const NOTHING: &[u8] = b"\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x00\x04\x00\x04\x00";

/// Returns a client of a server that sends these answers on each connection, one for each request,
/// and then no more.
async fn answering(answers: &'static [&'static [u8]]) -> Directory {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                for answer in answers {
                    let read = stream.read(&mut request).await;
                    if !read.is_ok_and(|read| read > 0) || stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
                // Keeps the connection open until the client closes it.
                while stream.read(&mut request).await.is_ok_and(|read| read > 0) {}
            });
        }
    });
    let kind = Kind::OpenLdap;
    // The client reads this file but does not use it, because the server is on this machine.
    let authority = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem();
    let mut ca_file = tempfile::NamedTempFile::new().unwrap();
    ca_file.write_all(authority.as_bytes()).unwrap();
    let settings = Settings {
        servers: vec![format!("ldap://127.0.0.1:{port}").parse().unwrap()],
        starttls: false,
        ca_file: ca_file.path().to_owned(),
        account: Some(Account { dn: "cn=reader".to_owned(), password: Secret::first_line("secret") }),
        people: Search { base: String::new(), filter: kind.people_filter().to_owned(), id_attribute: "uid".to_owned() },
        rooms: None,
        groups: None,
        attributes: kind.attributes(),
        timeout: Duration::from_millis(500),
    };
    Directory::new(settings).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_lets_anybody_in_or_ends_the_process() {
    let rows: [(&str, &[&[u8]]); 14] = [
        ("silence", &[]),
        ("HTTP", &[b"HTTP/1.1 400 Bad Request\r\n\r\n"]),
        ("an empty message", &[b"\x30\x00"]),
        ("a message without an id", &[b"\x30\x03\x04\x01\x41"]),
        ("an id that is no number", &[b"\x30\x0c\x04\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"]),
        ("a bind response without a result", &[b"\x30\x05\x02\x01\x01\x61\x00"]),
        ("a result that is no number", &[b"\x30\x0c\x02\x01\x01\x61\x07\x04\x01\x00\x04\x00\x04\x00"]),
        ("an answer to nothing", &[b"\x30\x0c\x02\x01\x63\x61\x07\x0a\x01\x00\x04\x00\x04\x00"]),
        ("controls that are none", &[b"\x30\x11\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00\xa0\x03\x04\x01\x41"]),
        ("an entry without a name", &[BOUND, b"\x30\x05\x02\x01\x02\x64\x00"]),
        (
            "an entry whose attributes are text",
            &[BOUND, b"\x30\x0b\x02\x01\x02\x64\x06\x04\x01\x61\x04\x01\x62", NOTHING],
        ),
        ("an operation that does not exist", &[BOUND, b"\x30\x05\x02\x01\x02\x7e\x00"]),
        ("nobody, and then silence", &[BOUND, NOTHING]),
        ("success for nobody", &[BOUND, NOTHING, b"\x30\x0c\x02\x01\x03\x61\x07\x0a\x01\x00\x04\x00\x04\x00"]),
    ];
    for (title, answers) in rows {
        let checked = answering(answers).await.check_password("alice", "secret").await;
        assert!(!matches!(checked, Ok(true)), "{title}: {checked:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_is_not_whole_is_an_error_and_not_an_empty_one() {
    let rows: [(&str, &[&[u8]]); 4] = [
        ("silence", &[BOUND]),
        (
            "an entry that is none",
            &[BOUND, b"\x30\x05\x02\x01\x02\x64\x00\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x00\x04\x00\x04\x00"],
        ),
        ("a referral", &[BOUND, b"\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x0a\x04\x00\x04\x00"]),
        ("too many entries for the account", &[BOUND, b"\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x04\x04\x00\x04\x00"]),
    ];
    for (title, answers) in rows {
        let read = answering(answers).await.read(0).await;
        assert!(read.is_err(), "{title}: {read:?}");
    }
    let (_, found) = answering(&[BOUND, NOTHING]).await.read(0).await.unwrap();
    assert_eq!(found, ldap::Snapshot::default());
}
