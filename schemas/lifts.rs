//! Pure functions that lift an event from one version to the next. Functions are added, but never
//! changed.

use serde_json::Value;

use crate::{PasswordId, principal::FirstPasswordSet};

struct Lift {
    from: &'static str,
    to: &'static str,
    step: fn(&mut Value),
}

/// The lifts. Each one leads to the next version, so v1 reaches v3 through v2.
const LIFTS: &[Lift] = &[
    Lift {
        // In v2 the field `kind` has the additional value `plain`. The earlier values mean the same
        // as before.
        from: "calendar-created.v1",
        to: "calendar-created.v2",
        step: |_| {},
    },
    Lift {
        // In v3 the name of a collection can be a path below the home. Before, it had only one
        // segment.
        from: "calendar-created.v2",
        to: "calendar-created.v3",
        step: |_| {},
    },
    Lift {
        from: "calendar-moved.v1",
        to: "calendar-moved.v2",
        step: |_| {}, // In v2 the name can be a path below the home.
    },
    Lift {
        from: "calendar-object-moved.v1",
        to: "calendar-object-moved.v2",
        step: |_| {}, // In v1 a move did not change the Schedule-Tag.
    },
    Lift {
        from: "scheduling-message-suppressed.v1",
        to: "scheduling-message-suppressed.v2",
        step: |_| {}, // In v1 the text of the message was not recorded.
    },
    Lift { from: "calendar-acl-changed.v1", to: "calendar-acl-changed.v2", step: entries_grant_or_deny },
    Lift { from: "calendar-object-revised.v1", to: "calendar-object-revised.v2", step: identity_was_not_stored },
    Lift { from: "calendar-object-moved.v2", to: "calendar-object-moved.v3", step: identity_was_not_stored },
    Lift { from: "calendar-object-removed.v1", to: "calendar-object-removed.v2", step: identity_was_not_stored },
    Lift {
        from: "calendar-object-acl-changed.v1",
        to: "calendar-object-acl-changed.v2",
        step: identity_was_not_stored,
    },
    Lift {
        from: "calendar-object-properties-changed.v1",
        to: "calendar-object-properties-changed.v2",
        step: identity_was_not_stored,
    },
    Lift {
        from: "scheduling-message-suppressed.v2",
        to: "scheduling-message-suppressed.v3",
        step: identity_was_not_stored,
    },
    Lift {
        from: "scheduling-message-received.v1",
        to: "scheduling-message-received.v2",
        step: answers_were_not_stored,
    },
    Lift { from: "inbox-item-removed.v1", to: "inbox-item-removed.v2", step: identity_was_not_stored },
    Lift { from: "delivery-reported.v1", to: "delivery-reported.v2", step: identity_was_not_stored },
    Lift { from: "scheduling-message-suppressed.v3", to: "scheduling-message-suppressed.v4", step: one_recipient_each },
    Lift { from: "calendar-object-put.v1", to: "calendar-object-put.v2", step: only_the_result_was_stored },
    Lift { from: "calendar-object-revised.v2", to: "calendar-object-revised.v3", step: only_the_result_was_stored },
    Lift { from: "principal-retired.v1", to: "principal-retired.v2", step: meetings_stayed },
    Lift { from: "principal-retired.v2", to: "principal-retired.v3", step: nothing_was_handed_over },
    Lift { from: "scheduling-message-issued.v1", to: "scheduling-message-issued.v2", step: nothing_was_handed_over },
    Lift {
        from: "scheduling-message-received.v2",
        to: "scheduling-message-received.v3",
        step: |_| {}, // In v2 each message arrived separately.
    },
    Lift { from: "calendar-object-put.v2", to: "calendar-object-put.v3", step: nothing_was_imported },
    Lift { from: "calendar-object-revised.v3", to: "calendar-object-revised.v4", step: nothing_was_imported },
    Lift { from: "calendar-object-revised.v4", to: "calendar-object-revised.v5", step: nothing_was_repaired },
    Lift { from: "calendar-object-put.v3", to: "calendar-object-put.v4", step: no_copied_text_was_stored },
    Lift { from: "principal-registered.v1", to: "principal-registered.v2", step: nobody_was_an_auditor },
    Lift { from: "principal-profile-changed.v1", to: "principal-profile-changed.v2", step: nobody_was_an_auditor },
    Lift { from: FirstPasswordSet::KIND, to: "principal-password-set.v2", step: the_hash_stood_in_the_event },
];

/// Adds nothing: earlier versions had no import.
fn nothing_was_imported(_: &mut Value) {}

/// Adds nothing: earlier versions did not record copied texts that the server changed, nor long
/// bodies.
fn no_copied_text_was_stored(_: &mut Value) {}

/// Adds nothing: in earlier versions auditors were only in the settings.
fn nobody_was_an_auditor(_: &mut Value) {}

/// Adds nothing: earlier versions did not repair copies that differed.
fn nothing_was_repaired(_: &mut Value) {}

/// Adds that the meetings of a retired principal were kept, as in earlier versions.
fn meetings_stayed(data: &mut Value) {
    if let Some(data) = data.as_object_mut() {
        data.insert("meetings".to_owned(), Value::from("keep"));
    }
}

/// Adds nothing: in earlier versions the meetings of a retired principal could not be handed over.
fn nothing_was_handed_over(_: &mut Value) {}

/// Replaces the hash by the id of the password. The hash itself is moved to the vault from the
/// stored bytes, not from the lifted event.
fn the_hash_stood_in_the_event(data: &mut Value) {
    let Some(data) = data.as_object_mut() else { return };
    if let Some(Value::String(phc)) = data.remove("phc") {
        data.insert("password".to_owned(), Value::from(PasswordId::of_stored(&phc).to_string()));
    }
}

/// Adds nothing: earlier versions recorded neither the body that a client sent nor the reasons of
/// the server's changes.
fn only_the_result_was_stored(_: &mut Value) {}

/// Puts the single recipient into a list. In earlier versions each recipient had a separate event.
fn one_recipient_each(data: &mut Value) {
    let Some(data) = data.as_object_mut() else { return };
    if let Some(recipient) = data.remove("recipient") {
        data.insert("recipients".to_owned(), Value::from(vec![recipient]));
    }
}

/// Adds nothing: earlier versions did not store home and UID in each event. The first event of the
/// stream has them.
fn identity_was_not_stored(_: &mut Value) {}

/// Adds nothing: earlier versions stored the answers of a REPLY only within its text, which a lift
/// does not parse.
fn answers_were_not_stored(_: &mut Value) {}

/// Renames `grants` to `entries`, and adds the effect `grant` to each entry. In earlier versions an
/// entry could only grant.
fn entries_grant_or_deny(data: &mut Value) {
    let Some(data) = data.as_object_mut() else { return };
    let mut entries = data.remove("grants").unwrap_or_default();
    for entry in entries.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        entry.insert("effect".to_owned(), Value::from("grant"));
    }
    data.insert("entries".to_owned(), entries);
}

/// Lifts `data` to the newest version. Returns its type with version, and the lifted data; `None`
/// if no lift begins at `kind`.
pub(crate) fn lift(kind: &str, mut data: Value) -> Option<(&'static str, Value)> {
    let mut reached = None;
    while let Some(lift) = LIFTS.iter().find(|lift| lift.from == reached.unwrap_or(kind)) {
        (lift.step)(&mut data);
        reached = Some(lift.to);
    }
    reached.map(|kind| (kind, data))
}
