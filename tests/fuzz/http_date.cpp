// A Date field's value on arbitrary bytes.
#include "certs/bytes.h"
#include "inspect/http/date.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    inspect::http::parse_date(certs::as_text({data, size}));
    return 0;
}
