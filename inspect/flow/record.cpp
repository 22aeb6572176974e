#include "inspect/flow/record.h"

namespace inspect {

std::string_view name(Record::Kind kind) {
    switch (kind) {
        case Record::Kind::request: return "request";
        case Record::Kind::upstream_handshake: return "upstream_handshake";
        case Record::Kind::client_handshake: return "client_handshake";
    }
    return "";
}

std::string_view name(Lock lock) {
    switch (lock) {
        case Lock::none: return "none";
        case Lock::verified: return "verified";
        case Lock::warned: return "warned";
        case Lock::failed: return "failed";
    }
    return "";
}

Lock lock_of(const Record& record) {
    if (record.kind == Record::Kind::client_handshake) return record.own ? Lock::failed : Lock::verified;
    if (record.flow.let_through != diagnosis::Code::none) return Lock::warned;
    if (!record.server || !record.server->diagnosis.tls) return Lock::none;
    const diagnosis::Diagnosis& server = record.server->diagnosis;
    if (server.let_through) return Lock::warned;
    switch (server.outcome) {
        case diagnosis::Outcome::failed: return server.tls_begun ? Lock::failed : Lock::none;
        case diagnosis::Outcome::warning: return Lock::warned;
        case diagnosis::Outcome::ok: return Lock::verified;
    }
    return Lock::none;
}

}  // namespace inspect
