#include "certs/sct.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace certs {

namespace {

// Reads big-endian numbers, and vectors with a length before them (RFC 8446 §3), from front to
// back. After an error everything reads as empty.
class TlsReader {
public:
    TlsReader(Bytes input, Bytes document) : rest_(input), document_(document) {}

    bool at_end() const { return rest_.empty() || error_.has_value(); }
    const std::optional<ParseError>& error() const { return error_; }
    void fail(std::string_view reason) {
        if (!error_)
            error_ = ParseError{"signedCertificateTimestampList",
                                static_cast<std::size_t>(rest_.data() - document_.data()), reason};
    }

    Bytes bytes(std::size_t size) {
        if (error_ || rest_.size() < size) {
            fail("a list that does not end here");
            return {};
        }
        const Bytes taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }
    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        for (const std::uint8_t byte : bytes(size)) value = value << 8 | byte;
        return value;
    }
    Bytes vector16() { return bytes(number(2)); }

private:
    Bytes rest_, document_;
    std::optional<ParseError> error_;
};

Sct read_sct(TlsReader& reader) {
    constexpr std::uint8_t v1 = 0;
    Sct sct;
    sct.version = static_cast<std::uint8_t>(reader.number(1));
    // RFC 6962 §3.3: a client skips versions that it does not know.
    if (sct.version != v1) return sct;
    sct.log_id = reader.bytes(32);
    sct.milliseconds = reader.number(8);
    sct.extensions = reader.vector16();
    reader.number(2);  // the hash and the signature algorithm
    sct.signature = reader.vector16();
    if (!reader.at_end()) reader.fail("nothing more");
    return sct;
}

}  // namespace

std::expected<std::vector<Sct>, ParseError> read_sct_list(Bytes list) {
    TlsReader outer(list, list);
    TlsReader entries(outer.vector16(), list);
    if (!outer.at_end()) outer.fail("nothing more");
    if (outer.error()) return std::unexpected(*outer.error());
    if (entries.at_end()) entries.fail("at least one timestamp");
    std::vector<Sct> scts;
    while (!entries.at_end()) {
        TlsReader entry(entries.vector16(), list);
        if (entries.error()) break;
        scts.push_back(read_sct(entry));
        if (entry.error()) return std::unexpected(*entry.error());
    }
    if (entries.error()) return std::unexpected(*entries.error());
    return scts;
}

}  // namespace certs
