//! Tests of metrics and health checks, at the server's address or at a separate address.

use std::{net::SocketAddr, time::Duration};

use tokio::net::TcpStream;

use super::listening::{connect, exchange, listen};
use crate::{Limits, Settings};

async fn ask(address: SocketAddr, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    exchange(TcpStream::connect(address).await.expect("a connection"), &request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_move_to_the_address_for_operators_and_health_is_at_both() {
    let own = SocketAddr::from(([127, 0, 0, 1], 0));
    let (_server, running) = listen(Settings { operators: Some(own), ..Settings::default() }).await;
    let (public, operators) = (running.address(), running.operators_address().expect("an address"));
    assert!(ask(public, "/metrics").await.starts_with("HTTP/1.1 401"), "a path like any other");
    assert!(ask(operators, "/metrics").await.contains("\r\n# HELP daybook_http_requests"));
    for address in [public, operators] {
        assert!(ask(address, "/healthz").await.ends_with("alive\n"));
        assert!(ask(address, "/readyz").await.ends_with("ready\n"));
    }
    assert!(ask(operators, "/calendars/").await.starts_with("HTTP/1.1 404"));
    running.stop().await.expect("it stops");
    assert!(TcpStream::connect(operators).await.is_err(), "both addresses are free again");
}

/// A second head, which nothing would limit, is not read.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_an_operator_ends_after_one_response_or_a_slow_head() {
    let limits = Limits { request_head: Duration::from_millis(300), ..Limits::default() };
    let own = SocketAddr::from(([127, 0, 0, 1], 0));
    let (_server, running) = listen(Settings { operators: Some(own), limits, ..Settings::default() }).await;
    let operators = running.operators_address().expect("an address");
    let begun = "GET /healthz HTTP/1.1\r\nHost:";
    for (sent, end) in [(&format!("{begun} localhost\r\n\r\n{begun}")[..], "alive\n"), (begun, "")] {
        let stream = TcpStream::connect(operators).await.expect("a connection");
        let answer = tokio::time::timeout(Duration::from_secs(6), exchange(stream, sent)).await;
        let answer = answer.expect("the connection is closed");
        assert!(answer.ends_with(end) && answer.matches("HTTP/1.1 200 ").count() == end.len().min(1), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_explained_and_exists_from_the_start() {
    let (_server, running) = listen(Settings::default()).await;
    let _idle = connect(&running).await;
    let answer = ask(running.address(), "/metrics").await;
    assert!(
        answer.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"),
        "{answer}"
    );
    let (_, text) = answer.split_once("\r\n\r\n").expect("a body");
    for family in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()) {
        assert!(text.contains(&format!("# HELP {family} ")), "{family}");
    }
    for line in [
        "daybook_failed_logins_total 0",
        "daybook_connections 2",
        "daybook_http_requests_total{method=\"PUT\",status=\"5xx\"} 0",
        "daybook_read_model_lag{model=\"collections\"} 0",
        "daybook_read_model_answers{model=\"principals\"} 1",
        "daybook_journal_outbox_pending 0",
        "daybook_journal_outbox_oldest_seconds 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}
