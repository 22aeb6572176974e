#include "inspect/report/check_list.h"

#include <fmt/format.h>

#include "inspect/diagnosis/summary.h"
#include "inspect/diagnosis/wording.h"
#include "inspect/report/pen.h"
#include "inspect/report/print/escape.h"

namespace inspect::report {

std::string list_line(const diagnosis::Diagnosis& diagnosis, Standing standing, Ink ink) {
    const bool warned = standing == Standing::ok && diagnosis.outcome != diagnosis::Outcome::ok;
    const certs::Status status = standing != Standing::ok ? certs::Status::fail
                                 : warned                 ? certs::Status::warn
                                                          : certs::Status::pass;
    const std::string_view word = diagnosis::status_word(status);
    // What was expected decides, not what else there is.
    const bool unasked = standing == Standing::ok && diagnosis.outcome == diagnosis::Outcome::failed;
    const std::string_view unmet =
        standing == Standing::failed && diagnosis.outcome != diagnosis::Outcome::failed ? "not as expected; " : "";
    const std::string said =
        diagnosis.code == diagnosis::Code::none || !unmet.empty()
            ? fmt::format("{}: {}{}", for_terminal(diagnosis::endpoint(diagnosis.host, diagnosis.port), 300), unmet,
                          for_terminal(diagnosis::agreement_statement(diagnosis), 300))
            : sentence(diagnosis) + (unasked ? ", which --expect does not ask about" : "");
    return fmt::format("{}{} {}", painted(word, pen_of(status), ink), std::string(4 - word.size(), ' '), said);
}

std::string list_end(const Tally& tally, std::size_t hosts) {
    std::string counts = fmt::format("{} ok", tally.ok);
    if (tally.failed > 0) counts += fmt::format(", {} failed", tally.failed);
    if (tally.not_reached > 0) counts += fmt::format(", {} not reached", tally.not_reached);
    const std::size_t total = tally.ok + tally.failed + tally.not_reached;
    const std::string_view hint =
        tally.ok == total ? "" : "The details of one: whytls check HOST, with the same options; of all: --full.\n";
    const std::string each = diagnosis::counted(hosts, "host");
    const std::string whole =
        total == hosts ? each : fmt::format("{} address{} of {}", total, total == 1 ? "" : "es", each);
    return fmt::format("\n{}: {}\n{}", whole, counts, hint);
}

}  // namespace inspect::report
