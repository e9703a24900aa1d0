//! Who must be told what: iTIP messages (RFC 5546) from changes, and changes from messages.
