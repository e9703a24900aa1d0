//! The limit on failed logins.

use actix_web::test::TestRequest;

use super::server::Server;
use crate::Limits;

const PATH: &str = "/calendars/anna/";

async fn status(server: &Server, name: &str, password: &str) -> u16 {
    server.ask_with(name, password, TestRequest::get().uri(PATH)).await.status.as_u16()
}

#[actix_web::test]
async fn failed_logins_are_limited_and_requests_without_a_password_do_not_count() {
    let server = Server::start().await;
    let most = Limits::default().max_failed_logins;
    for _ in 0..=most {
        let answer = server.send("", "GET", PATH, &[], "").await;
        assert_eq!(answer.status.as_u16(), 401, "clients begin without credentials");
        let answer = server.send("", "GET", PATH, &[("Authorization", "Bearer x")], "").await;
        assert_eq!(answer.status.as_u16(), 401, "or with others");
        assert_eq!(status(&server, "anna", "outdated").await, 401, "a program repeats what it knows");
    }
    assert_eq!(status(&server, "anna", "anna").await, 200, "none of this locks anybody out");
    for number in 1..most {
        assert_eq!(status(&server, "anna", &format!("guess {number}")).await, 401);
    }
    let answer = server.ask_with("anna", "anna", TestRequest::get().uri(PATH)).await;
    assert_eq!(answer.status.as_u16(), 429, "after so many guesses no password is looked at");
    assert_eq!(answer.header("retry-after"), Some("900"));
    assert_eq!(status(&server, "admin", "admin").await, 200, "others are not concerned");
    let metrics = server.send("", "GET", "/metrics", &[], "").await.body;
    assert!(metrics.contains(&format!("daybook_failed_logins_total {}\n", 2 * most)), "{metrics}");
}
