#!/usr/bin/env python3
"""run_tests.py [--jobs N] STAGE...: runs stages of tests one after another and counts every case.

A case is one GoogleTest case, one fuzzer, one check of a scenario, or one house rule script. What fails is shown with
its output as soon as its stage is over. The last line is `N passed, N failed`; the exit status is 1 if anything failed.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZ_SECONDS = 20
CASE_TIMEOUT = 600
SHOWN_LINES = 60


class Tally:
    """The cases of one stage."""

    def __init__(self):
        self.passed = 0
        self.failures = []

    def add(self, name, ok, output=""):
        if ok:
            self.passed += 1
        else:
            self.failures.append((name, output))


def run(command, timeout=CASE_TIMEOUT, **options):
    """(exit status, output) of a command; a command that is too slow has failed."""
    try:
        done = subprocess.run([str(part) for part in command], cwd=options.pop("cwd", ROOT), timeout=timeout,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        return done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as slow:
        return -1, (slow.stdout or b"").decode("utf-8", "replace") + f"\nno end after {timeout} s"


def script(tally, *command, timeout=CASE_TIMEOUT):
    status, output = run(command, timeout)
    tally.add(" ".join(str(part) for part in command), status == 0, output)


def tap(tally, *command, timeout=CASE_TIMEOUT):
    """A program that reports its cases as `ok - NAME` and `not ok - NAME`, and ends with status 0 if all are ok."""
    status, output = run(command, timeout)
    name = " ".join(str(part) for part in command)
    cases = re.findall(r"^(ok|not ok) - (.*)$", output, re.MULTILINE)
    for word, case in cases:
        tally.add(f"{name}: {case}", word == "ok")
    bad = any(word != "ok" for word, _ in cases)
    if bad:
        tally.failures[-1] = (tally.failures[-1][0], output)
    if not cases or (status != 0 and not bad):
        tally.add(f"{name} (status {status})", False, output)


def build(tally, preset, jobs, *targets):
    """Configures and builds; a build that fails is a failed case, and gives False."""
    status, output = run(["cmake", "--preset", preset], 300)
    if status == 0:
        command = ["cmake", "--build", "--preset", preset, "-j", jobs, *(["--target", *targets] if targets else [])]
        status, output = run(command, 3600)
    if status != 0:
        tally.add(f"build {preset}", False, output)
    return status == 0


def discover(folder, label):
    """The CTest cases of a build folder as {program: {case: command}}; other tests have their command as program."""
    command = ["ctest", "--test-dir", folder, "--show-only=json-v1"] + (["-L", label] if label else [])
    out = subprocess.run([str(part) for part in command], check=True, capture_output=True, cwd=ROOT).stdout
    programs = {}
    for test in json.loads(out)["tests"]:
        words = test.get("command")
        if not words:
            raise RuntimeError(f"{test['name']} was not built")
        key = words[0] if any(word.startswith("--gtest_filter=") for word in words) else tuple(words)
        programs.setdefault(key, {})[test["name"]] = words
    return programs


def run_program(program, cases, environment):
    """[(case, ok, output)] of one test program: all cases in one process; each in its own if that process dies."""
    if isinstance(program, tuple):
        return [(name, *_ok(run(words, env=environment))) for name, words in cases.items()]
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        status, output = run([program, f"--gtest_output=json:{report.name}"], env=environment)
        text = pathlib.Path(report.name).read_text(encoding="utf-8")
    results = {}
    for suite in json.loads(text)["testsuites"] if text else ():
        for case in suite["testsuite"]:
            told = "\n".join(failure["failure"] for failure in case.get("failures", ()))
            results[f"{suite['name']}.{case['name']}"] = (case["result"] == "COMPLETED" and not told, told)
    if status != 0 and all(ok for ok, _ in results.values()):
        rows = [(name, *_ok(run(words, env=environment))) for name, words in cases.items()]
        if all(ok for _, ok, _ in rows):
            rows.append((f"{program} (status {status})", False, output))
        return rows
    return [(name, *result) for name, result in results.items()]


def _ok(result):
    return result[0] == 0, result[1]


def run_cases(tally, folder, jobs, label=None):
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1",
                       TSAN_OPTIONS=f"halt_on_error=1:suppressions={ROOT}/tests/tsan_suppressions.txt",
                       UBSAN_OPTIONS="print_stacktrace=1", LC_ALL="C.UTF-8", TZ="UTC")
    programs = discover(folder, label)
    if not programs:
        tally.add(f"{folder}: no test", False, "nothing was found to run")
    with ThreadPoolExecutor(jobs) as pool:
        for rows in pool.map(lambda item: run_program(*item, environment), programs.items()):
            for row in rows:
                tally.add(*row)


def stage_house(tally, jobs):
    script(tally, "scripts/check_layers.py")
    script(tally, "scripts/check_format.sh")
    script(tally, "scripts/make_dialect_pages.py", "--check")


def stage_release(tally, jobs):
    if build(tally, "release", jobs):
        run_cases(tally, ROOT / "build/release", jobs)


def stage_asan(tally, jobs):
    if build(tally, "asan", jobs):
        run_cases(tally, ROOT / "build/asan", jobs)


def stage_tsan(tally, jobs):
    if build(tally, "tsan", jobs, "threaded_tests"):
        run_cases(tally, ROOT / "build/tsan", jobs, "threaded")


def stage_truth(tally, jobs):
    if build(tally, "release", jobs, "mailtrail"):
        script(tally, "scripts/check_truth.py", "--all", ROOT / "build/release/mailtrail")


def stage_readme(tally, jobs):
    if build(tally, "release", jobs, "mailtrail"):
        tap(tally, "scripts/refresh_readme.py", "--check", ROOT / "build/release/mailtrail")


def stage_scenario(tally, jobs):
    if build(tally, "release", jobs, "mailtrail"):
        for runner in sorted((ROOT / "tests/scenario").glob("*/run.sh")):
            tap(tally, runner.relative_to(ROOT), ROOT / "build/release/mailtrail")


def fuzz_one(source):
    name = source.stem
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as scratch:
        seeds, found = pathlib.Path(scratch, "seeds"), pathlib.Path(scratch, "found")
        found.mkdir()
        status, output = run([ROOT / "scripts/make_seeds.py", source, seeds])
        if status != 0:
            return f"fuzz_{name}", False, output
        program = ROOT / f"build/fuzz/tests/fuzz/fuzz_{name}"
        status, output = run([program, f"-max_total_time={FUZZ_SECONDS}", "-timeout=10", "-rss_limit_mb=2048",
                              "-print_final_stats=1", "-verbosity=1", found, seeds], cwd=scratch)
        executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
        crash = next(iter(pathlib.Path(scratch).glob("crash-*")), None)
        if crash:
            output += f"\ninput that did it: {crash.read_bytes()[:2000]!r}"
        return f"fuzz_{name}", status == 0 and executed is not None and int(executed[1]) > 0, output


def stage_fuzz(tally, jobs):
    sources = sorted((ROOT / "tests/fuzz").glob("*.cc"))
    if not sources:
        tally.add("tests/fuzz: no fuzzer", False, "nothing was found to run")
    elif build(tally, "fuzz", jobs, *(f"fuzz_{source.stem}" for source in sources)):
        with ThreadPoolExecutor(jobs) as pool:
            for row in pool.map(fuzz_one, sources):
                tally.add(*row)


STAGES = {name[len("stage_"):]: function for name, function in list(globals().items()) if name.startswith("stage_")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("stages", nargs="+", metavar="STAGE", choices=sorted(STAGES), help=" ".join(STAGES))
    options = parser.parse_args()
    passed = failed = 0
    for stage in options.stages:
        tally, begin = Tally(), time.monotonic()
        STAGES[stage](tally, options.jobs)
        for name, output in tally.failures:
            lines = output.rstrip().splitlines()
            print(f"--- failed: {name}")
            lines = [line for line in lines if not line.startswith("ok - ")]  # what went well hides what did not
            if len(lines) > SHOWN_LINES:
                print(f"    ... the last {SHOWN_LINES} of {len(lines)} lines")
            print("\n".join("    " + line for line in lines[-SHOWN_LINES:]))
        seconds = time.monotonic() - begin
        print(f"{stage:<9} {tally.passed:5} passed {len(tally.failures):4} failed  {seconds:6.1f} s", flush=True)
        passed += tally.passed
        failed += len(tally.failures)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
