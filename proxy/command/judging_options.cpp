#include "proxy/command/judging_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "proxy/command/option_values.h"
#include "proxy/settings/settings.h"

namespace proxy {

namespace {

certs::Profile parse_profile(const std::string& text) {
    if (text == "client") return certs::Profile::client;
    if (text == "strict") return certs::Profile::strict;
    throw UsageError(fmt::format("--profile takes client or strict, not '{}'", text));
}

}  // namespace

void JudgingOptions::add_to(CLI::App& app) {
    app.add_option("-t,--trust", trust_, "PEM bundle of trust anchors instead of the system's; may be given again")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("--add-trust", add_trust_, "anchors added to the ones in force; may be given again")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("--at", at_, "verify as if it were that RFC 3339 time, or that day")->type_name("TIME")->take_last();
    app.add_option("--profile", profile_,
                   "client: as web clients judge; strict: every rule for issuers is one too (client)")
        ->type_name("client|strict")
        ->take_last();
}

Judging JudgingOptions::settle() const {
    Judging judging;
    judging.trust.assign(trust_.begin(), trust_.end());
    judging.add_trust.assign(add_trust_.begin(), add_trust_.end());
    if (!at_.empty()) judging.at = parse_at(at_);
    judging.profile = parse_profile(profile_);
    return judging;
}

}  // namespace proxy
