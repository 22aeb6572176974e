// whytls-limbo: runs a suite in x509-limbo's format through verify(). The suite comes on stdin, the
// results go to stdout; they are compared by tests/limbo/run.py. Suites are not ours and none is in
// this repository: see tests/limbo/README.md.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "certs/pem.h"
#include "certs/verify.h"

namespace {

using nlohmann::json;

std::vector<certs::ByteVector> blocks(const json& pem) {
    std::vector<certs::ByteVector> result;
    if (!pem.is_string()) return result;
    if (auto read = certs::read_pem(pem.get<std::string>())) {
        for (certs::PemBlock& block : *read) result.push_back(std::move(block.content));
    }
    return result;
}

std::string text_member(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// One case, with everything that its VerifyInput points into.
class Case {
public:
    explicit Case(const json& test) : test_(test) {
        add(served_, test["peer_certificate"]);
        for (const json& pem : test["untrusted_intermediates"]) add(served_, pem);
        const std::string anchor = text_member(test, "x_anchor");
        for (const json& pem : test["trusted_certs"]) {
            if (anchor == "UNSPECIFIED")
                add(served_, pem);
            else
                add_trusted(pem);
        }
        if (!anchor.empty()) {
            rules_.dates = anchor.contains("EXPIRATION");
            rules_.constraints = anchor.contains("CONSTRAINTS");
            rules_.certificate = false;
        }
        for (const json& pem : test["crls"]) {
            for (const certs::ByteVector& der : blocks(pem)) {
                if (auto list = certs::Crl::parse(der)) lists_.push_back(*std::move(list));
            }
        }
        for (const json& purpose : test["extended_key_usage"]) purposes_.push_back(purpose.get<std::string>());
    }

    certs::Verdict verify() {
        std::vector<certs::Bytes> served(served_.begin(), served_.end());
        certs::VerifyInput input{served, trust_, {}, at()};
        const std::string host = peer_name();
        input.host = host;
        input.purpose = purpose();
        input.anchor_rules = rules_;
        input.revocation.lists = lists_;
        if (const auto policy = test_.find("x_policy"); policy != test_.end() && policy->is_object()) {
            // PKITS: all of its certificates are to be checked for revocation.
            input.revocation.demand = certs::RevocationDemand::everywhere;
            input.policy = policy_input(*policy);
        }
        if (test_["max_chain_depth"].is_number())
            input.most_intermediates = test_["max_chain_depth"].get<std::size_t>();
        return certs::verify(input);
    }

private:
    static void add(std::vector<certs::ByteVector>& list, const json& pem) {
        for (certs::ByteVector& der : blocks(pem)) list.push_back(std::move(der));
    }
    // An anchor that cannot be parsed is not an anchor, as in a system's store.
    void add_trusted(const json& pem) {
        for (const certs::ByteVector& der : blocks(pem)) {
            if (auto certificate = certs::Certificate::parse(der)) trust_.add(*std::move(certificate));
        }
    }
    certs::Time at() const {
        return certs::parse_rfc3339(text_member(test_, "validation_time")).value_or(certs::Time{std::time(nullptr)});
    }
    std::string peer_name() const {
        const json& name = test_["expected_peer_name"];
        return name.is_object() && name["kind"] != "RFC822" ? text_member(name, "value") : std::string();
    }
    certs::Oid purpose() const {
        if (purposes_.empty()) return certs::oid::server_auth;
        if (purposes_.front() == "anyExtendedKeyUsage") return {};
        return purposes_.front() == "clientAuth" ? certs::oid::client_auth : certs::oid::server_auth;
    }

    // The names that PKITS gives to the policies 2.16.840.1.101.3.2.1.48.N.
    static certs::PolicyInput policy_input(const json& policy) {
        static constexpr certs::OidConstant policies[] = {{"2.16.840.1.101.3.2.1.48.1"}, {"2.16.840.1.101.3.2.1.48.2"},
                                                          {"2.16.840.1.101.3.2.1.48.3"}, {"2.16.840.1.101.3.2.1.48.4"},
                                                          {"2.16.840.1.101.3.2.1.48.5"}, {"2.16.840.1.101.3.2.1.48.6"}};
        certs::PolicyInput input;
        for (const json& name : policy["InitialPolicySet"]) {
            const std::string text = name.get<std::string>();
            if (text.starts_with("NIST-test-policy-")) input.initial.push_back(policies[text.back() - '1']);
        }
        input.require_explicit = policy["InitialExplicitPolicy"].get<bool>();
        input.inhibit_mapping = policy["InitialPolicyMappingInhibit"].get<bool>();
        input.inhibit_any = policy["InitialAnyPolicyInhibit"].get<bool>();
        return input;
    }

    const json& test_;
    std::vector<certs::Crl> lists_;
    std::vector<certs::ByteVector> served_;
    certs::TrustStore trust_;
    certs::AnchorRules rules_;
    std::vector<std::string> purposes_;
};

json result_of(const json& test) {
    const auto start = std::chrono::steady_clock::now();
    const certs::Verdict verdict = Case(test).verify();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    json result{{"id", test["id"]},
                {"actual_result", verdict.accepted() ? "SUCCESS" : "FAILURE"},
                {"findings", json::array()},
                {"seconds", taken.count()}};
    for (const certs::Finding& finding : verdict.problems) result["findings"].push_back(certs::name(finding.code));
    if (verdict.accepted()) return result;
    const certs::Finding& first = verdict.problems.front();
    result["code"] = certs::name(first.code);
    result["context"] = fmt::format("{} at depth {} ({})", certs::name(first.code),
                                    first.depth ? fmt::to_string(*first.depth) : "-", first.rule);
    return result;
}

}  // namespace

int main() {
    const json suite = json::parse(std::cin, nullptr, false);
    if (!suite.is_object() || !suite.contains("testcases")) {
        fmt::print(stderr, "whytls-limbo: expects a suite in x509-limbo's format on standard input\n");
        return 2;
    }
    json output{{"version", 1}, {"harness", "whytls-" WHYTLS_VERSION}, {"results", json::array()}};
    for (const json& test : suite["testcases"]) output["results"].push_back(result_of(test));
    fmt::print("{}\n", output.dump());
    return 0;
}
