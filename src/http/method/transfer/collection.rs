//! `COPY` and `MOVE` of collections with their members (RFC 4918 §9.8.3, §9.9.2).
//!
//! `MOVE` within a home only renames the collection, which keeps its id, its members and their
//! tags. In all other cases the server creates a new collection and, unless the depth is 0, stores
//! the members one by one, under the rules of the destination. A member that cannot be stored is
//! reported in a 207 response (§9.8.5); with `MOVE` it stays in the source.
//!
//! **Invariant:** resources that the caller may not read are not copied. A collection that contains
//! such resources cannot be moved to another home.

use actix_web::{HttpResponse, http::StatusCode};
use dav::{Condition, Detail, MultiStatus, Privilege, Status};
use projections::{Collection, Member};
use schemas::{
    PrincipalId,
    collection::{CollectionCreated, CollectionKind, Settings},
};
use service::{Overwrite, Require, collections::unconditional};

use super::super::{
    conditions::{self, Again},
    notices,
};
use super::{
    member::{self, MemberSource},
    target::{Operation, Shape, Target, destination, finished, remove_collection},
};
use crate::{
    answer::CollectionView,
    call::Call,
    header::Depth,
    refusal::Refusal,
    resource::{NO_COLLECTION_NAME, Path, Resource, href, privileges},
    response,
};

/// Number of members that are read at a time.
const PAGE: usize = 200;

pub(super) async fn transfer(call: &Call, found: &Resource, operation: Operation) -> Result<HttpResponse, Refusal> {
    let Resource::Collection { owner: home, collection } = found else { return Err(Refusal::NotFound) };
    let shape = shape(collection)?;
    if operation == Operation::Move {
        notices::keep_collection(collection)?;
    }
    let to = destination(call)?;
    let depth = depth(call, operation)?;
    let target = Target::of(call, &to, operation, shape)?;
    conditions::check(call, found)?;
    let name = to.collection_name().ok_or(Refusal::forbidden(NO_COLLECTION_NAME))?;
    let is_replaced = target.replaced.is_some();
    if operation == Operation::Move && rename(call, *home, collection, (&target, &name)).await? {
        return Ok(response::empty(finished(is_replaced)));
    }
    let below = if depth == Depth::Zero { vec![] } else { below(call, *home, collection)? };
    if operation == Operation::Move {
        call.service().may_remove(*home, collection.id).await?;
        check_all_readable(call, *home, collection, &below)?;
    }
    target.clear(call).await?;
    let mut work = CollectionTransfer { call, home: *home, target: &target, operation, failures: vec![] };
    work.run(collection, &below, (&name, depth)).await?;
    if work.failures.is_empty() && operation == Operation::Move {
        // All calendar objects and files have been moved; only empty collections are left.
        remove_collection(call, *home, collection, (target.reply, Again::NONE)).await?;
    }
    Ok(work.answer(is_replaced))
}

/// Returns the kind of the new collection at the destination. `Err` (403) if this kind of
/// collection cannot be copied or moved.
fn shape(collection: &Collection) -> Result<Shape, Refusal> {
    match collection.kind {
        CollectionKind::Calendar => Ok(Shape::Calendar),
        CollectionKind::Plain => Ok(Shape::Plain),
        CollectionKind::Home | CollectionKind::Inbox | CollectionKind::Outbox => {
            Err(Refusal::forbidden("homes, inboxes and outboxes cannot be copied or moved"))
        }
    }
}

/// Renames a collection if its destination is in the same home. Returns false if the destination is
/// in another home. A shared calendar at its path in a sharee's home can be renamed there; `Err` if
/// its destination is in another home.
async fn rename(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    (target, name): (&Target, &str),
) -> Result<bool, Refusal> {
    let service = call.service();
    // The replaced resource is removed first. The `If` header is then not evaluated again, because
    // it may name this resource.
    let again = if target.replaced.is_some() { Again::NONE } else { Again::of(call) };
    let still = || again.hold();
    if let Some(shared) = &collection.shared_as {
        if target.home != shared.sharee {
            return Err(Refusal::forbidden(
                "a calendar of another person can be renamed in the home of the sharee, but not moved to another home",
            ));
        }
        target.clear(call).await?;
        let stamp = call.stamp(shared.sharee);
        service.rename_shared(&stamp, shared.sharee, shared.id, name.to_owned(), &still).await?;
        return Ok(true);
    }
    if target.home == home {
        target.clear(call).await?;
        service.rename_collection(&call.stamp(home), collection.id, name.to_owned(), &still).await?;
    }
    Ok(target.home == home)
}

fn depth(call: &Call, operation: Operation) -> Result<Depth, Refusal> {
    match (operation, Depth::of(call.headers(), Depth::Infinity)?) {
        (_, Depth::Infinity) => Ok(Depth::Infinity),
        // RFC 4918 §9.8.3: COPY with depth 0 copies the collection with its properties, but without
        // members.
        (Operation::Copy, Depth::Zero) => Ok(Depth::Zero),
        (Operation::Copy, Depth::One) => {
            Err(Refusal::bad_request("the Depth of COPY on a collection must be 0 or infinity"))
        }
        // RFC 4918 §9.9.2: a MOVE of a collection always includes all its members.
        (Operation::Move, Depth::Zero | Depth::One) => {
            Err(Refusal::bad_request("the Depth of MOVE on a collection must be infinity"))
        }
    }
}

/// Returns the collections inside a collection, at any depth, that the caller may read, without
/// those below one that the caller may not read. Parents come before their children.
fn below(call: &Call, home: PrincipalId, collection: &Collection) -> Result<Vec<Collection>, Refusal> {
    let mut readable = vec![];
    for below in call.models().home(home)?.into_iter().filter(|below| collection.is_above(below)) {
        let parent = readable.iter().any(|parent: &Collection| parent.is_parent_of(&below.name));
        if (parent || collection.is_parent_of(&below.name))
            && CollectionView::of(&call.person, home, below.clone())?.allows(&call.person, Privilege::Read)
        {
            readable.push(below);
        }
    }
    Ok(readable)
}

/// Checks that the caller may read everything in the collection. Otherwise `Err` with
/// `need-privileges`.
fn check_all_readable(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    readable: &[Collection],
) -> Result<(), Refusal> {
    if privileges::owns_or_administers(&call.person, home) {
        return Ok(());
    }
    let needs_privilege = || Err(Refusal::needs_privilege(call.path.href(), Privilege::Read));
    let all = call.models().home(home)?.into_iter().filter(|below| collection.is_above(below)).count();
    if all != readable.len() {
        return needs_privilege();
    }
    for collection in std::iter::once(collection).chain(readable) {
        let view = CollectionView::of(&call.person, home, collection.clone())?;
        let mut after = None;
        while let Some(members) = page(call, collection, after.as_deref())? {
            if members.iter().any(|member| !view.allows_on_member(&call.person, member, Privilege::Read)) {
                return needs_privilege();
            }
            after = members.last().map(|member| member.name.clone());
        }
    }
    Ok(())
}

fn page(call: &Call, collection: &Collection, after: Option<&str>) -> Result<Option<Vec<Member>>, Refusal> {
    let members = call.models().members(collection.id, after, PAGE)?;
    Ok((!members.is_empty()).then_some(members))
}

/// A `COPY` or `MOVE` of a collection in progress, and the resources that could not be copied or
/// moved.
struct CollectionTransfer<'a> {
    call: &'a Call,
    home: PrincipalId,
    target: &'a Target,
    operation: Operation,
    failures: Vec<(String, Status, Option<Condition>)>,
}

impl CollectionTransfer<'_> {
    /// Transfers the collection to the path `name`, and the collections `below` inside it. If a
    /// collection inside fails, the next ones are still tried, unless the failure concerns the
    /// whole request.
    async fn run(
        &mut self,
        collection: &Collection,
        below: &[Collection],
        (name, depth): (&str, Depth),
    ) -> Result<(), Refusal> {
        if depth == Depth::Zero {
            self.create(collection, name).await?;
        } else {
            self.with_members(collection, name).await?;
        }
        for child in below {
            let name = format!("{name}{}", &child.name[collection.name.len()..]);
            if let Err(refusal) = self.with_members(child, &name).await {
                let href = self.href(&name);
                self.failed(href, refusal)?;
            }
        }
        Ok(())
    }

    /// Transfers one collection with the members that the caller may read, without the collections
    /// inside it.
    async fn with_members(&mut self, from: &Collection, name: &str) -> Result<(), Refusal> {
        let collection = Box::new(self.create(from, name).await?);
        let place = Target { home: self.target.home, collection, replaced: None, reply: self.target.reply };
        let readable = CollectionView::of(&self.call.person, self.home, from.clone())?;
        let mut after = None;
        while let Some(members) = page(self.call, from, after.as_deref())? {
            for member in
                members.iter().filter(|member| readable.allows_on_member(&self.call.person, member, Privilege::Read))
            {
                self.member(from, member, &place).await?;
            }
            after = members.last().map(|member| member.name.clone());
        }
        Ok(())
    }

    async fn member(&mut self, collection: &Collection, member: &Member, target: &Target) -> Result<(), Refusal> {
        let owner = self.owner();
        let within = target.collection.name.clone();
        let to = Path::Inside { owner, within, name: member.name.clone() };
        let from = MemberSource { home: self.home, collection, member };
        let conditions = (Overwrite::Allowed, Require::default());
        match member::copy_member(self.call, from, &to, target, self.operation, conditions).await {
            Ok(_) => Ok(()),
            Err(refusal) => self.failed(to.member_href(), refusal),
        }
    }

    /// Creates an empty collection with the properties of `from`. MOVE keeps the ACL, COPY does not
    /// (RFC 3744 §7.3, §7.4).
    async fn create(&self, from: &Collection, name: &str) -> Result<Collection, Refusal> {
        let service = self.call.service();
        let acl = if self.operation == Operation::Move { from.acl.as_slice() } else { &[] };
        // The limit on ACL entries is checked first. Otherwise the new collection could exist
        // without its ACL.
        service.has_room_for_entries(self.target.home, acl.len())?;
        let created = CollectionCreated {
            home: self.target.home,
            name: name.to_owned(),
            kind: from.kind,
            components: from.components.clone(),
            properties: from.properties.clone(),
            settings: Settings { default_calendar: None, ..from.settings.clone() },
        };
        let stamp = self.call.stamp(self.target.home);
        let id = service.create_collection(&stamp, created).await?;
        if !acl.is_empty() {
            service.change_acl(&self.call.stamp(self.target.home), id, acl.to_vec(), &unconditional).await?;
        }
        self.call.models().collection_by_id(id)?.ok_or(Refusal::NotFound)
    }

    /// Records that a resource could not be transferred. `Err` if the failure concerns the whole
    /// request.
    fn failed(&mut self, href: String, refusal: Refusal) -> Result<(), Refusal> {
        let (status, condition) = refusal.status_and_condition()?;
        self.failures.push((href, status, condition));
        Ok(())
    }

    fn owner(&self) -> String {
        let owner = self.call.person.directory.by_id(self.target.home);
        owner.map(|owner| owner.short_name.clone()).unwrap_or_default()
    }

    fn href(&self, name: &str) -> String {
        href::collection(&self.owner(), name)
    }

    fn answer(self, is_replaced: bool) -> HttpResponse {
        if self.failures.is_empty() {
            return response::empty(finished(is_replaced));
        }
        let mut multistatus = MultiStatus::new(Detail::Full);
        for (href, status, condition) in &self.failures {
            match condition {
                Some(condition) => multistatus.status_because(href, *status, *condition),
                None => multistatus.status(href, *status),
            }
        }
        response::xml(StatusCode::MULTI_STATUS, multistatus.finish())
    }
}
