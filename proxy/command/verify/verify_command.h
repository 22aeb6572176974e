// `whytls verify CHAIN …`: the verification of a connection, on files and without a connection.
#pragma once

#include <string>
#include <vector>

#include "inspect/diagnosis/given_option.h"
#include "proxy/command/judging_options.h"

namespace proxy {

struct VerifyCommand {
    std::vector<std::string> chains;  // "-" is the standard input
    std::string host;                 // without brackets; with "" no name is checked
    Judging judging;
    std::vector<std::string> untrusted, crl, ocsp;
    bool until_breaks = false, json = false;
    std::vector<inspect::diagnosis::GivenOption> given;  // those that decide the verdict, as typed
};

// Prints a report for each chain to stdout. Returns the exit code of contract §1: 0 when all
// verify, else 1. Throws UsageError for a file that cannot be used, before anything is printed.
int run_verify_command(const VerifyCommand& command);

}  // namespace proxy
