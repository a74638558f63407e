#!/usr/bin/env python3
"""The walk of a person at the window: real X events from prompt to saved picture.

On a display of its own (Xvfb and openbox), on the bundled fable and on a GPT-2-small-shaped model that it makes.
What the window says is compared with `glassformer run --json`. A screenshot of each stage lands in OUT.

The walk never sleeps: it waits until the window says what it waits for, in the file that app/ui/shell/state_file.h describes.
"""
import argparse
import contextlib
import ctypes
import json
import math
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PROMPT = "When Mary and John went to the garden, John gave a ring to"
SIZE = (1600, 1000)


class Folders:
    """Wakes when a file appears in one of some folders or is replaced there."""
    IN_MOVED_TO, IN_CREATE = 0x80, 0x100

    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.events = self.libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        check(self.events >= 0, "inotify: " + os.strerror(ctypes.get_errno()))

    def add(self, path):
        watch = self.libc.inotify_add_watch(self.events, os.fsencode(path), self.IN_MOVED_TO | self.IN_CREATE)
        check(watch >= 0, "inotify: " + os.strerror(ctypes.get_errno()))

    def wait(self, seconds, also):
        """Until something changes there, `also` can be read, or the time is over."""
        ready, _, _ = select.select([self.events, also], [], [], max(0, seconds))
        if self.events in ready:
            os.read(self.events, 1 << 16)


class Walk:
    def __init__(self, options):
        self.program = Path(options.program).resolve()
        self.tools = Path(options.tools).resolve()
        self.out = Path(options.out).resolve()
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir(parents=True)
        self.state_path = self.out / "state.json"
        self.changes = Folders()
        self.changes.add(self.out)
        self.processes = []
        self.stage = 0

    # --- processes

    def start(self, *command, **more):
        process = subprocess.Popen(command, **more)
        self.processes.append(process)
        return process

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                if process.poll() is None:
                    process.kill()

    def open_display(self):
        read, write = os.pipe()
        log = open(self.out / "xvfb.log", "w")
        self.display = self.start("Xvfb", "-displayfd", str(write), "-screen", "0", "%dx%dx24" % SIZE, "-nolisten",
                                  "tcp", pass_fds=(write,), stdout=log, stderr=log)
        os.close(write)
        number = os.read(read, 16).decode().strip()
        check(number, "Xvfb did not start; see xvfb.log")
        home = self.out / "home"
        (home / "run").mkdir(parents=True, mode=0o700)
        os.environ.update(DISPLAY=":" + number, HOME=str(home), XDG_CONFIG_HOME=str(home), XDG_DATA_HOME=str(home),
                          XDG_RUNTIME_DIR=str(home / "run"), GLASSFORMER_STATE_FILE=str(self.state_path),
                          GLASSFORMER_VALIDATION="1")
        os.environ.pop("WAYLAND_DISPLAY", None)
        os.environ.pop("QT_QPA_PLATFORM", None)
        lavapipe = Path("/usr/share/vulkan/icd.d/lvp_icd.x86_64.json")
        if lavapipe.exists():
            os.environ["VK_DRIVER_FILES"] = str(lavapipe)
        self.start("openbox", stdout=log, stderr=log)
        # It is there once it says what it can do; a window that opens earlier cannot be activated.
        spy = self.start("xprop", "-root", "-spy", stdout=subprocess.PIPE, stderr=log)
        self.hear(spy, "_NET_ACTIVE_WINDOW")
        spy.terminate()

    def open_window(self, *arguments):
        self.state_path.unlink(missing_ok=True)
        self.log = open(self.out / "window.log", "a")
        self.window = self.start(str(self.program), *arguments, stdout=self.log, stderr=self.log)
        self.window_ends = os.pidfd_open(self.window.pid)  # can be read when the window has ended

    # --- what the window says

    def state(self):
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return json.loads(self.state_path.read_text())
        return {}

    def wait(self, what, condition, seconds=40):
        """Until `condition` holds of what the window says; returns that."""
        end = time.monotonic() + seconds
        while True:
            check(self.window.poll() is None, "the window ended while waiting for: " + what)
            state = self.state()
            with contextlib.suppress(KeyError, IndexError, TypeError):
                if condition(state):
                    return state
            if time.monotonic() >= end:
                break
            self.changes.wait(end - time.monotonic(), self.window_ends)
        keys = ("model", "prompt", "mode", "theme", "compare", "time", "end", "playing", "busy", "up_to_date", "error", "undo", "hover", "message", "kl", "receipts", "frames", "still", "flying",
                "focus", "active", "pointer", "presenting", "settled", "tiles_missing")
        state = self.state()
        self.shot("failed")
        raise SystemExit("walk: waited %d s for: %s\n%s" % (seconds, what, json.dumps({k: state.get(k) for k in keys}, indent=1)))

    def still(self):
        """Until nothing runs and the screen shows all that there is to see."""
        return self.wait("the window to be still", lambda s: s["still"], 150)

    def settle_in(self):
        """Until the window manager has put the window where it stays: a click before goes elsewhere."""
        self.xdo("search", "--sync", "--onlyvisible", "--name", "Glassformer", "windowactivate", "--sync")
        self.in_front("main_window")

    def in_front(self, window):
        """Until the window manager has given this window the focus, which it does once the window has its place."""
        self.wait(window + " to have the focus", lambda s: s["active"] == window)

    def hear(self, process, words, seconds=40):
        """Until another program has printed these words."""
        said, end = b"", time.monotonic() + seconds
        while words.encode() not in said:
            ready, _, _ = select.select([process.stdout], [], [], max(0, end - time.monotonic()))
            more = os.read(process.stdout.fileno(), 1 << 16) if ready else b""
            check(more, "the other program does not say: " + words)
            said += more

    # --- what a person does

    def xdo(self, *words):
        subprocess.run(["xdotool", *map(str, words)], check=True)

    def key(self, *keys):
        self.xdo("key", "--delay", 40, *keys)

    def type(self, text):
        self.xdo("type", "--delay", 12, text)

    def move(self, x, y):
        self.xdo("mousemove", "--sync", int(x), int(y))

    def click(self, x, y, button=1):
        self.move(x, y)
        self.xdo("click", button)

    def point_at(self, x, y):
        """Into the scene, until the window shows what is there."""
        self.move(x, y)
        return self.wait("the pointer to be seen", lambda s: s["pointer"] == [int(x), int(y)] and s["still"])

    def point_elsewhere(self):
        self.move(*self.centre("view_bar"))
        return self.wait("the pointer to be gone", lambda s: "pointer" not in s and not s["hover"] and s["still"])

    def centre(self, name):
        rectangle = self.wait(name + " to be visible", lambda s: s["widgets"][name])["widgets"][name]
        return rectangle[0] + rectangle[2] / 2, rectangle[1] + rectangle[3] / 2

    def click_on(self, name):
        self.click(*self.centre(name))

    def click_head(self, layer, head):
        x, y, w, h = self.wait("the head grid", lambda s: s["heads"][layer][head])["heads"][layer][head]
        self.click(x + w / 2, y + h / 2)

    def shot(self, name):
        self.stage += 1
        path = self.out / ("%02d-%s.png" % (self.stage, name))
        subprocess.run(["import", "-window", "root", str(path)], check=False)
        return path

    def reference(self, model, prompt, recipe):
        path = self.out / "recipe.json"
        path.write_text(json.dumps(recipe))
        environment = {k: v for k, v in os.environ.items() if k != "GLASSFORMER_STATE_FILE"}
        reply = subprocess.run([str(self.program), "run", model, "--prompt", prompt, "--json", "--recipe", str(path)],
                               check=True, capture_output=True, text=True, env=environment)
        return json.loads(reply.stdout)

    def compare(self, state, model, prompt):
        """Receipts, KL and the likeliest tokens of the window against the command line's."""
        told = self.reference(model, prompt, state["recipe"])
        check(told["ids"] == state["ids"], "ids differ from `run --json`")
        check(len(told["receipts"]) == len(state["receipts"]), "numbers of receipts differ")
        for mine, theirs in zip(state["receipts"], told["receipts"]):
            check(mine["fired"] == theirs["fired"], "fired %s, `run` says %s" % (mine, theirs))
            check(math.isclose(mine["norm"], theirs["norm"], rel_tol=1e-6), "norm %s, `run` says %s" % (mine, theirs))
        check(math.isclose(state["kl"], told["kl"], rel_tol=1e-6, abs_tol=1e-9), "kl %s, `run` says %s" % (state["kl"], told["kl"]))
        for mine, theirs in zip(state["edited"], told["positions"][-1]["top"]):
            check(mine["id"] == theirs["id"], "top tokens differ: %s, %s" % (mine, theirs))
            check(math.isclose(mine["logit"], theirs["logit"], rel_tol=1e-6, abs_tol=1e-6), "logits differ: %s, %s" % (mine, theirs))


def check(condition, why):
    if not condition:
        raise SystemExit("walk: " + why)


def probability(state, run, text):
    return sum(t["probability"] for t in state[run] if t["text"] == text)


def about(percent):
    """As one reads it off the window: to a tenth of a percent."""
    return lambda p: abs(100 * p - percent) < 0.05 + 1e-9


def walk_fable(w):
    w.wait("the window and fable", lambda s: s["model"] == "fable" and s["frames"] > 0)
    w.settle_in()
    w.shot("first-start")
    keyboard(w)
    w.key("ctrl+l")
    w.wait("the prompt to have the keyboard", lambda s: s["focus"] == "prompt_edit")
    w.type("hd ")
    w.wait("what is typed", lambda s: s["prompt_text"] == "hd ")
    w.key("Escape")
    w.wait("the scene to have the keyboard", lambda s: s["focus"] == "viewport" and s["prompt_text"] == s["prompt"])
    # A prompt of one's own, then the default one again, typed.
    w.click_on("prompt_edit")
    w.key("ctrl+a")
    w.type("The capital of France is")
    w.key("Return")
    w.wait("the other prompt's run", lambda s: s["prompt"] == "The capital of France is" and s["up_to_date"])
    w.click_on("prompt_edit")
    w.key("ctrl+a")
    w.type(PROMPT)
    w.key("Return")
    state = w.wait("the prompt's run", lambda s: s["prompt"] == PROMPT and s["up_to_date"] and about(98.7)(probability(s, "base", " Mary")))
    check(len(state["ids"]) == state["n_prompt"] == 14, "the prompt has 14 tokens")
    # Step through the tokens with keys.
    w.key("Home")
    w.wait("the start", lambda s: s["time"] == 0 and not s["playing"])
    w.key("alt+3")
    for token in range(1, 4):
        w.key("Right")
        w.wait("token %d" % token, lambda s: abs(s["time"] - token * s["end"] / 14) < 1e-6)
    w.still()
    w.shot("three-tokens-in")
    w.key("Left")
    w.wait("a step back", lambda s: abs(s["time"] - 2 * s["end"] / 14) < 1e-6)
    w.key("space")
    w.wait("playing", lambda s: s["playing"])
    w.key("End")
    w.wait("the end", lambda s: s["time"] == s["end"] and not s["playing"])
    hover(w)
    cards(w)
    times(w)
    cut_three(w)
    stream_and_back(w)
    undo_three(w)


def keyboard(w):
    """Space and letters belong to the scene, and nothing is typed."""
    before = w.wait("the scene to have the keyboard", lambda s: s["focus"] == "viewport" and s["up_to_date"])
    w.key("space")
    now = w.wait("Space to play, to pause or to tell the story of the pass",
                 lambda s: s["story"] == "playing" or (not s["story"] and s["playing"] != before["playing"]))
    if now["story"]:
        w.shot("story")
        w.key("Escape")
        w.wait("Esc to leave the story", lambda s: not s["story"] and not s["playing"])
        return
    w.key("space")
    w.wait("Space to do so again", lambda s: s["playing"] == before["playing"])
    w.key("d")
    w.wait("D to show the difference", lambda s: s["compare"] == "difference")
    w.key("d")
    after = w.wait("D to show the run again", lambda s: s["compare"] == "edited")
    check(after["prompt_text"] == before["prompt_text"], "keys were typed into the prompt: " + after["prompt_text"])


def present(w, on):
    """Until the window has the shape that it gets from the window manager."""
    if on:
        w.placed = w.still()["widgets"]["main_window"]
    place = [0, 0, *SIZE] if on else w.placed
    w.key("F11")
    return w.wait("Present to be " + ("on" if on else "off"),
                  lambda s: s["presenting"] == on and ("prompt_bar" in s["widgets"]) != on and s["widgets"]["main_window"] == place and s["still"])


def same_camera(a, b):
    return all(math.isclose(x, y, rel_tol=1e-4, abs_tol=1e-4) for x, y in zip(a["camera"], b["camera"]))


def walk_present(w):
    """Full screen: what was framed stays framed, and all is as before afterwards."""
    home = w.still()
    palette(w, "block 4")
    before = w.wait("the flight", lambda s: s["still"] and not same_camera(s, home))
    present(w, True)
    keyboard(w)
    w.shot("present")
    after = present(w, False)
    check(same_camera(before, after), "the camera is not where it was before Present")
    # A camera that was moved by hand.
    w.key("shift+Left")
    before = w.wait("the camera to turn", lambda s: not same_camera(s, before) and s["still"])
    present(w, True)
    w.shot("present-turned")
    check(same_camera(before, present(w, False)), "the camera that was turned by hand is not where it was before Present")
    # A head alone is another place: the camera goes there from wherever it was, and back again.
    palette(w, "see head 4.3 alone")
    alone = w.wait("the head alone", lambda s: s["still"] and not same_camera(s, before))
    w.shot("head-alone")
    w.key("Escape")
    w.wait("the page again", lambda s: s["still"] and not same_camera(s, alone) and same_camera(s, before))
    present(w, True)
    w.key("v")
    w.wait("the Stream", lambda s: s["view"] == "stream" and s["still"])
    w.shot("present-stream")
    w.key("v")
    w.wait("the Machine", lambda s: s["view"] == "machine" and s["still"])
    present(w, False)
    w.key("h")
    w.wait("home", lambda s: not s["flying"])


def walk_restored(w):
    """The window is killed; the next one brings the work back, with the keyboard in the scene and nothing to undo."""
    kept_file = next((w.out / "home").rglob(w.state()["kept"] + ".json"))
    w.changes.add(kept_file.parent)
    palette(w, "cut-head 2.2")
    kept = lambda: len(json.loads(kept_file.read_text())["recipe"]["edits"]) == 1
    w.wait("the edit to be kept", lambda s: len(s["receipts"]) == 1 and kept())
    w.window.send_signal(signal.SIGKILL)
    w.window.wait()
    w.open_window()
    w.wait("the session to be back", lambda s: len(s["receipts"]) == 1 and s["up_to_date"] and "session" in s["message"])
    w.settle_in()
    check(w.state()["undo"] == "", "the restored session can be undone")
    keyboard(w)
    w.shot("restored")


def times(w):
    """The panel of times: of the present run at once, then measured limits; gone with the same key."""
    w.key("t")
    state = w.wait("the times of the pass", lambda s: s["times"]["shown"] and s["times"]["operations"])
    operations = {o["name"]: o for o in state["times"]["operations"]}
    for name in ("embedding", "layernorm", "qkv matmul", "attention softmax", "mlp in", "gelu", "mlp out", "unembed"):
        check(operations[name]["ms"] > 0 and operations[name]["calls"] > 0, "%s took no time" % name)
    check(sum(o["ms"] for o in operations.values()) <= state["times"]["ms"] * 1.001, "the parts are more than the whole")
    w.wait("measured limits", lambda s: s["times"]["gb_per_s"] > 0 and s["times"]["gflops"] > 0)
    w.still()
    w.shot("times")
    w.key("t")
    w.wait("no times", lambda s: not s["times"]["shown"])


def hover(w):
    """Over the viewport until a card tells of a computed cell."""
    w.still()
    x, y, wide, high = w.state()["widgets"]["viewport"]
    for fx, fy in ((0.28, 0.3), (0.38, 0.3), (0.47, 0.3), (0.28, 0.2), (0.5, 0.45), (0.62, 0.4), (0.34, 0.62), (0.5, 0.68), (0.7, 0.3)):
        state = w.point_at(x + wide * fx, y + high * fy)
        if state["hover"]:
            break
    check(state["hover"], "no cell is under any of these places")
    w.shot("hover-card")
    # Towards the cell: the wheel zooms to the pointer.
    before = state["camera"][3]
    for _ in range(9):
        distance = state["camera"][3]
        w.xdo("click", 4)
        state = w.wait("the zoom", lambda s: s["camera"][3] < distance and s["still"])
    check(state["camera"][3] < 0.5 * before, "nine steps of the wheel go far")
    w.shot("close-up")
    w.xdo("click", 1)  # the cell that the wheel went to is still under the pointer
    w.wait("a selection", lambda s: s["selection"].get("tensor"))
    w.key("h")
    w.wait("home", lambda s: abs(s["camera"][3] / before - 1) < 0.02 and not s["flying"])
    w.point_elsewhere()


def overlaps(a, b):
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def middle(box):
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def cards(w):
    """Cards of the Stream's tiles: pinned by a key, several, moved, enlarged, closed by their buttons."""
    w.key("v")
    w.wait("the Stream and its words", lambda s: s["view"] == "stream" and not s["reading"] and not s["flying"])
    w.still()
    x, y, wide, high = w.state()["widgets"]["viewport"]
    pinned = 0
    for row in range(40, 90, 3):  # down the view, until two tiles have been under the pointer
        for column in range(20, 90, 3):
            state = w.point_at(x + wide * column / 100, y + high * row / 100)
            if "logit lens" in state["hover"] and state["cards"][-1]["id"] == 0:
                break
        else:
            continue
        hover = state["cards"][-1]
        check("entropy" in hover["text"], "a tile's card has no entropy: " + hover["text"])
        check(not overlaps(hover["box"], hover["speaks_of"]), "the card hides its tile")
        w.key("p")
        pinned += 1
        w.wait("card %d pinned" % pinned, lambda s: sum(c["id"] > 0 for c in s["cards"]) == pinned)
        if pinned == 2:
            break
    check(pinned == 2, "no tile was found")
    w.move(*w.centre("view_bar"))
    state = w.wait("the pinned cards alone", lambda s: not s["hover"] and [c["id"] > 0 for c in s["cards"]] == [True, True])
    w.still()
    w.shot("cards-pinned")
    for card in state["cards"]:
        check(not overlaps(card["box"], card["speaks_of"]), "a pinned card hides its tile")
    # The upper one by its head into the corner that is furthest away.
    card = state["cards"][-1]
    w.move(*middle(card["head"]))
    w.xdo("mousedown", 1)
    fx, fy = middle(card["head"])
    left, top, card_wide, card_high = card["box"]
    to_left = x + 20 if left + card_wide / 2 > x + wide / 2 else x + wide - card_wide - 20
    to_top = y + 50 if top + card_high / 2 > y + high / 2 else y + high - card_high - 50
    tx, ty = fx - left + to_left, fy - top + to_top
    for i in range(1, 6):
        w.move(fx + (tx - fx) * i / 5, fy + (ty - fy) * i / 5)
    w.xdo("mouseup", 1)
    camera = state["camera"]
    # It stands there, or as near as its tile lets it.
    w.wait("the pointer where it was let go", lambda s: s["pointer"] == [int(tx), int(ty)])
    state = w.wait("a moved card", lambda s: s["still"] and s["cards"][-1]["id"] == card["id"] and math.dist(s["cards"][-1]["box"][:2], card["box"][:2]) > 40)
    check(not overlaps(state["cards"][-1]["box"], state["cards"][-1]["speaks_of"]), "the moved card hides its tile")
    check(state["camera"] == camera, "moving a card moves the camera")
    before = state["cards"][-1]["box"]
    w.click(*middle(state["cards"][-1]["enlarge"]))
    # A card that was as wide as cards get grows downwards.
    state = w.wait("an enlarged card", lambda s: s["still"] and s["cards"][-1]["box"][2] * s["cards"][-1]["box"][3] > 1.1 * before[2] * before[3])
    w.shot("cards-moved-and-enlarged")
    w.click(*middle(state["cards"][-1]["close"]))
    state = w.wait("one card", lambda s: [c["id"] > 0 for c in s["cards"]] == [True])
    w.move(*w.centre("view_bar"))
    w.key("ctrl+alt+p")
    w.wait("no cards", lambda s: not s["cards"])
    w.key("v")
    w.wait("the Machine again", lambda s: s["view"] == "machine" and not s["flying"])


def cut_three(w):
    heads = ((0, 0), (0, 5), (4, 3))
    for n, (layer, head) in enumerate(heads, 1):
        w.click_head(layer, head)
        w.wait("head %d of block %d cut" % (head, layer), lambda s: len(s["receipts"]) == n and s["up_to_date"] and s["undo"] == "cut head %d of block %d" % (head, layer))
    state = w.wait("P( Mary) at 1.5 %", lambda s: about(1.5)(probability(s, "edited", " Mary")) and about(98.7)(probability(s, "base", " Mary")))
    w.compare(state, "fable", PROMPT)
    w.point_elsewhere()
    w.shot("three-heads-cut")
    w.click_on("compare_difference")
    w.wait("the difference", lambda s: s["compare"] == "difference")
    w.still()
    w.shot("difference")
    w.click_on("compare_edited")
    w.wait("the edited run", lambda s: s["compare"] == "edited")
    w.click_on("observe_button")
    w.wait("edits off", lambda s: s["mode"] == "observe" and s["up_to_date"] and about(98.7)(probability(s, "edited", " Mary")))
    w.click_on("intervene_button")
    w.wait("edits on", lambda s: s["mode"] == "intervene" and s["up_to_date"] and about(1.5)(probability(s, "edited", " Mary")))


def stream_and_back(w):
    """The other view, with an edit in it: words of the lens and ribbons; a head of its own; back with the key."""
    w.click_on("view_stream")
    w.wait("the Stream and its words", lambda s: s["view"] == "stream" and not s["reading"] and not s["flying"] and s["panels"] == 7 + 6 * 8)
    w.point_elsewhere()
    w.shot("stream")
    before = w.state()["undo"]
    w.click_on("viewport")
    w.wait("a click in the Stream", lambda s: s["undo"] != before or not s["selection"])
    w.key("w")
    w.wait("ribbons by what is moved", lambda s: s["undo"] == "ribbons by what is moved")
    w.still()
    w.shot("stream-moved")
    w.key("w")
    w.key("v")
    w.wait("the Machine again", lambda s: s["view"] == "machine" and not s["flying"] and s["panels"] > 100)
    w.key("ctrl+z")
    w.wait("the Stream by undo", lambda s: s["view"] == "stream")
    w.key("ctrl+shift+z")
    w.wait("the Machine by redo", lambda s: s["view"] == "machine" and not s["flying"])


def undo_three(w):
    for _ in range(12):
        state = w.state()
        if not state["recipe"].get("edits"):
            break
        name = state["undo"]
        w.key("ctrl+z")
        w.wait("an undo of " + name, lambda s: s["undo"] != name and s["redo"] == name)
    w.wait("98.7 % again", lambda s: s["up_to_date"] and not s["receipts"] and about(98.7)(probability(s, "edited", " Mary")))
    w.key("ctrl+shift+z")
    w.wait("a redo", lambda s: len(s["recipe"]["edits"]) == 1 and s["up_to_date"])
    w.key("ctrl+z")
    w.wait("no edits", lambda s: not s["recipe"]["edits"] and s["up_to_date"])
    w.still()
    w.shot("undone")


def palette(w, words):
    w.key("ctrl+k")
    w.wait("the palette", lambda s: s["focus"] == "palette_edit")
    w.type(words)
    w.key("Return")
    w.wait("the palette to close", lambda s: "command_palette" not in s["widgets"])


def walk_lesson(w):
    """A lesson from the palette: forward, a question, and out again to what one worked on."""
    w.wait("the lessons", lambda s: s["lesson"]["count"] > 0)
    w.click_head(4, 3)
    before = w.wait("an edit of one's own", lambda s: len(s["receipts"]) == 1 and s["up_to_date"])
    palette(w, "lesson: first look")
    w.wait("the first step", lambda s: s["lesson"].get("step") == "whole" and not s["recipe"]["edits"] and s["up_to_date"])
    w.still()
    w.shot("lesson")
    keyboard(w)
    state = present(w, True)
    check("lesson_caption" in state["widgets"], "the lesson's text is hidden in Present")
    keyboard(w)
    w.shot("lesson-presented")
    present(w, False)
    w.key("Next")
    w.wait("the second step", lambda s: s["lesson"]["step"] == "tokens")
    w.click_on("lesson_next")
    w.wait("the pass to play", lambda s: s["lesson"]["step"] == "pass" and s["playing"])
    w.key("Next", "Next")
    w.wait("the question", lambda s: s["lesson"]["step"] == "predict" and s["prompt"] == "The capital of France is" and s["up_to_date"])
    w.still()
    w.click_on("lesson_token")
    w.type("Rome")
    w.key("Return")
    w.wait("a wrong answer", lambda s: s["lesson"]["verdict"] == "wrong")
    w.key("ctrl+a")
    w.type("Paris")
    w.click_on("lesson_check")
    w.wait("the right answer", lambda s: s["lesson"]["verdict"] == "right")
    w.shot("lesson-answered")
    keyboard(w)
    w.click_on("lesson_leave")
    after = w.wait("one's own work", lambda s: "step" not in s["lesson"] and s["prompt"] == PROMPT and s["up_to_date"] and len(s["receipts"]) == 1)
    for key in ("recipe", "undo", "kl", "model"):
        check(after[key] == before[key], "the lesson left %s as %s, it was %s" % (key, after[key], before[key]))
    w.still()
    w.shot("lesson-left")
    w.key("ctrl+z")
    w.wait("no edits", lambda s: not s["recipe"]["edits"] and s["up_to_date"])


def walk_small(w, folder):
    """The same on a GPT-2-small-shaped directory, dropped on the window."""
    source = w.start(str(w.tools / "drag_source"), str(folder), stdout=subprocess.PIPE, stderr=w.log)
    w.hear(source, "visible")
    w.move(90, 930)
    w.xdo("mousedown", 1)
    for x, y in ((96, 926), (130, 900), (300, 700), (600, 560), (760, 500), (765, 500)):
        w.move(x, y)
    w.hear(source, "may be dropped here")
    w.xdo("mouseup", 1)
    state = w.wait("the dropped model", lambda s: s["model"] == folder.name and s["up_to_date"] and len(s["heads"]) == 12, 90)
    check(len(state["heads"][0]) == 12, "GPT-2 small has 12 heads a block")
    w.key("End")
    w.still()
    w.shot("gpt2-small")
    prompt = state["prompt"]
    w.click_head(5, 7)
    state = w.wait("head 7 of block 5 cut", lambda s: len(s["receipts"]) == 1 and s["up_to_date"] and s["receipts"][0]["fired"] > 0, 60)
    w.compare(state, str(folder), prompt)
    w.still()
    w.shot("gpt2-small-cut")
    w.key("ctrl+z")
    w.wait("the head back", lambda s: not s["recipe"]["edits"] and s["up_to_date"])


def save_picture(w, name):
    path = w.out / (name + ".png")
    w.click_on("picture_button")
    w.in_front("picture_dialog")
    w.click_on("picture_path")
    w.key("ctrl+a")
    w.type(str(path))
    w.shot("picture-dialog")
    w.key("Return")
    w.wait("the picture", lambda s: str(path) in s["message"], 90)
    check(path.stat().st_size > 20000, "the picture is empty")
    with open(path, "rb") as file:
        check(file.read(8) == b"\x89PNG\r\n\x1a\n", "the picture is not a PNG")
    sidecar = json.loads((w.out / (name + ".png.json")).read_text())
    check(isinstance(sidecar, dict) and sidecar, "the sidecar is empty")
    return sidecar


def fill_film_dialog(w, path, seconds):
    w.key("ctrl+shift+p")
    w.in_front("film_dialog")
    for name, text in (("film_width", "320"), ("film_height", "180"), ("film_seconds", seconds), ("film_path", path)):
        w.click_on(name)
        w.key("ctrl+a")
        w.type(str(text))


def save_film(w):
    """A small film that plays, and one that is stopped and leaves nothing."""
    path = w.out / "fable.mp4"
    fill_film_dialog(w, path, 1)
    w.shot("film-dialog")
    w.key("Return")
    w.wait("the film", lambda s: str(path) in s["message"], 90)
    told = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=width,height,nb_read_frames",
                           "-of", "csv=p=0", str(path)], check=True, capture_output=True, text=True).stdout.strip()
    check(told == "320,180,30", "the film has " + told)
    sidecar = json.loads((w.out / "fable.mp4.json").read_text())
    check(sidecar["film"]["seconds"] == 1 and sidecar["film"]["fps"] == 30, "the sidecar does not tell the film")
    fill_film_dialog(w, w.out / "stopped.mp4", 900)
    w.key("Return")
    w.wait("a film in the making", lambda s: "cancel_button" in s["widgets"] and list(w.out.glob("*stopped*")))
    w.shot("film-in-the-making")
    w.click_on("cancel_button")
    w.wait("its end", lambda s: "stopped" in s["message"] and "cancel_button" not in s["widgets"])
    check(not list(w.out.glob("*stopped*")), "the stopped film left something behind")


def main():
    parser = argparse.ArgumentParser()
    for name in ("program", "tools", "out"):
        parser.add_argument("--" + name, required=True)
    w = Walk(parser.parse_args())
    for tool in ("Xvfb", "openbox", "xdotool", "xprop", "import", "ffmpeg", "ffprobe"):
        check(shutil.which(tool), "%s is missing: ./dev test installs it" % tool)
    try:
        folder = w.out / "random-small"
        subprocess.run([str(w.tools / "make_gpt2_small"), str(folder)], check=True)
        w.open_display()
        w.open_window()
        walk_fable(w)
        walk_lesson(w)
        walk_present(w)
        save_picture(w, "fable-dark")
        save_film(w)
        w.key("ctrl+t")
        w.wait("the light theme", lambda s: s["theme"] == "light")
        w.still()
        w.shot("light")
        cut_three(w)
        save_picture(w, "fable-light")
        w.key("ctrl+shift+x")
        w.wait("no edits", lambda s: not s["recipe"]["edits"] and s["up_to_date"])
        walk_small(w, folder)
        w.key("ctrl+t")
        w.wait("the dark theme", lambda s: s["theme"] == "dark")
        w.still()
        w.shot("gpt2-small-dark")
        walk_restored(w)
        w.key("ctrl+q")
        check(w.window.wait(20) == 0, "the window did not end well")
        said = [line for line in (w.out / "window.log").read_text().splitlines() if line.startswith("vulkan:")]
        check(not said, "the validation layer said: " + "\n".join(said[:3]))
        print("walk: done,", w.stage, "screenshots in", w.out)
    finally:
        w.end()
        shutil.rmtree(w.out / "random-small", ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
