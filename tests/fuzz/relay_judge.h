// Compares the lines of the log with what the servers received: whether each knows of the other.
// Knows nothing of how either came about.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/report/print/escape.h"
#include "tests/fuzz/strict_requests.h"

namespace relay {

inline void require(bool condition) {
    if (!condition) std::abort();
}

// What one client did and what became of it.
struct Outcome {
    std::string said;                 // by the client, inside a tunnel's TLS where there is one
    std::string tunnel;               // the origin of every request in that tunnel, "https://good.test"; "" outside
    std::vector<std::string> heard;   // by the servers, one connection after the other, TLS taken off
    std::vector<nlohmann::json> log;  // the `request` lines
};

// Requests may be alike: told_ is the set of numbers of lines that may have been reported so far.
class Judge {
public:
    Judge(const std::vector<nlohmann::json>& log, std::string_view tunnel) : log_(log), tunnel_(tunnel) {}

    void hear(std::string_view connection) {
        strict::Reader reader(connection);
        for (bool first = true; !switched(); first = false) {
            const auto request = reader.next();
            if (!request) break;
            std::set<std::size_t> told;
            for (const std::size_t number : told_) {
                // RFC 9112 §9.3.1: a request on a connection that was closed before an answer came
                // is sent again.
                if (first && number > 0 && tells(log_[number - 1], *request)) told.insert(number);
                if (const auto next = next_that_tells(*request, number)) told.insert(*next + 1);
            }
            told_ = std::move(told);
            require(!told_.empty());
        }
    }

    void end() const {
        require(std::ranges::any_of(
            told_, [&](std::size_t number) { return std::none_of(log_.begin() + number, log_.end(), claims_answer); }));
    }

private:
    // Whether `line` is the line of this request.
    bool tells(const nlohmann::json& line, const strict::Request& request) const {
        const auto is_at = [&](const std::string& origin) {
            return line["url"] == inspect::report::printable(origin + request.target, 8192);
        };
        // The target names its own destination.
        const bool whole = !tunnel_.empty() && !request.target.starts_with('/') && request.target != "*";
        const bool same_url = tunnel_.empty() ? is_at("http://" + request.host) || is_at("https://" + request.host)
                                              : is_at(whole ? "" : tunnel_);
        if (!same_url || line["method"] != inspect::report::printable(request.method, 64)) return false;
        const std::uint64_t told = line["request_bytes"];
        const bool switched = line["status"] == 101;  // then the bytes of the other protocol are counted too
        return request.complete && !switched ? told == request.body : told >= request.body;
    }

    // Whether the log claims that a server answered this.
    static bool claims_answer(const nlohmann::json& line) {
        const std::string url = line["url"], method = line["method"];
        const bool own =
            !url.starts_with("http") || url.contains("://why.tls") || method == "OPTIONS" || method == "TRACE";
        return !own && line["status"] != 0 && !line.contains("code");
    }

    // The lines in between report what no server saw.
    std::optional<std::size_t> next_that_tells(const strict::Request& request, std::size_t from) const {
        for (std::size_t at = from; at < log_.size(); ++at) {
            if (tells(log_[at], request)) return at;
            if (claims_answer(log_[at])) break;
        }
        return std::nullopt;
    }
    // From then on another protocol is spoken.
    bool switched() const { return !log_.empty() && log_.back()["status"] == 101 && told_.contains(log_.size()); }

    const std::vector<nlohmann::json>& log_;
    const std::string tunnel_;
    std::set<std::size_t> told_{0};
};

// A tunnel is the last thing on a client's connection. What passes through one untouched is the
// client's own bytes, counted in its line.
inline void judge_tunnel(Outcome& outcome) {
    if (outcome.log.empty() || outcome.log.back()["method"] != "CONNECT" || outcome.log.back()["status"] != 200) return;
    require(!outcome.heard.empty());
    const std::string& heard = outcome.heard.back();
    require(outcome.said.contains(heard) && outcome.log.back()["request_bytes"] >= heard.size());
    outcome.heard.pop_back();
    outcome.log.pop_back();
}

inline void judge(Outcome outcome) {
    judge_tunnel(outcome);
    Judge judge(outcome.log, outcome.tunnel);
    for (const std::string& connection : outcome.heard) judge.hear(connection);
    judge.end();
}

}  // namespace relay
