#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "certs/bytes.h"
#include "certs/pem.h"
#include "certs/time.h"
#include "inspect/http/message.h"
#include "inspect/report/har.h"
#include "inspect/report/json_report.h"
#include "inspect/report/print/escape.h"

namespace inspect::report {

namespace {

using Json = nlohmann::json;  // its objects are found by name in less than linear time, whatever names there are

constexpr std::size_t most_values = 1'000'000;  // of one entry: a long WebSocket has a million
constexpr std::size_t deepest = 64;             // arrays and objects in one another, in an entry
constexpr std::size_t most_messages = 10'000;   // of one WebSocket
constexpr std::size_t most_payload = 64 << 10;  // bytes of one message
constexpr double most_milliseconds = 1e12;      // 30 years: what is larger is no duration

// Reads members of one entry; the first that is not what HAR says is the fault.
class Reading {
public:
    std::optional<HarError> fault;

    void wrong(const std::string& where, std::string_view what) {
        if (!fault) fault = HarError{where, std::string(what)};
    }
    // nullptr when it is absent or null, or the parent is.
    static const Json* find(const Json* object, const char* key) {
        if (object == nullptr || !object->is_object()) return nullptr;
        const auto found = object->find(key);
        return found == object->end() || found->is_null() ? nullptr : &*found;
    }
    std::string text(const Json* object, const std::string& where, const char* key, bool needed = false) {
        const Json* value = find(object, key);
        if (value != nullptr && value->is_string()) return value->get<std::string>();
        if (value != nullptr)
            wrong(where + "." + key, "not a string");
        else if (needed)
            wrong(where + "." + key, "missing");
        return "";
    }
    double number(const Json* object, const std::string& where, const char* key, double otherwise) {
        const Json* value = find(object, key);
        if (value == nullptr) return otherwise;
        if (!value->is_number()) {
            wrong(where + "." + key, "not a number");
            return otherwise;
        }
        const double result = value->get<double>();
        return std::isfinite(result) ? std::clamp(result, -1.0, 1e15) : otherwise;
    }
    const Json* object(const Json* parent, const std::string& where, const char* key, bool needed = false) {
        const Json* value = find(parent, key);
        if (value != nullptr && !value->is_object())
            wrong(where + "." + key, "not an object");
        else if (value == nullptr && needed)
            wrong(where + "." + key, "missing");
        return value != nullptr && value->is_object() ? value : nullptr;
    }
    // An absent one is empty.
    const Json& array(const Json* parent, const std::string& where, const char* key) {
        static const Json empty = Json::array();
        const Json* value = find(parent, key);
        if (value != nullptr && !value->is_array()) wrong(where + "." + key, "not an array");
        return value != nullptr && value->is_array() ? *value : empty;
    }
};

bool is_true(const Json* object, const char* key) {
    const Json* value = Reading::find(object, key);
    return value != nullptr && *value == true;
}
bool is_false(const Json* object, const char* key) {
    const Json* value = Reading::find(object, key);
    return value != nullptr && *value == false;
}

http::Fields fields_of(Reading& reading, const Json* message, const std::string& where) {
    http::Fields fields;
    std::size_t index = 0;
    for (const Json& each : reading.array(message, where, "headers")) {
        const std::string place = where + ".headers[" + std::to_string(index++) + "]";
        const std::string name = reading.text(&each, place, "name", true);
        const std::string value = reading.text(&each, place, "value", true);
        if (http::is_token(name)) fields.add(name, value);
    }
    return fields;
}

struct Text {
    std::string bytes;
    bool present = false;
};

Text bytes_of(Reading& reading, const Json* content, const std::string& where) {
    Text result{.bytes = reading.text(content, where, "text"), .present = Reading::find(content, "text") != nullptr};
    std::string encoding = reading.text(content, where, "encoding");
    if (encoding.empty()) encoding = reading.text(content, where, "_encoding");
    if (encoding != "base64") return result;
    certs::ByteVector decoded;
    if (!certs::decode_base64(result.bytes, decoded))
        reading.wrong(where + ".text", "not base64, as its encoding says");
    result.bytes = certs::as_text(decoded);
    return result;
}

KeptContent kept_of(Text content, double size) {
    KeptContent kept{.bytes = std::move(content.bytes),
                     .size = size > 0 ? static_cast<std::uint64_t>(size) : 0,
                     .whole = content.present || size <= 0};
    if (kept.bytes.size() > most_har_kept) {
        kept.bytes.resize(most_har_kept);
        kept.whole = false;
    }
    return kept;
}

// A field list that a HAR has in another form: its fields, encoded again.
std::string encoded_parameters(Reading& reading, const Json* post, const std::string& where) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto encoded = [&](std::string_view text) {
        std::string result;
        for (const char each : text) {
            const auto byte = static_cast<unsigned char>(each);
            const bool plain = certs::is_digit(each) || (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
                               std::string_view("*-._").contains(each);
            if (plain)
                result += each;
            else
                result.append({'%', digits[byte >> 4], digits[byte & 0xf]});
        }
        return result;
    };
    std::string text;
    std::size_t index = 0;
    for (const Json& each : reading.array(post, where, "params")) {
        const std::string place = where + ".params[" + std::to_string(index++) + "]";
        text += (text.empty() ? "" : "&") + encoded(reading.text(&each, place, "name", true)) + "=" +
                encoded(reading.text(&each, place, "value"));
    }
    return text;
}

struct Spoken {
    std::string_view protocol;  // as Flow has it
    http::Version version;
};

Spoken spoken(std::string_view version) {
    const std::string name = lower_case(version);
    if (name == "h2" || name == "http/2" || name == "http/2.0") return {"h2", {2, 0}};
    if (name == "h3" || name == "http/3" || name == "http/3.0" || name.starts_with("h3-")) return {"h3", {3, 0}};
    if (name == "http/1.0") return {"http/1.0", {1, 0}};
    if (name == "http/1.1") return {"http/1.1", {1, 1}};
    return {"", {1, 1}};
}

void read_target(Record& record) {
    Flow& flow = record.flow;
    const std::string_view asked = std::string_view(flow.url).substr(0, flow.url.find('#'));
    record.request->target = asked;
    const auto target = http::parse_target(flow.method, asked);
    if (!target) return;
    flow.host = target->host;
    flow.port = target->port;
    if (target->form == http::TargetForm::absolute) record.request->target = target->path_and_query;
}

void read_request(Reading& reading, const Json* entry, const std::string& place, Record& record) {
    const std::string where = place + ".request";
    const Json* request = reading.object(entry, place, "request", true);
    if (request == nullptr) return;
    Flow& flow = record.flow;
    flow.method = reading.text(request, where, "method", true);
    if (!reading.fault && !http::is_token(flow.method)) reading.wrong(where + ".method", "not a method");
    flow.url = reading.text(request, where, "url", true);
    const Spoken version = spoken(reading.text(request, where, "httpVersion"));
    flow.protocol = version.protocol;
    record.request = http::RequestHead{
        .method = flow.method, .target = {}, .version = version.version, .fields = fields_of(reading, request, where)};
    read_target(record);
    const double size = reading.number(request, where, "bodySize", -1);
    if (const Json* post = reading.object(request, where, "postData")) {
        Text content = bytes_of(reading, post, where + ".postData");
        if (!content.present) {
            content.bytes = encoded_parameters(reading, post, where + ".postData");
            content.present = !content.bytes.empty();
        }
        record.request_content = kept_of(std::move(content), size);
        record.request->fields.remove("Content-Encoding");
    } else {
        record.request_content.whole = size <= 0;
    }
    flow.request_bytes = size >= 0 ? static_cast<std::uint64_t>(size) : record.request_content.bytes.size();
}

void read_response(Reading& reading, const Json* entry, const std::string& place, Record& record) {
    const std::string where = place + ".response";
    const Json* response = reading.object(entry, place, "response");
    const double status = reading.number(response, where, "status", 0);
    // 0 is how all of them say that there was none.
    if (status <= 0) return;
    if (status > 999) return reading.wrong(where + ".status", "not a status");
    const Spoken version = spoken(reading.text(response, where, "httpVersion"));
    Flow& flow = record.flow;
    flow.status = static_cast<int>(status);
    flow.server_protocol = version.protocol;
    flow.reached = true;
    record.response = http::ResponseHead{.status = flow.status,
                                         .reason = reading.text(response, where, "statusText"),
                                         .version = version.version,
                                         .fields = fields_of(reading, response, where)};
    const Json* content = reading.object(response, where, "content");
    const double size = reading.number(content, where + ".content", "size", 0);
    Text text = bytes_of(reading, content, where + ".content");
    if (!text.bytes.empty()) record.response->fields.remove("Content-Encoding");
    record.response_content = kept_of(std::move(text), size);
    const double body = reading.number(response, where, "bodySize", -1);
    flow.response_bytes = static_cast<std::uint64_t>(std::max(0.0, body >= 0 ? body : size));
}

std::string_view kind_of(double opcode) {
    switch (static_cast<int>(opcode)) {
        case 1: return "text";
        case 8: return "close";
        case 9: return "ping";
        case 10: return "pong";
        default: return "binary";
    }
}

void read_messages(Reading& reading, const Json* entry, const std::string& place, double began, Record& record) {
    std::size_t index = 0;
    for (const Json& each : reading.array(entry, place, "_webSocketMessages")) {
        const std::string where = place + "._webSocketMessages[" + std::to_string(index++) + "]";
        if (record.messages.size() == most_messages) {
            ++record.messages_left_out;
            continue;
        }
        KeptMessage message;
        message.from_client = reading.text(&each, where, "type") == "send";
        message.kind = kind_of(reading.number(&each, where, "opcode", 1));
        message.at_ms = std::max(0.0, (reading.number(&each, where, "time", began) - began) * 1000);
        message.compressed = is_true(&each, "_compressed");
        message.payload = reading.text(&each, where, "data", true);
        certs::ByteVector decoded;
        // Some write a control frame's text as it is.
        if (message.kind != "text" && certs::decode_base64(message.payload, decoded))
            message.payload = certs::as_text(decoded);
        message.size = std::max<std::uint64_t>(
            message.payload.size(),
            static_cast<std::uint64_t>(std::max(0.0, reading.number(&each, where, "_size", 0))));
        if (message.payload.size() > most_payload) message.payload.resize(most_payload);
        record.messages.push_back(std::move(message));
    }
}

std::optional<double> phase(double milliseconds) {
    return milliseconds < 0 ? std::nullopt : std::optional(std::min(milliseconds, most_milliseconds));
}

// What is known of the server's connection; nothing of its TLS, which the file does not show.
void read_server(Reading& reading, const Json* entry, const std::string& place, Record& record) {
    const std::string where = place + ".timings";
    const Json* timings = reading.object(entry, place, "timings");
    const auto read = [&](const char* key) { return reading.number(timings, where, key, -1); };
    const double dns = read("dns"), connect = read("connect"), ssl = read("ssl"), receive = read("receive");
    Flow& flow = record.flow;
    flow.total_ms = std::clamp(reading.number(entry, place, "time", 0), 0.0, most_milliseconds);
    if (record.response ? receive >= 0 : receive > 0) flow.first_byte_ms = std::max(0.0, flow.total_ms - receive);
    ServerLeg leg;
    leg.connection = reading.text(entry, place, "connection");
    leg.opened_ms = dns >= 0 || connect >= 0 ? std::max(0.0, read("blocked")) : -1;
    leg.diagnosis.tls = false;
    leg.diagnosis.tls_begun = false;
    leg.diagnosis.host = flow.host;
    leg.diagnosis.port = flow.port;
    leg.diagnosis.time = flow.time;
    const std::string address = reading.text(entry, place, "serverIPAddress");
    if (!address.empty())
        leg.diagnosis.address = (address.contains(':') && !address.starts_with('[') ? "[" + address + "]" : address) +
                                ":" + std::to_string(flow.port);
    leg.diagnosis.timings = {.dns = phase(dns),
                             .connect = phase(connect < 0 ? -1 : std::max(0.0, connect - std::max(0.0, ssl))),
                             .handshake = phase(ssl)};
    const bool known = leg.opened_ms >= 0 || !leg.connection.empty() || !address.empty();
    if (known) record.server = std::make_shared<const ServerLeg>(std::move(leg));
}

// What our own files say of a failure: enough for a list.
void read_own(Reading& reading, const Json* entry, const std::string& place, Record& record) {
    const std::string where = place + "._whytls";
    const Json* own = reading.object(entry, place, "_whytls");
    if (own == nullptr) return;
    Flow& flow = record.flow;
    const auto text = [&](const char* key) { return reading.text(own, where, key); };
    for (const Record::Kind kind : {Record::Kind::upstream_handshake, Record::Kind::client_handshake})
        if (text("kind") == name(kind)) record.kind = kind;
    if (record.kind != Record::Kind::request) record.request.reset();
    if (const std::string id = text("flow"); !id.empty()) flow.id = id;
    flow.client = text("client");
    record.program = text("program");
    flow.remark = text("remark");
    flow.parent = text("parent");
    flow.repeated = is_true(own, "repeated");
    record.replayed = is_true(own, "replayed");
    if (flow.status == 0)
        flow.status = static_cast<int>(std::clamp(reading.number(own, where, "status", 0), 0.0, 999.0));
    if (is_false(own, "request_whole")) record.request_content.whole = false;
    if (is_false(own, "response_whole")) record.response_content.whole = false;
    const auto code = diagnosis::code_named(text("code"));
    const std::string lock = text("lock");
    const bool failed = is_true(own, "failed");
    diagnosis::Diagnosis found;
    if (record.server) found = record.server->diagnosis;
    found.host = flow.host;
    found.port = flow.port;
    found.time = flow.time;
    found.tls = found.tls_begun = lock != name(Lock::none);
    found.title = text("title");
    if (code) found.code = *code;
    found.let_through = lock == name(Lock::warned) && code && !failed && flow.status != 0;
    found.outcome = failed                       ? diagnosis::Outcome::failed
                    : lock == name(Lock::warned) ? diagnosis::Outcome::warning
                                                 : diagnosis::Outcome::ok;
    if (code && failed) flow.code = *code;
    if (record.kind == Record::Kind::client_handshake || (code && failed && lock != name(Lock::failed))) {
        if (code) record.own = std::make_shared<const diagnosis::Diagnosis>(found);
        found.code = diagnosis::Code::none;
        found.outcome = diagnosis::Outcome::ok;
    }
    if (record.kind == Record::Kind::client_handshake || (!record.server && lock == name(Lock::none))) return;
    ServerLeg leg = record.server ? *record.server
                                  : ServerLeg{.connection = {}, .opened_ms = -1, .diagnosis = {}, .certificates = {}};
    leg.diagnosis = std::move(found);
    record.server = std::make_shared<const ServerLeg>(std::move(leg));
}

double time_of(Reading& reading, const Json* entry, const std::string& place, Flow& flow) {
    const std::string time = reading.text(entry, place, "startedDateTime", true);
    const auto parsed = certs::parse_rfc3339(time);
    if (!parsed) {
        reading.wrong(place + ".startedDateTime", "not a time as RFC 3339 has it");
        return 0;
    }
    flow.time = *parsed;
    return har_seconds(time);
}

std::expected<Record, HarError> record_of(const Json& entry, std::size_t index) {
    const std::string place = "entries[" + std::to_string(index) + "]";
    Reading reading;
    if (!entry.is_object()) return std::unexpected(HarError{place, "not an object"});
    Record record;
    record.number = index + 1;
    record.complete = true;
    record.flow.id = "har-" + std::to_string(index + 1);
    const double began = time_of(reading, &entry, place, record.flow);
    record.unix_ms = std::max<std::int64_t>(0, std::llround(began * 1000));
    read_request(reading, &entry, place, record);
    read_response(reading, &entry, place, record);
    read_messages(reading, &entry, place, began, record);
    read_server(reading, &entry, place, record);
    read_own(reading, &entry, place, record);
    if (reading.fault) return std::unexpected(*reading.fault);
    return record;
}

// Goes through the text event by event, and has one entry in memory at a time.
class Reader final : public nlohmann::json_sax<Json> {
public:
    std::vector<Record> records;
    std::optional<HarError> fault;
    bool found = false;  // log.entries

    bool null() override { return value(nullptr); }
    bool boolean(bool each) override { return value(each); }
    bool number_integer(number_integer_t each) override { return value(each); }
    bool number_unsigned(number_unsigned_t each) override { return value(each); }
    bool number_float(number_float_t each, const string_t&) override { return value(each); }
    bool string(string_t& each) override { return value(std::move(each)); }
    bool binary(binary_t&) override { return value(nullptr); }
    bool start_object(std::size_t) override { return begin(Json::object()); }
    bool start_array(std::size_t) override { return begin(Json::array()); }
    bool end_object() override { return end(); }
    bool end_array() override { return end(); }

    bool key(string_t& name) override {
        if (!open_.empty())
            key_ = std::move(name);
        else if (depth_ == 1)
            in_log_ = name == "log";
        else if (depth_ == 2 && in_log_)
            entries_next_ = name == "entries";
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        return wrong("", "not JSON: byte " + std::to_string(position) + " cannot be there");
    }

private:
    bool wrong(std::string where, std::string what) {
        if (!fault) fault = HarError{std::move(where), std::move(what)};
        return false;
    }
    std::string here() const { return "entries[" + std::to_string(records.size()) + "]"; }
    bool at_entries() const { return depth_ == 2 && in_log_ && entries_next_; }

    bool value(Json each) {
        if (open_.empty()) {
            if (at_entries()) return wrong("entries", "not an array");
            return in_entries_ && depth_ == 3 ? finish(each) : true;
        }
        return put(std::move(each)) != nullptr;
    }

    Json* put(Json each) {
        if (++values_ > most_values) {
            wrong(here(), "more than " + std::to_string(most_values) + " values");
            return nullptr;
        }
        Json& parent = *open_.back();
        if (parent.is_array()) return &parent.emplace_back(std::move(each));
        return &(parent[key_] = std::move(each));
    }

    bool begin(Json container) {
        if (open_.empty() && at_entries() && container.is_object()) return wrong("entries", "not an array");
        if (!open_.empty()) {
            if (open_.size() == deepest) return wrong(here(), "more than " + std::to_string(deepest) + " deep");
            Json* const inner = put(std::move(container));
            if (inner == nullptr) return false;
            open_.push_back(inner);
        } else if (in_entries_ && depth_ == 3) {
            entry_ = std::move(container);
            values_ = 0;
            open_.push_back(&entry_);
        } else if (at_entries()) {
            in_entries_ = found = true;
        }
        ++depth_;
        return true;
    }

    bool end() {
        --depth_;
        if (!open_.empty()) {
            open_.pop_back();
            return open_.empty() ? finish(entry_) : true;
        }
        if (depth_ == 2) in_entries_ = false;
        if (depth_ == 1) in_log_ = entries_next_ = false;
        return true;
    }

    bool finish(const Json& entry) {
        if (records.size() == most_har_records)
            return wrong("entries", "more than " + std::to_string(most_har_records));
        auto record = record_of(entry, records.size());
        if (!record) return wrong(record.error().where, record.error().what);
        records.push_back(std::move(*record));
        return true;
    }

    std::size_t depth_ = 0, values_ = 0;
    bool in_log_ = false, entries_next_ = false, in_entries_ = false;
    Json entry_;
    std::vector<Json*> open_;  // in the entry, outermost first; what lies in an open one may move, it itself does not
    std::string key_;
};

}  // namespace

std::expected<std::vector<Record>, HarError> read_har(std::string_view text) {
    if (text.size() > longest_har)
        return std::unexpected(HarError{"", "more than " + std::to_string(longest_har >> 20) + " MiB"});
    Reader reader;
    const bool read = Json::sax_parse(text, &reader);
    if (reader.fault) return std::unexpected(*reader.fault);
    if (!read || !reader.found) return std::unexpected(HarError{"log.entries", "missing"});
    return std::move(reader.records);
}

}  // namespace inspect::report
