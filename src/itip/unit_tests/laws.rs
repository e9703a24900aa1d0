//! Property tests: after any actions of people, every copy agrees with the organizer's object in
//! everything that its owner may see.

use super::world::{World, object};
use proptest::prelude::*;

/// One action of a person.
#[derive(Debug, Clone)]
enum Act {
    Store(Plan),
    Remove,
    Answer(usize, &'static str),
    LeaveOut(usize, u8),
    Drop(usize),
    Alarm(usize),
}

/// The meeting that the organizer stores.
#[derive(Debug, Clone)]
struct Plan {
    hour: u8,
    title: u8,
    recurs: bool,
    attendees: [bool; 3],
    left_out: [bool; 3],
    overridden: [Option<Instance>; 3],
}

#[derive(Debug, Clone)]
struct Instance {
    hour: u8,
    attendees: [bool; 3],
    cancelled: bool,
}

const OTHERS: [&str; 3] = ["bob", "carl", "dora"];

fn attendees(listed: [bool; 3]) -> String {
    let listed = OTHERS.iter().zip(listed).filter(|(_, listed)| *listed);
    let lines: Vec<_> = listed.map(|(who, _)| format!("ATTENDEE:mailto:{who}@example.org\n")).collect();
    let lines = lines.concat();
    format!("ORGANIZER:mailto:anna@example.org\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@example.org\n{lines}")
}

impl Plan {
    fn text(&self) -> String {
        let hour = self.hour;
        let mut master = format!(
            "DTSTART:20260105T{hour}0000Z\nDURATION:PT1H\nSUMMARY:{}\n{}",
            self.title,
            attendees(self.attendees)
        );
        let mut components = Vec::new();
        if self.recurs {
            master.push_str("RRULE:FREQ=DAILY;COUNT=9\n");
            for (day, (left_out, instance)) in (6..).zip(self.left_out.iter().zip(&self.overridden)) {
                if *left_out {
                    let exdate = format!("EXDATE:202601{day:02}T{hour}0000Z\n");
                    master += &exdate;
                } else if let Some(instance) = instance {
                    components.push(instance.text(day, hour, self.title));
                }
            }
        }
        components.insert(0, master);
        object(&components.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl Instance {
    fn text(&self, day: u8, hour: u8, title: u8) -> String {
        let status = if self.cancelled { "STATUS:CANCELLED\n" } else { "" };
        let start = self.hour;
        let id = format!("RECURRENCE-ID:202601{day:02}T{hour}0000Z");
        format!(
            "{id}\nDTSTART:202601{day:02}T{start}0000Z\nDURATION:PT1H\nSUMMARY:{title}\n{status}{}",
            attendees(self.attendees)
        )
    }
}

fn instances() -> impl Strategy<Value = Option<Instance>> {
    let instance = (10_u8..12, any::<[bool; 3]>(), prop::bool::weighted(0.2));
    let instance = instance.prop_map(|(hour, attendees, cancelled)| Instance { hour, attendees, cancelled });
    prop::option::weighted(0.4, instance)
}

fn acts() -> impl Strategy<Value = Act> {
    let left_out = [(); 3].map(|()| prop::bool::weighted(0.2));
    let plan =
        (10_u8..12, 0_u8..2, any::<bool>(), any::<[bool; 3]>(), left_out, [instances(), instances(), instances()]);
    let plan = plan.prop_map(|(hour, title, recurs, attendees, left_out, overridden)| {
        Act::Store(Plan { hour, title, recurs, attendees, left_out, overridden })
    });
    let partstat = prop_oneof![Just("ACCEPTED"), Just("DECLINED"), Just("TENTATIVE")];
    prop_oneof![
        5 => plan,
        1 => Just(Act::Remove),
        4 => (0..3_usize, partstat).prop_map(|(who, partstat)| Act::Answer(who, partstat)),
        2 => (0..3_usize, 6_u8..9).prop_map(|(who, day)| Act::LeaveOut(who, day)),
        1 => (0..3_usize).prop_map(Act::Drop),
        1 => (0..3_usize).prop_map(Act::Alarm),
    ]
}

fn play(world: &mut World, act: &Act) {
    let copy = |world: &World, who: &usize| world.copies.get(OTHERS[*who]).cloned();
    let edit = |world: &mut World, who: &usize, lines: &str| {
        if let Some(copy) = copy(world, who) {
            let changed = copy.replacen("END:VEVENT", &format!("{lines}END:VEVENT"), 1);
            drop(world.put(OTHERS[*who], Some(&changed))); // the change may be refused
        }
    };
    match act {
        Act::Store(plan) => world.put("anna", Some(&plan.text())).expect("anna may plan what she likes"),
        Act::Remove if world.copies.contains_key("anna") => world.put("anna", None).expect("anna may remove it"),
        Act::Answer(who, partstat) => {
            if copy(world, who).is_some() {
                world.answer(OTHERS[*who], partstat).expect("everybody may answer");
            }
        }
        Act::LeaveOut(who, day) => {
            let hour = copy(world, who).and_then(|copy| Some(copy.split_once("DTSTART:")?.1[9..11].to_owned()));
            edit(world, who, &format!("EXDATE:202601{day:02}T{}0000Z\r\n", hour.unwrap_or_default()));
        }
        Act::Drop(who) if copy(world, who).is_some() => {
            world.put(OTHERS[*who], None).expect("everybody may remove their copy");
        }
        Act::Remove | Act::Drop(_) => {}
        Act::Alarm(who) => edit(world, who, "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"),
    }
}

/// Returns the lines of a component in which an attendee's copy and the organizer's object must
/// agree; `None` if there is no such component.
fn seen(world: &World, who: &str, id: &str) -> Option<Vec<String>> {
    let of_id = |name: &str| -> Vec<String> {
        let lines = world.lines(who, name).into_iter();
        lines
            .filter_map(|line| {
                let (prefix, rest) = line.split_once(' ').unwrap_or(("", &line));
                (prefix == id).then(|| rest.to_owned())
            })
            .collect()
    };
    let start = of_id("DTSTART");
    if start.is_empty() {
        return None;
    }
    let stand = |other: &str| {
        world
            .partstats(who, other)
            .into_iter()
            .filter_map(|stat| {
                let (prefix, stands) = stat.split_once(' ').unwrap_or(("", &stat));
                (prefix == id).then(|| format!("{other} {}", if stands.is_empty() { "NEEDS-ACTION" } else { stands }))
            })
            .collect::<Vec<_>>()
    };
    let people = OTHERS.iter().flat_map(|other| stand(other));
    Some(start.into_iter().chain(of_id("SUMMARY")).chain(people).collect())
}

/// Returns whether the organizer's override of the instance `id` equals the series and has not
/// moved.
fn says_the_same(world: &World, id: &str) -> bool {
    let (Some(series), Some(instance)) = (seen(world, "anna", ""), seen(world, "anna", id)) else { return false };
    instance[0] == format!("DTSTART:{id}") && series[1..] == instance[1..]
}

fn ids(world: &World, who: &str) -> Vec<String> {
    let ids = world.lines(who, "RECURRENCE-ID").into_iter().map(|line| line.split(' ').next().unwrap_or("").to_owned());
    std::iter::once(String::new()).chain(ids).collect()
}

/// Returns whether the component `id` has this line; an empty `id` names the series.
fn has(world: &World, who: &str, id: &str, line: &str) -> bool {
    let wanted = if id.is_empty() { line.to_owned() } else { format!("{id} {line}") };
    let name = line.split(':').next().unwrap_or(line);
    world.lines(who, name).contains(&wanted)
}

fn agree(world: &World, who: &str) -> Result<(), TestCaseError> {
    let (Some(mine), Some(_)) = (world.copies.get(who), world.copies.get("anna")) else { return Ok(()) };
    let cancelled = |id: &str| has(world, "anna", id, "STATUS:CANCELLED");
    for id in ids(world, "anna") {
        let said = seen(world, "anna", &id).unwrap_or_default();
        let listed = said.iter().find(|line| line.starts_with(who));
        let Some(stands) = listed.filter(|_| !cancelled(&id)) else { continue };
        match seen(world, who, &id) {
            Some(known) => prop_assert_eq!(known, said, "{} on {:?}: {}\n{}", who, id, mine, world.copies["anna"]),
            // An override that equals the series is not sent.
            None => prop_assert!(
                stands.ends_with("DECLINED") || says_the_same(world, &id),
                "{} misses {:?}: {}\n{}",
                who,
                id,
                mine,
                world.copies["anna"]
            ),
        }
    }
    for id in ids(world, who) {
        let Some(known) = seen(world, who, &id) else { continue };
        let lists = |said: Vec<String>| said.iter().any(|line| line.starts_with(who));
        let stands = if let Some(said) = seen(world, "anna", &id) {
            lists(said) && !cancelled(&id)
        } else {
            // The instance as the series describes it.
            let series = seen(world, "anna", "").unwrap_or_default();
            let summary = series.get(1).cloned();
            lists(series.clone())
                && id[8..] == series[0][16..]
                && known[0] == format!("DTSTART:{id}")
                && Some(&known[1]) == summary.as_ref()
                && world.copies["anna"].contains("RRULE")
                && !has(world, "anna", "", &format!("EXDATE:{id}"))
        };
        let shown = has(world, who, &id, "STATUS:CANCELLED");
        prop_assert!(stands != shown, "{} on {:?}: {}\n{}", who, id, mine, world.copies["anna"]);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_copy_agrees_with_the_organizers(acts in prop::collection::vec(acts(), 1..8)) {
        let mut world = World::new();
        for act in &acts {
            play(&mut world, act);
            for who in OTHERS {
                agree(&world, who)?;
            }
        }
    }

    #[test]
    fn storing_the_same_again_tells_nobody(acts in prop::collection::vec(acts(), 1..8)) {
        let mut world = World::new();
        for act in &acts {
            play(&mut world, act);
        }
        world.log();
        for (who, copy) in world.copies.clone() {
            world.put(who, Some(&copy)).expect("what is stored may be stored");
            prop_assert_eq!(&world.copies[who], &copy);
            prop_assert_eq!(world.log(), Vec::<String>::new(), "{}: {}", who, copy);
        }
    }
}
