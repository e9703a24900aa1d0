//! Tests of whole requests. They run in process, with a journal in memory.
//!
//! A case (`rfc/*/*.txt`) contains a sentence of an RFC, requests, and the response that the
//! sentence requires.
//!
//! A transcript (`transcripts/*.txt`) contains requests (`> `) and the server's responses (`< `) in
//! one text. The other modules test what a transcript cannot contain: names that the server
//! chooses, sockets, tables of many requests. [`specimens::expected`] describes how to accept a
//! changed response.

mod accounts;
mod acl;
mod add_member;
mod apart;
mod as_of;
mod asked;
mod colors;
mod connections;
mod content_codings;
mod failed_logins;
mod full;
mod groups;
mod hostile;
mod inbox;
mod layers;
mod limits;
mod listening;
mod methods;
mod mkcol;
mod openid;
mod operators;
mod outbox;
mod page;
mod personal_data;
mod privacy;
mod privileges;
mod put_back;
mod quota;
mod races;
mod recorded;
mod repairs;
mod reports;
mod resource_ids;
mod restored;
mod rfc;
mod rooms;
mod scheduling_privileges;
mod server;
mod settable;
mod sharing;
mod sharing_cost;
mod sharing_groups;
mod streaming;
mod transcript;

use transcript::converse;

macro_rules! transcripts {
    ($($name:ident,)*) => {
        $(
            #[actix_web::test]
            async fn $name() {
                converse(stringify!($name), include_str!(concat!("transcripts/", stringify!($name), ".txt"))).await;
            }
        )*
    };
}

transcripts! {
    a_client_discovers_its_calendars_from_the_root,
    a_shared_calendar_is_found_by_discovery_alone,
    deleting_a_collection_deletes_everything_in_it,
    a_calendar_is_created_named_and_deleted,
    extended_mkcol_sets_all_properties_or_creates_nothing,
    a_calendar_object_is_stored_read_and_deleted,
    etags_and_dates_are_preconditions,
    the_if_header_evaluates_state_tokens_and_etags,
    time_zones_are_sent_by_reference,
    answers_do_not_reveal_whether_another_home_exists,
    files_are_stored_byte_for_byte,
    collections_are_copied_and_moved,
    collections_contain_collections,
    objects_are_copied_and_moved,
    resource_names_may_hold_any_character,
    range_requests_return_parts_of_an_object,
    proppatch_sets_all_properties_or_none,
    preconditions_apply_to_every_writing_method,
    sync_collection_reports_changes_since_a_token,
    sync_collection_covers_a_home_and_its_calendars,
    calendar_multiget_returns_several_objects,
    calendar_query_filters_by_time_and_text,
    free_busy_query_reveals_only_busy_periods,
    availability_is_reported_as_busy_time,
    rfc6638_b5_an_organizer_requests_free_busy_time,
    rfc6638_b6_inviting_for_another_needs_schedule_send,
    principal_reports_search_match_and_expand,
}
