// The report of contract §4 as a JSON value, for the renderings that put it into something larger.
#pragma once

#include <nlohmann/json.hpp>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/render.h"

namespace inspect::report {

// Every text is printable() already, so it is valid UTF-8.
nlohmann::ordered_json json_report(const diagnosis::Diagnosis& diagnosis, Detail detail = Detail::full);

// The member "scan" of a check's report.
nlohmann::ordered_json json_scan(const scan::Scan& scan);

// Milliseconds, without anything finer than a microsecond, which is noise.
double rounded(double milliseconds);

// One line; never throws, whatever the texts contain.
std::string dump(const nlohmann::ordered_json& value);

}  // namespace inspect::report
