# Run by CPack on the tree that is about to become a Debian package: what Debian wants otherwise than cmake --install
# puts it.

if(NOT EXISTS ${CPACK_TEMPORARY_DIRECTORY}/usr/bin/doutu)
  message(FATAL_ERROR "${CPACK_TEMPORARY_DIRECTORY}: there is no usr/bin/doutu")
endif()
set(share ${CPACK_TEMPORARY_DIRECTORY}/usr/share)
set(doc ${share}/doc/doutu)

# Without a name and time in it, so that the same sources make the same package.
function(compress)
  execute_process(COMMAND gzip -9n ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(READ ${CPACK_DOUTU_SOURCE_DIR}/LICENSE license)
string(REGEX MATCH "Copyright [^\n]*" holder "${license}")
string(REGEX REPLACE "^MIT License\n+Copyright [^\n]*\n+" "" terms "${license}")
string(REGEX REPLACE "\n\n" "\n.\n" terms "${terms}")
string(STRIP "${terms}" terms)
string(REPLACE "\n" "\n " terms "${terms}")
file(WRITE ${doc}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: doutu
Comment: doutu-fetcher contains Gumbo (Copyright 2010-2014 Google Inc., under the Apache License 2.0, which is in
 /usr/share/common-licenses/Apache-2.0), doutu-downloader contains libdeflate (Copyright 2016, 2018
 Eric Biggers, under the Expat license below).

Files: *
${holder}
License: Expat
 ${terms}
")
file(REMOVE ${doc}/LICENSE)

cmake_host_system_information(RESULT release QUERY DISTRIB_VERSION_CODENAME)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog.Debian "doutu (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) ${release}; urgency=medium

  * Package of version ${CPACK_PACKAGE_VERSION}; see changelog.gz for what it brings.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
compress(${doc}/changelog ${doc}/changelog.Debian)
if(EXISTS ${share}/man/man1/doutu.1)
  compress(${share}/man/man1/doutu.1)
endif()
file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
