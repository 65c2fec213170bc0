"""Who gets what: every address, every role, for GET and for POST without a body.

A line: name, statuses of GET, statuses of POST; one status stands for all. 302 sends people who are not signed in to
the sign-in page; 405 is a method the address does not know; 403 and 404 refuse; 400, 409 and 422 mean that the role
may, and the empty form was wrong.
"""

WHO = ["anonymous", "agent", "administrator", "supervisor", "representative", "author", "seller"]

# Addresses without a name of their own, and why they are not in the table.
UNNAMED = {
    "accounts/signup/": "sends everybody to the sign-in page; nobody adds themselves",
    "accounts/email/": "sends everybody to their profile",
    "^api/": "what is unknown under /api/ is a problem, not a page",
}
# Open to everybody: signing in, the help centre, and the description of the API.
PUBLIC = {"account_login", "account_inactive", "account_email_verification_sent", "account_reset_password",
          "account_confirm_email", "account_reset_password_from_key", "account_reset_password_from_key_done",
          "account_reset_password_done", "conversations:unsubscribe", "followups:reopen", "api:start", "api:schema",
          "api:docs", "knowledge:help", "knowledge:robots"}  # fmt: skip

TABLE = """
agents:review                          302 302 200 200 200 200 200 | 405
agents:decided                         302 302 200 200 200 200 200 | 405
agents:news                            286 286 200 200 200 200 200 | 405
agents:decide_selected                 405                         | 302
agents:undo                            405                         | 302 302 302 302 302 404 404
agents:review_one                      302 302 200 200 200 404 404 | 405
agents:accept                          405                         | 302 302 302 302 302 404 404
agents:edit                            302 302 200 200 200 404 404 | 405
agents:accept_edited                   405                         | 302 302 422 422 422 404 404
agents:reject                          302 302 200 200 200 404 404 | 302 302 422 422 422 404 404
agents:rate                            405                         | 302 302 302 302 302 404 404
agents:renew                           405                         | 302 302 302 302 302 404 404
agents:suggestion                      302 302 200 200 200 404 404 | 405
agents:record                          302 302 200 200 403 403 403 | 405
agents:record_export                   302 302 200 200 403 403 403 | 405
agents:entry                           302 302 200 200 403 403 403 | 405
agents:outbox                          302 302 200 200 403 403 403 | 405
agents:confirm_database                405                         | 302 302 302 403 403 403 403
agents:settle_effect                   405                         | 302 302 302 302 403 403 403
agents:manage                          302 302 200 403 403 403 403 | 302 302 405 403 403 403 403
agents:pause                           302 302 405 405 403 403 403 | 302 302 302 302 403 403 403
agents:resume                          302 302 405 405 403 403 403 | 302 302 302 302 403 403 403
agents:lines                           302 302 200 403 403 403 403 | 302 302 405 403 403 403 403
agents:line_add                        302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
agents:line                            302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
agents:models                          302 302 200 403 403 403 403 | 302 302 405 403 403 403 403
agents:model_add                       302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
agents:model                           302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
agents:model_test                      302 302 302 403 403 403 403 | 302 302 302 403 403 403 403
agents:model_delete                    302 302 405 403 403 403 403 | 302 302 302 403 403 403 403
agents:models_retry                    302 302 405 403 403 403 403 | 302 302 302 403 403 403 403
agents:engines                         302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
agents:model_calls                     302 302 200 403 403 403 403 | 405
agents:model_call                      302 302 200 403 403 403 403 | 405
agents:calendar_add                    302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
agents:calendar                        302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
agents:versions                        302 302 200 404 404 404 404 | 302 302 405 405 405 405 405
agents:version                         302 302 200 404 404 404 404 | 302 302 302 404 404 404 404
agents:manage_agent                    302 302 200 403 403 403 403 | 302 302 405 403 403 403 403
agents:manage_section                  302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
agents:ask_delete                      302 302 200 403 403 403 403 | 302 302 405 403 403 403 403
agents:change_rule                     302 302 405 403 403 403 403 | 302 302 302 403 403 403 403
agents:manage_version                  302 302 200 403 403 403 403 | 302 302 302 403 403 403 403
agents:forget_line                     302 302 405 403 403 403 403 | 302 302 302 403 403 403 403
accounts:people                        302 302 200 403 403 403 403 | 405
accounts:add_person                    302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
accounts:person                        302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
accounts:make_link                     405                         | 302 302 200 403 403 403 403
accounts:reset_factor                  405                         | 302 302 302 403 403 403 403
accounts:change_work                   405                         | 302 302 422 403 403 403 403
accounts:abilities                     302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
accounts:ability                       302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
accounts:remove_ability                405                         | 302 302 302 403 403 403 403
accounts:say_presence                  405                         | 302
accounts:roles                         302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
accounts:role                          302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
accounts:remove_role                   405                         | 302 302 302 403 403 403 403
accounts:teams                         302 302 200 403 403 403 403 | 405
accounts:add_team                      302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
accounts:team                          302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
accounts:remove_team                   405                         | 302 302 302 403 403 403 403
accounts:tokens                        302 302 200 403 403 403 403 | 405
accounts:revoke_token                  405                         | 302 302 302 403 403 403 403
accounts:notifications                 302 302 200 200 200 200 200 | 405
accounts:read_notifications            405                         | 302
accounts:notification                  302 302 404 404 404 404 302 | 405
accounts:profile                       302 302 200 200 200 200 200 | 302 302 422 422 422 422 422
accounts:second_factor_qr              302 302 404 404 404 404 404 | 302 302 404 404 404 404 404
accounts:add_token                     405                         | 302 302 422 422 422 422 422
accounts:revoke_own_token              405                         | 302 302 404 404 404 404 302
accounts:end_session                   405                         | 302 302 404 404 404 404 404
knowledge:articles                     302 302 200 200 200 200 200 | 405
knowledge:add                          302 302 200 200 403 200 403 | 302 302 422 422 403 422 403
knowledge:preview                      405                         | 302 302 200 200 403 200 403
knowledge:import                       302 302 200 200 403 200 403 | 302 302 422 422 403 422 403
knowledge:import_report                302 302 404 404 403 404 403 | 405
knowledge:start_import                 405                         | 302 302 404 404 403 404 403
knowledge:article                      302 302 200 200 200 200 200 | 405
knowledge:edit                         302 302 200 200 403 200 403 | 302 302 422 422 403 422 403
knowledge:state                        405                         | 302 302 404 404 403 404 403
knowledge:versions                     302 302 200 200 403 200 403 | 405
knowledge:restore                      405                         | 302 302 302 302 403 302 403
knowledge:reason                       405                         | 302 302 302 302 403 302 403
knowledge:dates                        405                         | 302 302 302 302 403 302 403
knowledge:certify                      405                         | 302 302 404 404 403 404 403
knowledge:drafts                       302 302 200 200 403 200 403 | 405
knowledge:draft                        302 302 200 200 403 200 403 | 405
knowledge:decide_draft                 405                         | 302 302 404 404 403 404 403
knowledge:reject_draft                 405                         | 302 302 404 404 403 404 403
knowledge:revise_draft                 405                         | 302 302 404 404 403 404 403
knowledge:split_draft                  405                         | 302 302 404 404 403 404 403
knowledge:runs                         302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
knowledge:run                          302 302 200 403 403 403 403 | 405
knowledge:change_run                   405                         | 302 302 404 403 403 403 403
knowledge:help                         200                         | 405
knowledge:help_article                 404                         | 405
knowledge:help_feedback                405                         | 404
knowledge:robots                       200                         | 405
knowledge:products                     302 302 200 403 403 403 403 | 405
knowledge:add_product                  302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
knowledge:product                      302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
knowledge:subjects                     302 302 200 403 403 403 403 | 405
knowledge:add_subject                  302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
knowledge:subject                      302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
knowledge:remove_subject               405                         | 302 302 302 403 403 403 403
conversations:mailboxes                302 302 200 403 403 403 403 | 405
conversations:add_mailbox              302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
conversations:test_new_mailbox         405                         | 302 302 200 403 403 403 403
conversations:mailbox                  302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
conversations:test_mailbox             405                         | 302 302 200 403 403 403 403
conversations:switch_mailbox           405                         | 302 302 302 403 403 403 403
conversations:queues                   302 302 200 403 403 403 403 | 405
conversations:add_queue                302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
conversations:queue                    302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
conversations:templates                302 302 200 403 403 403 403 | 405
conversations:add_template             302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
conversations:preview_template         405                         | 302 302 200 403 403 403 403
conversations:template                 302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
conversations:parked                   302 302 200 403 403 403 403 | 405
conversations:parked_mail              302 302 200 403 403 403 403 | 405
conversations:export_parked            302 302 200 403 403 403 403 | 405
conversations:retry_parked             405                         | 302 302 302 403 403 403 403
conversations:discard_parked           405                         | 302 302 302 403 403 403 403
conversations:suppressions             302 302 200 403 403 403 403 | 405
conversations:find_suppression         405                         | 302 302 200 403 403 403 403
conversations:add_suppression          302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
conversations:import_suppressions      302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
conversations:lift_suppression         302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
conversations:unsubscribe              404                         | 404
conversations:hand_in                  405                         | 403
conversations:tasks                    302 302 200 200 200 403 200 | 405
conversations:add_task                 405                         | 302 302 422 422 422 403 422
conversations:finish_task              405                         | 302 302 302 302 302 404 404
conversations:reopen_task              405                         | 302 302 302 302 302 404 404
conversations:attachment               302 302 200 200 200 403 403 | 405
conversations:picture                  302 302 404 404 404 403 403 | 405
conversations:with_images              302 302 200 200 200 403 403 | 405
mfa_index                              302 302 200 200 200 200 200 | 302 302 405 405 405 405 405
mfa_authenticate                       302 302 302 302 302 302 302 | 302
mfa_reauthenticate                     302                         | 302
mfa_activate_totp                      302                         | 302
mfa_deactivate_totp                    302 302 404 404 404 404 404 | 302 302 404 404 404 404 404
mfa_view_recovery_codes                302 302 404 404 404 404 404 | 302 302 405 405 405 405 405
mfa_generate_recovery_codes            302                         | 302
mfa_download_recovery_codes            302 302 404 404 404 404 404 | 302 302 404 404 404 404 404
account_login                          200 200 302 302 302 302 302 | 200 200 302 302 302 302 302
account_logout                         302 302 200 200 200 200 200 | 302
account_inactive                       200                         | 405
account_signup                         302                         | 302
account_reauthenticate                 302 302 200 200 200 200 200 | 302 302 200 200 200 200 200
account_email                          302                         | 302
account_email_verification_sent        200                         | 405
account_change_password                302 302 200 200 200 200 200 | 302 302 200 200 200 200 200
account_set_password                   302                         | 302
account_reset_password                 200                         | 200
account_confirm_login_code             302                         | 302
account_confirm_email                  200                         | 404
account_reset_password_from_key_done   200                         | 405
account_reset_password_from_key        200                         | 200
account_reset_password_done            200                         | 405
intents:library                        302 302 200 403 403 403 403 | 405
intents:decide                         405                         | 302 302 404 403 403 403 403
intents:match_again                    405                         | 302 302 302 403 403 403 403
intents:try                            302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
intents:add_intent                     302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
intents:import                         302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
intents:export                         302 302 200 403 403 403 403 | 405
intents:intent                         302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
intents:examples                       302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
intents:attributes                     302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
intents:articles                       302 302 200 403 403 403 403 | 302 302 302 403 403 403 403
intents:review_intent                  405                         | 302 302 404 403 403 403 403
intents:run                            302 302 200 403 403 403 403 | 405
intents:run_progress                   302 302 200 403 403 403 403 | 405
intents:move                           405                         | 302 302 302 403 403 403 403
intents:run_reviewed                   405                         | 302 302 302 403 403 403 403
intents:run_export                     302 302 200 403 403 403 403 | 405
intents:candidate_name                 405                         | 302 302 302 403 403 403 403
intents:start_test                     405                         | 302 302 404 403 403 403 403
intents:groups                         302 302 200 403 403 403 403 | 405
intents:add_group                      302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
intents:group                          302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
intents:members                        405                         | 302 302 302 403 403 403 403
intents:review_group                   405                         | 302 302 404 403 403 403 403
cases:definitions                      302 302 200 403 403 403 403 | 405
cases:add_definition                   302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
cases:definition                       302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
cases:add_option                       302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
cases:option                           302 302 200 403 403 403 403 | 302 302 422 403 403 403 403
cases:inbox                            302 302 200 200 200 403 403 | 405
cases:adopt_open                       405                         | 302 302 302 302 403 403 403
cases:case                             302 302 200 200 200 403 403 | 405
cases:message                          302 302 200 200 200 403 403 | 405
cases:timeline                         302 302 302 302 302 403 403 | 405
cases:reply                            405                         | 302 302 422 422 422 403 403
cases:draft_template                   302 302 200 200 200 403 403 | 302 302 302 302 302 403 403
cases:note                             405                         | 302 302 422 422 422 403 403
cases:add_task                         405                         | 302 302 302 302 302 403 403
cases:assign                           405                         | 302 302 302 302 302 403 403
cases:resolve                          405                         | 302 302 422 422 422 403 403
cases:reopen                           405                         | 302 302 302 302 302 403 403
cases:cancel                           405                         | 302 302 302 302 302 403 403
cases:fields                           405                         | 302 302 422 422 422 403 403
cases:correct_intent                   405                         | 302 302 302 302 302 403 403
cases:undo_intent                      405                         | 302 302 302 302 302 403 403
cases:hold_selected                    405                         | 302 302 302 302 403 403 403
cases:route_again                      405                         | 302 302 302 302 302 403 403
cases:take_over                        405                         | 302 302 302 302 302 403 403
cases:give_back                        405                         | 302 302 302 302 302 403 403
cases:clear_bounce                     405                         | 302 302 302 302 302 403 403
cases:adopt                            405                         | 302 302 302 302 302 403 403
followups:plans                        302 302 200 200 200 403 403 | 405
followups:send                         405                         | 302 302 302 302 302 403 403
followups:skip                         405                         | 302 302 302 302 302 403 403
followups:move                         405                         | 302 302 302 302 302 403 403
followups:stop                         405                         | 302 302 302 302 302 403 403
followups:rate                         405                         | 302 302 302 302 302 403 403
followups:reopen                       200                         | 200
sales:leads                            302 302 200 403 403 403 200 | 405
sales:start_agent                        302 302 200 403 403 403 403 | 302 302 302 403 403 403 403
sales:propose_customer                   302 302 200 403 403 403 403 | 302 302 302 403 403 403 403
sales:act_on_selected                  405                         | 302 302 302 403 403 403 302
sales:add                              302 302 200 403 403 403 200 | 302 302 422 403 403 403 422
sales:import                           302 302 200 403 403 403 200 | 302 302 422 403 403 403 422
sales:import_one                       302 302 404 403 403 403 200 | 302 302 404 403 403 403 422
sales:start_import                     405                         | 302 302 404 403 403 403 302
sales:cancel_import                    405                         | 302 302 404 403 403 403 302
sales:import_report                    302 302 404 403 403 403 200 | 405
sales:lead                             302 302 200 403 403 403 200 | 405
sales:cadence                          405                         | 302 302 302 403 403 403 302
sales:fields                           405                         | 302 302 302 403 403 403 302
sales:assign                           405                         | 302 302 302 403 403 403 302
sales:research                         405                         | 302 302 302 403 403 403 302
sales:move                             405                         | 302 302 302 403 403 403 302
hub:home                               302                         | 405
hub:home                               302 302 200 200 200 200 200 | 405
hub:search                             302 302 200 200 200 200 200 | 405
hub:insights                           302 302 200 200 200 200 200 | 405
hub:export_insights                    302 302 200 200 200 200 200 | 405
hub:measure                            302 302 200 200 200 200 200 | 405
hub:parked_work                        302 302 200 403 403 403 403 | 405
hub:retry_work                         405                         | 302 302 302 403 403 403 403
hub:give_up_work                       405                         | 302 302 302 403 403 403 403
hub:first_run                          302 302 302 200 200 200 200 | 405
hub:first_administrator                302                         | 302
hub:mailbox                            302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
hub:test                               302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
hub:history                            302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
hub:upload                             405                         | 302 302 422 403 403 403 403
hub:progress                           302 302 200 403 403 403 403 | 405
hub:result                             302 302 200 403 403 403 403 | 405
hub:decide                             302 302 200 403 403 403 403 | 302 302 200 403 403 403 403
api:start                              200                         | 405
api:schema                             200                         | 405
api:docs                               200                         | 405
api:me-list                            401 401 200 200 200 200 200 | 405
api:lines-of-business-list             401 401 200 200 200 200 200 | 405
api:lines-of-business-detail           401 401 200 200 200 200 200 | 405
api:products-list                      401 401 200 200 200 200 200 | 405
api:products-detail                    401 401 200 200 200 200 200 | 405
api:subjects-list                      401 401 200 200 200 200 200 | 405
api:subjects-detail                    401 401 200 200 200 200 200 | 405
api:people-list                        401 401 200 200 200 200 200 | 405
api:people-detail                      401 401 200 200 404 404 200 | 405
api:skills-list                        401 401 200 200 200 200 200 | 401 401 400 403 403 403 403
api:skills-detail                      401 401 200 200 200 200 200 | 405
api:tasks-list                         401 401 200 200 200 403 200 | 401 401 400 400 400 403 400
api:tasks-detail                       401 401 200 200 200 403 404 | 405
api:tasks-done                         405                         | 401 401 200 200 200 403 404
api:tasks-reopen                       405                         | 401 401 200 200 200 403 404
api:notifications-list                 401 401 200 200 200 200 200 | 405
api:notifications-read                 405                         | 401 401 404 404 404 404 200
api:queues-list                        401 401 200 200 200 403 403 | 405
api:queues-detail                      401 401 200 200 200 403 403 | 405
api:suppressions-list                  401 401 200 403 403 403 403 | 401 401 400 403 403 403 403
api:suppressions-detail                401 401 200 403 403 403 403 | 405
api:suppressions-check                 405                         | 401 401 400 403 403 403 403
api:suppressions-lift                  405                         | 401 401 400 403 403 403 403
api:cases-list                         401 401 200 200 200 403 403 | 401 401 400 400 400 403 403
api:cases-detail                       401 401 200 200 200 403 403 | 405
api:cases-assign                       405                         | 401 401 200 200 200 403 403
api:cases-route                        405                         | 401 401 202 202 202 403 403
api:cases-take-over                    405                         | 401 401 200 200 200 403 403
api:cases-give-back                    405                         | 401 401 409 409 409 403 403
api:cases-escalate                     405                         | 401 401 400 400 400 403 403
api:cases-consider                     405                         | 401 401 202 202 202 403 403
api:cases-draft-template               405                         | 401 401 400 400 400 403 403
api:cases-messages                     401 401 200 200 200 403 403 | 405
api:cases-notes                        401 401 200 200 200 403 403 | 401 401 400 400 400 403 403
api:cases-tasks                        401 401 200 200 200 403 403 | 401 401 400 400 400 403 403
api:cases-reopen                       405                         | 401 401 409 409 409 403 403
api:cases-reply                        405                         | 401 401 400 400 400 403 403
api:cases-resolve                      405                         | 401 401 400 400 400 403 403
api:cases-suggestions                  401 401 200 200 200 403 403 | 405
api:plans-list                         401 401 200 200 200 403 403 | 405
api:plans-detail                       401 401 200 200 200 403 403 | 405
api:plans-skip                         405                         | 401 401 200 200 200 403 403
api:plans-stop                         405                         | 401 401 200 200 200 403 403
api:leads-list                         401 401 200 403 403 403 200 | 401 401 400 403 403 403 400
api:leads-detail                       401 401 200 403 403 403 200 | 405
api:leads-findings                     401 401 200 403 403 403 200 | 405
api:leads-handovers                    401 401 200 403 403 403 200 | 405
api:leads-research                     405                         | 401 401 200 403 403 403 200
api:leads-move                         405                         | 401 401 400 403 403 403 400
api:lead-imports-list                  401 401 200 403 403 403 200 | 401 401 400 403 403 403 400
api:lead-imports-detail                401 401 404 403 403 403 200 | 405
api:lead-imports-start                 405                         | 401 401 404 403 403 403 400
api:lead-imports-rows                  401 401 404 403 403 403 200 | 405
api:messages-detail                    401 401 200 200 200 403 403 | 405
api:messages-raw                       401 401 200 200 403 403 403 | 405
api:attachments-detail                 401 401 200 200 200 403 403 | 405
api:articles-list                      401 401 200 200 200 200 200 | 401 401 400 400 403 400 403
api:articles-search                    401 401 400 400 400 400 400 | 405
api:articles-detail                    401 401 200 200 200 200 200 | 405
api:articles-reason                    405                         | 401 401 400 400 403 400 403
api:articles-revise                    405                         | 401 401 404 404 404 404 404
api:articles-archive                   405                         | 401 401 200 200 403 200 403
api:articles-publish                   405                         | 401 401 200 200 403 200 403
api:articles-take-back                 405                         | 401 401 200 200 403 200 403
api:intents-list                       401 401 200 200 200 200 200 | 401 401 400 403 403 403 403
api:intents-detail                     401 401 200 404 404 404 404 | 405
api:intents-recognise-again            405                         | 401 401 422 403 403 403 403
api:intents-review                     405                         | 401 401 400 403 403 403 403
api:determinations-list                401 401 200 200 200 403 403 | 405
api:determinations-detail              401 401 200 200 200 403 403 | 405
api:suggestions-list                   401 401 200 200 200 200 200 | 405
api:suggestions-detail                 401 401 200 200 200 404 404 | 405
api:suggestions-accept                 405                         | 401 401 200 200 200 404 404
api:suggestions-reject                 405                         | 401 401 200 200 200 404 404
api:suggestions-rate                   405                         | 401 401 400 400 400 400 400
api:suggestions-undo                   405                         | 401 401 422 422 422 404 404
"""


def _spread(statuses: str) -> list[int]:
    every = [int(status) for status in statuses.split()]
    return every * len(WHO) if len(every) == 1 else every


def _read(table: str) -> dict[str, dict[str, list[int]]]:
    rows = {}
    for line in table.strip().splitlines():
        name, rest = line.split(maxsplit=1)
        get, post = rest.split("|")
        rows[name] = {"GET": _spread(get), "POST": _spread(post)}
    return rows


ROUTES = _read(TABLE)
