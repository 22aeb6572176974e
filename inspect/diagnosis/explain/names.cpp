#include "inspect/diagnosis/diagnosis.h"

namespace inspect::diagnosis {

std::string_view name(Outcome outcome) {
    switch (outcome) {
        case Outcome::ok: return "ok";
        case Outcome::warning: return "warning";
        case Outcome::failed: return "failed";
    }
    return "";
}

std::string_view name(Leg leg) {
    switch (leg) {
        case Leg::upstream: return "upstream";
        case Leg::client: return "client";
        case Leg::upstream_proxy: return "upstream_proxy";
    }
    return "";
}

std::string_view name(Phase phase) {
    switch (phase) {
        case Phase::dns: return "dns";
        case Phase::connect: return "connect";
        case Phase::handshake: return "handshake";
        case Phase::verify: return "verify";
        case Phase::http: return "http";
    }
    return "";
}

std::string_view name(Actor actor) {
    switch (actor) {
        case Actor::server: return "server";
        case Actor::client: return "client";
        case Actor::network: return "network";
    }
    return "";
}

std::string_view name(Proof proof) {
    switch (proof) {
        case Proof::observed: return "observed";
        case Proof::experiment: return "experiment";
        case Proof::likely: return "likely";
    }
    return "";
}

std::string_view name(certs::Status status) {
    switch (status) {
        case certs::Status::pass: return "pass";
        case certs::Status::warn: return "warn";
        case certs::Status::fail: return "fail";
        case certs::Status::skip: return "skip";
    }
    return "";
}

std::string_view name(certs::Severity severity) {
    switch (severity) {
        case certs::Severity::error: return "error";
        case certs::Severity::warning: return "warning";
        case certs::Severity::notice: return "notice";
    }
    return "";
}

std::string_view name(certs::Provenance provenance) {
    switch (provenance) {
        case certs::Provenance::served: return "served";
        case certs::Provenance::aia: return "aia";
        case certs::Provenance::trust_store: return "trust store";
        case certs::Provenance::seen_before: return "seen before";
        case certs::Provenance::untrusted_file: return "untrusted file";
    }
    return "";
}

}  // namespace inspect::diagnosis
