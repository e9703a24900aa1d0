//! Headers of responses with web pages: restrictions for browsers, caching, and cookies.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue,
            LOCATION, REFERRER_POLICY, SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
};
use page::{STYLE, Site, path};

/// Content Security Policy: no scripts, nothing from other servers, and forms are sent to this
/// server only.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const HTML: &str = "text/html; charset=utf-8";
/// `Cache-Control` for the style sheet: browsers may keep it for an hour.
const STYLE_KEPT: &str = "max-age=3600";
/// Name of the cookie with the secret of a session.
const SESSION: &str = "daybook-session";
/// Name of the cookie for the login form of a browser that is not logged in.
const FORM: &str = "daybook-form";
/// Name of the cookie of a browser that is logging in at the OpenID Connect provider.
const LOGIN: &str = "daybook-openid";
/// Prefix of a cookie's name. Browsers accept such a cookie only over TLS, and send it only to the
/// host that set it.
const HOST_ONLY: &str = "__Host-";

/// Returns a response with a page. Caches must not store it.
pub(super) fn page(status: StatusCode, page: String) -> HttpResponse {
    head(status).insert_header((CONTENT_TYPE, HTML)).body(page)
}

/// Returns the response with the login page. `secret` goes into a cookie, and identifies the
/// browser when it sends the login form.
pub(super) fn welcome(status: StatusCode, page: String, site: &Site, secret: &str) -> HttpResponse {
    let cookie = cookie(FORM, secret, site, "Strict");
    head(status).insert_header((CONTENT_TYPE, HTML)).insert_header((SET_COOKIE, cookie)).body(page)
}

/// Redirects the browser to the account page, and sets the cookie of its new session.
pub(super) fn logged_in(site: &Site, secret: &str) -> HttpResponse {
    let cookie = cookie(&session(site), secret, site, "Lax");
    see(&site.link(path::HOME)).insert_header((SET_COOKIE, cookie)).finish()
}

/// Sets the cookie of a new session in a response with a page.
pub(super) fn begin_session(response: &mut HttpResponse, site: &Site, secret: &str) {
    // The header value is valid: the cookie consists of letters, digits and other allowed
    // characters.
    if let Ok(cookie) = HeaderValue::from_str(&cookie(&session(site), secret, site, "Lax")) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Redirects the browser to a page that needs no session, and removes the cookie of its session.
pub(super) fn logged_out(site: &Site, to: &str) -> HttpResponse {
    let gone = format!("{}; Max-Age=0", cookie(&session(site), "", site, "Lax"));
    see(&site.link(to)).insert_header((SET_COOKIE, gone)).finish()
}

/// Redirects the browser to the provider, and sets the cookie of this login. It is `SameSite=Lax`,
/// because the provider's site sends the browser back here.
pub(super) fn to_provider(site: &Site, address: &str, login: &str) -> HttpResponse {
    see(address).insert_header((SET_COOKIE, cookie(&of_host(LOGIN, site), login, site, "Lax"))).finish()
}

/// Removes the cookie of a login at the provider, because it can be used once only.
pub(super) fn end_login(response: &mut HttpResponse, site: &Site) {
    let gone = format!("{}; Max-Age=0", cookie(&of_host(LOGIN, site), "", site, "Lax"));
    if let Ok(gone) = HeaderValue::from_str(&gone) {
        response.headers_mut().append(SET_COOKIE, gone);
    }
}

/// Redirects the browser to the account page after a form, so that a reload of the page does not
/// send the form again.
pub(super) fn home(site: &Site) -> HttpResponse {
    see(&site.link(path::HOME)).finish()
}

fn see(address: &str) -> HttpResponseBuilder {
    let mut response = head(StatusCode::SEE_OTHER);
    response.insert_header((LOCATION, address));
    response
}

pub(super) fn style() -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "text/css; charset=utf-8")).insert_header((CACHE_CONTROL, STYLE_KEPT));
    response.insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff")).body(STYLE)
}

pub(super) fn profile(profile: String) -> HttpResponse {
    let mut response = head(StatusCode::OK);
    response.insert_header((CONTENT_TYPE, "application/x-apple-aspen-config"));
    response.insert_header((CONTENT_DISPOSITION, "attachment; filename=\"daybook.mobileconfig\"")).body(profile)
}

fn head(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        // With `no-referrer`, browsers would send forms with `Origin: null`.
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "accept, cookie"));
    response
}

fn cookie(name: &str, value: &str, site: &Site, same_site: &str) -> String {
    let secure = if is_secure(site) { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}")
}

fn session(site: &Site) -> String {
    of_host(SESSION, site)
}

fn of_host(name: &str, site: &Site) -> String {
    if is_secure(site) { format!("{HOST_ONLY}{name}") } else { name.to_owned() }
}

fn is_secure(site: &Site) -> bool {
    site.url.starts_with("https://")
}

/// Returns the secret of the session, from the cookie of the request; `None` without the cookie.
pub(super) fn session_cookie(headers: &HeaderMap, site: &Site) -> Option<String> {
    sent(headers, &session(site))
}

/// Returns the cookie of a login at the provider that the browser has started; `None` without it.
pub(super) fn login_cookie(headers: &HeaderMap, site: &Site) -> Option<String> {
    sent(headers, &of_host(LOGIN, site))
}

/// Returns the secret in the cookie for the login form; `None` without the cookie.
pub(super) fn form_cookie(headers: &HeaderMap) -> Option<String> {
    sent(headers, FORM)
}

fn sent(headers: &HeaderMap, name: &str) -> Option<String> {
    let pairs = headers.get_all(COOKIE).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(found, _)| *found == name);
    values.next().map(|(_, value)| value.to_owned())
}
