#include "inspect/http/http1/chunked.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace inspect::http {

namespace {

// As many as 64 bits hold: a longer number could mean different things to different readers.
constexpr std::size_t most_size_digits = 16;
// The size and its extensions, which no one uses; hyper allows 16 kB as well.
constexpr std::size_t longest_size_line = 16'384;
constexpr std::string_view crlf = "\r\n";

int hex_digit(std::uint8_t byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

// RFC 9110 §6.5.1: fields that frame or route a message may not come after its body.
bool frames_or_routes(std::string_view name) {
    static constexpr std::array<std::string_view, 3> names{"Content-Length", "Transfer-Encoding", "Host"};
    return is_among(name, names);
}

// RFC 9110 §7.6.1: a field about the connection ends with it, wherever the field lies. No one else
// may send what we say of ourselves (RFC 9209 §2).
bool ends_here(std::string_view line) {
    static constexpr std::array<std::string_view, 8> names{
        "Connection", "Keep-Alive",          "Proxy-Connection",   "TE",
        "Upgrade",    "Proxy-Authorization", "Proxy-Authenticate", "Trailer"};
    const std::string_view name = line.substr(0, line.find(':'));
    return is_among(name, names) || (same_name(name, "Proxy-Status") && line.contains("whytls"));
}

}  // namespace

void ChunkedBody::restart() {
    phase_ = Phase::size;
    size_ = digits_ = line_length_ = 0;
    data_bytes_ = 0;
    section_.clear();
    trailers_.clear();
    held_ = 0;
    left_out_ = false;
}

std::expected<bool, MessageError> ChunkedBody::take(certs::Bytes input, std::size_t& used, certs::ByteVector* data) {
    std::size_t taken = 0;
    held_ = 0;
    while (taken < input.size() && phase_ != Phase::trailers) {
        if (phase_ == Phase::data) {
            const certs::Bytes piece =
                input.subspan(taken, static_cast<std::size_t>(std::min<std::uint64_t>(size_, input.size() - taken)));
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
        case Phase::blank:
            if (byte == ' ' || byte == '\t') return ++line_length_ <= longest_size_line;
            return take_behind_size(byte);
        case Phase::extension:
            if (byte == '\r') phase_ = Phase::size_lf;
            return byte == '\r' ||
                   (++line_length_ <= longest_size_line && (byte >= 0x20 ? byte != 0x7f : byte == '\t'));
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
    if (!request_ && (byte == ' ' || byte == '\t')) {
        phase_ = Phase::blank;
        return true;
    }
    return take_behind_size(byte);
}

bool ChunkedBody::take_behind_size(std::uint8_t byte) {
    phase_ = byte == '\r' ? Phase::size_lf : Phase::extension;
    return byte == '\r' || byte == ';';
}

certs::ByteVector without_chunks(certs::Bytes body) {
    certs::ByteVector data;
    while (!body.empty()) {
        std::uint64_t size = 0;
        std::size_t at = 0;
        for (; at < body.size() && hex_digit(body[at]) >= 0; ++at)
            size = size << 4 | static_cast<std::uint64_t>(hex_digit(body[at]));
        at = static_cast<std::size_t>(std::ranges::find(body, '\n') - body.begin()) + 1;
        if (size == 0 || at >= body.size() || size > body.size() - at) break;
        const certs::Bytes chunk = body.subspan(at, static_cast<std::size_t>(size));
        data.insert(data.end(), chunk.begin(), chunk.end());
        body = body.subspan(at + chunk.size());
        body = body.subspan(std::min<std::size_t>(body.size(), 2));
    }
    return data;
}

Fields ChunkedBody::trailer_fields() const {
    Fields fields;
    for (std::string_view rest = trailers_; !rest.starts_with(crlf) && !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find(crlf));
        const std::size_t colon = line.find(':');
        fields.add(line.substr(0, colon), line.substr(colon + 1));
        rest.remove_prefix(line.size() + crlf.size());
    }
    return fields;
}

std::string chunk_of(certs::Bytes data) { return fmt::format("{:x}\r\n{}\r\n", data.size(), certs::as_text(data)); }

std::string last_chunk(const Fields& trailers) { return "0\r\n" + to_wire(trailers); }

std::expected<bool, MessageError> ChunkedBody::take_trailers(certs::Bytes input, std::size_t& used) {
    const bool begins = section_.text().empty();
    const std::size_t before = used;
    const auto complete = take_trailer_lines(input, used);
    const bool as_it_is = begins && complete && *complete && !left_out_;
    if (!as_it_is) held_ = used - before;
    return complete;
}

std::expected<bool, MessageError> ChunkedBody::take_trailer_lines(certs::Bytes input, std::size_t& used) {
    while (true) {
        std::size_t taken = 0;
        const Section::State state = section_.take(input, taken);
        input = input.subspan(taken);
        used += taken;
        switch (state) {
            case Section::State::more: return false;
            case Section::State::blank: trailers_.append(crlf); return true;
            case Section::State::bad_byte: return std::unexpected(MessageError::bad_field);
            case Section::State::too_large: return std::unexpected(MessageError::head_too_large);
            case Section::State::line: break;
        }
        const std::string_view line = section_.line();
        const bool is_field = is_field_line(line);
        const bool framing = is_field && frames_or_routes(line.substr(0, line.find(':')));
        if (!is_field || (framing && request_)) {
            --used;  // the line feed completed the line, so it is the faulty byte
            return std::unexpected(is_field ? MessageError::ambiguous_length : MessageError::bad_field);
        }
        if (framing || ends_here(line))
            left_out_ = true;
        else
            trailers_.append(line).append(crlf);
    }
}

}  // namespace inspect::http
