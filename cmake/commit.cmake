# cmake -DOUTPUT=FILE.h -DSOURCE=FOLDER -P commit.cmake: writes WHYTLS_COMMIT, the commit that the sources are of; "" where
# they are not in a git tree of their own.
set(commit "")
if(EXISTS "${SOURCE}/.git")
    execute_process(COMMAND git -C "${SOURCE}" rev-parse --short=12 HEAD OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT "// Made by cmake/commit.cmake.\n#define WHYTLS_COMMIT \"${commit}\"\n" @ONLY)
