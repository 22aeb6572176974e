#include "tests/support/forge_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "certs/crl.h"
#include "tests/support/forge_crl.h"
#include "tests/support/forge_ocsp.h"

namespace tests {

using certs::ByteVector;
using Json = nlohmann::json;

namespace {

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument(why); }

template <typename Value, std::size_t size>
Value word(const std::pair<const char*, Value> (&words)[size], const Json& value) {
    const std::string text = value.get<std::string>();
    for (const auto& [name, meaning] : words) {
        if (name == text) return meaning;
    }
    refuse(fmt::format("unknown word \"{}\"", text));
}

constexpr std::pair<const char*, KeyType> key_words[] = {
    {"p256", KeyType::p256},       {"p384", KeyType::p384},       {"p521", KeyType::p521},
    {"rsa1024", KeyType::rsa1024}, {"rsa2048", KeyType::rsa2048}, {"rsa3072", KeyType::rsa3072},
    {"ed25519", KeyType::ed25519},
};

constexpr std::pair<const char*, Usage> usage_words[] = {
    {"digitalSignature", Usage::digital_signature},
    {"nonRepudiation", Usage::non_repudiation},
    {"keyEncipherment", Usage::key_encipherment},
    {"dataEncipherment", Usage::data_encipherment},
    {"keyAgreement", Usage::key_agreement},
    {"keyCertSign", Usage::key_cert_sign},
    {"cRLSign", Usage::crl_sign},
    {"encipherOnly", Usage::encipher_only},
    {"decipherOnly", Usage::decipher_only},
};

using Algorithm = certs::SignatureAlgorithm;
constexpr std::pair<const char*, Algorithm> algorithm_words[] = {
    {"ecdsa_sha1", Algorithm::ecdsa_sha1},
    {"ecdsa_sha256", Algorithm::ecdsa_sha256},
    {"ecdsa_sha384", Algorithm::ecdsa_sha384},
    {"ecdsa_sha512", Algorithm::ecdsa_sha512},
    {"rsa_md5", Algorithm::rsa_md5},
    {"rsa_sha1", Algorithm::rsa_sha1},
    {"rsa_sha256", Algorithm::rsa_sha256},
    {"rsa_sha384", Algorithm::rsa_sha384},
    {"rsa_sha512", Algorithm::rsa_sha512},
    {"rsa_pss_sha256", Algorithm::rsa_pss_sha256},
    {"rsa_pss_sha384", Algorithm::rsa_pss_sha384},
    {"rsa_pss_sha512", Algorithm::rsa_pss_sha512},
    {"ed25519", Algorithm::ed25519},
};

using Outcome = certs::OcspStatus;
constexpr std::pair<const char*, Outcome> outcome_words[] = {
    {"successful", Outcome::successful},          {"malformedRequest", Outcome::malformed_request},
    {"internalError", Outcome::internal_error},   {"tryLater", Outcome::try_later},
    {"sigRequired", Outcome::signature_required}, {"unauthorized", Outcome::unauthorized},
};

constexpr std::pair<const char*, certs::OcspCertStatus> status_words[] = {
    {"good", certs::OcspCertStatus::good},
    {"revoked", certs::OcspCertStatus::revoked},
    {"unknown", certs::OcspCertStatus::unknown},
};

const std::set<std::string> response_members{
    "name",        "ocsp_for",    "issuer",          "status",    "reason",           "revoked_at",
    "this_update", "next_update", "response_status", "responder", "responder_by_key", "id_by_sha256",
    "serial",      "extensions",  "broken_signature"};
const std::set<std::string> list_members{"name",        "crl_of",      "revoked",    "reason",          "revoked_at",
                                         "this_update", "next_update", "extensions", "broken_signature"};

const std::set<std::string> members{
    "name",
    "kind",
    "issuer",
    "host",
    "subject",
    "issuer_name",
    "serial",
    "not_before",
    "not_after",
    "version",
    "key",
    "key_of",
    "names",
    "ca",
    "path_length",
    "key_usage",
    "extended_key_usage",
    "subject_key_identifier",
    "authority_key_identifier",
    "aia",
    "ocsp",
    "crl",
    "permitted",
    "excluded",
    "policies",
    "require_explicit_policy",
    "must_staple",
    "extensions",
    "duplicate",
    "without",
    "signature",
    "outer_signature",
    "signed_with",
    "broken_signature",
    "truncate",
    "chain",
};

ByteVector from_hex(const std::string& text) {
    ByteVector bytes;
    if (text.size() % 2 != 0 || text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
        refuse("not hexadecimal: " + text);
    for (std::size_t at = 0; at < text.size(); at += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(at, 2), nullptr, 16)));
    return bytes;
}

std::vector<std::string> texts(const Json& spec, const char* member) {
    return spec.value(member, std::vector<std::string>{});
}

std::vector<ByteVector> general_names(const Json& list) {
    std::vector<ByteVector> all;
    for (const std::string& text : list.get<std::vector<std::string>>()) {
        std::optional<ByteVector> one = general_name(text);
        if (!one) refuse(fmt::format("not a general name: \"{}\"", text));
        all.push_back(std::move(*one));
    }
    return all;
}

ByteVector name_of(const Json& value) {
    if (value.is_string()) return common_name(value.get<std::string>());
    std::vector<Attribute> attributes;
    for (const auto& [type, text] : value.get<std::vector<std::pair<std::string, std::string>>>())
        attributes.push_back({type, text});
    return name(attributes);
}

const Made& made(const Pool& pool, const std::string& name) {
    const auto found = pool.find(name);
    if (found == pool.end()) refuse(fmt::format("no certificate named \"{}\" before this one", name));
    return found->second;
}

void check_members(const Json& spec, const std::set<std::string>& known) {
    for (const auto& [member, value] : spec.items()) {
        if (!known.contains(member)) refuse(fmt::format("unknown member \"{}\"", member));
    }
}

certs::Time moment(const Json& spec, const char* member, double default_days, certs::Time now) {
    if (!spec.contains(member)) return days_later(default_days, now);
    if (spec[member].is_number()) return days_later(spec[member].get<double>(), now);
    const std::optional<certs::Time> time = certs::parse_rfc3339(spec[member].get<std::string>());
    if (!time) refuse(fmt::format("\"{}\" is neither days nor an RFC 3339 time", member));
    return *time;
}

std::vector<ForgedExtension> extensions(const Json& spec) {
    std::vector<ForgedExtension> all;
    for (const Json& one : spec.value("extensions", Json::array()))
        all.push_back(
            {one.at("oid").get<std::string>(), one.value("critical", false), from_hex(one.value("value", ""))});
    return all;
}

// What a response and a list have in common.
template <typename Answer>
void read_answer(Answer& answer, const Json& spec, certs::Time now) {
    answer.revoked_at = moment(spec, "revoked_at", -2, now);
    answer.this_update = moment(spec, "this_update", -1, now);
    const bool endless = spec.contains("next_update") && spec["next_update"].is_null();
    answer.next_update = endless ? std::nullopt : std::optional(moment(spec, "next_update", 6, now));
    answer.broken_signature = spec.value("broken_signature", false);
    for (ForgedExtension& extension : extensions(spec)) answer.extensions.push_back(std::move(extension));
}

std::optional<int> reason(const Json& spec) {
    if (!spec.contains("reason")) return std::nullopt;
    for (int code = 0; code <= 10; ++code) {
        if (certs::revocation_reason(static_cast<std::uint32_t>(code)) == spec["reason"].get<std::string>())
            return code;
    }
    refuse("unknown \"reason\"");
}

class Reading {
public:
    Reading(const Json& spec, const Pool& pool, certs::Time now) : spec_(spec), pool_(pool), now_(now) {
        check_members(spec, members);
        name_ = spec.at("name").get<std::string>();
        kind_ = spec.value("kind", "leaf");
    }

    Made make() {
        Forge forge = start();
        read_names_and_dates(forge);
        read_key(forge);
        read_purposes(forge);
        read_other_extensions(forge);
        read_signature(forge);
        const std::string issuer = spec_.value("issuer", "self");
        if (issuer == "self") return {forge.self_signed(), ""};
        return {forge.signed_by(made(pool_, issuer).forged), issuer};
    }

private:
    bool has(const char* member) const { return spec_.contains(member); }

    Forge start() const {
        if (kind_ == "root") return Forge::root(name_);
        if (kind_ == "intermediate") return Forge::intermediate(name_);
        if (kind_ == "leaf") return Forge::leaf(spec_.value("host", name_));
        refuse(fmt::format("unknown kind \"{}\"", kind_));
    }

    void read_names_and_dates(Forge& forge) const {
        const double before = kind_ == "root" ? -1825 : kind_ == "intermediate" ? -730 : -30;
        const double after = kind_ == "root" ? 1825 : kind_ == "intermediate" ? 1095 : 60;
        forge.dates(moment(spec_, "not_before", before, now_), moment(spec_, "not_after", after, now_));
        if (has("subject")) forge.subject(name_of(spec_["subject"]));
        if (has("issuer_name")) forge.issuer(name_of(spec_["issuer_name"]));
        if (has("serial")) read_serial(forge);
        if (has("version")) forge.version(spec_["version"].get<int>());
        if (has("names")) {
            const std::vector<ByteVector> names = general_names(spec_["names"]);
            names.empty() ? forge.no_names() : forge.names(names);
        }
    }

    void read_serial(Forge& forge) const {
        const Json& serial = spec_["serial"];
        if (serial.is_string())
            forge.serial(certs::der_element(certs::tag::integer, from_hex(serial.get<std::string>())));
        else
            forge.serial(serial.get<std::int64_t>());
    }

    void read_key(Forge& forge) const {
        if (has("key")) forge.key(word(key_words, spec_["key"]));
        if (has("key_of")) forge.key(made(pool_, spec_["key_of"].get<std::string>()).forged.key);
    }

    void read_purposes(Forge& forge) const {
        if (has("ca")) {
            const std::optional<int> length =
                has("path_length") ? std::optional(spec_["path_length"].get<int>()) : std::nullopt;
            spec_["ca"].is_null() ? forge.no_basic_constraints()
                                  : forge.basic_constraints(spec_["ca"].get<bool>(), length);
        } else if (has("path_length")) {
            forge.basic_constraints(true, spec_["path_length"].get<int>());
        }
        if (has("key_usage") && spec_["key_usage"].is_null()) {
            forge.no_key_usage();
        } else if (has("key_usage")) {
            std::vector<Usage> usages;
            for (const Json& usage : spec_["key_usage"]) usages.push_back(word(usage_words, usage));
            forge.key_usage(usages);
        }
        if (has("extended_key_usage")) {
            const Json& purposes = spec_["extended_key_usage"];
            purposes.is_null() ? forge.no_extended_key_usage()
                               : forge.extended_key_usage(purposes.get<std::vector<std::string>>());
        }
    }

    std::optional<ByteVector> identifier(const char* member) const {
        if (spec_[member].is_null()) return std::nullopt;
        return from_hex(spec_[member].get<std::string>());
    }

    void read_other_extensions(Forge& forge) const {
        if (has("subject_key_identifier")) forge.subject_key_identifier(identifier("subject_key_identifier"));
        if (has("authority_key_identifier")) forge.authority_key_identifier(identifier("authority_key_identifier"));
        if (has("aia") || has("ocsp")) forge.issuing_certificate_url(texts(spec_, "aia"), texts(spec_, "ocsp"));
        if (has("crl")) forge.crl_url(texts(spec_, "crl"));
        if (has("permitted") || has("excluded")) {
            forge.name_constraints(general_names(spec_.value("permitted", Json::array())),
                                   general_names(spec_.value("excluded", Json::array())));
        }
        if (has("policies")) forge.policies(texts(spec_, "policies"));
        if (has("require_explicit_policy"))
            forge.policy_constraints(spec_["require_explicit_policy"].get<int>(), std::nullopt);
        if (spec_.value("must_staple", false)) forge.must_staple();
        for (ForgedExtension& one : extensions(spec_)) forge.extension(std::move(one));
        for (const std::string& oid : texts(spec_, "duplicate")) forge.duplicate(oid);
        for (const std::string& oid : texts(spec_, "without")) forge.without(oid);
    }

    void read_signature(Forge& forge) const {
        if (has("signature")) forge.signature(word(algorithm_words, spec_["signature"]));
        if (has("outer_signature"))
            forge.outer_algorithm(certs::algorithm_identifier(word(algorithm_words, spec_["outer_signature"])));
        if (has("signed_with")) forge.signed_with(made(pool_, spec_["signed_with"].get<std::string>()).forged.key);
        if (spec_.value("broken_signature", false)) forge.broken_signature();
        if (has("truncate")) {
            const auto bytes = spec_["truncate"].get<std::size_t>();
            forge.change([bytes](ByteVector& der) { der.resize(der.size() - std::min(bytes, der.size())); });
        }
    }

    const Json& spec_;
    const Pool& pool_;
    certs::Time now_;
    std::string name_, kind_;
};

}  // namespace

Made forge_certificate(const Json& spec, const Pool& pool, certs::Time now) { return Reading(spec, pool, now).make(); }

ByteVector forge_response(const Json& spec, const Pool& pool, certs::Time now) {
    check_members(spec, response_members);
    const Made& about = made(pool, spec["ocsp_for"].get<std::string>());
    ResponseForge forge;
    read_answer(forge, spec, now);
    forge.produced_at = forge.this_update;
    forge.status = word(status_words, spec.value("status", "good"));
    forge.response_status = word(outcome_words, spec.value("response_status", "successful"));
    forge.reason = reason(spec);
    forge.by_key_hash = spec.value("responder_by_key", false);
    forge.id_by_sha256 = spec.value("id_by_sha256", false);
    if (spec.contains("serial")) forge.serial = spec["serial"].get<std::int64_t>();
    if (spec.contains("responder")) forge.responder = made(pool, spec["responder"].get<std::string>()).forged;
    return forge.about(about.forged, made(pool, spec.value("issuer", about.issuer)).forged);
}

ByteVector forge_list(const Json& spec, const Pool& pool, certs::Time now) {
    check_members(spec, list_members);
    ListForge forge;
    read_answer(forge, spec, now);
    for (const Json& entry : spec.value("revoked", Json::array())) {
        if (entry.is_number())
            forge.revoked.emplace_back(entry.get<std::int64_t>(), reason(spec));
        else
            forge.revoked.emplace_back(made(pool, entry.get<std::string>()).forged.certificate(), reason(spec));
    }
    return forge.signed_by(made(pool, spec["crl_of"].get<std::string>()).forged);
}

std::string chain_of(const Json& spec, const std::string& name, const Pool& pool) {
    const Made& leaf = made(pool, name);
    std::string pem = leaf.forged.pem();
    if (spec.contains("chain")) {
        for (const std::string& other : texts(spec, "chain")) pem += made(pool, other).forged.pem();
        return pem;
    }
    for (std::string issuer = leaf.issuer; !issuer.empty(); issuer = made(pool, issuer).issuer) {
        if (!made(pool, issuer).issuer.empty()) pem += made(pool, issuer).forged.pem();
    }
    return pem;
}

}  // namespace tests
