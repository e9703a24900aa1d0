//! Tests that import everybody's copies of meetings in any order. The copies become one
//! conversation that people can continue, and the import sends no messages.

mod company;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use audit::copies::Copies;
use journal::{Journal, memory::Memory};
use projections::{Member, ReadModels};
use schemas::{
    Client, Event, ObjectEvent, Position, PrincipalId,
    object::{Imported, Place},
    principal::{PrincipalKind, Profile},
};
use service::{
    Put, Require, Service, Source, clock,
    imports::{ImportOutcome, ImportedObject, Present},
    principals::Registration,
};
use tempfile::TempDir;
use uuid::Uuid;

use self::company::{Exported, Meeting, name};
use crate::simulation::dice::Dice;

const PATIENCE: Duration = Duration::from_secs(60);

/// The server to which the company moves.
struct Moved {
    journal: Arc<Memory>,
    service: Arc<Service>,
    _folder: TempDir,
}

fn id(person: usize) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_DNS, name(person).as_bytes()))
}

impl Moved {
    async fn with(people: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (models, projector) = ReadModels::open(&folder.path().join("read-models")).unwrap();
        let journal = Arc::new(Memory::new());
        let settings = service::Settings {
            delivery_wait: PATIENCE,
            read_models_wait: PATIENCE,
            refresh_delay: Duration::ZERO,
            past_delay: Duration::from_millis(1),
            ..service::Settings::default()
        };
        let service = Service::start(journal.clone(), models, projector, settings).await.unwrap();
        let registration = |person| Registration {
            id: id(person),
            short_name: name(person),
            kind: PrincipalKind::Individual,
            profile: Profile { addresses: vec![format!("mailto:{}@example.org", name(person))], ..Profile::default() },
            password: None,
            members: vec![],
        };
        let stamp = clock::stamp(None, None, Client::default(), clock::new_id());
        service.register(&stamp, (0..people).map(registration).collect()).await.unwrap();
        Self { journal, service, _folder: folder }
    }

    fn calendar(&self, person: usize) -> schemas::CollectionId {
        self.service.models().collection(id(person), "calendar").unwrap().unwrap().id
    }

    async fn import(&self, exported: &Exported) -> ImportOutcome {
        let imported = ImportedObject {
            home: id(exported.owner),
            calendar: Some(self.calendar(exported.owner)),
            octets: exported.text.clone().into_bytes(),
            from: Imported { file: format!("{}.ics", name(exported.owner)), line: exported.meeting as u64 },
            present: Present::Stays,
        };
        let client = Client { via: "import".to_owned(), ..Client::default() };
        let stamp = clock::stamp(None, None, client, clock::new_id());
        self.service.import(&stamp, imported).await.unwrap().outcome
    }

    async fn events(&self) -> Vec<ObjectEvent> {
        let mut events = vec![];
        let mut after = Position::START;
        loop {
            let page = self.journal.read_all(after, 1_000).await.unwrap();
            let Some(last) = page.last() else { return events };
            after = last.position;
            events.extend(page.into_iter().filter_map(|stored| match stored.read().unwrap().event {
                Event::Object(event) => Some(event),
                _ => None,
            }));
        }
    }

    /// Returns the resources in a person's calendar, with their unfolded texts, by UID.
    fn resources(&self, person: usize) -> BTreeMap<String, Vec<(Member, String)>> {
        let models = self.service.models();
        let mut found: BTreeMap<String, Vec<_>> = BTreeMap::new();
        let calendar = self.calendar(person);
        for member in models.members(calendar, None, 10_000).unwrap() {
            let (member, text) = models.member_with_body(calendar, &member.name).unwrap().unwrap();
            let uid = ical::Document::parse(text.clone()).unwrap().uid().unwrap();
            found.entry(uid).or_default().push((member, text.replace("\r\n ", "").replace("\n ", "")));
        }
        found
    }

    fn copy(&self, person: usize, uid: &str) -> (Member, String) {
        let mut copies = self.resources(person).remove(uid).unwrap_or_default();
        assert_eq!(copies.len(), 1, "{} has one copy of {uid}", name(person));
        copies.remove(0)
    }

    /// Stores a person's copy with a changed text, as a client does.
    async fn edit(&self, person: usize, uid: &str, change: impl Fn(&str) -> String) {
        let (member, text) = self.copy(person, uid);
        let ics = change(&text);
        assert_ne!(ics, text, "something changes");
        let place = Place { collection: self.calendar(person), name: member.name };
        let stamp = clock::stamp(Some(id(person)), None, Client::default(), clock::new_id());
        let put = Put {
            home: id(person),
            place,
            ics,
            source: Source::Body,
            require: Require::default(),
            attributes: service::Attributes::default(),
        };
        self.service.put(&stamp, put).await.unwrap();
    }

    /// Returns the output of `daybook copies` if copies differ; empty if they agree.
    async fn differences(&self, uid: &str) -> String {
        let head = self.journal.head().await.unwrap();
        self.service.models().wait_for_past(head, PATIENCE).await.unwrap();
        let evidence = audit::read::meeting(&*self.journal, self.service.models(), uid).await.unwrap();
        let copies = Copies::of(&evidence, self.journal.head().await.unwrap());
        let text = copies.text(&evidence.names);
        let differs = copies.copies.iter().any(|copy| !copy.differences.is_empty()) || !copies.without.is_empty();
        if differs { text } else { String::new() }
    }
}

fn answer_of(text: &str, person: usize) -> Option<String> {
    let address = format!("mailto:{}@example.org", name(person));
    let line = text.lines().find(|line| line.starts_with("ATTENDEE") && line.to_lowercase().ends_with(&address))?;
    Some(line.split("PARTSTAT=").nth(1)?.split([';', ':']).next()?.to_owned())
}

fn shuffled(dice: &mut Dice, mut exported: Vec<Exported>) -> Vec<Exported> {
    for last in (1..exported.len()).rev() {
        let other = usize::try_from(dice.roll(last as u64 + 1)).unwrap();
        exported.swap(last, other);
    }
    exported
}

/// Imports all copies of a company in random order, and checks the result.
async fn moved_in(seed: u64, people: usize, count: usize) -> (Moved, Vec<Meeting>) {
    let mut dice = Dice::new(seed);
    let meetings = company::meetings(&mut dice, people, count);
    let exported = company::exported(&mut dice, &meetings);
    let exported = shuffled(&mut dice, exported);
    let moved = Moved::with(people).await;
    for one in &exported {
        assert_eq!(moved.import(one).await, ImportOutcome::Created, "seed {seed}");
    }
    moved.service.caught_up().await.unwrap();
    let told = |event: &ObjectEvent| {
        matches!(
            event,
            ObjectEvent::MessageIssued(_) | ObjectEvent::MessageReceived(_) | ObjectEvent::MessageSuppressed(_)
        )
    };
    assert!(!moved.events().await.iter().any(told), "seed {seed}: nobody is told");
    for meeting in &meetings {
        assert_eq!(moved.differences(&meeting.uid).await, "", "seed {seed}, {}", meeting.uid);
        let (_, organizers) = moved.copy(meeting.organizer, &meeting.uid);
        for (person, answer) in &meeting.attendees {
            let (_, own) = moved.copy(*person, &meeting.uid);
            assert_eq!(answer_of(&organizers, *person).as_deref(), Some(*answer), "seed {seed}\n{organizers}");
            assert_eq!(answer_of(&own, *person).as_deref(), Some(*answer), "seed {seed}\n{own}");
        }
        if let Some(person) = meeting.declined_once {
            let instance =
                organizers.split("BEGIN:VEVENT").find(|part| part.contains("RECURRENCE-ID:20260114T120000Z"));
            let answer = instance.and_then(|instance| answer_of(instance, person));
            assert_eq!(answer.as_deref(), Some("DECLINED"), "seed {seed}\n{organizers}");
        }
    }
    // A second import, in another order, stores nothing.
    let head = moved.journal.head().await.unwrap();
    for one in &shuffled(&mut dice, exported) {
        assert_eq!(moved.import(one).await, ImportOutcome::Unchanged, "seed {seed}");
    }
    assert_eq!(moved.journal.head().await.unwrap(), head, "seed {seed}: a repeated import writes nothing");
    (moved, meetings)
}

/// Lets the organizer change a meeting, and checks that every attendee receives the change. Then
/// lets every attendee answer, and checks that the organizer receives the answers.
async fn goes_on(moved: &Moved, meeting: &Meeting) {
    let uid = &meeting.uid;
    let places: Vec<_> = meeting.attendees.iter().map(|(person, _)| moved.copy(*person, uid).0.name).collect();
    let later =
        |text: &str| text.replace("20260107T1", "20260108T1").replace("SUMMARY:Planning", "SUMMARY:Planning again");
    let is_single = meeting.declined_once.is_none();
    let renamed = |text: &str| text.replace("SUMMARY:Planning", "SUMMARY:Planning again");
    moved.edit(meeting.organizer, uid, |text| if is_single { later(text) } else { renamed(text) }).await;
    for ((person, _), place) in meeting.attendees.iter().zip(&places) {
        let (member, text) = moved.copy(*person, uid);
        assert_eq!(member.name, *place, "the imported copy was changed, and no other one made");
        assert!(text.contains("SUMMARY:Planning again"), "{text}");
        assert!(!is_single || text.contains("DTSTART:20260108T120000Z"), "{text}");
    }
    for (person, _) in &meeting.attendees {
        let own = format!("mailto:{}@example.org", name(*person));
        let answered = |text: &str| -> String {
            let line = |line: &str| {
                let is_own = line.starts_with("ATTENDEE") && line.to_lowercase().ends_with(&own);
                let before = answer_of(line, *person).filter(|_| is_own);
                before.map_or_else(|| line.to_owned(), |before| line.replace(&before, "TENTATIVE"))
            };
            text.lines().map(|one| line(one) + "\r\n").collect()
        };
        if answered(&moved.copy(*person, uid).1) != moved.copy(*person, uid).1 {
            moved.edit(*person, uid, answered).await;
        }
        let (_, organizers) = moved.copy(meeting.organizer, uid);
        assert_eq!(answer_of(&organizers, *person).as_deref(), Some("TENTATIVE"), "{organizers}");
    }
    assert_eq!(moved.differences(uid).await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_three_to_ten_people_become_one_conversation_in_any_order() {
    for seed in 0..24 {
        let people = 3 + usize::try_from(seed % 8).unwrap();
        let (moved, meetings) = moved_in(seed, people, 4).await;
        for meeting in &meetings {
            goes_on(&moved, meeting).await;
        }
        moved.service.end().await;
    }
}

/// Imports the copies of 200 people in random order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_of_two_hundred_moves_in() {
    let (moved, meetings) = moved_in(200, 200, 150).await;
    let copies: usize = meetings.iter().map(|meeting| 1 + meeting.attendees.len()).sum();
    println!("{} meetings, {copies} copies, {} events", meetings.len(), moved.events().await.len());
    for meeting in meetings.iter().take(3) {
        goes_on(&moved, meeting).await;
    }
    moved.service.end().await;
}
