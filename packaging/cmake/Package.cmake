# SPDX-License-Identifier: GPL-3.0-or-later
# What an installation holds, so that it runs from any prefix, and the Debian package made of it:
#   cmake --install build/release --prefix FOLDER
#   cpack --config build/release/CPackConfig.cmake
# Programs go to bin, tools to lib/howdah/tools, and what only they use (libhowdah-ui, libraries that
# packaging/setup had to build) to lib/howdah, out of the way of the system's own.

set(howdah_private_libraries "${CMAKE_INSTALL_LIBDIR}/howdah")

# howdah_installed_beside(<target> <way from the target's folder to the private libraries>)
function(howdah_installed_beside target way)
    if(TARGET ${target})
        set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN${way}")
    endif()
endfunction()
howdah_installed_beside(howdah "/../${howdah_private_libraries}")
howdah_installed_beside(howdah-cli "/../${howdah_private_libraries}")
howdah_installed_beside(howdah-ui "")
if(TARGET howdah-ui)
    install(TARGETS howdah-ui LIBRARY DESTINATION "${howdah_private_libraries}")
    get_property(tool_folders DIRECTORY "${CMAKE_SOURCE_DIR}/plugins" PROPERTY SUBDIRECTORIES)
    foreach(folder IN LISTS tool_folders)
        get_property(tools DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
        foreach(tool IN LISTS tools)
            get_target_property(type ${tool} TYPE)
            if(type STREQUAL "MODULE_LIBRARY")
                howdah_installed_beside(${tool} "/..")
            endif()
        endforeach()
    endforeach()
endif()

# Libraries of our own making: under the name that the programs ask for, without links and headers.
function(howdah_install_bundled library)
    get_filename_component(file "${library}" REALPATH)
    execute_process(COMMAND ${CMAKE_OBJDUMP} -p "${file}" OUTPUT_VARIABLE headers ERROR_QUIET)
    if(headers MATCHES "SONAME +([^\n ]+)")
        install(FILES "${file}" DESTINATION "${howdah_private_libraries}" RENAME "${CMAKE_MATCH_1}")
        # They name the folder they were built for; nothing of theirs lies there on another machine.
        install(CODE "file(RPATH_REMOVE FILE
            \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${howdah_private_libraries}/${CMAKE_MATCH_1}\")")
    else()
        message(FATAL_ERROR "${file} has no SONAME: packaging/setup builds it anew once it is deleted")
    endif()
endfunction()
if(howdah_pq_library MATCHES "^${howdah_prefix}")
    howdah_install_bundled("${howdah_pq_library}")
endif()
if(TARGET KF5::SyntaxHighlighting)
    get_target_property(howdah_highlighting KF5::SyntaxHighlighting LOCATION)
    howdah_install_bundled("${howdah_highlighting}")
endif()

install(FILES "${CMAKE_SOURCE_DIR}/packaging/copyright" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
if(HOWDAH_GUI)
    install(FILES "${CMAKE_SOURCE_DIR}/packaging/howdah.desktop" DESTINATION "${CMAKE_INSTALL_DATADIR}/applications")
    install(FILES "${CMAKE_SOURCE_DIR}/packaging/org.howdah.Howdah.metainfo.xml"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/metainfo")
    install(FILES "${CMAKE_SOURCE_DIR}/resources/icons/howdah.svg"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME howdah)
set(CPACK_PACKAGE_VENDOR "Howdah")
set(CPACK_PACKAGE_CONTACT "Howdah maintainers <maintainers@howdah.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX "/usr")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "desktop workbench for PostgreSQL")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Queries, explains and tunes PostgreSQL 13 to 18. Every piece of advice comes with
its proof, measured on your own server before anything is changed. Holds the
window (howdah) and its headless twin (howdah-cli).")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${howdah_prefix}/lib" "${CMAKE_BINARY_DIR}/ui")
# What no library link tells: the platform plugin, pictures in SVG; a server to start the demo with.
if(HOWDAH_GUI)
    set(CPACK_DEBIAN_PACKAGE_DEPENDS "qt6-qpa-plugins, libqt6svg6")
    set(CPACK_DEBIAN_PACKAGE_SUGGESTS "qt6-wayland")
endif()
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "postgresql")
include(CPack)
