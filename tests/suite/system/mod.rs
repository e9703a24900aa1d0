//! A whole server over HTTP.

mod bytes;
mod crash;
mod large;
mod main_job;
mod server;

use server::Server;
