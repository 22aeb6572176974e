#include "certs/iterations.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/asn_public.h>

#include <limits>

#include "certs/der.h"
#include "certs/der_writer.h"

namespace certs {

namespace {

std::uint64_t count(Bytes magnitude) {
    if (magnitude.size() > 4) return std::numeric_limits<std::uint32_t>::max();
    std::uint64_t number = 0;
    for (const std::uint8_t byte : magnitude) number = number << 8 | byte;
    return number;
}

// The number after a salt: RFC 8018 §A.3 (PBES1), RFC 7292 §C, RFC 8018 §A.2 (PBKDF2). PBES2 (§A.4)
// contains PBKDF2's identifier.
std::uint64_t of_algorithm(DerReader algorithm) {
    algorithm.object_identifier();
    DerReader parameters = algorithm.sequence();
    if (parameters.next_is(tag::sequence)) {
        DerReader derivation = parameters.sequence();
        derivation.object_identifier();
        parameters = derivation.sequence();
    }
    parameters.octet_string();
    return count(parameters.positive_integer());
}

class Pkcs12Walk {
public:
    explicit Pkcs12Walk(const std::string& password) : password_(password) {}

    std::optional<std::uint64_t> walk(Bytes der) {
        DerContext context(der);
        DerReader file = DerReader(der, context).sequence();
        file.integer();
        DerReader safe = file.sequence();
        if (safe.object_identifier() != oid::data) safe.fail("signed by a certificate, not by a password");
        if (!file.at_end()) add_mac(file.sequence());
        DerReader parts = DerReader(safe.enter(tag::context_constructed(0)).octet_string(), context).sequence();
        while (!parts.at_end()) add_part(parts.sequence(), context);
        if (context.failed()) return std::nullopt;
        return sum_;
    }

private:
    void add_part(DerReader part, DerContext& context) {
        const Oid type = part.object_identifier();
        DerReader content = part.enter(tag::context_constructed(0));
        if (type == oid::data) add_bags(DerReader(content.octet_string(), context).sequence());
        if (type == oid::encrypted_data) add_encrypted(content.sequence());
    }

    void add_bags(DerReader bags) {
        while (!bags.at_end()) {
            DerReader bag = bags.sequence();
            if (bag.object_identifier() != oid::shrouded_key_bag) continue;
            sum_ += of_algorithm(bag.enter(tag::context_constructed(0)).sequence().sequence());
        }
    }

    // RFC 5652 §8. What cannot be decrypted does not count: it is not opened later either.
    void add_encrypted(DerReader data) {
        data.integer();
        DerReader content = data.sequence();
        content.object_identifier();
        const DerElement algorithm = DerReader(content).element(tag::sequence);
        sum_ += of_algorithm(content.sequence());
        const Bytes locked = content.content(tag::context(0));
        if (sum_ > most_iterations || locked.empty()) return;
        ByteVector open = der_sequence({algorithm.whole, der_octet_string(locked)});
        const int size = wc_DecryptPKCS8Key(open.data(), static_cast<word32>(open.size()), password_.data(),
                                            static_cast<int>(password_.size()));
        if (size <= 0) return;
        const Bytes plain = Bytes(open).first(static_cast<std::size_t>(size));
        DerContext within(plain);
        add_bags(DerReader(plain, within).sequence());
    }

    // RFC 7292 §4: one iteration when the count is absent.
    void add_mac(DerReader mac) {
        mac.sequence();
        mac.octet_string();
        sum_ += mac.at_end() ? 1 : count(mac.positive_integer());
    }

    const std::string& password_;
    std::uint64_t sum_ = 0;
};

}  // namespace

std::optional<std::uint64_t> iterations_of_key(Bytes der) {
    DerContext context(der);
    const std::uint64_t found = of_algorithm(DerReader(der, context).sequence().sequence());
    if (context.failed()) return std::nullopt;
    return found;
}

std::optional<std::uint64_t> iterations_of_pkcs12(Bytes der, const std::string& password) {
    return Pkcs12Walk(password).walk(der);
}

}  // namespace certs
