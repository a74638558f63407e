// Applies the edits of a recipe on the device. Each edit is a kernel; its receipt is copied to the host at the step's end.
#pragma once

#include <deque>

#include "cuda/captures.h"
#include "cuda/step_memory.h"
#include "model/edits/compiled.h"

namespace gf::cuda {

/// Rows of a hook on the device.
struct EditSite {
  HookId hook;
  float* data = nullptr;   ///< [rows, stride], or packed causal rows
  std::size_t stride = 0;  ///< floats; not for Causal hooks
  int first_position = 0, rows = 0;
  CausalRows causal;  ///< Causal hooks
};

class DeviceEdits {
 public:
  DeviceEdits(CompiledEdits* edits, Queue& queue, StepMemory& memory) : edits_(edits), queue_(queue), memory_(memory) {}
  [[nodiscard]] bool touches(HookId hook) const { return edits_ != nullptr && edits_->touches(hook); }
  /// Queues the edits at the hook. An edit without a kernel is applied on the host, which waits for the rows.
  void apply(const EditSite& site);
  /// Copies the tallies to the host with the captures of `set`.
  void keep_tallies(Captures& captures, int set);
  /// Adds the tallies to the receipts. Precondition: they have arrived (Captures::finish).
  void report();

 private:
  struct Pending {
    ElementEdit edit;
    const EditTally* on_device;
    std::vector<EditTally> tallies;
  };
  void rows(ElementEdit edit, const EditSite& site);
  void along(ElementEdit edit, const EditSite& site);
  void round(ElementEdit edit, const EditSite& site);
  void causal(ElementEdit edit, const EditSite& site);
  /// Memory for the tallies of a launch().
  EditTally* tallies(const ElementEdit& edit, std::size_t per_row) { return memory_.take<EditTally>(queue_, edit.rows.size() * per_row); }
  /// Queues a kernel that has a block, and a tally, for each edited row and each of its `per_row` groups or heads.
  template <class Args>
  void launch(Kernel kernel, ElementEdit edit, std::size_t per_row, const Args& args);
  void on_the_host(const EditSite& site);

  CompiledEdits* edits_;
  Queue& queue_;
  StepMemory& memory_;
  std::deque<Pending> pending_;
};

}  // namespace gf::cuda
