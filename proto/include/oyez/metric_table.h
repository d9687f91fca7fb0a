// SPDX-License-Identifier: MIT
// Every metric of Oyez, one row each, with its name and unit as Prometheus has them. docs/metrics.md
#ifndef OYEZ_METRIC_TABLE_H
#define OYEZ_METRIC_TABLE_H

// X(number, id, name, part, scope, kind, scale, help)
//   number  as it travels in a MetricSet (proto/control.proto); fixed for ever
//   part    of a SUMMARY: a quantile, _sum or _count; of the others nothing
//   scale   what a value is multiplied by: NS and MS make seconds, MILLI thousandths
// clang-format off
#define OYEZ_METRICS(X) \
    X(1, CLIENT_START, "oyez_client_start_time_seconds", "", CLIENT, GAUGE, NS, \
      "When the client was opened, in seconds since 1970.") \
    X(2, CLIENT_EMITTED, "oyez_client_emitted_events_total", "", CLIENT, COUNTER, ONE, \
      "Events that the client has taken from its program.") \
    X(3, CLIENT_ACCEPTED, "oyez_client_accepted_events_total", "", CLIENT, COUNTER, ONE, \
      "Durable events of the client that the broker has stamped.") \
    X(4, CLIENT_RECORDED, "oyez_client_recorded_events_total", "", CLIENT, COUNTER, ONE, \
      "Durable events of the client that the recorder has confirmed.") \
    X(5, CLIENT_RESENT, "oyez_client_resent_batches_total", "", CLIENT, COUNTER, ONE, \
      "Batches that were sent again.") \
    X(6, CLIENT_REEMITTED, "oyez_client_reemitted_events_total", "", CLIENT, COUNTER, ONE, \
      "Events lost between broker and recorder and emitted again.") \
    X(7, CLIENT_FAST_LOST, "oyez_client_fast_lost_events_total", "", CLIENT, COUNTER, ONE, \
      "Fast events lost before the broker.") \
    X(8, CLIENT_REFUSED, "oyez_client_refused_events_total", "", CLIENT, COUNTER, ONE, \
      "Events that the broker refused.") \
    X(9, CLIENT_WINDOW_FULL, "oyez_client_window_full_total", "", CLIENT, COUNTER, ONE, \
      "Emits turned away because the window was full.") \
    X(10, CLIENT_DELIVERED, "oyez_client_delivered_events_total", "", CLIENT, COUNTER, ONE, \
      "Events handed to handlers and receivers.") \
    X(11, CLIENT_GAPS, "oyez_client_lost_events_total", "", CLIENT, COUNTER, ONE, \
      "Events lost on the way to the client.") \
    X(12, CLIENT_DROPPED, "oyez_client_dropped_events_total", "", CLIENT, COUNTER, ONE, \
      "Events that found no room in a queue; with a recorder they are read later.") \
    X(13, CLIENT_REFILLED, "oyez_client_refilled_events_total", "", CLIENT, COUNTER, ONE, \
      "Events read from the record instead of live.") \
    X(14, CLIENT_REPEATED, "oyez_client_repeated_events_total", "", CLIENT, COUNTER, ONE, \
      "Events dropped because an epoch before had brought them.") \
    X(15, CLIENT_MALFORMED, "oyez_client_malformed_frames_total", "", CLIENT, COUNTER, ONE, \
      "Frames or events that could not be read.") \
    X(16, CLIENT_SESSIONS, "oyez_client_sessions_total", "", CLIENT, COUNTER, ONE, \
      "Sessions opened: one, and one for each reconnect and epoch.") \
    X(17, CLIENT_WINDOW_BYTES, "oyez_client_window_bytes", "", CLIENT, GAUGE, ONE, \
      "Bytes of events that are not safe yet, in the fuller lane.") \
    X(18, CLIENT_WINDOW_CAPACITY, "oyez_client_window_capacity_bytes", "", CLIENT, GAUGE, ONE, \
      "Bytes that a lane's window holds.") \
    X(19, CLIENT_WINDOW_EVENTS, "oyez_client_window_events", "", CLIENT, GAUGE, ONE, \
      "Events that are not safe yet, of both lanes.") \
    X(20, CLIENT_WINDOW_SATURATION, "oyez_client_window_saturation_ratio", "", CLIENT, GAUGE, MILLI, \
      "How full the fuller lane's window is, by bytes or events, 0 to 1.") \
    X(21, CLIENT_SUBSCRIPTIONS, "oyez_client_subscriptions", "", CLIENT, GAUGE, ONE, \
      "Open subscriptions of the client, those that are not listed among them.") \
    X(40, SUBSCRIPTION_DELIVERED, "oyez_subscription_delivered_events_total", "", SUBSCRIPTION, COUNTER, ONE, \
      "Events handed to the handler or receiver; tries again are not counted.") \
    X(41, SUBSCRIPTION_HANDLED, "oyez_subscription_handled_events_total", "", SUBSCRIPTION, COUNTER, ONE, \
      "Events that the handler has handled, at whichever try.") \
    X(42, SUBSCRIPTION_FAILED, "oyez_subscription_failed_events_total", "", SUBSCRIPTION, COUNTER, ONE, \
      "Events that the handler has failed for good.") \
    X(43, SUBSCRIPTION_IN_PROGRESS, "oyez_subscription_events_in_progress", "", SUBSCRIPTION, GAUGE, ONE, \
      "Events that the handler is at, waiting for the next try among them.") \
    X(44, SUBSCRIPTION_RETRIED, "oyez_subscription_retries_total", "", SUBSCRIPTION, COUNTER, ONE, \
      "Tries after the first.") \
    X(45, SUBSCRIPTION_DEAD, "oyez_subscription_dead_lettered_events_total", "", SUBSCRIPTION, COUNTER, ONE, \
      "Failed events that were told as dead letters.") \
    X(46, SUBSCRIPTION_TIMED_OUT, "oyez_subscription_timed_out_events_total", "", SUBSCRIPTION, COUNTER, ONE, \
      "Failed events whose handler took longer than it may.") \
    X(47, SUBSCRIPTION_DROPPED, "oyez_subscription_dropped_events_total", "", SUBSCRIPTION, COUNTER, ONE, \
      "Events that found no room in the queue; with a recorder they are read later.") \
    X(48, SUBSCRIPTION_REFILLED, "oyez_subscription_refilled_events_total", "", SUBSCRIPTION, COUNTER, ONE, \
      "Events read from the record instead of live.") \
    X(49, SUBSCRIPTION_QUEUE_BYTES, "oyez_subscription_queue_bytes", "", SUBSCRIPTION, GAUGE, ONE, \
      "Bytes of events that wait for the handler.") \
    X(50, SUBSCRIPTION_QUEUE_CAPACITY, "oyez_subscription_queue_capacity_bytes", "", SUBSCRIPTION, GAUGE, ONE, \
      "Bytes that may wait for the handler.") \
    X(51, SUBSCRIPTION_SATURATION, "oyez_subscription_queue_saturation_ratio", "", SUBSCRIPTION, GAUGE, MILLI, \
      "How full the queue is, 0 to 1.") \
    X(52, SUBSCRIPTION_WAITED, "oyez_subscription_waiting_seconds", "", SUBSCRIPTION, GAUGE, NS, \
      "How long the handler has taken nothing of what waits for it.") \
    X(53, SUBSCRIPTION_P50, "oyez_subscription_handler_duration_seconds", "0.5", SUBSCRIPTION, SUMMARY, NS, \
      "How long the handler takes for an event.") \
    X(54, SUBSCRIPTION_P95, "oyez_subscription_handler_duration_seconds", "0.95", SUBSCRIPTION, SUMMARY, NS, \
      "") \
    X(55, SUBSCRIPTION_P99, "oyez_subscription_handler_duration_seconds", "0.99", SUBSCRIPTION, SUMMARY, NS, \
      "") \
    X(56, SUBSCRIPTION_TIME_SUM, "oyez_subscription_handler_duration_seconds", "_sum", SUBSCRIPTION, SUMMARY, NS, \
      "") \
    X(57, SUBSCRIPTION_TIME_COUNT, "oyez_subscription_handler_duration_seconds", "_count", SUBSCRIPTION, SUMMARY, ONE, \
      "") \
    X(58, SUBSCRIPTION_TIME_MAX, "oyez_subscription_handler_duration_max_seconds", "", SUBSCRIPTION, GAUGE, NS, \
      "The longest that the handler has taken for an event.") \
    X(70, RECORDER_START, "oyez_recorder_start_time_seconds", "", RECORDER, GAUGE, NS, \
      "When the recorder was started, in seconds since 1970.") \
    X(71, RECORDER_RECORDS, "oyez_recorder_journal_records", "", RECORDER, GAUGE, ONE, \
      "Records of the journal.") \
    X(72, RECORDER_EVENTS, "oyez_recorder_recorded_events_total", "", RECORDER, COUNTER, ONE, \
      "Events recorded since the start.") \
    X(73, RECORDER_REPEATS, "oyez_recorder_repeated_events_total", "", RECORDER, COUNTER, ONE, \
      "Events that had been recorded before, and are repeat records.") \
    X(74, RECORDER_CONFLICTS, "oyez_recorder_conflicts_total", "", RECORDER, COUNTER, ONE, \
      "Events that contradict one recorded before.") \
    X(75, RECORDER_GAPS, "oyez_recorder_gap_positions_total", "", RECORDER, COUNTER, ONE, \
      "Positions that are missing in the record.") \
    X(76, RECORDER_COMMITS, "oyez_recorder_commits_total", "", RECORDER, COUNTER, ONE, \
      "Groups of records made safe.") \
    X(77, RECORDER_QUEUE_BYTES, "oyez_recorder_queue_bytes", "", RECORDER, GAUGE, ONE, \
      "Bytes of events that wait to be written.") \
    X(78, RECORDER_QUEUE_CAPACITY, "oyez_recorder_queue_capacity_bytes", "", RECORDER, GAUGE, ONE, \
      "Bytes that may wait to be written.") \
    X(79, RECORDER_SATURATION, "oyez_recorder_queue_saturation_ratio", "", RECORDER, GAUGE, MILLI, \
      "How full that queue is, 0 to 1.") \
    X(80, RECORDER_SYNC_P50, "oyez_recorder_sync_duration_seconds", "0.5", RECORDER, SUMMARY, NS, \
      "How long it takes to make a group of records safe on disk.") \
    X(81, RECORDER_SYNC_P95, "oyez_recorder_sync_duration_seconds", "0.95", RECORDER, SUMMARY, NS, \
      "") \
    X(82, RECORDER_SYNC_P99, "oyez_recorder_sync_duration_seconds", "0.99", RECORDER, SUMMARY, NS, \
      "") \
    X(83, RECORDER_SYNC_SUM, "oyez_recorder_sync_duration_seconds", "_sum", RECORDER, SUMMARY, NS, \
      "") \
    X(84, RECORDER_SYNC_COUNT, "oyez_recorder_sync_duration_seconds", "_count", RECORDER, SUMMARY, ONE, \
      "") \
    X(85, RECORDER_SYNC_MAX, "oyez_recorder_sync_duration_max_seconds", "", RECORDER, GAUGE, NS, \
      "The longest that it has taken.") \
    X(86, RECORDER_CHECKPOINTS, "oyez_recorder_checkpoints_total", "", RECORDER, COUNTER, ONE, \
      "Checkpoints signed since the start.") \
    X(87, RECORDER_CHECKPOINTED, "oyez_recorder_checkpointed_records", "", RECORDER, GAUGE, ONE, \
      "Records that the newest checkpoint covers.") \
    X(88, RECORDER_CHECKPOINT_LAG, "oyez_recorder_checkpoint_lag_seconds", "", RECORDER, GAUGE, MS, \
      "How long the oldest safe record has waited for its checkpoint.") \
    X(89, RECORDER_DISK_FREE, "oyez_recorder_disk_free_bytes", "", RECORDER, GAUGE, ONE, \
      "Free space on the disk of the journal.") \
    X(90, RECORDER_DISK_SIZE, "oyez_recorder_disk_size_bytes", "", RECORDER, GAUGE, ONE, \
      "Size of the disk of the journal.") \
    X(91, RECORDER_INVALID, "oyez_recorder_invalid_events_total", "", RECORDER, COUNTER, ONE, \
      "Events recorded though they break a rule of their catalog.") \
    X(100, TYPE_EVENTS, "oyez_broker_type_events_total", "", TYPE, COUNTER, ONE, \
      "Events of a type stamped in this epoch.") \
    X(101, BROKER_START, "oyez_broker_start_time_seconds", "", BROKER, GAUGE, NS, \
      "When the broker was started, in seconds since 1970.") \
    X(102, BROKER_POSITION, "oyez_broker_position", "", BROKER, GAUGE, ONE, \
      "Position of the newest event of this epoch.") \
    X(103, BROKER_UNRECORDED, "oyez_broker_recorded_lag_events", "", BROKER, GAUGE, ONE, \
      "Stamped events of this epoch that are not recorded yet; 0 without a recorder.") \
    X(104, BROKER_RECORDER, "oyez_broker_recorder_attached", "", BROKER, GAUGE, ONE, \
      "1 while a recorder is attached, or none is expected.")
// clang-format on

// X(counter, name, kind, scale, help): what the broker counts, by its own name for it.
// clang-format off
#define OYEZ_BROKER_METRICS(X) \
    X(events, "oyez_broker_events_total", COUNTER, ONE, "Events stamped.") \
    X(batches, "oyez_broker_batches_total", COUNTER, ONE, "Batches stamped.") \
    X(bytes_in, "oyez_broker_received_bytes_total", COUNTER, ONE, "Bytes of all frames on ingress.") \
    X(syncs, "oyez_broker_syncs_total", COUNTER, ONE, "Sync batches answered.") \
    X(too_large, "oyez_broker_too_large_frames_total", COUNTER, ONE, "Frames dropped: too large.") \
    X(no_nul, "oyez_broker_no_nul_frames_total", COUNTER, ONE, "Frames dropped: no NUL behind the event type.") \
    X(bad_type, "oyez_broker_bad_type_frames_total", COUNTER, ONE, "Frames dropped: no valid event type.") \
    X(bad_stamp, "oyez_broker_bad_stamp_frames_total", COUNTER, ONE, "Frames dropped: the stamp is not where it belongs.") \
    X(bad_emitter, "oyez_broker_bad_emitter_frames_total", COUNTER, ONE, "Frames dropped: no valid emitter id.") \
    X(repeated, "oyez_broker_repeated_field_frames_total", COUNTER, ONE, "Frames dropped: a field comes twice.") \
    X(unknown_field, "oyez_broker_unknown_field_frames_total", COUNTER, ONE, "Frames dropped: an unknown field.") \
    X(truncated, "oyez_broker_truncated_frames_total", COUNTER, ONE, "Frames dropped: cut short.") \
    X(too_many, "oyez_broker_too_many_events_frames_total", COUNTER, ONE, "Frames dropped: too many events.") \
    X(multipart, "oyez_broker_multipart_messages_total", COUNTER, ONE, "Messages dropped: several frames on ingress.") \
    X(forged_stamp, "oyez_broker_forged_stamp_batches_total", COUNTER, ONE, "Batches dropped: already stamped.") \
    X(reserved_type, "oyez_broker_reserved_type_batches_total", COUNTER, ONE, "Batches dropped: a type under oyez.") \
    X(no_events, "oyez_broker_empty_batches_total", COUNTER, ONE, "Batches dropped: empty, and no sync.") \
    X(no_hello, "oyez_broker_no_hello_batches_total", COUNTER, ONE, "Batches dropped: their emitter has no session in this epoch.") \
    X(bad_number, "oyez_broker_bad_number_batches_total", COUNTER, ONE, "Batches dropped: their number is 0 or beyond 64 bits.") \
    X(duplicate, "oyez_broker_duplicate_batches_total", COUNTER, ONE, "Batches dropped: taken before.") \
    X(half_overlap, "oyez_broker_half_overlap_batches_total", COUNTER, ONE, "Batches dropped: they overlap the expected number.") \
    X(out_of_order, "oyez_broker_out_of_order_batches_total", COUNTER, ONE, "Durable batches dropped after a jump; they come again.") \
    X(fast_lost, "oyez_broker_fast_lost_events_total", COUNTER, ONE, "Fast events that never arrived.") \
    X(replayed, "oyez_broker_replayed_events_total", COUNTER, ONE, "Recorded events passed on once more, unstamped.") \
    X(refused_types, "oyez_broker_refused_type_events_total", COUNTER, ONE, "Events refused: the table of types is full.") \
    X(refused_sessions, "oyez_broker_refused_sessions_total", COUNTER, ONE, "Hellos refused: the table of sessions is full.") \
    X(refused_emitters, "oyez_broker_refused_emitters_total", COUNTER, ONE, "Hellos refused: the table of emitters is full.") \
    X(refused_roles, "oyez_broker_refused_roles_total", COUNTER, ONE, "Hellos refused: no such role here.") \
    X(refused_in_use, "oyez_broker_refused_in_use_total", COUNTER, ONE, "Hellos refused: the client id is in use.") \
    X(bad_control, "oyez_broker_bad_control_messages_total", COUNTER, ONE, "Control messages dropped.") \
    X(wrong_version, "oyez_broker_wrong_version_messages_total", COUNTER, ONE, "Control messages of another protocol version.") \
    X(bad_epoch, "oyez_broker_bad_epoch_hellos_total", COUNTER, ONE, "Hellos that told an epoch beyond clock and a day.") \
    X(hellos, "oyez_broker_hellos_total", COUNTER, ONE, "Hellos answered with a welcome.") \
    X(goodbyes, "oyez_broker_goodbyes_total", COUNTER, ONE, "Sessions that ended in order.") \
    X(takeovers, "oyez_broker_takeovers_total", COUNTER, ONE, "Sessions moved to a new connection.") \
    X(timeouts, "oyez_broker_timeouts_total", COUNTER, ONE, "Sessions dropped for silence.") \
    X(rollovers, "oyez_broker_rollovers_total", COUNTER, ONE, "Epochs begun without a restart.") \
    X(marks, "oyez_broker_accept_marks_total", COUNTER, ONE, "Accept marks sent.") \
    X(nacks, "oyez_broker_nacks_total", COUNTER, ONE, "NACKs sent.") \
    X(tells_dropped, "oyez_broker_dropped_tells_total", COUNTER, ONE, "Places that no mark or receipt will tell.") \
    X(refusals_dropped, "oyez_broker_dropped_refusals_total", COUNTER, ONE, "Refusals counted in the marks alone.") \
    X(control_unsent, "oyez_broker_unsent_control_messages_total", COUNTER, ONE, "Answers for which a peer had no room, or was gone.") \
    X(confirms, "oyez_broker_confirms_total", COUNTER, ONE, "Confirms of the recorder.") \
    X(confirms_ignored, "oyez_broker_ignored_confirms_total", COUNTER, ONE, "Confirms of another epoch.") \
    X(recorded_position, "oyez_broker_recorded_position", GAUGE, ONE, "The recorded mark: everything up to it is decided.") \
    X(invalid_events, "oyez_broker_invalid_events", GAUGE, ONE, "Events recorded though they break a rule, as the recorder tells.") \
    X(receipts, "oyez_broker_receipts_total", COUNTER, ONE, "Receipts sent.") \
    X(unrecorded, "oyez_broker_unrecorded_events_total", COUNTER, ONE, "Durable events lost before the recorder, and told.") \
    X(repairs, "oyez_broker_repairs_total", COUNTER, ONE, "Repair requests answered.") \
    X(repair_frames, "oyez_broker_repair_frames_total", COUNTER, ONE, "Frames given for repair.") \
    X(holds, "oyez_broker_holds_total", COUNTER, ONE, "Times that intake began to wait for the recorder.") \
    X(hold_overruns, "oyez_broker_hold_overruns_total", COUNTER, ONE, "Of these, those that went on without it.") \
    X(held_ms, "oyez_broker_held_seconds_total", COUNTER, MS, "Time that intake has waited for the recorder.") \
    X(asks, "oyez_broker_questions_total", COUNTER, ONE, "Questions passed on to the recorder.") \
    X(asks_refused, "oyez_broker_refused_questions_total", COUNTER, ONE, "Questions refused: there is no recorder.") \
    X(asks_dropped, "oyez_broker_dropped_questions_total", COUNTER, ONE, "Questions dropped: the one before has no answer yet.") \
    X(answers, "oyez_broker_answers_total", COUNTER, ONE, "Answers passed on to who asked.") \
    X(answers_dropped, "oyez_broker_dropped_answers_total", COUNTER, ONE, "Answers that nobody waits for, or had room for.") \
    X(heartbeats, "oyez_broker_heartbeats_total", COUNTER, ONE, "Heartbeats published.") \
    X(beacons, "oyez_broker_beacons_total", COUNTER, ONE, "Beacons published.") \
    X(recorded_marks, "oyez_broker_recorded_marks_total", COUNTER, ONE, "Recorded marks published.") \
    X(beacons_dropped, "oyez_broker_dropped_beacons_total", COUNTER, ONE, "Beacons asked for beyond what one round takes.") \
    X(subscriptions, "oyez_broker_subscription_notices_total", COUNTER, ONE, "Notices of subscriptions read.") \
    X(bad_subscription, "oyez_broker_bad_subscriptions_total", COUNTER, ONE, "Notices of subscriptions that could not be read.") \
    X(egress_send_failed, "oyez_broker_egress_failures_total", COUNTER, ONE, "Frames that the transport did not take.") \
    X(egress_large_dropped, "oyez_broker_egress_large_dropped_frames_total", COUNTER, ONE, "Large frames not published for want of room.") \
    X(egress_large_bytes, "oyez_broker_egress_large_bytes", GAUGE, ONE, "Bytes of large frames that wait for subscribers.") \
    X(sessions, "oyez_broker_sessions", GAUGE, ONE, "Sessions open now.") \
    X(emitters, "oyez_broker_emitters", GAUGE, ONE, "Emitters remembered now.") \
    X(emitters_evicted, "oyez_broker_evicted_emitters_total", COUNTER, ONE, "Emitters forgotten for want of room.") \
    X(types, "oyez_broker_event_types", GAUGE, ONE, "Event types of this epoch.") \
    X(ring_first_position, "oyez_broker_ring_first_position", GAUGE, ONE, "Oldest position in the ring; 0 = it is empty.") \
    X(reports, "oyez_broker_metric_reports_total", COUNTER, ONE, "Reports of metrics taken.")
// clang-format on

#endif
