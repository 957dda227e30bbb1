// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string_view>

#include <QTimer>
#include <QWidget>

#include "core/result/row_source.h"
#include "core/result/value_kind.h"
#include "ui/grid/cell_forms.h"
#include "ui/grid/latest_job.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace howdah::ui {

class ElidedLabel;
class JsonColors;
class SegmentedTabs;
class ValuePicture;
class ValueTreeView;

/// One value in full beside the grid: as text, indented where it is JSON, as bytes where it is bytea, as a tree where it has
/// parts, drawn where it is a geometry, a range, a vector or an image. Text shows the first megabyte of a larger one; the
/// rest comes piece by piece when asked for. What cannot be read as its type says is text.
class CellViewer : public QWidget
{
    Q_OBJECT
public:
    explicit CellViewer(QWidget *parent = nullptr);
    /// `owner` keeps the text of the cell alive. Null: no cell.
    void showCell(std::shared_ptr<const result::RowSource> owner, qint64 row, std::size_t column);
    void loadAll();
    [[nodiscard]] QString text() const;
    [[nodiscard]] QString facts() const;
    [[nodiscard]] ValueTreeView *tree() const { return tree_; }
    [[nodiscard]] ValuePicture *picture() const { return picture_; }
    [[nodiscard]] SegmentedTabs *forms() const { return forms_; }
    [[nodiscard]] bool isComplete() const { return shown_ >= value_.size(); }

Q_SIGNALS:
    void closed();
    void shownForm(); ///< the value stands there in the form chosen

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void buildHead(QWidget *head);
    void chooseForms(const pg::Cell &cell);
    void showForm();
    void showRaw();
    void showMade(const QString &form);
    void showRead();
    void applyWrap();
    void setText(const QString &text);
    void addPiece();
    void showFacts(const pg::Cell &cell);
    void copyValue();

    std::shared_ptr<const result::RowSource> owner_;
    std::string_view value_;
    result::ValueKind kind_ = result::ValueKind::Text;
    CellForm form_ = CellForm::None;
    std::string type_;
    bool is_null_ = false;
    std::size_t shown_ = 0;     ///< bytes of the value that are on the screen
    ElidedLabel *title_;
    QLabel *facts_;
    SegmentedTabs *forms_;
    QToolButton *wrap_;
    QStackedWidget *pages_;
    QPlainTextEdit *edit_;
    ValueTreeView *tree_;
    ValuePicture *picture_;
    QWidget *more_;
    QLabel *more_text_;
    QPushButton *load_all_;
    JsonColors *json_colors_;
    QTimer pieces_;
    LatestJob job_;
    LatestJob counting_;
};

} // namespace howdah::ui
