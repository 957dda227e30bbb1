// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/text_offset.h"

namespace howdah::workspace {

/// A piece of text that a short word stands for.
struct Snippet {
    std::string trigger; ///< what is typed before Tab: letters, digits and underscores
    std::string title;
    std::string body;    ///< with places to fill in: ${1:shown first}, and $0 where the cursor ends
    bool own = false;    ///< the user's, not one that came with Howdah
};

/// The ones that came with Howdah, then the user's; one of the user's replaces one of the same trigger. A missing user
/// file is empty.
[[nodiscard]] Result<std::vector<Snippet>> loadSnippets(const std::filesystem::path &user_file);
/// Replaces the user's by those of the list that are their own; atomically, mode 0600.
[[nodiscard]] Result<void> saveSnippets(const std::filesystem::path &user_file, const std::vector<Snippet> &snippets);

/// A body with its places: what is put into the text, and where the places are in it.
struct SnippetText {
    std::string text;
    struct Place {
        int number = 0;               ///< 1, 2 …: the order of filling in
        std::vector<ByteSpan> spans;  ///< all of one number hold the same text
    };
    std::vector<Place> places;        ///< by number
    ByteOffset end;                   ///< of $0; the end of the text otherwise
};

/// Further lines begin with `indentation`. "$$" and any other dollar stand for themselves.
[[nodiscard]] SnippetText expandSnippet(std::string_view body, std::string_view indentation = {});

} // namespace howdah::workspace
