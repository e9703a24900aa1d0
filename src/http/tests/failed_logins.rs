//! Tests of the limits on failed logins.

use actix_web::test::TestRequest;
use futures::future::join_all;

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
    assert_eq!(status(&server, "anna", "anna").await, 200, "none of this blocks a login");
    for number in 1..most {
        assert_eq!(status(&server, "anna", &format!("guess {number}")).await, 401);
    }
    let answer = server.ask_with("anna", "another guess", TestRequest::get().uri(PATH)).await;
    assert_eq!(answer.status.as_u16(), 429, "after so many guesses no password is checked");
    assert_eq!(answer.header("retry-after"), Some("900"));
    assert_eq!(status(&server, "admin", "admin").await, 200, "another name");
    let metrics = server.send("", "GET", "/metrics", &[], "").await.body;
    assert!(metrics.contains(&format!("daybook_failed_logins_total {}\n", 2 * most)), "{metrics}");
}

#[actix_web::test]
async fn a_burst_of_guesses_is_checked_up_to_the_limit() {
    let server = Server::start().await;
    let passwords: Vec<_> = (0..500).map(|number| format!("guess {number}")).collect();
    let statuses = join_all(passwords.iter().map(|password| status(&server, "anna", password))).await;
    let of = |code| statuses.iter().filter(|status| **status == code).count();
    assert_eq!((of(401), of(429)), (Limits::default().max_failed_logins, 490));
    assert_eq!(status(&server, "anna", "anna").await, 429, "nor is the right password checked then");
}

#[actix_web::test]
async fn guesses_do_not_lock_out_a_client_that_is_logged_in() {
    let server = Server::start().await;
    assert_eq!(status(&server, "anna", "anna").await, 200);
    for number in 0..=Limits::default().max_failed_logins {
        status(&server, "anna", &format!("guess {number}")).await;
    }
    assert_eq!(status(&server, "anna", "another guess").await, 429);
    assert_eq!(status(&server, "anna", "anna").await, 200);
}

#[actix_web::test]
async fn one_address_cannot_try_many_names() {
    let server = Server::start().await;
    let names: Vec<_> = (0..200).map(|number| format!("name {number}")).collect();
    let mut blocked = 0;
    for name in &names {
        blocked += usize::from(status(&server, name, "summer").await == 429);
    }
    assert_eq!(blocked, names.len() - Limits::default().max_failed_logins_per_address);
}

#[actix_web::test]
async fn people_log_in_with_their_mail_addresses_and_guesses_count_for_the_account() {
    let server = Server::start().await;
    assert_eq!(status(&server, "Anna@Example.com", "anna").await, 200);
    for number in 0..Limits::default().max_failed_logins {
        let name = ["bert", "bert@example.com", "BERT@example.com"][number % 3];
        assert_eq!(status(&server, name, &format!("guess {number}")).await, 401, "{name}");
    }
    assert_eq!(status(&server, "bErt@example.com", "another guess").await, 429);
}

#[actix_web::test]
async fn a_wrong_password_is_checked_again_for_another_name_of_the_account() {
    let server = Server::start().await;
    let most = Limits::default().max_failed_logins;
    for number in 0..most / 2 {
        for name in ["anna", "anna@example.com"] {
            assert_eq!(status(&server, name, &format!("guess {number}")).await, 401);
        }
    }
    assert_eq!(status(&server, "anna", "another guess").await, 429, "each was checked, and counted");
    assert_eq!(status(&server, "anna", "guess 0").await, 401, "that one is known to be wrong");
}
