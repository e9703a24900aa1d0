//! The part of a home that the restore of one name concerns. It is looked up by that name and by
//! the identities of the objects that had or have it, so that its cost does not grow with the
//! number of resources in the home.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{CollectionId, ObjectId};

use super::plan::{Holding, Paths, Resource, temporary};

/// A home at one time.
pub(super) trait Home {
    type Error;

    /// Returns the resource with this name; `None` if there is none.
    fn at(&self, collection: CollectionId, name: &str) -> Result<Option<Resource>, Self::Error>;

    /// Returns the collections and names under which the object is.
    fn places(&self, object: ObjectId) -> Result<Vec<(CollectionId, String)>, Self::Error>;
}

/// A home at one time, with the collections that the restore concerns, and the others.
pub(super) struct Moment<'a, H> {
    pub home: &'a H,
    pub collections: Paths,
    pub other_collections: Paths,
}

/// Returns the two states of the home, then and now, with only those resources on which the plan
/// for `name` depends. That plan is the same as with all resources of the home.
pub(super) fn holdings<H: Home>(
    then: Moment<'_, H>,
    now: Moment<'_, H>,
    name: &str,
) -> Result<(Holding, Holding), H::Error> {
    let (mut old, mut new) = (Search::of(then), Search::of(now));
    let (at_then, at_now) = (old.named(name)?, new.named(name)?);
    let objects: BTreeSet<ObjectId> = at_then.into_iter().chain(at_now).collect();
    for object in &objects {
        old.object(*object)?;
        new.object(*object)?;
    }
    // An object can only go back to its former place if nothing else is there now.
    for (path, name) in old.spots() {
        new.spot(&path, &name)?;
    }
    new.temporary_names()?;
    Ok((old.done(), new.done()))
}

struct Search<'a, H> {
    moment: Moment<'a, H>,
    found: BTreeMap<(String, String), (CollectionId, Resource)>,
}

impl<'a, H: Home> Search<'a, H> {
    fn of(moment: Moment<'a, H>) -> Self {
        Self { moment, found: BTreeMap::new() }
    }

    /// Finds the resources of this name in the collections that the restore concerns. Returns their
    /// objects.
    fn named(&mut self, name: &str) -> Result<Vec<ObjectId>, H::Error> {
        let mut objects = vec![];
        for (id, _) in self.moment.collections.clone() {
            objects.extend(self.add(id, name)?);
        }
        Ok(objects)
    }

    fn object(&mut self, object: ObjectId) -> Result<(), H::Error> {
        for (collection, name) in self.moment.home.places(object)? {
            self.add(collection, &name)?;
        }
        Ok(())
    }

    /// Returns the places of what was found: paths of collections, and names.
    fn spots(&self) -> Vec<(String, String)> {
        self.found.keys().cloned().collect()
    }

    fn spot(&mut self, path: &str, name: &str) -> Result<(), H::Error> {
        let all = self.moment.collections.iter().chain(&self.moment.other_collections);
        let Some(id) = all.clone().find(|(_, known)| known == path).map(|(id, _)| *id) else { return Ok(()) };
        self.add(id, name).map(drop)
    }

    /// Adds the resources that have the first temporary names, up to a free one, in each collection
    /// of a resource that may need such a name.
    fn temporary_names(&mut self) -> Result<(), H::Error> {
        let beside: BTreeSet<CollectionId> = self.found.values().map(|(collection, _)| *collection).collect();
        for collection in beside {
            let mut number = 1;
            while self.add(collection, &temporary(number))?.is_some() {
                number += 1;
            }
        }
        Ok(())
    }

    /// Adds the resource at a place, if the collection is one of this home. Returns its object;
    /// `None` if nothing was added.
    fn add(&mut self, collection: CollectionId, name: &str) -> Result<Option<ObjectId>, H::Error> {
        let all = self.moment.collections.iter().chain(&self.moment.other_collections);
        if !all.clone().any(|(id, _)| *id == collection) {
            return Ok(None);
        }
        let Some(resource) = self.moment.home.at(collection, name)? else { return Ok(None) };
        let object = resource.object;
        let key = (resource.spot.collection.clone(), resource.spot.name.clone());
        self.found.insert(key, (collection, resource));
        Ok(Some(object))
    }

    fn done(self) -> Holding {
        let Moment { collections, other_collections, .. } = self.moment;
        let is_meant = |id: &CollectionId| collections.iter().any(|(known, _)| known == id);
        let (meant, others): (Vec<_>, Vec<_>) = self.found.into_values().partition(|(id, _)| is_meant(id));
        let resources = |found: Vec<(CollectionId, Resource)>| found.into_iter().map(|(_, found)| found).collect();
        Holding { resources: resources(meant), other_resources: resources(others), collections, other_collections }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, convert::Infallible};

    use uuid::Uuid;

    use super::{super::plan, *};
    use crate::history::Spot;

    /// A home in memory, which counts what it is asked.
    struct Whole {
        holding: Holding,
        asked: Cell<usize>,
    }

    impl Whole {
        fn of(holding: Holding) -> Self {
            Self { holding, asked: Cell::new(0) }
        }

        fn moment(&self) -> Moment<'_, Self> {
            let Holding { collections, other_collections, .. } = self.holding.clone();
            Moment { home: self, collections, other_collections }
        }

        fn all(&self) -> impl Iterator<Item = (CollectionId, &Resource)> {
            self.asked.set(self.asked.get() + 1);
            let Holding { collections, other_collections, resources, other_resources } = &self.holding;
            let id = move |path: &str| {
                let found = collections.iter().chain(other_collections).find(|(_, known)| known == path);
                found.map(|(id, _)| *id).unwrap()
            };
            resources.iter().chain(other_resources).map(move |one| (id(&one.spot.collection), one))
        }
    }

    impl Home for Whole {
        type Error = Infallible;

        fn at(&self, collection: CollectionId, name: &str) -> Result<Option<Resource>, Infallible> {
            let found = self.all().find(|(id, one)| *id == collection && one.spot.name == name);
            Ok(found.map(|(_, one)| one.clone()))
        }

        fn places(&self, object: ObjectId) -> Result<Vec<(CollectionId, String)>, Infallible> {
            let found = self.all().filter(|(_, one)| one.object == object);
            Ok(found.map(|(id, one)| (id, one.spot.name.clone())).collect())
        }
    }

    /// Returns a home with the calendar `w`, which is restored, and the calendar `x`. `seed`
    /// chooses which objects are where.
    fn home(mut seed: u64, names: &[&str], more: usize) -> Holding {
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let id = |number: u128| CollectionId(Uuid::from_u128(number));
        let resource = |path: &str, name: &str, object: u64, etag: u64| Resource {
            spot: Spot { collection: path.to_owned(), name: name.to_owned() },
            object: ObjectId(Uuid::from_u128(object.into())),
            etag: etag.to_string(),
            is_file: false,
        };
        let mut members = |path: &str| -> Vec<Resource> {
            let mut objects = BTreeSet::new();
            let mut some: Vec<_> = names
                .iter()
                .filter_map(|name| {
                    let (object, etag) = (next(6), next(2));
                    (object > 0 && objects.insert(object)).then(|| resource(path, name, object, etag))
                })
                .collect();
            some.extend((0..more).map(|number| resource(path, &format!("z{number}"), 1_000 + number as u64, 0)));
            some
        };
        let (resources, other_resources) = (members("w"), members("x"));
        let (collections, other_collections) = (vec![(id(1), "w".to_owned())], vec![(id(2), "x".to_owned())]);
        Holding { collections, resources, other_collections, other_resources }
    }

    #[test]
    fn the_plan_for_one_name_is_that_of_the_whole_home_and_asks_for_as_much_in_a_large_one() {
        let names = ["a", "b", "c", "restoring-1.ics"];
        for seed in 0..3_000 {
            let [then, now] = [seed, seed + 1_000_000].map(|seed| Whole::of(home(seed, &names, 50)));
            let (old, new) = holdings(then.moment(), now.moment(), "a").unwrap();
            let found = plan::steps(&old, new, Some("a"));
            let expected = plan::steps(&then.holding, now.holding.clone(), Some("a"));
            assert_eq!(found, expected, "{seed}: {:?} {:?}", then.holding, now.holding);
            assert!(then.asked.get() + now.asked.get() < 40, "{seed}");
        }
    }
}
