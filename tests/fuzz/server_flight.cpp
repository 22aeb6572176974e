// A scan's reading of a server's answer on arbitrary bytes: no crash, bounded, a choice is one that
// was offered, and what a part shows is not taken back by the whole.
#include <algorithm>
#include <cstdlib>

#include "inspect/scan/question.h"

namespace scan = inspect::scan;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const certs::Bytes bytes(data, size);
    const scan::Answered whole = scan::read(bytes), part = scan::read(bytes.first(size / 2));
    if (part.flight.hello && (!whole.flight.hello || whole.flight.suite != part.flight.suite)) std::abort();
    if (whole.flight.extensions.size() > 64 || whole.flight.session_id.size() > 32) std::abort();
    for (const tls::WireVersion version : scan::scanned_versions()) {
        scan::Question question = scan::usual_question(version, "");
        question.alpn = {"h2", "http/1.1"};
        const scan::Heard suite = scan::suite_chosen(question, whole), group = scan::group_chosen(question, whole),
                          protocol = scan::protocol_chosen(question, whole);
        const auto offered = [](const auto& list, std::uint16_t choice) {
            return std::ranges::find(list, choice) != list.end();
        };
        if (suite.reply == scan::Reply::chosen && !offered(question.suites, suite.choice)) std::abort();
        if (group.reply == scan::Reply::chosen && !offered(question.groups, group.choice)) std::abort();
        if (protocol.reply == scan::Reply::chosen && protocol.choice >= question.alpn.size()) std::abort();
    }
    return 0;
}
