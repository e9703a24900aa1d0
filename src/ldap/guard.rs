//! The guard between an LDAP server and the decoder: it reads each message completely, within
//! limits, and checks its structure before the decoder gets it.
//!
//! The decoder of the LDAP library decodes nested elements by recursion and keeps every answer in
//! memory. Without the guard, a server could end the process with a deeply nested or an endless
//! message.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The maximum size of a message, which contains for example one group with its members.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// The maximum total size of all messages that answer one request.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// The maximum depth of nested elements that can contain others. Search results need five.
const MAX_DEPTH: usize = 16;

/// The tag of a SEQUENCE, which is the first byte of every message (RFC 4511 §4.1.1).
const SEQUENCE: u8 = 0x30;
/// The bit of a tag that marks an element with nested elements.
const CONSTRUCTED: u8 = 0x20;
/// The maximum number of bytes that follow the first byte of a BER length in the long form.
const LENGTH_BYTES: usize = 4;

/// The number of bytes received since the last request was sent.
#[derive(Debug, Default)]
pub(crate) struct Received(AtomicUsize);

impl Received {
    /// Resets the number of received bytes to 0, because a new request is sent.
    pub(crate) fn begin(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn add(&self, bytes: usize) -> io::Result<()> {
        let before = self.0.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) <= MAX_ANSWER_BYTES {
            return Ok(());
        }
        Err(wrong("the answer is longer than 67,108,864 bytes"))
    }
}

/// Forwards messages until the server closes the connection. An error comes back if a message is
/// too long, too deeply nested, or not an LDAP message, if the answer is too long in total, or if
/// reading or writing fails.
pub(crate) async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    received: &Received,
) -> io::Result<()> {
    while let Some(message) = read(&mut from).await? {
        received.add(message.len())?;
        check(&message)?;
        to.write_all(&message).await?;
    }
    to.shutdown().await
}

/// Reads one message. `None` if the server closed the connection before the first byte of the
/// message. `Err` if the server closes the connection within the message, or if the bytes are not
/// an LDAP message or exceed [`MAX_MESSAGE_BYTES`].
pub(crate) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut message = vec![0; 2];
    if from.read(&mut message[..1]).await? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut message[1..]).await?;
    if message[0] != SEQUENCE {
        return Err(wrong("the server sent something that is not an LDAP message"));
    }
    if message[1] > 0x80 {
        let more = usize::from(message[1] - 0x80);
        if more > LENGTH_BYTES {
            return Err(wrong("the server sent a message whose length takes more than 4 bytes"));
        }
        message.resize(2 + more, 0);
        from.read_exact(&mut message[2..]).await?;
    }
    let Some((_, head, length)) = header(&message) else {
        return Err(wrong("the server sent a message without a length"));
    };
    if length > MAX_MESSAGE_BYTES {
        return Err(wrong("the server sent a message that is longer than 16,777,216 bytes"));
    }
    // The buffer grows with the received bytes, so that a false length cannot allocate much memory.
    let read = from.take(length as u64).read_to_end(&mut message).await?;
    if read < length || message.len() != head + length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(message))
}

/// Returns the tag of a BER element, the number of bytes of its tag and length, and the number of
/// bytes of its content. `None` if the length is missing, indefinite, or itself longer than
/// [`LENGTH_BYTES`].
pub(crate) fn header(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (&tag, &first) = (bytes.first()?, bytes.get(1)?);
    if first < 0x80 {
        return Some((tag, 2, usize::from(first)));
    }
    let more = usize::from(first - 0x80);
    if more == 0 || more > LENGTH_BYTES {
        return None;
    }
    let length = bytes.get(2..2 + more)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    Some((tag, 2 + more, length))
}

/// Checks that every nested element ends within the element around it, and that at most
/// `MAX_DEPTH` elements that can contain others lie within one another.
fn check(message: &[u8]) -> io::Result<()> {
    let (mut ends, mut at) = (vec![message.len()], 0);
    while let Some(end) = ends.last().copied() {
        if at == end {
            ends.pop();
            continue;
        }
        let Some((tag, head, length)) = header(&message[at..end]) else {
            return Err(wrong("the server sent an element without a length"));
        };
        let content = at + head;
        if length > end - content {
            return Err(wrong("the server sent an element that is longer than the one around it"));
        }
        at = content;
        if tag & CONSTRUCTED == 0 {
            at += length;
        } else if ends.len() > MAX_DEPTH {
            return Err(wrong("the server sent elements nested more than 16 levels deep"));
        } else {
            ends.push(content + length);
        }
    }
    Ok(())
}

fn wrong(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x84], &length[..], content].concat()
    }

    fn nested(depth: usize) -> Vec<u8> {
        (0..depth).fold(vec![], |inner, _| element(SEQUENCE, &inner))
    }

    async fn passed(sent: &[u8]) -> Result<Vec<u8>, String> {
        let mut out = vec![];
        pass_on(sent, &mut out, &Received::default()).await.map_err(|error| error.to_string())?;
        Ok(out)
    }

    #[tokio::test]
    async fn messages_pass_as_they_are() {
        // A bind response with the message id 1 and the result success.
        let short = [0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0];
        let long = element(SEQUENCE, &element(4, &vec![7; 70_000]));
        let both = [&short[..], &long].concat();
        assert_eq!(passed(&both).await, Ok(both.clone()));
        assert_eq!(passed(&nested(MAX_DEPTH)).await, Ok(nested(MAX_DEPTH)));
    }

    #[tokio::test]
    async fn what_is_no_message_ends_the_connection() {
        let rows = [
            ("HTTP", b"HTTP/1.1 400\r\n".to_vec(), "not an LDAP message"),
            ("a length of five bytes", vec![0x30, 0x85, 0, 0, 0, 0, 1], "takes more than 4 bytes"),
            ("an indefinite length", vec![0x30, 0x80, 0, 0], "without a length"),
            ("too long", vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff], "longer than 16,777,216"),
            ("cut", vec![0x30, 5, 2, 1], "unexpected end of file"),
            ("an element beyond its parent", vec![0x30, 3, 0x30, 9, 0], "longer than the one around"),
            ("an element without a length", vec![0x30, 1, 4], "element without a length"),
            ("too deep", nested(MAX_DEPTH + 1), "more than 16 levels"),
            ("very deep", nested(100_000), "more than 16 levels"),
        ];
        for (title, sent, expected) in rows {
            let why = passed(&sent).await.unwrap_err();
            assert!(why.contains(expected), "{title}: {why}");
        }
    }

    #[tokio::test]
    async fn an_endless_answer_ends_the_connection() {
        let message = element(SEQUENCE, &element(4, &vec![7; MAX_MESSAGE_BYTES / 2]));
        let received = Received::default();
        let mut passed = 0;
        while pass_on(&message[..], tokio::io::sink(), &received).await.is_ok() {
            passed += 1;
        }
        assert_eq!(passed, MAX_ANSWER_BYTES / message.len());
        received.begin();
        assert!(pass_on(&message[..], tokio::io::sink(), &received).await.is_ok(), "the answer to the next request");
    }
}
