// The picture of a chain as inline SVG: boxes from the host asked for up to the anchor, a cross
// where a link is broken.
#pragma once

#include <string>

#include "inspect/diagnosis/explain/certificate/chain_picture.h"

namespace inspect::report {

// Coloured by the page's stylesheet; carries its text alternative. "" for a picture without nodes.
std::string chain_svg(const diagnosis::ChainPicture& picture);

}  // namespace inspect::report
