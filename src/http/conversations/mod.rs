//! Conversations: transcripts of requests and answers, played in process over a journal in memory.
//!
//! `> ` lines are sent, `< ` lines came back. When an answer differs, what came back is written beside the transcript
//! as `.new`: read the difference, and rename it if it is right.

mod adding;
mod codings;
mod converse;
mod creating;
mod denials;
mod doors;
mod groups;
mod hostile;
mod inbox;
mod listening;
mod logins;
mod outbox;
mod private;
mod privileges;
mod quota;
mod scheduling_privileges;
mod server;
mod streams;

use converse::converse;

macro_rules! conversations {
    ($($name:ident,)*) => {
        $(
            #[actix_web::test]
            async fn $name() {
                converse(stringify!($name), include_str!(concat!("plays/", stringify!($name), ".txt"))).await;
            }
        )*
    };
}

conversations! {
    a_client_finds_its_calendars_from_the_root,
    a_calendar_goes_with_everything_in_it,
    a_calendar_is_made_named_and_removed,
    a_collection_is_made_with_all_its_properties_or_not_at_all,
    an_object_is_stored_read_and_removed,
    conditions_of_requests_are_kept,
    states_are_conditions_of_requests,
    time_zones_are_known_by_name,
    foreign_homes_look_alike_whether_they_exist_or_not,
    files_are_kept_as_they_came,
    collections_are_copied_and_moved,
    collections_lie_in_collections,
    objects_are_copied_and_moved,
    odd_names_are_names,
    parts_of_objects_are_read,
    properties_are_set_all_or_none,
    writes_depend_on_dates_and_states,
    changes_are_told_since_a_token,
    a_home_is_synchronised_with_what_is_in_it,
    objects_are_read_many_at_once,
    objects_are_found_by_time_and_text,
    busy_times_are_told_and_nothing_more,
    office_hours_are_told_as_busy_time,
    rfc6638_b5_an_organizer_asks_for_busy_times,
    rfc6638_b6_nobody_invites_for_another_without_being_allowed_to,
    principals_are_searched_matched_and_expanded,
}
