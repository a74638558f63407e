#!/usr/bin/env python3
"""No work is lost: the real window is killed, closed, ended by signals and started again, with and without arguments.

On a display of its own, as in walk.py, whose rules hold here too: nothing waits for time, but for files and for what the window says.
"""
import argparse
import json
import os
import shutil
import signal
import stat
import sys
from pathlib import Path

from walk import Walk, check, fill_film_dialog


def hear_signals():
    """nohup and background jobs ignore some, and the window would too."""
    for which in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(which, signal.SIG_DFL)


class Kept(Walk):
    def start_window(self, *arguments):
        """Starts it and waits until it has a session."""
        self.state_path.unlink(missing_ok=True)
        self.log = open(self.out / "window.log", "a")
        self.window = self.start(str(self.program), *arguments, stdout=self.log, stderr=self.log, preexec_fn=hear_signals)
        self.window_ends = os.pidfd_open(self.window.pid)
        return self.wait("a session", lambda s: s["kept"])["kept"]

    def watch(self):
        """The folder of the sessions, which the first session makes."""
        self.sessions = self.out / "home" / "glassformer" / "glassformer" / "sessions"
        self.sessions.mkdir(parents=True, mode=0o700)
        self.changes.add(self.sessions)

    def session(self, which):
        path = self.sessions / (which + ".json")
        return json.loads(path.read_text()) if path.exists() else {}

    def all(self):
        return {path.stem: json.loads(path.read_text()) for path in self.sessions.glob("*.json")}

    def kept(self, which, prompt):
        self.wait("the session with " + prompt + " to be kept", lambda s: self.session(which).get("prompt") == prompt)

    def kill(self):
        self.window.kill()
        self.window.wait()

    def signal(self, which):
        self.window.send_signal(which)
        check(self.window.wait(60) == 0, "the window did not end well after " + which.name)


def killed_and_started_with_arguments(k):
    """A crash; then a start with a model and a prompt, which overwrites nothing and offers the session."""
    first = k.start_window("sort-nano", "--do", "set-prompt", "ABCABCA")
    k.kept(first, "ABCABCA")
    mode = stat.S_IMODE((k.sessions / (first + ".json")).stat().st_mode)
    check(mode == 0o600, "the session can be read by others: %o" % mode)
    k.kill()
    second = k.start_window("sort-nano", "--prompt", "CCC", "--do", "set-prompt", "BBBAAAC")
    k.wait("the offer", lambda s: "recover_strip" in s["widgets"] and s["up_to_date"])
    k.kept(second, "BBBAAAC")
    k.shot("offered")
    check(k.session(first)["prompt"] == "ABCABCA", "the session that a crash left was overwritten")
    # A window beside it keeps a session of its own, and each knows of the other's.
    state, window, ends = k.state_path, k.window, k.window_ends
    k.state_path = k.out / "other-state.json"
    os.environ["GLASSFORMER_STATE_FILE"] = str(k.state_path)
    other = k.start_window("sort-nano", "--do", "set-prompt", "CABCABA")
    k.kept(other, "CABCABA")
    check(len({first, second, other}) == 3, "two windows have one session")
    k.signal(signal.SIGINT)
    check(k.session(other)["kept"]["closed"], "SIGINT did not close the session")
    k.state_path, k.window, k.window_ends = state, window, ends
    os.environ["GLASSFORMER_STATE_FILE"] = str(state)
    k.signal(signal.SIGTERM)
    check(k.session(second)["kept"]["closed"], "SIGTERM did not close the session")
    check(not k.session(first)["kept"]["closed"], "the session that a crash left was touched")
    return first


def restored_and_killed_again(k, first):
    """A plain start brings it back; killed at any moment, it is there still."""
    for moment in range(8):
        k.start_window()
        if moment > 0:
            k.wait("change %d" % moment, lambda s: s["serial"] >= moment)
        k.kill()
        left = [s for s in k.all().values() if s["prompt"] == "ABCABCA"]
        check(left, "killed at change %d, all was lost" % moment)
    # Where it did not come to run before the kill it is not opened by itself: it might be what crashes the program.
    if k.start_window() != first:
        k.wait("the offer", lambda s: "recover_go_on" in s["widgets"] and s["up_to_date"])
        k.settle_in()
        k.click_on("recover_go_on")
    k.wait("the session to be back", lambda s: s["kept"] == first and s["prompt"] == "ABCABCA" and s["up_to_date"])
    k.wait("its trial to be over", lambda s: not k.session(first)["kept"]["on_trial"])
    k.shot("recovered")
    k.kill()
    k.start_window()
    k.wait("the session to be back by itself", lambda s: s["kept"] == first and s["up_to_date"] and "session" in s["message"])


def closed_by_hangup_while_a_film_is_made(k):
    """The window ends as by its button: nothing is left of the film, and the session is kept."""
    k.settle_in()
    fill_film_dialog(k, k.out / "ended.mp4", 900)
    k.key("Return")
    k.wait("a film in the making", lambda s: "cancel_button" in s["widgets"] and list(k.out.glob("*ended*.part")))
    which = k.state()["kept"]
    k.signal(signal.SIGHUP)
    check(not list(k.out.glob("*ended*")), "the film left something behind")
    check(k.session(which)["kept"]["closed"], "SIGHUP did not close the session")


def named_asks_once(k):
    """A session with a file and changes: the window asks, and closes as it is told."""
    path = k.out / "mine.json"
    k.start_window("sort-nano", "--do", "set-prompt", "AACCBBA", "--do", "save-session", str(path), "--do", "set-prompt", "CBACBAC")
    which = k.wait("the changes", lambda s: s["prompt"] == "CBACBAC" and s["up_to_date"])["kept"]
    k.settle_in()
    k.key("ctrl+q")
    k.in_front("close_dialog")
    k.shot("asked")
    k.key("Escape")
    k.wait("the window to stay", lambda s: "close_dialog" not in s["widgets"])
    k.key("ctrl+q")
    k.in_front("close_dialog")
    k.click_on("close_discard")
    check(k.window.wait(60) == 0, "the window did not end well")
    check(json.loads(path.read_text())["prompt"] == "AACCBBA", "the file was changed without being told to")
    check(k.session(which)["prompt"] == "CBACBAC" and k.session(which)["kept"]["closed"], "the changes are lost")
    # At the next start it is offered.
    k.start_window("fable")
    k.wait("the offer of the last session", lambda s: "recover_strip" in s["widgets"] and s["up_to_date"])
    k.settle_in()
    k.shot("last-session-offered")
    k.click_on("recover_all")
    k.in_front("recover_dialog")
    k.shot("list-of-sessions")
    k.key("Escape")
    k.signal(signal.SIGTERM)


def model_away(k):
    """The model of a session is gone: the session stays."""
    folder = k.out / "stick"
    shutil.copytree(Path(__file__).parents[2] / "assets" / "models" / "sort-nano", folder)
    which = k.start_window(str(folder), "--do", "set-prompt", "BABABAC")
    k.kept(which, "BABABAC")
    k.kill()
    shutil.rmtree(folder)
    for left in list(k.all()):
        if left != which:
            (k.sessions / (left + ".json")).unlink()
    again = k.start_window()
    check(again == which, "the session did not come back")
    k.wait("what is wrong", lambda s: s["error"])
    k.shot("model-away")
    k.signal(signal.SIGTERM)
    check(k.session(which)["model"] == str(folder), "the session is gone with its model")


def full_folder(k):
    """Where sessions cannot be kept, the window says so."""
    shutil.rmtree(k.sessions)
    k.sessions.write_text("a file where the folder should be")
    k.start_window("sort-nano", "--do", "set-prompt", "CCCBBBA")
    k.wait("the word of it", lambda s: "error_strip" in s["widgets"] and s["prompt"] == "CCCBBBA")
    k.shot("not-kept")
    k.signal(signal.SIGTERM)


def display_lost(k):
    """The last stage: the display goes away under the window. It ends without a crash, and the session is kept."""
    k.sessions.unlink()
    which = k.start_window("sort-nano", "--do", "set-prompt", "ACACACB")
    k.wait("its run", lambda s: s["prompt"] == "ACACACB" and s["up_to_date"])
    k.display.kill()
    code = k.window.wait(60)
    check(code == 1, "the window ended with %d where its display is gone" % code)
    check(k.session(which)["prompt"] == "ACACACB", "the session is gone with the display")
    left = [path.name for path in (k.sessions.parent / "crashes").glob("*.txt")]
    check(not left, "there is a crash report: " + ", ".join(left))


def main():
    parser = argparse.ArgumentParser()
    for name in ("program", "tools", "out"):
        parser.add_argument("--" + name, required=True)
    k = Kept(parser.parse_args())
    for tool in ("Xvfb", "openbox", "xdotool", "xprop", "import", "ffmpeg"):
        check(shutil.which(tool), "%s is missing: ./dev test installs it" % tool)
    try:
        k.open_display()
        k.watch()
        first = killed_and_started_with_arguments(k)
        restored_and_killed_again(k, first)
        closed_by_hangup_while_a_film_is_made(k)
        named_asks_once(k)
        model_away(k)
        full_folder(k)
        display_lost(k)
        said = [line for line in (k.out / "window.log").read_text().splitlines() if line.startswith("vulkan:")]
        check(not said, "the validation layer said: " + "\n".join(said[:3]))
        print("kept: done,", k.stage, "screenshots in", k.out)
    finally:
        k.end()


if __name__ == "__main__":
    sys.exit(main())
