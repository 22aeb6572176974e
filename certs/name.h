// The names in certificates: distinguished names (RFC 5280 §4.1.2.4) and general names (§4.2.1.6),
// how they print and when two distinguished names are the same (§7.1). Knows nothing of hosts asked
// for (hostname.h) or of constraints.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "certs/bytes.h"
#include "certs/der.h"
#include "certs/oid.h"

namespace certs {

struct NameAttribute {
    Oid type;
    DerElement value;
    std::size_t rdn = 0;  // which relative distinguished name it belongs to, counted from the most significant

    std::string text() const;  // as UTF-8, whatever string type it has; "#" and hexadecimal for other types
};

// A distinguished name: a view of its DER, and a comparable form that it owns.
class DistinguishedName {
public:
    DistinguishedName() = default;
    // Reads a Name (a SEQUENCE) from `reader`; errors go to the reader's context.
    static DistinguishedName read(DerReader& reader);

    Bytes der() const { return der_; }
    bool empty() const { return attributes_.empty(); }
    const std::vector<NameAttribute>& attributes() const { return attributes_; }  // most significant first

    // RFC 5280 §7.1, and the part of RFC 4518 that CAs need: the string type, the case of letters
    // (ASCII, Latin, Greek, Cyrillic) and the amount of white space do not matter.
    bool operator==(const DistinguishedName& other) const { return canonical_ == other.canonical_; }
    const std::string& canonical() const { return canonical_; }  // equal exactly for equal names
    // Whether this name lies in the subtree below `base`: it begins with `base`'s relative names.
    bool is_within(const DistinguishedName& base) const;

    // Least significant first; "" when empty; raw otherwise (control characters stay), at most 4
    // KiB.
    std::string rfc4514() const;
    std::string common_name() const;          // the last one, "" when absent
    std::vector<std::string> emails() const;  // every emailAddress attribute

private:
    Bytes der_;
    std::vector<NameAttribute> attributes_;
    std::string canonical_;
};

enum class GeneralNameKind { other, email, dns, x400, directory, edi_party, uri, address, registered_id };

struct GeneralName {
    GeneralNameKind kind = GeneralNameKind::other;
    Bytes value;  // the content octets; for a directory name the Name with its header
    bool operator==(const GeneralName& other) const {
        return kind == other.kind && std::ranges::equal(value, other.value);
    }
};

// Reads one GeneralName, or the names up to the reader's end (at most 16,384, wolfSSL's limit here;
// each then takes 24 bytes). An IP address must have 4 or 16 bytes. Text must be ASCII, except a
// dNSName, which then matches nothing. With `constraint` an address has its mask, and a DNS or URI
// name is a host or a domain (RFC 5280 §4.2.1.10).
GeneralName read_general_name(DerReader& reader, DerContext& context, bool constraint = false);
std::vector<GeneralName> read_general_names(DerReader reader, DerContext& context);

// The Name inside a directory name.
std::expected<DistinguishedName, ParseError> directory_name(const GeneralName& name);

// "DNS:www.example.com", "IP:192.0.2.1", "email:…", "URI:…", "dirName:CN=…", "RID:1.2.3",
// "otherName:1.2.3"; raw.
std::string text(const GeneralName& name);

// RFC 5952 for 16 bytes, dotted decimal for 4, hexadecimal otherwise.
std::string address_text(Bytes address);

}  // namespace certs
