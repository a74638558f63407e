#!/usr/bin/env python3
"""What the window takes of the memory with a GPT-2-small-shaped model, a prompt of 64 tokens and every dock open.

Without a display, so that there is no renderer: Mesa's software rasteriser keeps as memory of the process what a graphics card keeps
as its own. As in walk.py nothing waits for time, but for what the window says.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from walk import Walk, check

MOST = 1.6  # times the weights
TOKENS = 64
DOCKS = Path(__file__).parents[2] / "app" / "document" / "docks.def"


def main():
    parser = argparse.ArgumentParser()
    for name in ("program", "tools", "out"):
        parser.add_argument("--" + name, required=True)
    w = Walk(parser.parse_args())
    try:
        folder = w.out / "random-small"
        subprocess.run([str(w.tools / "make_gpt2_small"), str(folder)], check=True)
        weights = (folder / "model.safetensors").stat().st_size / 1024
        home = w.out / "home"
        home.mkdir()
        os.environ.update(HOME=str(home), XDG_CONFIG_HOME=str(home), XDG_DATA_HOME=str(home), XDG_CACHE_HOME=str(home),
                          GLASSFORMER_STATE_FILE=str(w.state_path), QT_QPA_PLATFORM="offscreen")
        docks = re.findall(r"^GF_DOCK\((\w+),", DOCKS.read_text(), re.MULTILINE)
        check(len(docks) > 15, "the list of docks is not understood")
        opened = [word for dock in docks for word in ("--do", "show-dock", dock, "on")]
        w.open_window(str(folder), "--prompt", " the" * TOKENS, *opened)
        w.wait("the run", lambda s: s["model"] == folder.name and s["up_to_date"] and len(s["ids"]) == TOKENS, 90)
        w.wait("the docks' answers", lambda s: s["up_to_date"] and not s["busy"], 300)
        most = int(re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/%d/status" % w.window.pid).read_text(), re.MULTILINE).group(1))
        said = "at most %.0f MiB for weights of %.0f MiB: %.2f times" % (most / 1024, weights / 1024, most / weights)
        check(most <= MOST * weights, "all docks take " + said)
        w.window.send_signal(signal.SIGTERM)
        check(w.window.wait(60) == 0, "the window did not end well")
        print("memory:", said)
    finally:
        w.end()
        shutil.rmtree(w.out / "random-small", ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
