//! Read models: folds over the journal.
