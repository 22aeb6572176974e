// Compares docs/contract.md with the program: each of its tables names what there is, and nothing
// else.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/diagnosis.h"
#include "inspect/diagnosis/explain/client_failure.h"
#include "inspect/report/log.h"
#include "tests/inspect/diagnosis_cases.h"
#include "tests/support/catch.h"

using namespace inspect;

namespace {

// The text in backquotes in a row's first cells: "| `request` | `url` | …" gives "request url".
std::string names_of(const std::string& row) {
    std::string names;
    std::istringstream cells(row);
    std::string cell;
    std::getline(cells, cell, '|');
    while (std::getline(cells, cell, '|') && cell.starts_with(" `") && cell.find('`', 2) == cell.size() - 2)
        names += (names.empty() ? "" : " ") + cell.substr(2, cell.size() - 4);
    return names;
}

// The rows of the tables in the section with that heading, in their order.
std::vector<std::string> rows_of(const std::string& heading) {
    std::ifstream file(std::filesystem::path(WHYTLS_SOURCE_DIR) / "docs/contract.md");
    REQUIRE(file);
    std::vector<std::string> rows;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("## ")) inside = line == "## " + heading;
        if (const std::string names = names_of(line); inside && !names.empty()) rows.push_back(names);
    }
    return rows;
}

using Names = std::multiset<std::string>;

Names set_of(const std::vector<std::string>& rows) { return {rows.begin(), rows.end()}; }

// The event's own members in a line of the log, each as "event member".
void add_members(Names& names, const std::string& line) {
    const auto object = nlohmann::json::parse(line);
    const std::string event = object.at("event");
    for (const auto& [member, value] : object.items())
        if (member != "event" && member != "time" && member != "id") names.insert(event + " " + member);
}

inspect::Flow request_with_everything() {
    inspect::Flow line;
    line.id = "f-1";
    line.protocol = "h2";
    line.server_protocol = "http/1.1";
    line.code = inspect::diagnosis::Code::upstream_closed;
    line.idle_seconds = 300;
    line.repeated = line.no_close_notify = true;
    line.parent = "proxy.example:3128";
    line.let_through = inspect::diagnosis::Code::expired;
    line.remark = "it asked for a client certificate";
    line.mended = {http::Mend::line_feeds};
    line.websocket.emplace();
    return line;
}

diagnosis::Diagnosis client_failure_with_everything() {
    diagnosis::ClientAttempt attempt;
    attempt.client = "127.0.0.1:5000";
    attempt.host = attempt.sni = "api.example.com";
    attempt.failure.kind = tls::FailureKind::alert;
    attempt.failure.alert_received = 48;
    diagnosis::Diagnosis found = diagnosis::explain_client(attempt);
    found.library_text = "the library's words";
    found.problems.front().fixes.front().command = "whytls ca install";
    return found;
}

}  // namespace

TEST_CASE("the contract names every code of the catalogue, and no other") {
    Names codes;
    for (const auto& entry : diagnosis::catalog()) codes.emplace(name(entry.code));
    CHECK(set_of(rows_of("6. The codes")) == codes);
}

TEST_CASE("the contract names every step of a report, in its order") {
    std::vector<std::string> steps;
    for (const auto& step : diagnosis::explain(tests::cloudfront()).steps) steps.emplace_back(step.step);
    CHECK(rows_of("4. The report") == steps);
}

TEST_CASE("the contract names every member of the log's events, and no other") {
    Names members;
    add_members(members, report::client_handshake_line("f-1", "127.0.0.1:5000", client_failure_with_everything()));
    add_members(members, report::request_line(request_with_everything()));
    add_members(members, report::proxy_line({0}, "started", "127.0.0.1:8080"));
    CHECK(set_of(rows_of("5. The log")) == members);
}
