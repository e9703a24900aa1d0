//! A minimal HTTP server for the provider: one request on each connection.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
};

use serde_json::{Value, json};

use crate::{Double, Query};

struct Request {
    method: String,
    path: String,
    credentials: Option<String>,
    body: String,
}

/// Answers requests one after the other, until the process ends.
pub(crate) fn serve(listener: &TcpListener, double: &Double) {
    for stream in listener.incoming().flatten() {
        // An error only means that the client closed the connection.
        let _ = answer(stream, double);
    }
}

fn answer(mut stream: TcpStream, double: &Double) -> io::Result<()> {
    let request = read(&stream)?;
    let (status, body) = double.respond(&request);
    let head = format!(
        "HTTP/1.1 {status} so\r\nLocation: /keys\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

fn read(stream: &TcpStream) -> io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut length, mut credentials) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or_default(),
            "authorization" => credentials = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Request { method, path, credentials, body: String::from_utf8_lossy(&body).into_owned() })
}

impl Double {
    fn respond(&self, request: &Request) -> (u16, String) {
        let replaced = {
            let mut state = self.state.lock();
            state.requests.push(format!("{} {}", request.method, request.path));
            state.answers.get(&request.path).cloned()
        };
        if let Some(answer) = replaced {
            return answer;
        }
        let credentials = request.credentials.as_deref();
        let (status, document): (u16, Value) = match request.path.as_str() {
            "/.well-known/openid-configuration" => (200, self.document()),
            "/keys" => {
                let state = self.state.lock();
                (200, json!({ "keys": state.keys.iter().map(crate::Key::shown).collect::<Vec<_>>() }))
            }
            "/token" => self.token(&Query::read(&request.body), credentials),
            "/userinfo" => {
                let token = credentials.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
                let said = self.state.lock().people.get(token).cloned();
                said.map_or((401, json!({})), |said| (200, said))
            }
            _ => (404, json!({})),
        };
        (status, document.to_string())
    }
}
