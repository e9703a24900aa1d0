//! The journal: append and read, behind one port.
