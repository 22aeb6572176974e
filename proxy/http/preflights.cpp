#include "proxy/http/preflights.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace proxy {

namespace http = inspect::http;

namespace {

// A server's chain may be large, and what is known of each of its certificates several times as
// large.
constexpr std::size_t most_bytes = 4 * 1'048'576;  // of certificates, in all entries together
constexpr std::size_t most_fields = 100;           // of a preflight: they too identify its request

std::size_t size_of(const inspect::diagnosis::Attempt& failed) {
    std::size_t size = 0;
    if (failed.verdict)
        for (const certs::Served& each : failed.verdict->served) size += each.der.size();
    return size;
}

std::string method_asked(const http::RequestHead& preflight) {
    return std::string(preflight.fields.find("Access-Control-Request-Method").value_or(""));
}

std::vector<std::string> fields_asked(const http::RequestHead& preflight) {
    std::vector<std::string> names;
    const auto list = preflight.fields.find("Access-Control-Request-Headers");
    for (std::string_view rest = list.value_or(""); !rest.empty() && names.size() < most_fields;) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::size_t from = std::min(rest.find_first_not_of(" \t"), comma);
        const std::string_view name = rest.substr(from, rest.find_first_of(" \t,", from) - from);
        if (!name.empty()) names.emplace_back(name);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return names;
}

}  // namespace

void Preflights::keep(CrossOrigin who, const http::RequestHead& preflight, inspect::diagnosis::Attempt failed,
                      certs::Time now) {
    const std::lock_guard lock(mutex_);
    std::size_t size = size_of(failed);
    for (const Entry& entry : entries_) size += size_of(entry.failed);
    while (!entries_.empty() && (entries_.size() >= most || size > most_bytes)) {
        size -= size_of(entries_.front().failed);
        entries_.pop_front();
    }
    entries_.push_back(
        {std::move(who), method_asked(preflight), fields_asked(preflight), std::move(failed), {now.seconds + longest}});
}

void Preflights::forget(const CrossOrigin& who, const http::RequestHead& preflight) {
    const std::string method = method_asked(preflight);
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.who == who && entry.method == method; });
}

bool Preflights::is_about(const Entry& entry, const CrossOrigin& who, const http::RequestHead& request) {
    return entry.who == who && entry.method == request.method &&
           std::ranges::all_of(entry.fields, [&](const std::string& name) { return request.fields.has(name); });
}

std::optional<inspect::diagnosis::Attempt> Preflights::take(const CrossOrigin& who, const http::RequestHead& request,
                                                            certs::Time now) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.until <= now; });
    const auto found =
        std::ranges::find_if(entries_, [&](const Entry& entry) { return is_about(entry, who, request); });
    if (found == entries_.end()) return std::nullopt;
    auto failed = std::move(found->failed);
    entries_.erase(found);
    return failed;
}

}  // namespace proxy
