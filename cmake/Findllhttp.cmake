# llhttp::llhttp, from libllhttp-dev where it exists, else from the C sources that Debian 12 ships in node-llhttp.
find_path(LLHTTP_INCLUDE_DIR llhttp.h PATHS /usr/include /usr/share/include PATH_SUFFIXES llhttp)
find_library(LLHTTP_LIBRARY llhttp)
find_path(LLHTTP_SOURCE_DIR llhttp.c PATHS /usr/share/llhttp NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
if(LLHTTP_LIBRARY)
    find_package_handle_standard_args(llhttp REQUIRED_VARS LLHTTP_LIBRARY LLHTTP_INCLUDE_DIR)
    add_library(llhttp::llhttp UNKNOWN IMPORTED)
    set_target_properties(llhttp::llhttp PROPERTIES IMPORTED_LOCATION "${LLHTTP_LIBRARY}")
    target_include_directories(llhttp::llhttp INTERFACE "${LLHTTP_INCLUDE_DIR}")
else()
    find_package_handle_standard_args(llhttp REQUIRED_VARS LLHTTP_SOURCE_DIR LLHTTP_INCLUDE_DIR
                                      REASON_FAILURE_MESSAGE "install libllhttp-dev, or Debian 12's node-llhttp")
    add_library(llhttp_from_source STATIC "${LLHTTP_SOURCE_DIR}/llhttp.c" "${LLHTTP_SOURCE_DIR}/api.c" "${LLHTTP_SOURCE_DIR}/http.c")
    target_include_directories(llhttp_from_source SYSTEM PUBLIC "${LLHTTP_INCLUDE_DIR}")
    target_compile_options(llhttp_from_source PRIVATE -w)
    add_library(llhttp::llhttp ALIAS llhttp_from_source)
endif()
