//! The configuration profile that sets up Apple's programs (Apple's Configuration Profile
//! Reference, `com.apple.caldav.account`).

use std::fmt::Write as _;

use uuid::Uuid;

use crate::Site;

/// Returns the configuration profile. `login` is the login name of an account; `None`: the device
/// asks for it.
///
/// The profile's identifiers depend only on the server and the login name. Therefore a profile that
/// is installed again replaces the old one.
pub fn mobile_config(site: &Site, login: Option<&str>) -> String {
    let authority = site.authority();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, port.parse().unwrap_or_default())
        }
        _ => (authority, if site.is_encrypted() { 443_u16 } else { 80 }),
    };
    let host = host.trim_matches(['[', ']']);
    let subject = format!("{}{}", site.url, login.unwrap_or_default());
    let id = |what: &str| Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{subject}#{what}").as_bytes());
    let name = format!("Calendars on {host}");
    let mut account = String::new();
    string(&mut account, "CalDAVAccountDescription", &name);
    string(&mut account, "CalDAVHostName", host);
    let _ = writeln!(account, "<key>CalDAVPort</key><integer>{port}</integer>");
    let _ = writeln!(account, "<key>CalDAVUseSSL</key><{}/>", site.is_encrypted());
    if let Some(login) = login {
        string(&mut account, "CalDAVUsername", login);
    }
    payload(&mut account, "com.apple.caldav.account", host, id("account"), &name);
    let mut profile = String::new();
    let _ = writeln!(profile, "<key>PayloadContent</key><array><dict>\n{account}</dict></array>");
    payload(&mut profile, "Configuration", host, id("profile"), &name);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\"><dict>\n{profile}</dict></plist>\n"
    )
}

/// Writes the keys that every payload of the profile has.
fn payload(out: &mut String, kind: &str, host: &str, id: Uuid, name: &str) {
    string(out, "PayloadType", kind);
    let _ = writeln!(out, "<key>PayloadVersion</key><integer>1</integer>");
    string(out, "PayloadIdentifier", &format!("{host}.daybook.{id}"));
    string(out, "PayloadUUID", &id.to_string().to_uppercase());
    string(out, "PayloadDisplayName", name);
}

fn string(out: &mut String, key: &str, value: &str) {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(out, "<key>{key}</key><string>{value}</string>");
}
