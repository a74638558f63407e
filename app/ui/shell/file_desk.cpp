#include "app/ui/shell/file_desk.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QPointer>
#include <QStandardPaths>

#include "app/document/kept_sessions.h"
#include "app/export/figure/figure.h"
#include "app/export/formats.h"
#include "app/export/sidecar.h"
#include "app/ui/dialogs/film_dialog.h"
#include "app/ui/dialogs/get_model_dialog.h"
#include "app/ui/dialogs/notebook_maker.h"
#include "app/ui/dialogs/picture_dialog.h"
#include "app/ui/dialogs/recover_dialog.h"
#include "app/ui/shell/cell_menu.h"
#include "app/ui/shell/dock_frames.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/status_line.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"
#include "model/base/files/whole_file.h"
#include "model/io/dictionaries/open_dictionary.h"

namespace gf::ui {
namespace {

QFileDialog* file_dialog(QWidget* parent, const QString& title, const QString& filter = {}) {
  auto* dialog = new QFileDialog(parent, title, QDir::currentPath(), filter);
  dialog->setObjectName("file_dialog");
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setOption(QFileDialog::DontUseNativeDialog);
  return dialog;
}

/// Of a folder of dictionaries: those that are opened with it.
constexpr std::size_t kMostDictionariesAtOnce = 64;

QString folder_for(QStandardPaths::StandardLocation location) {
  const QString folder = QStandardPaths::writableLocation(location);
  return QFileInfo(folder).isDir() ? folder : QDir::currentPath();
}

}  // namespace

FileDesk::FileDesk(MainWindow& window, doc::Lab& lab) : window_(window), lab_(lab) {}
FileDesk::~FileDesk() = default;

void FileDesk::choose_model(const QString& title, bool folder) {
  QFileDialog* dialog = file_dialog(&window_, title);
  dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
  QObject::connect(dialog, &QFileDialog::fileSelected, &window_, [this](const QString& path) { window_.open_model(path.toStdString()); });
  dialog->open();
}

void FileDesk::choose_model_folder() { choose_model(text("Open model folder"), true); }
void FileDesk::choose_model_file() { choose_model(text("Open model file"), false); }

void FileDesk::choose(const QString& title, const QString& filter, const char* ending, Use use) {
  choose_and(title, filter, ending, [this, use](const std::string& path) { return (this->*use)(path); });
}

void FileDesk::choose_figure(const std::string& figure) {
  choose_and(text("Save a figure"), text("Figures (*.pdf *.svg *.png)"), ".pdf",
             [this, figure](const std::string& path) { return save_figure(figure, path); });
}

void FileDesk::choose_numbers(const scene::CellRef& cell) {
  choose_and(text("Save numbers"), text("Tables (*.csv)"), ".csv",
             [this, cell](const std::string& path) { return save_numbers(cell, path); });
}

void FileDesk::choose_and(const QString& title, const QString& filter, const char* ending, AnyUse use, const QString& proposed) {
  QFileDialog* dialog = file_dialog(&window_, title, filter);
  if (ending != nullptr) {
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(ending + 1);  // without its dot
    dialog->selectFile(proposed.isEmpty() ? model_name() + QLatin1String(ending) : proposed);
  }
  QObject::connect(dialog, &QFileDialog::fileSelected, &window_, [this, use = std::move(use)](const QString& path) {
    if (const auto done = use(path.toStdString()); !done) window_.show_error(done.error());
  });
  dialog->open();
}

void FileDesk::get_model(const std::string& name) {
  const auto done = [window = QPointer<MainWindow>(&window_)](const Result<std::string>& repository) {
    if (!window || (!repository && repository.error().code == ErrorCode::Cancelled)) return;
    if (!repository) return window->show_error(repository.error());
    window->say(text("Downloaded {0}", *repository));
    window->open_model("hf:" + *repository);
  };
  (new GetModelDialog(lab_.jobs(), name, done, &window_))->open();
  window_.write_state_soon();
}

void FileDesk::choose_session() { choose(text("Open session"), text("Sessions (*.json)"), nullptr, &FileDesk::open_session); }
void FileDesk::choose_session_to_save() {
  choose_and(
      text("Save session"), text("Sessions (*.json)"), doc::kSessionEnding, [this](const std::string& path) { return save_session(path); },
      QString::fromStdString(lab_.document().storage.file));
}
void FileDesk::choose_recipe() { choose(text("Open recipe"), text("Recipes (*.json)"), nullptr, &FileDesk::open_recipe); }
void FileDesk::choose_recipe_to_save() {
  choose(text("Save recipe"), text("Recipes (*.json)"), doc::kRecipeEnding, &FileDesk::save_recipe);
}

Result<void> FileDesk::open_session(const std::string& path) {
  window_.player().leave();
  window_.viewport().forget_views();
  GF_TRY_ASSIGN(auto of_sidecar, exporting::window_sidecar(path));
  if (of_sidecar) {
    of_sidecar->document.storage = {.file = {}, .kept = doc::new_kept_id()};  // the sidecar stays what it is
    lab_.open_document(std::move(of_sidecar->document));
  } else {
    GF_TRY(lab_.load(path));
  }
  window_.viewport().adopt_camera();
  if (of_sidecar && find_dock(of_sidecar->part.dock) != nullptr) {
    window_.docks().show(of_sidecar->part.dock, true);
    window_.docks().dock(of_sidecar->part.dock).restore(of_sidecar->part);
  }
  return {};
}

Result<void> FileDesk::save_session(const std::string& path) {
  GF_TRY(lab_.save(path));
  window_.say(text("Saved {0}", path));
  return {};
}

void FileDesk::choose_kept() {
  (new RecoverDialog(window_.keeper(), window_.runner(), &window_))->open();
  window_.write_state_soon();
}

Result<void> FileDesk::recover(const std::string& id) {
  window_.player().leave();
  GF_TRY(window_.keeper().recover(id));
  window_.renew_offer();
  window_.viewport().adopt_camera();
  return {};
}

Result<void> FileDesk::delete_kept(const std::string& id) {
  GF_TRY(window_.keeper().remove(id));
  window_.renew_offer();
  window_.say(text("Deleted a kept session"));
  return {};
}

Result<void> FileDesk::open_recipe(const std::string& path) {
  GF_TRY_ASSIGN(Recipe recipe, read_recipe(path));
  lab_.execute({gf::text("open a recipe"),
                [recipe = std::move(recipe)](doc::Document& d) {
                  d.recipe = recipe;
                  doc::let_edits_act(d);
                },
                {}});
  return {};
}

void FileDesk::choose_dictionary() {
  choose(text("Open dictionary of features"), text("Dictionaries (cfg.json *.pt *.safetensors)"), nullptr,
         &FileDesk::open_chosen_dictionary);
}

void FileDesk::choose_lens() {
  choose(text("Read through a lens"), text("Lenses (config.json *.pt)"), nullptr, &FileDesk::read_chosen_lens);
}

Result<void> FileDesk::read_chosen_lens(const std::string& path) {
  const QFileInfo file(QString::fromStdString(path));
  // A tuned lens is the folder.
  const bool in_folder = file.fileName() == QLatin1String("config.json") || file.fileName() == QLatin1String("params.pt");
  lab_.execute(doc::set_lens((in_folder ? file.absolutePath() : file.absoluteFilePath()).toStdString()));
  return {};
}

Result<void> FileDesk::open_chosen_dictionary(const std::string& path) { return open_dictionary(path, {}); }

Result<void> FileDesk::open_dictionary(const std::string& path, const std::string& hook) {
  const QFileInfo file(QString::fromStdString(path));
  // SAELens's dictionary is the folder.
  const bool in_folder = file.fileName() == QLatin1String("cfg.json") || file.fileName() == QLatin1String("sae_weights.safetensors");
  const bool is_name = path.starts_with("hf:") || names_bundled_dictionary(path);
  const std::string place = is_name ? path : (in_folder ? file.absolutePath() : file.absoluteFilePath()).toStdString();
  // A folder of several gives each, the first one last, so that it shows.
  auto all = is_name || !file.isDir() ? std::vector<std::string>{place} : dictionaries_in(place, kMostDictionariesAtOnce);
  if (all.empty()) all.push_back(place);  // the dock says what is wrong with it
  for (auto one = all.rbegin(); one != all.rend(); ++one) lab_.execute(doc::open_dictionary(*one, hook));
  window_.docks().show("features", true);
  return {};
}

Result<void> FileDesk::save_recipe(const std::string& path) {
  GF_TRY(write_whole_file(path, to_json(lab_.document().recipe)));
  window_.say(text("Saved {0}", path));
  return {};
}

doc::Document FileDesk::document_in_view() const {
  const Viewport& viewport = window_.viewport();
  doc::Document document = lab_.document();
  document.camera.reset();
  // At home a picture of any shape shows the whole; in Present it has Present's letters too, which the camera tells.
  if (!viewport.at_home() || viewport.shaped({}).chosen_in.letters != 1) document.camera = viewport.shaped(viewport.report().camera);
  document.compare = viewport.view_state().compare;
  return document;
}

QString FileDesk::model_name() const {
  if (!lab_.model()) return QStringLiteral("glassformer");
  return QString::fromStdString(lab_.model()->weights->name).replace(QLatin1Char('/'), QLatin1Char('-'));  // of the hub, ORG/NAME
}

void FileDesk::choose_picture() {
  QStringList figures;
  if (const auto& cell = lab_.document().selection)
    for (const std::string& figure : exporting::figures_with(*cell)) figures << QString::fromStdString(figure);
  auto* dialog = new PictureDialog(window_.viewport().size(), figures, folder_for(QStandardPaths::PicturesLocation),
                                   model_name() + QLatin1String(exporting::picture_formats().front().ending), &window_);
  dialog->on_save = [this](const PictureJob& job) { draw(job); };
  dialog->open();
  window_.write_state_soon();
}

Result<void> FileDesk::save_picture(const std::string& path) {
  if (const auto* format = exporting::picture_format(path); format == nullptr || !format->drawn)
    return fail(ErrorCode::InvalidArgument, gf::text("A picture's name ends in {1}: {0}", path, exporting::picture_endings(true)),
                "save-picture");
  PictureJob job;
  job.path = path;
  if (exporting::needs_device(*exporting::picture_format(path), job.options) && !window_.viewport().device())
    return fail(ErrorCode::Device, gf::text("There is no graphics device to draw with."), "save-picture");
  job.options.width = window_.viewport().width();
  job.options.height = window_.viewport().height();
  draw(job);
  return {};
}

void FileDesk::choose_handout() { choose(text("Save hand-out"), text("Pages (*.html)"), ".html", &FileDesk::save_handout); }

Result<void> FileDesk::save_handout(const std::string& path) {
  const auto* format = exporting::picture_format(path);
  if (format == nullptr || std::string_view(format->ending) != ".html")
    return fail(ErrorCode::InvalidArgument, gf::text("A hand-out's name ends in .html: {0}", path), "save-handout");
  return save_picture(path);
}

void FileDesk::choose_notebook() { choose(text("Save notebook"), text("Notebooks (*.ipynb)"), ".ipynb", &FileDesk::save_notebook); }

Result<void> FileDesk::save_notebook(const std::string& path) {
  constexpr std::string_view ending = ".ipynb";
  if (!path.ends_with(ending))
    return fail(ErrorCode::InvalidArgument, gf::text("A notebook's name ends in .ipynb: {0}", path), "save-notebook");
  if (!lab_.model() || !lab_.run()) return fail(ErrorCode::InvalidArgument, gf::text("Run a prompt first."), "save-notebook");
  const auto shown = [this](const char* dock) { return window_.docks().shown(dock); };
  exporting::NotebookParts parts{.attention = shown("attention"), .lens = shown("lens"), .dla = shown("why"), .selection = true};
  if (!parts.attention && !parts.lens && !parts.dla) parts = {};
  notebook_ = make_notebook(lab_.jobs(), lab_.scene_input(), document_in_view(), parts, path, tell_of_saving());
  return {};
}

Result<void> FileDesk::save_figure(const std::string& figure, const std::string& path) {
  if (const auto* format = exporting::picture_format(path); format == nullptr || !format->drawn)
    return fail(ErrorCode::InvalidArgument, gf::text("A figure's name ends in {1}: {0}", path, exporting::picture_endings(true)),
                "save-figure");
  PictureJob job;
  job.path = path;
  job.options.figure = figure;
  draw(job);
  return {};
}

Result<void> FileDesk::save_numbers(const scene::CellRef& cell, const std::string& path) {
  GF_TRY_ASSIGN(const std::string csv, numbers_of(lab_, cell, false));
  doc::Document document = document_in_view();
  document.selection = cell;  // the Data dock shows its tensor
  GF_TRY(exporting::save_with_sidecar(path, csv, document, lab_.scene_input(), {"data", cell.tensor.name(), {}}));
  window_.say(text("Saved {0} and its sidecar", path));
  return {};
}

std::function<void(const Result<std::string>&)> FileDesk::tell_of_saving() {
  return [this](const Result<std::string>& saved) {
    if (saved) window_.say(text("Saved {0} and its sidecar", *saved));
    else if (saved.error().code == ErrorCode::Cancelled) window_.say(text("Saving was stopped; nothing is left of it"));
    else window_.show_error(saved.error());
  };
}

void FileDesk::draw(const PictureJob& job) {
  std::erase_if(pictures_, [](const doc::Job& picture) { return !picture.running(); });
  const Viewport& viewport = window_.viewport();
  doc::Document document = document_in_view();
  // Home leaves room for the path where it does not show all: a picture of what is shown has the same camera.
  if (!document.camera && !viewport.report().guides.path.empty()) document.camera = viewport.shaped(viewport.report().camera);
  pictures_.push_back(ui::save_picture(lab_.jobs(), viewport.device(), lab_.scene_input(), std::move(document), job, tell_of_saving()));
}

void FileDesk::choose_film() {
  if (!lab_.model() || !window_.transport().timeline()) return window_.say(text("Run a prompt first: a film shows a run"));
  if (film_.running()) return window_.say(text("One film at a time: this one is not finished yet"));
  auto* dialog =
      new FilmDialog(window_.viewport().size(), folder_for(QStandardPaths::MoviesLocation),
                     model_name() + QLatin1String(exporting::film_formats().front().ending), *window_.transport().timeline(), &window_);
  dialog->on_save = [this](const FilmJob& job) { make(job); };
  dialog->open();
  window_.write_state_soon();
}

void FileDesk::make(const FilmJob& job) {
  film_ = make_film(lab_.jobs(), window_.viewport().device(), lab_.scene_input(), document_in_view(), job, tell_of_saving());
  window_.write_state_soon();
}

}  // namespace gf::ui
