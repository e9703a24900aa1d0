//! The list of the test cases that every engine must pass.

/// Passes the list of cases to a macro.
macro_rules! every_case {
    ($macro:ident) => {
        $macro! {
            appending::revisions_are_dense_and_positions_increase,
            appending::an_append_is_whole_and_answers_where_its_last_event_stands,
            appending::an_append_is_refused_unless_the_stream_is_where_it_was_expected,
            appending::a_repeated_append_answers_as_the_first_time,
            appending::an_append_that_repeats_only_in_part_is_refused,
            appending::of_appends_that_expect_the_same_exactly_one_wins,
            appending::in_a_group_each_append_succeeds_or_fails_on_its_own,
            appending::a_group_may_build_on_itself_and_repeat_itself,
            appending::appends_together_are_stored_in_order_and_can_be_repeated,
            appending::too_much_at_once_is_refused_by_the_name_of_the_limit,
            appending::concurrent_appends_lose_nothing,
            reading::what_is_read_is_what_was_appended,
            reading::the_first_event_of_an_append_has_all_metadata_and_the_others_what_every_event_has,
            reading::encoded_parts_are_kept_as_they_are_and_named,
            reading::a_stream_is_read_from_a_revision_up_to_a_limit,
            reading::the_last_event_of_a_stream_is_found,
            reading::the_journal_is_read_page_by_page_in_its_order,
            reading::a_page_is_bounded_in_bytes_but_never_empty_before_the_end,
            reading::the_head_is_the_position_of_the_last_event,
            reading::an_untouched_journal_verifies,
            subscribing::a_subscription_catches_up_and_goes_on_live_without_gap_or_repetition,
            subscribing::a_subscription_starts_after_its_position,
            subscribing::events_of_every_kind_of_stream_arrive_live,
            subscribing::a_subscriber_that_was_slow_misses_nothing,
            subscribing::a_subscription_ends_with_the_journal_after_its_last_event,
            subscribing::a_cancelled_wait_loses_nothing,
        }
    };
}
