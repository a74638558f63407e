// The lines of PyTorch that give a cell's number, for the card's deepest level and for the clipboard.
#pragma once

#include <string>

#include "app/scene/cards/explain.h"

namespace gf::scene {

/// A Python program that runs as it stands, where torch and safetensors are installed: it loads the checkpoint, computes up to
/// the cell, and prints its number as this run has it. Edits that it can write down are in it; where others act, a comment says
/// that the number is the base run's. Lines end with '\n'. Empty: there are no weights or there is no such cell.
[[nodiscard]] std::string code_of(const CellRef& cell, const SceneInput& input, const ViewState& view);

}  // namespace gf::scene
