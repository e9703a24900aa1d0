//! What a client requires of the resource it writes: the request headers that end in 412.

use schemas::object::Content;

use crate::Refusal;

/// One entity tag list of `If-Match` or `If-None-Match` (RFC 9110 §13.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// `*`
    Any,
    /// Without quotes; weak tags are not in here, for they never match strongly.
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

/// The conditions of one request, compared inside the decision so that no gap opens between check and write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Require {
    pub if_match: Option<Tags>,
    pub if_none_match: Option<Tags>,
    /// `If-Schedule-Tag-Match` (RFC 6638 §8.3), without quotes.
    pub if_schedule_tag_match: Option<String>,
}

impl Require {
    /// Checks the conditions against the resource as it is; `None`: there is none.
    pub fn check(&self, resource: Option<&Content>) -> Result<(), Refusal> {
        let etag = resource.map(|content| content.etag.as_str());
        self.check_tags(etag, resource.and_then(|content| content.schedule_tag.as_deref()))
    }

    /// The same, of a resource that is known by its tags; no `etag`: there is none.
    pub fn check_tags(&self, etag: Option<&str>, schedule_tag: Option<&str>) -> Result<(), Refusal> {
        // RFC 6638 §8.3: a client that knows Schedule-Tags sends one of the two; if both come, both hold.
        if self.if_schedule_tag_match.as_deref().is_some_and(|tag| schedule_tag != Some(tag)) {
            return Err(Refusal::Precondition { header: "If-Schedule-Tag-Match" });
        }
        if self.if_match.as_ref().is_some_and(|tags| !tags.matches(etag)) {
            return Err(Refusal::Precondition { header: "If-Match" });
        }
        if self.if_none_match.as_ref().is_some_and(|tags| tags.matches(etag)) {
            return Err(Refusal::Precondition { header: "If-None-Match" });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use schemas::object::Role;

    use super::*;

    fn listed(tags: &[&str]) -> Tags {
        Tags::Listed(tags.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn each_header_is_compared_with_its_tag() {
        let stored =
            Content { ics: String::new(), etag: "e1".into(), schedule_tag: Some("s1".into()), role: Role::Organizer };
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
