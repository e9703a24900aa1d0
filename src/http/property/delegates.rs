//! Live properties about delegates (caldav-proxy).
//!
//! **Invariant:** these properties show who is a delegate of an owner only to the owner, the
//! delegate and administrators.

use std::collections::BTreeSet;

use dav::{QName, name, value};
use projections::Entry;
use schemas::PrincipalId;
use service::{
    Error,
    sharing::{Delegation, Level, Share},
};

use super::{
    Context, Presence,
    Presence::{Absent, Present, Withheld},
    PropStats,
    webdav::failed,
};
use crate::resource::{Path, ResourceView, href, privileges};

/// Maximum number of other people's homes in `CALDAV:calendar-home-set`. Further homes are left
/// out.
const MAX_SHARED_HOMES: usize = 100;

/// Writes `DAV:group-member-set` of a delegates group.
pub(super) fn members(
    context: &Context<'_>,
    owner: &Entry,
    delegation: Delegation,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    if !privileges::owns_or_administers(context.person, owner.id) {
        return Withheld;
    }
    match context.service.delegates(owner.id, delegation) {
        Ok(members) => {
            let members = members.into_iter().filter_map(|member| context.person.directory.by_id(member));
            value::hrefs(out.prop(), "D:group-member-set", members.map(|member| href::principal(&member.short_name)));
        }
        Err(error) => return failed(out, &name::GROUP_MEMBER_SET, &error),
    }
    Present
}

/// Writes `CS:calendar-proxy-read-for` (caldav-proxy §5.3.1).
pub(super) fn read_for(context: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    delegate_for(
        context,
        resource,
        Delegation::Read,
        ("CS:calendar-proxy-read-for", &name::CALENDAR_PROXY_READ_FOR),
        out,
    )
}

/// Writes `CS:calendar-proxy-write-for` (caldav-proxy §5.3.2).
pub(super) fn write_for(context: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let names = ("CS:calendar-proxy-write-for", &name::CALENDAR_PROXY_WRITE_FOR);
    delegate_for(context, resource, Delegation::Write, names, out)
}

fn delegate_for(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    delegation: Delegation,
    (element, name): (&'static str, &'static QName),
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let ResourceView::Principal(entry) = resource else { return Absent };
    if !privileges::owns_or_administers(context.person, entry.id) {
        return Withheld;
    }
    match owners(context, entry, delegation) {
        Ok(owners) => {
            let owners = owners.into_iter().filter_map(|owner| context.person.directory.by_id(owner));
            value::hrefs(out.prop(), element, owners.map(|owner| href::principal(&owner.short_name)));
        }
        Err(error) => return failed(out, name, &error),
    }
    Present
}

/// Returns the hrefs of the delegates groups that have the principal as a direct member. Empty if
/// the caller may not know them.
pub(super) fn memberships(context: &Context<'_>, entry: &Entry) -> Result<Vec<String>, Error> {
    if !privileges::owns_or_administers(context.person, entry.id) {
        return Ok(vec![]);
    }
    let mut groups = vec![];
    for share in context.service.shared_with(&BTreeSet::from([entry.id]))? {
        let owner = context.person.directory.by_id(share.owner);
        if let (Some(owner), Some(delegation)) = (owner, share.delegation()) {
            groups.push(href::delegates(&owner.short_name, delegation));
        }
    }
    Ok(groups)
}

/// Returns the owners for whom the principal is a delegate, directly or through groups. Owners for
/// whom the delegate may write are left out of the owners for whom the delegate may only read.
fn owners(context: &Context<'_>, entry: &Entry, delegation: Delegation) -> Result<BTreeSet<PrincipalId>, Error> {
    let identities = context.person.directory.identities_of(entry.id);
    let shares = context.service.shared_with(&identities)?;
    let of = |wanted: Delegation| -> BTreeSet<_> {
        shares.iter().filter(|share| share.delegation() == Some(wanted)).map(|share| share.owner).collect()
    };
    let writes = of(Delegation::Write);
    Ok(match delegation {
        Delegation::Write => writes,
        Delegation::Read => &of(Delegation::Read) - &writes,
    })
}

/// Returns the hrefs of other people's homes that are shared with the caller as a whole, for
/// reading or writing. If other owners share single calendars with the caller that are not in the
/// caller's own home, the href of the collection of homes is added, because it lists these
/// calendars.
pub(super) fn homes(context: &Context<'_>) -> Result<Vec<String>, Error> {
    let shares = context.service.shared_with(&context.person.identities)?;
    let own: Vec<_> = context.models().shared_calendars(context.person.id)?;
    let is_found = |share: &Share| own.iter().any(|shared| shared.calendar == share.on.id);
    let owners = |is_of_home: bool| -> BTreeSet<PrincipalId> {
        let wanted =
            |share: &&Share| share.level >= Level::Read && share.is_of_home() == is_of_home && !is_found(share);
        shares.iter().filter(wanted).map(|share| share.owner).collect()
    };
    let (whole, single) = (owners(true), owners(false));
    let known = whole.iter().filter_map(|owner| context.person.directory.by_id(*owner));
    let mut homes: Vec<_> = known.take(MAX_SHARED_HOMES).map(|owner| href::home(&owner.short_name)).collect();
    if !single.is_subset(&whole) {
        homes.push(Path::Homes.href());
    }
    Ok(homes)
}
