// A path on which more than one certificate has expired: the fixes mend all of them, from the root
// down.
#include <algorithm>
#include <optional>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/wording.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect::diagnosis;
using tests::Forge;
using tests::Forged;

namespace {

struct Expired {
    bool leaf = false, intermediate = false, root = false;
    int count() const { return static_cast<int>(leaf) + static_cast<int>(intermediate) + static_cast<int>(root); }
};

constexpr std::string_view middle_name = "Middle CA";

Forge dated(Forge forge, bool expired) {
    if (expired) forge.dates(tests::days_later(-900), tests::days_later(-3));
    return forge;
}

Attempt attempt_with(const Expired& expired, const std::string& root_name, bool of_system) {
    const Forged root = dated(Forge::root(root_name), expired.root).self_signed();
    const Forged middle = dated(Forge::intermediate(middle_name), expired.intermediate).signed_by(root);
    const Forged leaf = dated(Forge::leaf("api.example.com"), expired.leaf).signed_by(middle);
    Attempt attempt = tests::judged(tests::attempt_at(), {leaf, middle}, root);
    attempt.root_of_system = of_system;
    return attempt;
}

// The place in the list of the first fix that names it; nullopt without one.
std::optional<std::size_t> place_of(const std::vector<Fix>& fixes, std::string_view name) {
    const auto found = std::ranges::find_if(fixes, [&](const Fix& fix) { return fix.text.contains(name); });
    return found == fixes.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - fixes.begin()));
}

std::vector<Expired> combinations() {
    std::vector<Expired> all;
    for (int bits = 1; bits < 8; ++bits) all.push_back({(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0});
    return all;
}

}  // namespace

TEST_CASE("what is to be done about several expired certificates names each of them, the one further up first") {
    for (const Expired& expired : combinations()) {
        if (expired.count() < 2) continue;
        for (const std::string root : {"Old Root", "DST Root CA X3"})
            for (const bool of_system : {true, false}) {
                const Diagnosis diagnosis = explain(attempt_with(expired, root, of_system));
                INFO(diagnosis.title << ", " << root << (of_system ? ", of the system" : ""));
                REQUIRE(diagnosis.code == Code::expired);
                const auto& fixes = diagnosis.problems.front().fixes;
                std::vector<std::optional<std::size_t>> places;
                if (expired.root) places.push_back(place_of(fixes, inspect::diagnosis::quoted(root)));
                if (expired.intermediate) places.push_back(place_of(fixes, inspect::diagnosis::quoted(middle_name)));
                if (expired.leaf) places.push_back(place_of(fixes, "certificate of api.example.com"));
                for (const auto& place : places) REQUIRE(place.has_value());
                CHECK(std::ranges::is_sorted(places));
                CHECK(std::ranges::adjacent_find(places) == places.end());
                CHECK(places.front() == std::size_t{0});
                CHECK(fixes.front().actor == (expired.root ? Actor::client : Actor::server));
            }
    }
}

TEST_CASE("every expired certificate of a path is a problem of its own, and has a fix") {
    for (const Expired& expired : combinations()) {
        const Diagnosis diagnosis = explain(attempt_with(expired, "Old Root", false));
        CHECK(std::ranges::count(diagnosis.problems, Code::expired, &Problem::code) == expired.count());
        for (const Problem& problem : diagnosis.problems) CHECK_FALSE(problem.fixes.empty());
    }
}

TEST_CASE("a root that the system does not bring is not mended by the system's update") {
    for (const bool leaf : {true, false}) {
        const auto fixes = [&](bool of_system) {
            return explain(attempt_with({leaf, false, true}, "Old Root", of_system)).problems.front().fixes;
        };
        CHECK(fixes(true).front().command == "sudo apt-get install --only-upgrade ca-certificates");
        CHECK(fixes(false).front().command == "whytls proxy --add-trust new-root.pem");
        for (const Fix& fix : fixes(false)) CHECK_FALSE(fix.command.contains("ca-certificates"));
    }
}
