// Two continuations of the prompt side by side while they are written: without some edits and with them.
#pragma once

#include <QWidget>
#include <functional>
#include <memory>

#include "app/document/what_if.h"

class QLabel;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

/// A newer run of the document begins both anew.
class TextPairView : public QWidget {
 public:
  /// `name`: what the names of its objects begin with.
  TextPairView(doc::Lab& lab, const QString& name, QWidget* parent);
  ~TextPairView() override;
  TextPairView(const TextPairView&) = delete;
  TextPairView& operator=(const TextPairView&) = delete;

  using Ask = std::function<doc::Inquiry<doc::TextPair>(doc::TellTexts)>;
  void watch(const Ask& ask);
  /// Computes nothing more; what shows stays.
  void let_go();
  [[nodiscard]] doc::StudyOf<doc::TextPair> study() const { return study_.now(); }
  /// What is written so far.
  [[nodiscard]] const doc::TextPair& texts() const;
  void set_titles(const QString& base, const QString& edited);
  void refresh();

  std::function<void()> on_text;  ///< called while they are written

 private:
  /// What the study's thread tells of.
  struct Live {
    doc::TextPair texts;
    std::function<void()> changed;
  };
  doc::Lab& lab_;
  QLabel *base_title_, *edited_title_, *base_, *edited_;
  std::shared_ptr<Live> live_;
  doc::Watch<doc::TextPair> study_;
  mutable std::shared_ptr<const doc::TextPair> done_;  ///< keeps what texts() gives
};

}  // namespace gf::ui
