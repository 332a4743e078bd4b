#!/usr/bin/env python3
"""Set the project up and run it: monitor, test, chapter, lab, shell, lock, bundle. Needs Python 3.11 alone.

examples:
  python run.py monitor                 the whole monitor; the site's path is printed last
  python run.py test                    what CI runs; a table at its end says what failed
  python run.py monitor --help          what a verb does, with its options

output: .venv (made once, from requirements.lock) and build/. Exit code: 0 done, 1 begun but it failed, 2 what was
asked does not exist or lacks something; the message says what.

This file keeps to syntax that every Python reads, so that an old one can say what is wrong.
"""

from __future__ import print_function

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "This project needs Python 3.11 or newer; this is Python %d.%d (%s).\n"
        "Install a newer Python, or name one: 'python3.12 run.py ...', on Windows 'py -3.12 run.py ...'."
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

import argparse
import contextlib
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK, VENV = ROOT / "requirements.lock", ROOT / ".venv"
STAMP = VENV / "llo-environment.json"
# JupyterLab and Spark have their own: what is computed is computed by the packages of .venv, whatever they need.
LAB_LOCK, LAB_VENV = ROOT / "requirements-lab.lock", ROOT / ".venv-lab"
SPARK_LOCK, SPARK_VENV = ROOT / "requirements-spark.lock", ROOT / ".venv-spark"
BESIDE, SLOW = ("lab", "spark"), (["-m", "not slow"], [])  # extras that .venv does not hold; what --slow chooses
WINDOWS = os.name == "nt"
# A bundle that was unpacked has its wheels here: nothing is fetched then.
SEALED = ROOT / "wheels" if (ROOT / "INSTALL.txt").is_file() else None
LOCK_HEADER = "# Exact versions and hashes, no addresses. Made from pyproject.toml by: python run.py lock\n"
NO_ENSUREPIP = (
    "This Python cannot make virtual environments with pip in them (its module 'ensurepip' is missing).\n"
    "One of these helps: on Debian or Ubuntu 'apt install python3-venv'; install uv; or use an environment\n"
    "that already holds the packages of environment.yml with 'python run.py --no-venv ...'."
)
NO_WHEELS = (
    "Without internet: bring what 'python run.py bundle' makes, or say 'python run.py --no-index FOLDER ...';\n"
    "in conda or a sealed environment that has the packages: 'python run.py --no-venv ...'."
)


class Failed(Exception):
    """Something the user must know or do; the message says what."""


def say(text=""):
    """Print at once."""
    print(text, flush=True)


@contextlib.contextmanager
def step(title):
    """Print what is done now, and how long it took."""
    say("==> " + title)
    start = time.perf_counter()
    yield
    say("    took {:.1f} s".format(time.perf_counter() - start))


# --- the environment ----------------------------------------------------------------------------------------


def venv_python(venv=None):
    """The interpreter inside .venv, or another environment."""
    return (venv or VENV) / ("Scripts/python.exe" if WINDOWS else "bin/python")


def site_packages(venv=None):
    """Where .venv, or another environment, keeps its packages."""
    inside = "Lib/site-packages" if WINDOWS else "lib/python{}.{}/site-packages".format(*sys.version_info)
    return (venv or VENV) / inside


def stamp_of(venv=None):
    """The file that says what an environment was made from."""
    return STAMP if venv is None else venv / STAMP.name


def declared(*extras):
    """Requirements that pyproject.toml declares: {name: lowest version}."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + [line for extra in extras for line in project["optional-dependencies"][extra]]
    found = [re.match(r"([\w.-]+)\s*>=\s*([\d.]+)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def wanted():
    """What .venv should be made from; a change of any of these sets it up anew."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: lines for name, lines in project["optional-dependencies"].items() if name not in BESIDE}
    return {
        "python": "{}.{}".format(*sys.version_info),
        "root": str(ROOT),
        "lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        "dependencies": [project["dependencies"], extras],
    }


def wanted_beside(venv):
    """What .venv-lab, or .venv-spark, should be made from."""
    lock = hashlib.sha256((LAB_LOCK if venv == LAB_VENV else SPARK_LOCK).read_bytes()).hexdigest()
    return {"python": "{}.{}".format(*sys.version_info), "root": str(ROOT), "lock": lock}


def installed(venv=None):
    """Names of the packages that an environment holds."""
    return sorted(path.name for path in site_packages(venv).glob("*.dist-info") if (path / "RECORD").is_file())


def runs(python):
    """Whether an interpreter starts and has this Python's version."""
    command = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return answer.returncode == 0 and answer.stdout.strip() == wanted()["python"]
    return False


def condition(venv=None):
    """What .venv, or one beside it, is: absent, broken, foreign (not made by this file), outdated or ready."""
    if not (venv or VENV).exists():
        return "absent"
    if not runs(venv_python(venv)):
        return "broken"
    if not stamp_of(venv).is_file():
        return "foreign"
    try:
        stamp = json.loads(stamp_of(venv).read_text(encoding="utf-8"))
        made_from, packages = stamp["wanted"], stamp["installed"]
    except (ValueError, KeyError, TypeError):
        return "broken"
    if not packages or made_from["root"] != str(ROOT) or not set(packages) <= set(installed(venv)):
        return "broken"
    return "ready" if made_from == (wanted() if venv is None else wanted_beside(venv)) else "outdated"


def write(path, text):
    """Write a small text file, UTF-8 and LF."""
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def create(uv, venv=None):
    """Make an empty environment, over whatever stood there."""
    if not uv and importlib.util.find_spec("ensurepip") is None:
        raise Failed(NO_ENSUREPIP)
    base = getattr(sys, "_base_executable", None) or sys.executable
    command = [base, "-m", "venv", "--clear", str(venv or VENV)] + (["--without-pip"] if uv else [])
    if subprocess.run(command).returncode:
        said = "Could not make {}. Close programs that use it, or delete the folder, and try again.\n"
        raise Failed(said.format((venv or VENV).name) + NO_ENSUREPIP)


def install(uv, no_index, venv=None, lock=None):
    """Bring the locked packages into an environment, with uv where it is installed, else with pip."""
    python, lock = str(venv_python(venv)), lock or LOCK
    options = ["--no-deps", "--require-hashes", "-r", str(lock)]
    quiet = 0 if sys.stdout.isatty() else 1
    if no_index:
        options += ["--no-index", "--find-links", str(no_index)]
    if uv:
        if subprocess.run([uv, "pip", "install", "--python", python] + ["--quiet"] * quiet + options).returncode == 0:
            return
        say("    uv could not install the packages (its message is above); trying pip")
    has_pip = subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0
    if not has_pip and subprocess.run([python, "-m", "ensurepip"], capture_output=True).returncode:
        raise Failed(NO_ENSUREPIP)
    command = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--quiet"] * 2 * quiet + options  # once leaves warnings, of which a mirror may cause hundreds
    if subprocess.run(command).returncode:
        raise Failed("pip could not install the packages of {} (its message is above).\n".format(lock.name) + NO_WHEELS)


def connect():
    """Let .venv find the package where it lies, and give it the `llo` command; needs no build tool."""
    write(site_packages() / "llo_research.pth", os.path.relpath(ROOT, site_packages()) + "\n")
    if WINDOWS:
        write(VENV / "Scripts/llo.cmd", '@"%~dp0python.exe" -m llo_research.cli %*\n')
    else:
        write(VENV / "bin/llo", '#!/bin/sh\nexec "$(dirname "$0")/python" -m llo_research.cli "$@"\n')
        (VENV / "bin/llo").chmod(0o755)


def prepare(options):
    """The interpreter to run everything with; sets .venv up, or mends it, when needed."""
    if options.no_venv:
        check_interpreter(options.verb)
        return sys.executable
    found = condition()
    if found == "ready":
        say("==> environment: .venv is up to date")
        return str(venv_python())
    uv = shutil.which("uv")
    if found in ("absent", "broken"):
        with step("environment: .venv is {}; making it with Python {}.{}.{}".format(found, *sys.version_info)):
            create(uv)
    with step("environment: installing requirements.lock with " + ("uv" if uv else "pip; this takes a few minutes")):
        write(STAMP, "unfinished\n")
        install(uv, options.no_index)
        connect()
        write(STAMP, json.dumps({"wanted": wanted(), "installed": installed()}, indent=1) + "\n")
    return str(venv_python())


def prepare_beside(options, what, venv, lock):
    """The interpreter of .venv-lab or .venv-spark; sets it up, or mends it, when needed."""
    if not lock.is_file():
        raise Failed("{} is not there (no bundle has it); 'python run.py lock' makes it.".format(lock.name))
    found = condition(venv)
    if found != "ready":
        uv = shutil.which("uv")
        with step("{}: {} is {}; installing {}, once".format(what, venv.name, found, lock.name)):
            if found != "outdated":
                create(uv, venv)
            write(stamp_of(venv), "unfinished\n")
            install(uv, options.no_index, venv, lock)
            said = {"wanted": wanted_beside(venv), "installed": installed(venv)}
            write(stamp_of(venv), json.dumps(said, indent=1) + "\n")
    return str(venv_python(venv))


def kernel(python):
    """Let JupyterLab run notebooks with the packages of .venv: its kernel python3 is that interpreter."""
    folder = LAB_VENV / "share" / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True, exist_ok=True)
    command = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    told = {"argv": command, "display_name": "Python 3 (llo_research)", "language": "python"}
    write(folder / "kernel.json", json.dumps(told, indent=1) + "\n")


def numbers(version):
    """A version as numbers that compare."""
    return [int(part) for part in re.findall(r"\d+", version)[:3]]


def check_interpreter(verb):
    """With --no-venv: does this interpreter hold what the verb needs, new enough?"""
    extras = {"monitor": ("notebooks", "docs"), "chapter": ("notebooks",), "lab": ("notebooks", "lab")}
    extras["test"] = ("notebooks", "docs", "test", "lint")
    problems = []
    for name, lowest in sorted(declared(*extras.get(verb, ())).items()):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            version = "not installed"
        if numbers(version) < numbers(lowest):
            problems.append("{} is {} (needed: {} or newer)".format(name, version, lowest))
    if problems:
        said = "--no-venv uses {}, which lacks what '{}' needs:\n  {}\nInstall them there (conda: 'conda env update -f "
        said += "environment.yml'), or leave --no-venv out."
        raise Failed(said.format(sys.executable, verb, "\n  ".join(problems)))


def surroundings(options, **extra):
    """Environment variables of everything that runs: UTF-8, one BLAS thread, the package found."""
    env = dict(os.environ, PYTHONUTF8="1", JUPYTER_PREFER_ENV_PATH="1", JUPYTER_PLATFORM_DIRS="1", **extra)
    env.pop("PYTHONHOME", None)
    if "PYTHONIOENCODING" in env:  # it would override PYTHONUTF8 and stop at the first character it lacks
        env["PYTHONIOENCODING"] = env["PYTHONIOENCODING"].partition(":")[0] + ":replace"
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        env.setdefault(name, "1")
    if options.no_venv:
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")]))
    return env


# --- the verbs ----------------------------------------------------------------------------------------------


def command_line(python, options, rest):
    """monitor and chapter: hand over to the command line of the library."""
    rest = rest + (["--offline"] if SEALED and "--offline" not in rest else [])
    with step(" ".join([options.verb] + rest)):
        command = [python, "-m", "llo_research.cli", options.verb] + rest
        return subprocess.run(command, cwd=ROOT, env=surroundings(options)).returncode


def shell(python, options, rest):
    """An IPython session with the library imported as llo; or, with arguments, Python run with those."""
    start = ["-m", "IPython", "--no-banner", "-i", "-c", "import llo_research as llo"]
    return subprocess.run([python] + (rest or start), env=surroundings(options)).returncode


def lab(python, options, rest):
    """The notebooks in JupyterLab, run by the packages of .venv; what is not known is handed over to it."""
    own = python if options.no_venv else prepare_beside(options, "JupyterLab", LAB_VENV, LAB_LOCK)
    if not options.no_venv:
        kernel(python)
    say("==> JupyterLab; Ctrl-C here ends it. To commit a notebook: python run.py chapter NAME")
    command = [own, "-m", "jupyterlab", "--ServerApp.root_dir=" + str(ROOT), "--LabApp.default_url=/lab/tree/notebooks"]
    # Nothing is looked up on the internet, and no extension is installed beside the lock.
    command += ["--LabApp.extension_manager=readonly", "--LabApp.news_url=None"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    return subprocess.run(command + rest, cwd=ROOT, env=surroundings(options)).returncode


VERIFIABLE = """
import json, pathlib
import matplotlib.font_manager  # on a new machine it lists the fonts, and says so on stderr: not inside a notebook
from llo_research.monitor.notebooks.about import verifiable
can, cannot = verifiable(pathlib.Path())
print(json.dumps([[path.as_posix() for path in can], {path.as_posix(): why for path, why in cannot.items()}]))
"""


def notebooks(python, options):
    """Notebooks that can be verified here; {notebook: reason} for the others; whether the list could be made."""
    how = {"cwd": ROOT, "env": surroundings(options), "capture_output": True, "encoding": "utf-8"}
    answer = subprocess.run([python, "-c", VERIFIABLE], **how)
    if answer.returncode:
        say("Which notebooks can be verified is not known:\n" + answer.stderr)
        return [], {}, False
    return json.loads(answer.stdout) + [True]


def test_steps(python, options, verify):
    """The steps of `test`: name, command, further environment variables."""
    pytest = [python, "-m", "pytest", "-q", "--color=" + ("yes" if sys.stdout.isatty() else "no")]
    if options.complete:
        pytest += ["-p", "tests.house.complete", "--continue-on-collection-errors"]
    cores = min(os.cpu_count() or 1, 4)
    workers = ["-n", str(cores), "--dist", "loadfile"] if cores > 1 else []
    imports = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    ruff, mypy = [python, "-m", "ruff"], [python, "-m", "mypy"]
    steps = [("ruff check", ruff + ["check", "."], {}), ("ruff format", ruff + ["format", "--check", "."], {})]
    steps += [("mypy", mypy, {}), ("import layers", [python, "-c", imports], {})]
    if verify:
        nbval = ["--nbval", "--nbval-current-env", "-p", "no:xdist"]
        steps.append(("notebooks", pytest + nbval + verify, {"PYTHONHASHSEED": "0", "TZ": "UTC"}))
    steps.append(("tests", pytest + workers + ["tests"] + SLOW[options.slow], {"MPLBACKEND": "Agg"}))
    return steps


def run_step(name, command, env):
    """Run one step, show its output, and give (name, passed, seconds, last line)."""
    say("==> " + name)
    start, last = time.perf_counter(), ""
    joined = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8", "errors": "replace"}
    with subprocess.Popen(command, cwd=ROOT, env=env, **joined) as process:
        for line in process.stdout:
            say(line.rstrip("\n"))
            last = line.strip() or last
    seconds = time.perf_counter() - start
    say("    took {:.1f} s".format(seconds))
    return name, process.returncode == 0, seconds, last


def test(python, options, rest):
    """Style, types, layers, notebooks and tests; goes on after a failure and sums up."""
    if options.spark:
        return test_on_spark(python, options)
    verify, absent, known = notebooks(python, options)
    steps, rows = test_steps(python, options, verify), []
    for name, command, extra in steps:
        say("==> step {} of {}".format(len(rows) + 1, len(steps)))
        rows.append(run_step(name, command, dict(surroundings(options, **extra), PYTHONIOENCODING="utf-8")))
    say("\n{:<15} {:<7} {:>8}   last line".format("step", "result", "seconds"))
    for name, passed, seconds, last in rows:
        say("{:<15} {:<7} {:>8.1f}   {}".format(name, "ok" if passed else "FAILED", seconds, last))
    for name, reason in absent.items():
        say("{} is NOT VERIFIED: {}".format(name, reason))
    failed = [name for name, passed, _, _ in rows if not passed] + ([] if known else ["list of notebooks"])
    failed += ["notebooks that were not verified (--complete)"] * bool(absent and options.complete)
    say("\nfailed: " + ", ".join(failed) if failed else "\nall steps passed")
    return 1 if failed else 0


def test_on_spark(python, options):
    """The tests of scans with the packages of .venv and, beside them, Spark; they say what they skip and why."""
    extra = {"LLO_TEST_SPARK": "1"}
    if not options.no_venv:
        prepare_beside(options, "Spark", SPARK_VENV, SPARK_LOCK)
        extra["PYTHONPATH"] = str(site_packages(SPARK_VENV))
    command = [python, "-m", "pytest", "-q", "tests/scanning"] + SLOW[options.slow]
    return subprocess.run(command, cwd=ROOT, env=surroundings(options, **extra)).returncode


def lock(options, rest):
    """Write the lock files anew from pyproject.toml; pins stay unless --upgrade is given."""
    uv = shutil.which("uv")
    if not uv:
        raise Failed("'lock' needs uv, which resolves for all systems at once: pip install uv")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    compile_lock(
        uv, ["pyproject.toml"] + ["--extra=" + name for name in extras if name not in BESIDE], None, LOCK, rest
    )
    for name, source, target in (("lab", ["-"], LAB_LOCK), ("spark", ["-", "-c", LOCK.name], SPARK_LOCK)):
        compile_lock(uv, source, "\n".join(extras[name]), target, rest)
    return 0


def compile_lock(uv, source, text, target, rest):
    """Resolve what a file, or a text, asks for; write versions and hashes, for all systems."""
    command = [uv, "pip", "compile"] + source + ["--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header", "--quiet"]
    with step("lock: resolving " + target.name):
        answer = subprocess.run(command + ["-o", str(target)] + rest, cwd=ROOT, input=text, encoding="utf-8")
        if answer.returncode:
            raise Failed("uv could not resolve the dependencies of pyproject.toml (its message is above).")
        found = target.read_text(encoding="utf-8")
        if "://" in found:
            raise Failed(target.name + " holds an address; it must name versions and hashes only.")
        write(target, LOCK_HEADER + found)
        say("    {} pins".format(len(re.findall(r"^[\w.-]+==", found, flags=re.MULTILINE))))


def names(rest):
    """The arguments that are neither options of the library's command line nor their values."""
    values = {at + 1 for at, word in enumerate(rest) if word in ("--edition", "--language", "--source")}
    return [word for at, word in enumerate(rest) if not word.startswith("-") and at not in values]


VERBS = {
    "monitor": "build the site with all chapters, as llo monitor",
    "chapter": "build one chapter, by NAME or number, as llo chapter",
    "test": "style, types, import layers, notebooks and tests",
    "shell": "an interactive session with the library as llo; with arguments: run Python with those",
    "lab": "the notebooks in JupyterLab, installed on first use; hands over its options, such as --no-browser",
    "lock": "write the lock files anew (needs uv); hands over --upgrade",
    "bundle": "make a zip of wheels, library and notes for a computer without internet",
}


def read_arguments(arguments):
    """The verb and its options; what the verb hands over comes back as the second value."""
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--no-venv", action="store_true", help="use this interpreter and its packages (conda, sealed)")
    common.add_argument("--no-index", metavar="DIR", help="install from a folder of wheels instead of the internet")
    raw, head = argparse.RawDescriptionHelpFormatter, __doc__.rpartition("\n\n")[0]
    parser = argparse.ArgumentParser(prog="run.py", description=head, parents=[common], formatter_class=raw)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    made, own = {}, ("monitor", "chapter", "bundle")  # these have a help of their own
    for name, text in VERBS.items():
        told = {"help": text, "description": text, "parents": [common], "add_help": name not in own}
        made[name] = verbs.add_parser(name, allow_abbrev=False, **told)
    made["test"].add_argument("--slow", action="store_true", help="add the coverage studies and other slow tests")
    made["test"].add_argument("--complete", action="store_true", help="fail when anything was skipped or not verified")
    made["test"].add_argument("--spark", action="store_true", help="only the tests of scans, on Spark (needs Java 17)")
    options, rest = parser.parse_known_args(arguments)
    options.no_venv = getattr(options, "no_venv", False)
    if options.verb == "chapter" and not names(rest) and not {"-h", "--help"} & set(rest):
        parser.error("which chapter? For example: python run.py chapter 08_netherlands_in_piaac")
    if options.verb in ("monitor", "chapter"):  # help, or what is wrong, before anything is set up
        library = importlib.import_module("llo_research.console.parser").parser
        library().parse_args([options.verb] + rest)
    if rest and options.verb == "test":
        parser.error("test does not know: " + " ".join(rest))
    options.no_index = Path(options.no_index).resolve() if getattr(options, "no_index", None) else SEALED
    if options.no_index and not options.no_index.is_dir():
        parser.error("--no-index: there is no folder {}".format(options.no_index))
    return options, rest


def main(arguments):
    """Run one verb and give the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    sys.path.insert(0, str(ROOT))
    options, rest = read_arguments(arguments)
    start = time.perf_counter()
    try:
        if options.verb == "lock":
            return lock(options, rest)
        if options.verb == "bundle":
            return importlib.import_module("llo_research.sealed.command").main(ROOT, rest)
        python = prepare(options)
        verbs = {"monitor": command_line, "chapter": command_line, "test": test, "lab": lab, "shell": shell}
        code = verbs[options.verb](python, options, rest)
    except Failed as problem:
        say(str(problem))
        return 2
    except KeyboardInterrupt:
        say("stopped")
        return 130
    say("{}: {:.1f} s in all".format(options.verb, time.perf_counter() - start))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
