#include "inspect/report/address_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"

namespace inspect::report {

void AddressTable::add(const diagnosis::Diagnosis& found, std::string ip, std::string supports) {
    Row row{.host = for_terminal(diagnosis::endpoint(found.host, found.port), 300),
            .ip = std::move(ip),
            .outcome = found.outcome == diagnosis::Outcome::failed ? std::string(name(found.code)) : "verifies",
            .certificate = "shows no certificate",
            .version = found.handshake ? found.handshake->version : "no TLS",
            .supports = std::move(supports)};
    if (!found.chain.empty() && !found.served.empty())
        row.certificate =
            fmt::format("shows the certificate {}…, which expires on {}", found.served.front().substr(0, 8),
                        certs::readable(found.chain.front().description.not_after).substr(0, 10));
    rows_.push_back(std::move(row));
}

std::string AddressTable::comparison(std::size_t width) const {
    std::string result;
    for (std::span<const Row> rest(rows_); !rest.empty();) {
        const auto other = std::ranges::find_if(rest, [&](const Row& row) { return row.host != rest.front().host; });
        const auto size = static_cast<std::size_t>(other - rest.begin());
        result += (result.empty() ? "\n" : "") + compare(rest.first(size), width);
        rest = rest.subspan(size);
    }
    return result;
}

// Only the most important difference is named: the ones after it mostly follow from it.
std::string AddressTable::compare(std::span<const Row> rows, std::size_t width) {
    constexpr std::size_t most_shown = 16;
    const Row& first = rows.front();
    const std::string head = fmt::format("{}, {} addresses", first.host, rows.size());
    for (const auto aspect : {&Row::outcome, &Row::certificate, &Row::version, &Row::supports}) {
        std::map<std::string, std::size_t> counts;
        for (const Row& row : rows) ++counts[row.*aspect];
        if (counts.size() == 1) continue;
        const auto& [usual, number] =
            *std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; });
        const bool majority = 2 * number > rows.size();
        std::vector<std::string> differing;
        for (const Row& row : rows)
            if (!majority || row.*aspect != usual) differing.push_back(fmt::format("{}: {}", row.ip, row.*aspect));
        const std::string text = diagnosis::listed(differing, most_shown);
        if (!majority) return filled("", fmt::format("{}, differ: {}", head, text), 4, width);
        const std::string who = differing.size() == 1 ? "one is" : fmt::format("{} are", differing.size());
        return filled("",
                      fmt::format("{}, {} not as the others: {} (the other {}: {})", head, who, text, number, usual), 4,
                      width);
    }
    return filled("",
                  fmt::format("{}, all alike: each {}, {}, {}{}{}", head, first.outcome, first.certificate,
                              first.version, first.supports.empty() ? "" : ", ", first.supports),
                  4, width);
}

}  // namespace inspect::report
