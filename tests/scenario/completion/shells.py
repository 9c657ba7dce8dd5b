"""shells.py MAILTRAIL: what bash, zsh and fish offer behind some beginnings of a command line of mailtrail."""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

COMMANDS = {"report", "trace", "search", "events", "export", "explain", "completion", "man"}
PERS = {"attempt", "recipient", "message", "journey", "rejection", "login", "event"}
OPTIONS = {"--json", "--since", "--until", "--host", "--timezone"}
PATIENCE = 30  # seconds for one answer of a shell


def bash(script, line):
    """Calls the function that is registered for mailtrail, as readline does."""
    words = line.split(" ")
    program = f"""
        source {script}
        [[ $(complete -p mailtrail) =~ -F\\ ([^ ]+) ]] || exit 1
        COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
        COMP_CWORD={len(words) - 1} COMP_LINE='{line}' COMP_POINT={len(line)}
        "${{BASH_REMATCH[1]}}" mailtrail "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return subprocess.run(["bash", "--norc", "-c", program], check=True, capture_output=True, text=True,
                          timeout=PATIENCE).stdout.split("\n")


def fish(script, line):
    home = pathlib.Path(script).parent
    out = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"], check=True,
                         capture_output=True, text=True, timeout=PATIENCE, env=dict(os.environ, HOME=str(home))).stdout
    return [row.split("\t")[0] for row in out.split("\n")]


# compadd is what every match of zsh goes through: it is written down, and then done.
ZSH_SETUP = """
PROMPT= RPROMPT= ; unsetopt prompt_cr prompt_sp zle_bracketed_paste 2> /dev/null
autoload -Uz compinit; compinit -u -D; source {script}
compadd() {{
  if [[ " $* " != *" -"[OAD]" "* ]]; then
    local -a hits; builtin compadd -A hits "$@"; print -rl -- $hits >> {hits}
  fi
  builtin compadd "$@"
}}
LISTMAX=10000; : > {ready}
"""


def wait_for(path, terminal):
    end = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > end:
            raise RuntimeError("zsh does not answer")
        if select.select([terminal], [], [], 0.05)[0]:
            os.read(terminal, 65536)


def zsh(script, line):
    """Types the line and a tab into an interactive zsh."""
    home = pathlib.Path(tempfile.mkdtemp(dir=pathlib.Path(script).parent))
    setup, hits, ready, done = (home / name for name in ("setup", "hits", "ready", "done"))
    setup.write_text(ZSH_SETUP.format(script=script, hits=hits, ready=ready), encoding="utf-8")
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(HOME=str(home), TERM="dumb")
        os.execvp("zsh", ["zsh", "-f", "-i"])
    try:
        os.write(terminal, f"source {setup}\n".encode())
        wait_for(ready, terminal)
        os.write(terminal, line.encode() + b"\t")
        # The shell reads on when it has completed: nothing of the line is left, and it runs this.
        os.write(terminal, b"\x15" + f": > {done}\n".encode())
        wait_for(done, terminal)
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return hits.read_text(encoding="utf-8").split("\n") if hits.exists() else []


def words_of(shell, script, line):
    """The words that are offered; `--per=` is the option --per."""
    return {word.strip().rstrip("=") for word in shell(script, line)} - {""}


def problems(shell, script):
    """Pairs of a case and what is wrong with it (empty: nothing)."""
    first = words_of(shell, script, "mailtrail ")
    yield "the commands", COMMANDS - first
    pers = words_of(shell, script, "mailtrail search --per ")
    yield "what --per takes, and nothing else", PERS ^ pers
    options = words_of(shell, script, "mailtrail report --")
    yield "the options of report", (OPTIONS - options) | {word for word in options if not word.startswith("-")}
    yield "no option of another command", {"--verbose", "--kind"} & options


def main():
    mailtrail, good = sys.argv[1], True
    with tempfile.TemporaryDirectory(prefix="mailtrail-completion-") as folder:
        for shell in (bash, zsh, fish):
            name = shell.__name__
            if not shutil.which(name):
                print(f"not ok - {name} is installed")
                good = False
                continue
            script = pathlib.Path(folder, f"mailtrail.{name}")
            script.write_bytes(subprocess.run([mailtrail, "completion", name], check=True, capture_output=True).stdout)
            for case, wrong in problems(shell, script):
                good = good and not wrong
                print(f"{'not ok' if wrong else 'ok'} - {name} offers {case}")
                if wrong:
                    print("    ", *sorted(wrong))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
