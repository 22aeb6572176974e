// The chunked transfer coding (RFC 9112 §7.1) as a judge of bytes that pass as they are: it says where the body ends and
// refuses what is not exactly the grammar. Written here because llhttp 8.1, as Debian builds it, skips the two bytes behind
// a chunk's data unseen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "inspect/http/http1/parser.h"
#include "inspect/http/http1/section.h"

namespace inspect::http {

class ChunkedBody {
public:
    // Of a request, a trailer that frames or routes the message is an error, as every such doubt is; of a response it is left out. White
    // space after a chunk's size is an error in a request; in a response it passes, for no reader takes another size from it.
    explicit ChunkedBody(std::size_t trailers_limit, bool request = false) : request_(request), section_(trailers_limit) {}
    // Another body begins.
    void restart();

    // Uses input from its front up to the end of the body; `used` grows by what it took, a faulty byte is not taken.
    // true: the body is complete, trailers and the blank line included. `data`, when given, gets what the chunks hold.
    std::expected<bool, MessageError> take(certs::Bytes input, std::size_t& used, certs::ByteVector* data = nullptr);

    // Of the bytes last taken the last that do not pass as they are: they belong to a trailer section of which some is left out (RFC 9110
    // §6.5.1), or that was not taken in one piece, so that it was not known yet. trailers() passes in the place of all of them, once the body
    // is complete; "" when there were none.
    std::size_t held() const { return held_; }
    std::string_view trailers() const { return trailers_; }
    bool left_out() const { return left_out_; }  // a trailer

    std::uint64_t data_bytes() const { return data_bytes_; }  // without the framing

private:
    enum class Phase { size, blank, extension, size_lf, data, data_cr, data_lf, trailers };

    bool take_framing(std::uint8_t byte);  // false: the byte may not stand there
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

// The data of a body that the judge has found complete: without the framing, extensions and trailers.
certs::ByteVector without_chunks(certs::Bytes body);

}  // namespace inspect::http
