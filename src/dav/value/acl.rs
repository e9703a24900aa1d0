//! Writers of `DAV:acl` (RFC 3744 §5.5) and `DAV:acl-restrictions` (§5.6).
//!
//! **Invariant:** entries are written in the given order, which is the order of their evaluation.

use crate::{
    privilege::Privilege,
    request::{AcePrincipal, Effect},
    xml::Writer,
};

/// An access control entry as it is shown to clients.
#[derive(Debug, Clone, Copy)]
pub struct ShownAce<'a> {
    /// The principal to whom the entry applies.
    pub principal: &'a AcePrincipal,
    /// True if the entry applies to everyone except the principal.
    pub inverted: bool,
    /// The effect of the entry: it grants or denies the privileges.
    pub effect: Effect,
    /// The privileges of the entry.
    pub privileges: &'a [Privilege],
    /// True if the entry is protected: clients cannot remove it (RFC 3744 §5.5.3).
    pub protected: bool,
    /// The href of the resource from which the entry is inherited; `None` if it is not inherited.
    pub inherited: Option<&'a str>,
}

/// Writes `DAV:acl`.
pub fn acl<'a>(writer: &mut Writer, entries: impl IntoIterator<Item = ShownAce<'a>>) {
    writer.start("D:acl");
    for entry in entries {
        write_entry(writer, entry);
    }
    writer.end("D:acl");
}

fn write_entry(writer: &mut Writer, entry: ShownAce<'_>) {
    writer.start("D:ace");
    if entry.inverted {
        writer.start("D:invert");
    }
    write_principal(writer, entry.principal);
    if entry.inverted {
        writer.end("D:invert");
    }
    let effect = match entry.effect {
        Effect::Grant => "D:grant",
        Effect::Deny => "D:deny",
    };
    writer.start(effect);
    for privilege in entry.privileges {
        privilege.write(writer);
    }
    writer.end(effect);
    if entry.protected {
        writer.empty("D:protected");
    }
    if let Some(from) = entry.inherited {
        super::href(writer, "D:inherited", from);
    }
    writer.end("D:ace");
}

fn write_principal(writer: &mut Writer, principal: &AcePrincipal) {
    writer.start("D:principal");
    match principal {
        AcePrincipal::Href(href) => writer.element("D:href", href),
        AcePrincipal::All => writer.empty("D:all"),
        AcePrincipal::Authenticated => writer.empty("D:authenticated"),
        AcePrincipal::Unauthenticated => writer.empty("D:unauthenticated"),
        AcePrincipal::Oneself => writer.empty("D:self"),
        AcePrincipal::Property(name) => {
            writer.start("D:property");
            writer.empty_name(name);
            writer.end("D:property");
        }
    }
    writer.end("D:principal");
}

/// Writes an empty `DAV:acl-restrictions`. It means that entries may grant and deny in any order,
/// and may be inverted.
pub fn acl_restrictions(writer: &mut Writer) {
    writer.empty("D:acl-restrictions");
}
