// What a JSON object of whytls-forge says is made: a certificate, an OCSP response or a list. Its
// members: forge_main.cpp. Each throws std::exception with what is wrong.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "certs/time.h"
#include "tests/support/forge.h"

namespace tests {

struct Made {
    Forged forged;
    std::string issuer;  // "" when self-signed
};
// By name: what later objects refer to.
using Pool = std::map<std::string, Made>;

Made forge_certificate(const nlohmann::json& spec, const Pool& pool, certs::Time now);
// As DER.
certs::ByteVector forge_response(const nlohmann::json& spec, const Pool& pool, certs::Time now);
certs::ByteVector forge_list(const nlohmann::json& spec, const Pool& pool, certs::Time now);
// NAME-chain.pem of the certificate of that name.
std::string chain_of(const nlohmann::json& spec, const std::string& name, const Pool& pool);

}  // namespace tests
