//! Privileges: their names, the tree in which they contain each other, and the properties that
//! consist of privileges.
//!
//! **Invariant:** there is one tree of privileges (RFC 3744 §3.12). A caller who has a privilege
//! also has all privileges that it contains. A caller who has all parts of a privilege also has the
//! privilege, unless it is `DAV:read` or was denied.

use crate::{
    name::{CALDAV, DAV, QName},
    xml::Writer,
};

macro_rules! privileges {
    ($($variant:ident = $prefix:literal $namespace:ident $local:literal [$($part:ident)*] $description:literal,)*) => {
        /// A privilege (RFC 3744 §3, RFC 4791 §6.1.1, RFC 6638 §6).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Privilege { $(#[doc = concat!("`", $prefix, ":", $local, "`.")] $variant,)* }

        impl Privilege {
            /// All privileges; each comes before the privileges that it contains.
            pub const ALL_IN_ORDER: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the name of the privilege's element.
            pub fn name(self) -> QName {
                match self { $(Self::$variant => QName::of($namespace, $local),)* }
            }

            /// Returns the local name of the privilege's element.
            pub fn local(self) -> &'static str {
                match self { $(Self::$variant => $local,)* }
            }

            /// Returns the privileges that this one directly contains.
            pub fn parts(self) -> &'static [Self] {
                match self { $(Self::$variant => &[$(Self::$part),*],)* }
            }

            fn element(self) -> &'static str {
                match self { $(Self::$variant => concat!($prefix, ":", $local),)* }
            }

            fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)* }
            }
        }
    };
}

privileges! {
    All = "D" DAV "all" [Read Write Unlock ReadAcl WriteAcl Schedule] "Everything",
    // `DAV:read` contains `CALDAV:read-free-busy` (RFC 4791 §6.1.1).
    Read = "D" DAV "read" [ReadFreeBusy ReadCurrentUserPrivilegeSet] "Read content and properties",
    ReadFreeBusy = "C" CALDAV "read-free-busy" [] "Read busy times",
    ReadCurrentUserPrivilegeSet = "D" DAV "read-current-user-privilege-set" [] "Read one's own privileges",
    Write = "D" DAV "write" [WriteProperties WriteContent Bind Unbind] "Write content, properties and members",
    WriteProperties = "D" DAV "write-properties" [] "Write properties",
    WriteContent = "D" DAV "write-content" [] "Write content",
    Bind = "D" DAV "bind" [] "Add members",
    Unbind = "D" DAV "unbind" [] "Remove members",
    Unlock = "D" DAV "unlock" [] "Remove locks of others",
    ReadAcl = "D" DAV "read-acl" [] "Read the access control list",
    WriteAcl = "D" DAV "write-acl" [] "Write the access control list",
    // Drafts of RFC 6638 had the single privilege `schedule` in place of `schedule-deliver` and
    // `schedule-send`; old clients look for it.
    Schedule = "C" CALDAV "schedule" [ScheduleDeliver ScheduleSend] "Deliver and send scheduling messages",
    // Privileges of scheduling (RFC 6638 §6.3).
    ScheduleDeliver = "C" CALDAV "schedule-deliver"
        [ScheduleDeliverInvite ScheduleDeliverReply ScheduleQueryFreebusy] "Deliver scheduling messages",
    ScheduleDeliverInvite = "C" CALDAV "schedule-deliver-invite" [] "Deliver invitations",
    ScheduleDeliverReply = "C" CALDAV "schedule-deliver-reply" [] "Deliver replies",
    ScheduleQueryFreebusy = "C" CALDAV "schedule-query-freebusy" [] "Ask for busy times",
    ScheduleSend = "C" CALDAV "schedule-send"
        [ScheduleSendInvite ScheduleSendReply ScheduleSendFreebusy] "Send scheduling messages",
    ScheduleSendInvite = "C" CALDAV "schedule-send-invite" [] "Send invitations",
    ScheduleSendReply = "C" CALDAV "schedule-send-reply" [] "Send replies",
    ScheduleSendFreebusy = "C" CALDAV "schedule-send-freebusy" [] "Send requests for busy times",
}

/// The kind of resource on which a privilege is held. Scheduling privileges exist only on inboxes
/// and outboxes (RFC 6638 §6.1, §6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A resource that is neither inbox nor outbox.
    Ordinary,
    /// A scheduling inbox.
    Inbox,
    /// A scheduling outbox.
    Outbox,
}

impl Privilege {
    /// Returns the privilege with this name; `None` if the server has no such privilege.
    pub fn from_name(name: &QName) -> Option<Self> {
        Self::ALL_IN_ORDER.iter().copied().find(|privilege| privilege.name() == *name)
    }

    /// Returns the privilege with this local name; `None` if there is none. Local names of
    /// privileges are unique.
    pub fn from_local(local: &str) -> Option<Self> {
        Self::ALL_IN_ORDER.iter().copied().find(|privilege| privilege.local() == local)
    }

    /// True if the privilege exists on a resource of this kind.
    pub fn exists_on(self, place: Place) -> bool {
        if self == Self::Schedule {
            place != Place::Ordinary
        } else if Self::ScheduleDeliver.mask() & self.bit() != 0 {
            place == Place::Inbox
        } else if Self::ScheduleSend.mask() & self.bit() != 0 {
            place == Place::Outbox
        } else {
            true
        }
    }

    /// Writes the privilege as an element, such as `<D:privilege><D:read/></D:privilege>`.
    pub fn write(self, writer: &mut Writer) {
        writer.start("D:privilege");
        writer.empty(self.element());
        writer.end("D:privilege");
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// Returns the bits of this privilege and of all that it contains.
    fn mask(self) -> u32 {
        let mut mask = 0;
        let mut below = vec![self];
        while let Some(privilege) = below.pop() {
            mask |= privilege.bit();
            below.extend_from_slice(privilege.parts());
        }
        mask
    }
}

/// A set of privileges, such as those of a caller on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PrivilegeSet {
    bits: u32,
}

impl PrivilegeSet {
    /// Creates a set of these privileges, of all that they contain, and of each privilege other
    /// than `DAV:read` whose parts are all in the set.
    pub fn of(privileges: impl IntoIterator<Item = Privilege>) -> Self {
        let mut evaluation = Evaluation::default();
        privileges.into_iter().for_each(|privilege| evaluation.grant(privilege));
        evaluation.held()
    }

    /// True if the set contains `privilege`.
    pub fn contains(self, privilege: Privilege) -> bool {
        self.bits & privilege.bit() != 0
    }

    /// True if the set is empty.
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Returns the privileges of the set; each comes before the privileges that it contains.
    pub fn iter(self) -> impl Iterator<Item = Privilege> {
        Privilege::ALL_IN_ORDER.iter().copied().filter(move |privilege| self.contains(*privilege))
    }
}

/// The evaluation of an access control list, entry by entry (RFC 3744 §6). For each privilege, the
/// first entry that grants or denies it decides.
///
/// ```
/// use dav::{Evaluation, Privilege};
///
/// let mut evaluation = Evaluation::default();
/// evaluation.deny(Privilege::Bind);
/// evaluation.grant(Privilege::Write);
/// let held = evaluation.held();
/// assert!(held.contains(Privilege::Unbind));
/// assert!(!held.contains(Privilege::Bind) && !held.contains(Privilege::Write));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evaluation {
    granted: u32,
    denied: u32,
}

impl Evaluation {
    /// Grants a privilege and all that it contains, except those that an earlier entry denied.
    pub fn grant(&mut self, privilege: Privilege) {
        self.granted |= privilege.mask() & !self.denied;
    }

    /// Denies a privilege and all that it contains, except those that an earlier entry granted.
    /// Also denies every privilege that contains a newly denied one, unless it was granted before.
    pub fn deny(&mut self, privilege: Privilege) {
        let news = privilege.mask() & !self.granted & !self.denied;
        self.denied |= news;
        let whole = Privilege::ALL_IN_ORDER.iter().filter(|container| container.mask() & news != 0);
        self.denied |= whole.fold(0, |bits, container| bits | container.bit()) & !self.granted;
    }

    /// Returns the privileges that the caller has by the entries evaluated so far.
    pub fn held(self) -> PrivilegeSet {
        let mut bits = self.granted;
        // In `ALL_IN_ORDER`, parts come after the privilege that contains them. In reverse order,
        // all parts are therefore decided first.
        for container in Privilege::ALL_IN_ORDER.iter().rev() {
            // The parts of `DAV:read` do not make up the whole: `DAV:read` also allows reading the
            // content.
            if *container == Privilege::Read || container.parts().is_empty() {
                continue;
            }
            if self.denied & container.bit() == 0 && container.parts().iter().all(|part| bits & part.bit() != 0) {
                bits |= container.bit();
            }
        }
        PrivilegeSet { bits }
    }
}

/// Writes `DAV:current-user-privilege-set` (RFC 3744 §5.4).
pub fn write_current_user_privilege_set(writer: &mut Writer, set: PrivilegeSet, place: Place) {
    writer.start("D:current-user-privilege-set");
    for privilege in set.iter().filter(|privilege| privilege.exists_on(place)) {
        privilege.write(writer);
    }
    writer.end("D:current-user-privilege-set");
}

/// Writes `DAV:supported-privilege-set` (RFC 3744 §5.3).
pub fn write_supported_privilege_set(writer: &mut Writer, place: Place) {
    enum Step {
        Open(Privilege),
        Close,
    }
    writer.start("D:supported-privilege-set");
    let mut steps = vec![Step::Open(Privilege::All)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Open(privilege) => {
                writer.start("D:supported-privilege");
                privilege.write(writer);
                writer.start_with("D:description", &[("xml:lang", "en")]);
                writer.text(privilege.description());
                writer.end("D:description");
                steps.push(Step::Close);
                let parts = privilege.parts().iter().rev().filter(|part| part.exists_on(place));
                steps.extend(parts.map(|part| Step::Open(*part)));
            }
            Step::Close => writer.end("D:supported-privilege"),
        }
    }
    writer.end("D:supported-privilege-set");
}

#[cfg(test)]
mod tests {
    use super::{Privilege::*, *};

    #[test]
    fn a_privilege_contains_its_parts_and_its_parts_are_it() {
        for (title, granted, held, missing) in [
            ("all is everything", &[All][..], &[Read, Bind, ScheduleSendReply, ReadFreeBusy][..], &[][..]),
            ("write is its four", &[Write], &[Bind, Unbind, WriteContent, WriteProperties], &[Read, All]),
            ("the four are write", &[Bind, Unbind, WriteContent, WriteProperties], &[Write], &[WriteAcl]),
            ("reading shows busy times", &[Read], &[ReadFreeBusy], &[ReadAcl]),
            ("busy times are not reading", &[ReadFreeBusy, ReadCurrentUserPrivilegeSet], &[ReadFreeBusy], &[Read]),
            ("sending", &[ScheduleSend], &[ScheduleSendInvite, ScheduleSendFreebusy], &[ScheduleDeliver]),
        ] {
            let set = PrivilegeSet::of(granted.iter().copied());
            assert!(held.iter().all(|privilege| set.contains(*privilege)), "{title}");
            assert!(!missing.iter().any(|privilege| set.contains(*privilege)), "{title}");
        }
    }

    #[test]
    fn the_first_entry_that_speaks_of_a_privilege_decides() {
        type Said<'a> = &'a [(bool, Privilege)];
        let rows: [(&str, Said<'_>, &[Privilege], &[Privilege]); 7] = [
            ("denied, then granted", &[(false, Read), (true, Read)], &[], &[Read, ReadFreeBusy]),
            ("granted, then denied", &[(true, Read), (false, Read)], &[Read, ReadFreeBusy], &[]),
            ("a part denied before the whole", &[(false, Bind), (true, Write)], &[Unbind], &[Write, Bind]),
            ("a part denied after the whole", &[(true, Write), (false, Bind)], &[Write, Bind], &[]),
            ("the rest of a granted part", &[(true, ReadFreeBusy), (false, Read)], &[ReadFreeBusy], &[Read]),
            ("everything after a denied part", &[(false, WriteAcl), (true, All)], &[Read, Write], &[All, WriteAcl]),
            ("nothing left to deny", &[(true, All), (false, All)], &[All, Write, ScheduleSendReply], &[]),
        ];
        for (title, said, held, missing) in rows {
            let mut evaluation = Evaluation::default();
            for (is_granted, privilege) in said {
                if *is_granted { evaluation.grant(*privilege) } else { evaluation.deny(*privilege) }
            }
            let set = evaluation.held();
            assert!(held.iter().all(|privilege| set.contains(*privilege)), "{title}: {set:?}");
            assert!(!missing.iter().any(|privilege| set.contains(*privilege)), "{title}: {set:?}");
        }
    }

    #[test]
    fn scheduling_privileges_exist_where_messages_do() {
        for (place, expected) in
            [(Place::Ordinary, [false, false]), (Place::Inbox, [true, false]), (Place::Outbox, [false, true])]
        {
            let mut writer = Writer::fragment();
            write_supported_privilege_set(&mut writer, place);
            write_current_user_privilege_set(&mut writer, PrivilegeSet::of([All]), place);
            let found = ["schedule-deliver-reply/", "schedule-send-reply/"]
                .map(|name| writer.as_str().matches(name).count() == 2);
            assert_eq!(found, expected, "{place:?}");
        }
    }

    #[test]
    fn names_are_found_again() {
        for privilege in Privilege::ALL_IN_ORDER {
            assert_eq!(Privilege::from_name(&privilege.name()), Some(*privilege));
            assert_eq!(Privilege::from_local(privilege.local()), Some(*privilege));
        }
        assert_eq!(Privilege::from_name(&QName::of(CALDAV, "read")), None);
    }
}
