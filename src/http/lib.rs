//! HTTP: a request becomes a command or a query.
