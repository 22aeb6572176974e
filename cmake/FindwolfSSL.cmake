# wolfSSL::wolfSSL. By default built once from Debian 13's source package (cmake/build-wolfssl says why) into
# build/wolfssl, which all presets share; WHYTLS_WOLFSSL=system takes an installed one.
# It is built beside our own files: what includes it waits for wolfssl_headers, a program for the library.
if(WHYTLS_WOLFSSL STREQUAL "system")
    find_path(WOLFSSL_INCLUDE_DIR wolfssl/ssl.h)
    find_library(WOLFSSL_LIBRARY wolfssl)
else()
    set(wolfssl_prefix "${PROJECT_SOURCE_DIR}/build/wolfssl")
    set(WOLFSSL_INCLUDE_DIR "${wolfssl_prefix}/include")
    set(WOLFSSL_LIBRARY "${wolfssl_prefix}/lib/libwolfssl.a")
    set(wolfssl_headers "${CMAKE_BINARY_DIR}/wolfssl.headers")
    file(MAKE_DIRECTORY "${WOLFSSL_INCLUDE_DIR}")  # CMake wants to see it
    add_subdirectory("${PROJECT_SOURCE_DIR}/cmake/wolfssl" wolfssl-build)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(wolfSSL REQUIRED_VARS WOLFSSL_LIBRARY WOLFSSL_INCLUDE_DIR)
add_library(wolfSSL::wolfSSL UNKNOWN IMPORTED)
set_target_properties(wolfSSL::wolfSSL PROPERTIES IMPORTED_LOCATION "${WOLFSSL_LIBRARY}")
target_include_directories(wolfSSL::wolfSSL SYSTEM INTERFACE "${WOLFSSL_INCLUDE_DIR}")
target_link_libraries(wolfSSL::wolfSSL INTERFACE m Threads::Threads)
