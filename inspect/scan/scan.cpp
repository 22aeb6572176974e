#include "inspect/scan/scan.h"

#include <algorithm>

namespace inspect::scan {

const VersionFound* Scan::find(tls::WireVersion version) const {
    const auto found = std::ranges::find(versions, version, &VersionFound::version);
    return found == versions.end() ? nullptr : &*found;
}

bool Scan::spoke() const {
    return std::ranges::any_of(versions, [](const VersionFound& each) { return each.supported != Known::unknown; });
}

}  // namespace inspect::scan
