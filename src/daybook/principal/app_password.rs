//! `daybook app-password`: manages passwords that people use for a single program.

use std::{fmt::Write as _, path::Path};

use anyhow::Result;
use audit::foreign;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::request::{Action, AppPassword, Done, Request};
use crate::{cli, config::Config, control::client::Control, out};

pub(crate) async fn run(folder: &Path, asked: cli::AppPassword, config: &Config) -> Result<()> {
    match asked {
        cli::AppPassword::Add(add) => {
            let (principal, name) = (add.principal.clone(), add.name.clone());
            let done = ask(folder, config, Action::AddAppPassword { principal, name }).await?;
            let secret = done.secret.unwrap_or_default();
            if add.json {
                return out::print(&foreign::json(&json!({"name": add.name, "password": secret})));
            }
            eprintln!("The app password `{}` of {} is below. It is shown only this once:", add.name, add.principal);
            out::print(&format!("{secret}\n"))
        }
        cli::AppPassword::Revoke(revoke) => {
            let cli::NamedAppPassword { principal, name, json } = revoke;
            let action = Action::RevokeAppPassword { principal: principal.clone(), name: name.clone() };
            ask(folder, config, action).await?;
            if json {
                return out::print(&foreign::json(&json!({"name": name, "revoked": true})));
            }
            out::print(&format!("The app password `{name}` of {principal} is revoked.\n"))
        }
        cli::AppPassword::List { principal, json } => {
            let done = ask(folder, config, Action::AppPasswords { principal }).await?;
            done.app_passwords.iter().try_for_each(|password| out::print(&line(password, json)))
        }
    }
}

async fn ask(folder: &Path, config: &Config, action: Action) -> Result<Done> {
    let mut control = Control::open(folder, config).await?;
    let done = control.ask(Request { dry_run: false, action }).await;
    control.close();
    done
}

fn line(password: &AppPassword, is_json: bool) -> String {
    let (created, used) = (time(password.created_at), password.last_used_at.map(time));
    if is_json {
        return foreign::json(&json!({"name": password.name, "created": created, "last_used": used}));
    }
    let mut line = format!("{}  created {created}", password.name);
    let _ = match used {
        Some(used) => writeln!(line, ", last used {used}"),
        None => writeln!(line, ", never used"),
    };
    line
}

fn time(seconds: i64) -> String {
    let time: DateTime<Utc> = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
