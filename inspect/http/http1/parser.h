// HTTP/1.1 message framing (RFC 9112), sans I/O: bytes in, events out. The bytes themselves pass
// unchanged. This code finds only where heads and bodies begin and end, and refuses what is
// ambiguous. The home of llhttp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "inspect/http/http1/fault.h"
#include "inspect/http/http1/mend.h"
#include "inspect/http/message.h"

namespace inspect::http {

struct Limits {
    std::size_t head = 65'536;      // bytes of one head, start line included (curl's limit is 300 kB, nginx's 32 kB)
    std::size_t trailers = 65'536;  // bytes of one trailer section
};

enum class MessageError {
    not_http,        // the first bytes are not an HTTP message
    head_too_large,  // the head, or the trailer section
    bad_start_line,
    bad_field,  // a name or value with forbidden bytes, white space before the colon, obs-fold, bare CR or LF
    bad_host,   // no Host in an HTTP/1.1 request, two of them, or one that names no host
    // Both lengths in a request, two lengths, a length that is not a number, chunked not last, an
    // unknown transfer coding, one in HTTP/1.0, a CONNECT with a body, a length among the trailers.
    ambiguous_length,
    bad_chunk,
    unsupported_version,  // neither HTTP/1.0 nor HTTP/1.1; HTTP/2's preface too
    truncated,            // the connection ended inside the message
};
std::string_view name(MessageError error);  // "ambiguous_length", for the log

enum class Event {
    more,  // all input used, nothing complete: call again with more bytes
    // request() or response() is valid; `used` ends right after its blank line. Call again even
    // without more input: a message without a body ends at once.
    head,
    // `used` bytes belong to the body as it is on the wire (chunk framing and trailers included).
    // Pass them on, then call again.
    body,
    end,     // the message is complete; `used` bytes (perhaps 0) are its last on the wire: pass them on too
    failed,  // error() says why, `used` is 0; the parser can no longer be used
};
struct Step {
    Event event = Event::more;
    std::size_t used = 0;  // bytes of the input consumed by this step
    // How many of the last of those are of a trailer section: they are not passed on unchanged, see
    // Parser::trailers().
    std::size_t held = 0;
    bool operator==(const Step&) const = default;
};

// One direction of one connection, message after message. Move-only. However the input is cut into
// steps, the events, the heads and the bytes passed on are the same. After a CONNECT's head, after
// a 2xx response to one, and after switches_protocol(), the bytes after `end` are not HTTP: the
// caller stops stepping and takes them.
class Parser {
public:
    static Parser requests(Limits limits = {});
    static Parser responses(Limits limits = {});
    Parser(Parser&&) noexcept;
    Parser& operator=(Parser&&) noexcept;
    ~Parser();

    // Responses only, before each response: the request's method decides its framing (HEAD and
    // CONNECT, RFC 9112 §6.3).
    void expect_response_to(std::string_view method);

    // Uses input from its front up to the next event. After `end` the next message begins. A 1xx
    // response is a message of its own: head, then end. An input that cannot begin a message fails
    // with not_http.
    Step step(certs::Bytes input);
    // The connection ended: `end` for a body delimited by close, `more` between messages, `failed`
    // (truncated) inside one.
    Step finish();

    const RequestHead& request() const;
    const ResponseHead& response() const;
    bool keeps_alive() const;        // of the current message, valid from `head` on (RFC 9112 §9.3)
    bool body_until_close() const;   // the body ends with the connection
    bool has_body() const;           // a body may follow the head: a length above 0, chunked, or until close
    bool switches_protocol() const;  // a 101 response: what follows its head is another protocol (RFC 9110 §15.2.2)
    // The length that the head declares, when it decides the framing; nullopt for chunked and until
    // close. 0 without a body.
    std::optional<std::uint64_t> content_length() const;
    // After `end`, for a body whose trailer section came in pieces or contains forbidden fields:
    // what is passed on after the body in place of everything that was held, including the blank
    // line. "" for any other body.
    std::string_view trailers() const;
    const Mends& mended() const;       // of the current message, a response, so far
    std::uint64_t body_bytes() const;  // of the current message's body so far, chunk framing not counted
    bool between_messages() const;     // no byte of a next message has come: the connection may be closed or reused
    MessageError error() const;        // only after `failed`
    const Fault& fault() const;        // where it failed, as far as known

private:
    struct State;
    explicit Parser(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Of llhttp, as it was compiled in: "8.1.0".
std::string version_of_llhttp();

}  // namespace inspect::http
