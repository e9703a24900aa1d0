//! A real server of the program, on a free port.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

/// A running server. It is killed when the value is dropped.
pub(crate) struct Served {
    child: Child,
    /// The URL of the server, `http://127.0.0.1:PORT`.
    pub url: String,
}

impl Served {
    /// Starts `daybook serve` with the options in `command`, and waits until it serves requests;
    /// `None` if the program ends before.
    pub(crate) fn start(mut command: Command) -> Option<Self> {
        let serve = command.args(["serve", "--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut served = Self { child: serve.spawn().unwrap(), url: String::new() };
        let mut lines = BufReader::new(served.child.stdout.take().unwrap()).lines();
        let line = lines.find(|line| line.as_ref().unwrap().contains("http://"))?.unwrap();
        served.url = format!("http://{}", line.split("http://").nth(1).unwrap().trim_end_matches('/'));
        std::thread::spawn(move || lines.for_each(drop));
        Some(served)
    }

    /// Stops the server with SIGTERM, as a service manager does, and waits until it has ended.
    pub(crate) fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
