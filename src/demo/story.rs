//! The conversation of the demo: an invitation, answers, a new time, a cancellation.

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;

use crate::{
    client::{Client, Resource, Sent},
    copy::Copy,
    meeting::{Meeting, shown, utc},
    people::{ALICE, BOB, CAROL, LAKE, Person},
};

/// The state of the conversation: the clients of the three people and the room, and the meeting
/// that they schedule.
#[derive(Debug)]
struct Story {
    alice: Client,
    bob: Client,
    carol: Client,
    lake: Client,
    uid: String,
    path: String,
}

/// Plays the conversation against the server at `url` and returns the meeting's UID.
///
/// `id` makes the meetings of several demos distinct. The first instance is in the week after
/// `now`.
pub async fn play(url: &str, id: &str, now: DateTime<Utc>) -> Result<String> {
    let name = format!("planning-{id}");
    let uid = format!("{name}@example.com");
    let alice = Client::new(ALICE, url)?;
    let path = format!("{}{name}.ics", alice.calendar());
    let client = |person: Person| Client::new(person, url);
    let story = Story { alice, bob: client(BOB)?, carol: client(CAROL)?, lake: client(LAKE)?, uid, path };
    let meeting = Meeting::next_week(now);
    story.invite(&meeting).await?;
    story.accept().await?;
    story.decline_once(&meeting).await?;
    let meeting = meeting.later(2);
    story.move_it(&meeting).await?;
    story.accept_again().await?;
    story.cancel().await?;
    Ok(story.uid)
}

impl Story {
    async fn invite(&self, meeting: &Meeting) -> Result<()> {
        step(1, "Alice invites Bob, Carol and the room Lake to “Planning”, four weeks from");
        println!("   {}.", shown(meeting.start));
        self.store(&self.alice, &self.path, meeting.series(&self.uid), &[("If-None-Match", "*".to_owned())], 201)
            .await?;
        let hers = self.hers().await?;
        for person in [BOB, CAROL, LAKE] {
            let status = hers.status(person)?;
            check(&format!("delivered to {}: SCHEDULE-STATUS {status}", person.name), Copy::is_delivered(&status))?;
        }
        self.heard(&self.bob, "REQUEST", 1).await?;
        self.heard(&self.carol, "REQUEST", 1).await?;
        says(&hers, LAKE, "ACCEPTED", "the room answered by itself")?;
        self.heard(&self.alice, "REPLY", 1).await?;
        for client in [&self.bob, &self.carol, &self.lake] {
            self.copy_of(client).await?;
        }
        check("Bob, Carol and Lake have copies in their calendars", true)
    }

    async fn accept(&self) -> Result<()> {
        step(2, "Bob accepts.");
        self.answer(&self.bob, "ACCEPTED").await?;
        says(&self.hers().await?, BOB, "ACCEPTED", "in Alice's calendar")?;
        self.heard(&self.alice, "REPLY", 2).await?;
        let (_, carols) = self.copy_of(&self.carol).await?;
        says(&carols, BOB, "ACCEPTED", "in Carol's calendar, refreshed without a message")
    }

    async fn decline_once(&self, meeting: &Meeting) -> Result<()> {
        let second = meeting.instance(1);
        step(3, &format!("Carol accepts, but declines the instance of {}.", shown(second)));
        self.answer(&self.carol, "ACCEPTED").await?;
        let (resource, copy) = self.copy_of(&self.carol).await?;
        let (start, end) = (utc(second), utc(second + TimeDelta::hours(1)));
        let ics = copy.answered_for(CAROL, "DECLINED", &start, &end)?;
        self.replace(&self.carol, &resource, ics).await?;
        let hers = self.hers().await?;
        says(&hers, CAROL, "ACCEPTED", "the series, in Alice's calendar")?;
        let declined = hers.answer(CAROL, Some(&start))?;
        check(&format!("Carol {declined} {start}, in Alice's calendar"), declined == "DECLINED")?;
        let (_, bobs) = self.copy_of(&self.bob).await?;
        let seen = bobs.answer(CAROL, Some(&start))?;
        check(&format!("Carol {seen} {start}, in Bob's calendar"), seen == "DECLINED")
    }

    async fn move_it(&self, meeting: &Meeting) -> Result<()> {
        step(4, &format!("Alice moves the series two hours, to {}.", shown(meeting.start)));
        let resource = self.alice.get(&self.path).await?;
        self.replace(&self.alice, &resource, meeting.series(&self.uid)).await?;
        let hers = self.hers().await?;
        says(&hers, LAKE, "ACCEPTED", "the room is free then, too")?;
        self.heard(&self.bob, "REQUEST", 2).await?;
        for client in [&self.bob, &self.carol] {
            let (_, copy) = self.copy_of(client).await?;
            let (start, name) = (copy.value("DTSTART")?, client.person.name);
            check(&format!("{name}'s copy starts {start}"), start == utc(meeting.start))?;
            says(&copy, client.person, "NEEDS-ACTION", "a new time needs a new answer")?;
        }
        Ok(())
    }

    async fn accept_again(&self) -> Result<()> {
        step(5, "Bob accepts the new time; Carol declines.");
        self.answer(&self.bob, "ACCEPTED").await?;
        self.answer(&self.carol, "DECLINED").await?;
        let hers = self.hers().await?;
        says(&hers, BOB, "ACCEPTED", "in Alice's calendar")?;
        says(&hers, CAROL, "DECLINED", "in Alice's calendar")
    }

    async fn cancel(&self) -> Result<()> {
        step(6, "Alice cancels: she removes the meeting.");
        self.alice.act(Method::DELETE, &self.path, Sent::default(), 204).await?;
        self.heard(&self.bob, "CANCEL", 1).await?;
        for client in [&self.bob, &self.carol] {
            let (_, copy) = self.copy_of(client).await?;
            let (status, name) = (copy.value("STATUS")?, client.person.name);
            check(&format!("{name}'s copy: STATUS {status}"), status == "CANCELLED")?;
        }
        let is_out = self.find_copy(&self.lake).await?.is_none();
        check("Lake is free again: the meeting is out of its calendar", is_out)?;
        println!();
        Ok(())
    }

    async fn store(
        &self,
        client: &Client,
        path: &str,
        body: String,
        condition: &[(&'static str, String)],
        expected: u16,
    ) -> Result<()> {
        let mut headers = vec![("Content-Type", "text/calendar; charset=utf-8".to_owned())];
        headers.extend_from_slice(condition);
        client.act(Method::PUT, path, Sent { body, headers: &headers }, expected).await.map(drop)
    }

    /// Stores a changed copy, on the condition that its Schedule-Tag has not changed since the copy
    /// was read (RFC 6638 §3.2.10).
    async fn replace(&self, client: &Client, read: &Resource, ics: String) -> Result<()> {
        let tag = read.schedule_tag.clone().with_context(|| format!("{} has no Schedule-Tag", read.path))?;
        self.store(client, &read.path, ics, &[("If-Schedule-Tag-Match", tag)], 204).await
    }

    /// Stores the person's copy with their answer to the whole series.
    async fn answer(&self, client: &Client, partstat: &str) -> Result<()> {
        let (resource, copy) = self.copy_of(client).await?;
        self.replace(client, &resource, copy.answered(client.person, partstat)).await
    }

    async fn hers(&self) -> Result<Copy> {
        Copy::of(&self.alice.get(&self.path).await?.ics)
    }

    /// Returns the copy in the person's calendar; an error if there is none.
    async fn copy_of(&self, client: &Client) -> Result<(Resource, Copy)> {
        let found = self.find_copy(client).await?;
        found.with_context(|| format!("{} has no copy of the meeting", client.person.name))
    }

    async fn find_copy(&self, client: &Client) -> Result<Option<(Resource, Copy)>> {
        for resource in client.everything(&client.calendar()).await? {
            let copy = Copy::of(&resource.ics)?;
            if copy.uid().as_deref() == Some(&self.uid) {
                return Ok(Some((resource, copy)));
            }
        }
        Ok(None)
    }

    /// Checks that a person's inbox has `expected` messages about this meeting with the given
    /// METHOD.
    async fn heard(&self, client: &Client, method: &str, expected: usize) -> Result<()> {
        let mut found = 0;
        for item in client.everything(&client.inbox()).await? {
            let message = Copy::of(&item.ics)?;
            found +=
                usize::from(message.uid().as_deref() == Some(&self.uid) && message.method().as_deref() == Some(method));
        }
        check(&format!("{}'s inbox: {found} × {method}", client.person.name), found == expected)
            .with_context(|| format!("{expected} messages were expected"))
    }
}

/// Checks the PARTSTAT of `person` in the recurring component of a copy.
fn says(copy: &Copy, person: Person, expected: &str, note: &str) -> Result<()> {
    let answer = copy.answer(person, None)?;
    check(&format!("{} {answer}: {note}", person.name), answer == expected)
        .with_context(|| format!("{expected} was expected"))
}

fn step(number: u32, title: &str) {
    println!("\n{number}. {title}");
}

/// Prints a fact that the demo expects, with a mark that says whether it is true. An error comes
/// back if it is not.
fn check(fact: &str, is_right: bool) -> Result<()> {
    println!("   {} {fact}", if is_right { "✓" } else { "✗" });
    ensure!(is_right, "the demo stopped, because this is not true: {fact}");
    Ok(())
}
