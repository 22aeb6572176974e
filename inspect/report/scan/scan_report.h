// A scan in each form in which it is shown. Each is a pure function, and escapes what servers put
// into it.
#pragma once

#include <string>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/render.h"
#include "inspect/scan/scan.h"

namespace inspect::report {

std::string scan_text(const scan::Scan& scan, const Paper& paper = {});

// One server of the page: what the check found, and what the scan did.
struct Scanned {
    diagnosis::Diagnosis found;
    scan::Scan scan;
};
// One page for a ticket, nothing from outside.
std::string scan_page(const std::vector<Scanned>& servers);

}  // namespace inspect::report
