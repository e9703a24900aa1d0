//! The expiry of accounts in Active Directory (MS-ADA1, accountExpires).

use crate::entry::Entry;

/// The seconds from 1601, where `accountExpires` starts to count, to 1970.
const EPOCH: i64 = 11_644_473_600;
/// The number of units in one second. `accountExpires` counts in units of 100 ns.
const STEPS: i64 = 10_000_000;

/// True if the account has expired at `now`, in seconds since the epoch. `attribute` contains the
/// time of expiry; if it is missing or not a number, the account never expires.
pub(super) fn is_over(entry: &Entry, attribute: &str, now: i64) -> bool {
    let text = entry.values(attribute).first().and_then(|value| std::str::from_utf8(value).ok());
    // 0 and the greatest `i64` mean that the account never expires.
    let expires = text.and_then(|text| text.parse::<i64>().ok()).filter(|steps| ![0, i64::MAX].contains(steps));
    expires.is_some_and(|steps| steps / STEPS - EPOCH <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_expires_at_its_moment() {
        // 2026-01-05T00:00:00Z, in seconds since the epoch.
        let now = 1_767_571_200;
        let rows = [
            ("134120448000000000", true),
            ("134120447990000000", true),
            ("134120448010000000", false),
            ("116444736000000000", true),
            ("0", false),
            ("9223372036854775807", false),
            ("9223372036854775808", false),
            ("never", false),
        ];
        for (steps, expected) in rows {
            let entry = Entry::new("cn=a", &[("accountExpires", steps)]);
            assert_eq!(is_over(&entry, "accountExpires", now), expected, "{steps}");
        }
        assert!(!is_over(&Entry::new("cn=a", &[]), "accountExpires", now), "nothing is said");
    }
}
