# Built targets -> what find_package(lamina [COMPONENTS data]) and pkg-config find.
# SPDX-License-Identifier: Apache-2.0
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lamina)
set(generated ${CMAKE_CURRENT_BINARY_DIR}/package)

# A moved prefix still finds its own libraries.
file(RELATIVE_PATH libraries_from_bin /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
set(CMAKE_INSTALL_RPATH $ORIGIN/${libraries_from_bin})
set_target_properties(lamina_data PROPERTIES EXPORT_NAME data INSTALL_RPATH $ORIGIN)
foreach(target lamina lamina_data)
  string(REPLACE _ - set ${target}-targets)
  install(TARGETS ${target} EXPORT ${set}
    RUNTIME COMPONENT runtime
    LIBRARY COMPONENT runtime NAMELINK_COMPONENT development
    ARCHIVE COMPONENT development)
endforeach()
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
install(DIRECTORY include/lamina TYPE INCLUDE)
foreach(set lamina-targets lamina-data-targets)
  install(EXPORT ${set} NAMESPACE lamina:: DESTINATION ${package_dir})
endforeach()

# A static library makes its users link what it uses; a shared one does not.
set(pc_modules)
set(find_dependencies "")
if(LAMINA_WITH_TBB)
  list(APPEND pc_modules tbb)
  string(APPEND find_dependencies "find_dependency(TBB)\n")
endif()
if(lamina_has_zip)
  list(APPEND pc_modules zlib)
endif()
string(APPEND find_dependencies "find_dependency(ZLIB)\n") # lamina::data
if(BUILD_SHARED_LIBS)
  set(find_dependencies "")
  set(pc_requires Requires.private)
else()
  string(PREPEND find_dependencies "include(CMakeFindDependencyMacro)\n")
  set(pc_requires Requires)
endif()
list(JOIN pc_modules " " pc_modules)
set(pc_requires_line)
if(pc_modules)
  set(pc_requires_line "${pc_requires}: ${pc_modules}\n")
endif()
configure_package_config_file(cmake/lamina-config.cmake.in ${generated}/lamina-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${generated}/lamina-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${generated}/lamina-config.cmake ${generated}/lamina-config-version.cmake DESTINATION ${package_dir})

# The .pc files find their folder from where they lie, so that a prefix can be moved.
file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
foreach(name lamina lamina-data)
  configure_file(cmake/${name}.pc.in ${generated}/${name}.pc @ONLY)
  install(FILES ${generated}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
