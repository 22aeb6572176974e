// Content codings (RFC 9110 §8.4.1) undone, for people to read what a body says. The body on its
// way is not touched. Bounded, whatever was sent: a small body that stands for gigabytes costs what
// its bound costs. Knows no HTTP message, only the value of Content-Encoding or grpc-encoding.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "certs/bytes.h"

namespace inspect::content {

// More codings than that, one over the other, are not undone: no server needs two.
constexpr std::size_t most_codings = 4;

// Why decoding came to its end.
enum class End {
    complete,   // all of the body was decoded
    cut,        // the body ends too early, as one that was kept in part
    bounded,    // it goes on after the bound
    malformed,  // what comes is not of that coding
    unknown,    // of that name there is no coding here, or there are more than most_codings
};

struct Decoded {
    std::string text = {};  // as far as it was decoded; what is left undecoded when `unknown`
    End end = End::complete;
    std::string coding = {};  // the one that did not come to a complete end; "" otherwise
    std::size_t offset = 0;   // malformed: in the input of that coding, where at the latest it was still right
    bool operator==(const Decoded&) const = default;
};

// Undoes a list of codings, the last of them first: gzip (RFC 1952, any number of members), deflate
// (RFC 1950, and raw RFC 1951 as some servers send it), br (RFC 7932), zstd (RFC 8878, windows of
// at most 8 MiB as RFC 9659 has it), identity; names in any case, "x-gzip" too. An empty body is
// complete in every coding: HEAD has one. `text` has at most `most` bytes, and so has what each
// coding yields for the next.
Decoded decode(std::string_view codings, certs::Bytes body, std::size_t most);

// Of the libraries, as they run: "1.2.13".
std::string_view version_of_zlib();
std::string version_of_brotli();
std::string_view version_of_zstd();

}  // namespace inspect::content
