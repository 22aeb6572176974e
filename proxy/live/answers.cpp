#include "proxy/live/answers.h"

#include <fmt/format.h>

#include <charconv>

#include "inspect/flow/filter.h"
#include "inspect/report/flow_document.h"
#include "inspect/report/page/live_files.h"
#include "inspect/report/page/page.h"
#include "inspect/report/render.h"
#include "proxy/io/clock.h"
#include "proxy/settings/credentials.h"

namespace proxy {

namespace http = inspect::http;
namespace report = inspect::report;

namespace {

constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "frame-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr std::size_t usual_flows = 500, most_flows = 50'000;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool whole = text[at] == '%' && at + 2 < text.size();
        const int high = whole ? hex_digit(text[at + 1]) : -1, low = whole ? hex_digit(text[at + 2]) : -1;
        if (high >= 0 && low >= 0) {
            decoded += static_cast<char>(high * 16 + low);
            at += 2;
        } else {
            decoded += text[at] == '+' ? ' ' : text[at];
        }
    }
    return decoded;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> number_in(const Query& query, std::string_view name, std::uint64_t otherwise) {
    const auto found = query.find(name);
    return found == query.end() ? otherwise : number_of(found->second);
}

report::Secrets secrets_for(const LiveRequest& asked, const Query& query) {
    report::Secrets secrets = asked.context.services.upstream.settings.secrets;
    const auto wish = query.find("secrets");
    secrets.shown |= wish != query.end() && wish->second == "show" && !refuse_stranger(asked, true);
    return secrets;
}

Answer flows(const LiveRequest& asked, const Query& query) {
    const auto text = query.find("filter");
    const auto filter = inspect::Filter::parse(text == query.end() ? "" : text->second);
    if (!filter) return live_error(400, filter.error().message, filter.error().position);
    const auto before = number_in(query, "before", UINT64_MAX), limit = number_in(query, "limit", usual_flows);
    if (!before || !limit) return live_error(400, "before and limit are numbers");
    const std::size_t most = std::min<std::size_t>(*limit, most_flows);
    const auto wanted = [&](const inspect::Record& record) { return filter->matches(report::subject_of(record)); };
    const Book& book = asked.context.services.book;
    auto found = book.newest(*before, most + 1, text == query.end() ? nullptr : std::function(wanted));
    const bool more = found.size() > most;
    if (more) found.pop_back();
    std::string json = R"({"flows":[)";
    for (const RecordPointer& each : found) {
        if (!json.ends_with('[')) json += ',';
        json += report::row_json(*each, asked.context.services.upstream.settings.secrets);
    }
    return live_json(200, fmt::format("{}],\"more\":{},\"total\":{}}}", json, more, book.size()));
}

Answer body(const LiveRequest& asked, const inspect::Record& record, bool of_request) {
    const inspect::KeptContent& kept = of_request ? record.request_content : record.response_content;
    Answer made = live_answer(200, "application/octet-stream", kept.bytes);
    made.head.fields.add("Content-Disposition", fmt::format("attachment; filename=\"flow-{}-{}\"", record.number,
                                                            of_request ? "request" : "response"));
    made.head.fields.set("Content-Security-Policy", "sandbox; default-src 'none'");
    (void)asked;
    return made;
}

Answer diagnosis_page(const inspect::Record& record) {
    const inspect::diagnosis::Diagnosis* found = record.diagnosis();
    if (found == nullptr) return live_error(404, "this flow has no diagnosis");
    Answer made = live_answer(200, "text/html; charset=utf-8", report::html(*found));
    made.head.fields.set("Content-Security-Policy", report::content_security_policy() + "; sandbox");
    return made;
}

// "/api/flows/17" and what is below it.
Answer flow(const LiveRequest& asked, std::string_view rest, const Query& query) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const auto number = number_of(rest.substr(0, slash));
    const RecordPointer record = number ? asked.context.services.book.find(*number) : nullptr;
    if (!record) return live_error(404, fmt::format("no flow {} is kept", rest.substr(0, slash)));
    const std::string_view part = rest.substr(slash);
    if (part.empty()) return live_json(200, report::document_json(*record, secrets_for(asked, query)));
    if (part == "/request-body") return body(asked, *record, true);
    if (part == "/response-body") return body(asked, *record, false);
    if (part == "/report.html") return diagnosis_page(*record);
    return live_error(404, "there is no such part of a flow");
}

Answer hosts(const LiveRequest& asked) {
    const auto all = asked.context.services.book.newest(UINT64_MAX, SIZE_MAX);
    return live_json(200, report::hosts_json(all, io::now()));
}

Answer state(const LiveRequest& asked) {
    const Services& services = asked.context.services;
    return live_json(200, report::state_json({.proxy = asked.page,
                                              .recording = "",
                                              .secrets_shown = services.upstream.settings.secrets.shown,
                                              .content_limit = services.book.limits().of_one,
                                              .flows = services.book.size()}));
}

Answer file(const LiveRequest& asked, std::string_view path) {
    const auto found = report::live_file(path == "/live" ? "/" : path);
    if (!found) return live_error(404, "there is no such page");
    std::string bytes(found->bytes);
    constexpr std::string_view placeholder = "@TOKEN@";
    if (const std::size_t at = bytes.find(placeholder); found->path == "/" && at != std::string::npos)
        bytes.replace(at, placeholder.size(), asked.context.services.page_token);
    Answer made = live_answer(200, found->type, std::move(bytes));
    made.head.fields.set("Content-Security-Policy", page_policy);
    return made;
}

}  // namespace

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

Query query_of(std::string_view target) {
    Query query;
    const std::size_t begin = target.find('?');
    std::string_view rest = begin == std::string_view::npos ? "" : target.substr(begin + 1);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos)
            query[percent_decoded(pair.substr(0, equals))] = percent_decoded(pair.substr(equals + 1));
    }
    return query;
}

Answer live_answer(int status, std::string_view media_type, std::string body) {
    Answer made;
    made.head.status = status;
    made.head.reason = http::reason_phrase(status);
    if (!media_type.empty()) made.head.fields.add("Content-Type", media_type);
    made.head.fields.add("Cache-Control", "no-store");
    made.head.fields.add("X-Content-Type-Options", "nosniff");
    made.head.fields.add("Referrer-Policy", "no-referrer");
    made.head.fields.add("Cross-Origin-Resource-Policy", "same-origin");
    made.body = std::move(body);
    return made;
}

Answer live_json(int status, std::string json) {
    Answer made = live_answer(status, "application/json", std::move(json));
    made.head.fields.add("Content-Security-Policy", "default-src 'none'; sandbox");
    return made;
}

Answer live_error(int status, std::string_view error, std::optional<std::size_t> position) {
    return live_json(status, report::error_json(error, position));
}

// A page elsewhere cannot read an answer, but it can make a browser ask: with Origin, or as
// Fetch's metadata tells (https://www.w3.org/TR/fetch-metadata/). Opening the page by a link is no
// harm.
std::optional<Answer> refuse_stranger(const LiveRequest& asked, bool changes) {
    const http::Fields& fields = asked.request.fields;
    const std::string* origin = fields.find("Origin");
    const std::string* site = fields.find("Sec-Fetch-Site");
    const std::string* mode = fields.find("Sec-Fetch-Mode");
    const bool opened = mode && *mode == "navigate" && !changes;
    if (origin && *origin != asked.origin) return live_error(403, "a page of another site asks: " + *origin);
    if (site && *site != "same-origin" && *site != "none" && !opened)
        return live_error(403, "a page of another site asks");
    const std::string* token = fields.find("X-Whytls-Token");
    const std::string& own = asked.context.services.page_token;
    if (changes && (!token || !matches({.user = "", .password = own}, "", *token)))
        return live_error(403, "X-Whytls-Token is missing or not that of this page: reload it");
    return std::nullopt;
}

Answer live_get(const LiveRequest& asked) {
    const std::string_view path = path_of(asked.target);
    const Query query = query_of(asked.target);
    constexpr std::string_view one = "/api/flows/";
    if (path == "/api/flows") return flows(asked, query);
    if (path.starts_with(one)) return flow(asked, path.substr(one.size()), query);
    if (path == "/api/hosts") return hosts(asked);
    if (path == "/api/state") return state(asked);
    if (path == "/healthz") return live_json(200, R"({"status":"ok"})");
    if (path.starts_with("/api/")) return live_error(404, "there is no such interface");
    return file(asked, path);
}

}  // namespace proxy
