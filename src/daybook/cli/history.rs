//! The commands about history.

mod options;

use clap::Subcommand;

use super::lazy::Lazy;
pub(crate) use options::{
    Addition, AsOf, AsOfFormat, Copies, Explain, Find, Permissions, Question, Readers, Refusals, Replay, RestoreTo,
    Show, Timeline, TimelineFormat, Zoned,
};

/// The commands that show, replay and restore the history.
#[derive(Debug, Subcommand)]
pub(crate) enum History {
    /// Find meetings by words, people, days, programs, and identifiers from the logs of clients
    #[command(after_help = "\
Qualifiers; a meeting is listed if all of them hold:
  who:PERSON      somebody with this login, address or name, or a word of it, has a copy, changed it, or is invited
  client:PROGRAM  a program with this word in its name changed it
  on:DAY          the meeting is on this day, or was before it was moved: 2026-12-14
  from:WHEN       a person changed it at this time or later: 2026-12-01, '2026-12-01 10:00'
  to:WHEN         a person changed it before this time
  etag:TAG        a copy had this entity tag
  tag:TAG         a copy had this Schedule-Tag
  request:ID      this request changed it; the answer's X-Request-Id and the access log have the ID
  message:ID      this scheduling message was about it
  href:PATH       a copy was at this path, now or earlier

Examples:
  daybook find project review
  daybook find who:bob client:thunderbird from:2026-12-01
  daybook find href:/calendars/bob/calendar/review.ics")]
    Find(Lazy<Find>),
    /// Show the history of a meeting: who changed it, which messages followed, and why
    #[command(after_help = "\
An act is one request of a person, with everything it led to. The exit code is 1 if an event was altered after it was stored; \
such an event is marked ALTERED.

Examples:
  daybook timeline 20260105-planning@example.com
  daybook timeline 'project review' --who bob --since '2026-12-01 10:00' --zone Europe/Berlin
  daybook timeline 20260105-planning@example.com --all               every event below its cause
  daybook timeline 20260105-planning@example.com --with refused,reads
  daybook timeline 20260105-planning@example.com --dot | dot -Tsvg > causes.svg
  daybook timeline 'project review' --changed VALARM                 which program lost the alarm?
  daybook timeline 'project review'                                  words that only one meeting has
  daybook timeline request:01a2241b-533f-7c1e-8d55-0a4c4b4b6f2e      all that one request led to
  daybook timeline /calendars/bob/calendar/review.ics
  daybook timeline 20260105-planning@example.com --format json | jq .events[0]")]
    Timeline(Lazy<Timeline>),
    /// Explain why a meeting differs from what a person expects
    #[command(after_help = "\
Examples:
  daybook explain 'project review' --for bob
  daybook explain 'project review' --for bob --why missing
  daybook explain 20260105-planning@example.com --why moved --zone Europe/Berlin")]
    Explain(Lazy<Explain>),
    /// Show one event, with everything that is recorded about it
    #[command(after_help = "\
Examples:
  daybook show '#136'
  daybook show 136 --diff
  daybook show 136 --stored > version.ics")]
    Show(Lazy<Show>),
    /// Compare all copies of a meeting, now or at an earlier time
    #[command(after_help = "\
Examples:
  daybook copies 'project review'
  daybook copies 20260105-planning@example.com --at '2026-12-01 10:00' --zone Europe/Berlin
  daybook copies 'project review' --repair --dry-run          repair copies that differ")]
    Copies(Lazy<Copies>),
    /// Show a home, a collection or a resource as it was
    #[command(after_help = "\
A running server shows the same to calendar programs, below /asof/TIME/ or /asof/POSITION/.

Examples:
  daybook as-of '2026-12-01 10:00' /calendars/alice/calendar/ --zone Europe/Berlin
  daybook as-of '#136' /calendars/bob/calendar/review.ics --format ics
  daybook as-of 2026-12-01 /calendars/alice/ --diff now")]
    AsOf(Lazy<AsOf>),
    /// Restore a resource, a collection or a home to an earlier state
    #[command(after_help = "\
Works while a server is running, or stopped. Each step is an ordinary change of today, so the history is kept, and attendees \
are notified as after any change. Objects and collections that got another path are moved back, and resources \
that were created later are deleted. What was removed comes back with the properties and access control lists that it had; what \
is there keeps its own. Inboxes and outboxes stay as they are, and collections that came later are not removed. The exit code \
is 1 if a step was refused.

Examples:
  daybook restore /calendars/bob/calendar/ --to '2026-12-01 10:00' --dry-run
  daybook restore /calendars/bob/private/ --to '#143'
  daybook restore /calendars/bob/calendar/review.ics --to '#143' --silently")]
    Restore(Lazy<RestoreTo>),
    /// Repeat the decisions of recorded acts with the rules of this program, in memory
    #[command(after_help = "\
Works while a server is running, changes no calendar and sends no message. The command names each act that the rules now decide \
differently; the exit code is 1 if there is one. Run it with the new program before an upgrade, on a copy of the journal.

Examples:
  daybook replay
  daybook replay --from 1000 --to 2000
  daybook replay --uid 20260105-planning@example.com
  daybook replay --request 01a2241b-533f-7c1e-8d55-0a4c4b4b6f2e
  daybook replay --setting limits.max_attendees_per_instance=50      what if?
  daybook replay --uid 20260105-planning@example.com --export texts/")]
    Replay(Lazy<Replay>),
    /// Show the privileges on a resource, and their changes
    #[command(after_help = "\
Examples:
  daybook permissions /calendars/alice/calendar/
  daybook permissions /calendars/alice/calendar/ --at '2026-12-01 10:00'
  daybook permissions /calendars/alice/ --from 2026-11-01 --to 2026-12-01")]
    Permissions(Lazy<Permissions>),
    /// List the requests and logins that were refused, with their reasons
    #[command(after_help = "\
Examples:
  daybook refusals --who carol
  daybook refusals --since '2026-12-01 10:00' --format json")]
    Refusals(Lazy<Refusals>),
    /// List which versions of a meeting each person's clients have received
    #[command(after_help = "\
Examples:
  daybook readers 20260105-planning@example.com
  daybook readers 'Project review' --who carol")]
    Readers(Lazy<Readers>),
}
