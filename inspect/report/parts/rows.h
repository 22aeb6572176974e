// Rows of a label with its values, as several reports show them: in a text, and as an HTML table.
// Escapes what the rows contain.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/render.h"

namespace inspect::report {

constexpr std::size_t label_width = 26;  // columns of a text's labels

// A section's title on its own line, after an empty one.
std::string section(std::string_view title, const Paper& paper);
std::string rows(const std::vector<diagnosis::EvidenceRow>& all, const Paper& paper);

// The table, without a caption when that is "".
std::string facts(std::string_view caption, const std::vector<diagnosis::EvidenceRow>& rows);

}  // namespace inspect::report
