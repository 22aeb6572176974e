// Any text may be given to `whytls explain --error`.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "inspect/diagnosis/catalog.h"
#include "inspect/diagnosis/known/causes.h"
#include "inspect/report/explanation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto causes = inspect::diagnosis::causes_of({reinterpret_cast<const char*>(data), size});
    for (const auto& other : causes.others)
        if (!other.recognised() || other.message.size() > size) std::abort();
    for (const inspect::diagnosis::Code code : causes.codes)
        if (inspect::diagnosis::find_code(code) == nullptr) std::abort();
    inspect::report::causes_text(causes);
    inspect::report::causes_json(causes);
    return 0;
}
