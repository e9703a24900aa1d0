//! The mail addresses of an entry of the directory.

use std::collections::BTreeSet;

/// Returns the addresses as `mailto:` URIs without duplicates: first those of the mail attribute in
/// their order, then the aliases in alphabetical order. Values that are not mail addresses are left
/// out.
pub(super) fn all<'a>(mail: impl Iterator<Item = &'a str>, aliases: impl Iterator<Item = &'a str>) -> Vec<String> {
    let aliases: BTreeSet<_> = aliases.filter_map(read).collect();
    let mut seen = BTreeSet::new();
    let all = mail.filter_map(read).chain(aliases).filter(|address| seen.insert(address.to_lowercase()));
    all.map(|address| format!("mailto:{address}")).collect()
}

/// Returns the address in `alice@example.com` or, as Active Directory writes it,
/// `smtp:alice@example.com`. `None` if the value is not a mail address.
fn read(value: &str) -> Option<&str> {
    let address = match value.split_once(':') {
        Some((scheme, address)) if scheme.eq_ignore_ascii_case("smtp") => address,
        Some(_) => return None,
        None => value,
    };
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`,;?".contains(c);
    let (local, host) = address.split_once('@')?;
    let is_good = !local.is_empty() && !host.is_empty() && !host.contains('@') && !address.contains(is_odd);
    is_good.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_no_mail_address_are_left_out() {
        let mail = ["b@example.com", "Alice <a@example.com>", "a@example.com", "x@", "@x", "a b@x", "a@b@c", ""];
        let aliases = ["SMTP:B@Example.com", "smtp:z@example.com", "sip:a@example.com", "c@example.com"];
        let found = all(mail.into_iter(), aliases.into_iter());
        assert_eq!(found, ["b", "a", "c", "z"].map(|name| format!("mailto:{name}@example.com")));
    }
}
