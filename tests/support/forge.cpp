#include "tests/support/forge.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <stdexcept>

#include "certs/crypto.h"
#include "certs/oid.h"

namespace tests {
namespace {

using namespace certs;

const std::map<std::string_view, const char*> attribute_oids{
    {"CN", "2.5.4.3"},
    {"O", "2.5.4.10"},
    {"OU", "2.5.4.11"},
    {"C", "2.5.4.6"},
    {"L", "2.5.4.7"},
    {"ST", "2.5.4.8"},
    {"serialNumber", "2.5.4.5"},
    {"DC", "0.9.2342.19200300.100.1.25"},
    {"emailAddress", "1.2.840.113549.1.9.1"},
};

const std::map<std::string_view, const char*> purpose_oids{
    {"serverAuth", "1.3.6.1.5.5.7.3.1"},
    {"clientAuth", "1.3.6.1.5.5.7.3.2"},
    {"codeSigning", "1.3.6.1.5.5.7.3.3"},
    {"emailProtection", "1.3.6.1.5.5.7.3.4"},
    {"timeStamping", "1.3.6.1.5.5.7.3.8"},
    {"OCSPSigning", "1.3.6.1.5.5.7.3.9"},
    {"any", "2.5.29.37.0"},
};

ByteVector named_oid(const std::map<std::string_view, const char*>& names, std::string_view text) {
    const auto found = names.find(text);
    return der_oid(found == names.end() ? text : std::string_view(found->second));
}

std::string dotted_of(const OidConstant& constant) { return dotted(constant); }

// RFC 5280 §4.2.1.6's choice of GeneralName.
enum GeneralNameTag : unsigned {
    rfc822_name = 1,
    dns_name = 2,
    directory_name = 4,
    uri_name = 6,
    ip_address = 7,
    oid_name = 8
};

std::optional<ByteVector> address_bytes(std::string_view text) {
    const std::string address(text);
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return ByteVector(bytes.begin(), bytes.begin() + 4);
    if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return ByteVector(bytes.begin(), bytes.end());
    return std::nullopt;
}

ByteVector mask(std::size_t bytes, unsigned bits) {
    ByteVector value(bytes);
    for (unsigned bit = 0; bit < bits && bit < bytes * 8; ++bit)
        value[bit / 8] |= static_cast<std::uint8_t>(0x80 >> (bit % 8));
    return value;
}

ByteVector uris(const std::vector<std::string>& urls) {
    ByteVector names;
    for (const std::string& url : urls) names = der_concatenation({names, uri(url)});
    return names;
}

ByteVector access_descriptions(const OidConstant& method, const std::vector<std::string>& urls) {
    ByteVector all;
    for (const std::string& url : urls) all = der_concatenation({all, der_sequence({der_oid(method), uri(url)})});
    return all;
}

ByteVector subtrees(unsigned number, const std::vector<ByteVector>& bases) {
    ByteVector all;
    for (const ByteVector& base : bases) all = der_concatenation({all, der_sequence({base})});
    return bases.empty() ? ByteVector{} : der_context(number, all);
}

ByteVector optional_number(unsigned tag, std::optional<int> number) {
    if (!number) return {};
    ByteVector element = der_integer(*number);
    element[0] = static_cast<std::uint8_t>(0x80 | tag);
    return element;
}

ByteVector encoded(const ForgedExtension& extension) {
    return der_sequence({der_oid(extension.oid), extension.critical ? der_boolean(true) : ByteVector{},
                         der_octet_string(extension.value)});
}

}  // namespace

const PrivateKey& pooled_key(KeyType type, std::size_t slot) {
    static std::map<std::pair<KeyType, std::size_t>, PrivateKey> pool;
    const std::pair wanted(type, slot);
    if (const auto found = pool.find(wanted); found != pool.end()) return found->second;
    const auto make = [type] {
        switch (type) {
            case KeyType::p256: return PrivateKey::generate(PrivateKeyKind::ec_p256);
            case KeyType::p384: return PrivateKey::generate(PrivateKeyKind::ec_p384);
            case KeyType::p521: return PrivateKey::generate(PrivateKeyKind::ec_p521);
            case KeyType::rsa1024: return PrivateKey::generate(PrivateKeyKind::rsa, 1024);
            case KeyType::rsa2048: return PrivateKey::generate(PrivateKeyKind::rsa, 2048);
            case KeyType::rsa3072: return PrivateKey::generate(PrivateKeyKind::rsa, 3072);
            case KeyType::ed25519: return PrivateKey::generate(PrivateKeyKind::ed25519);
        }
        std::unreachable();
    };
    return pool.emplace(wanted, make()).first->second;
}

ByteVector name(const std::vector<Attribute>& attributes) {
    std::vector<ByteVector> rdns;
    for (const Attribute& attribute : attributes) {
        const ByteVector value = der_text(attribute.tag, attribute.value);
        rdns.push_back(der_set_of(std::array{der_sequence({named_oid(attribute_oids, attribute.type), value})}));
    }
    return der_sequence_of(rdns);
}

ByteVector common_name(std::string_view text) { return name({{"CN", std::string(text)}}); }

ByteVector dns(std::string_view text) { return der_context_primitive(dns_name, as_bytes(text)); }
ByteVector email(std::string_view text) { return der_context_primitive(rfc822_name, as_bytes(text)); }
ByteVector uri(std::string_view text) { return der_context_primitive(uri_name, as_bytes(text)); }
ByteVector ip(Bytes raw) { return der_context_primitive(ip_address, raw); }
ByteVector directory(Bytes name) { return der_context(directory_name, name); }

ByteVector registered_id(std::string_view oid) {
    ByteVector element = der_oid(oid);
    element[0] = 0x80 | oid_name;
    return element;
}

ByteVector ip(std::string_view address) {
    const std::size_t slash = std::min(address.find('/'), address.size());
    const std::optional<ByteVector> bytes = address_bytes(address.substr(0, slash));
    if (!bytes) throw std::invalid_argument(fmt::format("not an IP address: {}", address));
    if (slash == address.size()) return ip(Bytes(*bytes));
    unsigned bits = 0;
    std::from_chars(address.data() + slash + 1, address.data() + address.size(), bits);
    return ip(der_concatenation({*bytes, mask(bytes->size(), bits)}));
}

std::optional<ByteVector> general_name(std::string_view prefixed) {
    const std::size_t colon = prefixed.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view kind = prefixed.substr(0, colon), value = prefixed.substr(colon + 1);
    if (kind == "DNS") return dns(value);
    if (kind == "IP") return ip(value);
    if (kind == "email") return email(value);
    if (kind == "URI") return uri(value);
    if (kind == "dirName") return directory(common_name(value));
    return std::nullopt;
}

std::string Forged::pem() const { return to_pem(der); }

Certificate Forged::certificate() const {
    std::expected<Certificate, ParseError> parsed = Certificate::parse(der);
    if (!parsed)
        throw std::invalid_argument(
            fmt::format("the forged certificate does not parse: {}: {}", parsed.error().field, parsed.error().reason));
    return *parsed;
}

struct Forge::Signer {
    ByteVector subject;
    PrivateKey key;
    std::optional<ByteVector> key_identifier;
};

Forge::Forge(std::string_view common, std::size_t key_slot)
    : key_(PrivateKey::generate(PrivateKeyKind::ec_p256)), key_slot_(key_slot), subject_(common_name(common)) {
    subject_key_.automatic = true;
}

Forge Forge::root(std::string_view common_name) {
    Forge forge(common_name, 0);
    forge.dates(days_later(-5 * 365), days_later(5 * 365));
    forge.basic_constraints(true).key_usage({Usage::key_cert_sign, Usage::crl_sign});
    return forge;
}

Forge Forge::intermediate(std::string_view common_name) {
    Forge forge(common_name, 1);
    forge.authority_key_.automatic = true;
    forge.dates(days_later(-2 * 365), days_later(3 * 365));
    forge.basic_constraints(true, 0).key_usage({Usage::key_cert_sign, Usage::crl_sign});
    return forge;
}

Forge Forge::leaf(std::string_view host) {
    Forge forge(host, 2);
    forge.authority_key_.automatic = true;
    forge.dates(days_later(-30), days_later(60));
    forge.basic_constraints(false).key_usage({Usage::digital_signature}).extended_key_usage({"serverAuth"});
    forge.names({address_bytes(host) ? ip(host) : dns(host)});
    return forge;
}

Forge& Forge::subject(ByteVector name) { return subject_ = std::move(name), *this; }
Forge& Forge::issuer(ByteVector name) { return issuer_ = std::move(name), *this; }
Forge& Forge::serial(std::int64_t number) { return serial(der_integer(number)); }
Forge& Forge::serial(ByteVector integer) { return serial_ = std::move(integer), *this; }
Forge& Forge::dates(Time not_before, Time not_after) { return dates(der_time(not_before), der_time(not_after)); }

Forge& Forge::dates(ByteVector not_before, ByteVector not_after) {
    not_before_ = std::move(not_before);
    not_after_ = std::move(not_after);
    return *this;
}

Forge& Forge::version(std::optional<int> number) { return version_ = number, *this; }

Forge& Forge::key(KeyType type) {
    switch (type) {
        case KeyType::p256: return key(PrivateKey::generate(PrivateKeyKind::ec_p256));
        case KeyType::p384: return key(PrivateKey::generate(PrivateKeyKind::ec_p384));
        case KeyType::p521: return key(PrivateKey::generate(PrivateKeyKind::ec_p521));
        case KeyType::ed25519: return key(PrivateKey::generate(PrivateKeyKind::ed25519));
        case KeyType::rsa1024:
        case KeyType::rsa2048:
        case KeyType::rsa3072: return key(pooled_key(type, key_slot_));
    }
    std::unreachable();
}

Forge& Forge::key(PrivateKey key) { return key_ = std::move(key), *this; }
Forge& Forge::public_key_info(ByteVector info) { return public_key_info_ = std::move(info), *this; }

Forge& Forge::names(std::vector<ByteVector> general_names, bool critical) {
    return extension({dotted_of(oid::subject_alt_name), critical, der_sequence_of(general_names)});
}
Forge& Forge::no_names() { return without(dotted_of(oid::subject_alt_name)); }

Forge& Forge::basic_constraints(bool ca, std::optional<int> path_length, bool critical) {
    const ByteVector length = path_length ? der_integer(*path_length) : ByteVector{};
    return extension(
        {dotted_of(oid::basic_constraints), critical, der_sequence({ca ? der_boolean(true) : ByteVector{}, length})});
}
Forge& Forge::no_basic_constraints() { return without(dotted_of(oid::basic_constraints)); }

Forge& Forge::key_usage(const std::vector<Usage>& usages, bool critical) {
    std::vector<unsigned> bits;
    for (const Usage usage : usages) bits.push_back(static_cast<unsigned>(usage));
    return extension({dotted_of(oid::key_usage), critical, der_named_bits(bits)});
}
Forge& Forge::no_key_usage() { return without(dotted_of(oid::key_usage)); }

Forge& Forge::extended_key_usage(const std::vector<std::string>& purposes, bool critical) {
    std::vector<ByteVector> oids;
    for (const std::string& purpose : purposes) oids.push_back(named_oid(purpose_oids, purpose));
    return extension({dotted_of(oid::extended_key_usage), critical, der_sequence_of(oids)});
}
Forge& Forge::no_extended_key_usage() { return without(dotted_of(oid::extended_key_usage)); }

Forge& Forge::subject_key_identifier(std::optional<ByteVector> identifier) {
    return subject_key_ = {false, std::move(identifier)}, *this;
}
Forge& Forge::authority_key_identifier(std::optional<ByteVector> identifier) {
    return authority_key_ = {false, std::move(identifier)}, *this;
}

Forge& Forge::issuing_certificate_url(const std::vector<std::string>& urls, const std::vector<std::string>& ocsp) {
    return extension({dotted_of(oid::authority_info_access), false,
                      der_sequence({access_descriptions(oid::access_ca_issuers, urls),
                                    access_descriptions(oid::access_ocsp, ocsp)})});
}

Forge& Forge::crl_url(const std::vector<std::string>& urls) {
    const ByteVector point = der_sequence({der_context(0, der_context(0, uris(urls)))});
    return extension({dotted_of(oid::crl_distribution_points), false, der_sequence({point})});
}

Forge& Forge::name_constraints(const std::vector<ByteVector>& permitted, const std::vector<ByteVector>& excluded,
                               bool critical) {
    return extension(
        {dotted_of(oid::name_constraints), critical, der_sequence({subtrees(0, permitted), subtrees(1, excluded)})});
}

Forge& Forge::policies(const std::vector<std::string>& oids, bool critical) {
    std::vector<ByteVector> information;
    for (const std::string& policy : oids) information.push_back(der_sequence({der_oid(policy)}));
    return extension({dotted_of(oid::certificate_policies), critical, der_sequence_of(information)});
}

Forge& Forge::policy_mappings(const std::vector<std::pair<std::string, std::string>>& issuer_to_subject,
                              bool critical) {
    std::vector<ByteVector> mappings;
    for (const auto& [from, to] : issuer_to_subject) mappings.push_back(der_sequence({der_oid(from), der_oid(to)}));
    return extension({dotted_of(oid::policy_mappings), critical, der_sequence_of(mappings)});
}

Forge& Forge::policy_constraints(std::optional<int> require_explicit, std::optional<int> inhibit_mapping,
                                 bool critical) {
    return extension({dotted_of(oid::policy_constraints), critical,
                      der_sequence({optional_number(0, require_explicit), optional_number(1, inhibit_mapping)})});
}

Forge& Forge::inhibit_any_policy(int skip, bool critical) {
    return extension({dotted_of(oid::inhibit_any_policy), critical, der_integer(skip)});
}

// RFC 7633 §4.2.3.1: status_request is 5.
Forge& Forge::must_staple() { return extension({dotted_of(oid::tls_feature), false, der_sequence({der_integer(5)})}); }

Forge& Forge::extension(ForgedExtension extension) {
    const auto same = std::ranges::find(extensions_, extension.oid, &ForgedExtension::oid);
    if (same == extensions_.end()) {
        extensions_.push_back(std::move(extension));
    } else {
        *same = std::move(extension);
    }
    return *this;
}

Forge& Forge::duplicate(std::string_view oid) { return duplicates_.emplace_back(oid), *this; }

Forge& Forge::without(std::string_view oid) {
    std::erase_if(extensions_, [oid](const ForgedExtension& extension) { return extension.oid == oid; });
    if (oid == dotted_of(oid::subject_key_identifier)) subject_key_identifier(std::nullopt);
    if (oid == dotted_of(oid::authority_key_identifier)) authority_key_identifier(std::nullopt);
    return *this;
}

Forge& Forge::without_extensions() {
    extensions_.clear();
    return subject_key_identifier(std::nullopt).authority_key_identifier(std::nullopt);
}

Forge& Forge::signature(SignatureAlgorithm algorithm) { return algorithm_ = algorithm, *this; }
Forge& Forge::signed_with(PrivateKey key) { return other_signer_ = std::move(key), *this; }
Forge& Forge::inner_algorithm(ByteVector identifier) { return inner_algorithm_ = std::move(identifier), *this; }
Forge& Forge::outer_algorithm(ByteVector identifier) { return outer_algorithm_ = std::move(identifier), *this; }
Forge& Forge::broken_signature() { return broken_ = true, *this; }
Forge& Forge::change_tbs(std::function<void(ByteVector&)> change) { return change_tbs_ = std::move(change), *this; }
Forge& Forge::change(std::function<void(ByteVector&)> change) { return change_ = std::move(change), *this; }

Forged Forge::self_signed() const { return sign({subject_, key_, own_identifier()}); }
Forged Forge::signed_by(const Forged& issuer) const {
    return sign({issuer.subject, issuer.key, issuer.key_identifier});
}

std::optional<ByteVector> Forge::own_identifier() const {
    return subject_key_.automatic ? key_.key_identifier() : subject_key_.bytes;
}

// Different for each key and subject; the same for the same key and subject.
ByteVector Forge::serial() const {
    if (serial_) return *serial_;
    auto digest = sha1(der_concatenation({key_.key_identifier(), subject_}));
    digest[0] = static_cast<std::uint8_t>((digest[0] & 0x3f) | 0x40);
    return der_unsigned(Bytes(digest).first(16));
}

ByteVector Forge::encoded_extensions(const Signer& signer) const {
    std::vector<ForgedExtension> all = extensions_;
    if (const auto identifier = own_identifier()) {
        all.push_back({dotted_of(oid::subject_key_identifier), false, der_octet_string(*identifier)});
    }
    if (const auto identifier = authority_key_.automatic ? signer.key_identifier : authority_key_.bytes) {
        all.push_back(
            {dotted_of(oid::authority_key_identifier), false, der_sequence({der_context_primitive(0, *identifier)})});
    }
    for (const std::string& oid : duplicates_) {
        if (const auto found = std::ranges::find(all, oid, &ForgedExtension::oid); found != all.end())
            all.push_back(ForgedExtension(*found));
    }
    if (all.empty()) return {};
    std::vector<ByteVector> elements;
    for (const ForgedExtension& extension : all) elements.push_back(encoded(extension));
    return der_context(3, der_sequence_of(elements));
}

// RFC 5280 §4.1.2.
ByteVector Forge::tbs(const Signer& signer, Bytes algorithm) const {
    return der_sequence({version_ ? der_context(0, der_integer(*version_ - 1)) : ByteVector{}, serial(), algorithm,
                         issuer_.value_or(signer.subject), der_sequence({not_before_, not_after_}), subject_,
                         public_key_info_.value_or(key_.public_key_info()), encoded_extensions(signer)});
}

Forged Forge::sign(const Signer& signer) const {
    const PrivateKey key = other_signer_.value_or(signer.key);
    const SignatureAlgorithm algorithm = algorithm_.value_or(key.preferred_signature());
    const ByteVector identifier = algorithm_identifier(algorithm);

    ByteVector to_be_signed = tbs(signer, inner_algorithm_.value_or(identifier));
    if (change_tbs_) change_tbs_(to_be_signed);
    ByteVector signature = key.sign(algorithm, to_be_signed);
    if (broken_) signature.back() ^= 1;

    ByteVector der = der_sequence({to_be_signed, outer_algorithm_.value_or(identifier), der_bit_string(signature)});
    if (change_) change_(der);
    return {std::move(der), key_, subject_, own_identifier()};
}

}  // namespace tests
