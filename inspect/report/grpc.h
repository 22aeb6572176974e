// A diagnosis for a gRPC client: a call that ends at once with status 14 (UNAVAILABLE) and a
// message of title and fix. Sent as Trailers-Only of gRPC over HTTP, or in the body frame that
// gRPC-Web has in place of trailers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspect/diagnosis/diagnosis.h"
#include "inspect/report/render.h"

namespace inspect::report {

enum class GrpcForm { trailers_only, web, web_text };

// By the request's Content-Type; nullopt when it is not a gRPC request.
std::optional<GrpcForm> grpc_form(std::string_view content_type);

struct GrpcAnswer {  // of HTTP status 200
    std::string_view content_type;
    std::string_view status;  // fields of the head: grpc-status …
    std::string message;      // … grpc-message, both "" for gRPC-Web, which has them in the body
    std::string report;       // … and whytls-report-bin: the report in JSON, in base64; "" where it is too large
    std::string body;
};

GrpcAnswer grpc(const diagnosis::Diagnosis& diagnosis, GrpcForm form, Detail detail = Detail::full);

// grpc-message's value: percent-encoded UTF-8 (PROTOCOL-HTTP2, "Percent-Encoded"), at most 4,096
// bytes.
std::string grpc_message(const diagnosis::Diagnosis& diagnosis, Detail detail = Detail::full);

}  // namespace inspect::report
