// The chunked transfer coding (RFC 9112 §7.1), as a judge of bytes that pass unchanged: it finds
// where the body ends, and refuses what does not match the grammar exactly. Written here because
// llhttp 8.1, as Debian builds it, skips the two bytes after a chunk's data without looking at
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "inspect/http/http1/parser.h"
#include "inspect/http/http1/section.h"
#include "inspect/http/message.h"

namespace inspect::http {

class ChunkedBody {
public:
    // In a request, a trailer that frames or routes the message is an error, like every such doubt;
    // in a response it is left out. White space after a chunk's size is an error in a request; in a
    // response it passes, because no reader takes another size from it.
    explicit ChunkedBody(std::size_t trailers_limit, bool request = false)
        : request_(request), section_(trailers_limit) {}
    // Another body begins.
    void restart();

    // Uses input from its front up to the end of the body. `used` grows by the bytes taken; a
    // faulty byte is not taken. true: the body is complete, including its trailers and the blank
    // line. `data`, when given, gets the contents of the chunks.
    std::expected<bool, MessageError> take(certs::Bytes input, std::size_t& used, certs::ByteVector* data = nullptr);

    // How many of the last bytes taken do not pass unchanged: they belong to a trailer section of
    // which some is left out (RFC 9110 §6.5.1), or that was not taken in one piece, so that this
    // was not known yet. trailers() passes in place of all of them, once the body is complete; it
    // is "" when there were none.
    std::size_t held() const { return held_; }
    std::string_view trailers() const { return held_ > 0 ? std::string_view(trailers_) : ""; }
    // Once the body is complete: all of its trailers that pass.
    Fields trailer_fields() const;
    bool left_out() const { return left_out_; }  // whether a trailer was left out

    std::uint64_t data_bytes() const { return data_bytes_; }  // without the framing

private:
    enum class Phase { size, blank, extension, size_lf, data, data_cr, data_lf, trailers };

    bool take_framing(std::uint8_t byte);  // false: the byte is not allowed there
    bool take_size(std::uint8_t byte);
    bool take_behind_size(std::uint8_t byte);
    std::expected<bool, MessageError> take_trailers(certs::Bytes input, std::size_t& used);
    std::expected<bool, MessageError> take_trailer_lines(certs::Bytes input, std::size_t& used);

    Phase phase_ = Phase::size;
    std::uint64_t size_ = 0;  // of the current chunk; in `data` what is left of it
    std::size_t digits_ = 0;
    std::size_t line_length_ = 0;
    std::uint64_t data_bytes_ = 0;
    bool request_;
    Section section_;  // of the trailers, as they came
    std::string trailers_;
    std::size_t held_ = 0;
    bool left_out_ = false;
};

// Data as one chunk; and what ends a body of such chunks (RFC 9112 §7.1, §7.1.2).
std::string chunk_of(certs::Bytes data);
std::string last_chunk(const Fields& trailers);

// The data of a body that the judge found complete: without the framing, extensions and trailers.
certs::ByteVector without_chunks(certs::Bytes body);

}  // namespace inspect::http
