//! Tests that rooms answer automatically, and that no room is booked twice for the same time.

use futures::future::join_all;

use super::Server;

const ORGANIZERS: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_fifty_concurrent_bookings_gets_the_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let names: Vec<String> = (0..ORGANIZERS).map(|number| format!("chair{number:02}")).collect();
    let people: Vec<&str> = names.iter().map(String::as_str).collect();
    let server = Server::start(folder.path()).await.with(&people, &["lake"]).await;

    let book = |name: &&str| {
        let meeting = specimens::meeting(&format!("lunch-of-{name}"), name, &["lake"]);
        // The meeting is in the future, because a room accepts every meeting in the past.
        let meeting = meeting.replace(":20260107T", ":20990107T");
        let (server, name) = (&server, (*name).to_owned());
        async move { server.put(&name, &format!("/calendars/{name}/calendar/lunch.ics"), &meeting).await.status() }
    };
    for status in join_all(people.iter().map(book)).await {
        assert_eq!(status, 201);
    }

    let (mut accepted, mut declined) = (0, 0);
    for name in &people {
        let path = format!("/calendars/{name}/calendar/lunch.ics");
        let copy = server.get(name, &path).await.text().await.expect("text").replace("\r\n ", "");
        let lake = copy.lines().find(|line| line.contains("lake@")).expect("the room is invited");
        accepted += usize::from(lake.contains("PARTSTAT=ACCEPTED"));
        declined += usize::from(lake.contains("PARTSTAT=DECLINED"));
    }
    assert_eq!((accepted, declined), (1, ORGANIZERS - 1), "each has an answer, and one of them the room");
    server.stop().await;
}
