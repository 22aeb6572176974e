#include "inspect/content/coding.h"

#include <brotli/decode.h>
#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "inspect/http/message.h"

namespace inspect::content {

namespace {

// Where a decoder reads and writes; it moves both on.
struct Run {
    certs::Bytes in;
    std::span<std::uint8_t> out;
};

enum class Step {
    went_on,    // it wants more input or more room
    ended,      // the stream is complete; `in` is what follows it
    malformed,  // … at the beginning of `in`
};

class Zlib {
public:
    // As zlib has it: negative for raw deflate, +16 for gzip.
    explicit Zlib(int window_bits) : ready_(::inflateInit2(&stream_, window_bits) == Z_OK) {}
    Zlib(const Zlib&) = delete;
    Zlib& operator=(const Zlib&) = delete;
    ~Zlib() {
        if (ready_) ::inflateEnd(&stream_);
    }

    Step step(Run& run) {
        if (!ready_) return Step::malformed;
        stream_.next_in = const_cast<Bytef*>(run.in.data());
        stream_.avail_in = static_cast<uInt>(run.in.size());
        stream_.next_out = run.out.data();
        stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(run.out.size(), 1 << 30));
        const int result = ::inflate(&stream_, Z_NO_FLUSH);
        run.in = run.in.subspan(static_cast<std::size_t>(stream_.next_in - run.in.data()));
        run.out = run.out.subspan(static_cast<std::size_t>(stream_.next_out - run.out.data()));
        return result == Z_STREAM_END                    ? Step::ended
               : result == Z_OK || result == Z_BUF_ERROR ? Step::went_on
                                                         : Step::malformed;
    }
    bool begin_anew() { return ready_ && ::inflateReset(&stream_) == Z_OK; }

private:
    z_stream stream_{};
    bool ready_;
};

class Brotli {
public:
    Brotli() : state_(::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}

    Step step(Run& run) {
        if (!state_) return Step::malformed;
        const std::uint8_t* in = run.in.data();
        std::size_t left = run.in.size(), room = run.out.size();
        std::uint8_t* out = run.out.data();
        const auto result = ::BrotliDecoderDecompressStream(state_.get(), &left, &in, &room, &out, nullptr);
        run.in = run.in.last(left);
        run.out = run.out.last(room);
        return result == BROTLI_DECODER_RESULT_SUCCESS ? Step::ended
               : result == BROTLI_DECODER_RESULT_ERROR ? Step::malformed
                                                       : Step::went_on;
    }

private:
    struct Destroy {
        void operator()(BrotliDecoderState* state) const { ::BrotliDecoderDestroyInstance(state); }
    };
    std::unique_ptr<BrotliDecoderState, Destroy> state_;
};

class Zstd {
public:
    Zstd() : stream_(::ZSTD_createDStream()) {
        constexpr int window_log = 23;  // RFC 9659 §3
        if (stream_) ::ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, window_log);
    }

    Step step(Run& run) {
        if (!stream_) return Step::malformed;
        ZSTD_inBuffer in = {run.in.data(), run.in.size(), 0};
        ZSTD_outBuffer out = {run.out.data(), run.out.size(), 0};
        const std::size_t result = ::ZSTD_decompressStream(stream_.get(), &out, &in);
        run.in = run.in.subspan(in.pos);
        run.out = run.out.subspan(out.pos);
        return ::ZSTD_isError(result) != 0U ? Step::malformed : result == 0 ? Step::ended : Step::went_on;
    }

private:
    struct Free {
        void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
    };
    std::unique_ptr<ZSTD_DStream, Free> stream_;
};

// Decodes one coding. `another(in)`, after the end of a stream that more bytes follow, says whether
// they begin another one, and makes the decoder ready for it.
template <class Decoder, class Another>
Decoded run(Decoder& decoder, certs::Bytes body, std::size_t most, Another another) {
    // Of a slice that is malformed a decoder may give nothing: the smaller, the more is shown.
    constexpr std::size_t slice = 512, least_room = 16 << 10;
    Decoded decoded;
    certs::Bytes rest = body;
    const auto ended = [&](End end) {
        decoded.end = end;
        decoded.offset = end == End::malformed ? body.size() - rest.size() : 0;
        return std::move(decoded);
    };
    for (;;) {
        const std::size_t size = decoded.text.size(), room = std::min(most - size, std::max(least_room, size));
        const certs::Bytes in = rest.first(std::min(rest.size(), slice));
        // At the bound, one byte more shows whether there are any.
        std::uint8_t beyond = 0;
        Run run = {.in = in, .out = std::span(&beyond, 1)};
        Step step = Step::went_on;
        decoded.text.resize_and_overwrite(size + room, [&](char* data, std::size_t) {
            if (room > 0) run.out = {reinterpret_cast<std::uint8_t*>(data) + size, room};
            step = decoder.step(run);
            return room > 0 ? size + room - run.out.size() : size;
        });
        rest = rest.subspan(in.size() - run.in.size());
        if (room == 0 && run.out.empty()) return ended(End::bounded);
        if (step == Step::malformed) return ended(End::malformed);
        if (step == Step::ended) {
            if (rest.empty()) return ended(End::complete);
            if (!another(rest)) return ended(End::malformed);
        } else if (!run.out.empty()) {
            // There is room, so it wants more input.
            if (rest.empty()) return ended(End::cut);
            if (run.in.size() == in.size()) return ended(End::malformed);
        }
    }
}

Decoded gzip(certs::Bytes body, std::size_t most) {
    Zlib decoder(16 + MAX_WBITS);
    // RFC 1952 §2.2: members follow one another.
    return run(decoder, body, most, [&](certs::Bytes in) { return in[0] == 0x1f && decoder.begin_anew(); });
}

constexpr auto no_other = [](certs::Bytes) { return false; };

// "deflate" is the zlib format, but some servers send raw deflate under that name (RFC 9110
// §8.4.1.2).
Decoded deflate(certs::Bytes body, std::size_t most) {
    // RFC 1950 §2.2: the method, and the check of the first two bytes.
    const bool zlib = (body[0] & 0x0f) == 8 && (body.size() < 2 || (body[0] * 256 + body[1]) % 31 == 0);
    if (zlib) {
        Zlib decoder(MAX_WBITS);
        Decoded decoded = run(decoder, body, most, no_other);
        if (decoded.end != End::malformed || !decoded.text.empty()) return decoded;
    }
    Zlib decoder(-MAX_WBITS);
    return run(decoder, body, most, no_other);
}

Decoded brotli(certs::Bytes body, std::size_t most) {
    Brotli decoder;
    return run(decoder, body, most, no_other);
}

// RFC 8878 §3.1.1, §3.1.2. Packaged libraries also decode what came before the RFC.
bool begins_frame(certs::Bytes in) {
    static constexpr std::array<std::uint8_t, 4> magic = {0x28, 0xb5, 0x2f, 0xfd}, skippable = {0x50, 0x2a, 0x4d, 0x18};
    const auto begins = [&](const std::array<std::uint8_t, 4>& with, std::uint8_t mask) {
        return (in[0] & mask) == with[0] &&
               std::ranges::equal(in.subspan(1, std::min<std::size_t>(3, in.size() - 1)),
                                  std::span(with).subspan(1, std::min<std::size_t>(3, in.size() - 1)));
    };
    return begins(magic, 0xff) || begins(skippable, 0xf0);
}

Decoded zstd(certs::Bytes body, std::size_t most) {
    if (!begins_frame(body)) return {.end = End::malformed};
    Zstd decoder;
    // RFC 8878 §3: frames follow one another.
    return run(decoder, body, most, begins_frame);
}

struct Coding {
    std::string_view name;
    Decoded (*decode)(certs::Bytes body, std::size_t most);
};
constexpr std::array<Coding, 5> known = {
    {{"gzip", gzip}, {"x-gzip", gzip}, {"deflate", deflate}, {"br", brotli}, {"zstd", zstd}}};

Decoded plain(certs::Bytes body, std::size_t most) {
    return {.text = std::string(certs::as_text(body.first(std::min(body.size(), most)))),
            .end = body.size() > most ? End::bounded : End::complete};
}

// What was cut off before a coding is the reason why that one has no end.
void keep_reason(Decoded& decoded, const Decoded& before) {
    if (before.end == End::complete || (decoded.end != End::complete && decoded.end != End::cut)) return;
    decoded.end = before.end;
    decoded.coding = before.coding;
    decoded.offset = before.offset;
}

}  // namespace

Decoded decode(std::string_view codings, certs::Bytes body, std::size_t most) {
    std::vector<std::string_view> names;
    while (!codings.empty()) {
        const std::string_view name = http::take_member(codings);
        if (name.empty() || http::same_name(name, "identity")) continue;
        if (names.size() == most_codings) {
            Decoded decoded = plain(body, most);
            decoded.end = End::unknown;
            decoded.coding = std::string(name);
            return decoded;
        }
        names.push_back(name);
    }
    std::ranges::reverse(names);
    std::optional<Decoded> decoded;
    for (const std::string_view name : names) {
        const certs::Bytes input = decoded ? certs::as_bytes(decoded->text) : body;
        const auto coding =
            std::ranges::find_if(known, [&](const Coding& each) { return http::same_name(each.name, name); });
        if (coding != known.end() && input.empty()) continue;
        Decoded next = coding == known.end() ? plain(input, most) : coding->decode(input, most);
        if (coding == known.end()) next.end = End::unknown;
        if (next.end != End::complete) next.coding = std::string(name);
        if (decoded) keep_reason(next, *decoded);
        decoded = std::move(next);
        if (decoded->end == End::unknown) break;
    }
    return decoded ? *std::move(decoded) : plain(body, most);
}

std::string_view version_of_zlib() { return zlibVersion(); }

// Its number has 12 bits for each of the last two parts.
std::string version_of_brotli() {
    const std::uint32_t version = BrotliDecoderVersion();
    return fmt::format("{}.{}.{}", version >> 24, version >> 12 & 0xfff, version & 0xfff);
}

std::string_view version_of_zstd() { return ZSTD_versionString(); }

}  // namespace inspect::content
