// Line search: the lines that hold a text, and lines by their place, without reading more into them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/block_digest.h"
#include "app/inputs.h"
#include "app/pipeline.h"
#include "model/event.h"

namespace mailtrail::app {

// True when the text stands in a raw line just as it stands in its events: no framing escapes any byte of it.
bool is_plain_needle(std::string_view text);

// Calls `found` with the events of each line that holds `needle`, ASCII letters in any case, in no order and with
// unsettled times; never from two threads at once. Every source MUST be seekable. Blocks that hold such a line are left
// open in `digests`, which MUST be of these inputs and of the block size of `options`; those of the others are made.
void search_lines(const Inputs& inputs, std::string_view needle, const PipelineOptions& options, BlockDigests& digests,
                  const std::function<void(const model::Event&)>& found);

// The raw bytes of lines, in the order of `lines`; empty where one can no more be read. Sources that cannot be read
// anywhere are read once more from their beginning.
std::vector<std::string> read_lines(Inputs& inputs, const std::vector<model::LineRef>& lines);

}  // namespace mailtrail::app
