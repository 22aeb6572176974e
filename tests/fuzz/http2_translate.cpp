// Heads of HTTP/1 → HTTP/2 → HTTP/1 on arbitrary bytes: what must be kept is kept. And header lists
// of arbitrary lines: what is read can be written again, and is then the same.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "inspect/http/http1/parser.h"
#include "inspect/http/http2/translate.h"

using namespace inspect::http;
using namespace inspect::http2;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

// Fields that HTTP/2 does not carry, or carries elsewhere; and those that Connection names.
bool is_kept(const Fields& fields, const Field& field) {
    for (const char* const name : {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te",
                                   "http2-settings", "host", "cookie"})
        if (same_name(field.name, name)) return false;
    if (same_name(field.name, "content-length")) return !fields.has("transfer-encoding");
    return !fields.has_token("connection", field.name);
}

void check_kept(const Fields& before, const Fields& after, bool request) {
    std::vector<Field> expected, found;
    for (const FieldLine field : before)
        if (is_kept(before, field)) expected.push_back(field);
    for (const FieldLine field : after)
        if (is_kept(after, field)) found.push_back(field);
    require(expected.size() == found.size());
    for (std::size_t at = 0; at < expected.size(); ++at)
        require(same_name(expected[at].name, found[at].name) && expected[at].value == found[at].value);
    if (request) require(after.count("cookie") <= 1);
}

void check_request_head(const RequestHead& head) {
    HeaderList list;
    if (!write_request(head, "https", "", list)) return;
    const auto back = read_request(list);
    if (!back) {
        // A request of HTTP/1.0 need not name a host.
        require(back.error() == Malformed::missing_pseudo &&
                (!head.fields.has("host") || head.fields.find("host")->empty()));
        return;
    }
    require(back->head.method == head.method);
    const auto target = parse_target(head.method, head.target);
    require(target.has_value());
    if (target->form == TargetForm::absolute)
        require(back->head.target == target->path_and_query && back->scheme == target->scheme);
    else
        require(back->head.target == head.target);
    check_kept(head.fields, back->head.fields, true);
    HeaderList again;
    require(write_request(back->head, back->scheme, "", again));
}

void check_http1(bool requests, certs::Bytes input) {
    auto parser = requests ? Parser::requests() : Parser::responses();
    if (parser.step(input).event != inspect::http::Event::head) return;
    if (requests) return check_request_head(parser.request());
    HeaderList list;
    const ResponseHead& head = parser.response();
    if (!write_response(head, list)) return;
    const auto back = read_response(list);
    require(back.has_value() && back->status == head.status);
    if (head.status >= 200 && head.status != 204) check_kept(head.fields, back->fields, false);
}

// Lines of the input as name, tab-free separator 0x1f, value.
void check_lines(certs::Bytes input) {
    HeaderList list;
    std::string_view rest = certs::as_text(input);
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\x1e'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const std::size_t end = std::min(line.find('\x1f'), line.size());
        list.add(line.substr(0, end), line.substr(std::min(end + 1, line.size())));
    }
    if (const auto request = read_request(list)) {
        HeaderList again;
        require(write_request(request->head, request->scheme, request->protocol, again));
        const auto back = read_request(again);
        require(back.has_value() && back->head.fields == request->head.fields &&
                back->head.target == request->head.target);
        RequestHead head = request->head;
        head.version = {1, 1};
        const std::string wire = to_wire(head);
        require(std::ranges::count(wire, '\n') == static_cast<std::ptrdiff_t>(head.fields.size() + 2));
    }
    (void)read_response(list);
    (void)read_trailers(list);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const certs::Bytes input = certs::Bytes(data, size).subspan(1);
    if (data[0] % 3 == 2)
        check_lines(input);
    else
        check_http1(data[0] % 3 == 0, input);
    return 0;
}
