# What every target of ours is compiled and linked with.
add_library(whytls_options INTERFACE)
target_compile_options(whytls_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
                       -Wimplicit-fallthrough -Werror=return-type -Werror=switch -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_link_options(whytls_options INTERFACE -fuse-ld=lld)
    # Packages bring headers with old dates: ninja does not see that they changed, and clang must not stumble over it.
    target_compile_options(whytls_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
if(NOT WHYTLS_SANITIZE STREQUAL "")
    target_compile_options(whytls_options INTERFACE -fsanitize=${WHYTLS_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(whytls_options INTERFACE -fsanitize=${WHYTLS_SANITIZE})
else()
    target_compile_options(whytls_options INTERFACE -fstack-protector-strong)
    target_compile_definitions(whytls_options INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
endif()
if(WHYTLS_FUZZ)
    target_compile_options(whytls_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
