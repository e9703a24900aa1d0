//! Checks that any request body and any href is read or refused without a panic, and that a path
//! that is printed can be read again as the same path.

use dav::href::{Href, Path};
use dav::request;
use dav::xml::{self, Limits};

pub fn run(data: &[u8]) {
    let limits = Limits::default();
    if let Ok(element) = xml::parse(data, &limits) {
        drop(dav::setting::Setting::read(&element));
    }
    drop(request::propfind(data, &limits));
    drop(request::proppatch(data, &limits));
    drop(request::mkcalendar(data, &limits));
    drop(request::mkcol(data, &limits));
    drop(request::acl(data, &limits));
    drop(request::report(data, &limits));
    drop(request::sharing(data, &limits));
    let Ok(text) = std::str::from_utf8(data) else { return };
    for line in text.lines() {
        if let Ok(href) = Href::parse(line) {
            assert_eq!(Path::parse(&href.path.to_string()), Ok(href.path));
        }
    }
}
