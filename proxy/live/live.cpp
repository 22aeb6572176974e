#include "proxy/live/live.h"

#include <fmt/format.h>

#include <atomic>

#include "inspect/diagnosis/wording.h"
#include "inspect/flow/filter.h"
#include "inspect/report/flow_document.h"
#include "inspect/report/har.h"
#include "inspect/report/page/live_files.h"
#include "inspect/report/render.h"
#include "proxy/io/beside.h"
#include "proxy/io/clock.h"
#include "proxy/live/answers.h"
#include "proxy/live/har_file.h"
#include "proxy/upstream/upstream.h"

namespace proxy {

namespace http = inspect::http;
namespace report = inspect::report;
namespace diagnosis = inspect::diagnosis;

namespace {

constexpr std::size_t most_content = 64 << 20;  // octets of a request to the page, but of a HAR
constexpr double content_time = 30;             // seconds for it to come
constexpr double look_every = 0.2;              // seconds between two looks into the book
constexpr double heartbeat_ms = 15'000;         // of a connection that has nothing to tell
constexpr std::size_t most_at_once = 1'000;     // flows
constexpr std::size_t most_readers = 32;        // of events: each costs the loop's time

// A page that gets events.
class PageReader {
public:
    explicit PageReader(std::atomic<std::size_t>& readers) : readers_(readers), number_(++readers) {}
    PageReader(const PageReader&) = delete;
    PageReader& operator=(const PageReader&) = delete;
    ~PageReader() { --readers_; }
    std::size_t number() const { return number_; }

private:
    std::atomic<std::size_t>& readers_;
    std::size_t number_;
};

// nullopt: it is too long, or does not come.
io::Task<std::optional<std::string>> read_content(ServerStream& stream, std::size_t most) {
    std::string content;
    if (!stream.has_content()) co_return content;
    Body& body = stream.body();
    body.unframe();
    stream.set_deadline(content_time);
    if (stream.request().fields.has_token("Expect", "100-continue"))
        (void)co_await stream.interim({.status = 100, .reason = "Continue", .version = {1, 1}, .fields = {}});
    for (;;) {
        const Piece piece = body.here();
        content.append(certs::as_text(piece.bytes));
        body.consume();
        if (piece.next == Piece::Next::failed || content.size() > most) co_return std::nullopt;
        if (piece.next == Piece::Next::end) break;
        if (piece.next != Piece::Next::wait) continue;
        const Arrival arrival = co_await body.more();
        if (arrival == Arrival::end) break;
        if (arrival != Arrival::more) co_return std::nullopt;
    }
    stream.set_deadline(0);
    co_return content;
}

// `unread`: some of the request's content was not read, so that no other can follow.
io::Task<bool> reply(const LiveRequest& asked, Answer answer, bool unread = false) {
    const ResponseEnd end{.last = asked.context.stopping() || unread, .content_unread = unread};
    const bool sent = co_await send(asked.stream, std::move(answer), asked.request.method, end,
                                    asked.context.services.upstream.settings.idle_timeout);
    co_return sent && !unread && asked.stream.may_follow();
}

// Wakes a story after a while.
io::Task<> pause(io::Loop& loop, double seconds) {
    io::Signal over;
    io::Timer timer(loop);
    timer.start(seconds, [&over] { over.notify(); });
    co_await over.wait();
}

std::string event_text(std::string_view name, std::uint64_t id, std::string_view data) {
    return fmt::format("event: {}\nid: {}\ndata: {}\n\n", name, id, data);
}

std::string events_of(const Book::Changes& changes, const inspect::Filter& filter, const report::Secrets& secrets) {
    std::string text;
    if (changes.cleared) text += event_text("cleared", changes.upto, "{}");
    if (changes.dropped > 0)
        text += event_text("dropped", changes.upto, fmt::format("{{\"count\":{}}}", changes.dropped));
    for (const auto& each : changes.records)
        if (const inspect::Record record = each.without_contents(); filter.matches(report::subject_of(record)))
            text += fmt::format("event: flow\ndata: {}\n\n", report::row_json(record, secrets));
    // Whoever has got only some of them asks for all again.
    if (!changes.records.empty()) text += fmt::format("id: {}\n\n", changes.upto);
    return text;
}

// Where a reader who comes back was; one who comes first knows what the list has shown.
std::uint64_t position_of(const LiveRequest& asked, const Book& book) {
    const auto last = asked.request.fields.find("Last-Event-ID");
    const std::uint64_t now = book.position();
    if (!last || last->empty() || last->size() > 19 || last->find_first_not_of("0123456789") != std::string::npos)
        return now;
    return std::min<std::uint64_t>(std::stoull(std::string(*last)), now);
}

// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A page that
// does not read holds only this story: what changes meanwhile is dropped for it, and counted.
io::Task<bool> send_events(const LiveRequest& asked) {
    const auto filter = inspect::Filter::parse(query_of(asked.target)["filter"]);
    if (!filter) co_return co_await reply(asked, live_error(400, filter.error().message, filter.error().position));
    const Book& book = asked.context.services.book;
    const report::Secrets& secrets = asked.context.services.upstream.settings.secrets;
    std::uint64_t position = position_of(asked, book);
    Answer opening = live_answer(200, "text/event-stream", "");
    if (asked.request.method == "HEAD") co_return co_await reply(asked, std::move(opening));
    const PageReader reader(asked.context.services.page_readers);
    if (reader.number() > most_readers)
        co_return co_await reply(asked, live_error(503, fmt::format("{} pages are open already", most_readers)));
    asked.stream.respond(std::move(opening.head), {.last = true});
    std::string text = fmt::format("retry: 1000\nid: {}\n: this is what changes from now on\n\n", position);
    double said_ms = io::clock_ms();
    for (;;) {
        if (!text.empty()) {
            if (!co_await asked.stream.write(certs::as_bytes(text)) || !co_await asked.stream.flush()) co_return false;
            said_ms = io::clock_ms();
        }
        if (asked.context.stopping()) break;
        co_await pause(asked.context.upstream.loop, look_every);
        const Book::Changes changes = book.since(position, most_at_once);
        position = changes.upto;
        asked.context.services.dropped_events += changes.dropped;
        text = events_of(changes, *filter, secrets);
        if (text.empty() && io::clock_ms() - said_ms > heartbeat_ms) text = ":\n\n";
    }
    if (asked.stream.delimits()) (void)co_await asked.stream.finish({}, {});
    co_return false;
}

// Piece by piece, for contents may be large.
io::Task<bool> send_har(const LiveRequest& asked) {
    const auto filter = inspect::Filter::parse(query_of(asked.target)["filter"]);
    if (!filter) co_return co_await reply(asked, live_error(400, filter.error().message, filter.error().position));
    Answer opening = live_answer(200, "application/json", "");
    opening.head.fields.add("Content-Disposition", "attachment; filename=\"whytls.har\"");
    if (asked.request.method == "HEAD") co_return co_await reply(asked, std::move(opening));
    asked.stream.respond(std::move(opening.head), {.last = asked.context.stopping()});
    HarPieces pieces(asked.context.services, *filter);
    for (bool more = true; more;) {
        std::string piece;
        co_await io::beside(asked.context.upstream.loop, [&] { more = pieces.next(piece); });
        if (!piece.empty() && !co_await asked.stream.write(certs::as_bytes(piece))) co_return false;
    }
    if (asked.stream.delimits() && !co_await asked.stream.finish({}, {})) co_return false;
    co_return co_await asked.stream.flush() && asked.stream.may_follow();
}

io::Task<Answer> import_har(const LiveRequest& asked, const std::string& content) {
    decltype(report::read_har(content)) records;
    co_await io::beside(asked.context.upstream.loop, [&] { records = report::read_har(content); });
    if (!records) {
        const auto& [where, what] = records.error();
        co_return live_error(400, where.empty() ? what : where + ": " + what);
    }
    Book& book = asked.context.services.book;
    for (inspect::Record& each : *records) {
        each.number = book.new_number();
        each.imported = true;
        book.put(std::move(each));
    }
    co_return live_json(200, fmt::format("{{\"imported\":{}}}", records->size()));
}

// What whytls finds when it connects to a server now.
io::Task<Answer> check_host(const LiveRequest& asked, const std::string& content) {
    const auto endpoint = report::parse_endpoint(content);
    if (!endpoint) co_return live_error(400, endpoint.error());
    const auto target = http::parse_target(
        "GET",
        fmt::format("https://{}:{}/", endpoint->first.contains(':') ? '[' + endpoint->first + ']' : endpoint->first,
                    endpoint->second));
    if (!target) co_return live_error(400, "host: not a host's name or address");
    UpstreamContext& context = asked.context.upstream;
    Upstream upstream(Destination{.host = target->host,
                                  .port = target->port,
                                  .name = target->host,
                                  .sni = diagnosis::is_address(target->host) ? "" : target->host,
                                  .alpn = {"h2", "http/1.1"}});
    do co_await dial(context, upstream);
    while (co_await secure(context, upstream));
    if (upstream.channel) upstream.channel->close();
    co_return live_json(200, report::json(diagnosis::explain(upstream.attempt)));
}

io::Task<Answer> replay_flow(const LiveRequest& asked, std::uint64_t number, std::string content) {
    const RecordPointer record = asked.context.services.book.find(number);
    if (!record || !record->request) co_return live_error(404, fmt::format("no request {} is kept", number));
    auto order = report::parse_replay(content);
    if (!order) co_return live_error(400, order.error());
    if (!order->content && !record->request_content.whole)
        co_return live_error(
            409,
            "its content is not kept whole: it broke off, is longer than --body-limit, or was dropped to make room");
    const auto made = co_await asked.replay(record, *std::move(order));
    if (!made) co_return live_error(409, made.error());
    co_return live_json(200, fmt::format("{{\"id\":{}}}", *made));
}

io::Task<Answer> change(const LiveRequest& asked, std::string content) {
    const std::string_view path = path_of(asked.target);
    constexpr std::string_view one = "/api/flows/", again = "/replay";
    if (path == "/api/clear") {
        asked.context.services.book.clear();
        co_return live_answer(204, "", "");
    }
    if (path == "/api/har") co_return co_await import_har(asked, content);
    if (path == "/api/hosts/check") co_return co_await check_host(asked, content);
    if (path.starts_with(one) && path.ends_with(again)) {
        const std::string number(path.substr(one.size(), path.size() - one.size() - again.size()));
        const bool digits =
            !number.empty() && number.size() < 19 && number.find_first_not_of("0123456789") == std::string::npos;
        if (digits) co_return co_await replay_flow(asked, std::stoull(number), std::move(content));
    }
    co_return live_error(404, "there is no such interface");
}

}  // namespace

bool is_of_live_page(std::string_view target) {
    const std::string_view path = path_of(target);
    return path == "/live" || path.starts_with("/api/") || path == "/metrics" || path == "/healthz" ||
           (path != "/" && report::live_file(path));
}

io::Task<bool> serve_live(LiveRequest asked) {
    const std::string& method = asked.request.method;
    const bool reads = method == "GET" || method == "HEAD";
    // Before its content is read: a stranger could make this machine take in a lot.
    if (reads && path_of(asked.target) == "/healthz") co_return co_await reply(asked, healthy());
    if (auto refusal = reads || method == "POST" ? refuse_stranger(asked, !reads)
                                                 : live_error(405, "the page knows GET, HEAD and POST")) {
        const bool has_content = asked.stream.has_content();
        co_return co_await reply(asked, *std::move(refusal), has_content);
    }
    const bool is_har = path_of(asked.target) == "/api/har";
    auto content = co_await read_content(asked.stream, is_har ? report::longest_har : most_content);
    if (!content)
        co_return co_await reply(asked, live_error(413, "the request is too long, or did not come whole"), true);
    if (!reads) {
        Answer made = co_await change(asked, *std::move(content));
        co_return co_await reply(asked, std::move(made));
    }
    if (path_of(asked.target) == "/api/events") co_return co_await send_events(asked);
    if (is_har) co_return co_await send_har(asked);
    // A recorded session is on a disk, and a list may be long: exchanges do not wait for them.
    Answer made;
    co_await io::beside(asked.context.upstream.loop, [&] { made = live_get(asked); });
    co_return co_await reply(asked, std::move(made));
}

}  // namespace proxy
