#include "certs/certificate.h"

#include <algorithm>
#include <utility>

#include "certs/crypto.h"
#include "certs/document.h"
#include "certs/pem.h"

namespace certs {

struct Certificate::Parsed {
    ByteVector der;
    Fingerprint sha256{};
    int version = 1;
    Bytes tbs, serial, signature;
    AlgorithmIdentifier signature_algorithm, tbs_signature_algorithm;
    DistinguishedName issuer, subject;
    Time not_before, not_after;
    PublicKey public_key;
    Extensions extensions;
    bool self_issued = false, unusual_dates = false;

    void read(DerContext& context);
    void read_tbs(DerReader tbs_reader, DerContext& context);
    void read_version_dependent(DerReader& reader, DerContext& context);
};

void Certificate::Parsed::read(DerContext& context) {
    DerReader document(der, context);
    context.field("certificate");
    DerReader outer = document.sequence();
    document.end();
    context.field("tbsCertificate");
    DerReader ahead = outer;
    tbs = ahead.element(tag::sequence).whole;
    read_tbs(outer.sequence(), context);
    context.field("signatureAlgorithm");
    signature_algorithm = read_algorithm(outer);
    // §4.1.1.2: the signed algorithm and the unsigned one must be the same, or the latter could be
    // exchanged.
    if (!std::ranges::equal(signature_algorithm.der, tbs_signature_algorithm.der)) {
        context.fail(signature_algorithm.der.data(), "the algorithm of tbsCertificate.signature was expected");
    }
    context.field("signatureValue");
    signature = outer.whole_bytes();
    outer.end();
    self_issued = subject == issuer;
}

void Certificate::Parsed::read_tbs(DerReader reader, DerContext& context) {
    context.field("tbsCertificate.version");
    if (reader.next_is(tag::context_constructed(0))) {
        DerReader inside = reader.enter(tag::context_constructed(0));
        version = static_cast<int>(inside.small_integer(255)) + 1;
        if (version > 3) inside.fail("version 1, 2 or 3 was expected");
        inside.end();
    }
    context.field("tbsCertificate.serialNumber");
    serial = reader.integer();
    context.field("tbsCertificate.signature");
    tbs_signature_algorithm = read_algorithm(reader);
    context.field("tbsCertificate.issuer");
    issuer = DistinguishedName::read(reader);
    context.field("tbsCertificate.validity");
    DerReader validity = reader.sequence();
    const auto date = [&](std::string_view field) {
        context.field(field);
        const bool generalized = validity.next_is(tag::generalized_time);
        const Time time = validity.time();
        constexpr Time year_2050{2'524'608'000};
        unusual_dates = unusual_dates || generalized != (time >= year_2050);
        return time;
    };
    not_before = date("tbsCertificate.validity.notBefore");
    not_after = date("tbsCertificate.validity.notAfter");
    validity.end();
    context.field("tbsCertificate.subject");
    subject = DistinguishedName::read(reader);
    public_key = read_public_key(reader, context);
    read_version_dependent(reader, context);
}

// §4.1: unique identifiers from version 2 on, extensions only in version 3.
void Certificate::Parsed::read_version_dependent(DerReader& reader, DerContext& context) {
    for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}}) {
        context.field(number == 1 ? "tbsCertificate.issuerUniqueID" : "tbsCertificate.subjectUniqueID");
        if (!reader.next_is(tag::context(number))) continue;
        if (version < 2) reader.fail("version 2 or 3 was expected with it");
        reader.bit_string(tag::context(number));
    }
    context.field("tbsCertificate.extensions");
    if (reader.next_is(tag::context_constructed(3))) {
        if (version != 3) reader.fail("version 3 was expected with it");
        DerReader inside = reader.enter(tag::context_constructed(3));
        extensions = read_extensions(inside, context);
        context.field("tbsCertificate.extensions");
        inside.end();
    }
    context.field("tbsCertificate");
    reader.end();
}

std::expected<Certificate, ParseError> Certificate::parse(Bytes der) {
    // The largest certificate that the TLS side accepts (cmake/build-wolfssl says what that costs).
    auto parsed = read_document<Parsed>(der, "certificate", 1 << 20, "more than 1 MiB");
    if (!parsed) return std::unexpected(parsed.error());
    (*parsed)->sha256 = certs::sha256((*parsed)->der);
    return Certificate(*std::move(parsed));
}

Bytes Certificate::der() const { return parsed_->der; }
const Fingerprint& Certificate::sha256() const { return parsed_->sha256; }
int Certificate::version() const { return parsed_->version; }
Bytes Certificate::tbs() const { return parsed_->tbs; }
Bytes Certificate::serial() const { return parsed_->serial; }
const AlgorithmIdentifier& Certificate::signature_algorithm() const { return parsed_->signature_algorithm; }
Bytes Certificate::signature() const { return parsed_->signature; }
const DistinguishedName& Certificate::issuer() const { return parsed_->issuer; }
const DistinguishedName& Certificate::subject() const { return parsed_->subject; }
Time Certificate::not_before() const { return parsed_->not_before; }
Time Certificate::not_after() const { return parsed_->not_after; }
bool Certificate::dates_are_usual() const { return !parsed_->unusual_dates; }
const PublicKey& Certificate::public_key() const { return parsed_->public_key; }
const Extensions& Certificate::extensions() const { return parsed_->extensions; }
bool Certificate::is_self_issued() const { return parsed_->self_issued; }

Bytes Certificate::subject_key_identifier() const { return extensions().subject_key_identifier.value_or(Bytes{}); }

Bytes Certificate::authority_key_identifier() const {
    const auto& identifier = extensions().authority_key_identifier;
    return identifier && identifier->key ? *identifier->key : Bytes{};
}

bool Certificate::is_ca() const {
    const auto& constraints = extensions().basic_constraints;
    return constraints && constraints->ca;
}

const std::vector<GeneralName>& Certificate::subject_alt_names() const {
    static const std::vector<GeneralName> none;
    const auto& names = extensions().subject_alt_names;
    return names ? *names : none;
}

namespace {

// At most 64 bytes; a negative one with its sign, as OpenSSL prints it: "-7f".
std::string serial_text(Bytes serial) {
    constexpr std::size_t most = 64;
    if (serial.size() > most || serial.empty() || serial.front() < 0x80)
        return hex(serial.first(std::min(serial.size(), most)));
    ByteVector magnitude(serial.begin(), serial.end());
    for (std::uint8_t& each : magnitude) each = static_cast<std::uint8_t>(~each);
    for (auto each = magnitude.rbegin(); each != magnitude.rend() && ++*each == 0;) ++each;
    return "-" + hex(magnitude);
}

}  // namespace

Description describe(const Certificate& certificate) {
    constexpr std::size_t most_names = 100;
    Description result;
    result.subject = certificate.subject().rfc4514();
    result.issuer = certificate.issuer().rfc4514();
    const auto& names = certificate.subject_alt_names();
    result.names_total = names.size();
    for (const GeneralName& name : names) {
        if (result.names.size() == most_names) break;
        // A host name has at most 253 characters; anything longer is there to fill the page.
        result.names.push_back(text(name).substr(0, 1024));
    }
    result.serial = serial_text(certificate.serial());
    result.not_before = certificate.not_before();
    result.not_after = certificate.not_after();
    result.key = certificate.public_key().name();
    result.signature = printable_name(certificate.signature_algorithm().algorithm);
    result.sha256 = hex(certificate.sha256());
    result.ca = certificate.is_ca();
    return result;
}

std::optional<DistinguishedName> subject_at_least(Bytes der) {
    DerContext context(der);
    DerReader tbs = DerReader(der, context).sequence().sequence();
    if (tbs.next_is(tag::context_constructed(0))) tbs.element();
    tbs.element(tag::integer);
    for (int skipped = 0; skipped < 3; ++skipped) tbs.element(tag::sequence);  // signature, issuer, validity
    DistinguishedName subject = DistinguishedName::read(tbs);
    return context.failed() ? std::nullopt : std::optional(std::move(subject));
}

std::string to_pem(Bytes der) { return write_pem("CERTIFICATE", der); }

}  // namespace certs
