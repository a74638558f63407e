// The neuron view of the Attention dock: the scores of one query with all keys, element by element.
#pragma once

#include <QString>
#include <QWidget>
#include <string>

#include "app/document/background/studies.h"
#include "app/document/neuron_rows.h"

class QLabel;
class QScrollArea;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

class NeuronPlot;

/// Watches the rows of the query that it shows; the last ones stay until those of another query are there.
class NeuronView : public QWidget {
 public:
  NeuronView(doc::Lab& lab, QWidget* parent);
  ~NeuronView() override;
  /// `key`: -1: none is chosen. The Lab has a run with this head and query.
  void show_query(int layer, int head, int query, int key, doc::Side side);
  /// Stops watching, while another view shows.
  void let_go();
  [[nodiscard]] NeuronPlot& plot() const { return *plot_; }

 private:
  void say_sum();

  doc::Lab& lab_;
  QLabel* words_;
  QScrollArea* scroll_;
  NeuronPlot* plot_;
  std::string watched_;  ///< the key of what is watched; empty: nothing is
  doc::Watch<doc::NeuronRows> study_;
};

}  // namespace gf::ui
