//! A whole server over HTTP.

mod bytes;
mod crash;
mod exported;
mod first_form;
mod large;
mod main_job;
mod race;
mod rooms;
mod server;
mod storm;

use server::Server;
