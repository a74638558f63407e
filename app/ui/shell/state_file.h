// A test aid: the window's state as JSON, rewritten after each change. Tests drive the window with real X events and read the
// effects here.
//
// GLASSFORMER_STATE_FILE names the file, which is replaced as a whole. Keys:
//   serial          counts up with each writing
//   model, prompt, ids, n_prompt, mode, theme, compare, time, end, playing, busy, up_to_date, error
//   base, edited    [{"id", "text", "probability", "logit"}]: the likeliest next tokens at the end
//   receipts        [{"fired", "norm"}]; kl; recipe: as in a recipe file
//   undo, redo      the names in the menu; empty: nothing to undo
//   selection       name and index of the selected cell; hover: the hover card's text, empty: none is shown
//   frames, camera, settled, panels, tiles_missing, tiles_resident, device
//   widgets         {object name: [x, y, width, height]} on the screen, of all visible widgets
//   heads           [[[x, y, width, height] for each head] for each block] of the head grid; empty: it is hidden
//   chips           the same for the token chips
//   focus, active   object names of the widget and of the window with the focus
//   still           all work is done, and the newest frame on the screen shows all of it: nothing will change by itself
//   pointer         [x, y] on the screen, where the viewport last saw the pointer; missing: it is elsewhere
//   prompt_text     as it stands in the prompt's field
//   kept            the id of the session among the kept ones, see doc::KeptSessions
//   presenting, lesson, times, message, flying, reading
#pragma once

#include <QString>

namespace gf::doc {
class Lab;
}

namespace gf::ui {

class MainWindow;

/// Writes the state once. Prints errors on standard error; a test then waits in vain and fails.
void write_state(const MainWindow& window, const doc::Lab& lab, const QString& path);

}  // namespace gf::ui
