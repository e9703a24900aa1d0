//! Commands: load, fold, decide, append, wait; the pump and the delivery reactor.
