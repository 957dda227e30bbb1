// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workspace/connections.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <random>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace howdah::workspace {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Error io(const fs::path &file, const char *what, int number)
{
    Error error;
    error.kind = ErrorKind::Io;
    error.message = std::string(what) + " " + file.string() + ": " + std::strerror(number);
    return error;
}

Error unreadable(const fs::path &file, const std::string &why)
{
    Error error;
    error.kind = ErrorKind::Parse;
    error.message = "The saved connections in " + file.string() + " cannot be read: " + why;
    error.hint = "Mend the file, or move it away to start with an empty list. It was not changed.";
    return error;
}

/// The whole document; an object with an empty list where there is no file.
Result<Json> readDocument(const fs::path &file)
{
    std::error_code failed;
    const bool there = fs::exists(file, failed);
    if (!there && !failed)
        return Json{{"version", 1}, {"connections", Json::array()}};
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return tl::unexpected(io(file, "Cannot open", errno));
    std::ostringstream content;
    content << stream.rdbuf();
    Json document = Json::parse(content.str(), nullptr, false);
    if (document.is_discarded())
        return tl::unexpected(unreadable(file, "it is not valid JSON"));
    if (!document.is_object() || (document.contains("connections") && !document["connections"].is_array()))
        return tl::unexpected(unreadable(file, "it holds no list of connections"));
    if (!document.contains("connections"))
        document["connections"] = Json::array();
    return document;
}

std::string text(const Json &entry, const char *key)
{
    const auto found = entry.find(key);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool flag(const Json &entry, const char *key)
{
    const auto found = entry.find(key);
    return found != entry.end() && found->is_boolean() && found->get<bool>();
}

SavedConnection fromJson(const Json &entry)
{
    SavedConnection connection;
    connection.id = text(entry, "id");
    connection.name = text(entry, "name");
    connection.conninfo = text(entry, "conninfo");
    if (const std::string environment = text(entry, "environment"); !environment.empty())
        connection.environment = environment;
    connection.confirm = text(entry, "confirm");
    if (const auto ssh = entry.find("ssh"); ssh != entry.end() && ssh->is_object() && !text(*ssh, "destination").empty()) {
        pg::SshTarget target;
        target.destination = text(*ssh, "destination");
        target.jump = text(*ssh, "jump");
        target.identity_file = text(*ssh, "identity_file");
        if (const auto port = ssh->find("port"); port != ssh->end() && port->is_number_integer())
            target.port = port->get<int>();
        if (const auto options = ssh->find("options"); options != ssh->end() && options->is_array()) {
            for (const Json &option : *options) {
                if (option.is_string())
                    target.options.push_back(option.get<std::string>());
            }
        }
        connection.ssh = std::move(target);
    }
    if (const auto settings = entry.find("settings"); settings != entry.end() && settings->is_object()) {
        for (const auto &[name, value] : settings->items()) {
            if (value.is_string())
                connection.settings[name] = value.get<std::string>();
        }
    }
    connection.color = text(entry, "color");
    connection.read_only = flag(entry, "read_only");
    connection.keep_password = flag(entry, "keep_password");
    connection.last_used = text(entry, "last_used");
    return connection;
}

void toJson(const SavedConnection &connection, const std::string &conninfo, Json &entry)
{
    entry["id"] = connection.id;
    entry["name"] = connection.name;
    entry["conninfo"] = conninfo;
    entry["environment"] = connection.environment;
    entry["confirm"] = connection.confirm;
    entry.erase("ssh");
    if (connection.ssh)
        entry["ssh"] = {{"destination", connection.ssh->destination}, {"port", connection.ssh->port}, {"jump", connection.ssh->jump},
                        {"identity_file", connection.ssh->identity_file}, {"options", connection.ssh->options}};
    entry["settings"] = connection.settings;
    entry["color"] = connection.color;
    entry["read_only"] = connection.read_only;
    entry["keep_password"] = connection.keep_password;
    entry["last_used"] = connection.last_used;
}

/// The file's entry of that id, so that keys a later version wrote into it survive; else an empty one.
Json entryOf(const Json &entries, const std::string &id)
{
    for (const Json &entry : entries) {
        if (entry.is_object() && text(entry, "id") == id)
            return entry;
    }
    return Json::object();
}

/// All bytes on disk under a name of their own, then renamed over the file: whoever reads sees the old or the new one.
Result<void> replaceFile(const fs::path &file, const std::string &content)
{
    std::error_code failed;
    // The folder holds host names and user names: nobody else's business. One that is there already is left as it is.
    if (!file.parent_path().empty() && fs::create_directories(file.parent_path(), failed))
        fs::permissions(file.parent_path(), fs::perms::owner_all, failed);
    // Behind a symbolic link the file itself is replaced, not the link.
    const fs::path target = fs::is_symlink(file, failed) ? fs::weakly_canonical(file, failed) : file;
    std::string name = target.string() + ".XXXXXX";
    const int fd = mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0)
        return tl::unexpected(io(target, "Cannot write next to", errno));
    int problem = fchmod(fd, S_IRUSR | S_IWUSR) == 0 ? 0 : errno;
    for (std::size_t done = 0; problem == 0 && done < content.size();) {
        const ssize_t written = write(fd, content.data() + done, content.size() - done);
        if (written >= 0)
            done += static_cast<std::size_t>(written);
        else if (errno != EINTR)
            problem = errno;
    }
    if (problem == 0 && fsync(fd) != 0)
        problem = errno;
    if (close(fd) != 0 && problem == 0)
        problem = errno;
    if (problem == 0 && std::rename(name.c_str(), target.c_str()) != 0)
        problem = errno;
    if (problem != 0) {
        unlink(name.c_str());
        return tl::unexpected(io(target, "Cannot write", problem));
    }
    if (const int folder = open(target.has_parent_path() ? target.parent_path().c_str() : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); folder >= 0) {
        fsync(folder); // the name too; not every file system can, and the content is safe already
        close(folder);
    }
    return {};
}

} // namespace

pg::ConnectionSpec specOf(const SavedConnection &saved)
{
    pg::ConnectionSpec spec;
    spec.conninfo = saved.conninfo;
    spec.read_only = saved.read_only;
    spec.ssh = saved.ssh;
    spec.settings = saved.settings;
    return spec;
}

Result<std::vector<SavedConnection>> loadConnections(const fs::path &file)
{
    const auto document = readDocument(file);
    if (!document)
        return tl::unexpected(document.error());
    std::vector<SavedConnection> connections;
    for (const Json &entry : (*document)["connections"]) {
        if (!entry.is_object())
            return tl::unexpected(unreadable(file, "an entry of the list is no object"));
        connections.push_back(fromJson(entry));
        if (connections.back().id.empty())
            connections.back().id = newId();
    }
    return connections;
}

Result<void> saveConnections(const fs::path &file, const std::vector<SavedConnection> &connections)
{
    auto document = readDocument(file);
    if (!document)
        return tl::unexpected(document.error());
    Json entries = Json::array();
    for (const SavedConnection &connection : connections) {
        const std::string conninfo = pg::withoutPassword(connection.conninfo);
        if (conninfo.empty() && !connection.conninfo.empty()) {
            // Unreadable: it may hold a password that cannot be found, so it is not written at all.
            if (const auto readable = pg::describe(connection.conninfo); !readable)
                return tl::unexpected(readable.error());
        }
        Json entry = entryOf((*document)["connections"], connection.id);
        toJson(connection, conninfo, entry);
        entries.push_back(std::move(entry));
    }
    (*document)["connections"] = std::move(entries);
    return replaceFile(file, document->dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string newId()
{
    std::random_device device;
    std::string id;
    for (int i = 0; i < 4; ++i) {
        char word[9];
        std::snprintf(word, sizeof word, "%08x", static_cast<unsigned>(device()));
        id += word;
    }
    return id;
}

} // namespace howdah::workspace
