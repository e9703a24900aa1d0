//! The table of settings. Each row gives a setting's name, type, default, range and text. The
//! configuration's Rust types, the reader of files and environment variables, `check-config` and
//! docs/configuration.md are all derived from it.

use std::{fmt::Display, net::SocketAddr, str::FromStr, time::Duration};

use super::{DirectoryKind, Language, LogFormat, kind::Kind};

/// A setting: one row of [`SETTINGS`].
pub(crate) struct Setting {
    /// The TOML table of the setting; empty for the settings above the first table.
    pub table: &'static str,
    /// The name of the setting in its table.
    pub key: &'static str,
    pub kind: Kind,
    /// The documentation for operators, in Markdown.
    pub text: &'static str,
    /// Stores a value that [`Kind::check`] has accepted. `Err` only if the Rust type of the setting
    /// does not accept it, which is a bug in the table of settings.
    pub set: fn(&mut Config, &str) -> Result<(), String>,
    get: fn(&Config) -> String,
}

impl Setting {
    /// Returns the full name, such as `limits.max_instances`.
    pub(crate) fn name(&self) -> String {
        if self.table.is_empty() { self.key.to_owned() } else { format!("{}.{}", self.table, self.key) }
    }

    /// Returns the environment variable of the setting, such as `DAYBOOK_LIMITS_MAX_INSTANCES` for
    /// `limits.max_instances`.
    pub(crate) fn variable(&self) -> String {
        format!("DAYBOOK_{}", self.name().replace('.', "_").to_uppercase())
    }

    /// Returns the value in `config` in TOML, without a password.
    pub(crate) fn show(&self, config: &Config) -> String {
        self.kind.show(&(self.get)(config))
    }
}

macro_rules! settings {
    ($($(#[$about:meta])* $table:ident: $Table:ident = $prefix:literal {
        $($key:ident: $Type:ty = $default:expr, $kind:expr, $text:literal;)*
    })*) => {
        /// The values of all settings.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub(crate) struct Config {
            $(pub $table: $Table,)*
        }

        $($(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct $Table {
            $(pub $key: $Type,)*
        }

        impl Default for $Table {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        })*

        /// The table of all settings, with one row for each.
        pub(crate) const SETTINGS: &[Setting] = &[$($(Setting {
            table: $prefix,
            key: stringify!($key),
            kind: $kind,
            text: $text,
            set: |config, value| read(value).map(|value| config.$table.$key = value),
            get: |config| config.$table.$key.to_string(),
        },)*)*];
    };
}

settings! {
    /// Settings of the server: addresses and names, proxies, and the storage of the journal.
    server: Server = "" {
        listen: SocketAddr = http::Settings::default().listen, Kind::Address,
            "Address and port to listen on. Port 0 takes a free one.";
        operators_listen: String = String::new(), Kind::OptionalAddress,
            "Address and port of `/metrics`. `/healthz` and `/readyz` are at this address and at `listen`. Empty: all \
            three are at `listen`.";
        journal: String = String::new(), Kind::ConnectionString,
            "Connection string of a journal in KurrentDB. Empty: an SQLite file in the data folder.";
        encryption: bool = false, Kind::Switch,
            "Whether personal data in the journal are encrypted, with a key for each person (docs/encryption.md).";
        journal_compression: bool = true, Kind::Switch,
            "Whether events of 2 KiB and more are compressed in the journal (Zstandard). Smaller ones are never compressed.";
        public_url: String = String::new(), Kind::OptionalUrl,
            "URL by which people and programs reach the server, `https://cal.example.com/`. Its path is put before \
             every href. Empty: the URL of each request.";
        hosts: String = String::new(), Kind::Text,
            "Further host names of the server, also earlier ones, separated by commas. The URL of a principal in \
             ATTENDEE or ORGANIZER means a person of this server if its host is that of `public_url` or one of these. \
             If both settings are empty, every host is accepted.";
        realm: String = http::Settings::default().realm, Kind::Text,
            "Name that calendar programs show when they ask for a password.";
        workers: usize = 0, Kind::Number(0, MAX_WORKERS),
            "Threads that answer requests. 0: one per processor.";
        shutdown_seconds: u64 = seconds(http::Settings::default().shutdown), Kind::Number(0, HOUR),
            "Seconds for which the server waits for running requests when it is stopped.";
        proxies: http::Peers = http::Peers::default(), Kind::Networks,
            "Addresses and networks of the proxies whose `X-Forwarded-For` is trusted, separated by commas. Empty: \
             none.";
        login_header: http::LoginHeader = http::LoginHeader::default(), Kind::Header,
            "Header in which `proxies` name the person who logged in at the proxy (docs/configuration.md). Empty: no \
             header is used.";
        proxy_protocol: bool = http::Settings::default().proxy_protocol, Kind::Switch,
            "Whether connections from `proxies` begin with a PROXY header, version 1 or 2.";
        compression: bool = http::Settings::default().compression, Kind::Switch,
            "Whether long responses are compressed for clients that accept compression.";
        auditors: String = String::new(), Kind::Text,
            "Logins that may look at the past of all homes below `/asof/`, separated by commas. Administrators may, too.";
    }
    /// The files for TLS. Both are set, or both are empty.
    tls: Tls = "tls" {
        certificate: String = String::new(), Kind::File,
            "PEM file of the certificate chain, the server's certificate first. Empty: plain HTTP.";
        key: String = String::new(), Kind::File,
            "PEM file of the private key of the certificate.";
    }
    /// Settings of the log.
    log: Log = "log" {
        format: LogFormat = LogFormat::Text, Kind::Word(LogFormat::NAMES),
            "`text` for people, `json` for machines (one object a line).";
        filter: String = "info,actix_server=warn".to_owned(), Kind::LogFilter,
            "What is logged: a level, or levels by target (`info,daybook::access=off`).";
    }
    /// Settings of the access journal.
    access: Access = "access" {
        record: bool = true, Kind::Switch,
            "Whether refused requests and logins are recorded in the access journal.";
        reads: bool = access_journal::Settings::default().reads, Kind::Switch,
            "Whether the access journal records which person received which version of an object, and who asked for \
             busy times of others.";
        retention_days: u64 = access_journal::Settings::default().retention_days, Kind::Number(0, 36_500),
            "Days for which records of the access journal are kept at least. 0: for ever.";
    }
    /// Limits for the requests of clients.
    limits: Limits = "limits" {
        max_request_body_bytes: usize = http::Limits::default().max_request_body_bytes, Kind::Number(1024, GIB),
            "Largest XML request body, in bytes. Beyond: 413.";
        max_resource_size_bytes: usize = service::Limits::default().max_resource_size_bytes, Kind::Number(1024, GIB),
            "Most bytes of a calendar object (`CALDAV:max-resource-size`), and of any other resource. Beyond: \
             403.";
        max_attendees_per_instance: usize = service::Limits::default().max_attendees_per_instance,
            Kind::Number(1, MILLION),
            "Most attendees of one instance (`CALDAV:max-attendees-per-instance`).";
        max_instances: usize = service::Limits::default().max_instances, Kind::Number(1, MILLION),
            "Most instances that one object may have by overrides, RDATE or `COUNT` (`CALDAV:max-instances`).";
        max_delivery_bytes: usize = service::Limits::default().max_delivery_bytes, Kind::Number(1024, 1024 * GIB),
            "Most bytes that one change of a meeting may write to the copies of all attendees together. \
             Beyond: 403.";
        max_refresh_bytes: usize = service::Limits::default().max_refresh_bytes, Kind::Number(0, 1024 * GIB),
            "Most bytes that replies may write to the copies of the other attendees. Beyond: the next update brings \
             the replies.";
        max_name_length: usize = service::Limits::default().max_name_length, Kind::Number(16, 1024),
            "Longest name of a resource or collection, in octets of UTF-8. Beyond: 403.";
        history_burst_bytes: u64 = service::Limits::default().history_burst_bytes, Kind::Number(1024, 1024 * GIB),
            "Bytes that one person may add to the journal at once. Used ones come back at the rate of \
             `history_bytes_per_hour`.";
        history_bytes_per_hour: u64 = service::Limits::default().history_bytes_per_hour.unwrap_or_default(),
            Kind::Number(0, 1024 * GIB),
            "Used bytes of `history_burst_bytes` that come back to a person in an hour. 0: no limit. A write for \
             which too few are left: 429.";
        quota_bytes: u64 = service::Limits::default().quota_bytes.unwrap_or_default(), Kind::Number(0, 1024 * GIB),
            "Most bytes that clients may store in one home (`DAV:quota-available-bytes`). 0: no limit. Beyond: 507.";
        max_connections_per_worker: usize = http::Limits::default().max_connections_per_worker,
            Kind::Number(1, MILLION),
            "Most open connections of one thread of `workers`. Beyond: new connections wait.";
        request_head_seconds: u64 = seconds(http::Limits::default().request_head), Kind::Number(1, HOUR),
            "Most seconds for a client to open a connection (PROXY header and TLS), and again to send the head of \
             each request.";
        request_body_seconds: u64 = seconds(http::Limits::default().request_body), Kind::Number(1, HOUR),
            "Most seconds for a client to send the body of a request.";
        request_pause_seconds: u64 = seconds(http::Limits::default().request_pause), Kind::Number(1, HOUR),
            "Most seconds between two parts of a request body that a client sends.";
        answer_pause_seconds: u64 = seconds(http::Limits::default().answer_pause), Kind::Number(1, HOUR),
            "Seconds after which a client that stops reading its response is disconnected.";
        keep_alive_seconds: u64 = seconds(http::Limits::default().keep_alive), Kind::Number(1, HOUR),
            "Seconds after which an idle connection is closed.";
        max_failed_logins: usize = http::Limits::default().max_failed_logins, Kind::Number(1, MILLION),
            "Most different wrong passwords from one address for one name. Beyond: 429, and passwords are not checked.";
        max_failed_logins_per_address: usize = http::Limits::default().max_failed_logins_per_address,
            Kind::Number(1, MILLION),
            "Most different wrong credentials from one address for all names. Beyond: 429.";
        max_failed_logins_per_name: usize = http::Limits::default().max_failed_logins_per_name,
            Kind::Number(1, MILLION),
            "Most different wrong passwords for one name from all addresses. Beyond: 429.";
        failed_logins_kept_seconds: u64 = seconds(http::Limits::default().failed_logins_kept), Kind::Number(1, DAY),
            "Seconds for which each wrong password counts in the limits of wrong passwords.";
    }
    /// The first calendars of new accounts.
    accounts: Accounts = "accounts" {
        language: Language = Language::English, Kind::Word(Language::NAMES),
            "Language of the name of the first list of tasks of a new account, if `tasks_name` is empty.";
        calendar_name: String = "{name}".to_owned(), Kind::Text,
            "Name of the first calendar of a new account; `{name}` stands for the display name of the account, or \
             for its short name. Empty: `calendar`.";
        tasks_name: String = String::new(), Kind::Text,
            "Name of the first list of tasks of a new account; `{name}` stands for the same as in \
             `calendar_name`. Empty: the word for tasks in `language`.";
        calendar_color: String = String::new(), Kind::Text,
            "Colour of the first calendar of a new account, `#rrggbb`. Empty: programs choose one.";
    }
    /// The LDAP directory of an organisation.
    directory: Directory = "directory" {
        servers: String = String::new(), Kind::Text,
            "URLs of the LDAP servers, `ldaps://HOST` or `ldap://HOST`, separated by commas; the first that can be reached is asked. Empty: no directory (docs/directory.md).";
        starttls: bool = true, Kind::Switch,
            "Whether connections to `ldap://` begin TLS. If not, they may go to this machine only.";
        ca_file: String = "/etc/ssl/certs/ca-certificates.crt".to_owned(), Kind::File,
            "PEM file of the authorities that signed the certificates of the LDAP servers.";
        kind: DirectoryKind = DirectoryKind(ldap::Kind::OpenLdap), Kind::Word(DirectoryKind::NAMES),
            "The kind of directory, which decides what filters and attributes that are empty mean.";
        bind_dn: String = String::new(), Kind::Text,
            "The DN of the account as which the directory is searched. Empty: anonymously.";
        password_file: String = String::new(), Kind::File,
            "File whose first line is the password of `bind_dn`.";
        people_base: String = String::new(), Kind::Text,
            "The DN of the entry below which people are, such as `ou=people,dc=example,dc=com`.";
        people_filter: String = String::new(), Kind::Text,
            "The LDAP filter that finds people who may log in. Empty: the usual one of `kind`.";
        id_attribute: String = String::new(), Kind::Text,
            "The attribute that holds the name of a person. Empty: `uid`, or `sAMAccountName` in Active Directory.";
        mail_attribute: String = String::new(), Kind::Text,
            "The attribute that holds mail addresses, the preferred one first. Empty: `mail`.";
        alias_attributes: String = String::new(), Kind::Text,
            "Attributes that hold further mail addresses. Empty: `mailLocalAddress`, or `proxyAddresses` in Active Directory.";
        groups_base: String = String::new(), Kind::Text,
            "The DN of the entry below which groups are. Empty: groups are not synced.";
        groups_filter: String = String::new(), Kind::Text,
            "The LDAP filter that finds groups. Empty: the usual one of `kind`.";
        member_attributes: String = String::new(), Kind::Text,
            "Attributes that hold the members of groups. Empty: `member, uniqueMember, memberUid`, or `member` in Active Directory.";
        administrators_group: String = String::new(), Kind::Text,
            "The name of the group whose members, also through other groups, are administrators here. If this and \
             `auditors_group` are empty, the directory gives no rights.";
        auditors_group: String = String::new(), Kind::Text,
            "The name of the group whose members may look at the past of all homes here, as `auditors` may.";
        rooms_base: String = String::new(), Kind::Text,
            "The DN of the entry below which rooms are. Empty: rooms are not synced.";
        rooms_filter: String = String::new(), Kind::Text,
            "The LDAP filter that finds rooms. Empty: the usual one of `kind`.";
        sync_seconds: u64 = 30, Kind::Number(0, DAY),
            "Seconds between two syncs of people, groups and rooms with the directory. 0: only `daybook directory \
             sync` syncs.";
        local_accounts: String = String::new(), Kind::Text,
            "Names of accounts that are this server's alone, separated by commas: they log in with the password that is kept here.";
        timeout_seconds: u64 = 5, Kind::Number(1, 60),
            "Most seconds that the directory may take to accept a connection, for a login, and for a page of a \
             search.";
        remember_seconds: u64 = 60, Kind::Number(0, HOUR),
            "Seconds for which the server keeps the result of a login at the directory, right or wrong, before \
             the directory is asked again.";
    }
    /// The OpenID Connect provider.
    openid: OpenId = "openid" {
        issuer: String = String::new(), Kind::Text,
            "The provider at which people log in for the page: its URL, exactly as it names itself. Empty: none (docs/openid.md).";
        client_id: String = String::new(), Kind::Text,
            "The client id that the OpenID provider gave this server.";
        secret_file: String = String::new(), Kind::File,
            "File whose first line is the secret that the OpenID provider gave this server. Empty: a public \
             client.";
        ca_file: String = "/etc/ssl/certs/ca-certificates.crt".to_owned(), Kind::File,
            "PEM file of the authorities that signed the certificate of the OpenID provider.";
        name: String = "your organisation".to_owned(), Kind::Text,
            "The name of the OpenID provider on the button `Log in with NAME`.";
        scopes: String = "profile email".to_owned(), Kind::Text,
            "The scopes that the server asks for besides `openid`, separated by blanks.";
        account_claim: String = "preferred_username".to_owned(), Kind::Text,
            "The claim that holds the name or a mail address of the account, such as `preferred_username`, `email` or `sub`.";
        groups_claim: String = "groups".to_owned(), Kind::Text,
            "The claim that holds the groups of a person, with dots on the way to it (`realm_access.roles`).";
        administrators_group: String = String::new(), Kind::Text,
            "The name of the group whose members are administrators here, from their next login on. If this and \
             `auditors_group` are empty, the provider gives no rights.";
        auditors_group: String = String::new(), Kind::Text,
            "The name of the group whose members may look at the past of all homes here, as `auditors` may.";
        audience: String = String::new(), Kind::Text,
            "The audience of bearer tokens with which programs may open calendars. Empty: no bearer tokens are \
             accepted.";
        clock_skew_seconds: u64 = 60, Kind::Number(0, 300),
            "Seconds by which the OpenID provider's clock may differ from this machine's.";
        timeout_seconds: u64 = 5, Kind::Number(1, 60),
            "Most seconds that each request to the OpenID provider may take.";
    }
    /// The delivery of scheduling messages.
    scheduling: Scheduling = "scheduling" {
        wait_milliseconds: u64 = milliseconds(service::Settings::default().delivery_wait), Kind::Number(0, MINUTE_MS),
            "Most milliseconds that a request waits until its scheduling messages are delivered to people of this \
             server. Later deliveries continue in the background.";
        batch: usize = service::Settings::default().delivery_batch, Kind::Number(1, 10_000),
            "Most recipients whose copies are written in one durable group.";
        refresh_seconds: u64 = seconds(service::Settings::default().refresh_delay), Kind::Number(0, HOUR),
            "Seconds for which answers are collected before the other attendees' copies show them. A copy that is \
             read or changed shows them at once.";
        removal_seconds: u64 = seconds(service::Settings::default().removal_delay), Kind::Number(0, HOUR),
            "Seconds after which the other participants are notified that a copy was removed, because some clients \
             move a meeting by removing it and storing it elsewhere. If the home of one of them is read meanwhile, \
             all of them are notified at once. With a journal in KurrentDB everybody is notified at once.";
        inbox_days: u64 = 180, Kind::Number(0, 36_500),
            "Days after which the server removes inbox items that no client has removed. 0: never.";
    }
    /// Settings of the read models.
    read_models: ReadModels = "read_models" {
        wait_milliseconds: u64 = milliseconds(service::Settings::default().read_models_wait),
            Kind::Number(1, MINUTE_MS),
            "Most milliseconds that a request waits for the read models before it answers 503.";
        memory_folder: String = "/dev/shm".to_owned(), Kind::Folder,
            "Folder in memory (a tmpfs) for the read models if `encryption` is on.";
    }
}

/// The maximum number of threads that actix-server can start. Actix-server panics if more are
/// requested.
const MAX_WORKERS: u64 = 512;
const MILLION: u64 = 1_000_000;
const GIB: u64 = 1024 * 1024 * 1024;
const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;
const MINUTE_MS: u64 = 60_000;

fn read<T: FromStr<Err: Display>>(value: &str) -> Result<T, String> {
    value.parse().map_err(|error: T::Err| error.to_string())
}

fn seconds(duration: Duration) -> u64 {
    duration.as_secs()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_within_its_range() {
        for setting in SETTINGS {
            let value = (setting.get)(&Config::default());
            assert_eq!(setting.kind.check(&value), Ok(()), "{}", setting.name());
        }
    }

    #[test]
    fn both_ends_of_every_range_are_accepted_and_kept() {
        for setting in SETTINGS {
            let Kind::Number(least, most) = setting.kind else { continue };
            for value in [least.to_string(), most.to_string()] {
                let mut config = Config::default();
                assert_eq!((setting.set)(&mut config, &value), Ok(()), "{}", setting.name());
                assert_eq!(setting.show(&config), value, "{}", setting.name());
            }
        }
    }
}
