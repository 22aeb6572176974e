// A command's man page, in roff's man macros (man(7), groff_man_style(7)).
#pragma once

#include <string>

#include "proxy/command/reference/reference.h"

namespace packaging {

// "whytls-check.1" of "whytls check".
std::string man_page_name(const proxy::CommandReference& command);

// The page of `program` itself or of one of its commands. The commands of a command are described in
// its page.
std::string man_page(const proxy::CommandReference& command, const proxy::CommandReference& program);

}  // namespace packaging
