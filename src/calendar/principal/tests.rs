use schemas::PasswordId;
use uuid::Uuid;

use schemas::principal::MeetingsOfRetired;

use super::*;

const PASSWORD: PasswordId = PasswordId(Uuid::from_u128(0xb));

fn anna() -> Principal {
    let profile = Profile { addresses: vec!["mailto:anna@example.com".to_owned()], ..Profile::default() };
    let register = Command::Register { short_name: "anna".to_owned(), kind: PrincipalKind::Individual, profile };
    after(Principal::Unknown, &[register])
}

/// Returns the principal after these commands, all of which must be allowed.
fn after(principal: Principal, commands: &[Command]) -> Principal {
    commands.iter().fold(principal, |principal, command| {
        let events = decide(&principal, command).expect("allowed");
        events.iter().fold(principal, evolve)
    })
}

fn known(principal: &Principal) -> &Registered {
    let Principal::Registered(known) = principal else { panic!("nobody is registered") };
    known
}

fn retire(meetings: MeetingsOfRetired) -> Command {
    Command::Retire(PrincipalRetired { meetings, successor: None })
}

#[test]
fn a_registration_repeated_changes_only_the_profile() {
    let register = |short_name: &str, kind, address: &str| {
        let profile = Profile { addresses: vec![address.to_owned()], ..Profile::default() };
        Command::Register { short_name: short_name.to_owned(), kind, profile }
    };
    let (individual, room) = (PrincipalKind::Individual, PrincipalKind::Room);
    let decided = |command: &Command| decide(&anna(), command);
    assert_eq!(decided(&register("anna", individual, "mailto:anna@example.com")), Ok(vec![]));
    let other_name = decided(&register("ann", individual, "mailto:anna@example.com"));
    assert!(matches!(other_name, Err(Refusal::PrincipalOfOtherName { .. })), "{other_name:?}");
    let other_kind = decided(&register("anna", room, "mailto:anna@example.com"));
    assert!(matches!(other_kind, Err(Refusal::PrincipalFixed { what: "kind", .. })), "{other_kind:?}");
    // Earlier addresses stay, unless the profile has them in another spelling.
    for (address, expected) in [
        ("mailto:a@example.com", &["mailto:a@example.com", "mailto:anna@example.com"][..]),
        ("mailto:anna@EXAMPLE.com", &["mailto:anna@EXAMPLE.com"]),
    ] {
        let changed = after(anna(), &[register("anna", individual, address)]);
        assert_eq!(known(&changed).profile.addresses, expected, "{address}");
    }
}

#[test]
fn members_are_replaced_once() {
    let members = |ids: &[u128]| Command::SetMembers {
        members: ids.iter().map(|id| PrincipalId(uuid::Uuid::from_u128(*id))).collect(),
    };
    let team = after(anna(), &[members(&[1, 2])]);
    assert_eq!(decide(&team, &members(&[1, 2])), Ok(vec![]));
    assert_eq!(known(&after(team, &[members(&[2])])).members.len(), 1);
}

#[test]
fn a_name_has_at_most_128_characters() {
    let name = |length: usize| rules::name(&"ä".repeat(length));
    assert!(name(MAX_PRINCIPAL_NAME_LENGTH).is_ok());
    assert!(name(MAX_PRINCIPAL_NAME_LENGTH + 1).is_err() && name(0).is_err());
}

#[test]
fn a_state_changes_once_and_the_same_command_again_changes_nothing() {
    use MeetingsOfRetired::{Cancel, Keep};
    let rows = [
        (vec![Command::Disable], PrincipalState::Disabled),
        (vec![Command::Disable, Command::Enable], PrincipalState::Active),
        (vec![retire(Keep)], PrincipalState::Retired),
        (vec![Command::Disable, retire(Keep), retire(Cancel)], PrincipalState::Retired),
        (vec![retire(Cancel), Command::Enable], PrincipalState::Active),
    ];
    for (commands, expected) in rows {
        let told = after(anna(), &commands);
        assert_eq!(known(&told).state, expected, "{commands:?}");
        assert_eq!(decide(&told, commands.last().expect("a command")), Ok(vec![]), "{commands:?}");
    }
}

#[test]
fn meetings_are_handed_over_once() {
    let to = |successor| Command::Retire(PrincipalRetired { meetings: MeetingsOfRetired::HandOver, successor });
    let bert = Some(PrincipalId(uuid::Uuid::from_u128(2)));
    let left = after(anna(), &[to(bert)]);
    assert_eq!(decide(&left, &to(bert)), Ok(vec![]));
    let refused = Err(Refusal::MeetingsHandedOver { name: "anna".to_owned() });
    let carol = Some(PrincipalId(uuid::Uuid::from_u128(3)));
    for again in [to(carol), retire(MeetingsOfRetired::Cancel)] {
        assert_eq!(decide(&left, &again), refused, "{again:?}");
    }
    assert!(decide(&after(left, &[Command::Enable]), &to(carol)).is_ok(), "after a return");
}

#[test]
fn somebody_who_has_left_keeps_everything_and_only_comes_back() {
    let left = after(anna(), &[Command::SetPassword { password: PASSWORD }, retire(MeetingsOfRetired::Keep)]);
    let refused = Err(Refusal::PrincipalRetired { name: "anna".to_owned() });
    let register = Command::Register {
        short_name: "anna".to_owned(),
        kind: PrincipalKind::Individual,
        profile: Profile::default(),
    };
    for command in [
        register,
        Command::Disable,
        Command::SetPassword { password: PasswordId(Uuid::from_u128(0xc)) },
        Command::Rename { short_name: "ann".to_owned() },
        Command::ChangeAddresses { add: vec![], remove: vec![] },
    ] {
        assert_eq!(decide(&left, &command), refused, "{command:?}");
    }
    let back = after(left, &[Command::Enable]);
    assert_eq!(known(&back).password, Some(PASSWORD));
    assert_eq!(known(&back).profile.addresses, ["mailto:anna@example.com"]);
}

#[test]
fn a_new_name_keeps_the_old_ones() {
    let rename = |name: &str| Command::Rename { short_name: name.to_owned() };
    let renamed = after(anna(), &[rename("ann"), rename("smith"), rename("smith")]);
    assert_eq!(known(&renamed).short_name, "smith");
    assert_eq!(known(&renamed).former_names, ["anna", "ann"]);
    assert!(matches!(decide(&renamed, &rename("a/b")), Err(Refusal::BadPrincipalName { .. })));
    assert_eq!(decide(&Principal::Unknown, &rename("ann")), Err(Refusal::NotFound));
}

#[test]
fn addresses_come_and_go_but_for_the_last_one() {
    let change = |add: &[&str], remove: &[&str]| {
        let own = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        Command::ChangeAddresses { add: own(add), remove: own(remove) }
    };
    let more = after(anna(), &[change(&["mailto:a@example.com", "MAILTO:Anna@example.com"], &[])]);
    assert_eq!(known(&more).profile.addresses, ["mailto:anna@example.com", "mailto:a@example.com"]);
    let less = after(more, &[change(&[], &["mailto:ANNA@example.com"])]);
    assert_eq!(known(&less).profile.addresses, ["mailto:a@example.com"]);
    assert_eq!(
        decide(&less, &change(&[], &["mailto:a@example.com"])),
        Err(Refusal::LastAddress { name: "anna".to_owned() })
    );
    let strange = "mailto:bert@example.com".to_owned();
    let refused = Refusal::NoSuchAddress { name: "anna".to_owned(), address: strange.clone() };
    assert_eq!(decide(&less, &change(&[], &[&strange])), Err(refused));
    assert!(matches!(decide(&less, &change(&["a@example.com"], &[])), Err(Refusal::BadPrincipalAddress { .. })));
}

#[test]
fn app_passwords_have_names_of_their_own_and_are_few() {
    let add = |number: u128, name: &str| Command::AddAppPassword {
        password: PasswordId(uuid::Uuid::from_u128(number)),
        name: name.to_owned(),
    };
    let revoke = |name: &str| Command::RevokeAppPassword { name: name.to_owned() };
    let two = after(anna(), &[add(1, "Phone"), add(2, "Laptop")]);
    assert_eq!(decide(&two, &add(3, "Phone")), Err(Refusal::AppPasswordExists { name: "Phone".to_owned() }));
    let one = after(two, &[revoke("Phone")]);
    assert_eq!(
        known(&one).app_passwords,
        [AppPassword { id: PasswordId(uuid::Uuid::from_u128(2)), name: "Laptop".into() }]
    );
    assert_eq!(decide(&one, &revoke("Phone")), Err(Refusal::NoSuchAppPassword { name: "Phone".to_owned() }));
    for name in ["", " ", "a\nb", &"a".repeat(101)] {
        assert!(matches!(decide(&one, &add(4, name)), Err(Refusal::BadAppPasswordName { .. })), "{name:?}");
    }
    let more: Vec<_> = (10..59).map(|number| add(number, &number.to_string())).collect();
    let full = after(one, &more);
    assert!(matches!(decide(&full, &add(99, "x")), Err(Refusal::TooManyAppPasswords { limit: MAX_APP_PASSWORDS })));
}

#[test]
fn properties_are_set_and_removed_and_a_repetition_changes_nothing() {
    let name = PropertyName { namespace: "urn:example".to_owned(), local: "note".to_owned() };
    let property = Property { name: name.clone(), xml: "<note xmlns=\"urn:example\">a</note>".to_owned() };
    let set = Command::ChangeProperties { set: vec![property.clone()], removed: vec![] };
    let remove = Command::ChangeProperties { set: vec![], removed: vec![name] };
    let noted = after(anna(), std::slice::from_ref(&set));
    assert_eq!(known(&noted).properties, [property]);
    assert_eq!(decide(&noted, &set), Ok(vec![]));
    let removed = after(noted, std::slice::from_ref(&remove));
    assert_eq!(known(&removed).properties, []);
    assert_eq!(decide(&removed, &remove), Ok(vec![]));
}
