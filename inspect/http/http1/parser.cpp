#include "inspect/http/http1/parser.h"

#include <fmt/format.h>
#include <llhttp.h>

#include <algorithm>
#include <expected>
#include <utility>

#include "inspect/http/http1/chunked.h"
#include "inspect/http/http1/framing.h"
#include "inspect/http/http1/mended_head.h"
#include "inspect/http/http1/section.h"
#include "inspect/http/http1/start_line.h"

namespace inspect::http {

namespace {

// RFC 9112 §2.2: "at least one empty line" before a request line is to be ignored; old clients send
// one after a body.
constexpr int most_empty_lines = 2;

MessageError from_llhttp(llhttp_errno_t error) {
    switch (error) {
        case HPE_UNEXPECTED_CONTENT_LENGTH:
        case HPE_INVALID_CONTENT_LENGTH:
        case HPE_INVALID_TRANSFER_ENCODING: return MessageError::ambiguous_length;
        case HPE_INVALID_METHOD:
        case HPE_INVALID_URL:
        case HPE_INVALID_CONSTANT:
        case HPE_INVALID_VERSION:
        case HPE_INVALID_STATUS: return MessageError::bad_start_line;
        default: return MessageError::bad_field;
    }
}

}  // namespace

std::string_view name(MessageError error) {
    switch (error) {
        case MessageError::not_http: return "not_http";
        case MessageError::head_too_large: return "head_too_large";
        case MessageError::bad_start_line: return "bad_start_line";
        case MessageError::bad_field: return "bad_field";
        case MessageError::bad_host: return "bad_host";
        case MessageError::ambiguous_length: return "ambiguous_length";
        case MessageError::bad_chunk: return "bad_chunk";
        case MessageError::unsupported_version: return "unsupported_version";
        case MessageError::truncated: return "truncated";
    }
    std::unreachable();
}

struct Parser::State {
    enum class Phase { head, length, chunked, until_close, no_body, done, failed };

    State(llhttp_type_t the_type, Limits the_limits)
        : type(the_type),
          trailers_limit(the_limits.trailers),
          head(the_limits.head, the_type == HTTP_RESPONSE),
          chunks(the_limits.trailers, the_type == HTTP_REQUEST) {}

    Step step(certs::Bytes input);
    Step finish();
    Step step_head(certs::Bytes input);
    Step step_length(certs::Bytes input);
    Step step_chunked(certs::Bytes input);
    Step fail_in_chunks(MessageError why, certs::Bytes rest);
    void begin_message();
    std::expected<void, MessageError> take_start_line(std::string_view line);
    bool take_field_line();
    std::expected<void, MessageError> complete_head();
    std::expected<void, MessageError> parse_head();
    void read_mended(llhttp_errno_t& result);
    llhttp_errno_t read_fields(std::string_view text);
    Step fail(MessageError why);
    Step fail_at_byte(certs::Bytes rest);
    void note_fault(MessageError why);
    MessageError bad_byte_error() const;

    Fields& fields() { return type == HTTP_REQUEST ? request.fields : response.fields; }

    llhttp_type_t type;
    std::size_t trailers_limit;
    std::string method;  // of the request that the next response answers
    Section head;
    int empty_lines = 0;
    RequestHead request;
    ResponseHead response;
    Framing framing;
    Mends mended;
    std::uint64_t left = 0;  // of a body with a length
    std::uint64_t body_bytes = 0;
    ChunkedBody chunks;
    Phase phase = Phase::head;
    std::optional<MessageError> error;
    Fault fault;
};

namespace {

const llhttp_settings_t* settings_of_llhttp() {
    static const llhttp_settings_t settings = [] {
        llhttp_settings_t made;
        llhttp_settings_init(&made);
        made.on_headers_complete = [](llhttp_t*) { return static_cast<int>(HPE_PAUSED); };
        return made;
    }();
    return &settings;
}

// RFC 9112 §6: what says where the message ends.
bool is_about_length(std::string_view name) {
    return same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding");
}

}  // namespace

Step Parser::State::step(certs::Bytes input) {
    if (phase == Phase::done) begin_message();
    switch (phase) {
        case Phase::head: return step_head(input);
        case Phase::length: return step_length(input);
        case Phase::chunked: return step_chunked(input);
        case Phase::until_close:
            body_bytes += input.size();
            return {input.empty() ? Event::more : Event::body, input.size()};
        case Phase::no_body: phase = Phase::done; return {Event::end, 0};
        case Phase::done:
        case Phase::failed: break;
    }
    return {Event::failed, 0};
}

Step Parser::State::finish() {
    switch (phase) {
        case Phase::head:
            if (head.text().empty()) return {Event::more, 0};
            break;
        case Phase::done: return {Event::more, 0};
        case Phase::until_close:
        case Phase::no_body: phase = Phase::done; return {Event::end, 0};
        case Phase::failed: return {Event::failed, 0};
        case Phase::length:
        case Phase::chunked: break;
    }
    return fail(MessageError::truncated);
}

Step Parser::State::step_head(certs::Bytes input) {
    std::size_t used = 0;
    while (true) {
        const Section::State state = head.take(input.subspan(used), used);
        if (head.in_first_line() && !may_begin(head.line(), type == HTTP_REQUEST)) return fail(MessageError::not_http);
        switch (state) {
            case Section::State::more: return {Event::more, used};
            case Section::State::bad_byte: return fail_at_byte(input.subspan(used));
            case Section::State::too_large: return fail(MessageError::head_too_large);
            case Section::State::line:
                if (head.in_first_line()) {
                    if (const auto taken = take_start_line(head.line()); !taken) return fail(taken.error());
                } else if (!take_field_line()) {
                    return fail(MessageError::bad_field);
                }
                break;
            case Section::State::blank:
                if (head.in_first_line()) {
                    if (type == HTTP_RESPONSE) return fail(MessageError::not_http);
                    if (++empty_lines > most_empty_lines) return fail(MessageError::bad_start_line);
                    head.clear();
                    break;
                }
                if (const auto complete = complete_head(); !complete) return fail(complete.error());
                return {Event::head, used};
        }
    }
}

Step Parser::State::step_length(certs::Bytes input) {
    if (input.empty()) return {Event::more, 0};
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left, input.size()));
    left -= taken;
    body_bytes += taken;
    if (left > 0) return {Event::body, taken};
    phase = Phase::done;
    return {Event::end, taken};
}

// `rest` begins with the byte that is not allowed there.
Step Parser::State::fail_in_chunks(MessageError why, certs::Bytes rest) {
    const Step failed = fail(why);
    if (why == MessageError::bad_chunk && !rest.empty()) fault.byte = rest.front();
    return failed;
}

Step Parser::State::step_chunked(certs::Bytes input) {
    if (error) return fail_in_chunks(*error, input);
    if (input.empty()) return {Event::more, 0};
    std::size_t used = 0;
    const auto complete = chunks.take(input, used);
    body_bytes = chunks.data_bytes();
    if (chunks.left_out()) note(mended, Mend::field_in_trailers);
    if (!complete) {
        if (used == 0) return fail_in_chunks(complete.error(), input);
        // What was right passes, as it would if the faulty byte had come later.
        error = complete.error();
    } else if (*complete) {
        phase = Phase::done;
        return {Event::end, used, chunks.held()};
    }
    return {Event::body, used, chunks.held()};
}

void Parser::State::begin_message() {
    head.clear();
    mended.clear();
    empty_lines = 0;
    body_bytes = 0;
    phase = Phase::head;
}

std::expected<void, MessageError> Parser::State::take_start_line(std::string_view line) {
    return type == HTTP_REQUEST ? parse_request_line(line, request) : parse_status_line(line, response);
}

// RFC 9112 §5.2: a folded line is refused in a request; in a response it belongs to the value that
// it continues.
bool Parser::State::take_field_line() {
    if (is_folded(head.line())) {
        if (type == HTTP_REQUEST || !head.unfold()) return false;
        note(mended, Mend::folded_field);
    }
    head.end_in_spaces();
    if (is_field_line(head.line())) return true;
    // RFC 9112 §5.1: white space before a field's colon is refused in a request; a proxy removes it
    // from a response.
    if (type == HTTP_REQUEST) return false;
    head.move_blanks_behind_colon();
    note(mended, Mend::blank_before_colon);
    return is_field_line(head.line());
}

std::expected<void, MessageError> Parser::State::complete_head() {
    if (const auto parsed = parse_head(); !parsed) return parsed;
    // A target of no known form means different hosts to different readers ("@other.test/").
    if (type == HTTP_REQUEST && !parse_target(request.method, request.target))
        return std::unexpected(MessageError::bad_start_line);
    const auto found = type == HTTP_REQUEST ? framing_of(request) : framing_of(response, method);
    if (!found) {
        if (!mended.empty()) (void)read_fields(head.text());  // so that the fields are reported as they were sent
        return std::unexpected(found.error());
    }
    framing = *found;
    if (std::ranges::any_of(mended, ends_connection)) framing.keeps_alive = false;
    switch (framing.body) {
        case Framing::Body::none: phase = Phase::no_body; break;
        case Framing::Body::length:
            phase = Phase::length;
            left = framing.length;
            break;
        case Framing::Body::chunked:
            phase = Phase::chunked;
            chunks.restart();
            break;
        case Framing::Body::until_close: phase = Phase::until_close; break;
    }
    return {};
}

// llhttp reads what we have found well-formed; where the two disagree, the stricter wins.
std::expected<void, MessageError> Parser::State::parse_head() {
    llhttp_errno_t result = read_fields(head.text());
    if (type == HTTP_RESPONSE) read_mended(result);
    if (result != HPE_PAUSED) return std::unexpected(from_llhttp(result));
    return {};
}

// A response's framing that is stated in an odd but clear way is read as it is meant.
void Parser::State::read_mended(llhttp_errno_t& result) {
    if (head.had_line_feeds()) note(mended, Mend::line_feeds);
    const bool length = result == HPE_UNEXPECTED_CONTENT_LENGTH || result == HPE_INVALID_CONTENT_LENGTH ||
                        result == HPE_INVALID_TRANSFER_ENCODING;
    if (length || (result == HPE_PAUSED && has_odd_coding(fields()))) {
        if (const auto better = mended_head(head.text(), response.version)) {
            for (const Mend each : better->mends) note(mended, each);
            result = read_fields(better->text);
        }
    }
    constexpr std::string_view chunked = "chunked";
    const auto coding = fields().find("Transfer-Encoding");
    if (result != HPE_PAUSED || response.version.minor > 0 || !coding || fields().has("Content-Length")) return;
    if (coding->size() < chunked.size() || !same_name(coding->substr(coding->size() - chunked.size()), chunked)) return;
    response.version.minor = 1;
    note(mended, Mend::coding_in_1_0);
}

// Of a head whose lines are well-formed. llhttp gets the start line and what says where the message
// ends: it has nothing to say about other fields. Returns HPE_PAUSED at the head's end.
llhttp_errno_t Parser::State::read_fields(std::string_view text) {
    fields().clear();
    llhttp_t parser;
    llhttp_init(&parser, type, settings_of_llhttp());
    const auto read = [&](const char* begin, std::string_view line) {
        return llhttp_execute(&parser, begin, static_cast<std::size_t>(line.end() - begin) + 2);  // with its CRLF
    };
    std::string_view line = take_line(text);
    const char* begin = line.data();
    if (type == HTTP_REQUEST) {
        // llhttp knows a closed list of methods; in RFC 9110 §9.1 the list is open. Framing depends
        // on CONNECT only.
        const std::string_view known = request.method == "CONNECT" ? "CONNECT" : "POST";
        llhttp_execute(&parser, known.data(), known.size());
        begin += request.method.size();
    }
    llhttp_errno_t result = read(begin, line);
    while (result == HPE_OK && !text.empty()) {
        line = take_line(text);
        const std::string_view name = line.substr(0, line.find(':'));
        if (!line.empty()) fields().add(name, line.substr(std::min(name.size() + 1, line.size())));
        if (line.empty() || is_about_length(name)) result = read(line.data(), line);
    }
    return result;
}

Step Parser::State::fail(MessageError why) {
    note_fault(why);
    phase = Phase::failed;
    error = why;
    return {Event::failed, 0};
}

// `rest` begins with the byte that is not allowed there, unless that byte is the CR before it.
Step Parser::State::fail_at_byte(certs::Bytes rest) {
    const std::uint8_t byte = head.after_cr() || rest.empty() ? '\r' : rest.front();
    const Step failed = fail(bad_byte_error());
    fault.byte = byte;
    return failed;
}

// Nothing of a body is kept.
void Parser::State::note_fault(MessageError why) {
    fault = {};
    if (why == MessageError::head_too_large) {
        fault.in_trailers = phase == Phase::chunked;
        fault.limit = fault.in_trailers ? trailers_limit : head.limit();
        if (!fault.in_trailers) fault.largest = largest_fields(head.text());
    } else if (phase == Phase::head && why == MessageError::ambiguous_length) {
        fault.lengths = lengths_in(head.text());
    } else if (phase == Phase::head && !head.line().empty()) {
        fault = fault_in_line(head.text(), head.line(), static_cast<std::size_t>(head.folds()));
    } else if (phase == Phase::head && why == MessageError::bad_start_line) {
        const std::string_view text = head.text();
        fault = fault_in_line(text, text.substr(0, text.find('\r')), 0);
    }
}

MessageError Parser::State::bad_byte_error() const {
    if (!head.in_first_line()) return MessageError::bad_field;
    return is_begun(head.line(), type == HTTP_REQUEST) ? MessageError::bad_start_line : MessageError::not_http;
}

Parser::Parser(std::unique_ptr<State> state) : state_(std::move(state)) {}
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;
Parser::~Parser() = default;

Parser Parser::requests(Limits limits) { return Parser(std::make_unique<State>(HTTP_REQUEST, limits)); }
Parser Parser::responses(Limits limits) { return Parser(std::make_unique<State>(HTTP_RESPONSE, limits)); }

void Parser::expect_response_to(std::string_view method) { state_->method = method; }
Step Parser::step(certs::Bytes input) { return state_->step(input); }
Step Parser::finish() { return state_->finish(); }

const RequestHead& Parser::request() const { return state_->request; }
const ResponseHead& Parser::response() const { return state_->response; }
bool Parser::keeps_alive() const { return state_->framing.keeps_alive; }
bool Parser::body_until_close() const { return state_->framing.body == Framing::Body::until_close; }
bool Parser::has_body() const { return state_->framing.body != Framing::Body::none; }
bool Parser::switches_protocol() const { return state_->type == HTTP_RESPONSE && state_->response.status == 101; }

std::optional<std::uint64_t> Parser::content_length() const {
    switch (state_->framing.body) {
        case Framing::Body::none: return 0;
        case Framing::Body::length: return state_->framing.length;
        case Framing::Body::chunked:
        case Framing::Body::until_close: break;
    }
    return std::nullopt;
}

std::string_view Parser::trailers() const {
    return state_->framing.body == Framing::Body::chunked ? state_->chunks.trailers() : "";
}
const Mends& Parser::mended() const { return state_->mended; }
std::uint64_t Parser::body_bytes() const { return state_->body_bytes; }

bool Parser::between_messages() const {
    return state_->phase == State::Phase::done || (state_->phase == State::Phase::head && state_->head.text().empty());
}

const Fault& Parser::fault() const { return state_->fault; }
MessageError Parser::error() const { return state_->error.value_or(MessageError::truncated); }

std::string version_of_llhttp() {
    return fmt::format("{}.{}.{}", LLHTTP_VERSION_MAJOR, LLHTTP_VERSION_MINOR, LLHTTP_VERSION_PATCH);
}

}  // namespace inspect::http
