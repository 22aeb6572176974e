#include "inspect/http/chunked.h"

#include <algorithm>

#include "inspect/http/message.h"

namespace inspect::http {

namespace {

// As many as 64 bits hold: a longer number could mean different things to different readers.
constexpr std::size_t most_size_digits = 16;
// The size and its extensions, which nobody uses; hyper allows 16 kB as well.
constexpr std::size_t longest_size_line = 16'384;

int hex_digit(std::uint8_t byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

// RFC 9110 §6.5.1: fields that frame or route a message may not come behind it.
bool belongs_in_head(std::string_view name) {
    return same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding") || same_name(name, "Host");
}

}  // namespace

void ChunkedBody::restart() {
    phase_ = Phase::size;
    size_ = digits_ = line_length_ = 0;
    data_bytes_ = 0;
    trailers_.clear();
}

std::expected<bool, MessageError> ChunkedBody::take(certs::Bytes input, std::size_t& used, certs::ByteVector* data) {
    std::size_t taken = 0;
    while (taken < input.size() && phase_ != Phase::trailers) {
        if (phase_ == Phase::data) {
            const certs::Bytes piece = input.subspan(taken, static_cast<std::size_t>(std::min<std::uint64_t>(size_, input.size() - taken)));
            if (data) data->insert(data->end(), piece.begin(), piece.end());
            taken += piece.size();
            size_ -= piece.size();
            data_bytes_ += piece.size();
            if (size_ == 0) phase_ = Phase::data_cr;
        } else if (take_framing(input[taken])) {
            ++taken;
        } else {
            used += taken;
            return std::unexpected(MessageError::bad_chunk);
        }
    }
    used += taken;
    if (phase_ != Phase::trailers) return false;
    return take_trailers(input.subspan(taken), used);
}

bool ChunkedBody::take_framing(std::uint8_t byte) {
    switch (phase_) {
        case Phase::size: return take_size(byte);
        case Phase::extension:
            if (byte == '\r') phase_ = Phase::size_lf;
            return byte == '\r' || (++line_length_ <= longest_size_line && (byte >= 0x20 ? byte != 0x7f : byte == '\t'));
        case Phase::size_lf: phase_ = size_ == 0 ? Phase::trailers : Phase::data; return byte == '\n';
        case Phase::data_cr: phase_ = Phase::data_lf; return byte == '\r';
        case Phase::data_lf:
            phase_ = Phase::size;
            digits_ = line_length_ = 0;
            return byte == '\n';
        case Phase::data:
        case Phase::trailers: break;
    }
    return false;
}

bool ChunkedBody::take_size(std::uint8_t byte) {
    if (const int digit = hex_digit(byte); digit >= 0) {
        size_ = size_ << 4 | static_cast<std::uint64_t>(digit);
        return ++digits_ <= most_size_digits;
    }
    if (digits_ == 0) return false;
    phase_ = byte == '\r' ? Phase::size_lf : Phase::extension;
    return byte == '\r' || byte == ';';
}

certs::ByteVector without_chunks(certs::Bytes body) {
    certs::ByteVector data;
    while (!body.empty()) {
        std::uint64_t size = 0;
        std::size_t at = 0;
        for (; at < body.size() && hex_digit(body[at]) >= 0; ++at) size = size << 4 | static_cast<std::uint64_t>(hex_digit(body[at]));
        at = static_cast<std::size_t>(std::ranges::find(body, '\n') - body.begin()) + 1;
        if (size == 0 || at >= body.size() || size > body.size() - at) break;
        const certs::Bytes chunk = body.subspan(at, static_cast<std::size_t>(size));
        data.insert(data.end(), chunk.begin(), chunk.end());
        body = body.subspan(at + chunk.size());
        body = body.subspan(std::min<std::size_t>(body.size(), 2));
    }
    return data;
}

std::expected<bool, MessageError> ChunkedBody::take_trailers(certs::Bytes input, std::size_t& used) {
    while (true) {
        std::size_t taken = 0;
        const Section::State state = trailers_.take(input, taken);
        input = input.subspan(taken);
        used += taken;
        switch (state) {
            case Section::State::more: return false;
            case Section::State::blank: return true;
            case Section::State::bad_byte: return std::unexpected(MessageError::bad_field);
            case Section::State::too_large: return std::unexpected(MessageError::head_too_large);
            case Section::State::line: break;
        }
        const std::string_view line = trailers_.line();
        const bool is_field = is_field_line(line);
        if (!is_field || belongs_in_head(line.substr(0, line.find(':')))) {
            --used;  // the line feed told, so that one is the faulty byte
            return std::unexpected(is_field ? MessageError::ambiguous_length : MessageError::bad_field);
        }
    }
}

}  // namespace inspect::http
