//! A small world without I/O: a few homes, their calendar objects, and a postman who delivers at once.
//! Time stands still unless it is moved; ids derive from a count: goldens hold exact bytes.

use std::collections::BTreeMap;

use calendar::{
    Limits, Refusal, Require,
    object::{
        AddressBook, Availability, Command, DecisionContext, DefaultCalendars, InboundMessage, Invitation, NameHolder,
        Object, Overwrite, ParsedMessage, Put, Receive, Relocate, Remove, Report, decide, evolve, read,
    },
};
use ical::Address;
use itip::ScheduleReply;
use schemas::{
    CollectionId, ObjectEvent, ObjectId, PrincipalId, Timestamp,
    object::{Delivery, DeliveryReported, MessageIssued, Method, Outcome, Place, Recipient, Visibility},
    principal::AutomaticAnswer,
};
use uuid::Uuid;

/// 2026-01-05T12:00:00Z, a Monday.
const NOON: i64 = 1_767_614_400;
/// Friends and a room; the people of RFC 6638, appendix B; those of RFC 5546, section 4.
const PEOPLE: [&str; 13] =
    ["alice", "bob", "carol", "dave", "lake", "cyrus", "wilfredo", "bernard", "a", "b", "c", "d", "e"];
const DOMAINS: [&str; 3] = ["@example.org", "@example.com", "@example.net"];

/// Waves after which a conversation that does not end is a fault.
const MAX_WAVES: usize = 8;

pub struct World {
    objects: BTreeMap<ObjectId, Object>,
    names: BTreeMap<ObjectId, String>,
    acts: u128,
    now: i64,
    limits: Limits,
    /// Who has no calendar for what arrives.
    without_calendar: Option<String>,
    /// What happened in the last step, in order: whose home, which event.
    pub happened: Vec<(String, ObjectEvent)>,
}

/// Everybody has `mailto:NAME@` each of the [`DOMAINS`]; alice has an alias too.
pub struct People;

pub fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

impl AddressBook for People {
    fn principal(&self, address: &Address) -> Option<PrincipalId> {
        let canonical = self.canonical(address);
        let canonical = canonical.canonical().strip_prefix("mailto:")?;
        let name = DOMAINS.iter().find_map(|domain| canonical.strip_suffix(domain))?;
        PEOPLE.contains(&name).then(|| id(name))
    }

    fn canonical(&self, address: &Address) -> Address {
        if address.canonical() == "mailto:boss@example.org" {
            return Address::parse("mailto:alice@example.org").expect("an address");
        }
        address.clone()
    }
}

/// The room is busy for everything that begins on a Tuesday.
struct Tuesdays;

impl Availability for Tuesdays {
    fn is_busy(&self, start: i64, _end: i64, _except_uid: &str) -> bool {
        start.div_euclid(86_400).rem_euclid(7) == 5
    }
}

impl Default for World {
    fn default() -> Self {
        Self {
            objects: BTreeMap::new(),
            names: BTreeMap::new(),
            acts: 0,
            now: NOON,
            limits: Limits::default(),
            without_calendar: None,
            happened: vec![],
        }
    }
}

impl World {
    /// An hour passes.
    pub fn later(&mut self) -> &mut Self {
        self.now += 3_600;
        self
    }

    /// `who` stores `ics` in the default calendar and everything that follows is delivered.
    pub fn put(&mut self, who: &str, ics: &str) -> Result<(), Refusal> {
        self.put_if(who, ics, Require::default())
    }

    /// As [`put`](Self::put), with the conditions of request headers.
    pub fn put_if(&mut self, who: &str, ics: &str, require: Require) -> Result<(), Refusal> {
        let place = self.place(who, ics);
        self.store(who, place, ics, require)
    }

    /// Under a name of the client's own.
    pub fn put_at(&mut self, who: &str, name: &str, ics: &str, require: Require) -> Result<(), Refusal> {
        let place = Place { collection: calendar(who), name: name.to_owned() };
        self.store(who, place, ics, require)
    }

    fn store(&mut self, who: &str, place: Place, ics: &str, require: Require) -> Result<(), Refusal> {
        let put = Put {
            place,
            document: read(ics.to_owned(), &self.limits)?,
            require,
            components: vec![],
            name_holder: NameHolder::Own,
            invitation: self.invitation(who, ics),
        };
        self.act(who, &uid(ics), &Command::Put(&put))
    }

    /// What the organizer's own copy says, if it is somebody else of this world.
    fn invitation(&self, who: &str, ics: &str) -> Invitation {
        let organizer = ics.lines().find(|line| line.starts_with("ORGANIZER")).and_then(|line| {
            let address = line.trim_end().rsplit_once("mailto:").map(|(_, name)| format!("mailto:{name}"))?;
            People
                .canonical(&Address::parse(&address)?)
                .canonical()
                .strip_prefix("mailto:")?
                .split('@')
                .next()
                .map(str::to_owned)
        });
        let meeting = organizer.filter(|name| name != who).map(|name| self.copy(&name, &uid(ics)));
        meeting.filter(|copy| !copy.is_empty()).map_or(Invitation::Unknown, Invitation::Meeting)
    }

    /// `who` moves the copy into another calendar.
    pub fn relocate(&mut self, who: &str, of_uid: &str, calendar: &str) -> Result<(), Refusal> {
        let from = self.object(who, of_uid).resources.first().expect("there is a copy to move").place.clone();
        let to = Place { collection: CollectionId::derive(id(who), calendar, 0), name: from.name.clone() };
        let relocate = Relocate {
            from,
            to,
            overwrite: Overwrite::Forbidden,
            require: Require::default(),
            components: vec![],
            name_holder: NameHolder::Own,
        };
        self.act(who, of_uid, &Command::Relocate(&relocate))
    }

    /// `who` removes the copy of `of_uid`.
    pub fn remove(&mut self, who: &str, of_uid: &str, reply: ScheduleReply) -> Result<(), Refusal> {
        let place = self.object(who, of_uid).resources.first().expect("there is a copy to remove").place.clone();
        let remove = Remove { place, require: Require::default(), reply };
        self.act(who, of_uid, &Command::Remove(&remove))
    }

    /// The copy `who` has.
    pub fn copy(&self, who: &str, of_uid: &str) -> String {
        self.object(who, of_uid).resources.first().map(|copy| copy.content.ics.clone()).unwrap_or_default()
    }

    pub fn object(&self, who: &str, of_uid: &str) -> &Object {
        static NONE: std::sync::LazyLock<Object> = std::sync::LazyLock::new(Object::default);
        self.objects.get(&ObjectId::derive(id(who), of_uid)).unwrap_or(&NONE)
    }

    fn place(&self, who: &str, ics: &str) -> Place {
        match self.object(who, &uid(ics)).resources.first() {
            Some(copy) => copy.place.clone(),
            None => Place { collection: calendar(who), name: "1.ics".to_owned() },
        }
    }

    fn act(&mut self, who: &str, of_uid: &str, command: &Command<'_>) -> Result<(), Refusal> {
        self.happened.clear();
        let mut letters = self.run(who, of_uid, command)?;
        let mut delivered = vec![];
        for _ in 0..MAX_WAVES {
            if letters.is_empty() && delivered.is_empty() {
                return Ok(());
            }
            let next = self.carry(of_uid, &letters, &delivered);
            delivered = std::mem::replace(&mut letters, next);
        }
        panic!("the conversation does not end");
    }

    /// One wave, as the courier's: senders learn what came of the last one, then recipients take in what is new.
    fn carry(&mut self, of_uid: &str, letters: &[MessageIssued], delivered: &[MessageIssued]) -> Vec<MessageIssued> {
        let mut next = vec![];
        for name in PEOPLE {
            let deliveries: Vec<_> = delivered.iter().filter(|issued| issued.sender_home == id(name)).collect();
            let deliveries: Vec<_> = deliveries.into_iter().filter_map(|issued| self.reported(issued)).collect();
            if !deliveries.is_empty() {
                let report = Report { deliveries };
                self.run(name, of_uid, &Command::Report(&report)).expect("a report refuses nothing");
            }
            let is_for = |issued: &&MessageIssued| {
                issued.recipients.iter().any(|recipient| recipient.principal == Some(id(name)))
            };
            let incoming: Vec<_> = letters.iter().filter(is_for).map(InboundMessage::of).collect();
            if !incoming.is_empty() {
                next.extend(self.take_in(name, of_uid, &incoming));
            }
        }
        next
    }

    fn take_in(&mut self, name: &str, of_uid: &str, incoming: &[InboundMessage]) -> Vec<MessageIssued> {
        let readings: Vec<_> = incoming.iter().map(|incoming| ParsedMessage::of(incoming, &People)).collect();
        let receive = Receive {
            messages: &readings.iter().collect::<Vec<_>>(),
            inbox: CollectionId::derive(id(name), "inbox", 0),
            default_calendars: self.default_calendars(name),
            answer: if name == "lake" { AutomaticAnswer::Automatic } else { AutomaticAnswer::None },
            availability: &Tuesdays,
        };
        self.run(name, of_uid, &Command::Receive(&receive)).expect("receiving refuses nothing")
    }

    /// What the sender is told; nothing of what was silent.
    fn reported(&self, issued: &MessageIssued) -> Option<DeliveryReported> {
        let delivery = |recipient: &Recipient| Delivery {
            address: recipient.address.clone(),
            status: self.status(issued.message, recipient).to_owned(),
        };
        let deliveries = issued.recipients.iter().map(delivery).collect();
        (issued.visibility == Visibility::Inbox).then_some(DeliveryReported { message: issued.message, deliveries })
    }

    fn status(&self, message: Uuid, recipient: &Recipient) -> &'static str {
        let Some(home) = recipient.principal else { return "3.7" };
        let is_refused = |event: &ObjectEvent| match event {
            ObjectEvent::MessageReceived(received) if received.message == message && received.home == home => {
                matches!(&received.outcome, Outcome::Ignored { reason } if ["another-organizer", "no-calendar"].contains(&reason.as_str()))
            }
            _ => false,
        };
        if self.happened.iter().any(|(_, event)| is_refused(event)) { "5.3" } else { "1.2" }
    }

    fn default_calendars(&self, name: &str) -> DefaultCalendars {
        let place = Some(calendar(name)).filter(|_| self.without_calendar.as_deref() != Some(name));
        DefaultCalendars { events: place, tasks: place }
    }

    pub fn without_calendar(&mut self, who: &str) -> &mut Self {
        self.without_calendar = Some(who.to_owned());
        self
    }

    /// A message from elsewhere arrives for `who`.
    pub fn receive(&mut self, who: &str, sender: &str, ics: &str) -> &mut Self {
        self.happened.clear();
        self.acts += 1;
        let method = ics.lines().find_map(|line| line.strip_prefix("METHOD:")).expect("a message has a METHOD");
        let issued = MessageIssued {
            message: Uuid::from_u128(self.acts),
            method: method_of(method),
            uid: uid(ics),
            sender: sender.to_owned(),
            sender_home: id("elsewhere"),
            recipients: vec![],
            visibility: Visibility::Inbox,
            reason: String::new(),
            instances: vec![],
            ics: ics.to_owned(),
        };
        let mut letters = self.take_in(who, &uid(ics), &[InboundMessage::of(&issued)]);
        for _ in 0..MAX_WAVES {
            letters = self.carry(&uid(ics), &letters, &[]);
        }
        assert!(letters.is_empty(), "the conversation does not end");
        self
    }

    fn run(&mut self, who: &str, of_uid: &str, command: &Command<'_>) -> Result<Vec<MessageIssued>, Refusal> {
        self.acts += 1;
        let stream = ObjectId::derive(id(who), of_uid);
        self.names.insert(stream, who.to_owned());
        let mut object = self.objects.get(&stream).cloned().unwrap_or_default();
        let moment = DecisionContext {
            now: Timestamp::from_seconds(self.now),
            act: Uuid::from_u128(self.acts),
            home: id(who),
            limits: &self.limits,
            address_book: &People,
        };
        let events = decide(&object, command, &moment)?;
        let mut issued = vec![];
        for event in events {
            object = evolve(object, &event);
            if let ObjectEvent::MessageIssued(message) = &event {
                issued.push(message.clone());
            }
            self.happened.push((who.to_owned(), event));
        }
        self.objects.insert(stream, object);
        Ok(issued)
    }
}

fn method_of(name: &str) -> Method {
    match name.trim_end() {
        "REQUEST" => Method::Request,
        "REPLY" => Method::Reply,
        "ADD" => Method::Add,
        "CANCEL" => Method::Cancel,
        "REFRESH" => Method::Refresh,
        "COUNTER" => Method::Counter,
        "DECLINECOUNTER" => Method::DeclineCounter,
        other => panic!("no method of these scenarios: {other}"),
    }
}

fn calendar(who: &str) -> CollectionId {
    CollectionId::derive(id(who), "calendar", 0)
}

fn uid(ics: &str) -> String {
    let uid = ics.lines().find_map(|line| line.strip_prefix("UID:"));
    uid.expect("the text has a UID").trim_end().to_owned()
}
