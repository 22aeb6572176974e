// Lists of signed certificate timestamps on any bytes: an error lies inside the input, and what is
// read lies in it.
#include "certs/sct.h"

#include "tests/fuzz/parts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const certs::Bytes input(data, size);
    const auto list = certs::read_sct_list(input);
    if (!list) {
        require(list.error().offset <= size);
        return 0;
    }
    require(!list->empty() && list->size() <= size / 3);
    for (const certs::Sct& sct : *list) {
        require(sct.version != 0 || sct.log_id.size() == 32);
        for (const certs::Bytes part : {sct.log_id, sct.extensions, sct.signature})
            require(part.empty() || (part.data() >= data && part.data() + part.size() <= data + size));
    }
    return 0;
}
