// Revocation lists on any bytes: the parser's error lies inside the input, and every serial number
// looked for is found or not without harm. The last part of the input is the list; a chain before
// it is verified with it.
#include "certs/crl.h"

#include "tests/fuzz/parts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<certs::Bytes> parts = split({data, size});
    if (parts.empty()) return 0;
    const certs::Bytes last = parts.back();
    parts.pop_back();
    const auto list = certs::Crl::parse(last, "fuzz");
    if (!list) {
        require(list.error().offset <= last.size());
        return 0;
    }
    list->find(list->signature().first(list->signature().size() < 8 ? list->signature().size() : 8));
    const std::uint8_t one = 1;
    list->find({&one, 1});
    require(list->issuer().rfc4514().size() <= 4096);
    if (!parts.empty()) judge_revocation(parts, {.lists = {&*list, 1}}, list->this_update());
    return 0;
}
