//! A whole server over HTTP.

mod main_job;
mod server;

use server::Server;
