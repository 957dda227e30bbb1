// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/schema_clone.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>
#include <unistd.h>

#include <fmt/format.h>

#include "core/base/subprocess.h"
#include "core/cluster/local_cluster.h"
#include "core/pg/password.h"
#include "core/pg/ssh_tunnel.h"
#include "core/sql/quote.h"

namespace howdah::migration {

namespace fs = std::filesystem;

namespace {

/// Of the server's version or newer; the nearest.
Result<fs::path> dumpProgram(int major)
{
    fs::path program;
    int nearest = 0;
    for (const cluster::Installation &installation : cluster::findInstallations()) {
        const fs::path candidate = installation.bin / "pg_dump";
        if (installation.major >= major && fs::exists(candidate) && (nearest == 0 || installation.major < nearest)) {
            program = candidate;
            nearest = installation.major;
        }
    }
    if (program.empty())
        return fail(ErrorKind::Unsupported, fmt::format("There is no pg_dump of PostgreSQL {} or newer on this machine", major), "Install PostgreSQL's client programs.");
    return program;
}

/// The source as pg_dump reaches it: through the tunnel where there is one, the password apart.
struct Reach {
    std::string conninfo;
    std::map<std::string, std::string> environment;
    std::shared_ptr<pg::SshTunnel> tunnel;
};

Result<Reach> reach(const pg::ConnectionSpec &spec, const pg::Canceller &canceller)
{
    Reach found;
    auto keywords = pg::describe(spec.conninfo);
    if (!keywords)
        return tl::unexpected(keywords.error());
    if (spec.ssh) {
        const auto value = [&](const char *key, const char *otherwise) { return keywords->contains(key) ? keywords->at(key) : std::string(otherwise); };
        auto tunnel = pg::SshTunnel::open(*spec.ssh, value("host", "localhost"), value("port", "5432"), canceller);
        if (!tunnel)
            return tl::unexpected(tunnel.error());
        found.tunnel = std::move(*tunnel);
        (*keywords)["hostaddr"] = "127.0.0.1";
        (*keywords)["port"] = found.tunnel->localPort();
    }
    for (const auto &[key, value] : *keywords)
        found.conninfo += key + "=" + pg::conninfoValue(value) + " ";
    if (const auto password = spec.password ? spec.password : pg::passwordIn(spec.conninfo))
        found.environment["PGPASSWORD"] = *password;
    return found;
}

Result<std::string> schemaOf(pg::Connection &source, const pg::ConnectionSpec &spec)
{
    const auto program = dumpProgram(source.facts().major());
    if (!program)
        return tl::unexpected(program.error());
    const auto from = reach(spec, source.canceller());
    if (!from)
        return tl::unexpected(from.error());
    Command command;
    command.program = *program;
    command.arguments = {"--schema-only", "--no-owner", "--no-privileges", "--no-tablespaces", "--no-subscriptions", "--no-password", "-d", from->conninfo};
    command.environment = from->environment;
    const auto dumped = runCommand(command);
    if (!dumped)
        return tl::unexpected(dumped.error());
    if (dumped->exit_code != 0)
        return fail(ErrorKind::Io, "pg_dump could not read the schema: " + dumped->output);
    std::string sql; // psql's own commands, \restrict among them, are left out
    for (std::size_t at = 0; at < dumped->output.size();) {
        const std::size_t end = std::min(dumped->output.find('\n', at), dumped->output.size() - 1) + 1;
        if (dumped->output[at] != '\\')
            sql += dumped->output.substr(at, end - at);
        at = end;
    }
    return sql;
}

/// Policies and default privileges name roles: all of the source's, as names only.
Result<std::string> rolesOf(pg::Connection &source)
{
    const auto roles = source.query("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY 1 LIMIT 10000");
    if (!roles)
        return tl::unexpected(roles.error());
    std::string sql;
    for (std::int64_t row = 0; row < roles->result->rowCount(); ++row) {
        const std::string name(roles->result->cell(row, 0).text);
        sql += "DO $$ BEGIN CREATE ROLE " + sql::quoteIdentifier(name) + " NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n";
    }
    return sql;
}

std::string scratchName()
{
    static std::atomic<int> count{0};
    return fmt::format("howdah_scratch_{}_{}", getpid(), ++count);
}

} // namespace

struct SchemaClone::Impl {
    pg::Connection *owner = nullptr; ///< who drops the database; null on a server of our own
    std::string database;
    std::unique_ptr<cluster::LocalCluster> cluster;
    fs::path folder;
    pg::ConnectionSpec spec;
    std::unique_ptr<pg::Connection> connection;
    std::string place;

    Result<void> fill(pg::Connection &source, const std::string &schema, const std::string &roles)
    {
        auto opened = pg::Connection::open(spec, source.canceller());
        if (!opened)
            return tl::unexpected(opened.error());
        connection = std::move(*opened);
        for (const std::string *script : {&roles, &schema}) {
            pg::RunOutcome loaded = script->empty() ? pg::RunOutcome() : connection->run(*script);
            if (!loaded.error)
                continue;
            loaded.error->hint = "The schema could not be copied. " + loaded.error->hint;
            return tl::unexpected(std::move(*loaded.error));
        }
        const auto session = source.query("SELECT current_setting('search_path'), current_setting('TimeZone')");
        if (!session)
            return tl::unexpected(session.error());
        const std::string path(session->result->cell(0, 0).text), zone(session->result->cell(0, 1).text);
        for (const std::string &set : {path.empty() ? std::string("SET search_path = ''") : "SET search_path = " + path, "SET TimeZone = " + sql::quoteLiteral(zone)}) {
            if (auto done = connection->query(set); !done)
                return tl::unexpected(done.error());
        }
        return {};
    }

    Result<void> remove()
    {
        connection.reset();
        if (cluster != nullptr) {
            auto stopped = cluster->stop(cluster::LocalCluster::StopMode::Immediate);
            cluster.reset();
            std::error_code ignored;
            fs::remove_all(folder, ignored);
            return stopped;
        }
        if (owner == nullptr || database.empty() || !owner->alive())
            return {};
        const pg::CancelShield shield(owner->canceller());
        auto dropped = owner->query("DROP DATABASE " + sql::quoteIdentifier(database));
        if (!dropped)
            return tl::unexpected(dropped.error());
        database.clear();
        return {};
    }
};

SchemaClone::SchemaClone() : impl_(std::make_unique<Impl>()) {}

SchemaClone::~SchemaClone()
{
    static_cast<void>(impl_->remove());
}

Result<std::unique_ptr<SchemaClone>> SchemaClone::onScratchServer(pg::Connection &source, const pg::ConnectionSpec &spec)
{
    const int major = source.facts().major();
    const auto installation = cluster::findInstallation(major);
    if (!installation)
        return fail(ErrorKind::Unsupported, fmt::format("PostgreSQL {} is not installed on this machine, so there is no scratch server of that version", major),
                    "Install it, or measure on a scratch database of the server.");
    const auto schema = schemaOf(source, spec);
    const auto roles = rolesOf(source);
    if (!schema || !roles)
        return tl::unexpected(schema ? roles.error() : schema.error());
    std::unique_ptr<SchemaClone> clone(new SchemaClone);
    Impl &impl = *clone->impl_;
    impl.folder = fs::temp_directory_path() / scratchName();
    cluster::ClusterOptions options;
    options.folder = impl.folder;
    options.durable = false;
    options.settings = {{"wal_level", "logical"}, {"autovacuum", "off"}, {"max_prepared_transactions", "10"}};
    auto started = cluster::LocalCluster::start(*installation, options);
    if (!started)
        return tl::unexpected(started.error());
    impl.cluster = std::move(*started);
    impl.spec.conninfo = impl.cluster->conninfo();
    impl.spec.application_name = "howdah scratch";
    impl.place = "a scratch server (PostgreSQL " + installation->version + ")";
    if (auto filled = impl.fill(source, *schema, *roles); !filled)
        return tl::unexpected(filled.error());
    return clone;
}

Result<std::unique_ptr<SchemaClone>> SchemaClone::onScratchDatabase(pg::Connection &source, const pg::ConnectionSpec &spec)
{
    const auto schema = schemaOf(source, spec);
    const auto keywords = pg::describe(spec.conninfo);
    if (!schema || !keywords)
        return tl::unexpected(schema ? keywords.error() : schema.error());
    std::unique_ptr<SchemaClone> clone(new SchemaClone);
    Impl &impl = *clone->impl_;
    const std::string name = scratchName();
    if (auto made = source.query("CREATE DATABASE " + sql::quoteIdentifier(name) + " TEMPLATE template0"); !made)
        return tl::unexpected(made.error());
    impl.owner = &source;
    impl.database = name;
    impl.spec = spec;
    impl.spec.read_only = false;
    impl.spec.conninfo.clear();
    for (const auto &[key, value] : *keywords) {
        if (key != "dbname")
            impl.spec.conninfo += key + "=" + pg::conninfoValue(value) + " ";
    }
    impl.spec.conninfo += "dbname=" + pg::conninfoValue(name);
    if (!impl.spec.password)
        impl.spec.password = pg::passwordIn(spec.conninfo);
    impl.place = "the scratch database " + name;
    if (auto filled = impl.fill(source, *schema, {}); !filled)
        return tl::unexpected(filled.error());
    return clone;
}

pg::Connection &SchemaClone::connection()
{
    return *impl_->connection;
}

Result<std::unique_ptr<pg::Connection>> SchemaClone::connectAgain() const
{
    return pg::Connection::open(impl_->spec);
}

const std::string &SchemaClone::place() const
{
    return impl_->place;
}

Result<void> SchemaClone::remove()
{
    return impl_->remove();
}

} // namespace howdah::migration
