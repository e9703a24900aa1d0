//! Tests that the removal of old inbox items ends.

use std::{sync::Arc, time::Duration};

use calendar::Limits;
use schemas::Stream;

use crate::{
    clock,
    given::{Erased, Given, object},
};

/// Maximum time for which a test waits for a removal.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn an_item_that_cannot_be_removed_is_tried_once_and_keeps_no_other_from_being_removed() {
    let erased = object("bert", "1");
    let journal = Arc::new(Erased::of(Stream::Object(erased)));
    let given = Given::on(journal, &["anna", "bert", "carol"], Limits::default()).await;
    given.put("anna", "1.ics", specimens::meeting("1", "anna", &["bert", "carol"])).await;
    let service = &given.service;
    service.store.forget(erased);
    let items = || service.models.inbox_items(clock::now(), None, 10).expect("items").len();
    assert_eq!(items(), 2);
    let removing = tokio::time::timeout(PATIENCE, service.remove_inbox_items(clock::now()));
    assert_eq!(removing.await.expect("it ends").expect("removed"), 1);
    assert_eq!(items(), 1, "the item of the erased object stays");
}
