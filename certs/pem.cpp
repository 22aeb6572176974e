#include "certs/pem.h"

#include <algorithm>
#include <cstdint>

namespace certs {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view begin_mark = "-----BEGIN ", end_mark = "-----END ", dashes = "-----";

int digit(char character) {
    if (character >= 'A' && character <= 'Z') return character - 'A';
    if (character >= 'a' && character <= 'z') return character - 'a' + 26;
    if (character >= '0' && character <= '9') return character - '0' + 52;
    return character == '+' ? 62 : character == '/' ? 63 : -1;
}

constexpr std::string_view white_space = " \t\n\v\f\r";

// The label of a line like "-----BEGIN CERTIFICATE-----"; empty for any other line.
std::string_view label_of(std::string_view line, std::string_view mark) {
    if (!line.starts_with(mark) || !line.ends_with(dashes) || line.size() < mark.size() + dashes.size()) return {};
    return line.substr(mark.size(), line.size() - mark.size() - dashes.size());
}

// After which byte to split a line that lost a line end: an END line before a BEGIN line, a BEGIN
// line before the END line of its own block, and inside a block base64 before its END line. 0 when
// nothing is glued together there.
std::size_t glued_at(std::string_view line, bool inside) {
    const std::string_view text = trimmed(line, white_space);
    const bool begins = text.starts_with(begin_mark), ends = text.starts_with(end_mark);
    if (begins || ends) {
        const std::size_t start = line.find(dashes),
                          close = line.find(dashes, start + (begins ? begin_mark : end_mark).size());
        if (close == std::string_view::npos) return 0;
        const std::string_view behind = trimmed(line.substr(close + dashes.size()), white_space);
        const bool glued = ends ? behind.starts_with(begin_mark) : behind.contains(end_mark);
        return glued ? close + dashes.size() : 0;
    }
    const std::size_t end = inside ? line.find(end_mark) : std::string_view::npos;
    return end == std::string_view::npos ? 0 : end;
}

// Appends one line's base64 to `out`, carrying bits and padding from line to line.
class Decoder {
public:
    bool feed(std::string_view text, ByteVector& out) {
        for (const char character : text) {
            if (white_space.contains(character)) continue;
            if (character == '=') {
                ++padding_;
                ++count_;
                continue;
            }
            const int value = digit(character);
            if (value < 0 || padding_ > 0) return false;
            bits_ = bits_ << 6 | static_cast<std::uint32_t>(value);
            if (++count_ % 4 != 1)
                out.push_back(static_cast<std::uint8_t>(bits_ >> (count_ % 4 == 2 ? 4 : count_ % 4 == 3 ? 2 : 0)));
        }
        return true;
    }
    // Whether whole groups of four were fed and the bits that padding leaves over are zero.
    bool finish() const {
        const std::uint32_t left_over = padding_ == 1 ? bits_ & 3 : padding_ == 2 ? bits_ & 15 : 0;
        return count_ % 4 == 0 && padding_ <= 2 && left_over == 0;
    }

private:
    std::uint32_t bits_ = 0;
    std::size_t count_ = 0, padding_ = 0;
};

}  // namespace

bool decode_base64(std::string_view text, ByteVector& out) {
    Decoder decoder;
    return decoder.feed(text, out) && decoder.finish();
}

bool PemReader::next_line(std::string_view& line, bool inside) {
    if (rest_.empty()) return false;
    if (!goes_on_) ++number_;
    const std::size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    if (const std::size_t glued = glued_at(rest_.substr(0, end), inside); glued > 0) {
        line = trimmed(rest_.substr(0, glued), white_space);
        rest_.remove_prefix(glued);
        goes_on_ = true;
        return true;
    }
    goes_on_ = false;
    line = trimmed(rest_.substr(0, end), white_space);
    const bool both = rest_.substr(end).starts_with("\r\n");
    rest_.remove_prefix(std::min(rest_.size(), end + (both ? 2 : 1)));
    return true;
}

std::optional<std::expected<PemBlock, PemError>> PemReader::next() {
    std::string_view line;
    while (next_line(line, false)) {
        if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);  // an editor's byte order mark
        if (const std::string_view label = label_of(line, begin_mark); !label.empty()) return block(label);
    }
    return std::nullopt;
}

// What follows the BEGIN line that was read last.
std::expected<PemBlock, PemError> PemReader::block(std::string_view label) {
    PemBlock block{std::string(label), {}, number_};
    Decoder decoder;
    for (std::string_view line;;) {
        const PemReader here = *this;
        if (!next_line(line, true))
            return std::unexpected(PemError{block.line, "the block that begins here does not end"});
        if (line.starts_with(end_mark)) {
            if (label_of(line, end_mark) != block.label)
                return std::unexpected(PemError{number_, "the END line's label is not the BEGIN line's"});
            break;
        }
        if (line.starts_with(begin_mark)) {
            const PemError error{number_, "a block begins inside another one"};
            *this = here;  // the inner block may be a good one
            return std::unexpected(error);
        }
        if (!line.contains(':') && !decoder.feed(line, block.content))
            return std::unexpected(PemError{number_, "this is not base64"});
    }
    if (!decoder.finish()) return std::unexpected(PemError{number_, "the base64 that ends here is cut off"});
    return block;
}

std::expected<std::vector<PemBlock>, PemError> read_pem(std::string_view text) {
    std::vector<PemBlock> blocks;
    PemReader reader(text);
    while (auto block = reader.next()) {
        if (!*block) return std::unexpected(block->error());
        blocks.push_back(**std::move(block));
    }
    return blocks;
}

bool is_certificate(const PemBlock& block) { return block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE"; }

std::string encode_base64(Bytes content) {
    std::string text;
    for (std::size_t i = 0; i < content.size(); i += 3) {
        const std::size_t have = std::min<std::size_t>(3, content.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < have ? content[i + j] : 0U);
        for (std::size_t j = 0; j < 4; ++j) text += j <= have ? alphabet[bits >> (18 - 6 * j) & 63] : '=';
    }
    return text;
}

std::string write_pem(std::string_view label, Bytes content) {
    std::string text;
    text.append(begin_mark).append(label).append(dashes).append("\n");
    constexpr std::size_t line_bytes = 48;
    for (std::size_t start = 0; start < content.size(); start += line_bytes)
        text += encode_base64(content.subspan(start, std::min(line_bytes, content.size() - start))) + '\n';
    text.append(end_mark).append(label).append(dashes).append("\n");
    return text;
}

}  // namespace certs
