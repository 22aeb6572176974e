// A record as a JSON value, for what puts it into something larger. Texts are whole, and as they
// came; whoever shows them escapes them. Secrets are masked here.
#pragma once

#include <nlohmann/json.hpp>

#include "inspect/report/flow_document.h"

namespace inspect::report {

nlohmann::ordered_json flow_row(const Record& record, const Secrets& secrets);
nlohmann::ordered_json flow_document(const Record& record, const Secrets& secrets);

// What a filter is compared with: a view of a row, which outlives it.
Subject subject_of(const nlohmann::ordered_json& row);

}  // namespace inspect::report
