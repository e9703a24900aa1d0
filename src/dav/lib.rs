//! WebDAV and CalDAV XML: request bodies, properties, filters, conditions.
