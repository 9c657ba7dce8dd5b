#include "archive/writer_directory.h"

#include <algorithm>
#include <utility>

#include "sys/append_file.h"
#include "sys/directory.h"
#include "sys/file.h"
#include "sys/output_file.h"
#include "sys/process.h"

namespace mailtrail::archive {
namespace {

std::string describe(const Place& place) {
  return "segment " + std::to_string(place.segment) + ", byte " + std::to_string(place.offset);
}

// The mark in the note; that before everything where there is no note, or none that can be read: it was being written
// when the machine stopped.
Mark read_note(const std::string& path) {
  const Result<sys::File> file = sys::File::open(path);
  if (!file.ok()) return {};
  char text[200];
  const Result<std::size_t> got = file->read_at(0, text, sizeof text);
  if (!got.ok()) return {};
  std::string_view line(text, *got);
  return mark_of(line.substr(0, line.find('\n'))).value_or(Mark{});
}

// Blocks of at most a segment each.
std::vector<IndexBlock> blocks_of(const Contents& contents) {
  std::vector<IndexBlock> blocks;
  for (const FrameEntry& entry : contents.frames) {
    if (blocks.empty() || blocks.back().segment != entry.segment)
      blocks.push_back({entry.segment, kSegmentHeaderSize, 0, {}, {}});
    blocks.back().entries.push_back(entry);
  }
  return blocks;
}

}  // namespace

std::string confirmed_mark(const std::string& directory) {
  return to_text(read_note(directory + "/" + std::string(kConfirmedName)));
}

Result<WriterDirectory> WriterDirectory::take(const std::string& path, const Mark& mark) {
  if (const Result<Done> made = sys::make_directory(path); !made.ok()) return made.error();
  const std::string lock_path = path + "/lock";
  Result<sys::FileLock> lock = sys::FileLock::open(lock_path, 0640);
  if (!lock.ok()) return lock.error();
  if (!lock->is_writable()) {
    return Error{"may not be written to by this user", path, "run as the user that owns it, or give it the right"};
  }
  const Result<bool> taken = lock->try_lock(sys::FileLock::Mode::kExclusive);
  if (!taken.ok()) return taken.error();
  if (!*taken) {
    const Result<std::string> holder = lock->text(20);
    const std::string number = holder.ok() ? holder->substr(0, holder->find('\n')) : std::string();
    return Error{number.empty() ? std::string("another process writes this archive")
                                : "process " + number + " writes this archive",
                 lock_path, "wait until it has ended, or stop it"};
  }
  const Result<Done> told = lock->set_text(std::to_string(sys::process_id()) + "\n");
  if (!told.ok()) return told.error();
  WriterDirectory directory(path, std::move(*lock));
  if (const Result<Done> checked = directory.check_confirmed(mark); !checked.ok()) return checked.error();
  return directory;
}

Result<Done> WriterDirectory::check_confirmed(const Mark& mark) const {
  const Mark noted = read_note(note_path());
  if (noted.place <= mark.place) return Done{};
  const std::string known = mark.place.segment == 0 ? std::string("knows nothing of this archive")
                                                    : "knows this archive up to " + describe(mark.place);
  return Error{"the database " + known + ", but data up to " + describe(noted.place) + " were committed", note_path(),
               "mailtrail rebuild makes it anew from the archive; or put back the newest database"};
}

Result<Done> WriterDirectory::confirm(const Mark& mark) {
  if (mark.place.segment == 0 || read_note(note_path()) == mark) return Done{};
  const std::string fresh = note_path() + ".new";
  Result<sys::OutputFile> file = sys::OutputFile::create(fresh);
  if (!file.ok()) return file.error();
  if (const Result<Done> put = file->write(to_text(mark) + "\n"); !put.ok()) return put;
  if (const Result<Done> closed = file->close(); !closed.ok()) return closed;
  return sys::rename_file(fresh, note_path());
}

Result<Done> WriterDirectory::take_back(Contents& contents) {
  const Place end = contents.end.place;
  const Result<std::vector<std::uint32_t>> segments = segments_in(path_);
  if (!segments.ok()) return segments.error();
  // From the end backwards: at any instant what is left is an archive.
  for (auto segment = segments->rbegin(); segment != segments->rend() && *segment > end.segment; ++segment) {
    const std::string path = path_ + "/" + segment_name(*segment);
    if (!sys::remove_file(path)) {
      return Error{"cannot be removed; it lies behind the last commit", path, "see who owns the directory"};
    }
  }
  if (end.segment != 0) {
    Result<sys::AppendFile> file = sys::AppendFile::open(path_ + "/" + segment_name(end.segment));
    if (!file.ok()) return file.error();
    const Result<std::uint64_t> size = file->size();
    if (!size.ok()) return size.error();
    if (*size > end.offset) {
      if (const Result<Done> cut = file->truncate(end.offset); !cut.ok()) return cut;
      if (const Result<Done> synced = file->sync(); !synced.ok()) return synced;
    }
  }
  if (const Result<Done> synced = sys::sync_directory(path_); !synced.ok()) return synced;
  if (const Result<Done> mended = mend_index(contents); !mended.ok()) return mended;
  return confirm(contents.end);
}

// A side file that knows frames which are no more MUST go: others will stand in their places. Else it may lack some.
Result<Done> WriterDirectory::mend_index(Contents& contents) {
  const std::string path = index_path(path_);
  std::vector<IndexBlock> blocks = std::move(contents.not_indexed);
  if (contents.is_index_wrong) {
    if (!sys::remove_file(path)) {
      return Error{"cannot be removed; it is damaged, or of what is no more", path, "see who owns the directory"};
    }
    blocks = blocks_of(contents);
    for (IndexBlock& block : blocks) {
      const FrameEntry& last = block.entries.back();
      block.to = last.end_offset();
      const Result<FrameHeader> header = read_header(path_, last);
      if (header.ok()) block.chain = header->chain;
      if (!header.ok()) block.entries.clear();
    }
  }
  Hasher hasher;
  Result<sys::AppendFile> file = sys::AppendFile::open(path);
  for (const IndexBlock& block : blocks) {
    if (file.ok() && !block.entries.empty()) (void)file->append(to_bytes(block, hasher));
  }
  return Done{};
}

}  // namespace mailtrail::archive
