// Any text as a HAR: it is refused with a reason, or its records are bounded and can be written and
// read again, with as many entries; and the entry of any document is one JSON text or none.
#include "inspect/report/har.h"

#include <cstdlib>

#include "inspect/report/flow_document.h"
#include "tests/support/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace inspect::report;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::string entry = har_entry(text, text, text);
    if (!entry.empty() && !tests::is_json(entry)) std::abort();
    const auto records = read_har(text);
    if (!records) {
        if (records.error().what.empty()) std::abort();
        return 0;
    }
    std::string again = har_begin("fuzz");
    for (const inspect::Record& record : *records) {
        if (record.response_content.bytes.size() > most_har_kept) std::abort();
        const std::string document = document_json(record, {});
        if (!tests::is_json(document)) std::abort();
        if (&record != records->data()) again += har_between;
        again += har_entry(document, record.request_content.bytes, record.response_content.bytes);
    }
    again += har_end();
    const auto second = read_har(again);
    if (!second || second->size() != records->size()) std::abort();
    return 0;
}
