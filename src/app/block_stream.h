// BlockStream: the blocks of one stream of sources, handed out to whoever parses, taken back in order.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "app/batch.h"
#include "app/inputs.h"

namespace mailtrail::app {

// Brings the bytes of a block of a seekable source: batch.source, .position and .size say which. `text` becomes the
// units that begin in it. Thread-safe for different batches.
void load_block(const Inputs& inputs, Batch& batch);

// Cuts the sources of one stream into blocks of whole units. `next` MUST be called by one thread at a time; `load` may
// run on any thread after it.
class BlockStream {
 public:
  BlockStream(Inputs& inputs, const std::vector<std::uint32_t>& sources, std::size_t block_size);

  // Prepares the next block in `batch`: for a sequential source its bytes are read here, for a seekable one only its
  // place is taken. False: there is no more.
  bool next(Batch& batch);
  // Brings the bytes of a prepared block. Thread-safe for different batches.
  void load(Batch& batch) const { load_block(inputs_, batch); }

 private:
  bool next_sequential(Batch& batch, Input& input);
  bool next_seekable(Batch& batch, Input& input);
  void enter_source(Batch& batch, Input& input);
  void skip_to_start(Batch& batch, Input& input);
  void hand_over(Batch& batch, std::size_t filled, std::size_t whole);
  Result<std::size_t> read_on(Input& input, char* to, std::size_t most);

  Inputs& inputs_;
  std::vector<std::uint32_t> sources_;
  std::size_t block_size_;
  std::size_t at_ = 0;               // index into sources_
  std::uint64_t position_ = 0;       // in the current source
  std::vector<char> carry_;          // of a sequential source: bytes after the last whole unit
  std::uint64_t read_position_ = 0;  // of a seekable source that is read in order: what was read
  bool entered_ = false;             // the current source was begun
  bool ended_ = false;               // a sequential source has no more
  bool cut_ = false;                 // or cannot be read on
  bool skipping_ = false;            // the rest of a line that is longer than what is kept of a line
};

// How many bytes of `text` are whole units; 0 where not even one is. At the end of a source all of it is.
std::size_t whole_units(std::string_view text, bool journal_export);

}  // namespace mailtrail::app
