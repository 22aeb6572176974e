#include "proxy/flows/book.h"

#include <optional>
#include <string>

#include "proxy/flows/tap.h"
#include "proxy/io/clock.h"
#include "tests/support/catch.h"

using namespace proxy;

namespace {

inspect::Record record(std::uint64_t number, std::string method = "GET", std::size_t content = 0) {
    inspect::Record made;
    made.number = number;
    made.flow.method = std::move(method);
    made.response_content.bytes.assign(content, 'x');
    return made;
}

std::string numbers(const std::vector<inspect::PackedRecord>& records) {
    std::string text;
    for (const auto& each : records) text += (text.empty() ? "" : " ") + std::to_string(each.number());
    return text;
}

}  // namespace

TEST_CASE("a record takes the place of the earlier one with its number") {
    Book book{Book::Limits{}};
    CHECK(book.new_number() == 1);
    book.put(record(1, "GET"));
    book.put(record(1, "POST"));
    CHECK(book.size() == 1);
    CHECK(book.find(1)->flow.method == "POST");
    CHECK(book.find(2) == nullptr);
}

TEST_CASE("a book that is closed keeps nothing") {
    Book book;
    book.put(record(1));
    CHECK(!book.open());
    CHECK(book.size() == 0);
}

TEST_CASE("the newest flows come first, of those below a number that a filter takes") {
    Book book{Book::Limits{}};
    for (std::uint64_t each = 1; each <= 9; ++each) book.put(record(each, each % 2 == 0 ? "GET" : "POST"));
    CHECK(numbers(book.newest(UINT64_MAX, 3)) == "9 8 7");
    CHECK(numbers(book.newest(7, 2)) == "6 5");
    const auto gets = [](const inspect::Record& each) { return each.flow.method == "GET"; };
    CHECK(numbers(book.newest(9, 3, gets)) == "8 6 4");
    CHECK(book.oldest() == 1);
}

TEST_CASE("beyond its limit of flows the book drops the oldest") {
    Book book{Book::Limits{.flows = 3}};
    for (std::uint64_t each = 1; each <= 5; ++each) book.put(record(each));
    CHECK(numbers(book.newest(UINT64_MAX, 9)) == "5 4 3");
}

TEST_CASE("beyond its limit of contents the book drops those of the oldest flows, whose rows stay") {
    Book book{Book::Limits{.bytes = 250'000}};
    for (std::uint64_t each = 1; each <= 4; ++each) book.put(record(each, "GET", 100'000));
    CHECK(book.size() == 4);
    for (const std::uint64_t each : {1, 2}) {
        CHECK(book.find(each)->response_content.bytes.empty());
        CHECK(!book.find(each)->response_content.whole);
    }
    for (const std::uint64_t each : {3, 4}) CHECK(book.find(each)->response_content.bytes.size() == 100'000);
}

TEST_CASE("where heads are more than the limit, the oldest flows go") {
    Book book{Book::Limits{.bytes = 250'000}};
    for (std::uint64_t each = 1; each <= 9; ++each) {
        inspect::Record large = record(each);
        large.request.emplace();
        large.request->fields.add("X-Large", std::string(60'000, 'x'));
        book.put(std::move(large));
    }
    CHECK(numbers(book.newest(UINT64_MAX, 9)) == "9 8 7 6");
}

TEST_CASE("an old flow that goes on does not bring the contents above their limit") {
    Book book{Book::Limits{.bytes = 250'000}};
    for (std::uint64_t each = 1; each <= 3; ++each) book.put(record(each, "GET", 100'000));
    for (int turn = 0; turn < 10; ++turn) book.put(record(1, "GET", 200'000));
    std::size_t kept = 0;
    for (const auto& each : book.newest(UINT64_MAX, 9)) kept += each.record().response_content.bytes.size();
    CHECK(kept <= 250'000);
}

TEST_CASE("a reader gets each flow that has changed once, as it is now") {
    Book book{Book::Limits{}};
    const std::uint64_t begin = book.position();
    book.put(record(1, "GET"));
    book.put(record(2));
    book.put(record(1, "POST"));
    const auto changes = book.since(begin, 100);
    CHECK(numbers(changes.records) == "2 1");
    CHECK(changes.records.back().record().flow.method == "POST");
    CHECK(changes.dropped == 0);
    CHECK(book.since(changes.upto, 100).records.empty());
}

TEST_CASE("a reader who takes a few at a time gets them all") {
    Book book{Book::Limits{}};
    for (std::uint64_t each = 1; each <= 7; ++each) book.put(record(each));
    std::string all;
    std::uint64_t position = 0;
    for (int turn = 0; turn < 4; ++turn) {
        const auto changes = book.since(position, 2);
        position = changes.upto;
        all += numbers(changes.records) + "|";
    }
    CHECK(all == "1 2|3 4|5 6|7|");
}

TEST_CASE("a reader who is too far behind is told how many changes it has lost") {
    Book book{Book::Limits{.changes = 10}};
    for (std::uint64_t each = 1; each <= 25; ++each) book.put(record(each));
    const auto changes = book.since(0, 100);
    CHECK(changes.dropped == 15);
    CHECK(changes.records.size() == 10);
}

TEST_CASE("a book that was cleared says so to its readers, and a flow under way comes back") {
    Book book{Book::Limits{}};
    (void)book.new_number();
    book.put(record(1));
    const std::uint64_t position = book.position();
    book.clear();
    CHECK(book.size() == 0);
    CHECK(book.since(position, 100).cleared);
    CHECK(book.since(0, 100).cleared);
    CHECK(book.since(0, 100).dropped == 0);
    book.put(record(1, "POST"));
    CHECK(numbers(book.newest(UINT64_MAX, 9)) == "1");
    CHECK(book.cleared_below() == 2);
}

TEST_CASE("each complete record is handed on once, but for those that were imported") {
    std::string kept;
    Book book{Book::Limits{}, [&](const inspect::Record&, const inspect::PackedRecord& each) {
                  kept += std::to_string(each.number()) + ' ';
              }};
    book.put(record(1));
    inspect::Record done = record(1);
    done.complete = true;
    book.put(std::move(done));
    CHECK(kept == "1 ");
    inspect::Record imported = record(2);
    imported.complete = imported.imported = true;
    book.put(std::move(imported));
    CHECK(kept == "1 ");
}

TEST_CASE("a tap keeps contents without chunks, and the trailers after them") {
    Book book{Book::Limits{}};
    Tap tap(book, 0);
    inspect::http::RequestHead request;
    request.fields.add("Transfer-Encoding", "chunked");
    tap.request(request);
    tap.request_begins(true);
    tap.request_content(certs::as_bytes("5\r\nhel"));
    tap.request_content(certs::as_bytes("lo\r\n0\r\nX-Sum: 1\r\n\r\n"));
    inspect::http::ResponseHead response;
    response.fields.add("Transfer-Encoding", "chunked");
    tap.response(response, false);
    tap.response_content(certs::as_bytes("plain"));
    tap.request_ends({});
    tap.response_ends({});
    tap.finish();
    const RecordPointer kept = book.find(1);
    REQUIRE(kept);
    CHECK(kept->complete);
    CHECK(kept->request_content.bytes == "hello");
    REQUIRE(kept->request_trailers.find("X-Sum"));
    CHECK(kept->response_content.bytes == "plain");
    CHECK(kept->request_content.size == 5);
    CHECK((kept->request_content.whole && kept->response_content.whole));
}

TEST_CASE("a message that breaks off is not kept as a whole one") {
    Book book{Book::Limits{}};
    Tap tap(book, 0);
    tap.request_begins(true);
    tap.request_content(certs::as_bytes("half"));
    tap.response({.status = 200, .reason = "", .version = {1, 1}, .fields = {}}, true);
    tap.response_content(certs::as_bytes("half"));
    tap.finish();
    CHECK(!book.find(1)->request_content.whole);
    CHECK(!book.find(1)->response_content.whole);
}

TEST_CASE("a tap keeps the beginning of what is longer than the limit, and says so") {
    Book book{Book::Limits{.of_one = 4}};
    Tap tap(book, 0);
    tap.request_content(certs::as_bytes("1234"));
    tap.response_content(certs::as_bytes("12"));
    tap.response_content(certs::as_bytes("345"));
    tap.finish();
    CHECK(book.find(1)->request_content.whole);
    CHECK(book.find(1)->response_content.bytes == "1234");
    CHECK(!book.find(1)->response_content.whole);
}

TEST_CASE("a flow is shown under way once it lasts, and one that is over before is put once") {
    io::Loop loop;
    Book book{Book::Limits{}};
    UnderWay under_way(loop);
    Tap lasting(book, io::clock_ms()), brief(book, io::clock_ms());
    std::optional<Tap> left(std::in_place, book, io::clock_ms());
    for (Tap* each : {&lasting, &brief, &*left}) each->show_soon(under_way);
    CHECK(book.size() == 0);
    brief.finish();
    left.reset();
    CHECK(numbers(book.newest(UINT64_MAX, 9)) == "2");
    loop.run();  // as long as there is one to look at
    CHECK(numbers(book.newest(UINT64_MAX, 9)) == "2 1");
    CHECK_FALSE(book.find(1)->complete);
    lasting.finish();
    CHECK(book.find(1)->complete);
    CHECK(book.position() == 3);
}

TEST_CASE("of a long content that is still coming the beginning is shown, and all of it at the end") {
    Book book{Book::Limits()};
    Tap tap(book, 0);
    inspect::http::ResponseHead response;
    response.status = 200;
    response.fields.add("Content-Length", "300000");
    tap.response(response, true);
    const std::string content(300'000, 'x');
    tap.response_content(certs::as_bytes(content).first(200'000));
    tap.show();
    const auto shown = book.newest(UINT64_MAX, 1).front().record();
    CHECK(shown.response_content.bytes.size() == 65'536);
    CHECK(shown.response_content.size == 200'000);
    CHECK_FALSE(shown.response_content.whole);
    tap.response_content(certs::as_bytes(content).subspan(200'000));
    tap.response_ends({});
    tap.finish();
    const auto kept = book.newest(UINT64_MAX, 1).front().record();
    CHECK(kept.response_content.bytes == content);
    CHECK(kept.response_content.whole);
    CHECK(kept.response_content.bytes.capacity() < 310'000);
}

TEST_CASE("a request that is sent again has its content once, and the last response") {
    Book book{Book::Limits{}};
    Tap tap(book, 0);
    inspect::http::RequestHead request;
    request.fields.add("Transfer-Encoding", "chunked");
    tap.request(request);
    tap.request_begins(true);
    tap.request_content(certs::as_bytes("3\r\nabc\r\n"));
    tap.response({.status = 503, .reason = "", .version = {1, 1}, .fields = {}}, true);
    tap.response_content(certs::as_bytes("no"));
    tap.request_begins(true);
    tap.request_content(certs::as_bytes("0\r\n\r\n"));
    tap.response({.status = 200, .reason = "", .version = {1, 1}, .fields = {}}, true);
    tap.response_content(certs::as_bytes("yes"));
    tap.finish();
    CHECK(book.find(1)->request_content.bytes == "abc");
    CHECK(book.find(1)->response->status == 200);
    CHECK(book.find(1)->response_content.bytes == "yes");
}
