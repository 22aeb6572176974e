#include "inspect/flow/packed.h"

#include <concepts>
#include <cstring>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace inspect {

namespace {

constexpr std::size_t many = 16'384;  // octets of contents that are taken over rather than copied

template <class Given, class Named>
concept Of = std::same_as<std::remove_const_t<Given>, Named>;

// The members of what is packed. All are named, so that one that is added does not compile until it
// is named here.
auto members(Of<Flow> auto& flow) {
    auto& [id, client, method, url, time, host, port, reached, parent, protocol, server_protocol, status, page,
           request_bytes, response_bytes, first_byte_ms, total_ms, code, let_through, stopped, idle_seconds, repeated,
           no_close_notify, remark, mended, websocket] = flow;
    return std::tie(id, client, method, url, time, host, port, reached, parent, protocol, server_protocol, status, page,
                    request_bytes, response_bytes, first_byte_ms, total_ms, code, let_through, stopped, idle_seconds,
                    repeated, no_close_notify, remark, mended, websocket);
}

auto members(Of<http::WebSocketSummary> auto& summary) {
    auto& [client, server, closed_by, close, broken] = summary;
    return std::tie(client, server, closed_by, close.code, close.reason, broken);
}

auto members(Of<http::RequestHead> auto& head) {
    auto& [method, target, version, fields] = head;
    return std::tie(method, target, version, fields);
}

auto members(Of<http::ResponseHead> auto& head) {
    auto& [status, reason, version, fields] = head;
    return std::tie(status, reason, version, fields);
}

auto members(Of<http::Fields> auto& fields) { return fields.stored(); }

auto members(Of<KeptMessage> auto& message) {
    auto& [from_client, kind, at_ms, size, payload, compressed] = message;
    return std::tie(from_client, kind, at_ms, size, payload, compressed);
}

// In two parts, of which the second need not be read; what flows share is in neither.
auto parts(Of<Record> auto& record) {
    auto& [kind, number, complete, began_ms, unix_ms, flow, program, replayed, imported, request, response,
           request_trailers, response_trailers, request_content, response_content, messages, messages_left_out, client,
           server, own] = record;
    return std::pair(std::tie(kind, number, complete, began_ms, unix_ms, flow, program, replayed, imported, request,
                              response, request_trailers, response_trailers, request_content.size,
                              request_content.whole, response_content.size, response_content.whole, messages_left_out),
                     std::tie(request_content.bytes, response_content.bytes, messages));
}

// Writes one value after another; without a place for them, counts their octets.
class Packing {
public:
    explicit Packing(char* place) : place_(place) {}
    std::size_t size() const { return size_; }

    template <class Value>
    void put(const Value& value) {
        if constexpr (std::is_trivially_copyable_v<Value>) {
            put(&value, sizeof value);
        } else if constexpr (requires { value.has_value(); }) {
            put(value.has_value());
            if (value) put(*value);
        } else if constexpr (requires { value.data(); }) {
            put(value.size());
            if constexpr (std::is_trivially_copyable_v<std::decay_t<decltype(value[0])>>)
                put(value.data(), value.size() * sizeof value[0]);
            else
                for (const auto& each : value) put(each);
        } else {
            put_all(members(value));
        }
    }
    template <class... Values>
    void put_all(const std::tuple<Values...>& values) {
        std::apply([&](const auto&... each) { (put(each), ...); }, values);
    }

private:
    void put(const void* octets, std::size_t count) {
        if (place_ && count > 0) std::memcpy(place_ + size_, octets, count);
        size_ += count;
    }

    char* place_;
    std::size_t size_ = 0;
};

// Gets the values back in the order in which they were put.
class Unpacking {
public:
    explicit Unpacking(const char* place) : place_(place) {}

    template <class Value>
    void get(Value& value) {
        if constexpr (std::is_trivially_copyable_v<Value>) {
            get(&value, sizeof value);
        } else if constexpr (requires { value.has_value(); }) {
            if (get_plain<bool>()) get(value.emplace());
        } else if constexpr (requires { value.data(); }) {
            value.resize(get_plain<std::size_t>());
            if constexpr (std::is_trivially_copyable_v<std::decay_t<decltype(value[0])>>)
                get(value.data(), value.size() * sizeof value[0]);
            else
                for (auto& each : value) get(each);
        } else {
            get_all(members(value));
        }
    }
    template <class... Values>
    void get_all(const std::tuple<Values...>& values) {
        std::apply([&](auto&... each) { (get(each), ...); }, values);
    }

private:
    template <class Value>
    Value get_plain() {
        Value value;
        get(value);
        return value;
    }
    void get(void* octets, std::size_t count) {
        if (count > 0) std::memcpy(octets, place_, count);
        place_ += count;
    }

    const char* place_;
};

}  // namespace

PackedRecord::PackedRecord(Record& record)
    : number_(record.number), client_(record.client), server_(record.server), own_(record.own) {
    if (record.request_content.bytes.size() + record.response_content.bytes.size() > many)
        large_ = std::make_shared<const Contents>(std::exchange(record.request_content.bytes, {}),
                                                  std::exchange(record.response_content.bytes, {}));
    const auto& [first, second] = parts(std::as_const(record));
    const auto pack = [&](Packing packing) {
        packing.put_all(first);
        packing.put_all(second);
        return packing.size();
    };
    size_ = pack(Packing(nullptr));
    auto packed = std::make_shared_for_overwrite<char[]>(size_);
    pack(Packing(packed.get()));
    packed_ = std::move(packed);
}

std::size_t PackedRecord::size() const {
    return sizeof *this + size_ + (large_ ? large_->request.capacity() + large_->response.capacity() : 0);
}

Record PackedRecord::unpacked(bool with_contents) const {
    Record record;
    record.client = client_;
    record.server = server_;
    record.own = own_;
    const auto& [first, second] = parts(record);
    Unpacking unpacking(packed_.get());
    unpacking.get_all(first);
    if (!with_contents) return record;
    unpacking.get_all(second);
    if (!large_) return record;
    record.request_content.bytes = large_->request;
    record.response_content.bytes = large_->response;
    return record;
}

void PackedRecord::drop_contents() {
    const auto large = std::exchange(large_, nullptr);
    Record record = this->record();
    KeptContent &request = record.request_content, &response = record.response_content;
    if (!large && request.bytes.empty() && response.bytes.empty() && record.messages.empty()) return;
    request.whole &= request.bytes.empty() && (!large || large->request.empty());
    response.whole &= response.bytes.empty() && (!large || large->response.empty());
    request.bytes.clear();
    response.bytes.clear();
    record.messages_left_out += record.messages.size();
    record.messages.clear();
    *this = PackedRecord(record);
}

}  // namespace inspect
