// A value that all threads read and that is replaced as a whole while they do.
#pragma once

#include <atomic>
#include <concepts>
#include <memory>
#include <mutex>
#include <utility>

namespace proxy {

// Whoever takes the value keeps the one that was in force then, for as long as it holds the pointer.
template <typename Value>
class InForce {
public:
    InForce()
        requires std::default_initializable<Value>
        : InForce(Value()) {}
    InForce(Value value) : value_(std::make_shared<const Value>(std::move(value))), address_(value_.get()) {}
    InForce(const InForce&) = delete;
    InForce& operator=(const InForce&) = delete;

    std::shared_ptr<const Value> get() const {
        const std::scoped_lock lock(mutex_);
        return value_;
    }

    // Whether a value that was taken before is still the one.
    bool is(const std::shared_ptr<const Value>& taken) const { return address_ == taken.get(); }

    void replace(Value value) {
        auto next = std::make_shared<const Value>(std::move(value));
        const std::scoped_lock lock(mutex_);
        address_ = next.get();
        value_.swap(next);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Value> value_;
    std::atomic<const Value*> address_;  // of value_: read for each request
};

}  // namespace proxy
