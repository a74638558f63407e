// A test aid: the window's observable state as JSON, rewritten after each change. Tests drive the window with real
// X events and read here what came of them.
//
// Written to the file named by GLASSFORMER_STATE_FILE, to a new file first and then renamed. Keys:
//   serial          counts up with each writing
//   model, prompt, ids, n_prompt, mode, theme, compare, time, end, playing, busy, up_to_date, error
//   base, edited    [{"id", "text", "probability", "logit"}]: the likeliest next tokens at the end
//   receipts        [{"fired", "norm"}]; kl; recipe: as in a recipe file
//   undo, redo      the names in the menu; empty: nothing to undo
//   selection       name and index of the selected cell; hover: the hover card's text, empty: none is shown
//   frames, camera, settled, panels, tiles_missing, tiles_resident, device
//   widgets         {object name: [x, y, width, height]} on the screen, of all that are visible
//   heads           [[[x, y, width, height] for each head] for each block] of the head grid; empty: not visible
//   chips           the same for the token chips
//   focus           object name of the widget that has the keyboard
#pragma once

#include <QString>

namespace gf::doc {
class Lab;
}

namespace gf::ui {

class MainWindow;

/// Writes the state once. Errors are a line on standard error: a test notices by itself.
void write_state(const MainWindow& window, const doc::Lab& lab, const QString& path);

}  // namespace gf::ui
