#include "app/lessons/player.h"

#include <algorithm>
#include <utility>

#include "app/document/request.h"
#include "app/lessons/facts.h"
#include "model/base/text.h"

namespace gf::lessons {

Player::Player(doc::Lab& lab, std::string language) : lab_(lab), language_(std::move(language)) {
  using Lessons = std::vector<std::shared_ptr<const Lesson>>;
  reading_ = lab_.jobs().start<Lessons>(
      {}, lab_.jobs().in_order(),
      [](const doc::JobWork&) -> Result<Lessons> {
        Lessons found;
        for (const std::string& name : bundled_lessons()) {
          const auto folder = resolve_lesson(name);
          if (!folder) continue;
          if (auto lesson = read_lesson(*folder)) found.push_back(std::make_shared<const Lesson>(std::move(*lesson)));
        }
        return found;
      },
      [this](Result<Lessons> found) {
        if (!found) return;
        lessons_ = std::move(*found);
        tell();
      });
}

void Player::set_language(std::string language) {
  language_ = std::move(language);
  tell();
}

void Player::tell() const {
  if (on_change) on_change();
}

const Lesson& Player::lesson() const {
  EXPECTS(lesson_, "a lesson is played");
  return *lesson_;
}
const Step& Player::step() const { return lesson().steps[static_cast<std::size_t>(index_)]; }
const StepText& Player::text() const {
  static const StepText kNone;
  const auto& steps = texts().steps;
  const auto found = steps.find(step().id);
  return found != steps.end() ? found->second : kNone;
}

void Player::start(std::shared_ptr<const Lesson> lesson) {
  if (!active() && on_start) on_start();
  lesson_ = std::move(lesson);
  index_ = 0;
  show();
}

void Player::go(int step) {
  if (!active()) return;
  index_ = std::clamp(step, 0, count() - 1);
  show();
}

void Player::next() {
  if (!active()) return;
  if (index_ + 1 < count()) return go(index_ + 1);
  const std::string name = lesson().name;
  leave();
  if (on_finished) on_finished(name);
}

void Player::back() { go(index_ - 1); }

void Player::show() {
  verdict_ = Verdict::None;
  right_.reset();
  problem_.clear();
  judging_.drop();
  waiting_ = false;  // not for what stage() tells before the new run is asked for
  lab_.stage(document_for(step(), lab_.document()));
  waiting_ = true;
  tell();
  refresh({});
}

void Player::leave() {
  if (!active()) return;
  const bool themed = step().themed;
  lesson_.reset();
  waiting_ = false;
  judging_.drop();
  lab_.leave_stage([themed](doc::Document& own, const doc::Document& staged) {
    if (!themed) own.theme = staged.theme;
    own.speed = staged.speed;
    own.pace = staged.pace;
  });
  tell();
}

void Player::answer(Answer answer) {
  if (!active() || !step().question || !lab_.up_to_date() || !lab_.session()) return;
  const auto model = lab_.model();
  auto request = doc::request_of(lab_.document(), *model);
  if (!request) return;
  verdict_ = Verdict::Judging;
  judging_ = lab_.jobs().start<std::optional<Answer>>(
      {}, doc::on_session(lab_.session(), "lesson question"),
      [session = lab_.session().get(), model, lesson = lesson_, index = index_, answer = std::move(answer),
       request = std::move(*request)](const doc::JobWork& work) -> Result<std::optional<Answer>> {
        GF_TRY_ASSIGN(const auto facts, Facts::of(*session, request, work.stop()));
        return judge(*lesson->steps[static_cast<std::size_t>(index)].question, answer, *facts, *model);
      },
      [this](const Result<std::optional<Answer>>& right) {
        const bool stopped = !right && right.error().code == ErrorCode::Cancelled;
        problem_ = right || stopped ? std::string() : right.error().message;
        verdict_ = !right ? Verdict::None : *right ? Verdict::Right : Verdict::Wrong;
        if (right && *right) right_ = *right;  // it stays when a wrong answer follows
        hide_or_reveal();
        tell();
      });
  tell();
}

void Player::solve() {
  if (!active() || !step().question || step().question->kind != Question::Kind::Until) return;
  lab_.execute({gf::text("show the solution"),
                [recipe = step().question->solution](doc::Document& d) {
                  d.recipe = recipe;
                  d.mode = doc::Mode::Intervene;
                },
                {}});
}

void Player::hide_or_reveal() {
  if (!active() || !step().question || !lab_.model()) return;
  lab_.adjust_view([this](scene::ViewState& view) {
    const Question& question = *step().question;
    if (right_) reveal(question, *right_, *lab_.model(), view);
    else view.hide_prediction = hides_prediction(question);
  });
}

void Player::refresh(const doc::Changes& changes) {
  if (!active()) return;
  if (changes.document) hide_or_reveal();  // undo may have brought back a document from before the answer
  if (!lab_.up_to_date()) return;
  const bool was_waiting = std::exchange(waiting_, false);
  if (was_waiting && on_ready) on_ready(step());
  // The run itself answers such a question; once it is answered it stays so.
  if ((changes.run || was_waiting) && step().question && step().question->kind == Question::Kind::Until && verdict_ != Verdict::Right)
    answer({});
}

}  // namespace gf::lessons
