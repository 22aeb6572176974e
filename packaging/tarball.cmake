# The tarball of all of it, to be unpacked anywhere (./dev package --portable): bin, lib/whytls with the libraries that the
# program is linked with, all but the C library, share. Their licenses go along, as those of what is in the program.
set(here share/doc/whytls)
install(TARGETS whytls RUNTIME_DEPENDENCIES PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|pthread|dl|rt)\\.so" RUNTIME DESTINATION bin
    LIBRARY DESTINATION lib/whytls)
install(DIRECTORY "${documents}/man/" DESTINATION share/man/man1)
install(FILES "${reference}/whytls.bash" DESTINATION share/bash-completion/completions RENAME whytls)
install(FILES "${reference}/_whytls" DESTINATION share/zsh/site-functions)
install(FILES "${reference}/whytls.fish" DESTINATION share/fish/vendor_completions.d)
install(FILES copyright "${reference}/whytls.toml" "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/docs/manual.md"
    "${PROJECT_SOURCE_DIR}/docs/contract.md" DESTINATION "${here}")
file(GLOB unistring RELATIVE /usr/share/doc /usr/share/doc/libunistring[0-9])
foreach(package libbrotli-dev libfmt-dev libidn2-dev libnghttp2-dev libqrencode-dev libsqlite3-dev libstdc++6 ${unistring} libuv1-dev
        libzstd-dev zlib1g-dev)
    install(FILES "/usr/share/doc/${package}/copyright" DESTINATION "${here}/licenses" RENAME "${package}")
endforeach()

set(CPACK_GENERATOR TGZ)
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}")
set(CPACK_PACKAGE_FILE_NAME "whytls-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_STRIP_FILES ON)
include(CPack)
