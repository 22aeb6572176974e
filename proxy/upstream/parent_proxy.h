// The way through another HTTP proxy (--upstream-proxy): a tunnel by CONNECT (RFC 9110 §9.3.6), or
// a plain request in absolute form (RFC 9112 §3.2.2). Its credentials leave this file only in
// Proxy-Authorization.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "inspect/diagnosis/attempt.h"
#include "inspect/http/message.h"
#include "proxy/io/channel.h"
#include "proxy/io/task.h"
#include "proxy/settings/settings.h"

namespace proxy {

// Parses http[s]://[USER:PASSWORD@]HOST[:PORT]. User and password are percent-encoded; the port is
// 80 or 443 when left out. Throws UsageError, whose text never repeats the URL.
ParentProxy parse_parent(std::string_view url, std::string_view no_proxy);

// The parent that leads to that host; nullptr when the host is reached directly.
const ParentProxy* parent_for(const Settings& settings, std::string_view host, std::uint16_t port);

std::string authority(const ParentProxy& parent);  // "proxy.corp:3128"

// Asks for a tunnel to `target` ("api.example.com:443"), for at most `seconds`; `via` is the value
// of that field. nullopt: the tunnel is open, and what the server has already sent is buffered.
// Otherwise the channel can no longer be used.
io::Task<std::optional<inspect::diagnosis::ParentRefusal>> open_tunnel(io::Channel& channel, const ParentProxy& parent,
                                                                       std::string target, std::string via,
                                                                       double seconds);

inspect::diagnosis::ParentRefusal refusal_of(const inspect::http::ResponseHead& head, const ParentProxy& parent);

// Turns a request in origin form into what the parent takes for the plain HTTP server at that host
// and port. `via`: what is added to that field (via_of).
inspect::http::RequestHead for_parent(inspect::http::RequestHead request, const ParentProxy& parent,
                                      const std::string& host, std::uint16_t port, std::string_view via);

}  // namespace proxy
