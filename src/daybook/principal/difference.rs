//! The differences that a command made to a principal.

use schemas::PrincipalId;
use serde_json::{Value, json};
use service::principals::{Changed, Principal, Registered};

use super::{account, kind, request::Difference, state};

/// Returns the differences of a principal, one for each changed part. `name` returns the name of a
/// member of a group.
pub(super) fn of(changed: &Changed, name: &dyn Fn(PrincipalId) -> String) -> Vec<Difference> {
    let (before, after) = (known(&changed.before), known(&changed.after));
    let parts = |known: Option<&Registered>| known.map_or_else(Vec::new, |known| parts(known, name));
    let (before, after) = (parts(before), parts(after));
    let old =
        |what: &str| before.iter().find(|(name, _)| *name == what).map_or(Value::Null, |(_, value)| value.clone());
    let differ = after.into_iter().map(|(what, after)| Difference { what: what.to_owned(), before: old(what), after });
    // An empty field of a new account does not count as a difference.
    let is_news = |part: &Difference| part.before != part.after && !(part.before.is_null() && is_nothing(&part.after));
    let mut differences: Vec<_> = differ.filter(is_news).collect();
    if changed.events.iter().any(|kind| kind.starts_with("principal-password-set")) {
        differences.push(Difference { what: "password".to_owned(), before: Value::Null, after: Value::Null });
    }
    differences
}

fn known(principal: &Principal) -> Option<&Registered> {
    match principal {
        Principal::Registered(known) => Some(known),
        Principal::Unknown => None,
    }
}

fn parts(known: &Registered, name: &dyn Fn(PrincipalId) -> String) -> Vec<(&'static str, Value)> {
    let profile = &known.profile;
    vec![
        ("name", json!(known.short_name)),
        ("kind", json!(kind(known.kind))),
        ("state", json!(state(known.state))),
        ("display_name", json!(profile.display_name)),
        ("first_name", json!(profile.first_name)),
        ("last_name", json!(profile.last_name)),
        ("addresses", json!(profile.addresses)),
        ("schedule", json!(account::name_of(profile.automatic_answer))),
        ("administrator", json!(profile.administrator)),
        ("auditor", json!(profile.auditor)),
        ("members", json!(known.members.iter().map(|member| name(*member)).collect::<Vec<_>>())),
        ("meetings", known.left.map_or(Value::Null, |left| json!(left.meetings))),
        ("successor", known.left.and_then(|left| left.successor).map_or(Value::Null, |id| json!(name(id)))),
    ]
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty() || text == "none" || text == "active",
        Value::Array(list) => list.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::Object(_) => false,
    }
}
