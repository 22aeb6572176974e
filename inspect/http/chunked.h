// The chunked transfer coding (RFC 9112 §7.1) as a judge of bytes that pass as they are: it says where the body ends and
// refuses what is not exactly the grammar. Written here because llhttp 8.1, as Debian builds it, skips the two bytes behind
// a chunk's data unseen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "certs/bytes.h"
#include "inspect/http/http1.h"
#include "inspect/http/section.h"

namespace inspect::http {

class ChunkedBody {
public:
    explicit ChunkedBody(std::size_t trailers_limit) : trailers_(trailers_limit) {}
    // Another body begins.
    void restart();

    // Uses input from its front up to the end of the body; `used` grows by what it took, a faulty byte is not taken.
    // true: the body is complete, trailers and the blank line included. `data`, when given, gets what the chunks hold.
    std::expected<bool, MessageError> take(certs::Bytes input, std::size_t& used, certs::ByteVector* data = nullptr);

    std::uint64_t data_bytes() const { return data_bytes_; }  // without the framing

private:
    enum class Phase { size, extension, size_lf, data, data_cr, data_lf, trailers };

    bool take_framing(std::uint8_t byte);  // false: the byte may not stand there
    bool take_size(std::uint8_t byte);
    std::expected<bool, MessageError> take_trailers(certs::Bytes input, std::size_t& used);

    Phase phase_ = Phase::size;
    std::uint64_t size_ = 0;  // of the current chunk; in `data` what is left of it
    std::size_t digits_ = 0;
    std::size_t line_length_ = 0;
    std::uint64_t data_bytes_ = 0;
    Section trailers_;
};

// The data of a body that the judge has found complete: without the framing, extensions and trailers.
certs::ByteVector without_chunks(certs::Bytes body);

}  // namespace inspect::http
