#include "proxy/live/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "inspect/content/form.h"
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

// Those of the book, and below them those of the recorded session that the book has no longer.
std::vector<std::string> newest_rows(const LiveRequest& asked, const inspect::Filter& filter, std::uint64_t before,
                                     std::size_t most) {
    const Services& services = asked.context.services;
    const auto wanted = [&](const inspect::Record& record) { return filter.matches(report::subject_of(record)); };
    std::vector<std::string> rows;
    for (const auto& each : services.book.newest(before, most, wanted))
        rows.push_back(report::row_json(each.without_contents(), services.upstream.settings.secrets));
    if (!services.store || rows.size() >= most) return rows;
    const std::uint64_t oldest = std::min(before, services.book.oldest());
    auto older = services.store->recording().rows(filter, oldest, most - rows.size());
    if (!older) return rows;
    // A file that is damaged must not cost the others.
    if (services.book.cleared_below() == 0)
        std::ranges::copy_if(std::move(*older), std::back_inserter(rows), report::is_row);
    return rows;
}

std::uint64_t kept_flows(const LiveRequest& asked) {
    const Services& services = asked.context.services;
    const std::uint64_t in_book = services.book.size();
    if (!services.store || services.book.cleared_below() > 0) return in_book;
    return std::max(in_book, services.store->recording().count().value_or(0));
}

Answer flows(const LiveRequest& asked, const Query& query) {
    const auto text = query.find("filter");
    const auto filter = inspect::Filter::parse(text == query.end() ? "" : text->second);
    if (!filter) return live_error(400, filter.error().message, filter.error().position);
    const auto before = number_in(query, "before", UINT64_MAX), limit = number_in(query, "limit", usual_flows);
    if (!before || !limit) return live_error(400, "before and limit are numbers");
    const std::size_t most = std::min<std::size_t>(*limit, most_flows);
    std::vector<std::string> rows = newest_rows(asked, *filter, *before, most + 1);
    const bool more = rows.size() > most;
    if (more) rows.pop_back();
    std::size_t size = 64;
    for (const std::string& each : rows) size += each.size() + 1;
    std::string json = R"({"flows":[)";
    json.reserve(size);
    for (const std::string& each : rows) {
        if (!json.ends_with('[')) json += ',';
        json += each;
    }
    return live_json(200, fmt::format("{}],\"more\":{},\"total\":{}}}", json, more, kept_flows(asked)));
}

// What is kept of a flow, in the book or in the recorded session.
struct KeptFlow {
    RecordPointer record;  // nullptr: it is in the recorded session only
    std::uint64_t number = 0;
    std::string document;
    std::function<std::string(bool of_request)> content;
};

std::optional<KeptFlow> in_book(const LiveRequest& asked, std::uint64_t number, const Query& query) {
    const RecordPointer record = asked.context.services.book.find(number);
    if (!record) return std::nullopt;
    const auto content = [record](bool of_request) {
        return of_request ? record->request_content.bytes : record->response_content.bytes;
    };
    return KeptFlow{record, number, report::document_json(*record, secrets_for(asked, query)), content};
}

std::optional<KeptFlow> in_session(const LiveRequest& asked, std::uint64_t number) {
    const Store* store = asked.context.services.store.get();
    if (!store || number < asked.context.services.book.cleared_below()) return std::nullopt;
    auto document = store->recording().document(number);
    if (!document || !*document) return std::nullopt;
    const auto content = [store, number](bool of_request) {
        const Recording& recording = store->recording();
        const auto body = of_request ? recording.request_body(number) : recording.response_body(number);
        return body ? body->value_or("") : "";
    };
    return KeptFlow{nullptr, number, **std::move(document), content};
}

Answer body(const KeptFlow& flow, bool of_request, const Query& query) {
    std::string bytes = flow.content(of_request);
    if (query.contains("view")) return live_json(200, report::document_view(flow.document, of_request, bytes));
    Answer made = live_answer(200, "application/octet-stream", std::move(bytes));
    made.head.fields.add("Content-Disposition", fmt::format("attachment; filename=\"flow-{}-{}\"", flow.number,
                                                            of_request ? "request" : "response"));
    made.head.fields.add("Content-Security-Policy", "sandbox; default-src 'none'");
    return made;
}

Answer diagnosis_page(const KeptFlow& flow) {
    const inspect::diagnosis::Diagnosis* found = flow.record ? flow.record->diagnosis() : nullptr;
    if (found == nullptr) return live_error(404, "no page of this flow's diagnosis is kept");
    Answer made = live_answer(200, "text/html; charset=utf-8", report::html(*found));
    made.head.fields.add("Content-Security-Policy", report::content_security_policy() + "; sandbox");
    return made;
}

// "/api/flows/17" and what is below it.
Answer flow(const LiveRequest& asked, std::string_view rest, const Query& query) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const auto number = number_of(rest.substr(0, slash));
    auto found = number ? in_book(asked, *number, query) : std::nullopt;
    if (!found && number) found = in_session(asked, *number);
    if (!found) return live_error(404, fmt::format("no flow {} is kept", rest.substr(0, slash)));
    const std::string_view part = rest.substr(slash);
    if (part.empty()) return live_json(200, std::move(found->document));
    if (part == "/request-body") return body(*found, true, query);
    if (part == "/response-body") return body(*found, false, query);
    if (part == "/report.html") return diagnosis_page(*found);
    return live_error(404, "there is no such part of a flow");
}

Answer hosts(const LiveRequest& asked) {
    const auto all = asked.context.services.book.newest(UINT64_MAX, SIZE_MAX);
    return live_json(200, report::hosts_json(all, io::now()));
}

Answer metrics(const LiveRequest& asked) {
    const Services& services = asked.context.services;
    return live_answer(
        200, "text/plain; version=0.0.4; charset=utf-8",
        services.metrics->text({.version = WHYTLS_VERSION,
                                .open_connections = services.open_connections.total(),
                                .dropped_events = services.dropped_events,
                                .otlp = services.otlp ? std::optional(services.otlp->counts()) : std::nullopt}));
}

Answer state(const LiveRequest& asked) {
    const Services& services = asked.context.services;
    return live_json(200, report::state_json({.proxy = asked.page,
                                              .origin = asked.origin,
                                              .recording = services.upstream.settings.record.string(),
                                              .secrets_shown = services.upstream.settings.secrets.shown,
                                              .content_limit = services.book.limits().of_one,
                                              .flows = kept_flows(asked)}));
}

Answer file(const LiveRequest& asked, std::string_view path) {
    const auto found = report::live_file(path == "/live" ? "/" : path);
    if (!found) return live_error(404, "there is no such page");
    std::string bytes(found->bytes);
    constexpr std::string_view placeholder = "@TOKEN@";
    if (const std::size_t at = bytes.find(placeholder); found->path == "/" && at != std::string::npos)
        bytes.replace(at, placeholder.size(), asked.context.services.page_token);
    Answer made = live_answer(200, found->type, std::move(bytes));
    made.head.fields.add("Content-Security-Policy", page_policy);
    return made;
}

}  // namespace

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

Query query_of(std::string_view target) {
    constexpr std::size_t most = 64;
    const std::size_t begin = target.find('?');
    Query query;
    if (begin == std::string_view::npos) return query;
    for (auto& [name, value] : inspect::content::form_fields(target.substr(begin + 1), most).fields)
        query[std::move(name)] = std::move(value);
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
    const auto origin = fields.find("Origin");
    const auto site = fields.find("Sec-Fetch-Site");
    const auto mode = fields.find("Sec-Fetch-Mode");
    const std::string_view path = path_of(asked.target);
    const bool opened = mode && *mode == "navigate" && (path == "/" || path == "/live") && !changes;
    if (origin && *origin != asked.origin)
        return live_error(403, fmt::format("a page of another site asks: {}", *origin));
    if (site && *site != "same-origin" && *site != "none" && !opened)
        return live_error(403, "a page of another site asks");
    const auto token = fields.find("X-Whytls-Token");
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
    if (path == "/metrics") return metrics(asked);
    if (path.starts_with("/api/")) return live_error(404, "there is no such interface");
    if (path == "/ca.pem" || path == "/ca.der")
        return own_page(asked.context.services.authority.get()->certificate(), asked.page, asked.request, path);
    return file(asked, path);
}

}  // namespace proxy
