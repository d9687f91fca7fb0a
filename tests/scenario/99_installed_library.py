# SPDX-License-Identifier: MIT
"""What `cmake --install` puts elsewhere is enough for others: each component has its files, the shared
library exports what its headers declare and nothing else, every header stands by itself in C and C++,
and a program outside the tree is built by pkg-config and by CMake and emits events."""
import pathlib
import re
import shutil
import subprocess

from harness import BIN, SANITIZED, Scenario, equal, skip, wait_until

BUILD = BIN.parent

# Of the catalogs' messages too.
CONSUMER = """\
#include <oyez/catalog/tamma.h>
#include <oyez/client.h>
#include <oyez/message.h>
#include <stdio.h>

int main(void)
{
    oyez_client *client = NULL;
    const struct oyez_event event = {.event_type = "session.created", .details = "{}"};
    struct oyez_receipt receipt = {0};
    oyez_err err = oyez_client_open(&client, NULL, 20000);
    if (err == OYEZ_OK)
        err = oyez_client_emit_wait(client, &event, OYEZ_LEVEL_SENT, 20000, &receipt);
    oyez_client_close(&client);
    printf("%s %llu %d\\n", oyez_strerror(err), (unsigned long long)receipt.position,
           oyez_catalogs_tamma_IssueAssignedSuccess_msg.field_count > 0);
    return err == OYEZ_OK ? 0 : 1;
}
"""

CMAKE = """\
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(oyez 0.1 REQUIRED)
add_executable(consumer consumer.c)
target_link_libraries(consumer PRIVATE oyez::oyez)
"""


def run(*argv, **options):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False,
                          **options)
    equal(done.returncode, 0, f"{' '.join(map(str, argv))}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def built(build):
    """What the build must have made before it can be installed."""
    return [build / "bin" / "oyez", build / "bin" / "oyez-broker", build / "bin" / "oyez-recorder",
            build / "deploy" / "library" / "liboyez.so"]


def install(prefix, component):
    run("cmake", "--install", BUILD, "--prefix", prefix, "--component", component)
    return sorted(str(p.relative_to(prefix)) for p in prefix.rglob("*") if not p.is_dir())


def components(base):
    """Each has its own files, and none has another's."""
    found = {name: install(base / name, name) for name in ("library", "development", "cli", "server")}
    names = {name: {pathlib.Path(p).name for p in paths} for name, paths in found.items()}
    equal({"liboyez.so.1", "liboyez.so.1.0.0"} <= names["library"], True, found["library"])
    equal({"liboyez.so", "oyez.pc", "oyez-config.cmake", "client.h", "types.h", "tamma.h",
           "options.proto"} <= names["development"], True, found["development"])
    equal("bin/oyez" in found["cli"], True, found["cli"])
    equal({"bin/oyez-broker", "bin/oyez-recorder"} <= set(found["server"]), True, found["server"])
    every = [path for paths in found.values() for path in paths]
    equal(len(every), len(set(every)), "a file is in one component")
    equal([p for p in every if p.endswith(".a")], [], "no archive")


def pkg_config(prefix, *arguments):
    path = next(prefix.rglob("oyez.pc")).parent
    return run("pkg-config", f"--define-variable=prefix={prefix}", *arguments, "oyez",
               env={"PKG_CONFIG_PATH": str(path), "PATH": "/usr/bin:/bin"}).split()


# Of the compiler's, in a build that counts lines.
COUNTING = re.compile(r"__gcov_|mangle_path$")


def exported(library):
    names = {line.split()[-1].split("@")[0]
             for line in run("nm", "-D", "--defined-only", library).splitlines()}
    return {name for name in names if not COUNTING.match(name)}


def defined():
    """What the build has made at all: a header may be there before its functions are."""
    archives = [p for name in ("proto", "client/lib") for p in (BUILD / name).glob("*.a")]
    return {line.split()[-1] for line in run("nm", "--defined-only", *archives).splitlines()
            if re.match(r"[0-9a-f]+ [A-Z] ", line)}


def declared(include):
    """What the installed headers promise, and the descriptors of the catalogs' messages."""
    names = set()
    for header in include.rglob("*.h"):
        text = re.sub(r"//[^\n]*", "", header.read_text())
        names.update(re.findall(r"OYEZ_EXPORT\b[^;({]*?\b(oyez_\w+)\s*[(;\[]", text))
        names.update(re.findall(r"^extern const pb_msgdesc_t (\w+);", text, re.M))
    return names


def headers_stand_alone(s, prefix):
    flags = pkg_config(prefix, "--cflags")
    include = next(prefix.rglob("client.h")).parent
    for language, compiler, standard in (("c", "gcc", "c11"), ("c++", "g++", "c++17")):
        for header in sorted(include.glob("*.h")):
            unit = s.directory / "unit"
            unit.write_text(f"#include <oyez/{header.name}>\n#include <oyez/{header.name}>\n")
            run(compiler, f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-x", language,
                "-fsyntax-only", *flags, unit)


def with_pkg_config(s, prefix, source):
    program = s.directory / "by-pkg-config"
    run("gcc", source, "-o", program, *pkg_config(prefix, "--cflags", "--libs"))
    return program


def with_cmake(s, prefix, source):
    project = s.directory / "project"
    project.mkdir()
    shutil.copy(source, project)
    (project / "CMakeLists.txt").write_text(CMAKE)
    run("cmake", "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", project / "build")
    return project / "build" / "consumer"


def emits(s, prefix, program, position):
    library = next(prefix.rglob("liboyez.so.1")).parent
    told = s.start(program.name, program,
                   environment={"LD_LIBRARY_PATH": str(library)}).ends_with(0).stdout()
    equal(told.split()[-2:], [str(position), "1"], "what it printed")


if SANITIZED:
    skip("a program outside the tree knows no sanitizer")
for path in built(BUILD):
    if not path.exists():
        skip(f"{path} is not built")
for tool in ("cmake", "pkg-config", "gcc", "g++", "nm", "objdump"):
    if shutil.which(tool) is None:
        skip(f"{tool} is not installed")

with Scenario() as s:
    components(s.directory / "components")
    prefix = s.directory / "prefix"
    for component in ("library", "development"):
        install(prefix, component)
    library = next(prefix.rglob("liboyez.so.1"))
    promised = declared(next(prefix.rglob("include")))
    equal(len(promised) > 200, True, f"{len(promised)} names in the headers")
    equal(exported(library) - promised, set(), "exported, and in no header")
    equal(promised & defined() - exported(library), set(), "in a header, and not exported")
    needed = run("objdump", "-p", library)
    equal("libczmq" in needed, False, "czmq is for programs alone")
    equal("SONAME               liboyez.so.1\n" in needed, True, needed)
    headers_stand_alone(s, prefix)
    source = s.directory / "consumer.c"
    source.write_text(CONSUMER)
    s.start_broker()
    emits(s, prefix, with_pkg_config(s, prefix, source), 1)
    emits(s, prefix, with_cmake(s, prefix, source), 2)
