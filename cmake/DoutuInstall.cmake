# What cmake --install puts where, the completions and the manual page that it needs built, and the Debian package.

install(TARGETS doutu RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Nobody starts these by hand; doutu finds them relative to itself (shared/process/child_process.h).
install(TARGETS doutu-fetcher doutu-downloader doutu-decoder RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/doutu)
# With all that they link to.
install(FILES README.md README.zh-CN.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md SECURITY.md LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

# What a shell proposes is what the program declares: doutu writes it itself.
set(completions ${PROJECT_BINARY_DIR}/completions)
set(shells bash zsh fish)
foreach(shell ${shells})
  add_custom_command(OUTPUT ${completions}/doutu.${shell}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${completions}
    COMMAND doutu completions ${shell} > ${completions}/doutu.${shell}
    DEPENDS doutu VERBATIM)
endforeach()
list(TRANSFORM shells PREPEND ${completions}/doutu. OUTPUT_VARIABLE completion_files)
add_custom_target(completions ALL DEPENDS ${completion_files})
install(FILES ${completions}/doutu.bash RENAME doutu
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}/doutu.zsh RENAME _doutu DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}/doutu.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

find_program(SCDOC scdoc)
if(SCDOC)
  set(manual ${PROJECT_BINARY_DIR}/docs/doutu.1)
  configure_file(docs/doutu.1.scd ${manual}.scd @ONLY)
  add_custom_command(OUTPUT ${manual} COMMAND ${SCDOC} < ${manual}.scd > ${manual} DEPENDS ${manual}.scd VERBATIM)
  add_custom_target(manual ALL DEPENDS ${manual})
  install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
else()
  message(STATUS "scdoc is not installed: there will be no manual page")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME doutu)
set(CPACK_PACKAGE_VENDOR doutu)
set(CPACK_PACKAGE_CONTACT "doutu maintainers <maintainers@doutu.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Older than any that Debian itself may make of this version; and older on Debian 12 than on 13, so that who upgrades the
# one to the other gets the other's package.
cmake_host_system_information(RESULT debian QUERY DISTRIB_VERSION_ID)
set(CPACK_DEBIAN_PACKAGE_RELEASE 0doutu1~deb${debian})
set(CPACK_DEBIAN_PACKAGE_SECTION web)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
# The project's DESCRIPTION is its first line.
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"doutu fetches every image of a range of web pages and checks it. A ledger on
disk records the result of each page and each image, so the totals always add
up.
.
Several processes fetch pages, one downloads the images, thousands a second
where the server allows it. Kill any of them at any moment, start the same
command again, and nothing is lost, torn or kept twice.")
# Debian's own files (changelog, copyright, compressed manual) are made from ours on the way into the package.
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian_files.cmake)
set(CPACK_DOUTU_SOURCE_DIR ${PROJECT_SOURCE_DIR})
include(CPack)
