// What the proxy prints before it serves: a line for each listener that says how to use it, and
// what the user should know about the settings. Decides nothing.
#pragma once

#include <string>
#include <vector>

#include "proxy/services/services.h"

namespace proxy {

// Warnings and notes, before the listeners' lines. `services` has its authority and its listeners.
std::vector<std::string> start_notes(const Services& services);

// Those of them that are about a risk that the user takes.
std::vector<std::string> start_warnings(const Services& services);

// "listening on 127.0.0.1:8080 (…)", in the order of the listeners: the proxy's page, the value of
// a client's proxy variable, and whether this system trusts the local CA yet.
std::vector<std::string> listening_lines(const Services& services);

// Where a browser on this machine finds the live page, which there must be.
std::string page_url(const Services& services);

}  // namespace proxy
