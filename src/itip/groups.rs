//! Expands groups among the attendees into their members (RFC 5545 §3.2.11, RFC 5546 §3.7.2).
//!
//! **Invariant:** the server adds no calendar user who is an attendee already. An attendee whom the
//! server adds for a group has MEMBER, and is removed with the last of their groups. An attendee
//! without MEMBER stays, as does an attendee with a MEMBER of a group that the server has not
//! expanded.

mod delegation;

pub use delegation::check_delegation;

use crate::calendar_user_role::is_scheduled;
use crate::line::Line;
use crate::meeting::{ComponentKey, Meeting, Part};
use crate::participation::Agent;
use crate::times::Times;
use crate::{CalendarUserRole, Context, calendar_user_role};
use ical::{Address, Component, Document, Edit, Property};
use std::collections::{BTreeMap, BTreeSet};

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The calendar user address to invite.
    pub address: String,
    /// The name for `CN`; empty if there is none.
    pub name: String,
    /// `CUTYPE` (RFC 5545 §3.2.3).
    pub kind: &'static str,
}

/// Returns the members of a group, with nested groups expanded; `None` if the address is not a
/// known group.
pub type Members<'a> = &'a dyn Fn(&Address) -> Option<Vec<Member>>;

/// Returns the organizer's object with the members of its groups as attendees; `None` if nothing
/// changes, or if the owner is not the organizer. `before`, the object before the client's change,
/// shows which groups the client has removed, and from which attendees it dropped MEMBER.
pub fn expand(
    before: Option<&Document>,
    object: &Document,
    members: Members<'_>,
    context: &Context<'_>,
) -> Option<String> {
    let Ok(CalendarUserRole::Organizer { .. }) = calendar_user_role(object, context.owns) else { return None };
    let (before, times) = (before.map(|before| Meeting::of(before, context)), Times::of(object));
    let start = master(object).and_then(Component::start);
    let mut edit = object.edit();
    for component in object.root().components().filter(|component| is_scheduled(*component)) {
        let id = component.recurrence_id();
        let key = id.map_or(ComponentKey::Master, |id| ComponentKey::Instance(times.instance_key(&id, start.as_ref())));
        let formerly = before.as_ref().and_then(|before| before.at(key)).map(attendees_of).unwrap_or_default();
        GroupAttendees::of(component, &formerly, members, context).expand(&mut edit);
    }
    (!edit.is_empty()).then(|| edit.finish())
}

fn master(object: &Document) -> Option<Component<'_>> {
    let mut components = object.root().components().filter(|component| is_scheduled(*component));
    components.find(|component| component.property("RECURRENCE-ID").is_none())
}

/// The attendees that a component had before a change, as far as the server sends them messages, by
/// canonical address. A new override had the attendees of its series.
type Formerly<'b> = BTreeMap<Address, Property<'b>>;

fn attendees_of<'b>(part: &Part<'b>) -> Formerly<'b> {
    let served = part.participants().filter(|attendee| attendee.agent == Agent::Server);
    served.map(|attendee| (attendee.address.clone(), attendee.property)).collect()
}

/// The attendees of one component.
struct GroupAttendees<'a, 'c> {
    component: Component<'a>,
    context: &'c Context<'c>,
    members: Members<'c>,
    /// The attendees before the change to whom the server sent messages.
    formerly: &'c Formerly<'c>,
    attendees: BTreeMap<Address, Property<'a>>,
    /// The groups among the attendees, by canonical address: the address as written, and the
    /// members.
    groups: BTreeMap<Address, (&'a str, Vec<Member>)>,
}

impl<'a, 'c> GroupAttendees<'a, 'c> {
    fn of(
        component: Component<'a>,
        formerly: &'c Formerly<'c>,
        members: Members<'c>,
        context: &'c Context<'c>,
    ) -> Self {
        let (attendees, groups) = (BTreeMap::new(), BTreeMap::new());
        let mut attendees = Self { component, context, members, formerly, attendees, groups };
        for property in component.properties_named("ATTENDEE") {
            let Some(address) = property.address().map(|address| (context.canonical)(&address)) else { continue };
            // Groups with SCHEDULE-AGENT=CLIENT or NONE are not expanded (RFC 6638 §7.1).
            let group = Some(property).filter(|property| Agent::of(*property) == Agent::Server);
            if let Some(found) = group.and_then(|_| members(&address)) {
                attendees.groups.insert(address.clone(), (property.value(), found));
            }
            attendees.attendees.entry(address).or_insert(property);
        }
        attendees
    }

    fn expand(&self, edit: &mut Edit<'_>) {
        let wanted = self.wanted();
        for (address, property) in &self.attendees {
            self.settle(address, *property, wanted.get(address).map(|(_, groups)| groups), edit);
        }
        for (address, (member, groups)) in &wanted {
            if !self.attendees.contains_key(address) {
                edit.append_property(self.component.id(), &invited(member, groups));
            }
        }
    }

    /// Returns each member with the groups that include them. The organizer is left out, because an
    /// organizer needs no invitation.
    fn wanted(&self) -> BTreeMap<Address, (&Member, BTreeSet<&'a str>)> {
        let organizer = self.component.organizer().map(|organizer| (self.context.canonical)(&organizer));
        let mut wanted: BTreeMap<_, (&Member, BTreeSet<_>)> = BTreeMap::new();
        for (written, members) in self.groups.values() {
            for member in members {
                let address = Address::parse(&member.address).map(|address| (self.context.canonical)(&address));
                if let Some(address) = address.filter(|address| Some(address) != organizer.as_ref()) {
                    wanted.entry(address).or_insert_with(|| (member, BTreeSet::new())).1.insert(*written);
                }
            }
        }
        wanted
    }

    /// Returns whether the server has added the members of this group, now or before the change.
    fn has_expanded(&self, group: &Address) -> bool {
        let group = (self.context.canonical)(group);
        let was_invited = self.formerly.contains_key(&group);
        self.groups.contains_key(&group) || was_invited && (self.members)(&group).is_some()
    }

    /// Updates MEMBER in the line of an attendee who has it, or had it before the change. Removes
    /// the line if its MEMBER has no group left.
    fn settle(
        &self,
        address: &Address,
        property: Property<'a>,
        groups: Option<&BTreeSet<&'a str>>,
        edit: &mut Edit<'_>,
    ) {
        let Some(param) = property.params().find(|param| param.is("MEMBER")) else {
            // Some clients drop the MEMBER that the server wrote, so it is restored.
            let was_member = self.formerly.get(address).is_some_and(|line| line.param("MEMBER").is_some());
            if let Some(groups) = groups.filter(|_| was_member) {
                let groups: Vec<_> = groups.iter().copied().collect();
                edit.replace(property.id(), &with_groups(Line::of(property), &groups));
            }
            return;
        };
        let written: Vec<_> = param.values().map(std::borrow::Cow::into_owned).collect();
        // MEMBER values for a list that this system does not know, or for a group that the client
        // expanded itself, belong to the client and stay.
        let is_foreign = |value: &&String| !Address::parse(value).is_some_and(|address| self.has_expanded(&address));
        let foreign = written.iter().filter(is_foreign).map(String::as_str);
        let ours = groups.into_iter().flatten().copied();
        let settled: Vec<&str> = ours.chain(foreign).collect();
        if settled.is_empty() {
            edit.remove(property.id());
        } else if !same(&settled, &written) {
            edit.replace(property.id(), &with_groups(Line::of(property), &settled));
        }
    }
}

fn same(settled: &[&str], written: &[String]) -> bool {
    let settled: BTreeSet<_> = settled.iter().copied().collect();
    let written: BTreeSet<_> = written.iter().map(String::as_str).collect();
    settled == written
}

fn invited(member: &Member, groups: &BTreeSet<&str>) -> String {
    let mut line = Line::new("ATTENDEE", &member.address);
    if !member.name.is_empty() {
        line.set_param("CN", &member.name);
    }
    line.set_param("CUTYPE", member.kind);
    line.set_param("RSVP", "TRUE");
    let groups: Vec<_> = groups.iter().copied().collect();
    with_groups(line, &groups)
}

/// Returns the line with these groups in MEMBER, each address in quotes (RFC 5545 §3.2.11).
fn with_groups(mut line: Line<'_>, groups: &[&str]) -> String {
    line.set_addresses("MEMBER", groups);
    line.as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the members of two groups: the team, and the board, which is a part of the team.
    fn members(group: &Address) -> Option<Vec<Member>> {
        let names: &[&str] = match group.canonical() {
            "mailto:team@x" => &["anna", "bert", "carl"],
            "mailto:board@x" => &["carl"],
            _ => return None,
        };
        let member =
            |name: &&str| Member { address: format!("mailto:{name}@x"), name: String::new(), kind: "INDIVIDUAL" };
        Some(names.iter().map(member).collect())
    }

    /// Returns the attendees of Anna's meeting after the expansion, without the parameters that all
    /// of them have.
    fn expanded(attendees: &[&str]) -> Option<Vec<String>> {
        changed(&[], attendees)
    }

    fn meeting(attendees: &[&str]) -> Document {
        let lines: Vec<_> = attendees.iter().map(|attendee| format!("ATTENDEE{attendee}@x\r\n")).collect();
        let lines = lines.concat();
        let text = specimens::event("1", &format!("ORGANIZER:mailto:anna@x\n{lines}"));
        Document::parse(text).expect("well-formed")
    }

    /// Like [`expanded`], for a meeting that had the attendees `before` until the client changed
    /// it.
    fn changed(before: &[&str], attendees: &[&str]) -> Option<Vec<String>> {
        let document = updated(&meeting(before), &meeting(attendees))?;
        let event = document.root().components().next().expect("an event");
        Some(attendees_in(event))
    }

    fn updated(before: &Document, after: &Document) -> Option<Document> {
        let owns = |address: &Address| address.canonical() == "mailto:anna@x";
        let canonical = Address::clone;
        let context = Context { now: 0, owns: &owns, canonical: &canonical, knows: &|_| true };
        let text = expand(Some(before), after, &members, &context)?;
        Some(Document::parse(text).expect("well-formed"))
    }

    fn attendees_in(event: Component<'_>) -> Vec<String> {
        let short = |line: &str| line.replace(";CUTYPE=INDIVIDUAL;RSVP=TRUE", "").replace("ATTENDEE", "");
        event.properties_named("ATTENDEE").map(|attendee| short(attendee.content_line())).collect()
    }

    #[test]
    fn members_of_a_group_are_invited_once_each() {
        let team = expanded(&[":mailto:team"]).expect("two more");
        assert_eq!(
            team,
            [":mailto:team@x", ";MEMBER=\"mailto:team@x\":mailto:bert@x", ";MEMBER=\"mailto:team@x\":mailto:carl@x"]
        );
        let direct = expanded(&[":mailto:team", ";CN=Bert:mailto:bert"]).expect("one more");
        assert_eq!(
            direct,
            [":mailto:team@x", ";CN=Bert:mailto:bert@x", ";MEMBER=\"mailto:team@x\":mailto:carl@x"],
            "an attendee invited by name is not invited again"
        );
        let both = expanded(&[":mailto:team", ":mailto:board"]).expect("two more");
        assert_eq!(both[3], ";MEMBER=\"mailto:board@x\",\"mailto:team@x\":mailto:carl@x", "{both:?}");
        assert_eq!(expanded(&[":mailto:nobody", ";SCHEDULE-AGENT=CLIENT:mailto:team"]), None);
    }

    /// Returns a series and an override of its third instance, each with the given attendees.
    fn series(master: &[&str], third: &[&str]) -> Document {
        let event = |head: &str, attendees: &[&str]| {
            let lines: Vec<_> = attendees.iter().map(|attendee| format!("ATTENDEE{attendee}@x\r\n")).collect();
            let lines = lines.concat();
            let head = format!("BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n{head}\r\n");
            format!("{head}ORGANIZER:mailto:anna@x\r\n{lines}END:VEVENT\r\n")
        };
        let master = event("DTSTART:20260105T090000Z\r\nRRULE:FREQ=DAILY", master);
        let third = event("RECURRENCE-ID:20260107T090000Z\r\nDTSTART:20260107T120000Z", third);
        Document::parse(specimens::calendar(&(master + &third))).expect("well-formed")
    }

    #[test]
    fn each_component_tells_for_itself_who_was_a_member() {
        let (by_team, by_name) = (";MEMBER=\"mailto:team@x\":mailto:bert", ":mailto:bert");
        let carl = ";MEMBER=\"mailto:team@x\":mailto:carl";
        let (team, named) = ([":mailto:team", by_team, carl], [":mailto:team", by_name, carl]);
        let bert = |before: &Document| {
            let after = series(&named, &named);
            let settled = updated(before, &after).expect("a line is put back");
            settled.root().components().map(|event| attendees_in(event)[1].clone()).collect::<Vec<_>>()
        };
        let [member, invited] = [by_team, by_name].map(|line| format!("{line}@x"));
        assert_eq!(bert(&series(&team, &named)), [member.clone(), invited.clone()]);
        assert_eq!(bert(&series(&named, &team)), [invited, member.clone()]);
        let anew = updated(&series(&team, &team), &series(&team, &named)).expect("a line is put back");
        assert!(anew.root().components().all(|event| attendees_in(event)[1] == member), "{anew:?}");
    }

    #[test]
    fn an_attendee_is_removed_with_the_last_of_their_groups() {
        let by_team = ";MEMBER=\"mailto:team@x\";PARTSTAT=ACCEPTED:mailto:";
        let of_team = |name: &str| format!("{by_team}{name}");
        let settled = [":mailto:team", &of_team("bert"), &of_team("carl")];
        assert_eq!(expanded(&settled), None, "nothing changes");
        let left = expanded(&[&settled[..], &[&of_team("dora")]].concat()).expect("one less");
        assert_eq!(left.len(), 3, "{left:?}");
        let without = [":mailto:bert", &of_team("carl")];
        assert_eq!(changed(&settled, &without), Some(vec![":mailto:bert@x".to_owned()]));
        assert_eq!(expanded(&without), None, "the client has expanded the group by itself");
        let put_back = changed(&settled, &[":mailto:team", ":mailto:bert", &of_team("carl")]).expect("a line");
        assert_eq!(put_back[1], ";MEMBER=\"mailto:team@x\":mailto:bert@x", "{put_back:?}");
        let by_client = [";SCHEDULE-AGENT=CLIENT:mailto:team", &of_team("dora")];
        assert_eq!(changed(&by_client, &by_client), None, "and goes on to do so");
        let foreign = ";MEMBER=\"mailto:list@y\":mailto:dora";
        assert_eq!(expanded(&[foreign]), None, "an unknown list belongs to the client");
    }
}
