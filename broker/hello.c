// SPDX-License-Identifier: MIT
#include "hello.h"

#include <stdio.h>
#include <string.h>

#include "wire/clock.h"

#define DAY_US 86400000000u
#define EPOCH_MAX ((UINT64_C(1) << 53) - 1) // a number in JSON, without loss

static void count(struct oyez_broker *broker, enum oyez_counter counter)
{
    oyez_counter_add(&broker->counters, counter, 1);
}

// Whether this hello makes, or keeps, its sender the primary.
static bool is_primary(const struct oyez_broker *broker, const oyez_v1_Hello *hello)
{
    if (hello->role != oyez_v1_Role_ROLE_RECORDER ||
        !oyez_recording_is_expected(&broker->recording))
        return false;
    if (!oyez_recording_is_attached(&broker->recording))
        return true;
    uint32_t emitter = broker->sessions.entries[broker->recording.session].emitter;
    return memcmp(broker->ingress.emitters.entries[emitter].id, hello->client_id, OYEZ_UUID_SIZE) ==
           0;
}

// Why a role is refused; NULL when it is not.
static const char *refusal_of_role(const struct oyez_broker *broker, const oyez_v1_Hello *hello)
{
    if (hello->role == oyez_v1_Role_ROLE_CLIENT || is_primary(broker, hello))
        return NULL;
    if (!oyez_recording_is_expected(&broker->recording))
        return "this broker takes no recorder: it runs with recorder none";
    if (hello->role == oyez_v1_Role_ROLE_MIRROR)
        return NULL;
    if (hello->role == oyez_v1_Role_ROLE_RECORDER)
        return "this broker has a recorder already: stop that one, or start this one as a mirror";
    return "this broker does not know this role";
}

bool oyez_hello_is_ahead(struct oyez_broker *broker, const oyez_v1_Hello *hello)
{
    if (hello->highest_epoch <= broker->ingress.epoch || refusal_of_role(broker, hello) != NULL)
        return false;
    uint64_t limit =
        is_primary(broker, hello) ? EPOCH_MAX - 1 : oyez_clock_realtime_ns() / 1000u + DAY_US;
    if (hello->highest_epoch > limit) {
        count(broker, OYEZ_COUNT_BAD_EPOCH);
        return false;
    }
    return true;
}

void oyez_hello_refuse(struct oyez_broker *broker, oyez_v1_RefusalReason reason, const char *text)
{
    broker->answer.which_body = oyez_v1_FromBroker_refusal_tag;
    oyez_v1_Refusal *refusal = &broker->answer.body.refusal;
    *refusal = (oyez_v1_Refusal){.reason = reason};
    snprintf(refusal->text, sizeof refusal->text, "%s", text);
}

void oyez_hello_refuse_role(struct oyez_broker *broker, const char *text)
{
    count(broker, OYEZ_COUNT_REFUSED_ROLES);
    oyez_hello_refuse(broker, oyez_v1_RefusalReason_REFUSAL_REASON_ROLE, text);
}

void oyez_hello_leave(struct oyez_broker *broker, uint32_t session, bool is_clean)
{
    if (broker->recording.session == session && oyez_recording_is_attached(&broker->recording)) {
        oyez_relay_expire(&broker->relay);
        oyez_broker_log(broker, is_clean ? OYEZ_INFO : OYEZ_WARNING,
                        is_clean ? "the recorder has left" : "the recorder is gone");
    }
    oyez_recording_leave(&broker->recording, session, is_clean);
    oyez_emitters_detach(&broker->ingress.emitters, broker->sessions.entries[session].emitter);
    oyez_sessions_remove(&broker->sessions, session);
}

void oyez_hello_expire(struct oyez_broker *broker)
{
    if (broker->session_ms < broker->limits.session_timeout_ms)
        return;
    uint64_t before_ms = broker->session_ms - broker->limits.session_timeout_ms;
    uint32_t session;
    while ((session = oyez_sessions_silent(&broker->sessions, before_ms)) != OYEZ_NONE) {
        oyez_hello_leave(broker, session, false);
        count(broker, OYEZ_COUNT_TIMEOUTS);
    }
}

// A live or idle entry for a client, with this session; OYEZ_NONE when the table takes no more.
static uint32_t enter_emitter(struct oyez_broker *broker, const uint8_t *client_id,
                              uint32_t session)
{
    struct oyez_ingress *ingress = &broker->ingress;
    uint32_t emitter = oyez_emitters_find(&ingress->emitters, client_id);
    if (emitter != OYEZ_NONE) {
        oyez_emitters_attach(&ingress->emitters, emitter, session);
        return emitter;
    }
    uint32_t idlest = oyez_emitters_idlest(&ingress->emitters);
    if (idlest != OYEZ_NONE) {
        oyez_debts_forget(&ingress->debts, idlest);
        oyez_decisions_forget(&ingress->decisions, idlest);
        count(broker, OYEZ_COUNT_EMITTERS_EVICTED);
    }
    return oyez_emitters_add(&ingress->emitters, client_id, session);
}

static void refuse_table(struct oyez_broker *broker, enum oyez_counter counter,
                         oyez_v1_RefusalReason reason, const char *text)
{
    if (oyez_counter_get(&broker->counters, counter) == 0)
        oyez_broker_log(broker, OYEZ_WARNING, "%s", text);
    count(broker, counter);
    oyez_hello_refuse(broker, reason, text);
}

// A new session on this connection; OYEZ_NONE when refused.
static uint32_t open_session(struct oyez_broker *broker, const void *routing_id,
                             size_t routing_id_size, const uint8_t *client_id)
{
    struct oyez_emitters *emitters = &broker->ingress.emitters;
    uint32_t known = oyez_emitters_find(emitters, client_id);
    // A reconnect has a new routing id: the newest connection of a client is the true one.
    if (known != OYEZ_NONE && emitters->entries[known].session != OYEZ_NONE) {
        oyez_hello_leave(broker, emitters->entries[known].session, false);
        count(broker, OYEZ_COUNT_TAKEOVERS);
    }
    uint32_t session =
        oyez_sessions_add(&broker->sessions, routing_id, routing_id_size, broker->session_ms);
    if (session == OYEZ_NONE) {
        refuse_table(broker, OYEZ_COUNT_REFUSED_SESSIONS,
                     oyez_v1_RefusalReason_REFUSAL_REASON_SESSIONS,
                     "the broker's table of sessions is full: close clients, or use fewer");
        return OYEZ_NONE;
    }
    uint32_t emitter = enter_emitter(broker, client_id, session);
    if (emitter == OYEZ_NONE) {
        oyez_sessions_remove(&broker->sessions, session);
        refuse_table(broker, OYEZ_COUNT_REFUSED_EMITTERS,
                     oyez_v1_RefusalReason_REFUSAL_REASON_EMITTERS,
                     "the broker's table of emitters is full of live ones: close clients");
        return OYEZ_NONE;
    }
    broker->sessions.entries[session].emitter = emitter;
    return session;
}

static void fill_welcome(struct oyez_broker *broker, uint32_t emitter)
{
    const struct oyez_emitter *entry = &broker->ingress.emitters.entries[emitter];
    broker->answer.which_body = oyez_v1_FromBroker_welcome_tag;
    oyez_v1_Welcome *welcome = &broker->answer.body.welcome;
    *welcome =
        (oyez_v1_Welcome){.epoch = broker->ingress.epoch,
                          .instance = broker->ingress.instance,
                          .advertised = broker->is_advertised,
                          .durable_expected = entry->durable_expected,
                          .fast_expected = entry->fast_expected,
                          .position = broker->ingress.position,
                          .recorder_expected = oyez_recording_is_expected(&broker->recording),
                          .recorder_attached = oyez_recording_is_attached(&broker->recording),
                          .heartbeat_ms = broker->heartbeat_ms,
                          .version = OYEZ_VERSION,
                          .takes_metrics = true};
    const struct oyez_endpoints *told = &broker->told;
    snprintf(welcome->control_endpoint, sizeof welcome->control_endpoint, "%s", told->control);
    snprintf(welcome->ingress_endpoint, sizeof welcome->ingress_endpoint, "%s", told->ingress);
    snprintf(welcome->egress_endpoint, sizeof welcome->egress_endpoint, "%s", told->egress);
}

static void take_role(struct oyez_broker *broker, uint32_t session, oyez_v1_Role role)
{
    struct oyez_recording *recording = &broker->recording;
    broker->sessions.entries[session].role = role;
    if (role != oyez_v1_Role_ROLE_RECORDER) {
        oyez_recording_leave(recording, session, false);
        return;
    }
    if (recording->session != session)
        oyez_broker_log(broker, OYEZ_INFO, "a recorder is attached");
    oyez_recording_attach(recording, session);
}

bool oyez_hello_answer(struct oyez_broker *broker, const void *routing_id, size_t routing_id_size,
                       const oyez_v1_Hello *hello)
{
    struct oyez_uuid client_id;
    memcpy(client_id.bytes, hello->client_id, sizeof client_id.bytes);
    if (oyez_uuid_is_zero(client_id)) {
        count(broker, OYEZ_COUNT_BAD_CONTROL);
        return false;
    }
    const char *refusal = refusal_of_role(broker, hello);
    if (refusal != NULL) {
        oyez_hello_refuse_role(broker, refusal);
        return true;
    }
    if (hello->role != oyez_v1_Role_ROLE_RECORDER &&
        oyez_recording_is_awaited(&broker->recording, broker->now_ms))
        return false;
    uint32_t session = oyez_sessions_find(&broker->sessions, routing_id, routing_id_size);
    if (session == OYEZ_NONE) {
        session = open_session(broker, routing_id, routing_id_size, client_id.bytes);
        if (session == OYEZ_NONE)
            return true;
    }
    uint32_t emitter = broker->sessions.entries[session].emitter;
    if (memcmp(broker->ingress.emitters.entries[emitter].id, client_id.bytes, OYEZ_UUID_SIZE) !=
        0) {
        count(broker, OYEZ_COUNT_REFUSED_IN_USE);
        oyez_hello_refuse(broker, oyez_v1_RefusalReason_REFUSAL_REASON_IN_USE,
                          "this connection has a session with another client id: use a new one");
        return true;
    }
    take_role(broker, session, hello->role);
    oyez_ingress_greet(&broker->ingress, emitter, hello->durable_floor, hello->fast_floor);
    count(broker, OYEZ_COUNT_HELLOS);
    fill_welcome(broker, emitter);
    return true;
}
