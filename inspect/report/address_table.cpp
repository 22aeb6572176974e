#include "inspect/report/address_table.h"

#include <fmt/format.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/print/escape.h"
#include "inspect/scan/tables.h"

namespace inspect::report {

namespace {

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), lines.back().size() + 1)))
        lines.emplace_back(text.substr(0, text.find('\n')));
    return lines;
}

std::vector<std::string> without(const std::vector<std::string>& from, const std::vector<std::string>& what) {
    std::vector<std::string> rest;
    std::ranges::set_difference(from, what, std::back_inserter(rest));
    return rest;
}

}  // namespace

void AddressTable::add(const diagnosis::Diagnosis& found, std::string ip, const scan::Scan* scanned) {
    Row row{.host = for_terminal(diagnosis::endpoint(found.host, found.port), 300),
            .ip = std::move(ip),
            .outcome = found.outcome == diagnosis::Outcome::failed ? std::string(name(found.code)) : "verifies",
            .certificate = "shows no certificate",
            .version = found.handshake ? found.handshake->version : "no TLS",
            .orders = {},
            .items = {},
            .supports = {}};
    if (scanned != nullptr) {
        row.orders = for_terminal(fmt::format("chooses {}", fmt::join(scan::orders(*scanned), ", ")), 2048);
        for (const std::string& item : scan::found_items(*scanned))
            row.items += (row.items.empty() ? "" : "\n") + for_terminal(item, 300);
        row.supports = for_terminal(scan::summary(*scanned), 600);
    }
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

// What a scan found there and not at the usual address, and the other way round: a scan need not
// have found all. `usual`: items, one a line.
std::string AddressTable::items_apart(const Row& row, const std::string& usual) {
    constexpr std::size_t most_shown = 8;
    const std::vector<std::string> here = lines_of(row.items), there = lines_of(usual);
    std::vector<std::string> parts;
    if (const auto more = without(here, there); !more.empty())
        parts.push_back("found only there " + diagnosis::listed(more, most_shown));
    if (const auto less = without(there, here); !less.empty())
        parts.push_back("not found there " + diagnosis::listed(less, most_shown));
    return fmt::format("{}", fmt::join(parts, ", "));
}

// Only the most important difference is named: the ones after it mostly follow from it.
std::string AddressTable::compare(std::span<const Row> rows, std::size_t width) {
    constexpr std::size_t most_shown = 16;
    const Row& first = rows.front();
    const std::string head = fmt::format("{}, {} addresses", first.host, rows.size());
    for (const auto aspect : {&Row::outcome, &Row::certificate, &Row::version, &Row::items, &Row::orders}) {
        std::map<std::string, std::size_t> counts;
        for (const Row& row : rows) ++counts[row.*aspect];
        if (counts.size() == 1) continue;
        const auto& [usual, number] =
            *std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; });
        // Of scans, which list much, only what differs is named: from the usual one, else from the first.
        const bool majority = 2 * number > rows.size(), scans = aspect == &Row::items;
        const std::string& beside = majority ? usual : first.*aspect;
        std::vector<std::string> differing;
        for (const Row& row : rows) {
            const std::string& value = row.*aspect;
            if ((majority || scans) && value == beside) continue;
            differing.push_back(fmt::format("{}: {}", row.ip, scans ? items_apart(row, beside) : value));
        }
        const std::string text = diagnosis::listed(differing, most_shown);
        const std::string who = differing.size() == 1 ? "one is" : fmt::format("{} are", differing.size());
        if (scans) {
            const std::string others = majority ? "the others" : first.ip;
            return filled("", fmt::format("{}, {} not as {}: {}", head, who, others, text), 4, width);
        }
        if (!majority) return filled("", fmt::format("{}, differ: {}", head, text), 4, width);
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
