// What `whytls explain` prints: a code of the catalogue, the list of them, and the causes of
// another program's message; as text of at most `width` columns and as one line of JSON. Texts that
// come from outside are escaped and bounded here.
#pragma once

#include <string>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/known/causes.h"
#include "inspect/report/print/lines.h"

namespace inspect::report {

std::string explanation_text(const diagnosis::CatalogEntry& entry, std::size_t width = page_width);
std::string explanation_json(const diagnosis::CatalogEntry& entry);

std::string code_list(std::size_t width = page_width);

// For causes without codes, it says that the message is not known.
std::string causes_text(const diagnosis::Causes& causes, std::size_t width = page_width);
std::string causes_json(const diagnosis::Causes& causes);

}  // namespace inspect::report
