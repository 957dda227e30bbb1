// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpressionValidator>

#include <tuple>

#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/connections/color_swatches.h"
#include "ui/connections/connection_form.h"
#include "ui/connections/note_label.h"
#include "ui/connections/password_field.h"

namespace howdah::ui {

namespace {

constexpr int port_width = 84;
constexpr int label_width = 88;

QLabel *labelFor(const QString &text, QWidget *buddy)
{
    auto *label = new QLabel(text, buddy->parentWidget());
    label->setProperty("role", QStringLiteral("dim"));
    label->setMinimumWidth(label_width);
    label->setBuddy(buddy);
    buddy->setAccessibleName(text);
    return label;
}

void addCaption(QFormLayout *rows, const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setProperty("role", QStringLiteral("caption"));
    label->setContentsMargins(0, spacing::card, 0, 0);
    rows->addRow(label);
}

/// Two fields in one row, the second with a label of its own.
QHBoxLayout *pair(QWidget *first, QLabel *label, QWidget *second)
{
    label->setMinimumWidth(0);
    auto *row = new QHBoxLayout;
    row->setSpacing(spacing::control);
    row->addWidget(first, 1);
    row->addWidget(label);
    row->addWidget(second, second->maximumWidth() < 1000 ? 0 : 1);
    return row;
}

} // namespace

ConnectionForm::ConnectionForm(QWidget *parent) : QWidget(parent)
{
    auto *rows = new QFormLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setHorizontalSpacing(spacing::card);
    rows->setVerticalSpacing(spacing::control);
    rows->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    rows->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    name_ = new QLineEdit(this);
    name_->setToolTip(tr("How this connection is called in Howdah"));
    rows->addRow(labelFor(tr("&Name"), name_), name_);
    buildAddress(rows);
    buildSafety(rows);
    buildPassword(rows);
    buildSsh(rows);
    connect(name_, &QLineEdit::textEdited, this, &ConnectionForm::touched);
    setKeychain(ConnectionStore::Keychain::Unknown, {});
    environmentChosen();
    setModified(false);
}

void ConnectionForm::buildAddress(QFormLayout *rows)
{
    text_ = new QLineEdit(this);
    text_->setFont(monoFont());
    text_->setPlaceholderText(QStringLiteral("postgresql://user@host:5432/database"));
    text_->setToolTip(tr("A URI or keyword=value pairs, as psql takes them. The fields below say the same; change either. A "
                         "password in it moves to the password field."));
    problem_ = new NoteLabel(this);
    problem_->setProperty("role", QStringLiteral("error"));
    problem_->hide();
    rows->addRow(labelFor(tr("&Address"), text_), text_);
    rows->addRow(QString(), problem_);

    host_ = new QLineEdit(this);
    host_->setPlaceholderText(tr("socket of this machine"));
    host_->setToolTip(tr("A name, an address, or the folder of a socket; several with commas between them"));
    port_ = new QLineEdit(this);
    port_->setPlaceholderText(QStringLiteral("5432"));
    port_->setMaximumWidth(port_width);
    port_->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9,]*")), port_));
    rows->addRow(labelFor(tr("&Host"), host_), pair(host_, labelFor(tr("&Port"), port_), port_));

    database_ = new QLineEdit(this);
    database_->setPlaceholderText(tr("same as the user"));
    user_ = new QLineEdit(this);
    user_->setPlaceholderText(tr("your own name"));
    rows->addRow(labelFor(tr("&Database"), database_), pair(database_, labelFor(tr("&User"), user_), user_));

    sslmode_ = new QComboBox(this);
    sslmode_->addItem(tr("prefer (the default)"), QString());
    const std::pair<const char *, QString> modes[] = {
        {"disable", tr("disable: never encrypt")},        {"allow", tr("allow: only when asked")},
        {"prefer", tr("prefer: when the server can")},    {"require", tr("require: or do not connect")},
        {"verify-ca", tr("verify-ca: check who signed")}, {"verify-full", tr("verify-full: check the host too")}};
    for (const auto &[mode, text] : modes)
        sslmode_->addItem(text, QString::fromLatin1(mode));
    sslmode_->setToolTip(tr("sslmode. Over the internet verify-full alone keeps others from reading along."));
    sslmode_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    sslmode_->setMinimumContentsLength(14);
    service_ = new QComboBox(this);
    service_->setEditable(true);
    service_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    service_->setMinimumContentsLength(8);
    service_->addItem(QString());
    service_->addItems(serviceNames());
    service_->setToolTip(tr("A section of your service file; what it says counts where nothing is said here"));
    service_label_ = labelFor(tr("Ser&vice"), service_);
    rows->addRow(labelFor(tr("&TLS"), sslmode_), pair(sslmode_, service_label_, service_));
    const bool has_services = service_->count() > 1;
    service_->setVisible(has_services);
    service_label_->setVisible(has_services);

    more_ = new QLineEdit(this);
    more_->setFont(monoFont());
    more_->setPlaceholderText(QStringLiteral("sslrootcert=… target_session_attrs=read-write"));
    more_->setToolTip(tr("Any other keyword of libpq, as keyword=value pairs"));
    rows->addRow(labelFor(tr("&More"), more_), more_);

    connect(text_, &QLineEdit::textChanged, this, &ConnectionForm::textEdited);
    connect(text_, &QLineEdit::editingFinished, this, &ConnectionForm::takeTypedPassword);
    for (QLineEdit *field : {host_, port_, database_, user_, more_})
        connect(field, &QLineEdit::textChanged, this, &ConnectionForm::fieldsEdited);
    connect(service_, &QComboBox::currentTextChanged, this, &ConnectionForm::fieldsEdited);
    connect(sslmode_, &QComboBox::currentIndexChanged, this, &ConnectionForm::fieldsEdited);
}

void ConnectionForm::buildPassword(QFormLayout *rows)
{
    addCaption(rows, tr("PASSWORD"), this);
    password_ = new PasswordField(this);
    keep_ = new QCheckBox(tr("&Keep in the keychain"), this);
    keep_note_ = new NoteLabel(this);
    auto *row = new QHBoxLayout;
    row->setSpacing(spacing::card);
    row->addWidget(password_, 1);
    row->addWidget(keep_);
    rows->addRow(labelFor(tr("Pass&word"), password_), row);
    rows->addRow(QString(), keep_note_);
    connect(password_, &QLineEdit::textEdited, this, [this] {
        password_touched_ = true;
        touched();
    });
    connect(keep_, &QCheckBox::toggled, this, &ConnectionForm::touched);
}

void ConnectionForm::buildSsh(QFormLayout *rows)
{
    addCaption(rows, tr("SSH TUNNEL"), this);
    ssh_ = new QLineEdit(this);
    ssh_->setFont(monoFont());
    ssh_->setPlaceholderText(QStringLiteral("user@host:22"));
    ssh_->setToolTip(tr("An ssh server, or a Host of your ~/.ssh/config"));
    rows->addRow(labelFor(tr("Ser&ver"), ssh_), ssh_);
    ssh_jump_ = new QLineEdit(this);
    ssh_jump_->setPlaceholderText(tr("none"));
    ssh_jump_->setToolTip(tr("A host to go through first (ssh -J)"));
    ssh_key_ = new QLineEdit(this);
    ssh_key_->setPlaceholderText(tr("as ssh chooses"));
    ssh_key_->setToolTip(tr("The file of a private key (ssh -i)"));
    rows->addRow(labelFor(tr("&Jump host"), ssh_jump_), pair(ssh_jump_, labelFor(tr("Key &file"), ssh_key_), ssh_key_));
    ssh_note_ = new NoteLabel(this);
    rows->addRow(QString(), ssh_note_);
    for (QLineEdit *field : {ssh_, ssh_jump_, ssh_key_})
        connect(field, &QLineEdit::textEdited, this, &ConnectionForm::touched);
    connect(ssh_, &QLineEdit::textChanged, this, &ConnectionForm::refreshSsh);
    refreshSsh();
}

void ConnectionForm::buildSafety(QFormLayout *rows)
{
    addCaption(rows, tr("KIND AND SAFETY"), this);
    environment_ = new SegmentedTabs(SegmentedTabs::Look::Quiet, this);
    environment_->addSegment(QStringLiteral("development"), tr("Development"), tr("Yours to break"));
    environment_->addSegment(QStringLiteral("test"), tr("Test"), tr("Shared, but without consequences"));
    environment_->addSegment(QStringLiteral("staging"), tr("Staging"), tr("Shared, and nearly real"));
    environment_->addSegment(QStringLiteral("production"), tr("Production"), tr("Real: dangerous actions ask twice"));
    environment_->addSegment(own_environment_id, tr("Own…"), tr("A kind of server with a name of your own"));
    own_environment_ = new QLineEdit(this);
    own_environment_->setPlaceholderText(tr("Name, such as acceptance"));
    own_environment_->setAccessibleName(tr("Name of the environment"));
    own_environment_->setMaxLength(40);
    own_environment_->hide();
    connect(own_environment_, &QLineEdit::textEdited, this, &ConnectionForm::environmentChosen);
    auto *environment_row = new QHBoxLayout;
    environment_row->addWidget(environment_);
    environment_row->addWidget(own_environment_, 1);
    environment_row->addStretch(1);
    rows->addRow(labelFor(tr("&Environment"), environment_), environment_row);
    color_ = new ColorSwatches(this);
    rows->addRow(labelFor(tr("&Colour"), color_), color_);
    read_only_ = new QCheckBox(tr("&Read-only"), this);
    read_only_note_ = new NoteLabel(this);
    rows->addRow(QString(), read_only_);
    rows->addRow(QString(), read_only_note_);
    confirm_ = new QComboBox(this);
    confirm_->addItem(tr("As usual for the environment"), QString());
    confirm_->addItem(tr("Never"), QStringLiteral("never"));
    confirm_->addItem(tr("DROP, TRUNCATE, and UPDATE or DELETE of every row"), QStringLiteral("dangerous"));
    confirm_->addItem(tr("Everything that changes something"), QStringLiteral("writes"));
    confirm_->addItem(tr("Everything"), QStringLiteral("everything"));
    confirm_->setToolTip(tr("Usual: never on development and test, dangerous statements on staging and where the name is your own, every change on production"));
    rows->addRow(labelFor(tr("&Ask before"), confirm_), confirm_);
    statement_timeout_ = new QLineEdit(this);
    lock_timeout_ = new QLineEdit(this);
    idle_timeout_ = new QLineEdit(this);
    auto *timeouts = new QHBoxLayout;
    timeouts->setSpacing(spacing::control);
    for (const auto &[field, name, tip] : {std::tuple{statement_timeout_, tr("statement"), tr("statement_timeout: a statement that runs longer is stopped (30s, 5min)")},
                                           {lock_timeout_, tr("lock"), tr("lock_timeout: a statement that waits longer for a lock is stopped")},
                                           {idle_timeout_, tr("idle in transaction"), tr("idle_in_transaction_session_timeout: a forgotten transaction is ended with its session")}}) {
        field->setPlaceholderText(name);
        field->setToolTip(tip);
        field->setAccessibleName(tip.section(QLatin1Char(':'), 0, 0));
        timeouts->addWidget(field);
        connect(field, &QLineEdit::textEdited, this, &ConnectionForm::touched);
    }
    rows->addRow(labelFor(tr("Time&outs"), statement_timeout_), timeouts);
    connect(confirm_, &QComboBox::currentIndexChanged, this, &ConnectionForm::touched);
    connect(environment_, &SegmentedTabs::currentChanged, this, &ConnectionForm::environmentChosen);
    connect(color_, &ColorSwatches::colorChanged, this, &ConnectionForm::touched);
    connect(read_only_, &QCheckBox::toggled, this, [this] {
        if (!syncing_)
            chose_read_only_ = true;
        refreshReadOnlyNote();
        touched();
    });
}

} // namespace howdah::ui
