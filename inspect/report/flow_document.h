// A record as JSON text: what the live page's interface answers, what a recorded session keeps and
// what a HAR file is made of. Secrets are masked here, so that no caller can forget to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspect/flow/filter.h"
#include "inspect/flow/record.h"
#include "inspect/report/log.h"

namespace inspect::report {

// One line, the members that a list shows: `id` (the number), `kind`, `complete`, `flow` (the log's
// id), `time`, `client`, `program`, `method`, `url`, `host`, `port`, `status`, `code`, `title`,
// `lock`, `failed`, `warned`, `protocol`, `server_protocol`, `mime`, `request_bytes`,
// `response_bytes`, `first_byte_ms`, `total_ms`; without those that are not known.
std::string row_json(const Record& record, const Secrets& secrets);

// One line: the row, and all else that is kept but for contents: `request` and `response` (their
// `headers` are pairs, in the order in which they came), `messages`, `client_tls`, `server` (the
// report of contract §4, and `connection`, `opened_ms`, `certificates`), `diagnosis` (likewise, of a
// failure of this flow's own), `timing`.
std::string document_json(const Record& record, const Secrets& secrets);

// What a filter is compared with: a view of the record. Without a title.
Subject subject_of(const Record& record);

// What one of its contents says (view_json), of a flow with this document.
std::string document_view(const std::string& document, bool of_request, std::string_view kept);

// Whether a text can be a row: a JSON object.
bool is_row(std::string_view row);

// Whether a filter takes the flow of this row. Any text may be given: none takes what is no JSON
// object.
bool row_matches(std::string_view row, const Filter& filter);

// A field's value with *** for what is secret: passwords and tokens of Authorization and its like,
// the values of cookies, and in URLs what redacted() masks. What stays tells which scheme and which
// cookies there are.
std::string masked_field(std::string_view name, std::string_view value, const std::vector<std::string>& names = {});

}  // namespace inspect::report
