"""Which test holds which attack case, by the way in: E forged event, H HTTP, J job, C command line, S the service under all of them.

The ids are those of the catalogue of attacks that the product is held against: Z tenants and rights, U who somebody is, X markup,
K secrets, L limits. A case without a test, and a test that is not there any more, fail here.
"""

import pytest

from tests.support.source import suite_files

ROUTES, SERVICES, SOCKET = "attacks/test_routes", "attacks/test_services", "attacks/test_socket"
IDS, PRIVATE, WIRE = "attacks/test_foreign_ids", "attacks/test_private_things", "attacks/test_wire"
ROLES, DECIDING, SIGN_IN = "services/members/test_roles", "services/runs/test_decisions", "services/accounts/test_sign_in"
KEYS, TOKENS, AUTH, PASSWORDS, OIDC = (f"api/test_{name}" for name in ("keys", "tokens", "auth", "passwords", "external"))
COMMANDS, FOLLOWED, STREAMS = "attacks/test_command_line", "attacks/test_command_line_streams", "attacks/test_open_streams"
LIMITS, RATES, HOOKS, BOMBS = "api/test_limits", "adapters/test_rate_limits", "attacks/test_hooks_wire", "attacks/test_bombs"

CASES: dict[str, tuple[str, ...]] = {
    "Z01 E nobody calls any handler": (f"{SOCKET}::test_without_a_session_only_the_public_events_change_anything",),
    "Z01 H nobody calls any route": (f"{ROUTES}::test_a_route_is_public_by_the_list_or_asks_for_a_session",),
    "Z01 S nobody calls any service": (f"{SERVICES}::test_no_service_answers_somebody_without_a_session",),
    "Z02 S a viewer writes": (f"{SERVICES}::test_no_service_that_changes_something_obeys_a_viewer",),
    "Z02 H a viewer writes": (f"{PRIVATE}::test_a_viewer_changes_nothing_by_any_route",),
    "Z02 C a viewer writes": (f"{COMMANDS}::test_a_viewer_changes_nothing_by_any_command",),
    "Z03 S foreign ids": (f"{IDS}::test_no_service_finds_what_belongs_to_another_workspace",),
    "Z03 H foreign and private ids": (f"{PRIVATE}::test_no_route_tells_of_what_is_out_of_reach_or_touches_it",),
    "Z03 E private ids": (f"{PRIVATE}::test_no_forged_event_tells_a_colleague_of_what_is_private_or_touches_it",),
    "Z03 J private ids": (
        "services/sharing/test_sharing::test_a_schedule_stops_when_its_workflow_is_not_shared_with_its_owner_any_more",
        "services/sharing/test_sharing::test_rules_hear_nothing_of_workflows_that_are_not_shared_with_their_owner",
    ),
    "Z03 C ids and names of others": (
        f"{COMMANDS}::test_what_is_out_of_reach_is_refused_in_the_words_for_what_is_absent",
        f"{COMMANDS}::test_names_of_others_open_nothing",
        f"{COMMANDS}::test_the_things_that_are_attacked_are_there_for_whom_they_belong_to",
    ),
    "Z04 child of another parent": (f"{IDS}::test_a_child_of_another_parent_is_not_found_below_ones_own",),
    "Z06 H fields nobody asked for": (
        f"{AUTH}::test_fields_nobody_asked_for_change_nothing",
        f"{PRIVATE}::test_fields_nobody_asked_for_are_refused_or_mean_nothing",
    ),
    "Z07 E internal handlers": (f"{SOCKET}::test_reflex_own_setter_is_closed_even_for_the_signed_in",),
    "Z08 E client storage": (f"{SOCKET}::test_a_signed_in_attacker_gets_plain_refusals_for_any_payload",),
    "Z09 E demoted with an open page": (
        "e2e/test_members::test_who_is_invited_joins_with_the_offered_role_and_loses_power_when_demoted_and_removed",
        "e2e/test_two_people::test_a_page_that_follows_a_run_goes_blank_soon_after_the_share_is_taken_back",
    ),
    "Z09 H demoted or removed with an open stream": (
        f"{STREAMS}::test_an_open_stream_ends_soon_after_the_right_to_it",
        f"{STREAMS}::test_who_became_a_viewer_goes_on_reading_and_steers_nothing",
    ),
    "Z09 C demoted or removed while a command follows": (
        f"{STREAMS}::test_a_command_that_follows_a_stream_ends_soon_after_the_right_to_it",
    ),
    "Z10 an admin and owners": (
        f"{ROLES}::test_an_admin_neither_becomes_owner_nor_touches_one",
        f"{ROLES}::test_two_owners_who_go_at_once_leave_one_behind",
    ),
    "Z11 roles above one's own": (f"{ROLES}::test_an_admin_gives_roles_up_to_admin",),
    "Z13 what a removed member left": (
        f"{ROLES}::test_who_is_removed_finds_another_workspace_and_no_trace_of_this_one",
        f"{ROLES}::test_what_a_removed_person_set_up_goes_on_in_the_name_of_the_heir",
        f"{KEYS}::test_a_key_dies_with_its_reason",
    ),
    "Z13 C keys that count no more": (
        f"{COMMANDS}::test_a_key_that_counts_no_more_is_answered_like_one_that_never_was",
        f"{COMMANDS}::test_a_sign_in_that_has_expired_is_asked_for_anew_by_every_command",
    ),
    "Z14 H spellings of keys": (
        f"{KEYS}::test_a_key_may_come_in_either_header_and_is_checked_alike",
        f"{KEYS}::test_two_keys_in_one_request_are_refused",
        f"{KEYS}::test_a_key_in_the_query_or_in_a_cookie_is_none",
    ),
    "Z15 H streams of others": (f"{PRIVATE}::test_no_route_tells_of_what_is_out_of_reach_or_touches_it",),
    "Z15 C streams of others": (
        f"{FOLLOWED}::test_a_run_of_others_is_followed_like_one_that_is_not_there",
        f"{FOLLOWED}::test_a_hostile_id_reaches_no_other_route",
    ),
    "Z16 C lists": (f"{COMMANDS}::test_lists_tell_a_colleague_of_nothing_private",),
    "Z16 lists filtered by foreign ids": (
        f"{IDS}::test_lists_filtered_by_foreign_ids_are_empty",
        f"{PRIVATE}::test_no_list_and_no_search_tells_a_colleague_of_what_is_private",
    ),
    "Z18 approvals": (
        f"{DECIDING}::test_only_the_first_decision_counts",
        f"{DECIDING}::test_who_may_decide_is_what_the_step_says",
        f"{DECIDING}::test_another_workspace_cannot_see_or_decide",
        f"{DECIDING}::test_a_decision_after_its_time_is_refused",
    ),
    "U01 known and unknown addresses": (
        f"{AUTH}::test_wrong_password_and_unknown_address_are_answered_alike",
        f"{TOKENS}::test_a_wrong_password_and_an_unknown_address_are_answered_alike",
        f"{PASSWORDS}::test_known_and_unknown_addresses_are_answered_alike",
        f"{SIGN_IN}::test_every_address_costs_one_comparison_of_the_same_kind",
        "api/test_sign_up_letters::test_a_taken_and_a_free_address_are_answered_alike",
        "services/members/test_invitations::test_whatever_is_no_token_is_answered_alike",
    ),
    "U02 stuffing": (
        f"{AUTH}::test_guessing_is_limited_and_says_when_to_come_back",
        f"{SIGN_IN}::test_guessing_is_slowed_down_alike_for_known_and_unknown_addresses",
    ),
    "U03 reset": (
        f"{PASSWORDS}::test_no_made_up_ticket_resets_anything",
        f"{PASSWORDS}::test_a_ticket_ends_after_an_hour_with_a_new_one_and_with_the_address",
        f"{PASSWORDS}::test_the_letter_leads_to_the_configured_address_whatever_the_host_header_says",
        f"{PASSWORDS}::test_the_ticket_is_kept_as_a_hash",
    ),
    "U04 fixation": (
        f"{AUTH}::test_a_cookie_planted_before_signing_in_is_worthless_afterwards",
        f"{PASSWORDS}::test_changing_the_password_rotates_the_session_and_ends_the_others",
    ),
    "U05 signed out elsewhere": ("e2e/test_accounts::test_signing_out_signs_every_tab_out",),
    "U06 E stolen tab": ("e2e/test_forged_events::test_the_tab_of_a_signed_in_person_cannot_be_taken_over",),
    "U06 H a file for a stolen tab": (f"{WIRE}::test_a_file_acts_for_the_tab_of_its_own_sign_in_alone",),
    "U07 tokens": (
        "adapters/test_access_tokens::test_unsigned_tokens_are_refused",
        "adapters/test_access_tokens::test_a_key_in_the_header_is_not_believed",
        "adapters/test_access_tokens::test_wrong_claims_are_refused",
        f"{OIDC}::test_a_token_that_says_anything_wrong_opens_nothing",
        f"{OIDC}::test_a_token_that_is_not_signed_by_the_providers_key_opens_nothing",
    ),
    "U08 OAuth": (
        f"{OIDC}::test_a_state_is_good_once_in_its_browser_for_its_provider_and_its_time",
        f"{OIDC}::test_a_code_of_another_sign_in_is_worthless",
        f"{OIDC}::test_the_answers_of_two_providers_cannot_be_mixed_up",
        f"{OIDC}::test_an_address_that_one_side_has_not_proved_opens_nothing",
    ),
    "U09 H foreign pages": (
        f"{AUTH}::test_a_foreign_page_can_neither_sign_in_nor_out",
        f"{TOKENS}::test_a_foreign_page_cannot_act_with_the_cookie_but_a_token_needs_no_origin",
        f"{WIRE}::test_no_foreign_page_may_read_an_answer",
        f"{WIRE}::test_files_are_taken_from_signed_in_people_on_our_own_pages_only",
    ),
    "U09 E foreign pages": (f"{WIRE}::test_no_foreign_page_may_open_the_event_socket",),
    "U10 open redirect": (
        f"{WIRE}::test_nobody_is_sent_away_after_signing_in",
        f"{WIRE}::test_no_path_and_no_host_header_makes_the_server_send_elsewhere",
        f"{OIDC}::test_a_crafted_destination_leads_home",
    ),
    "U11 spellings of one address": ("services/accounts/test_identity::test_spellings_of_one_address_are_one_account",),
    "U12 odd passwords": (
        "services/accounts/test_identity::test_passwords_that_cannot_be_hashed_or_are_too_long_are_refused",
        f"{AUTH}::test_hostile_values_are_refused_politely",
    ),
    "U13 replayed codes": (f"{PASSWORDS}::test_a_code_is_good_once",),
    "X01 markup in names": (
        "api/test_public_pages::test_what_a_seller_writes_is_text_and_never_markup",
        "architecture/test_markup::test_nothing_renders_html_of_people_or_models",
    ),
    "X02 X03 markdown of models": (
        "e2e/test_agents::test_what_a_model_writes_is_shown_without_html_or_remote_pictures",
        "api/test_middleware::test_every_response_has_an_id_and_safe_headers",
    ),
    "X05 control characters": ("services/accounts/test_identity::test_names_lose_control_and_direction_characters",),
    "X05 C control characters": (f"{FOLLOWED}::test_what_is_streamed_does_not_steer_the_terminal",),
    "K01 J a canary in every place": ("jobs/test_credentials::test_no_secret_is_kept_or_told_anywhere",),
    "K01 E a canary in frames and logs": (f"{SOCKET}::test_a_signed_in_attacker_gets_plain_refusals_for_any_payload",),
    "K01 E a typed secret in frames, pages, exports, Redis, logs, database": (
        "e2e/test_canary::test_a_typed_secret_is_in_no_frame_no_page_no_log_and_nothing_that_is_kept",
    ),
    "K01 each use is told": (
        "services/audit/test_recording::test_a_use_by_a_run_is_told_as_such",
        "services/audit/test_recording::test_each_trial_of_a_credential_is_told_also_when_it_ends_as_the_one_before",
    ),
    "K01 blueprints": ("engine/test_blueprint::test_a_key_in_any_text_never_leaves",),
    "K02 read back": ("services/credentials/test_editing::test_the_secret_is_kept_sealed_and_only_its_end_is_shown",),
    "K03 echoed keys": ("adapters/test_http_credentials::test_what_the_other_side_echoes_is_hidden",),
    "K04 no traceback": (
        "api/test_errors::test_a_bug_tells_nothing_of_the_inside",
        f"{ROUTES}::test_no_body_brings_a_traceback_or_a_server_error",
    ),
    "K05 secrets and the environment in expressions": (
        "engine/test_expression_attacks::test_no_name_leads_to_a_secret_or_to_the_environment",
    ),
    "K06 what is sold sealed": (
        "attacks/test_sealed::test_no_service_tells_what_is_inside",
        "attacks/test_sealed::test_no_route_tells_what_is_inside",
        "attacks/test_sealed::test_no_forged_event_tells_what_is_inside",
    ),
    "K08 log injection": ("core/test_logs::test_a_forged_line_break_stays_inside_its_record",),
    "K10 the trail is touched": (
        "services/audit/test_verifying::test_whatever_is_touched_is_found",
        "services/audit/test_verifying::test_an_end_cut_off_together_with_the_head_is_found_by_a_head_kept_elsewhere",
    ),
    "L01 rates": (
        "api/test_visitor::test_what_the_client_put_before_the_proxies_entry_is_ignored",
        "api/test_visitor::test_limits_count_by_network",
        f"{LIMITS}::test_a_person_is_counted_apart_from_others",
        f"{LIMITS}::test_a_key_and_a_workspace_have_limits_of_their_own",
        f"{LIMITS}::test_counting_goes_on_in_the_process_while_redis_is_away",
        f"{RATES}::test_attempts_are_still_limited_while_redis_is_away",
        f"{AUTH}::test_signing_in_works_while_redis_is_away",
    ),
    "L02 H size and depth": (
        f"{LIMITS}::test_a_body_that_is_too_large_is_refused_also_when_it_does_not_say_so",
        f"{LIMITS}::test_a_body_that_is_nested_too_deep_is_refused_before_it_is_parsed",
        f"{HOOKS}::test_a_hundred_megabytes_are_refused_without_being_taken_in",
    ),
    "L02 S odd values": (
        "attacks/test_hostile_arguments::test_no_hostile_argument_breaks_a_service",
        f"{BOMBS}::test_many_edits_cannot_add_up_to_a_definition_that_nothing_can_read",
    ),
    "L02 E odd values": (f"{SOCKET}::test_a_signed_in_attacker_gets_plain_refusals_for_any_payload",),
    "L03 bombs and slow senders": (
        f"{HOOKS}::test_an_endless_body_in_chunks_is_cut",
        f"{HOOKS}::test_a_body_that_never_comes_is_given_up",
        "api/test_hooks::test_a_compressed_body_is_unpacked_within_the_same_cap",
    ),
    "L04 patterns of people": (
        "engine/test_cases::test_a_pattern_of_many_stars_is_judged_at_once",
        "engine/test_agents::test_patterns_of_authors_are_never_run",
    ),
    "L06 J poisoned messages": ("jobs/test_worker::test_poisoned_messages_are_set_aside_and_the_worker_lives",),
    "L05 E sockets of one address": ("api/test_sockets::test_one_address_holds_so_many_sockets_and_a_closed_one_makes_room",),
}


@pytest.mark.parametrize("case", CASES)
def test_each_case_has_tests_that_are_there(case: str) -> None:
    known = {f"{file.name.removeprefix('tests/').removesuffix('.py')}::{name}" for file in suite_files() for name, _ in file.functions()}
    assert CASES[case]
    assert [test for test in CASES[case] if test not in known] == []
