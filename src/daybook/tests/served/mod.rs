//! A real server of the program, on a port of its own.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

/// A server that runs. It is killed when this is dropped.
pub(crate) struct Served {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub url: String,
}

impl Served {
    /// Starts `daybook serve` with what `command` already has, and waits until it serves; `None` if
    /// it ends before.
    pub(crate) fn start(mut command: Command) -> Option<Self> {
        let serve = command.args(["serve", "--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut served = Self { child: serve.spawn().unwrap(), url: String::new() };
        let mut lines = BufReader::new(served.child.stdout.take().unwrap()).lines();
        let line = lines.find(|line| line.as_ref().unwrap().contains("http://"))?.unwrap();
        served.url = format!("http://{}", line.split("http://").nth(1).unwrap().trim_end_matches('/'));
        std::thread::spawn(move || lines.for_each(drop));
        Some(served)
    }

    /// Stops it as a supervisor does, and waits until it has ended.
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
