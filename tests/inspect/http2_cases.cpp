#include "tests/inspect/http2_cases.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "tests/support/catch.h"

namespace http2_cases {

using namespace http2_frames;

void check(const Case& one, const std::function<inspect::http2::Session()>& make, std::string_view preface) {
    for (const std::size_t piece : {0U, 1U, 7U}) {
        INFO(one.section << " " << one.what << ", in pieces of " << piece);
        auto session = make();
        std::string output, output_after;
        const auto begun = play(session, preface, 0, output);
        CHECK(begun.size() == 1);
        auto lines = play(session, one.input, piece, output);
        CHECK(fmt::format("{}", fmt::join(lines, " | ")) == one.expected);
        const bool failed = !lines.empty() && lines.back().starts_with("failed ");
        if (failed) CHECK(session.is_over());
        const bool over = session.is_over();
        const auto after = play(session, ping("and then"), 0, output_after);
        CHECK(after.empty());
        // A GOAWAY when no stream is open ends it too.
        if (!over || failed) CHECK((frames_in(output_after) == std::vector<std::string>{"PING ack"}) == !failed);
        const auto frames = frames_in(output);
        if (failed) CHECK(frames.back().ends_with(" " + lines.back().substr(7)));
        if (failed) CHECK(frames.back().starts_with("GOAWAY "));
        if (!one.sent.empty()) {
            INFO(fmt::format("{}", fmt::join(frames, " | ")));
            CHECK(std::ranges::count(frames, one.sent) >= 1);
        }
    }
}

}  // namespace http2_cases
