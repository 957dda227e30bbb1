// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/style_sheet.h"

#include <utility>

#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

// @names stand for tokens; everything else is plain Qt style sheet.
constexpr const char *controls = R"(
QToolTip { background: @panel; color: @text; border: 1px solid @line; padding: 4px 8px; }
QPushButton { background: @panel; color: @text; border: 1px solid @line; border-radius: 6px; padding: 5px 12px;
    min-height: 16px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed, QPushButton:checked { background: @on_tint; border-color: @accent; color: @accent_ink; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @faint; background: transparent; }
QPushButton[role="primary"] { background: @accent; color: @accent_text; border-color: @accent; }
QPushButton[role="primary"]:hover, QPushButton[role="primary"]:focus { background: @accent_hover;
    border-color: @text; }
QPushButton[role="primary"]:disabled { background: @line; color: @dim; border-color: @line; }
QPushButton[role="danger"] { color: @bad_ink; border-color: @bad; }
QPushButton[role="danger"]:hover { background: @bad_tint; }
QPushButton[role="danger"]:disabled { color: @faint; border-color: @line; }
QPushButton[role="flat"] { background: transparent; border-color: transparent; }
QPushButton[role="flat"]:hover { background: @hover; }
QPushButton[role="flat"]:focus { border-color: @accent; }
QPushButton[role="segment"]:checked { background: @accent; color: @accent_text; border-color: @accent; }
QPushButton[role="quiet"] { background: transparent; border: 1px solid transparent; border-radius: 11px;
    padding: 2px 10px; font-weight: 600; }
QPushButton[role="quiet"]:hover { background: @hover; }
QPushButton[role="quiet"]:checked { background: @on_tint; color: @accent_ink; border-color: transparent; }
QPushButton[role="segment"]:focus, QPushButton[role="quiet"]:focus { border-color: @text; }
QPushButton::menu-indicator { image: url(:/howdah/icons/control-arrow.svg); width: 14px; height: 14px;
    subcontrol-origin: padding; subcontrol-position: center right; right: 4px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px;
    color: @text; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @on_tint; color: @accent_ink; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @faint; }
QToolButton::menu-indicator { image: none; }
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox, QDateTimeEdit { background: @panel;
    color: @text; border: 1px solid @line; border-radius: 6px; padding: 4px 8px; min-height: 18px;
    selection-background-color: @accent; selection-color: @accent_text; }
QPlainTextEdit, QTextEdit { padding: 4px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus,
QDateTimeEdit:focus { border-color: @accent; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled { color: @faint; background: transparent; }
QLineEdit[invalid="true"] { border-color: @bad; }
QRadioButton { spacing: 8px; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid @dim; border-radius: 8px; background: @panel; }
QRadioButton::indicator:hover, QRadioButton::indicator:focus { border-color: @accent; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid @accent; background: @accent_text; }
QRadioButton::indicator:disabled { border-color: @line; background: transparent; }
QRadioButton::indicator:checked:disabled { border-color: @line; background: @dim; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(:/howdah/icons/control-arrow.svg); width: 16px; height: 16px; }
QComboBox QAbstractItemView { background: @panel; color: @text; border: 1px solid @line; outline: 0;
    selection-background-color: @on_tint; selection-color: @text; }
QSpinBox, QDoubleSpinBox { padding-right: 20px; }
QSpinBox::up-button, QDoubleSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right; width: 20px;
    border: none; background: transparent; }
QSpinBox::down-button, QDoubleSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right; width: 20px;
    border: none; background: transparent; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url(:/howdah/icons/control-arrow-up.svg); width: 12px; height: 12px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url(:/howdah/icons/control-arrow.svg); width: 12px; height: 12px; }
QSpinBox[buttonSymbols="2"], QDoubleSpinBox[buttonSymbols="2"] { padding-right: 4px; }
QProgressBar { background: @line; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QSplitter::handle { background: @line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QGroupBox { border: 1px solid @line; border-radius: 7px; margin-top: 10px; padding: 12px; }
QGroupBox::title { subcontrol-origin: margin; left: 12px; padding: 0 4px; color: @dim; }
)";

constexpr const char *labels = R"(
QLabel { background: transparent; }
QLabel[role="dim"] { color: @dim; }
QLabel[role="caption"] { color: @dim; font-size: 12px; font-weight: 600; }
QLabel[role="title"] { font-size: 17px; font-weight: 600; }
QLabel[role="error"] { color: @bad_ink; }
QFrame[role="card"] { background: @panel; border: 1px solid @line; border-radius: 7px; }
QFrame[role="panel"] { background: @panel; border: none; }
QFrame[role="panel2"] { background: @panel2; border: none; }
QFrame[role="line"] { background: @line; border: none; }
)";

constexpr const char *views = R"(
QAbstractScrollArea { border: none; }
QAbstractItemView { background: @panel; alternate-background-color: @panel2; color: @text; outline: 0;
    selection-background-color: @on_tint; selection-color: @text; }
QTreeView::item, QListView::item { padding: 3px 0; }
QTreeView::item:hover, QListView::item:hover { background: @hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: @on_tint; color: @text; }
QTableView { gridline-color: @line; }
QHeaderView { background: @panel2; border: none; }
QHeaderView::section { background: @panel2; color: @dim; border: none; border-right: 1px solid @line;
    border-bottom: 1px solid @line; padding: 4px 8px; font-weight: 600; }
QTableCornerButton::section { background: @panel2; border: none; border-right: 1px solid @line;
    border-bottom: 1px solid @line; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: @handle; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
)";

constexpr const char *frame = R"(
QMainWindow, QDialog { background: @window; }
QMainWindow::separator { background: @line; width: 1px; height: 1px; }
QMenuBar { background: @panel; color: @text; border-bottom: 1px solid @line; }
QMenuBar::item { background: transparent; padding: 5px 10px; }
QMenuBar::item:selected { background: @hover; border-radius: 4px; }
QMenu { background: @panel; color: @text; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 4px; }
QMenu::icon { padding-left: 6px; }
QMenu::item:selected { background: @on_tint; color: @text; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 4px 6px; }
QTabWidget::pane { border: none; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: @dim; border: 1px solid transparent; border-bottom: none;
    border-top-left-radius: 6px; border-top-right-radius: 6px; padding: 6px 12px; margin-top: 3px; }
QTabBar::tab:selected { background: @panel; color: @text; border-color: @line; }
QTabBar::tab:hover:!selected { background: @hover; color: @text; }
QTabBar::tab:focus { color: @accent_ink; }
QTabBar::close-button { image: url(:/howdah/icons/control-close.svg); subcontrol-position: right; margin: 2px; }
QTabBar::close-button:hover { image: url(:/howdah/icons/control-close-hover.svg); }
QTabBar::tear { width: 0; border: none; }
QTabBar QToolButton { background: @panel2; border: none; border-radius: 0; }
QStatusBar { background: @panel; color: @dim; }
QStatusBar::item { border: none; }
)";

} // namespace

QString styleSheet(const Colors &colors)
{
    QColor faint = colors.dim;
    faint.setAlphaF(0.65F);
    QColor handle = colors.dim;
    handle.setAlphaF(0.35F);
    // Longer names first: "@panel2" must not be read as "@panel" followed by a 2.
    const std::pair<const char *, QColor> tokens[] = {
        {"@accent_hover", colors.dark ? colors.accent.lighter(108) : colors.accent.darker(110)},
        {"@accent_text", colors.accent_text},
        {"@accent_ink", colors.accent_ink},
        {"@accent", colors.accent},
        {"@bad_tint", colors.bad_tint},
        {"@bad_ink", colors.bad_ink},
        {"@bad", colors.bad},
        {"@on_tint", colors.on_tint},
        {"@panel2", colors.panel2},
        {"@panel", colors.panel},
        {"@window", colors.window},
        {"@handle", handle},
        {"@hover", colors.hover},
        {"@faint", faint},
        {"@text", colors.text},
        {"@line", colors.line},
        {"@dim", colors.dim},
    };
    QString sheet = QString::fromLatin1(controls) + QString::fromLatin1(labels) + QString::fromLatin1(views) +
                    QString::fromLatin1(frame);
    for (const auto &[name, color] : tokens) {
        const QString value = color.alpha() == 255
                                  ? color.name()
                                  : QStringLiteral("rgba(%1, %2, %3, %4)")
                                        .arg(color.red())
                                        .arg(color.green())
                                        .arg(color.blue())
                                        .arg(color.alpha());
        sheet.replace(QLatin1StringView(name), value);
    }
    return sheet;
}

} // namespace howdah::ui
