# The project's own words for targets: doutu_room, doutu_library, doutu_program, doutu_test.

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

# What every target is compiled with; warnings are errors where the preset says so.
add_library(doutu_options INTERFACE)
target_compile_features(doutu_options INTERFACE cxx_std_20)
target_include_directories(doutu_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(doutu_options INTERFACE DOUTU_VERSION="${PROJECT_VERSION}")
target_compile_options(doutu_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wduplicated-cond -Wlogical-op
  -Wno-restrict)  # gcc 12 misfires on std::string at -O2 (gcc bug 105651)
target_link_libraries(doutu_options INTERFACE Threads::Threads)

# Asio, without the deprecated parts and without a separate library.
add_library(doutu_asio INTERFACE)
target_link_libraries(doutu_asio INTERFACE Boost::headers)
target_compile_definitions(doutu_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_HANDLER_TYPE_REQUIREMENTS)

# The rooms in cmake/rooms.txt, and `<room>_includes`: those that it may include.
file(STRINGS ${PROJECT_SOURCE_DIR}/cmake/rooms.txt lines REGEX "^[a-z]")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/rooms.txt)
set(rooms)
foreach(line ${lines})
  string(REGEX MATCH "^([^:]+): ?(.*)$" line ${line})
  list(APPEND rooms ${CMAKE_MATCH_1})
  string(REPLACE " " ";" ${CMAKE_MATCH_1}_includes "${CMAKE_MATCH_2}")
endforeach()

# The library of a room: doutu_url of shared/url, doutu_crawler_view of crawler/view.
function(doutu_library_of room result)
  string(REGEX REPLACE "^shared/" "" name ${room})
  string(REPLACE "/" "_" name doutu_${name})
  set(${result} ${name} PARENT_SCOPE)
endfunction()

# doutu_room(SOURCES... LINKS targets...): the static library of the folder that calls it. It links the rooms that it may
# include; LINKS are libraries of others.
function(doutu_room)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  file(RELATIVE_PATH room ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  doutu_library_of(${room} name)
  set(links doutu_options)
  foreach(included ${${room}_includes})
    doutu_library_of(${included} library)
    list(APPEND links ${library})
  endforeach()
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC ${links} ${arg_LINKS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${links} ${arg_LINKS})
  endif()
endfunction()

# doutu_library(NAME SOURCES... LINKS targets...): a static library of the tests.
function(doutu_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC doutu_options ${arg_LINKS})
endfunction()

# doutu_program(NAME SOURCES... LINKS targets...): a binary in build/PRESET/bin.
function(doutu_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE doutu_options ${arg_LINKS})
  # It reads what strangers wrote; and it starts in half the time without the libraries that only others need.
  target_link_options(${name} PRIVATE LINKER:-z,relro,-z,now LINKER:--as-needed)
endfunction()

# Every test without a label: what needs no crawl to run.
add_custom_target(unit_tests)

# doutu_test(NAME SOURCES... LINKS targets... [TIMEOUT seconds] [LABELS labels...]): a GoogleTest binary, one ctest test
# per TEST() in it.
function(doutu_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE doutu_options ${arg_LINKS} GTest::gtest GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
  if(NOT arg_LABELS)
    add_dependencies(unit_tests ${name})
  endif()
  foreach(source ${arg_SOURCES})
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    set_property(GLOBAL APPEND PROPERTY DOUTU_TEST_SOURCES ${source})
  endforeach()
endfunction()

# Configuring fails on a *_test.cpp that no target lists: a test that nobody runs is worse than none.
function(doutu_check_every_test_is_listed)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/*_test.cpp)
  get_property(listed GLOBAL PROPERTY DOUTU_TEST_SOURCES)
  foreach(file ${files})
    if(NOT file IN_LIST listed)
      message(FATAL_ERROR "${file} is in no doutu_test(): list it in the CMakeLists.txt beside it")
    endif()
  endforeach()
endfunction()
