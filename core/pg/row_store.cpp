// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/row_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace howdah::pg {

namespace {

// A script may leave ten thousand results of one row: a store begins small and its chunks grow.
constexpr std::size_t first_arena_bytes = 2 * 1024;
constexpr std::size_t arena_bytes = 2 * 1024 * 1024;
constexpr std::size_t first_cells = 256;
constexpr std::size_t growth = 4;
constexpr std::size_t cells_per_chunk = 128 * 1024;
/// From this size on a row has a chunk of its own in the temporary file, written without being mapped into memory.
constexpr std::size_t large_row_bytes = 16 * 1024 * 1024;
/// A cell's end and whether it is NULL in one word: a row is one protocol message, so it stays below 2 GiB.
constexpr std::uint32_t null_flag = 0x80000000U;

/// A growing list that readers index while the one writer appends: segments of doubling size never move.
template <typename T> class StableList
{
public:
    StableList() = default;
    StableList(const StableList &) = delete;
    StableList &operator=(const StableList &) = delete;
    ~StableList()
    {
        for (auto &segment : segments_)
            delete[] segment.load(std::memory_order_relaxed);
    }
    T &operator[](std::size_t index) const
    {
        const auto [segment, offset] = place(index);
        return segments_[segment].load(std::memory_order_acquire)[offset];
    }
    void append(T value)
    {
        const auto [segment, offset] = place(size_);
        if (offset == 0)
            segments_[segment].store(new T[std::size_t{1} << segment], std::memory_order_release);
        segments_[segment].load(std::memory_order_relaxed)[offset] = std::move(value);
        ++size_;
    }
    [[nodiscard]] std::size_t size() const { return size_; } ///< writer only

private:
    static std::pair<std::size_t, std::size_t> place(std::size_t index)
    {
        const auto segment = static_cast<std::size_t>(std::bit_width(index + 1)) - 1;
        return {segment, index + 1 - (std::size_t{1} << segment)};
    }
    std::array<std::atomic<T *>, 48> segments_{};
    std::size_t size_ = 0;
};

struct Chunk {
    std::int64_t first_row = 0;
    char *arena = nullptr;
    std::uint32_t *ends = nullptr; ///< behind the arena, one per cell
    std::size_t arena_capacity = 0;
    std::size_t cell_capacity = 0;
    std::size_t mapped_bytes = 0;  ///< > 0: lies in the temporary file
    std::int64_t allocated_bytes = 0; ///< > 0: lies in memory
    off_t file_offset = -1;        ///< >= 0: values are written to the file at this place, not through memory
};

/// The unlinked file that takes what memory should not.
class SpillFile
{
public:
    ~SpillFile()
    {
        if (file_ >= 0)
            close(file_);
    }
    /// Space on disk is reserved first: a full disk is an error here, never a SIGBUS at some later write.
    void *allocate(std::size_t bytes)
    {
        if (file_ < 0 && !open())
            return nullptr;
        if (const int failed = posix_fallocate(file_, size_, static_cast<off_t>(bytes)); failed != 0) {
            errno = failed;
            return nullptr;
        }
        void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, size_);
        if (memory == MAP_FAILED)
            return nullptr;
        size_ += static_cast<off_t>(bytes);
        return memory;
    }
    bool write(const char *data, std::size_t bytes, off_t at) const
    {
        while (bytes > 0) {
            const ssize_t written = pwrite(file_, data, bytes, at);
            if (written < 0 && errno == EINTR)
                continue;
            if (written <= 0)
                return false;
            data += written;
            at += written;
            bytes -= static_cast<std::size_t>(written);
        }
        return true;
    }
    [[nodiscard]] off_t size() const { return size_; }

private:
    bool open()
    {
        const char *folder = std::getenv("TMPDIR");
        file_ = ::open(folder != nullptr ? folder : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (file_ >= 0)
            return true;
        std::string name = std::string(folder != nullptr ? folder : "/var/tmp") + "/howdah-rows-XXXXXX";
        file_ = mkostemp(name.data(), O_CLOEXEC);
        if (file_ >= 0)
            unlink(name.c_str());
        return file_ >= 0;
    }
    int file_ = -1;
    off_t size_ = 0;
};

std::size_t roundToPages(std::size_t bytes)
{
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) / page * page;
}

/// Large blocks ask for huge pages: a page fault for every four kilobytes is a good part of what taking rows in costs.
void *allocate(std::size_t bytes)
{
    constexpr std::size_t huge_page = 2 * 1024 * 1024;
    if (bytes < huge_page)
        return std::malloc(bytes);
    void *memory = std::aligned_alloc(huge_page, (bytes + huge_page - 1) / huge_page * huge_page);
    if (memory != nullptr)
        madvise(memory, bytes / huge_page * huge_page, MADV_HUGEPAGE);
    return memory;
}

} // namespace

struct RowStore::Impl {
    std::vector<Column> columns;
    RowStoreLimits limits;

    // Readers' side.
    StableList<Chunk> chunks;
    std::atomic<std::int64_t> published_rows{0};
    std::atomic<std::size_t> published_chunks{0};
    mutable std::atomic<std::size_t> last_found{0}; ///< a guess: neighbours are asked for next
    std::atomic<std::int64_t> value_bytes{0}, memory_bytes{0}, spilled_bytes{0};

    // Writer's side.
    Chunk current;
    bool has_chunk = false;
    std::int64_t rows = 0;
    std::size_t next_arena_bytes = first_arena_bytes;
    std::size_t next_cells = first_cells;
    std::size_t used_bytes = 0;      ///< in the current chunk, complete rows
    std::size_t used_cells = 0;
    std::size_t row_bytes = 0;       ///< of the row in the making
    std::size_t row_cells = 0;
    std::int64_t all_values = 0;
    SpillFile spill;
    std::size_t forgotten = 0;       ///< chunks given back
    std::optional<Error> failure;

    ~Impl()
    {
        for (std::size_t i = 0; i < chunks.size(); ++i) {
            if (chunks[i].mapped_bytes > 0)
                munmap(chunks[i].arena, chunks[i].mapped_bytes);
            else
                std::free(chunks[i].arena);
        }
    }

    [[nodiscard]] std::size_t width() const { return std::max<std::size_t>(columns.size(), 1); }
    bool makeChunk(std::size_t bytes_needed);
    bool makeLargeChunk(std::size_t bytes_needed);
    bool makeRoom(std::size_t size, std::size_t cells);
    void addChunk(const Chunk &chunk, std::size_t total);
    void fail(const char *message);
    [[nodiscard]] const Chunk &chunkOf(std::int64_t row) const;
};

/// A chunk that holds at least the row in the making and `bytes_needed` more; that row moves into it.
bool RowStore::Impl::makeChunk(std::size_t bytes_needed)
{
    const bool first = chunks.size() == 0;
    Chunk chunk;
    chunk.first_row = rows;
    chunk.arena_capacity = std::max(next_arena_bytes, bytes_needed);
    chunk.arena_capacity = (chunk.arena_capacity + 7) / 8 * 8;
    chunk.cell_capacity = std::max(next_cells, width());
    next_arena_bytes = std::min(next_arena_bytes * growth, arena_bytes);
    next_cells = std::min(next_cells * growth, cells_per_chunk);
    const std::size_t total = roundToPages(chunk.arena_capacity + chunk.cell_capacity * sizeof(std::uint32_t));
    const bool to_file = memory_bytes.load(std::memory_order_relaxed) + static_cast<std::int64_t>(total) > limits.memory_bytes && !first;
    void *memory = to_file ? spill.allocate(total) : allocate(total);
    if (memory == nullptr) {
        fail(to_file ? "The result does not fit on the disk" : "There is no memory for the result");
        return false;
    }
    chunk.arena = static_cast<char *>(memory);
    chunk.ends = reinterpret_cast<std::uint32_t *>(chunk.arena + chunk.arena_capacity);
    chunk.mapped_bytes = to_file ? total : 0;
    chunk.allocated_bytes = to_file ? 0 : static_cast<std::int64_t>(total);
    if (row_cells > 0) {
        std::memcpy(chunk.arena, current.arena + used_bytes, row_bytes);
        // Ends count from the chunk's start: the row now begins at 0.
        for (std::size_t i = 0; i < row_cells; ++i) {
            const std::uint32_t end = current.ends[used_cells + i];
            chunk.ends[i] = (end - static_cast<std::uint32_t>(used_bytes)) | (end & null_flag);
        }
    }
    addChunk(chunk, total);
    return true;
}

/// A chunk in the file for one large row that is about to begin; false when there is no room, and memory may do.
bool RowStore::Impl::makeLargeChunk(std::size_t bytes_needed)
{
    Chunk chunk;
    chunk.first_row = rows;
    chunk.arena_capacity = (bytes_needed + 7) / 8 * 8;
    chunk.cell_capacity = width();
    const std::size_t total = roundToPages(chunk.arena_capacity + chunk.cell_capacity * sizeof(std::uint32_t));
    chunk.file_offset = spill.size();
    chunk.arena = static_cast<char *>(spill.allocate(total));
    if (chunk.arena == nullptr)
        return false;
    chunk.ends = reinterpret_cast<std::uint32_t *>(chunk.arena + chunk.arena_capacity);
    chunk.mapped_bytes = total;
    addChunk(chunk, total);
    return true;
}

void RowStore::Impl::addChunk(const Chunk &chunk, std::size_t total)
{
    (chunk.mapped_bytes > 0 ? spilled_bytes : memory_bytes).fetch_add(static_cast<std::int64_t>(total), std::memory_order_relaxed);
    chunks.append(chunk);
    current = chunk;
    has_chunk = true;
    used_bytes = used_cells = 0;
}

void RowStore::Impl::fail(const char *message)
{
    Error error;
    error.kind = ErrorKind::Io;
    error.message = message;
    error.detail = std::strerror(errno) + std::string("; the rows read so far are kept");
    error.hint = "Ask for fewer rows, or export the result straight to a file.";
    failure = error;
}

bool RowStore::Impl::makeRoom(std::size_t size, std::size_t cells)
{
    const bool fits = has_chunk && used_bytes + row_bytes + size <= current.arena_capacity
        && used_cells + row_cells + cells <= current.cell_capacity;
    if (fits)
        return true;
    // A row that outgrows its chunk in mid-row doubles the room, so that a row of many large cells is not copied
    // once per cell.
    const std::size_t needed = row_bytes + size;
    return makeChunk(row_cells > 0 && needed > arena_bytes ? needed + row_bytes : needed);
}

const Chunk &RowStore::Impl::chunkOf(std::int64_t row) const
{
    const std::size_t count = published_chunks.load(std::memory_order_acquire);
    const auto holds = [&](std::size_t i) {
        return chunks[i].first_row <= row && (i + 1 == count || row < chunks[i + 1].first_row);
    };
    const std::size_t guess = last_found.load(std::memory_order_relaxed);
    if (guess < count && holds(guess))
        return chunks[guess];
    std::size_t low = 0;
    for (std::size_t high = count; high - low > 1;) {
        const std::size_t middle = low + (high - low) / 2;
        (chunks[middle].first_row <= row ? low : high) = middle;
    }
    last_found.store(low, std::memory_order_relaxed);
    return chunks[low];
}

RowStore::RowStore(std::vector<Column> columns, RowStoreLimits limits) : impl_(std::make_unique<Impl>())
{
    impl_->columns = std::move(columns);
    impl_->limits = limits;
}

RowStore::~RowStore() = default;

const std::vector<Column> &RowStore::columns() const noexcept
{
    return impl_->columns;
}

std::int64_t RowStore::rowCount() const noexcept
{
    return impl_->published_rows.load(std::memory_order_acquire);
}

Cell RowStore::cell(std::int64_t row, std::size_t column) const noexcept
{
    const Chunk &chunk = impl_->chunkOf(row);
    const std::size_t index = static_cast<std::size_t>(row - chunk.first_row) * impl_->width() + column;
    const std::uint32_t end = chunk.ends[index];
    const std::uint32_t begin = index == 0 ? 0 : chunk.ends[index - 1] & ~null_flag;
    return {std::string_view(chunk.arena + begin, (end & ~null_flag) - begin), (end & null_flag) != 0};
}

std::int64_t RowStore::valueBytes() const noexcept
{
    return impl_->value_bytes.load(std::memory_order_relaxed);
}

std::int64_t RowStore::memoryBytes() const noexcept
{
    return impl_->memory_bytes.load(std::memory_order_relaxed);
}

std::int64_t RowStore::spilledBytes() const noexcept
{
    return impl_->spilled_bytes.load(std::memory_order_relaxed);
}

void RowStore::beginRow(std::size_t row_bytes)
{
    impl_->row_bytes = impl_->row_cells = 0;
    if (!impl_->failure && (row_bytes < large_row_bytes || !impl_->makeLargeChunk(row_bytes)))
        static_cast<void>(impl_->makeRoom(row_bytes, impl_->width()));
    // A result without columns still has rows: each holds one empty cell of its own.
    if (impl_->columns.empty())
        appendCell("", 0, false);
}

void RowStore::appendCell(const char *data, std::size_t size, bool is_null)
{
    Impl &impl = *impl_;
    if (impl.failure || !impl.makeRoom(size, 1))
        return;
    const std::size_t at = impl.used_bytes + impl.row_bytes;
    if (impl.current.file_offset < 0) {
        std::memcpy(impl.current.arena + at, data, size);
    } else if (!impl.spill.write(data, size, impl.current.file_offset + static_cast<off_t>(at))) {
        impl.fail("The result cannot be written to the disk");
        return;
    }
    impl.row_bytes += size;
    const auto end = static_cast<std::uint32_t>(impl.used_bytes + impl.row_bytes);
    impl.current.ends[impl.used_cells + impl.row_cells] = is_null ? end | null_flag : end;
    if (++impl.row_cells == impl.width()) {
        impl.used_bytes += impl.row_bytes;
        impl.used_cells += impl.row_cells;
        impl.all_values += static_cast<std::int64_t>(impl.row_bytes);
        impl.row_bytes = impl.row_cells = 0;
        ++impl.rows;
    }
}

void RowStore::appendRow(const Cell *cells)
{
    Impl &impl = *impl_;
    const std::size_t width = impl.columns.size();
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < width; ++i)
        bytes += cells[i].text.size();
    beginRow(bytes);
    if (impl.failure || width == 0)
        return;
    if (impl.current.file_offset >= 0) {
        for (std::size_t i = 0; i < width; ++i)
            appendCell(cells[i].text.data(), cells[i].text.size(), cells[i].is_null);
        return;
    }
    char *to = impl.current.arena + impl.used_bytes;
    std::uint32_t *ends = impl.current.ends + impl.used_cells;
    for (std::size_t i = 0; i < width; ++i) {
        std::memcpy(to, cells[i].text.data(), cells[i].text.size());
        to += cells[i].text.size();
        const auto end = static_cast<std::uint32_t>(to - impl.current.arena);
        ends[i] = cells[i].is_null ? end | null_flag : end;
    }
    impl.used_bytes += bytes;
    impl.used_cells += width;
    impl.all_values += static_cast<std::int64_t>(bytes);
    ++impl.rows;
}

void RowStore::forgetBefore(std::int64_t row)
{
    for (std::size_t &i = impl_->forgotten; i + 1 < impl_->chunks.size() && impl_->chunks[i + 1].first_row <= row; ++i) {
        Chunk &chunk = impl_->chunks[i];
        if (chunk.mapped_bytes > 0) {
            munmap(chunk.arena, chunk.mapped_bytes);
        } else {
            std::free(chunk.arena);
            impl_->memory_bytes.fetch_sub(chunk.allocated_bytes, std::memory_order_relaxed);
        }
        chunk.arena = nullptr;
        chunk.mapped_bytes = 0;
    }
}

Result<void> RowStore::publish()
{
    impl_->value_bytes.store(impl_->all_values, std::memory_order_relaxed);
    impl_->published_chunks.store(impl_->chunks.size(), std::memory_order_release);
    impl_->published_rows.store(impl_->rows, std::memory_order_release);
    if (impl_->failure)
        return tl::unexpected(*impl_->failure);
    return {};
}

} // namespace howdah::pg
