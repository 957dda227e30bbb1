// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/connection_form.h"

#include "core/pg/ssh_tunnel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>

#include "ui/base/segmented_tabs.h"
#include "ui/base/palette.h"
#include "ui/connections/color_swatches.h"
#include "ui/connections/connection_list.h"
#include "ui/connections/password_field.h"

namespace howdah::ui {

namespace {

QString valueOf(const Keywords &keywords, const char *keyword)
{
    const auto found = keywords.find(keyword);
    return found == keywords.end() ? QString() : QString::fromStdString(found->second);
}

} // namespace

void ConnectionForm::load(const workspace::SavedConnection &saved, const QString &password)
{
    original_ = saved;
    syncing_ = true;
    name_->setText(QString::fromStdString(saved.name));
    password_->setText(password);
    password_touched_ = !password.isEmpty();
    const QString environment = saved.environment.empty() ? QStringLiteral("development") : QString::fromStdString(saved.environment);
    const bool known = environment != own_environment_id && environment_->contains(environment);
    own_environment_->setText(known ? QString() : environment);
    environment_->setCurrent(known ? environment : own_environment_id);
    color_->setColor(QString::fromStdString(saved.color));
    read_only_->setChecked(saved.read_only);
    loadSafety(saved);
    keep_->setChecked(saved.keep_password);
    // What was saved was decided; a new one follows its environment.
    chose_read_only_ = !saved.id.empty();
    syncing_ = false;
    // Stored by the alphabet, shown as people write it.
    const auto keywords = saved.id.empty() ? pg::describe({}) : pg::describe(saved.conninfo);
    setAddress(keywords && !keywords->empty() ? toKeywords(*keywords) : QString::fromStdString(saved.conninfo));
    environmentChosen();
    setModified(false);
}

void ConnectionForm::setAddress(const QString &conninfo)
{
    syncing_ = true;
    text_->setText(conninfo);
    text_->setCursorPosition(0);
    last_length_ = conninfo.size();
    syncing_ = false;
    textEdited();
    takeTypedPassword();
}

workspace::SavedConnection ConnectionForm::saved()
{
    takeTypedPassword();
    workspace::SavedConnection saved = original_;
    saved.conninfo = pg::withoutPassword(text_->text().toStdString());
    saved.name = name_->text().trimmed().toStdString();
    if (saved.name.empty())
        saved.name = suggestedName().toStdString();
    saved.environment = environment().toStdString();
    saved.color = color_->color().toStdString();
    saved.read_only = read_only_->isChecked();
    saved.keep_password = keep_->isChecked();
    saveSafety(saved);
    return saved;
}

ConnectionChoice ConnectionForm::choice()
{
    ConnectionChoice choice;
    choice.saved = saved();
    choice.spec = workspace::specOf(choice.saved);
    if (const auto typed = password())
        choice.spec.password = typed->toStdString();
    return choice;
}

std::optional<QString> ConnectionForm::password() const
{
    if (!password_touched_ || password_->text().isEmpty())
        return std::nullopt;
    return password_->text();
}

QString ConnectionForm::problem() const
{
    return problem_->text();
}

void ConnectionForm::setModified(bool modified)
{
    modified_ = modified;
}

void ConnectionForm::markSaved(const workspace::SavedConnection &saved)
{
    original_ = saved;
    name_->setText(QString::fromStdString(saved.name));
    chose_read_only_ = true;
    modified_ = false;
}

void ConnectionForm::setKeychain(ConnectionStore::Keychain state, const QString &problem)
{
    const bool works = state == ConnectionStore::Keychain::Works;
    keep_note_->setToolTip(problem);
    keep_->setEnabled(state != ConnectionStore::Keychain::Missing);
    const bool is_kept = keep_->isChecked();
    password_->setPlaceholderText(is_kept && works ? tr("Kept in the keychain") : tr("Asked for when the server wants one"));
    if (state == ConnectionStore::Keychain::Missing)
        keep_note_->setText(tr("No keychain answers on this machine, so the password is asked for each time and kept "
                               "nowhere. A ~/.pgpass file works too."));
    else
        keep_note_->setText(is_kept ? tr("It lies in the keychain of your desktop, never in a file of Howdah's.")
                                    : tr("Howdah forgets it with the window."));
}

void ConnectionForm::focusName()
{
    name_->setFocus(Qt::OtherFocusReason);
    name_->selectAll();
}

QString ConnectionForm::suggestedName() const
{
    workspace::SavedConnection saved;
    saved.conninfo = pg::withoutPassword(text_->text().toStdString());
    const auto keywords = pg::describe(saved.conninfo);
    if (!keywords || keywords->empty())
        return tr("This machine");
    const QString database = valueOf(*keywords, "dbname");
    const QString host = valueOf(*keywords, "host").startsWith(QLatin1Char('/')) ? QString() : valueOf(*keywords, "host");
    if (!database.isEmpty())
        return host.isEmpty() ? database : QStringLiteral("%1 @ %2").arg(database, host);
    return ConnectionList::address(saved);
}

// Text and fields in step

void ConnectionForm::textEdited()
{
    if (syncing_)
        return;
    const QString text = text_->text();
    // A password that is pasted must not stand there for longer than it takes to see that it is one.
    const bool was_pasted = text.size() > last_length_ + 1;
    last_length_ = text.size();
    if (was_pasted)
        takeTypedPassword();
    const auto keywords = pg::describe(text_->text().trimmed().toStdString());
    showProblem(keywords ? QString() : QString::fromStdString(keywords.error().message));
    if (keywords)
        showFields(*keywords);
    touched();
}

void ConnectionForm::takeTypedPassword()
{
    QString text = text_->text();
    const QString before = text;
    const std::optional<QString> password = takePassword(text);
    if (text == before)
        return;
    syncing_ = true;
    text_->setText(text);
    last_length_ = text.size();
    syncing_ = false;
    if (password) {
        password_->setText(*password);
        password_touched_ = true;
    }
    touched();
}

void ConnectionForm::showFields(const Keywords &keywords)
{
    syncing_ = true;
    const auto show = [](QLineEdit *field, const QString &value) {
        if (field->text() != value)
            field->setText(value);
    };
    show(host_, valueOf(keywords, "host"));
    show(port_, valueOf(keywords, "port"));
    show(database_, valueOf(keywords, "dbname"));
    show(user_, valueOf(keywords, "user"));
    const QString service = valueOf(keywords, "service");
    if (service_->currentText() != service)
        service_->setCurrentText(service);
    if (!service.isEmpty()) {
        service_->show();
        service_label_->show();
    }
    const QString mode = valueOf(keywords, "sslmode");
    if (sslmode_->findData(mode) < 0)
        sslmode_->addItem(mode, mode);
    sslmode_->setCurrentIndex(sslmode_->findData(mode));
    Keywords more = keywords;
    for (const char *shown : {"host", "port", "dbname", "user", "service", "sslmode"})
        more.erase(shown);
    show(more_, toKeywords(more));
    name_->setPlaceholderText(suggestedName());
    syncing_ = false;
}

Result<Keywords> ConnectionForm::keywordsInFields() const
{
    auto keywords = pg::describe(more_->text().toStdString());
    if (!keywords)
        return keywords;
    const auto put = [&](const char *keyword, const QString &value) {
        if (!value.isEmpty())
            (*keywords)[keyword] = value.toStdString();
    };
    put("host", host_->text().trimmed());
    put("port", port_->text().trimmed());
    put("dbname", database_->text());
    put("user", user_->text());
    put("service", service_->currentText().trimmed());
    put("sslmode", sslmode_->currentData().toString());
    return keywords;
}

void ConnectionForm::fieldsEdited()
{
    if (syncing_)
        return;
    auto more = more_->text();
    if (const auto password = takePassword(more); more != more_->text()) {
        syncing_ = true;
        more_->setText(more);
        syncing_ = false;
        if (password) {
            password_->setText(*password);
            password_touched_ = true;
        }
    }
    const auto keywords = keywordsInFields();
    showProblem(keywords ? QString() : QString::fromStdString(keywords.error().message));
    if (keywords) {
        syncing_ = true;
        text_->setText(isUri(text_->text()) ? toUri(*keywords) : toKeywords(*keywords));
        text_->setCursorPosition(0);
        last_length_ = text_->text().size();
        name_->setPlaceholderText(suggestedName());
        syncing_ = false;
    }
    touched();
}

void ConnectionForm::showProblem(const QString &problem)
{
    problem_->setText(problem);
    problem_->setVisible(!problem.isEmpty());
    if (text_->property("invalid").toBool() == !problem.isEmpty())
        return;
    text_->setProperty("invalid", !problem.isEmpty());
    text_->style()->unpolish(text_);
    text_->style()->polish(text_);
}

// What kind of server it is

/// A name of one's own that is not written yet is treated as one, by the stricter rules of a shared server.
QString ConnectionForm::environment() const
{
    if (environment_->current() != own_environment_id)
        return environment_->current();
    const QString name = own_environment_->text().trimmed();
    return name.isEmpty() ? QStringLiteral("staging") : name;
}

void ConnectionForm::environmentChosen()
{
    workspace::SavedConnection shown;
    shown.environment = environment().toStdString();
    own_environment_->setVisible(environment_->current() == own_environment_id);
    color_->setEnvironmentColor(environmentColor(shown));
    if (!chose_read_only_) {
        syncing_ = true;
        read_only_->setChecked(shown.environment == "production");
        syncing_ = false;
    }
    refreshReadOnlyNote();
    touched();
}

void ConnectionForm::refreshReadOnlyNote()
{
    const bool is_production = environment() == QLatin1StringView("production");
    if (read_only_->isChecked())
        read_only_note_->setText(is_production
                                     ? tr("The usual choice for production: transactions start read-only, so nothing changes by "
                                          "accident. It guards against slips, not against intent: SQL can switch it off.")
                                     : tr("Transactions start read-only (default_transaction_read_only), so nothing changes by accident."));
    else
        read_only_note_->setText(is_production ? tr("Every statement may change production data. The window keeps its warning colour.")
                                               : tr("Statements may change data."));
}

void ConnectionForm::loadSafety(const workspace::SavedConnection &saved)
{
    confirm_->setCurrentIndex(std::max(0, confirm_->findData(QString::fromStdString(saved.confirm))));
    for (const auto &[setting, field] : {std::pair{"statement_timeout", statement_timeout_}, {"lock_timeout", lock_timeout_},
                                         {"idle_in_transaction_session_timeout", idle_timeout_}}) {
        const auto found = saved.settings.find(setting);
        field->setText(found == saved.settings.end() ? QString() : QString::fromStdString(found->second));
    }
    const pg::SshTarget ssh = saved.ssh.value_or(pg::SshTarget());
    ssh_->setText(QString::fromStdString(ssh.destination) + (ssh.port > 0 ? QStringLiteral(":%1").arg(ssh.port) : QString()));
    ssh_jump_->setText(QString::fromStdString(ssh.jump));
    ssh_key_->setText(QString::fromStdString(ssh.identity_file));
    refreshSsh();
}

void ConnectionForm::saveSafety(workspace::SavedConnection &saved) const
{
    saved.confirm = confirm_->currentData().toString().toStdString();
    for (const auto &[setting, field] : {std::pair{"statement_timeout", statement_timeout_}, {"lock_timeout", lock_timeout_},
                                         {"idle_in_transaction_session_timeout", idle_timeout_}}) {
        if (field->text().trimmed().isEmpty())
            saved.settings.erase(setting);
        else
            saved.settings[setting] = field->text().trimmed().toStdString();
    }
    const std::vector<std::string> options = saved.ssh ? saved.ssh->options : std::vector<std::string>();
    saved.ssh.reset();
    if (auto target = pg::parseSshTarget(ssh_->text().trimmed().toStdString()); target && !ssh_->text().trimmed().isEmpty()) {
        target->jump = ssh_jump_->text().trimmed().toStdString();
        target->identity_file = ssh_key_->text().trimmed().toStdString();
        target->options = options;
        saved.ssh = std::move(*target);
    }
}

void ConnectionForm::refreshSsh()
{
    const QString text = ssh_->text().trimmed();
    const auto target = pg::parseSshTarget(text.toStdString());
    ssh_jump_->setEnabled(!text.isEmpty());
    ssh_key_->setEnabled(!text.isEmpty());
    ssh_note_->setText(text.isEmpty() ? tr("None: the server is reached directly.")
                       : target       ? tr("Through your own ssh: ~/.ssh/config, known hosts, agent and hardware keys count. Host and port above are as seen from there.")
                                      : QString::fromStdString(target.error().message + ". " + target.error().hint));
}

void ConnectionForm::touched()
{
    if (syncing_)
        return;
    modified_ = true;
    Q_EMIT edited();
}

} // namespace howdah::ui
