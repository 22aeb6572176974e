// A scan in words: tables of rows, which the text and the page show alike.
#pragma once

#include <string>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/scan/scan.h"

namespace inspect::scan {

struct Table {
    std::string title;
    std::vector<diagnosis::EvidenceRow> rows;
};

// "Scan of api.example.com:443, at 203.0.113.7:443"
std::string title(const Scan& scan);
// "143 connections in 0.41 s"
std::string effort(const Scan& scan);
// What could not be found out, as a sentence; "" when all is known.
std::string unknowns(const Scan& scan);
// In one line, to compare addresses: "supports TLSv1.3 (3 cipher suites) and TLSv1.2 (9), …".
std::string summary(const Scan& scan);
// What was found, one item each, without what differs from one scan to the next and without orders:
// "TLS_RSA_WITH_AES_128_CBC_SHA in TLSv1.2", "group x25519 in TLSv1.3", "ALPN h2". Sorted.
std::vector<std::string> found_items(const Scan& scan);
// Whose order decides: "TLSv1.2 in the order TLS_RSA_WITH_AES_128_CBC_SHA, …", where it is known.
std::vector<std::string> orders(const Scan& scan);
// "Worth a remark" is the first, when there is anything.
std::vector<Table> tables(const Scan& scan);

// The contract's words.
std::string_view name(Known known);  // "yes", "no", "unknown"
std::string_view name(Order order);  // "server", "client", "mixed", "unknown"
std::string_view name(WithoutName::Answer answer);
std::string_view name(certs::OcspCertStatus status);

}  // namespace inspect::scan
