// The addresses of one name compared: which of them differs from the others. The report of each is
// elsewhere.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/print/lines.h"
#include "inspect/scan/scan.h"

namespace inspect::report {

class AddressTable {
public:
    // `ip` is the address at which that host was checked; `scanned`: what a scan of it found, nullptr
    // without one.
    void add(const diagnosis::Diagnosis& found, std::string ip, const scan::Scan* scanned = nullptr);

    // One paragraph per host, in the order they were added; "" when none was.
    std::string comparison(std::size_t width = page_width) const;

private:
    struct Row {
        std::string host, ip;
        std::string outcome, certificate, version, orders;  // in words, to compare and to show
        std::string items;                                  // of the scan, one a line
        std::string supports;                               // the scan in short
    };
    static std::string items_apart(const Row& row, const std::string& usual);
    static std::string compare(std::span<const Row> rows, std::size_t width);

    std::vector<Row> rows_;
};

}  // namespace inspect::report
