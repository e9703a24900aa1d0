//! The conditional headers of a write request. A condition that does not hold leads to status 412.

use crate::{Refusal, object::Resource};

/// The value of `If-Match` or `If-None-Match` (RFC 9110 §13.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// Any tag: `*`.
    Any,
    /// A list of tags without quotes. In `If-Match` weak tags are left out, because they never
    /// match in a strong comparison.
    Listed(Vec<String>),
}

impl Tags {
    fn matches(&self, etag: Option<&str>) -> bool {
        match (self, etag) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::Listed(tags), Some(etag)) => tags.iter().any(|tag| tag == etag),
        }
    }
}

/// The comparison functions for entity tags (RFC 9110 §8.8.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The comparison of `If-Match`: a weak tag matches nothing.
    Strong,
    /// The comparison of `If-None-Match`: a weak tag matches like a strong one.
    Weak,
}

/// Parses a list of entity tags, with or without quotes, and returns them without quotes and
/// suffixes of compression. A strong comparison leaves out weak tags. Returns the reason as an
/// error if a closing quote is missing.
pub fn entity_tags(mut rest: &str, comparison: Comparison) -> Result<Vec<String>, &'static str> {
    let mut tags = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Ok(tags);
        }
        let (is_weak, opaque) = match rest.strip_prefix("W/") {
            Some(opaque) => (true, opaque),
            None => (false, rest),
        };
        let quoted = opaque.strip_prefix('"').and_then(|opaque| opaque.split_once('"'));
        let (tag, after) = match quoted {
            Some(parts) => parts,
            // Some clients omit the quotes of entity tags.
            None if !opaque.starts_with('"') => opaque.split_at(opaque.find(',').unwrap_or(opaque.len())),
            None => return Err("an entity tag in a header of the request has no closing quote"),
        };
        if !is_weak || comparison == Comparison::Weak {
            tags.push(uncoded(tag.trim()).to_owned());
        }
        rest = after;
    }
}

/// Removes the suffix that some proxies add to the entity tag of a response they compress.
fn uncoded(tag: &str) -> &str {
    ["-gzip", "-br", "-zstd"].iter().find_map(|suffix| tag.strip_suffix(suffix)).unwrap_or(tag)
}

/// The state of the resource that the client has read, according to the conditions of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The current state; also assumed if no condition says which state the client has read.
    AsItIs,
    /// Possibly an earlier state, which differs from the current one only in what does not change
    /// the Schedule-Tag, for example answers of attendees (RFC 6638 §3.2.10).
    BeforeOthersAnswered,
}

/// The conditions of one request. The decision checks them itself, so that nothing changes between
/// check and write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Require {
    pub if_match: Option<Tags>,
    pub if_none_match: Option<Tags>,
    /// `If-Schedule-Tag-Match` (RFC 6638 §8.3), without quotes.
    pub if_schedule_tag_match: Option<String>,
}

impl Require {
    /// Checks the conditions against the current resource; `resource` is `None` if there is none.
    ///
    /// Returns an error if a condition does not hold.
    pub fn check(&self, resource: Option<&Resource>) -> Result<Seen, Refusal> {
        let content = resource.map(|resource| &resource.content);
        let etag = content.map(|content| content.etag.as_str());
        let schedule_tag = content.and_then(|content| content.schedule_tag.as_deref());
        self.judge(etag, schedule_tag, resource.map_or(&[], |resource| &resource.earlier_etags))
    }

    /// Returns whether the conditions contain a tag of the state that the client has read.
    pub(crate) fn names_state(&self) -> bool {
        self.if_schedule_tag_match.is_some() || matches!(self.if_match, Some(Tags::Listed(_)))
    }

    /// Checks the conditions against the tags of a resource; `etag` is `None` if the resource does
    /// not exist.
    ///
    /// Returns an error if a condition does not hold.
    pub fn check_tags(&self, etag: Option<&str>, schedule_tag: Option<&str>) -> Result<(), Refusal> {
        self.judge(etag, schedule_tag, &[]).map(|_| ())
    }

    fn judge(&self, etag: Option<&str>, schedule_tag: Option<&str>, earlier: &[String]) -> Result<Seen, Refusal> {
        // If a request has both If-Schedule-Tag-Match (RFC 6638 §8.3) and If-Match, both must hold.
        if self.if_schedule_tag_match.as_deref().is_some_and(|tag| schedule_tag != Some(tag)) {
            return Err(Refusal::Precondition { header: "If-Schedule-Tag-Match" });
        }
        // For a client that does not use Schedule-Tags, every reply would make If-Match fail. So an
        // earlier tag is accepted as long as the Schedule-Tag stays, and the answers since then are
        // merged (RFC 6638 §3.2.10.1).
        let current = self.if_match.as_ref().is_none_or(|tags| tags.matches(etag));
        let before = self.if_match.as_ref().filter(|_| !current);
        let earlier = before.is_some_and(|tags| earlier.iter().any(|etag| tags.matches(Some(etag))));
        if !current && !earlier {
            return Err(Refusal::Precondition { header: "If-Match" });
        }
        if self.if_none_match.as_ref().is_some_and(|tags| tags.matches(etag)) {
            return Err(Refusal::Precondition { header: "If-None-Match" });
        }
        let merges = earlier || self.if_schedule_tag_match.is_some();
        Ok(if merges { Seen::BeforeOthersAnswered } else { Seen::AsItIs })
    }
}

#[cfg(test)]
mod tests {
    use schemas::{
        CollectionId, PrincipalId,
        object::{Content, Place, Role},
    };
    use uuid::Uuid;

    use super::*;
    use crate::object::EarlierTexts;

    fn stored() -> Resource {
        Resource {
            place: Place {
                collection: CollectionId::derive(PrincipalId(Uuid::nil()), "calendar", 0),
                name: "1.ics".into(),
            },
            component: "VEVENT".into(),
            content: Content {
                ics: String::new(),
                etag: "e1".into(),
                schedule_tag: Some("s1".into()),
                role: Role::Organizer,
            },
            entries: vec![],
            properties: vec![],
            earlier_etags: vec!["e0".into()],
            earlier_texts: EarlierTexts::default(),
            is_as_imported: false,
        }
    }

    #[test]
    fn a_tag_from_before_others_answered_is_good_enough_and_asks_for_a_merge() {
        let rows = [
            ("the current one", listed(&["e1"]), Ok(Seen::AsItIs)),
            ("an earlier one", listed(&["e0"]), Ok(Seen::BeforeOthersAnswered)),
            ("both", listed(&["e0", "e1"]), Ok(Seen::AsItIs)),
            ("any", Tags::Any, Ok(Seen::AsItIs)),
            ("another", listed(&["x"]), Err(Refusal::Precondition { header: "If-Match" })),
        ];
        for (title, tags, expected) in rows {
            let require = Require { if_match: Some(tags), ..Require::default() };
            assert_eq!(require.check(Some(&stored())), expected, "{title}");
        }
        let create = Require { if_none_match: Some(listed(&["e0"])), ..Require::default() };
        assert_eq!(create.check(Some(&stored())), Ok(Seen::AsItIs), "for If-None-Match it is another state");
    }

    fn listed(tags: &[&str]) -> Tags {
        Tags::Listed(tags.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn each_header_is_compared_with_its_tag() {
        let stored = stored();
        let none = Require::default();
        let schedule = |tag: &str| Require { if_schedule_tag_match: Some(tag.into()), ..none.clone() };
        let rows = [
            ("nothing required", none.clone(), true, true),
            ("If-Match with the tag", Require { if_match: Some(listed(&["x", "e1"])), ..none.clone() }, true, false),
            ("If-Match with another", Require { if_match: Some(listed(&["x"])), ..none.clone() }, false, false),
            ("If-Match: *", Require { if_match: Some(Tags::Any), ..none.clone() }, true, false),
            ("If-None-Match: *", Require { if_none_match: Some(Tags::Any), ..none.clone() }, false, true),
            (
                "If-None-Match with the tag",
                Require { if_none_match: Some(listed(&["e1"])), ..none.clone() },
                false,
                true,
            ),
            ("If-Schedule-Tag-Match with the tag", schedule("s1"), true, false),
            ("If-Schedule-Tag-Match with the ETag", schedule("e1"), false, false),
        ];
        for (title, require, on_stored, on_absent) in rows {
            assert_eq!(require.check(Some(&stored)).is_ok(), on_stored, "{title}, stored");
            assert_eq!(require.check(None).is_ok(), on_absent, "{title}, absent");
        }
    }
}
