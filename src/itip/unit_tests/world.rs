//! A test world: people with one calendar each, and messages that are delivered at once.

use crate::inbound::{self, Effect, Ending, OrganizersComments, Recipient, TagEffect};
use crate::{
    CalendarUserRole, Change, Context, Draft, Method, Refusal, ScheduleReply, Visibility, attendee, calendar_user_role,
    organizer, status,
};
use ical::{Address, Document};
use schemas::Ignored;
use std::collections::BTreeMap;

/// The copies of all people, and the replies that were applied.
#[derive(Default)]
pub(super) struct World {
    pub(super) copies: BTreeMap<&'static str, String>,
    pub(super) now: i64,
    /// The replies that were applied. Each test has only one meeting.
    latest_replies: inbound::LatestReplies,
    /// The log since [`World::log`] was last called.
    log: Vec<String>,
}

pub(super) fn address(who: &str) -> String {
    format!("mailto:{who}@example.org")
}

/// Returns an event or a task. Each item of `components` has the lines of one component.
pub(super) fn object(components: &[&str]) -> String {
    let kind = if components.iter().any(|lines| lines.contains("DUE:")) { "VTODO" } else { "VEVENT" };
    let component = |lines: &&str| {
        let lines: Vec<_> =
            lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| line.to_owned() + "\r\n").collect();
        let lines = lines.concat();
        format!("BEGIN:{kind}\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n{lines}END:{kind}\r\n")
    };
    let components: String = components.iter().map(component).collect();
    specimens::calendar(&components)
}

/// Returns the canonical address of a person: `anna@work.example.org` becomes `anna@example.org`.
pub(super) fn canonical(address: &Address) -> Address {
    let address = address.email().unwrap_or_else(|| address.clone());
    let canonical = address.canonical().replace("@work.", "@");
    Address::parse(&canonical).expect("an address")
}

pub(super) fn as_owner<R>(who: &str, now: i64, run: impl FnOnce(&Context<'_>) -> R) -> R {
    let mine = Address::parse(&address(who)).expect("an address");
    let owns = |address: &Address| canonical(address) == mine;
    run(&Context { now, owns: &owns, canonical: &canonical, knows: &|_| true })
}

/// Returns the reason why the copy of a person ignores a message; `None` if it does not.
pub(super) fn ignored(who: &str, now: i64, message: &inbound::Message<'_>, copy: &Document) -> Option<Ignored> {
    let recipient = Recipient {
        copy: Some(&inbound::Copy::read(copy, &canonical)),
        latest_replies: &inbound::LatestReplies::default(),
        ending: Ending::Open,
        comments: &OrganizersComments::default(),
    };
    match as_owner(who, now, |context| inbound::receive(message, &recipient, context)).effect {
        Effect::Unchanged { reason } => Some(reason),
        Effect::Created(_) | Effect::Changed { .. } | Effect::Answered(_) => None,
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self { now: 1_767_225_600, ..Self::default() } // 2026-01-01
    }

    fn document(&self, who: &str) -> Option<Document> {
        self.copies.get(who).map(|text| Document::parse(text.clone()).expect("a copy is well-formed"))
    }

    /// Stores an object, or removes it if `after` is `None`, and delivers the messages that this
    /// causes.
    pub(super) fn put(&mut self, who: &'static str, after: Option<&str>) -> Result<(), Refusal> {
        self.put_with(who, after, ScheduleReply::Send)
    }

    pub(super) fn put_with(
        &mut self,
        who: &'static str,
        after: Option<&str>,
        reply: ScheduleReply,
    ) -> Result<(), Refusal> {
        self.now += 60;
        let before = self.document(who);
        let sent = after.map(|text| Document::parse(text).expect("the object is well-formed"));
        let change = as_owner(who, self.now, |context| {
            let stand = |object: &Option<Document>| {
                object.as_ref().map(|object| calendar_user_role(object, context.owns)).transpose()
            };
            let was = stand(&before)?.filter(|role| *role != CalendarUserRole::NotScheduled);
            match was.or(stand(&sent)?) {
                Some(CalendarUserRole::Organizer { .. }) => organizer::change(before.as_ref(), sent.as_ref(), context),
                Some(CalendarUserRole::Attendee { .. }) => {
                    attendee::change(before.as_ref(), sent.as_ref(), reply, &OrganizersComments::default(), context)
                }
                Some(CalendarUserRole::NotScheduled) | None => Ok(Change::default()),
            }
        })?;
        match (change.stored, after) {
            (Some(stored), _) => drop(self.copies.insert(who, stored)),
            (None, Some(after)) => drop(self.copies.insert(who, after.to_owned())),
            (None, None) => drop(self.copies.remove(who)),
        }
        // A change that concerns nobody causes no messages, which is enough here. Its records are
        // tested in `agents`.
        let wanted = |suppressed: &&crate::Suppressed| suppressed.reason != "not-significant";
        for suppressed in change.suppressed.iter().filter(wanted) {
            let line = format!(
                "{} not to {}: {}",
                suppressed.method.as_str(),
                suppressed.recipients.join(", "),
                suppressed.reason
            );
            self.log.push(line);
        }
        self.deliver(who, &change.messages);
        Ok(())
    }

    pub(super) fn deliver(&mut self, sender: &'static str, drafts: &[Draft]) {
        for draft in drafts {
            let silent = if draft.visibility == Visibility::Silent { " silently" } else { "" };
            let people: Vec<_> = draft.recipients.iter().map(|address| name(address)).collect();
            let of =
                if draft.instances.is_empty() { String::new() } else { format!(" of {}", draft.instances.join(" ")) };
            self.log.push(format!("{} to {}{silent}: {}{of}", draft.method.as_str(), people.join(" "), draft.reason));
            let mut statuses = Vec::new();
            for recipient in &draft.recipients {
                let person = name(recipient);
                statuses.push((Address::parse(recipient).expect("an address"), "1.2".to_owned()));
                if let Some(person) = PEOPLE.into_iter().find(|known| *known == person) {
                    self.receive(person, draft);
                }
            }
            if draft.visibility == Visibility::Inbox {
                self.report(sender, &statuses);
            }
        }
    }

    fn report(&mut self, sender: &'static str, statuses: &[(Address, String)]) {
        let Some(copy) = self.document(sender) else { return };
        if let Some(text) = as_owner(sender, self.now, |context| status::set_schedule_status(&copy, statuses, context))
        {
            self.copies.insert(sender, text);
        }
    }

    pub(super) fn receive(&mut self, who: &'static str, draft: &Draft) {
        let before = self.document(who);
        let copy = before.as_ref().map(|before| inbound::Copy::read(before, &canonical));
        let message = Document::parse(draft.ics.clone()).expect("a message is well-formed");
        let read = inbound::Message::read(&message, &canonical).expect("a message is valid");
        let received = as_owner(who, self.now, |context| {
            inbound::receive(
                &read,
                &Recipient {
                    copy: copy.as_ref(),
                    latest_replies: &self.latest_replies,
                    ending: Ending::Open,
                    comments: &OrganizersComments::default(),
                },
                context,
            )
        });
        if draft.method == Method::Reply && received.notify {
            self.latest_replies.record(&inbound::answers(&message));
        }
        let seen = if received.notify && draft.visibility == Visibility::Inbox { ", told" } else { "" };
        match received.effect {
            Effect::Created(ics) => {
                self.log.push(format!("  {who} has it{seen}"));
                self.copies.insert(who, ics);
            }
            Effect::Changed { ics, tag } => {
                let tag = if tag == TagEffect::Stays { " quietly" } else { "" };
                self.log.push(format!("  {who} changed{tag}{seen}"));
                self.copies.insert(who, ics);
            }
            Effect::Answered(draft) => {
                self.log.push(format!("  {who} answers{seen}"));
                self.deliver(who, &[draft]);
            }
            Effect::Unchanged { reason } => self.log.push(format!("  {who} {}{seen}", reason.as_str())),
        }
        if draft.method == Method::Reply
            && let (Some(before), Some(after)) = (before, self.document(who))
        {
            let drafts = as_owner(who, self.now, |context| organizer::refresh(&before, &after, context));
            self.deliver(who, &drafts);
        }
    }

    /// Returns the log since the last call, one line for each event.
    pub(super) fn log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    /// Returns the lines of a copy with this property name, each with the RECURRENCE-ID of its
    /// component in front.
    pub(super) fn lines(&self, who: &str, name: &str) -> Vec<String> {
        let document = self.document(who).expect("there is a copy");
        let components = document.root().components().filter(|component| !component.is("VTIMEZONE"));
        let mut lines = Vec::new();
        for component in components {
            let id = component.property("RECURRENCE-ID").map(|id| format!("{} ", id.value())).unwrap_or_default();
            lines.extend(component.properties_named(name).map(|property| format!("{id}{}", property.content_line())));
        }
        lines
    }

    /// Returns the PARTSTATs of the attendee `of` in the copy of the person `copy`.
    pub(super) fn partstats(&self, copy: &str, of: &str) -> Vec<String> {
        let lines = self.lines(copy, "ATTENDEE").into_iter().filter(|line| line.ends_with(&address(of)));
        let partstat = |line: String| {
            let id = line.split_once(' ').map(|(id, _)| format!("{id} ")).unwrap_or_default();
            let stat = line.split_once("PARTSTAT=").map_or("", |(_, rest)| rest.split([';', ':']).next().unwrap_or(""));
            format!("{id}{stat}")
        };
        lines.map(partstat).collect()
    }

    /// Writes the answer of `who` into all components of their copy, as their client would, and
    /// stores it.
    pub(super) fn answer(&mut self, who: &'static str, partstat: &str) -> Result<(), Refusal> {
        let copy = self.document(who).expect("there is a copy");
        let mut edit = copy.edit();
        for component in copy.root().components() {
            let mine = component.properties_named("ATTENDEE").filter(|attendee| attendee.value() == address(who));
            mine.for_each(|attendee| edit.set_param(attendee.id(), "PARTSTAT", partstat));
        }
        self.put(who, Some(&edit.finish()))
    }
}

pub(super) const PEOPLE: [&str; 4] = ["anna", "bob", "carl", "dora"];

fn name(address: &str) -> String {
    let name = address.trim_start_matches("mailto:").trim_start_matches("MAILTO:");
    name.split('@').next().unwrap_or(name).to_lowercase()
}
