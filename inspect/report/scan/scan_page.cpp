// The scan for a ticket: the frame, the style and the rows of every page that whytls writes.
#include <fmt/format.h>

#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/page/page.h"
#include "inspect/report/parts/rows.h"
#include "inspect/report/print/escape.h"
#include "inspect/report/scan/scan_report.h"
#include "inspect/scan/tables.h"

namespace inspect::report {

namespace {

// What the check says of the same server, which decides the colour.
std::string verdict(const diagnosis::Diagnosis& found) {
    if (found.code == diagnosis::Code::none)
        return fmt::format("<p>The check verifies it: {}.</p>\n", for_html(diagnosis::agreement_statement(found), 600));
    return fmt::format("<p>The check says: {} <span class=\"tag\">{}</span></p>\n",
                       for_html(diagnosis::headline(found.title), 600), name(found.code));
}

std::string hero(const Scanned& server) {
    const std::string open = scan::unknowns(server.scan);
    return fmt::format("<header class=\"hero {}\">\n<p class=\"where\">{}, on {}</p>\n<h1>{}</h1>\n{}{}</header>\n",
                       name(server.found.outcome), scan::effort(server.scan),
                       for_html(certs::readable(server.found.time)), for_html(scan::title(server.scan), 600),
                       verdict(server.found),
                       open.empty() ? "" : fmt::format("<p class=\"sent went\">{}</p>\n", for_html(open, 600)));
}

std::string server_section(const Scanned& server) {
    std::string result = hero(server);
    if (!server.scan.spoke()) return result;
    for (const scan::Table& table : scan::tables(server.scan))
        result += "<section>\n" + facts(for_html(table.title), table.rows) + "</section>\n";
    return result;
}

}  // namespace

std::string scan_page(const std::vector<Scanned>& servers) {
    std::string result = page_begin(servers.size() == 1 ? scan::title(servers.front().scan)
                                                        : fmt::format("Scan of {} servers", servers.size()));
    result += "<p class=\"top\"><b>whytls</b> &ndash; what does the server support?</p>\n<main>\n";
    for (const Scanned& each : servers) result += server_section(each);
    return result + "</main>\n<footer><p>This page was written by whytls, not by the server.</p></footer>\n" +
           page_end();
}

}  // namespace inspect::report
