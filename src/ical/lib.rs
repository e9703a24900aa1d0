//! iCalendar: text and model, recurrence, time zones (RFC 5545).
