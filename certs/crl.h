// Certificate revocation lists (RFC 5280 §5) as data: parsed strictly, searched without copying.
// Knows what a list says, not whether it is genuine (revocation.h checks that), nor where lists
// come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/certificate.h"

namespace certs {

// RFC 5280 §5.2.5.
struct IssuingDistributionPoint {
    std::vector<GeneralName> full_name;
    bool has_relative_name = false;
    bool only_user_certificates = false, only_ca_certificates = false, only_attribute_certificates = false,
         indirect = false;
    bool only_some_reasons = false;
};

// RFC 5280 §5.3.1: "keyCompromise"; "" for a number without a name.
std::string_view revocation_reason(std::uint32_t code);

struct RevokedEntry {
    Time at;
    std::string_view reason;  // RFC 5280 §5.3.1's name, "" when absent
};

// A value: copies share the immutable bytes.
class Crl {
public:
    // Copies `der`. Bounded by 64 MiB; parsing is linear. `source` (a URL, for instance) is
    // reported when the list revokes something.
    static std::expected<Crl, ParseError> parse(Bytes der, std::string source = {});

    const DistinguishedName& issuer() const;
    Time this_update() const;
    std::optional<Time> next_update() const;
    Bytes tbs() const;
    const AlgorithmIdentifier& signature_algorithm() const;
    Bytes signature() const;
    const std::optional<IssuingDistributionPoint>& distribution_point() const;
    bool is_delta() const;              // §5.2.4
    bool has_number() const;            // §5.2.3 wants one
    bool has_unknown_critical() const;  // in the list or in an entry: then the list says nothing (§5.2, §5.3)
    const std::string& source() const;

    // The entry of that serial number. Costs a pass over the list.
    std::optional<RevokedEntry> find(Bytes serial) const;

private:
    struct Parsed;
    explicit Crl(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
    std::shared_ptr<const Parsed> parsed_;
};

// The last second at which a list counts: its nextUpdate, or ten days when it has none.
Time counts_until(const Crl& list);

}  // namespace certs
