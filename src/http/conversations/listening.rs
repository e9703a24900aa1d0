//! The server as the program starts it: bound, answering, and down again.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use super::server::Server;
use crate::{Settings, serve};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_listens_answers_and_stops() {
    let server = Server::start().await;
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let settings = Settings { listen, workers: Some(1), ..Settings::default() };
    let running = serve(server.service(), settings).expect("a free port");
    let address = running.address();
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    });
    let answer = answer.await.expect("no panic").expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    running.stop().await.expect("a graceful end");
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
}
