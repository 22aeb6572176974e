// Whole-path verification of structured chains. The input chooses: certificates from a small world
// of forged CAs (cross-signed, expired, constrained, renewed, looping), their order and repetition,
// which roots are trusted, time and name, and a byte to damage. Besides not crashing: verifying is
// a function of the set of certificates (order and duplicates never change the verdict), a
// certificate that has nothing to do with the chain does not change the verdict, an accepted path
// holds in every step and ends in an anchor, and the strict profile accepts nothing that clients
// refuse.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "certs/verify.h"
#include "tests/support/forge.h"

namespace {

using namespace certs;
using tests::days_later, tests::dns, tests::Forge, tests::Forged;

void require(bool condition) {
    if (!condition) std::abort();
}

// A key that is the same in every run, so that an input means the same in every run (RFC 8410 §7).
PrivateKey key(std::uint8_t number) {
    const ByteVector seed(32, number);
    const ByteVector algorithm = der_sequence({der_oid("1.3.101.112")});
    return *PrivateKey::parse(der_sequence({der_integer(0), algorithm, der_octet_string(der_octet_string(seed))}));
}

struct World {
    std::vector<Forged> anchors, intermediates, leaves;
    Forged stranger =
        Forge::intermediate("Stranger").key(key(90)).signed_by(Forge::root("Elsewhere").key(key(91)).self_signed());

    World() {
        const auto root = [](const char* name, std::uint8_t number) {
            return Forge::root(name).key(key(number)).serial(number);
        };
        const auto ca = [](const char* name, std::uint8_t number, int serial) {
            return Forge::intermediate(name).key(key(number)).serial(serial).basic_constraints(true);
        };
        const Forged one = root("One", 1).self_signed(), two = root("Two", 2).self_signed(),
                     three = root("Three", 3).self_signed();
        const Forged bound =
            root("Bound", 4).name_constraints({dns("example.com")}, {dns("bad.example.com")}).self_signed();
        anchors = {one, two, three, bound};
        const Forged a = ca("A", 10, 20).signed_by(one);
        const Forged b = ca("B", 11, 21).signed_by(a);
        intermediates = {
            a,
            ca("A", 10, 22).signed_by(two),
            ca("A", 10, 23).signed_by(three),
            ca("A", 10, 24).dates(days_later(-400), days_later(-1)).signed_by(one),
            ca("A", 12, 25).signed_by(one),  // the same name, another key
            ca("A", 10, 26).signed_by(bound),
            b,
            ca("B", 11, 27).basic_constraints(true, 0).signed_by(a),
            ca("B", 11, 28).name_constraints({}, {dns("example.com")}).signed_by(a),
            ca("B", 11, 29).basic_constraints(false).signed_by(a),
            ca("B", 11, 30).key_usage({tests::Usage::crl_sign}).signed_by(a),
            ca("B", 11, 31).extended_key_usage({"clientAuth"}).signed_by(a),
            ca("A", 10, 32).signed_by(b),  // a loop
            ca("One", 13, 33).signed_by(one),
            ca("One", 1, 34).signed_by(two),
            ca("Two", 2, 35).signed_by(one),
            ca("B", 11, 36).policies({"1.2.3"}).policy_constraints(0, std::nullopt).signed_by(a),
            ca("A", 10, 37).extension({"1.2.3.4", true, {5, 0}}).signed_by(one),
            ca("C", 14, 38).basic_constraints(true, 1).signed_by(b),
            one,
            two,
        };
        const auto leaf = [](int serial, const char* host = "www.example.com") {
            return Forge::leaf(host).key(key(50)).serial(serial);
        };
        const Forged c = intermediates[18], renewed = intermediates[13];
        leaves = {
            leaf(60).signed_by(a),
            leaf(61).signed_by(b),
            leaf(62).signed_by(c),
            leaf(63, "*.example.com").signed_by(b),
            leaf(64, "192.0.2.1").signed_by(a),
            leaf(65).no_names().signed_by(a),
            leaf(66).dates(days_later(-90), days_later(-1)).signed_by(a),
            leaf(67).policies({"1.2.3"}).signed_by(b),
            leaf(68).self_signed(),
            leaf(69).signed_by(one),
            leaf(70).signed_by(renewed),
            leaf(71).signed_by(intermediates[4]),
            leaf(72).extended_key_usage({"clientAuth"}).signed_by(a),
            leaf(73, "bad.example.com").signed_by(a),
            leaf(74).authority_key_identifier(std::nullopt).signed_by(b),
            a,
        };
    }
};
const World& world() {
    static const World made;
    return made;
}

// The input, one choice at a time; zero when nothing of it is left.
class Choices {
public:
    explicit Choices(Bytes input) : rest_(input) {}
    std::size_t below(std::size_t count) { return byte() % count; }
    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const std::uint8_t value = rest_.front();
        rest_ = rest_.subspan(1);
        return value;
    }

private:
    Bytes rest_;
};

struct Case {
    std::vector<ByteVector> served;
    TrustStore trust;
    std::string host;
    Time at;

    Verdict verdict(Profile profile = Profile::client) const {
        const std::vector<Bytes> views(served.begin(), served.end());
        return verify({.served = views, .trust = trust, .host = host, .at = at, .profile = profile});
    }
};

// What may not change: the first error, or that there is none.
std::optional<Code> refusal(const Verdict& verdict) {
    require(verdict.accepted() || !verdict.problems.empty());
    if (verdict.accepted()) return std::nullopt;
    require(verdict.problems.front().severity == Severity::error);
    return verdict.problems.front().code;
}

void check_accepted(const Case& question, const Verdict& verdict) {
    const Path& path = verdict.paths.front();
    require(path.anchored && question.trust.contains(path.certificates.back().certificate));
    require(std::ranges::none_of(path.steps, [](const StepResult& step) { return step.status == Status::fail; }));
    for (const PathCertificate& member : path.certificates) {
        const auto was_served = [&](const ByteVector& der) {
            return std::ranges::equal(der, member.certificate.der());
        };
        require(member.provenance == Provenance::trust_store || std::ranges::any_of(question.served, was_served));
    }
}

Case chosen(Choices& choices) {
    Case question;
    constexpr std::array hosts{"www.example.com", "example.com", "192.0.2.1", "", "bad.example.com"};
    constexpr std::array days{0.0, -100.0, 61.0, 3000.0};
    question.served.push_back(world().leaves[choices.below(world().leaves.size())].der);
    const std::uint8_t trusted = choices.byte();
    for (std::size_t i = 0; i < world().anchors.size(); ++i) {
        if ((trusted >> i & 1) != 0) question.trust.add(world().anchors[i].certificate());
    }
    question.host = hosts[choices.below(hosts.size())];
    question.at = days_later(days[choices.below(days.size())]);
    for (std::size_t count = choices.below(10); count > 0; --count)
        question.served.push_back(world().intermediates[choices.below(world().intermediates.size())].der);
    if (const std::uint8_t damage = choices.byte(); damage != 0) {
        ByteVector& victim = question.served[choices.below(question.served.size())];
        const std::size_t high = choices.byte();
        victim[(high << 8 | choices.byte()) % victim.size()] ^= damage;
    }
    return question;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices({data, size});
    Case question = chosen(choices);
    const Verdict verdict = question.verdict();
    const std::optional<Code> expected = refusal(verdict);
    if (!expected) check_accepted(question, verdict);
    require(question.trust.size() > 0 || expected);
    require(!question.verdict(Profile::strict).accepted() || !expected);

    const std::vector<ByteVector> original = question.served;
    std::vector<ByteVector>& served = question.served;
    for (std::size_t i = served.size(); i-- > 2;) std::swap(served[i], served[1 + choices.below(i)]);
    require(refusal(question.verdict()) == expected);
    served.push_back(served[choices.below(served.size())]);
    require(refusal(question.verdict()) == expected);
    served = original;
    served.insert(served.begin() + 1, world().stranger.der);
    require(refusal(question.verdict()) == expected);
    return 0;
}
