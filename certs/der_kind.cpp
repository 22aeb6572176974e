#include "certs/der_kind.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "certs/der.h"
#include "certs/oid.h"

namespace certs {

namespace {

constexpr DerKind pkcs12{"a PKCS #12 file", "openssl pkcs12 -nokeys takes its certificates out"};
constexpr DerKind pkcs7{"a PKCS #7 bundle", "openssl pkcs7 -inform DER -print_certs takes its certificates out"};

// The tags of a SEQUENCE's members, as many as distinguish the kinds.
class Outline {
public:
    explicit Outline(DerReader reader) {
        while (!reader.at_end() && count_ < tags_.size()) tags_[count_++] = reader.element().tag;
    }
    bool begins(std::initializer_list<std::uint8_t> wanted) const {
        return wanted.size() <= count_ && std::equal(wanted.begin(), wanted.end(), tags_.begin());
    }
    bool is(std::initializer_list<std::uint8_t> wanted) const { return wanted.size() == count_ && begins(wanted); }
    bool is_integers(std::size_t wanted) const {
        return count_ == wanted && std::all_of(tags_.begin(), tags_.begin() + static_cast<std::ptrdiff_t>(count_),
                                               [](std::uint8_t one) { return one == tag::integer; });
    }

private:
    std::array<std::uint8_t, 10> tags_{};
    std::size_t count_ = 0;
};

bool begins_with(Bytes file, std::initializer_list<std::uint8_t> wanted) {
    return file.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), file.begin());
}

// What begins with a version number, or is numbers only: keys (RFC 5208, RFC 5915, RFC 8017 §A.1)
// and PKCS #12 (RFC 7292 §4).
DerKind of_numbers(const Outline& outer) {
    if (outer.begins({tag::integer, tag::sequence, tag::octet_string})) return {"a private key (PKCS #8)", "", true};
    if (outer.begins({tag::integer, tag::octet_string})) return {"a private key (SEC 1)", "", true};
    if (outer.is({tag::integer, tag::sequence}) || outer.is({tag::integer, tag::sequence, tag::sequence}))
        return pkcs12;
    if (outer.is_integers(9)) return {"a private key (PKCS #1)", "", true};
    if (outer.is_integers(6)) return {"a private key (DSA)", "", true};
    if (outer.is_integers(2)) return {"an RSA public key (PKCS #1) or Diffie-Hellman parameters", ""};
    return {};
}

// The kind of the signed part, from a SEQUENCE of that part, an algorithm and a BIT STRING: RFC
// 2986 §4, RFC 5280 §5.1, RFC 5755 §4.1.
DerKind of_signed(const Outline& within) {
    constexpr std::uint8_t number = tag::integer, list = tag::sequence;
    for (const std::uint8_t time : {tag::utc_time, tag::generalized_time}) {
        if (within.begins({list, list, time}) || within.begins({number, list, list, time}))
            return {"a certificate revocation list (CRL)", ""};
    }
    if (within.begins({number, list, list, tag::context_constructed(0)}) || within.is({number, list, list}))
        return {"a certificate signing request (PKCS #10)", ""};
    if (within.begins({number, list, tag::context_constructed(0)})) return {"an attribute certificate", ""};
    return {};
}

}  // namespace

DerKind der_kind(Bytes file) {
    // BER's indefinite length, which the DER reader refuses: PKCS #7 signed data, and PKCS #12.
    if (begins_with(file, {0x30, 0x80, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02})) return pkcs7;
    if (begins_with(file, {0x30, 0x80, 0x02, 0x01, 0x03, 0x30})) return pkcs12;
    DerContext context(file);
    DerReader document(file, context);
    if (document.next_is(tag::oid)) {
        document.object_identifier();
        return document.at_end() && !context.failed() ? DerKind{"the name of a curve (EC parameters)", ""} : DerKind{};
    }
    const DerReader members = document.sequence();
    const Outline outer(members);
    if (context.failed()) return {};
    DerReader first = members;
    if (outer.begins({tag::integer})) return of_numbers(outer);
    if (outer.begins({tag::enumerated})) return {"an OCSP response", ""};
    if (outer.begins({tag::oid, tag::context_constructed(0)}))
        return first.object_identifier() == oid::signed_data ? pkcs7 : DerKind{};
    if (!outer.begins({tag::sequence})) return {};
    const DerReader inside = first.sequence();
    const Outline within(inside);
    if (context.failed()) return {};
    if (outer.is({tag::sequence, tag::bit_string})) return {"a public key", ""};
    if (outer.is({tag::sequence, tag::octet_string})) return {"an encrypted private key (PKCS #8)", "", true};
    if (outer.is({tag::sequence, tag::sequence, tag::bit_string})) return of_signed(within);
    // RFC 6960 §4.1.1: a request is a list of requests, perhaps signed.
    const bool request = within.begins({tag::sequence}) || within.begins({tag::context_constructed(1), tag::sequence});
    return outer.is({tag::sequence}) && request ? DerKind{"an OCSP request", ""} : DerKind{};
}

DerKind short_der_kind(std::string_view file) {
    constexpr std::size_t head = 2, shortest = 2, longest = 0x7F;
    const bool whole = file.size() >= head + shortest && file.size() <= head + longest &&
                       static_cast<std::size_t>(file[1]) == file.size() - head;
    return whole ? der_kind(as_bytes(file)) : DerKind{};
}

}  // namespace certs
