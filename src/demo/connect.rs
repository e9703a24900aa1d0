//! Instructions for connecting calendar programs to the demo's server.

/// Returns instructions for three calendar programs and for `curl`. `url`: the server's root,
/// without a slash at the end.
pub fn instructions(url: &str) -> String {
    format!(
        "To connect a calendar program, log in as alice, bob, carol or the room lake; the password is the name.
  Thunderbird     New Calendar › On the Network › user name alice, location {url}/ › Find Calendars
  Apple Calendar  Add Account › Other CalDAV Account › Advanced: user name alice, server {host}, path /,
                  port {port}, without SSL
  DAVx⁵           Login with URL and user name: {url}/ with alice (a phone needs an address of this machine:
                  start with --listen 0.0.0.0:8080)
  by hand         curl -u alice:alice {url}/calendars/alice/calendar/\n",
        host = url.trim_start_matches("http://").rsplit_once(':').map_or("localhost", |(host, _)| host),
        port = url.rsplit_once(':').map_or("80", |(_, port)| port),
    )
}
